import type { Node, Pod } from "../../model/core.ts";
import type { Labels, Stored } from "../../model/meta.ts";
import { hostPorts, matchesNodeAffinity, portsConflict, toleratesAny } from "../../model/placement.ts";
import { isTerminal, podRequests } from "../../model/pod.ts";
import { resourceAmount } from "../../model/quantity.ts";
import type { Client } from "../client/client.ts";
import { counts, ownConstraints, type SpreadConstraint } from "../scheduler/spread-constraints.ts";
import { labelled, matchesAll, type Term, termMatches, termsOf } from "../scheduler/terms.ts";

/**
 * Kubernetes' rules for where a pod may stand, as plainly as can be: all nodes and pods are looked at anew for each question.
 * It judges the scheduler, and so has nothing of it but how rules are read.
 */

/** The cluster that is looked at. */
export interface Standing {
  readonly nodes: readonly Stored<Node>[];
  /** Those that have a node and have not ended. */
  readonly pods: readonly Stored<Pod>[];
  namespaceLabels(name: string): Labels;
}

/** Why a node does not take a pod: what it does or is; `final`: also without the pods that stand there. */
export interface Misfit {
  readonly why: string;
  readonly final: boolean;
}

export function standingOf(client: Client): Standing {
  return {
    nodes: client.list("Node"),
    pods: client.list("Pod").filter((pod) => pod.spec.nodeName && !isTerminal(pod)),
    namespaceLabels: (name) => client.get("Namespace", undefined, name)?.metadata.labels ?? {},
  };
}

/** By the first rule that is broken, in the order of Kubernetes' plugins; undefined: the node takes the pod. */
export function misfit(pod: Stored<Pod>, node: Stored<Node>, standing: Standing): Misfit | undefined {
  const others = {
    ...standing,
    pods: standing.pods.filter(({ metadata }) => metadata.uid !== pod.metadata.uid),
  };
  const here = others.pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
  return (
    unsuited(pod, node) ??
    crowded(pod, node, here) ??
    skewed(pod, node, others) ??
    unsociable(pod, node, others)
  );
}

/** Whether a pod finds no place, and none by driving out others of lower priority either. */
export function fitsNowhere(pod: Stored<Pod>, standing: Standing): boolean {
  const priority = ({ spec }: Pod) => spec.priority ?? 0;
  return standing.nodes.every((node) => {
    const why = misfit(pod, node, standing);
    if (!why || why.final) return why !== undefined;
    if (pod.spec.preemptionPolicy === "Never") return true;
    const { name } = node.metadata;
    const kept = standing.pods.filter(
      (each) => each.spec.nodeName !== name || priority(each) >= priority(pod),
    );
    return misfit(pod, node, { ...standing, pods: kept }) !== undefined;
  });
}

const cordon = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;

/** What holds of a node and a pod alone, whoever else is there. */
export function unsuited({ spec }: Pod, node: Node): Misfit | undefined {
  const final = (why: string): Misfit => ({ why, final: true });
  if (node.spec.unschedulable && !toleratesAny(spec.tolerations, cordon)) return final("takes no more pods");
  const taint = node.spec.taints?.find(
    (each) => each.effect !== "PreferNoSchedule" && !toleratesAny(spec.tolerations, each),
  );
  if (taint) return final(`has the taint ${taint.key}:${taint.effect}`);
  return matchesNodeAffinity(spec, node) ? undefined : final("it does not select");
}

/** What the other pods of the node leave. */
export function crowded({ spec }: Pod, node: Node, others: readonly Pod[]): Misfit | undefined {
  const wanted = hostPorts(spec);
  const taken = wanted.length === 0 ? [] : others.flatMap((other) => hostPorts(other.spec));
  const port = wanted.find((each) => taken.some((other) => portsConflict(each, other)));
  if (port) return { why: `has given its port ${port.port} away`, final: false };
  const requests: Readonly<Record<string, number>> = { ...podRequests(spec), pods: 1 };
  for (const resource in requests) {
    const asked = requests[resource]!;
    const has = resourceAmount(resource, node.status?.allocatable?.[resource]);
    const used = others.reduce(
      (sum, other) => sum + (resource === "pods" ? 1 : (podRequests(other.spec)[resource] ?? 0)),
      0,
    );
    if (asked > 0 && used + asked > has) return { why: `has too little ${resource}`, final: asked > has };
  }
  return undefined;
}

