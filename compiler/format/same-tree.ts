import type { Module } from "../syntax/ast.ts";

/** What says where something stands, and not what it is. */
const places: ReadonlySet<string> = new Set([
  "start",
  "end",
  "file",
  "range",
  "pathRange",
  "bodyRange",
  "keyRange",
]);

/** Whether two modules are the same but for where things stand. */
export function sameTree(left: Module, right: Module): boolean {
  return same(left, right);
}

function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((each, index) => same(each, right[index]));
  }
  const keys = (value: object) => Object.keys(value).filter((key) => !places.has(key));
  const mine = keys(left);
  return (
    mine.length === keys(right).length &&
    mine.every((key) => same((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]))
  );
}
