import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Taint, Toleration } from "../../model/core.ts";
import type { Labels } from "../../model/meta.ts";
import { podRequests } from "../../model/pod.ts";
import { resourceAmount } from "../../model/quantity.ts";
import { matches } from "../../model/selector.ts";
import type { Cluster, Declared, Workload } from "./cluster.ts";

/**
 * Which pods which nodes could hold, if they were empty: the scheduler's filters NodeName, NodeAffinity,
 * NodeUnschedulable, TaintToleration and NodeResourcesFit, decided on what the file says. What a node does not say
 * is its machine's, and stands in nobody's way.
 */
export interface Site {
  readonly node: Declared<Node>;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  /** In `resourceAmount` units; a resource that is left out is the machine's own. */
  readonly room: ReadonlyMap<string, number>;
}

export type Obstacle =
  /** It is not one that the pod may run on. */
  | { readonly kind: "choice"; readonly text: string }
  | { readonly kind: "taint"; readonly taint: Taint }
  | { readonly kind: "room"; readonly resource: string; readonly has: number };

const hostname = "kubernetes.io/hostname";
const unschedulable: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

function sitesOf(cluster: Cluster): readonly Site[] {
  return cluster.nodes.map((node) => {
    const { spec, status } = node.object;
    const amounts = { ...status?.capacity, ...status?.allocatable };
    return {
      node,
      labels: { [hostname]: node.name, ...node.object.metadata.labels },
      taints: [...(spec?.taints ?? []), ...(spec?.unschedulable ? [unschedulable] : [])],
      room: new Map(
        Object.entries(amounts).map(([resource, quantity]) => [resource, resourceAmount(resource, quantity)]),
      ),
    };
  });
}

/** What one pod asks of its node, with its place among the node's pods. */
export function asksOf(workload: Workload): ReadonlyMap<string, number> {
  const asks = new Map(Object.entries(podRequests(workload.spec)).filter(([, amount]) => amount > 0));
  return asks.set("pods", 1);
}

/** What a node says about itself, or undefined where it says nothing. A device that it does not name it does not have. */
export function roomFor(site: Site, resource: string): number | undefined {
  const machine = !resource.includes("/") || site.room.size === 0;
  return site.room.get(resource) ?? (machine ? undefined : 0);
}

/** Everything that keeps a pod of the workload off the node. */
export function obstacles(workload: Workload, asks: ReadonlyMap<string, number>, site: Site): Obstacle[] {
  const found: Obstacle[] = [];
  const choice = wrongChoice(workload, site);
  if (choice !== undefined) return [{ kind: "choice", text: choice }];
  // A pod that names its node passes by the scheduler, and only NoExecute taints drive it away.
  const pinned = workload.spec.nodeName !== undefined;
  for (const taint of site.taints) {
    const matters = taint.effect === "NoExecute" || (taint.effect === "NoSchedule" && !pinned);
    if (matters && !workload.spec.tolerations?.some((each) => tolerates(each, taint)))
      found.push({ kind: "taint", taint });
  }
  for (const [resource, amount] of asks) {
    const has = roomFor(site, resource);
    if (has !== undefined && amount > has) found.push({ kind: "room", resource, has });
  }
  return found;
}

/** Kubernetes' `ToleratesTaint`. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === "Exists") return true;
  return (toleration.value ?? "") === (taint.value ?? "");
}

/** Labels that a kubelet gives its node by its machine, which the file cannot know. */
const fromMachine = new Set([
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
]);

function wrongChoice(workload: Workload, site: Site): string | undefined {
  const { nodeName, nodeSelector, affinity } = workload.spec;
  if (nodeName !== undefined && nodeName !== site.node.name) return "is another node";
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    const there = site.labels[key];
    if (there === value || (there === undefined && fromMachine.has(key))) continue;
    if (key === hostname) return "is another node";
    return there === undefined ? `has no label \`${key}\`` : `has \`${key}: ${JSON.stringify(there)}\``;
  }
  const terms =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? undefined;
  if (terms === undefined || terms.some((term) => meets(term, site))) return undefined;
  const wrong = terms[0]?.matchExpressions?.find((each) => !meets({ matchExpressions: [each] }, site));
  if (!wrong) return "does not match the node affinity";
  const there = site.labels[wrong.key];
  return there === undefined
    ? `has no label \`${wrong.key}\``
    : `has \`${wrong.key}: ${JSON.stringify(there)}\``;
}

function meets({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, site: Site): boolean {
  // An empty term matches no node (Kubernetes' `nodeaffinity`).
  if (matchExpressions.length + matchFields.length === 0) return false;
  const selector = (list: readonly NodeSelectorRequirement[]) =>
    list.map(({ key, operator, values = [] }) => ({ key, operator, values }));
  const known = matchExpressions.filter(({ key }) => site.labels[key] !== undefined || !fromMachine.has(key));
  return (
    matches(selector(known), site.labels) &&
    matches(selector(matchFields), { "metadata.name": site.node.name })
  );
}

/** A workload with the nodes that could hold one of its pods. */
export interface Placed {
  readonly workload: Workload;
  readonly asks: ReadonlyMap<string, number>;
  /** Indices into the sites, ascending. */
  readonly sites: readonly number[];
}

export interface Placement {
  readonly sites: readonly Site[];
  /** Every workload, in order. Those that ask for the same share one array of sites. */
  readonly placed: readonly Placed[];
}

const placements = new WeakMap<Cluster, Placement>();

/** Where every workload could run. Decided once for a cluster, and once for workloads that ask for the same. */
export function placementOf(cluster: Cluster): Placement {
  let placement = placements.get(cluster);
  if (!placement) {
    const sites = sitesOf(cluster);
    placement = { sites, placed: sites.length > 0 ? placeAll(cluster, sites) : [] };
    placements.set(cluster, placement);
  }
  return placement;
}

function placeAll(cluster: Cluster, sites: readonly Site[]): readonly Placed[] {
  const known = new Map<string, readonly number[]>();
  return cluster.workloads.map((workload) => {
    const asks = asksOf(workload);
    const { nodeName, nodeSelector, affinity, tolerations } = workload.spec;
    const signature = JSON.stringify([[...asks], nodeName, nodeSelector, affinity, tolerations]);
    let fitting = known.get(signature);
    if (!fitting) {
      fitting = sites.flatMap((site, index) => (obstacles(workload, asks, site).length === 0 ? [index] : []));
      known.set(signature, fitting);
    }
    return { workload, asks, sites: fitting };
  });
}
