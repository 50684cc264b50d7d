import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, nearest } from "../../base/edit-distance.ts";
import {
  add,
  ceil,
  compare,
  divide,
  floor,
  formatDecimal,
  fraction,
  multiply,
  parseDecimal,
  remainder,
  subtract,
} from "../../compiler/evaluate/fraction.ts";
import { formatQuantity, readQuantity, units } from "../../compiler/evaluate/quantities.ts";
import { compilePattern } from "../../compiler/types/pattern.ts";
import { runs } from "../runs.ts";
import { dump, evaluateText } from "./support.ts";

const fractions = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 6n }))
  .map(([numerator, denominator]) => fraction(numerator, denominator));

describe("numbers are exact", () => {
  test("fractions form a field", () => {
    fc.assert(
      fc.property(fractions, fractions, fractions, (a, b, c) => {
        expect(add(a, b)).toEqual(add(b, a));
        expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
        expect(subtract(add(a, b), b)).toEqual(a);
        if (b.numerator !== 0n) expect(multiply(divide(a, b), b)).toEqual(a);
      }),
    );
  });

  test("rounding and remainders agree", () => {
    fc.assert(
      fc.property(fractions, fractions, (a, b) => {
        expect(floor(a) <= ceil(a) && ceil(a) - floor(a) <= 1n).toBe(true);
        if (b.numerator === 0n) return;
        const rest = remainder(a, b);
        expect(add(multiply(b, fraction(floor(divide(a, b)))), rest)).toEqual(a);
        expect(compare(rest, fraction(0n)) * (b.numerator > 0n ? 1 : -1)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test("decimals are read back as they were written", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 15n }),
        fc.integer({ min: 0, max: 9 }),
        (digits, places) => {
          const value = fraction(digits, 10n ** BigInt(places));
          expect(parseDecimal(formatDecimal(value)!)).toEqual(value);
        },
      ),
    );
    expect(formatDecimal(fraction(1n, 3n))).toBeUndefined();
  });

  test("quantities are read back as they were written", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 ** 6 }),
        fc.constantFrom(...Object.keys(units)),
        (amount, unit) => {
          const { dimension, value } = readQuantity(String(amount), unit)!;
          const text = formatQuantity(dimension, value);
          const [, digits = "", suffix = ""] = /^([\d.]+)([A-Za-z%]*)$/.exec(text)!;
          const again =
            suffix === "" ? { dimension, value: parseDecimal(digits) } : readQuantity(digits, suffix);
          expect(again).toEqual({ dimension, value });
        },
      ),
    );
  });

  test("a sum does not depend on how it is written", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 8 }), (millis) => {
        const sum = millis.map((one) => `${one}m`).join(" + ");
        const total = millis.reduce((one, other) => one + other);
        const text = `assert ${sum} == ${total} * 1m\nassert ${sum} == sum([${millis.map((one) => `${one}m`).join(", ")}])`;
        expect(evaluateText(text).diagnostics).toEqual([]);
      }),
      runs(25),
    );
  });
});

describe("patterns", () => {
  const pieces = fc.constantFrom(
    "a",
    "b",
    "ab",
    "[a-c]",
    "[^b]",
    ".",
    "\\d",
    "\\w",
    "(a|b)",
    "(?:ab|c)",
    "x{2}",
    "b{1,2}",
    "a{0,}",
  );
  const repeats = fc.constantFrom("", "", "*", "+", "?");
  const sources = fc
    .array(fc.tuple(pieces, repeats), { maxLength: 5 })
    .map((list) => list.map(([piece, repeat]) => (/\}$/.test(piece) ? piece : piece + repeat)).join(""));
  const texts = fc.string({ unit: fc.constantFrom("a", "b", "c", "x", "1", "-", "\n"), maxLength: 8 });

  test("match as JavaScript's do", () => {
    fc.assert(
      fc.property(sources, texts, (source, text) => {
        const pattern = compilePattern(source);
        expect(typeof pattern === "string" ? pattern : pattern(text)).toBe(
          new RegExp(`^(?:${source})$`).test(text),
        );
      }),
      runs(500),
    );
  });

  test.each([
    "(a",
    "a)",
    "[a",
    "a{2,1}",
    "(?=a)",
    "(?<!a)",
    "\\1",
    "*a",
    "a**",
    "\\",
    "((((((a{99}){99}){99}){99}){99}){99})",
    "\\q",
  ])("%s is refused with a reason", (source) => {
    expect(compilePattern(source)).toEqual(expect.stringMatching(/./));
  });

  test("any text is a pattern or refused, and never hangs", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab()[]{}|*+?\\^$.-,19d") }), (source) => {
        const pattern = compilePattern(source);
        if (typeof pattern !== "string") pattern("ababab");
      }),
    );
  });
});

