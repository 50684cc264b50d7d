import type { Expression, Member, Module, Name, TypeNode } from "./ast.ts";

/** Any node of the tree that has a `kind`. */
export type Node = Module | Member | Expression | TypeNode | Name;

/**
 * The nodes right below `node`, in the order of the text. Parts without a kind of their own (parameters, arguments,
 * family variables, arms of a match) give their own parts.
 */
export function children(node: Node): Node[] {
  const found: Node[] = [];
  collect(node, found);
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Keys under which no nodes are: the file of a module is no part of its tree. */
const leaves: ReadonlySet<string> = new Set([
  "kind",
  "start",
  "end",
  "file",
  "help",
  "range",
  "pathRange",
  "bodyRange",
  "keyRange",
]);

function collect(holder: object, found: Node[]): void {
  for (const [key, value] of Object.entries(holder)) {
    if (leaves.has(key) || typeof value !== "object" || value === null) continue;
    for (const part of Array.isArray(value) ? value : [value]) {
      if (typeof part !== "object" || part === null) continue;
      if ("kind" in part) found.push(part as Node);
      else collect(part as object, found);
    }
  }
}

/**
 * Calls `enter` for `node` and everything below it, parents first, in the order of the text; `enter` returns false to
 * leave out what is below. Uses no recursion: trees of any depth are walked.
 */
export function walk(node: Node, enter: (node: Node, parent: Node | undefined) => boolean | void): void {
  const stack: { node: Node; parent: Node | undefined }[] = [{ node, parent: undefined }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (enter(next.node, next.parent) === false) continue;
    const below = children(next.node);
    for (let index = below.length - 1; index >= 0; index--)
      stack.push({ node: below[index]!, parent: next.node });
  }
}

/** The nodes that hold `offset`, from the module down to the smallest. An offset at a node's end belongs to it. */
export function pathAt(module: Module, offset: number): Node[] {
  const path: Node[] = [];
  for (let node: Node | undefined = module; node !== undefined; ) {
    path.push(node);
    node = children(node).findLast((child) => child.start <= offset && offset <= child.end);
  }
  return path;
}
