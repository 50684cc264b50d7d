import { naturalLogarithm } from "../../../base/logarithm.ts";
import type { ClusterView, FilterPlugin, Rejection, ScorePlugin } from "../framework.ts";
import type { Census } from "../index/census.ts";
import type { Alike, DomainScore, Reading } from "../index/domains.ts";
import type { NodeInfo, PodInfo } from "../snapshot.ts";
import {
  counts,
  defaultConstraints,
  hostname,
  nodeMask,
  ownConstraints,
  type SpreadConstraint,
  type SpreadConstraints,
} from "../spread-constraints.ts";
import { labelled } from "../terms.ts";
import { wholePart } from "../whole-part.ts";

const name = "PodTopologySpread";

const tooMany: Rejection = {
  reasons: ["node(s) didn't match pod topology spread constraints"],
  unresolvable: false,
};
const noLabel: Rejection = {
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  unresolvable: true,
};

/** No domain may get ahead of the emptiest by more than its constraint allows. */
export const podTopologySpreadFilter: FilterPlugin = {
  name,
  filter(pod, { nodes }) {
    const constraints = ownConstraints(pod.pod, true);
    if (constraints.length === 0) return undefined;
    const all = { constraints, allLabels: true };
    const tables = constraints.map((each) => countDomains(pod, each, all, nodes));
    return ({ node }) => {
      for (const [index, constraint] of constraints.entries()) {
        const value = node.metadata.labels?.[constraint.topologyKey];
        if (value === undefined) return noLabel;
        const table = tables[index]!;
        const least = table.size < constraint.minDomains ? 0 : Math.min(...table.values());
        if (exceeds(pod, constraint, table.get(value) ?? 0, least)) return tooMany;
      }
      return undefined;
    };
  },
  index: {
    reads: "domains",
    over(pod, census) {
      const constraints = ownConstraints(pod.pod, true);
      if (constraints.length === 0) return undefined;
      const readings = read(pod, { constraints, allLabels: true }, census);
      return {
        readings,
        reject(domains) {
          for (let index = 0; index < constraints.length; index++) {
            const constraint = constraints[index]!;
            const count = domains.count(index);
            if (count < 0) return noLabel;
            const few = readings[index]!.counts.eligible < constraint.minDomains;
            if (exceeds(pod, constraint, count, few ? 0 : domains.minimum(index))) return tooMany;
          }
          return undefined;
        },
      };
    },
  },
};

/** Whether one more pod in a domain that has `count` of them leads too far. */
function exceeds({ pod }: PodInfo, constraint: SpreadConstraint, count: number, least: number): boolean {
  const self = counts(constraint, pod.metadata.namespace ?? "", labelled(pod)) ? 1 : 0;
  return count + self - least > constraint.maxSkew;
}

/**
 * Pods should spread by the pod's own soft constraints; else those that one service or rc selects over hosts, then
 * zones. A domain's weight grows with the logarithm of the number of domains, so that few zones do not drown many hosts.
 */
export const podTopologySpreadScore = spreadScore((pod, cluster) =>
  pod.spec.topologySpreadConstraints?.length
    ? { constraints: ownConstraints(pod, false), allLabels: true }
    : { constraints: defaultConstraints(cluster.spreadSelector(pod)), allLabels: false },
);

/** By the pod's own soft constraints alone. */
export const ownTopologySpreadScore = spreadScore((pod) => ({
  constraints: ownConstraints(pod, false),
  allLabels: true,
}));

function spreadScore(
  constraintsOf: (pod: PodInfo["pod"], cluster: ClusterView) => SpreadConstraints,
): ScorePlugin {
  return {
    name,
    score(pod, feasible, cluster) {
      const all = constraintsOf(pod.pod, cluster);
      if (all.constraints.length === 0) return undefined;
      const tables = all.constraints.map((each) => countDomains(pod, each, all, cluster.nodes));
      const domainOf = ({ node }: NodeInfo, index: number) =>
        node.metadata.labels?.[all.constraints[index]!.topologyKey];
      const countAt = (node: NodeInfo, constraint: SpreadConstraint, index: number) => {
        const value = domainOf(node, index);
        if (value === undefined) return -1;
        if (constraint.topologyKey === hostname) return countPods(pod, constraint, node);
        return tables[index]!.get(value) ?? 0;
      };
      const cells = feasible.map((node) => ({
        node,
        size: 1,
        counts: all.constraints.map((constraint, index) => countAt(node, constraint, index)),
      }));
      const distinct = (index: number, judged: readonly (typeof cells)[number][]) =>
        new Set(judged.map(({ node }) => domainOf(node, index) ?? "")).size;
      return weigh(all, cells, 0, distinct);
    },
    index: {
      reads: "domains",
      over(pod, census, cluster): DomainScore | undefined {
        const all = constraintsOf(pod.pod, cluster);
        if (all.constraints.length === 0) return undefined;
        return {
          readings: read(pod, all, census, true),
          score: (cells, first, distinct) => weigh(all, cells, first, distinct),
        };
      },
    },
  };
}

