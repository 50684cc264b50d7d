/** Up to so many things are compared each with each: a table of them would take longer. */
const few = 12;

/** Whether two of the items may be the same; surely not where each differs from each. Of many it is not found out. */
export function mayHaveTwice<T>(items: readonly T[], same: (one: T, other: T) => boolean): boolean {
  if (items.length > few) return true;
  for (let last = 1; last < items.length; last++)
    for (let first = 0; first < last; first++) if (same(items[first]!, items[last]!)) return true;
  return false;
}
