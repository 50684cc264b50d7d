import { equalStructure } from "./client/structure.ts";

/**
 * What `live` becomes when the change from `before` to `after` is made to it: fields that the two agree on stay as
 * they are in `live`; lists are taken whole.
 */
export function threeWayMerge(live: unknown, before: unknown, after: unknown): unknown {
  if (equalStructure(before, after)) return live;
  if (!isRecord(after) || !isRecord(live)) return after;
  const old = isRecord(before) ? before : {};
  const result: Record<string, unknown> = { ...live };
  for (const key of new Set([...Object.keys(old), ...Object.keys(after)])) {
    if (after[key] === undefined) delete result[key];
    else if (result[key] === undefined) result[key] = after[key];
    else result[key] = threeWayMerge(result[key], old[key], after[key]);
  }
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
