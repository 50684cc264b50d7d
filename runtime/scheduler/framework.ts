import type { Labels } from "../../model/meta.ts";
import type { Census } from "./index/census.ts";
import type { DomainFilter, DomainScore } from "./index/domains.ts";
import type { Columns, NodeInfo, PodInfo } from "./snapshot.ts";

/**
 * The scheduling framework: filters say where a pod may stand, scores say where it stands best. Each rule is one
 * plugin in one file, named as in Kubernetes, and is written twice: plainly, for any list of nodes, and as an `index`,
 * which says what the plain answer depends on, so that it is asked again only where that has changed. A property test
 * holds the two against each other.
 */

/** Why a node does not take a pod. */
export interface Rejection {
  readonly reasons: readonly string[];
  /** Removing other pods from the node would not help (Kubernetes' `UnschedulableAndUnresolvable`). */
  readonly unresolvable: boolean;
}

export type NodeFilter = (node: NodeInfo) => Rejection | undefined;

export interface FilterPlugin {
  readonly name: string;
  /** The rule for this pod, as the cluster stands; undefined where it has nothing to say about the pod. */
  filter(pod: PodInfo, cluster: ClusterView): NodeFilter | undefined;
  readonly index: NodeFilterIndex | UsageFilterIndex | DomainFilterIndex;
}

/** The answer depends on the node's object alone. */
interface NodeFilterIndex {
  readonly reads: "node";
  /** What of the pod it depends on: pods with the same text are answered alike. Empty: the rule has nothing to say. */
  key(pod: PodInfo): string;
}

/** The answer depends on the node and on what stands there. */
interface UsageFilterIndex {
  readonly reads: "usage";
  key(pod: PodInfo): string;
  /** Marks as `refused` the nodes that do not pass, read from numbers alone. */
  sift?(pod: PodInfo, columns: Columns): (batch: Batch) => void;
}

/**
 * Nodes that are looked at together, so that a rule goes through them in one loop: their slots and a value for each, which
 * is less than 0 for those that are out.
 */
export interface Batch {
  readonly slots: Int32Array;
  readonly values: Int32Array;
  /** How many there are, from the first place on. */
  size: number;
}

/** The value of a node that does not pass, whose reasons are yet to be asked for. */
export const refused = -(2 ** 31);

/** The answer depends on how many pods of some sort stand in the node's domains. */
interface DomainFilterIndex {
  readonly reads: "domains";
  over(pod: PodInfo, census: Census, cluster: ClusterView): DomainFilter | undefined;
}

export interface ScorePlugin {
  readonly name: string;
  /** Whole numbers from 0 to 100, one for each of `feasible` in its order; undefined when the rule has no say. */
  score(pod: PodInfo, feasible: readonly NodeInfo[], cluster: ClusterView): readonly number[] | undefined;
  readonly index: NodeScoreIndex | UsageScoreIndex | DomainScoreIndex;
}

/** The score is a count that depends on the node's object alone, stretched by the greatest of the feasible nodes. */
interface NodeScoreIndex {
  readonly reads: "node";
  key(pod: PodInfo): string;
  count(pod: PodInfo): (node: NodeInfo) => number;
  readonly reverse: boolean;
}

/** The score is final, whatever other nodes have. */
interface UsageScoreIndex {
  readonly reads: "usage";
  key(pod: PodInfo): string;
  /** Adds the weighted score to the value of each node that is not out. */
  add(pod: PodInfo, columns: Columns, weight: number): (batch: Batch) => void;
}

interface DomainScoreIndex {
  readonly reads: "domains";
  over(pod: PodInfo, census: Census, cluster: ClusterView): DomainScore | undefined;
}

/** What rules may look at beside the node in question. */
export interface ClusterView {
  /** In order of name. */
  readonly nodes: readonly NodeInfo[];
  /** The labels by which a pod that says nothing is spread: those of its services and its rc. */
  spreadSelector(pod: PodInfo["pod"]): Labels;
  namespaceLabels(name: string): Labels;
}

export interface Profile {
  /** Those that read domains come last. */
  readonly filters: readonly FilterPlugin[];
  readonly scores: readonly WeightedScore[];
}

export interface WeightedScore {
  readonly plugin: ScorePlugin;
  readonly weight: number;
}

export interface NodeRejection extends Rejection {
  readonly plugin: string;
}

/** How a pod fared on every node. */
export interface Evaluation {
  readonly feasible: readonly NodeInfo[];
  readonly rejected: ReadonlyMap<string, NodeRejection>;
}

/** Runs the plain filters on every node; the first filter that rejects a node supplies its reasons. */
export function runFilters(profile: Profile, pod: PodInfo, cluster: ClusterView): Evaluation {
  const reject = nodeRejecter(profile, pod, cluster);
  const feasible: NodeInfo[] = [];
  const rejected = new Map<string, NodeRejection>();
  for (const node of cluster.nodes) {
    const rejection = reject(node);
    if (rejection) rejected.set(node.name, rejection);
    else feasible.push(node);
  }
  return { feasible, rejected };
}

/** What the first filter that rejects a node says of it. */
export function nodeRejecter(
  { filters }: Profile,
  pod: PodInfo,
  cluster: ClusterView,
): (node: NodeInfo) => NodeRejection | undefined {
  const asked = filters.flatMap(({ name, filter }) => {
    const rule = filter(pod, cluster);
    return rule ? [{ name, rule }] : [];
  });
  return (node) => {
    for (const { name, rule } of asked) {
      const rejection = rule(node);
      if (rejection) return { ...rejection, plugin: name };
    }
    return undefined;
  };
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

/** The nodes with the highest total score, in order of name. */
export function bestNodes(
  profile: Profile,
  pod: PodInfo,
  feasible: readonly NodeInfo[],
  cluster: ClusterView,
): readonly NodeInfo[] {
  const scores = runScores(profile, pod, feasible, cluster);
  const best = scores.reduce((most, score) => Math.max(most, score), 0);
  return feasible.filter((_, index) => scores[index] === best);
}

/** Stretches counts to 0…100 by their maximum (Kubernetes' `DefaultNormalizeScore`); `reverse` makes few good. */
export function normalize(counts: readonly number[], reverse: boolean): readonly number[] {
  let max = 0;
  for (const count of counts) if (count > max) max = count;
  return counts.map((count) => {
    const share = max === 0 ? 0 : Math.floor((100 * count) / max);
    return reverse ? 100 - share : share;
  });
}
