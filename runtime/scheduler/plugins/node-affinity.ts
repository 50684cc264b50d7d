import type { PodSpec } from "../../../model/core.ts";
import { matchesNodeAffinity, matchesNodeTerm } from "../../../model/placement.ts";
import { type FilterPlugin, normalize, type ScorePlugin } from "../framework.ts";
import type { NodeInfo, PodInfo } from "../snapshot.ts";

const name = "NodeAffinity";

/** What decides which nodes a pod asks for; empty where it takes any. */
export function requiredNodes({ nodeSelector, affinity }: PodSpec): string {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const anything = required !== undefined || Object.keys(nodeSelector ?? {}).length > 0;
  return anything ? JSON.stringify([nodeSelector, required]) : "";
}

/** The node must meet the pod's `nodeSelector` and one of its required node affinity terms. */
export const nodeAffinityFilter: FilterPlugin = {
  name,
  filter: ({ pod: { spec } }) =>
    requiredNodes(spec) === ""
      ? undefined
      : ({ node }) =>
          matchesNodeAffinity(spec, node)
            ? undefined
            : { reasons: ["node(s) didn't match Pod's node affinity/selector"], unresolvable: true },
  index: { reads: "node", key: ({ pod }) => requiredNodes(pod.spec) },
};

const preferredOf = ({ pod }: PodInfo) =>
  pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

/** The weights of the preferred terms that the node meets. */
export const nodeAffinityScore: ScorePlugin = {
  name,
  score: (pod, feasible) =>
    preferredOf(pod).length === 0 ? undefined : normalize(feasible.map(weigh(pod)), false),
  index: {
    reads: "node",
    key: (pod) => (preferredOf(pod).length === 0 ? "" : JSON.stringify(preferredOf(pod))),
    count: weigh,
    reverse: false,
  },
};

function weigh(pod: PodInfo): (node: NodeInfo) => number {
  const preferred = preferredOf(pod);
  return ({ node }) =>
    preferred.reduce(
      (sum, { weight, preference }) => sum + (matchesNodeTerm(preference, node) ? weight : 0),
      0,
    );
}
