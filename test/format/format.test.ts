import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { format, layOut } from "../../compiler/format/format.ts";
import { sameTree } from "../../compiler/format/same-tree.ts";
import { canonicalPlan } from "../../compiler/plan/canonical.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { tokenize } from "../../grammar/lexer.ts";
import { comments } from "./comments.ts";
import { corpus, mistaken } from "./corpus.ts";

/** What a file that can be read becomes. */
function formatted(text: string): string {
  const result = format({ path: "main.kdsl", text });
  if (result.text === undefined) throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  return result.text;
}

const module = (text: string) => parse({ path: "main.kdsl", text }).module;

test("there are texts to try it on", () => {
  expect(corpus.length).toBeGreaterThan(60);
  expect(mistaken.length).toBeGreaterThan(15);
});

describe("every text of the repository", () => {
  test.each(corpus)("$name", ({ text }) => {
    const once = layOut(module(text));
    expect(sameTree(module(text), module(once)), `means something else:\n${once}`).toBe(true);
    expect(layOut(module(once)), "formatting twice").toBe(once);
    expect(formatted(text)).toBe(once);
    expect(comments(once)).toEqual(comments(text));
    expect(once.split("\n").filter((line) => /[ \t]$/.test(line) && !text.includes('"""'))).toEqual([]);
    expect(once).not.toMatch(/\n\n\n|^\n|\n\n$/);
  });

  test.each(mistaken)("$name is left alone", (file) => {
    const result = format({ path: file.name, text: file.text });
    expect(result.text).toBeUndefined();
    expect("diagnostics" in result && result.diagnostics.length).toBeGreaterThan(0);
  });
});

describe("squeezed and stretched", () => {
  /** All that white space may be: as little as there can be, and a line for each token. */
  const stretch = (text: string) =>
    tokenize(text, 0, text.length, [])
      .tokens.map(({ image }) => image)
      .join("\n");
  test.each(corpus.filter(({ text }) => !/\/\/|"""/.test(text)))("$name", ({ text }) => {
    const long = stretch(text);
    if (parse({ path: "main.kdsl", text: long }).diagnostics.length > 0) return;
    const once = layOut(module(long));
    expect(sameTree(module(long), module(once)), `means something else:\n${once}`).toBe(true);
    expect(layOut(module(once))).toBe(once);
  });
});

describe("the plan is the same, but for where things stand", () => {
  const whole = corpus.filter(
    ({ name, text }) => /main\.kdsl$/.test(name) && /^(?:rc|service|pod)\b/m.test(text),
  );
  test.each(whole)("$name", ({ name, text }) => {
    const folder = join(import.meta.dirname, "../..", dirname(name));
    const files = Object.fromEntries(
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((path) => statSync(join(folder, path)).isFile())
        .map((path) => [path, readFileSync(join(folder, path), "utf8")]),
    );
    const plan = (main: string) => {
      const { plan, diagnostics } = compile({
        fileSystem: memoryFileSystem({ ...files, "main.kdsl": main }),
        path: "main.kdsl",
        resolvePath: (_, path) => join("/", path),
      });
      if (plan === undefined) return diagnostics.map(({ code, message }) => [code, message]);
      const { provenance: _, sources: __, hash: ___, ...rest } = JSON.parse(canonicalPlan(plan));
      return rest;
    };
    expect(plan(formatted(text))).toEqual(plan(text));
  });
});

test("examples and stdlib are formatted", () => {
  const ours = corpus.filter(({ name }) => /^(?:examples|stdlib)\//.test(name));
  expect(ours.length).toBeGreaterThan(3);
  expect(ours.filter(({ text }) => formatted(text) !== text).map(({ name }) => name)).toEqual([]);
});

describe("a value keeps the parentheses around it, wherever it stands", () => {
  test.each([
    ...[
      "1",
      '"x"',
      "true",
      "none",
      "1s",
      "a",
      "a.b",
      "a[1]",
      "f(1)",
      "[1]",
      "{ a: 1 }",
      "-1",
      "not a",
      "1 + 2",
    ],
    ...[
      "if a then 1 else 2",
      "match a { 1 => 2 }",
      "[x for x in y]",
      "1..2",
      'pods where app == "x"',
      "a where b",
    ],
  ])("%s", (value) => {
    for (const text of [
      `(${value})`,
      `((${value}))`,
      `[(${value})]`,
      `(${value}) == (${value})`,
      `f((${value}))`,
    ])
      expect(layOut(module(`let a = ${text}\n`))).toBe(`let a = ${text}\n`);
  });
});
