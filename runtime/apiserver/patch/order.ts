/**
 * Puts a merged list in the order that a strategic merge patch asks for: what the patch knows of stands in the
 * order it tells, and what only the server has keeps its place before the neighbours that it stood before
 * (Kubernetes' `normalizeElementOrder`). What is new stands before what only the server has, where nothing joins them.
 */
export function inOrder(
  merged: readonly unknown[],
  before: readonly unknown[],
  order: readonly unknown[],
  named: readonly unknown[],
  identity: (item: unknown) => unknown,
): unknown[] {
  const wanted = ranks([...order, ...named]);
  const rankOf = (item: unknown) => wanted.get(JSON.stringify(identity(item)));
  const known = merged.filter((item) => rankOf(item) !== undefined);
  known.sort((a, b) => rankOf(a)! - rankOf(b)!);
  const server = merged.filter((item) => rankOf(item) === undefined);
  const earlier = ranks(before.map(identity));
  const earlierOf = (item: unknown) => earlier.get(JSON.stringify(identity(item)));
  const result: unknown[] = [];
  let left = 0;
  let right = 0;
  while (left < server.length && right < known.length) {
    const [serverRank, knownRank] = [earlierOf(server[left]), earlierOf(known[right])];
    const serverFirst = serverRank !== undefined && knownRank !== undefined && serverRank < knownRank;
    result.push(serverFirst ? server[left++] : known[right++]);
  }
  return [...result, ...server.slice(left), ...known.slice(right)];
}

/** The first place of each value in a list, by its JSON. */
function ranks(list: readonly unknown[]): Map<string, number> {
  const result = new Map<string, number>();
  for (const [index, value] of list.entries()) {
    const id = JSON.stringify(value);
    if (!result.has(id)) result.set(id, index);
  }
  return result;
}
