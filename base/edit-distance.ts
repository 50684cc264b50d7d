/**
 * How many insertions, deletions, replacements and swaps of neighbours lead from one text to the other
 * (Damerau–Levenshtein, optimal string alignment), or `limit + 1` when it is more than `limit`.
 */
export function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest > limit) return limit + 1;
    [beforeLast, last] = [last, current];
  }
  return Math.min(last[to.length]!, limit + 1);
}

/** The candidate that was most likely meant: near enough to be a slip of the hand, the first of equals. */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  if (text.length > 100) return undefined;
  let best: string | undefined;
  let limit = text.length <= 2 ? 1 : text.length <= 5 ? 2 : 3;
  const lower = text.toLowerCase();
  for (const candidate of candidates) {
    if (candidate === text || candidate.length > 200) continue;
    const distance = candidate.toLowerCase() === lower ? 0 : editDistance(text, candidate, limit);
    if (distance > limit || distance >= Math.max(text.length, candidate.length)) continue;
    if (best !== undefined && distance >= limit) continue;
    best = candidate;
    limit = distance;
  }
  return best;
}
