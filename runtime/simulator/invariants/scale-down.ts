import type { Pod } from "../../../model/core.ts";
import { controllerOf, keyOf, parseTimestamp, type Stored } from "../../../model/meta.ts";
import { condition, isActive, isReady } from "../../../model/pod.ts";
import { OWNER_FIELD } from "../../client/fields.ts";
import type { Invariant } from "./invariant.ts";

/**
 * Looks at each pod that an rc's own controller deletes: no more than are too many, and of them those first that are worth
 * least (Kubernetes' `ActivePodsWithRanks`). Of rules that compare ages by powers of two only what follows from
 * them is asked: who is at least twice as old stays.
 */
export const scaleDown: Invariant = {
  name: "an rc deletes only what is too many, the least worth first",
  watch: ({ client, actor, behind, now }) => ({
    change({ kind, previous, next }) {
      if (kind !== "Pod" || actor() !== "replication" || !previous) return undefined;
      if (previous.metadata.deletionTimestamp || (next && !next.metadata.deletionTimestamp)) return undefined;
      const pod = previous as Stored<Pod>;
      const owner = controllerOf(pod);
      const rc = owner && client().get("ReplicationController", pod.metadata.namespace, owner.name);
      if (!rc || rc.metadata.uid !== owner.uid || behind("replication")) return undefined;
      const stay = client()
        .list("Pod", { fields: { [OWNER_FIELD]: owner.uid } })
        .filter(isActive);
      const wanted = rc.spec.replicas ?? 1;
      if (stay.length < wanted)
        return {
          message: `rc ${owner.name} wants ${wanted} pods and has deleted one of ${stay.length + 1}`,
          objects: [keyOf(rc), keyOf(pod)],
        };
      // Where all go at once they go in any order.
      for (const other of wanted === 0 ? [] : stay) {
        const why = whyRather(other, pod, now());
        if (why === undefined) continue;
        const message = `rc ${owner.name} has deleted pod ${pod.metadata.name} rather than ${other.metadata.name}, which ${why}`;
        return { message, objects: [keyOf(rc), keyOf(pod), keyOf(other)] };
      }
      return undefined;
    },
  }),
};

/** Why one pod had to go before another; undefined where it had not. */
function whyRather(other: Stored<Pod>, gone: Stored<Pod>, now: number): string | undefined {
  const ranks: readonly (readonly [(pod: Stored<Pod>) => number, string])[] = [
    [({ spec }) => (spec.nodeName ? 1 : 0), "has no node"],
    [phaseRank, "does not run"],
    [(pod) => (isReady(pod) ? 1 : 0), "is not ready"],
    [deletionCost, "costs less"],
  ];
  for (const [rank, why] of ranks) {
    const difference = rank(other) - rank(gone);
    if (difference !== 0) return difference < 0 ? why : undefined;
  }
  const age = isReady(gone) ? readyFor(gone, now) : undefined;
  if (age === undefined) return undefined;
  return age > 0 && age >= 2 * readyFor(other, now) ? "has been ready for a far shorter time" : undefined;
}

const phases = ["Pending", "Unknown", "Running"];
const phaseRank = ({ status }: Pod) => Math.max(0, phases.indexOf(status?.phase ?? "Pending"));

const deletionCost = ({ metadata }: Pod) =>
  Number(metadata.annotations?.["controller.kubernetes.io/pod-deletion-cost"] ?? 0);

/** In milliseconds; clocks of nodes may be ahead. */
function readyFor({ status }: Pod, now: number): number {
  const since = parseTimestamp(condition(status?.conditions, "Ready")?.lastTransitionTime);
  return Math.max(0, now - (since ?? 0));
}