function weigh<T extends Alike>(
  { constraints, allLabels }: SpreadConstraints,
  cells: readonly T[],
  first: number,
  distinct: (reading: number, cells: readonly T[]) => number,
): readonly number[] {
  const judged =
    allLabels && cells.some(({ counts }) => lacksLabel(counts, first, constraints.length))
      ? cells.filter(({ counts }) => !lacksLabel(counts, first, constraints.length))
      : cells;
  let nodes = 0;
  for (const { size } of judged) nodes += size;
  const weights = constraints.map(({ topologyKey }, index) =>
    naturalLogarithm((topologyKey === hostname ? nodes : distinct(index, judged)) + 2),
  );
  let max = 0;
  let min = Number.MAX_SAFE_INTEGER;
  const scores: number[] = [];
  for (let each = 0; each < judged.length; each++) {
    const score = Math.floor(skewOf(judged[each]!.counts, first, constraints, weights) + 0.5);
    scores.push(score);
    if (score > max) max = score;
    if (score < min) min = score;
  }
  for (let each = 0; each < scores.length; each++)
    scores[each] = max === 0 ? 100 : wholePart((100 * (max + min - scores[each]!)) / max);
  if (judged.length === cells.length) return scores;
  const scored = new Map(judged.map((cell, index) => [cell, scores[index]!]));
  return cells.map((cell) => scored.get(cell) ?? 0);
}

/** How many pods stand where nodes with these counts do, of each constraint as its topology weighs. */
function skewOf(
  counts: readonly number[],
  first: number,
  constraints: readonly SpreadConstraint[],
  weights: readonly number[],
): number {
  let skew = 0;
  for (let index = 0; index < constraints.length; index++) {
    const count = counts[first + index]!;
    if (count >= 0) skew += count * weights[index]! + (constraints[index]!.maxSkew - 1);
  }
  return skew;
}

function lacksLabel(counts: readonly number[], first: number, length: number): boolean {
  for (let index = first; index < first + length; index++) if (counts[index]! < 0) return true;
  return false;
}

/** The pods on one node that a constraint speaks of; those that are being deleted are as good as gone. */
function countPods({ pod }: PodInfo, constraint: SpreadConstraint, node: NodeInfo): number {
  const namespace = pod.metadata.namespace ?? "";
  let count = 0;
  for (const { pod: other } of node.pods.values())
    if (other.metadata.deletionTimestamp === undefined && counts(constraint, namespace, labelled(other)))
      count++;
  return count;
}

function countDomains(
  pod: PodInfo,
  constraint: SpreadConstraint,
  all: SpreadConstraints,
  nodes: readonly NodeInfo[],
): ReadonlyMap<string, number> {
  const mask = nodeMask(pod.pod.spec, constraint, all);
  const table = new Map<string, number>();
  for (const node of nodes) {
    const value = node.node.metadata.labels?.[constraint.topologyKey];
    if (value === undefined || (mask && !mask.includes(node))) continue;
    table.set(value, (table.get(value) ?? 0) + countPods(pod, constraint, node));
  }
  return table;
}

function read(pod: PodInfo, all: SpreadConstraints, census: Census, perHost = false): readonly Reading[] {
  const namespace = pod.pod.metadata.namespace ?? "";
  return all.constraints.map((constraint) => {
    const key = `spread ${JSON.stringify([namespace, constraint.selector])}`;
    const counter = census.counter(
      key,
      constraint.selector,
      (group) => !group.terminating && counts(constraint, namespace, group),
    );
    const mask = nodeMask(pod.pod.spec, constraint, all);
    return {
      counts: census.domains(key, counter, constraint.topologyKey, mask),
      ...(perHost && constraint.topologyKey === hostname ? { own: counter } : {}),
    };
  });
}
