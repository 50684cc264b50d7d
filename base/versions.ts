/** How far ahead a version of a list is searched for what stands at a place of another. */
const REACH = 16;

/**
 * Where in `list` the very same `item` stands, at `from` or a little after it; -1 where it does not. For going through two
 * versions of a list side by side: most items are in both and in one order, a few have come or gone.
 */
export function placeOf(list: readonly unknown[], item: unknown, from: number): number {
  const end = Math.min(list.length, from + REACH);
  for (let at = from; at < end; at++) if (list[at] === item) return at;
  return -1;
}
