import type { Pod } from "../../model/core.ts";
import { parseTimestamp } from "../../model/meta.ts";
import { condition, isReady } from "../../model/pod.ts";

/** When a pod became ready, in milliseconds; undefined while it is not. */
export function readySince(pod: Pod): number | undefined {
  return isReady(pod)
    ? (parseTimestamp(condition(pod.status?.conditions, "Ready")?.lastTransitionTime) ?? 0)
    : undefined;
}

/**
 * When a pod is or will be available, in milliseconds: ready for `minReadySeconds` (`IsPodAvailable`). Undefined
 * while it is not ready.
 */
export function availableAt(pod: Pod, minReadySeconds: number): number | undefined {
  if (minReadySeconds === 0) return isReady(pod) ? Number.NEGATIVE_INFINITY : undefined;
  const since = readySince(pod);
  return since === undefined ? undefined : since + minReadySeconds * 1000;
}

export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  const at = availableAt(pod, minReadySeconds);
  return at !== undefined && at <= now;
}

/** In how many milliseconds the next of `pods` becomes available if it stays ready; undefined where none will. */
export function nextAvailability(
  pods: readonly Pod[],
  minReadySeconds: number,
  now: number,
): number | undefined {
  if (minReadySeconds === 0) return undefined;
  let next: number | undefined;
  for (const pod of pods) {
    const at = availableAt(pod, minReadySeconds);
    if (at !== undefined && at > now && (next === undefined || at < next)) next = at;
  }
  return next === undefined ? undefined : next - now;
}