describe("edit distance", () => {
  const words = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });

  test("is a distance", () => {
    fc.assert(
      fc.property(words, words, (one, other) => {
        expect(editDistance(one, other, 10)).toBe(editDistance(other, one, 10));
        expect(editDistance(one, other, 10) === 0).toBe(one === other);
        expect(editDistance(one, other, 2)).toBe(Math.min(editDistance(one, other, 10), 3));
      }),
    );
  });

  test.each([
    ["replica", "replicas"],
    ["teir", "tier"],
    ["cahce", "cache"],
    ["htpt", "http"],
    ["Image", "image"],
  ])("%s is near %s", (written, meant) => {
    expect(nearest(written, ["other", meant, "service", "zone"])).toBe(meant);
  });

  test("what is far is not suggested", () => {
    expect(nearest("a", ["b", "x"])).toBeUndefined();
    expect(nearest("database", ["web", "cache"])).toBeUndefined();
  });
});

describe("evaluation", () => {
  const pieces = [
    "label app",
    "param n: Int = 3",
    "let x = [i * n for i in 1..3]",
    'rc web { replicas: n, pod { identity: { app: "a" }, container c { image: "c", env: { A: db.host } } } }',
    "service db { port sql: 5432 }",
    "service web { select: web, port 80 }",
    "node w[i in x] { }",
    'secret s { p: env("P") }',
    "fn f(a: Int) = a * n",
    'assert f(2) == 6 else "six"',
    "if n > 2 { service extra { port 80 } }",
    'for z in ["a", "b"] { config c { v: z } }',
  ];

  test("is deterministic, and the order of declarations changes no object", () => {
    const expected = dump(evaluateText(pieces.join("\n")))
      .split("\n\n")
      .sort();
    fc.assert(
      fc.property(fc.shuffledSubarray(pieces, { minLength: pieces.length }), (shuffled) => {
        const text = shuffled.join("\n");
        const evaluation = evaluateText(text);
        expect(evaluation.diagnostics).toEqual([]);
        expect(dump(evaluation)).toBe(dump(evaluateText(text)));
        expect(dump(evaluation).trimEnd().split("\n\n").sort()).toEqual(
          expected.map((part) => part.trimEnd()),
        );
      }),
      runs(30),
    );
  });

  test("never throws, whatever is left out or mixed up", () => {
    const words = pieces.join(" \n ").split(/(?<=\s)|(?=[{}()[\]:,.])/);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (mixed) => {
        const evaluation = evaluateText(mixed.join(""));
        const { diagnostics } = evaluation;
        // What could not be worked out is always told.
        if (!diagnostics.some(({ severity }) => severity === "error"))
          expect(dump(evaluation)).not.toContain("<error>");
        for (const { primary } of diagnostics)
          expect(primary.span.end).toBeLessThanOrEqual(primary.span.file.text.length);
      }),
      runs(300),
    );
    fc.assert(
      fc.property(fc.nat({ max: 400 }), fc.nat({ max: 30 }), (start, length) => {
        const text = pieces.join("\n");
        const evaluation = evaluateText(text.slice(0, start) + text.slice(start + length));
        if (!evaluation.diagnostics.some(({ severity }) => severity === "error"))
          expect(dump(evaluation)).not.toContain("<error>");
      }),
      runs(200),
    );
  });
});