const labelOf = (node: Node | undefined, key: string) => node?.metadata.labels?.[key];

/** Constraints on spreading that must hold. */
function skewed(pod: Stored<Pod>, node: Node, standing: Standing): Misfit | undefined {
  const constraints = ownConstraints(pod, true);
  for (const constraint of constraints) {
    const value = labelOf(node, constraint.topologyKey);
    if (value === undefined) return { why: `has no label ${constraint.topologyKey}`, final: true };
    const domains = domainsOf(pod, constraint, constraints, standing);
    const least = domains.size < constraint.minDomains ? 0 : Math.min(...domains.values());
    const self = counts(constraint, pod.metadata.namespace ?? "", labelled(pod)) ? 1 : 0;
    if ((domains.get(value) ?? 0) + self - least > constraint.maxSkew)
      return { why: `has more of its kind than it may have by ${constraint.topologyKey}`, final: false };
  }
  return undefined;
}

function domainsOf(
  pod: Stored<Pod>,
  constraint: SpreadConstraint,
  all: readonly SpreadConstraint[],
  { nodes, pods }: Standing,
): ReadonlyMap<string, number> {
  const domains = new Map<string, number>();
  const takesPart = (node: Node) =>
    all.every(({ topologyKey }) => labelOf(node, topologyKey) !== undefined) &&
    (!constraint.honorAffinity || matchesNodeAffinity(pod.spec, node)) &&
    (!constraint.honorTaints ||
      (node.spec.taints ?? []).every(
        (each) => each.effect === "PreferNoSchedule" || toleratesAny(pod.spec.tolerations, each),
      ));
  for (const node of nodes) {
    if (!takesPart(node)) continue;
    const counted = pods.filter(
      (each) =>
        each.spec.nodeName === node.metadata.name &&
        each.metadata.deletionTimestamp === undefined &&
        counts(constraint, pod.metadata.namespace ?? "", labelled(each)),
    );
    const value = labelOf(node, constraint.topologyKey)!;
    domains.set(value, (domains.get(value) ?? 0) + counted.length);
  }
  return domains;
}

/** Required affinity and anti-affinity, the pod's own and that of others towards it. */
function unsociable(pod: Stored<Pod>, node: Node, standing: Standing): Misfit | undefined {
  const { nodes, pods, namespaceLabels } = standing;
  const { affinity, antiAffinity } = termsOf(pod);
  const homes = new Map(nodes.map((each) => [each.metadata.name, each]));
  const near = ({ topologyKey }: Term, other: Pod) => {
    const value = labelOf(node, topologyKey);
    return value !== undefined && labelOf(homes.get(other.spec.nodeName ?? ""), topologyKey) === value;
  };
  const isKind = (other: Stored<Pod>) => matchesAll(affinity, labelled(other), namespaceLabels);
  const missing = affinity.find((term) => !pods.some((other) => isKind(other) && near(term, other)));
  if (missing) {
    const anywhere = pods.some(
      (other) =>
        isKind(other) &&
        affinity.some(
          ({ topologyKey }) => labelOf(homes.get(other.spec.nodeName ?? ""), topologyKey) !== undefined,
        ),
    );
    const labels = affinity.every(({ topologyKey }) => labelOf(node, topologyKey) !== undefined);
    if (anywhere || !labels || !isKind(pod))
      return { why: "has none of those that it is to be with", final: true };
  }
  const meets = (terms: readonly Term[], from: Pod, to: Stored<Pod>) =>
    terms.some((term) => near(term, from) && termMatches(term, labelled(to), namespaceLabels));
  if (pods.some((other) => meets(antiAffinity, other, other)))
    return { why: "has one of those that it is to be apart from", final: false };
  if (pods.some((other) => meets(termsOf(other).antiAffinity, other, pod)))
    return { why: "has one that is to be apart from it", final: false };
  return undefined;
}

/** Whether a pod asks something about others that stand elsewhere, or has something asked of it. */
export function minds(pod: Stored<Pod>): boolean {
  const { affinity, antiAffinity } = termsOf(pod);
  return affinity.length > 0 || antiAffinity.length > 0 || ownConstraints(pod, true).length > 0;
}
