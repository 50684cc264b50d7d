import { naturalLogarithm } from "../../../base/logarithm.ts";
import type { Pod } from "../../../model/core.ts";
import { controllerOf, type Labels } from "../../../model/meta.ts";
import { matchesNodeAffinity } from "../../../model/placement.ts";
import { mapMatches } from "../../../model/selector.ts";
import type { ClusterView, ScorePlugin } from "../framework.ts";
import type { NodeInfo, PodInfo } from "../snapshot.ts";

const hostname = "kubernetes.io/hostname";

/** Kubernetes' system defaults: soft, so they only score. */
const constraints = [
  { topologyKey: hostname, maxSkew: 3 },
  { topologyKey: "topology.kubernetes.io/zone", maxSkew: 5 },
] as const;

/**
 * Pods that one service or rc selects should spread over hosts, then zones. A domain's weight grows with the logarithm
 * of the number of domains, so that few zones do not drown many hosts.
 */
export const podTopologySpread: ScorePlugin = {
  name: "PodTopologySpread",
  score({ pod }, feasible, cluster) {
    const wanted = Object.entries(spreadSelector(pod, cluster.client));
    if (wanted.length === 0) return undefined;
    const { namespace } = pod.metadata;
    const matching = new Map(
      cluster.nodes.map((node) => [node.name, countMatching(node, namespace, wanted)]),
    );
    const raw = feasible.map(() => 0);
    for (const { topologyKey, maxSkew } of constraints) {
      const counts =
        topologyKey === hostname ? undefined : countsByDomain(topologyKey, pod, feasible, cluster, matching);
      const weight = naturalLogarithm((counts ? counts.size : feasible.length) + 2);
      feasible.forEach((node, index) => {
        const domain = node.node.metadata.labels?.[topologyKey];
        if (domain === undefined) return;
        const count = (counts ? counts.get(domain) : matching.get(node.name)) ?? 0;
        raw[index]! += count * weight + (maxSkew - 1);
      });
    }
    return invert(raw.map((score) => Math.floor(score + 0.5)));
  },
};

/** The merged selectors of the services that match the pod and of the rc that owns it (Kubernetes' `DefaultSelector`). */
export function spreadSelector(pod: Pod, client: ClusterView["client"]): Labels {
  const { namespace, labels } = pod.metadata;
  const merged: Record<string, string> = {};
  for (const { spec } of client.list("Service", namespace ? { namespace } : {})) {
    if (mapMatches(spec.selector, labels)) Object.assign(merged, spec.selector);
  }
  const owner = controllerOf(pod);
  if (owner?.kind === "ReplicationController") {
    Object.assign(merged, client.get("ReplicationController", namespace, owner.name)?.spec.selector);
  }
  return merged;
}

function countMatching(
  node: NodeInfo,
  namespace: string | undefined,
  wanted: readonly (readonly [string, string])[],
): number {
  let count = 0;
  for (const { pod: other } of node.pods.values()) {
    const { metadata } = other;
    if (metadata.namespace !== namespace || metadata.deletionTimestamp !== undefined) continue;
    if (wanted.every(([key, value]) => metadata.labels?.[key] === value)) count++;
  }
  return count;
}

/**
 * Matching pods per domain, over all nodes that the pod's own affinity allows, for the domains of feasible nodes. Nodes
 * without the label form a domain of their own that is counted and never scored.
 */
function countsByDomain(
  topologyKey: string,
  pod: PodInfo["pod"],
  feasible: readonly NodeInfo[],
  cluster: ClusterView,
  matching: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const counts = new Map(feasible.map(({ node }) => [node.metadata.labels?.[topologyKey] ?? "", 0]));
  for (const { name, node } of cluster.nodes) {
    const domain = node.metadata.labels?.[topologyKey] ?? "";
    const count = counts.get(domain);
    if (count === undefined || !matchesNodeAffinity(pod.spec, node)) continue;
    counts.set(domain, count + (matching.get(name) ?? 0));
  }
  return counts;
}

function invert(raw: readonly number[]): readonly number[] {
  const max = Math.max(0, ...raw);
  const min = Math.min(...raw);
  return raw.map((score) => (max === 0 ? 100 : Math.floor((100 * (max + min - score)) / max)));
}
