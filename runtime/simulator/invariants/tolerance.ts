import type { Node, Pod, Taint } from "../../../model/core.ts";
import { keyOf, parseTimestamp, type Stored } from "../../../model/meta.ts";
import { tolerates } from "../../../model/placement.ts";
import { condition } from "../../../model/pod.ts";
import type { Invariant } from "./invariant.ts";

/**
 * Some taint that evicts has to have run out for a pod that is taken away for its taints; the time runs from when both were there.
 */
export const tolerance: Invariant = {
  name: "a pod stays on a tainted node for as long as it tolerates that",
  watch({ client, behind, now }) {
    /** When taints that evict were added, by node and taint. */
    const added = new Map<string, number>();
    const placeOf = (node: string, { key, value = "" }: Taint) => `${node} ${key}=${value}`;
    const evicting = (node: Stored<Node> | undefined) =>
      (node?.spec.taints ?? []).filter(({ effect }) => effect === "NoExecute");
    const note = (before: Stored<Node> | undefined, after: Stored<Node> | undefined) => {
      const known = evicting(before).map((taint) => placeOf(before!.metadata.name, taint));
      const present = evicting(after).map((taint) => placeOf(after!.metadata.name, taint));
      for (const place of known) if (!present.includes(place)) added.delete(place);
      for (const place of present) if (!known.includes(place)) added.set(place, now());
    };
    return {
      change({ kind, previous, next }) {
        if (kind === "Node") note(previous as Stored<Node> | undefined, next as Stored<Node> | undefined);
        if (kind !== "Pod" || !next?.metadata.deletionTimestamp || previous?.metadata.deletionTimestamp)
          return undefined;
        const pod = next as Stored<Pod>;
        const { nodeName } = pod.spec;
        const reason = condition(pod.status?.conditions, "DisruptionTarget")?.reason;
        if (reason !== "DeletionByTaintManager" || behind("taintEviction") || !nodeName) return undefined;
        const taints = evicting(client().get("Node", undefined, nodeName));
        const until = (taint: Taint) => {
          // Timestamps are of whole seconds.
          const since = Math.floor((added.get(placeOf(nodeName, taint)) ?? 0) / 1000) * 1000;
          return Math.max(since, parseTimestamp(pod.metadata.creationTimestamp)) + toleratedFor(pod, taint);
        };
        if (taints.some((taint) => now() >= until(taint))) return undefined;
        const kept = taints.map(({ key }) => key).join(", ") || "nothing";
        const message = `pod ${pod.metadata.name} was taken from node ${nodeName}, though it tolerates ${kept} for longer`;
        return { message, objects: [keyOf(pod), `Node/${nodeName}`] };
      },
    };
  },
};

/** For how long a pod tolerates a taint, in milliseconds: the shortest of what fits counts. */
function toleratedFor({ spec }: Pod, taint: Taint): number {
  const fitting = (spec.tolerations ?? []).filter((each) => tolerates(each, taint));
  if (fitting.length === 0) return Number.NEGATIVE_INFINITY;
  const seconds = fitting.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  if (seconds.length === 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(...seconds)) * 1000;
}
