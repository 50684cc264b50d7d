import { lineMap } from "../source/line-map.ts";
import type { SourceFile } from "../source/source.ts";
import type { Module } from "../syntax/ast.ts";
import { children, type Node } from "../syntax/walk.ts";
import { commentsBetween, tokensOf } from "./tokens.ts";

/** A piece of the text below a node of the concrete tree. */
interface Leaf {
  readonly start: number;
  readonly end: number;
}

/**
 * `--emit cst`: every node with the tokens and comments that are its own, in the order of the text. All leaves
 * together are the file but for white space.
 */
export function emitConcreteTree({ file, ...module }: Module): string {
  const leaves: Leaf[] = [];
  let at = 0;
  for (const token of tokensOf(file)) {
    leaves.push(...commentsBetween(file, at, token.startOffset));
    leaves.push({ start: token.startOffset, end: token.end });
    at = token.end;
  }
  leaves.push(...commentsBetween(file, at, file.text.length));
  const lines: string[] = [];
  printConcrete(file, { ...module, file }, leaves, 0, lines);
  return lines.map((line) => `${line}\n`).join("");
}

function printConcrete(
  file: SourceFile,
  node: Node,
  leaves: readonly Leaf[],
  depth: number,
  lines: string[],
): void {
  const indent = "  ".repeat(depth);
  lines.push(`${indent}${node.kind} ${rangeText(file, node)}`);
  const below = children(node);
  let next = 0;
  for (const child of below) {
    // A hole's expression lies inside of its string, which is one leaf and stands before it.
    while (next < leaves.length && leaves[next]!.start < child.start)
      lines.push(leaf(file, leaves[next++]!, depth));
    let end = next;
    while (end < leaves.length && leaves[end]!.end <= child.end) end++;
    printConcrete(file, child, leaves.slice(next, end), depth + 1, lines);
    next = end;
  }
  for (; next < leaves.length; next++) lines.push(leaf(file, leaves[next]!, depth));
}

const leaf = ({ text }: SourceFile, { start, end }: Leaf, depth: number): string =>
  `${"  ".repeat(depth + 1)}${JSON.stringify(text.slice(start, end))}`;

function rangeText(file: SourceFile, { start, end }: { start: number; end: number }): string {
  const [from, to] = [lineMap(file).position(start), lineMap(file).position(end)];
  return `${from.line}:${from.column}-${to.line}:${to.column}`;
}

/** `--emit ast`: the syntax tree, one node or field a line; places are those of the nodes. */
export function emitTree(module: Module): string {
  const lines: string[] = [];
  printTree(module.file, "", module, 0, lines);
  return lines.map((line) => `${line}\n`).join("");
}

const places = new Set(["kind", "start", "end", "file", "range", "pathRange", "bodyRange", "keyRange"]);

function printTree(file: SourceFile, label: string, value: unknown, depth: number, lines: string[]): void {
  const head = `${"  ".repeat(depth)}${label === "" ? "" : `${label}: `}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return void lines.push(`${head}[]`);
    lines.push(head.trimEnd());
    for (const item of value) printTree(file, "-", item, depth + 1, lines);
  } else if (typeof value === "object" && value !== null) {
    const node = value as { kind?: string; text?: unknown; start?: number; end?: number };
    if (node.kind === "name") return void lines.push(`${head}${String(node.text)}`);
    const range =
      node.start === undefined ? "" : ` ${rangeText(file, node as { start: number; end: number })}`;
    lines.push(`${head}${node.kind ?? "part"}${range}`);
    for (const [key, part] of Object.entries(value))
      if (!places.has(key) && part !== undefined) printTree(file, key, part, depth + 1, lines);
  } else lines.push(`${head}${typeof value === "string" ? JSON.stringify(value) : String(value)}`);
}
