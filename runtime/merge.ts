/** Comparing and merging JSON values, as the application of a plan needs it. */

/** Deep equality of JSON values; an absent property and an undefined one are the same. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a))
    return (
      a.length === (b as unknown[]).length && a.every((item, index) => same(item, (b as unknown[])[index]))
    );
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of Object.keys(left)) if (!same(left[key], right[key])) return false;
  return Object.keys(right).every((key) => right[key] === undefined || left[key] !== undefined);
}

/**
 * What `live` becomes when the change from `before` to `after` is made to it: fields that the two agree on stay as
 * they are in `live`; lists are taken whole.
 */
export function threeWayMerge(live: unknown, before: unknown, after: unknown): unknown {
  if (same(before, after)) return live;
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
