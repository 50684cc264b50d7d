import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TreeBuilder } from "../../compiler/syntax/build.ts";
import { balanceBrackets } from "../../grammar/brackets.ts";
import { notQuick } from "../../grammar/engine.ts";
import { tokenize } from "../../grammar/lexer.ts";
import { KdslParser } from "../../grammar/parser.ts";
import type { Problem } from "../../grammar/problem.ts";
import { runs } from "../runs.ts";

/** Texts without mistakes are read quickly, without Chevrotain: to the same trees that Chevrotain reads. */

const root = join(import.meta.dirname, "../..");
const texts = ["test/fixtures", "examples", "stdlib"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".kdsl"))
    .map((name) => ({ name: join(folder, name), text: readFileSync(join(root, folder, name), "utf8") })),
);

const quick = new KdslParser();
const thorough = new KdslParser({ skipValidations: true });

function read(parser: KdslParser, text: string) {
  const builder = new TreeBuilder();
  const problems: Problem[] = [];
  const lexed = tokenize(text, 0, text.length, problems);
  const list = balanceBrackets(text, lexed.tokens, problems);
  builder.begin();
  builder.help(lexed.help);
  parser.begin(list, builder as never, problems);
  try {
    const members = parser.read(parser.module);
    return { members, problems: [...problems, ...builder.problems] };
  } catch (error) {
    if (error === notQuick) return undefined;
    throw error;
  }
}

test("there are texts to read", () => {
  expect(texts.length).toBeGreaterThan(50);
});

test.each(texts)("$name is read alike, and quickly where nothing is wrong with it", ({ text }) => {
  const all = read(thorough, text)!;
  const found = read(quick, text);
  if (all.problems.length === 0) expect(found).toEqual(all);
  else if (found !== undefined && found.problems.length === 0) expect.fail("a mistake was passed over");
});

describe("texts with a piece cut out", () => {
  test("are never read quickly to another tree", () => {
    const cut = fc.record({
      text: fc.constantFrom(...texts.map(({ text }) => text).filter((text) => text.length < 5000)),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(12),
    });
    fc.assert(
      fc.property(cut, ({ text, from, length }) => {
        const start = Math.floor(from * text.length);
        const broken = text.slice(0, start) + text.slice(start + length);
        const found = read(quick, broken);
        if (found !== undefined && found.problems.length === 0) expect(found).toEqual(read(thorough, broken));
      }),
      runs(300),
    );
  });
});
