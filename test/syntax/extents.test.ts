import { expect, test } from "vitest";
import { parse } from "../../compiler/syntax/parse.ts";

/** Every node and argument that was read lies somewhere, also where the text is not whole. */

function backwards(node: unknown, found: unknown[] = []): unknown[] {
  if (typeof node !== "object" || node === null || "text" in node) return found;
  const { start, end } = node as { start?: number; end?: number };
  if (start !== undefined && end !== undefined && start > end) found.push(node);
  for (const value of Object.values(node)) backwards(value, found);
  return found;
}

test.each([
  ["pod p {\n  container c {\n    ready: tcp(http, every:ms\n  container web { 2500ms)\n}\n"],
  ["let x = f(a,\n  b {\n  c: 1)\n"],
  ["let x = f(a,\n  key: }\n"],
  ["let x = f(a,\n  key word {\n"],
  ["let x = f(a,\n  every:ms\n  container web { 2500ms)\n"],
  ['let x = f(a,\n\n  b c "d")\n'],
])("%j", (text) => {
  const { module } = parse({ path: "main.kdsl", text });
  expect(backwards(module.members)).toEqual([]);
});
