import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { choicesModule, grammarDocument, railroadDocument, textMateGrammar } from "../../grammar/describe.ts";
import { KdslParser } from "../../grammar/parser.ts";
import { isUnit, nearestUnit } from "../../grammar/units.ts";

const folder = join(import.meta.dirname, "../../grammar");

test("the next token always decides: Chevrotain finds no ambiguity and no left recursion", () => {
  expect(() => new KdslParser({ skipValidations: false })).not.toThrow();
});

describe("generated files are current", () => {
  test.each([
    ["GRAMMAR.md", grammarDocument],
    ["railroad.svg", railroadDocument],
    ["kdsl.tmLanguage.json", textMateGrammar],
    ["choices.ts", choicesModule],
  ])("%s", (name, generate) => {
    const path = join(folder, name);
    if (process.env.UPDATE === "1") writeFileSync(path, generate());
    // The formatter lays JSON out its own way; what it says counts.
    const said = (text: string) => (name.endsWith(".json") ? JSON.parse(text) : text);
    expect(said(readFileSync(path, "utf8")), "run with UPDATE=1 to write it anew").toEqual(said(generate()));
  });

  test("every rule has its diagram, and the picture is small", () => {
    const picture = railroadDocument();
    expect(picture.length).toBeLessThan(300_000);
    const rules = [...grammarDocument().matchAll(/^(\w+) += /gm)].map((match) => match[1]);
    expect([...picture.matchAll(/<g id="(\w+)">/g)].map((match) => match[1])).toEqual(rules);
    // Every box that names a rule leads to it.
    const targets = [...picture.matchAll(/href="#(\w+)"/g)].map((match) => match[1]!);
    expect(targets.filter((target) => !rules.includes(target))).toEqual([]);
  });

  test("the grammar fits on one page", () => {
    expect(grammarDocument().split("\n").length).toBeLessThan(90);
  });

  test("every pattern for editors is a regular expression", () => {
    const patterns: string[] = [];
    JSON.parse(textMateGrammar(), (key, value) => {
      if (["match", "begin", "end"].includes(key)) patterns.push(value);
      return value;
    });
    for (const pattern of patterns) expect(() => new RegExp(pattern)).not.toThrow();
    expect(patterns.length).toBeGreaterThan(10);
  });
});

test.each([
  ["MiB", "Mi"],
  ["mi", "Mi"],
  ["KB", "k"],
  ["minutes", "min"],
  ["sec", "s"],
  ["Mis", "Mi"],
  ["xyz", undefined],
])("the unit nearest to %s is %s", (found, meant) => {
  expect(isUnit(found)).toBe(false);
  expect(nearestUnit(found)).toBe(meant);
});
