import { matchesNodeAffinity, matchesNodeTerm } from "../../../model/placement.ts";
import { type FilterPlugin, normalize, type ScorePlugin } from "../framework.ts";

const name = "NodeAffinity";

/** The node must meet the pod's `nodeSelector` and one of its required node affinity terms. */
export const nodeAffinityFilter: FilterPlugin = {
  name,
  filter({ pod }, { node }) {
    if (matchesNodeAffinity(pod.spec, node)) return undefined;
    return { reasons: ["node(s) didn't match Pod's node affinity/selector"], unresolvable: true };
  },
};

/** The weights of the preferred terms that the node meets. */
export const nodeAffinityScore: ScorePlugin = {
  name,
  score({ pod }, feasible) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    if (preferred.length === 0) return undefined;
    const sums = feasible.map(({ node }) =>
      preferred.reduce((sum, term) => (matchesNodeTerm(term.preference, node) ? sum + term.weight : sum), 0),
    );
    return normalize(sums, false);
  },
};
