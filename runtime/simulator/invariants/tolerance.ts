import type { Pod, Taint } from "../../../model/core.ts";
import { keyOf, parseTimestamp, type Stored } from "../../../model/meta.ts";
import { tolerates } from "../../../model/placement.ts";
import { condition } from "../../../model/pod.ts";
import type { Invariant } from "./invariant.ts";

/** Some taint that evicts has to have run out for a pod that is taken away for its taints. */
export const tolerance: Invariant = {
  name: "a pod stays on a tainted node for as long as it tolerates that",
  watch: ({ client, behind, now }) => ({
    change({ kind, previous, next }) {
      if (kind !== "Pod" || !next?.metadata.deletionTimestamp || previous?.metadata.deletionTimestamp)
        return undefined;
      const pod = next as Stored<Pod>;
      const { nodeName } = pod.spec;
      const reason = condition(pod.status?.conditions, "DisruptionTarget")?.reason;
      if (reason !== "DeletionByTaintManager" || behind("taintEviction") || !nodeName) return undefined;
      const taints = client().get("Node", undefined, nodeName)?.spec.taints ?? [];
      const evicting = taints.filter(({ effect }) => effect === "NoExecute");
      if (evicting.some((taint) => now() >= until(pod, taint))) return undefined;
      const kept = evicting.map(({ key }) => key).join(", ") || "nothing";
      const message = `pod ${pod.metadata.name} was taken from node ${nodeName}, though it tolerates ${kept} for longer`;
      return { message, objects: [keyOf(pod), `Node/${nodeName}`] };
    },
  }),
};

/** When a pod tolerates a taint no more, in milliseconds since the epoch: the shortest of what fits counts. */
function until({ spec }: Pod, taint: Taint): number {
  const fitting = (spec.tolerations ?? []).filter((each) => tolerates(each, taint));
  if (fitting.length === 0) return Number.NEGATIVE_INFINITY;
  const seconds = fitting.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  if (seconds.length === 0) return Number.POSITIVE_INFINITY;
  return (parseTimestamp(taint.timeAdded) ?? 0) + Math.max(0, Math.min(...seconds)) * 1000;
}
