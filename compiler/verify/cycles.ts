/** An edge of a graph that remembers why it is there. */
export interface Edge<T> {
  readonly from: string;
  readonly to: string;
  readonly reason: T;
}

/**
 * Cycles that share no node, one for each tangle at least; each as its edges in order. Linear but for the number of
 * cycles found, without recursion, and always the same for the same input.
 */
export function cyclesOf<T>(edges: readonly Edge<T>[]): Edge<T>[][] {
  const found: Edge<T>[][] = [];
  let rest = core(edges);
  while (rest.length > 0) {
    const out = new Map<string, Edge<T>>();
    for (const edge of rest) if (!out.has(edge.from)) out.set(edge.from, edge);
    const path: Edge<T>[] = [];
    const position = new Map<string, number>();
    let here = rest[0]!.from;
    while (!position.has(here)) {
      position.set(here, path.length);
      const edge = out.get(here)!;
      path.push(edge);
      here = edge.to;
    }
    const cycle = path.slice(position.get(here)!);
    found.push(cycle);
    const used = new Set(cycle.map(({ from }) => from));
    rest = core(rest.filter(({ from, to }) => !used.has(from) && !used.has(to)));
  }
  return found;
}

/** The edges that are left when nodes without a way in or without a way out are taken away, again and again. */
function core<T>(edges: readonly Edge<T>[]): readonly Edge<T>[] {
  const ways = { from: new Map<string, Edge<T>[]>(), to: new Map<string, Edge<T>[]>() };
  const open = { from: new Map<string, number>(), to: new Map<string, number>() };
  for (const edge of edges) {
    for (const end of ["from", "to"] as const) {
      const list = ways[end].get(edge[end]);
      if (list) list.push(edge);
      else ways[end].set(edge[end], [edge]);
      open[end].set(edge[end], (open[end].get(edge[end]) ?? 0) + 1);
    }
  }
  const gone = new Set<Edge<T>>();
  const bare = (node: string) => !open.from.get(node) || !open.to.get(node);
  const queue = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].filter(bare);
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const end of ["from", "to"] as const) {
      const other = end === "from" ? "to" : "from";
      for (const edge of ways[end].get(node) ?? []) {
        if (gone.has(edge)) continue;
        gone.add(edge);
        const left = (open[other].get(edge[other]) ?? 0) - 1;
        open[other].set(edge[other], left);
        if (left === 0) queue.push(edge[other]);
      }
    }
  }
  return edges.filter((edge) => !gone.has(edge));
}
