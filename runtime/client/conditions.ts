import type { Condition } from "../../model/core.ts";
import { timestamp } from "../../model/meta.ts";

/**
 * A list of conditions with one of them set. `lastTransitionTime` moves only when the status does (the rule of all
 * Kubernetes conditions); where nothing differs the list itself is given back. `now` in milliseconds.
 */
export function setCondition(
  conditions: readonly Condition[] = [],
  next: Omit<Condition, "lastTransitionTime">,
  now: number,
): readonly Condition[] {
  const index = conditions.findIndex((each) => each.type === next.type);
  const previous = conditions[index];
  if (!previous) return [...conditions, { ...next, lastTransitionTime: timestamp(now) }];
  const moved = previous.status !== next.status;
  if (!moved && previous.reason === next.reason && previous.message === next.message) return conditions;
  const lastTransitionTime = moved ? timestamp(now) : previous.lastTransitionTime;
  return conditions.with(index, {
    ...previous,
    ...next,
    ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }),
  });
}

/** A list of conditions without one of them; the list itself where it is not there. */
export function removeCondition(conditions: readonly Condition[] = [], type: string): readonly Condition[] {
  return conditions.some((each) => each.type === type)
    ? conditions.filter((each) => each.type !== type)
    : conditions;
}
