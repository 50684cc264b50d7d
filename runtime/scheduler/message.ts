import type { Rejection } from "./framework.ts";

export const noNodesAvailable = "no nodes available to schedule pods";

/** The longest text of an event (Kubernetes' `NoteLengthLimit`). */
const eventLimit = 1024;

/**
 * Why a pod fits no node, in Kubernetes' words (`FitError.Error`): reasons with the number of nodes they hold for,
 * sorted as texts, then what preemption found.
 */
export function fitError(rejected: readonly Rejection[]): string {
  if (rejected.length === 0) return noNodesAvailable;
  const reasons = summary(
    rejected.length,
    rejected.flatMap((rejection) => rejection.reasons),
  );
  const preemption = summary(
    rejected.length,
    rejected.map(({ unresolvable }) =>
      unresolvable
        ? "Preemption is not helpful for scheduling"
        : "No preemption victims found for incoming pod",
    ),
  );
  return `${reasons} no new claims to deallocate, preemption: ${preemption}`;
}

function summary(nodes: number, reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const sorted = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodes} nodes are available: ${sorted.join(", ")}.`;
}

/** The text of the event: the message with the place in the file as its last words, cut where an event must be cut. */
export function eventText(message: string, place: string | undefined): string {
  const tail = place ? ` (${place})` : "";
  const room = eventLimit - tail.length;
  const suffix = " ...";
  return (message.length <= room ? message : message.slice(0, room - suffix.length) + suffix) + tail;
}
