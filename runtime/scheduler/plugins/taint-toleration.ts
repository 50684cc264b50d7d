import { tolerates, toleratesAny } from "../../../model/placement.ts";
import { type FilterPlugin, normalize, type ScorePlugin } from "../framework.ts";
import type { NodeInfo, PodInfo } from "../snapshot.ts";

const name = "TaintToleration";

/** What decides which taints a pod tolerates. For how long it does is the node life cycle's matter. */
const key = ({ pod }: PodInfo) =>
  `tolerations ${JSON.stringify((pod.spec.tolerations ?? []).map(({ tolerationSeconds: _, ...rest }) => rest))}`;

/** Every NoSchedule and NoExecute taint must be tolerated. */
export const taintTolerationFilter: FilterPlugin = {
  name,
  filter:
    ({ pod: { spec } }) =>
    ({ node }) => {
      const untolerated = (node.spec.taints ?? []).some(
        (taint) => taint.effect !== "PreferNoSchedule" && !toleratesAny(spec.tolerations, taint),
      );
      return untolerated ? { reasons: ["node(s) had untolerated taint(s)"], unresolvable: true } : undefined;
    },
  index: { reads: "node", key },
};

/** The fewer untolerated PreferNoSchedule taints the better. */
export const taintTolerationScore: ScorePlugin = {
  name,
  score: (pod, feasible) => normalize(feasible.map(countUntolerated(pod)), true),
  index: { reads: "node", key, count: countUntolerated, reverse: true },
};

function countUntolerated({ pod }: PodInfo): (node: NodeInfo) => number {
  const relevant = (pod.spec.tolerations ?? []).filter(
    ({ effect }) => !effect || effect === "PreferNoSchedule",
  );
  return ({ node }) =>
    (node.spec.taints ?? []).filter(
      (taint) =>
        taint.effect === "PreferNoSchedule" && !relevant.some((toleration) => tolerates(toleration, taint)),
    ).length;
}
