import type { Client } from "../client/client.ts";
import type { NodeInfo, PodInfo } from "./snapshot.ts";

/**
 * The scheduling framework: filters say where a pod may stand, scores say where it stands best. Each rule is one
 * plugin in one file, named as in Kubernetes.
 */

/** Why a node does not take a pod. */
export interface Rejection {
  readonly reasons: readonly string[];
  /** Removing other pods from the node would not help (Kubernetes' `UnschedulableAndUnresolvable`). */
  readonly unresolvable: boolean;
}

export interface FilterPlugin {
  readonly name: string;
  /** Undefined where the node takes the pod. */
  filter(pod: PodInfo, node: NodeInfo): Rejection | undefined;
}

export interface ScorePlugin {
  readonly name: string;
  /** Whole numbers from 0 to 100, one for each of `feasible` in its order; undefined when the rule has no say. */
  score(pod: PodInfo, feasible: readonly NodeInfo[], cluster: ClusterView): readonly number[] | undefined;
}

/** What scores may look at beside the nodes in question. */
export interface ClusterView {
  readonly nodes: readonly NodeInfo[];
  readonly client: Pick<Client, "get" | "list">;
}

export interface Profile {
  readonly filters: readonly FilterPlugin[];
  readonly scores: readonly { readonly plugin: ScorePlugin; readonly weight: number }[];
}

export interface NodeRejection extends Rejection {
  readonly plugin: string;
}

/** How a pod fared on every node. */
export interface Evaluation {
  readonly feasible: readonly NodeInfo[];
  readonly rejected: ReadonlyMap<string, NodeRejection>;
}

/** Runs the filters on every node; the first filter that rejects a node supplies its reasons. */
export function runFilters(profile: Profile, pod: PodInfo, nodes: readonly NodeInfo[]): Evaluation {
  const feasible: NodeInfo[] = [];
  const rejected = new Map<string, NodeRejection>();
  for (const node of nodes) {
    const rejection = reject(profile.filters, pod, node);
    if (rejection) rejected.set(node.name, rejection);
    else feasible.push(node);
  }
  return { feasible, rejected };
}

function reject(filters: readonly FilterPlugin[], pod: PodInfo, node: NodeInfo): NodeRejection | undefined {
  for (const plugin of filters) {
    const rejection = plugin.filter(pod, node);
    if (rejection) return { ...rejection, plugin: plugin.name };
  }
  return undefined;
}

/** The weighted sum of all scores, one for each of `feasible` in its order. */
export function runScores(
  profile: Profile,
  pod: PodInfo,
  feasible: readonly NodeInfo[],
  cluster: ClusterView,
): readonly number[] {
  const totals = feasible.map(() => 0);
  for (const { plugin, weight } of profile.scores) {
    plugin.score(pod, feasible, cluster)?.forEach((score, index) => {
      totals[index]! += weight * score;
    });
  }
  return totals;
}

/** Stretches counts to 0…100 by their maximum (Kubernetes' `DefaultNormalizeScore`); `reverse` makes few good. */
export function normalize(counts: readonly number[], reverse: boolean): readonly number[] {
  const max = Math.max(0, ...counts);
  return counts.map((count) => {
    const share = max === 0 ? 0 : Math.floor((100 * count) / max);
    return reverse ? 100 - share : share;
  });
}
