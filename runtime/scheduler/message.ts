import type { Rejection } from "./framework.ts";

export const noNodesAvailable = "no nodes available to schedule pods";

/** The longest text of an event (Kubernetes' `NoteLengthLimit`). */
const eventLimit = 1024;

/** A rejection and how many nodes met it. */
export type CountedRejection = readonly [rejection: Rejection, nodes: number];

/**
 * Why a pod fits no node, in Kubernetes' words (`FitError.Error`): reasons with the number of nodes they hold for,
 * sorted as texts, then what came of preemption, if that has anything to say.
 */
export function fitError(nodes: number, rejected: readonly CountedRejection[], preemption?: string): string {
  if (nodes === 0) return noNodesAvailable;
  const reasons = new Map<string, number>();
  for (const [rejection, count] of rejected)
    for (const reason of rejection.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  const tail = preemption === undefined ? "" : ` no new claims to deallocate, preemption: ${preemption}`;
  return `${summary(nodes, reasons)}${tail}`;
}

/** `0/3 nodes are available: 1 this, 2 that.` */
export function summary(nodes: number, reasons: ReadonlyMap<string, number>): string {
  const sorted = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodes} nodes are available: ${sorted.join(", ")}.`;
}

/** The text of the event: the message with the place in the file as its last words, cut where an event must be cut. */
export function eventText(message: string, place: string | undefined): string {
  const tail = place ? ` (${place})` : "";
  const room = eventLimit - tail.length;
  const suffix = " ...";
  return (message.length <= room ? message : message.slice(0, room - suffix.length) + suffix) + tail;
}
