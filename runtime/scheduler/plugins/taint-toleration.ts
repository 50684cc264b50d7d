import { tolerates, toleratesAny } from "../../../model/placement.ts";
import { type FilterPlugin, normalize, type ScorePlugin } from "../framework.ts";

const name = "TaintToleration";

/** Every NoSchedule and NoExecute taint must be tolerated. */
export const taintTolerationFilter: FilterPlugin = {
  name,
  filter({ pod }, { node }) {
    const untolerated = (node.spec.taints ?? []).some(
      (taint) => taint.effect !== "PreferNoSchedule" && !toleratesAny(pod.spec.tolerations, taint),
    );
    return untolerated ? { reasons: ["node(s) had untolerated taint(s)"], unresolvable: true } : undefined;
  },
};

/** The fewer untolerated PreferNoSchedule taints the better. */
export const taintTolerationScore: ScorePlugin = {
  name,
  score({ pod }, feasible) {
    const relevant = (pod.spec.tolerations ?? []).filter(
      ({ effect }) => !effect || effect === "PreferNoSchedule",
    );
    const counts = feasible.map(
      ({ node }) =>
        (node.spec.taints ?? []).filter(
          (taint) =>
            taint.effect === "PreferNoSchedule" &&
            !relevant.some((toleration) => tolerates(toleration, taint)),
        ).length,
    );
    return normalize(counts, true);
  },
};
