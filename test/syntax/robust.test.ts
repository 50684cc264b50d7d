import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { walk } from "../../compiler/syntax/walk.ts";
import { tokenize } from "../../grammar/lexer.ts";
import { runs } from "../runs.ts";

/** Whatever the text is, there is a tree, nothing is thrown, and all places lie within the text. */

const fixtures = join(import.meta.dirname, "../fixtures/syntax");
const whole = readFileSync(join(fixtures, "whole-file/main.kdsl"), "utf8");

function check(text: string): number {
  const { module, diagnostics } = parse({ path: "main.kdsl", text });
  for (const diagnostic of diagnostics) {
    const places = [diagnostic.primary, ...diagnostic.secondary].map((label) => label.span);
    for (const span of [
      ...places,
      ...diagnostic.fixes.flatMap((fix) => fix.edits.map((edit) => edit.span)),
    ]) {
      if (span.start < 0 || span.start > span.end || span.end > text.length) {
        throw new Error(`${diagnostic.message} lies outside the text: ${span.start}–${span.end}`);
      }
    }
  }
  walk(module, (node, parent) => {
    const inside = parent === undefined || (node.start >= parent.start && node.end <= parent.end);
    if (!inside || !(node.start <= node.end)) {
      throw new Error(
        `${node.kind} ${node.start}–${node.end} is not in ${parent?.kind} ${parent?.start}–${parent?.end}`,
      );
    }
  });
  return diagnostics.length;
}

const tokensOf = (text: string) => tokenize(text, 0, text.length, []).tokens;

describe("a mistake at any token of a real file", () => {
  const tokens = tokensOf(whole);
  const scenario = whole.indexOf("scenario");

  test("leaving it out", () => {
    let silent = 0;
    const loud: string[] = [];
    for (const token of tokens) {
      const text = whole.slice(0, token.startOffset) + whole.slice(token.end);
      const count = check(text);
      if (count === 0) silent++;
      // A bracket can look like two mistakes; anything more is a cascade.
      // Its steps are no members, so a scenario without its head or brace is many mistakes.
      const most = token.startOffset >= scenario ? 6 : 2;
      if (count > most) loud.push(`without \`${token.image}\` at ${token.startOffset}: ${count}`);
    }
    expect(loud).toEqual([]);
    expect(silent).toBeLessThan(tokens.length / 3);
  });

  test("writing it twice", () => {
    const loud: string[] = [];
    for (const token of tokens) {
      const count = check(`${whole.slice(0, token.end)} ${whole.slice(token.startOffset)}`);
      if (count > 2) loud.push(`twice \`${token.image}\` at ${token.startOffset}: ${count}`);
    }
    expect(loud).toEqual([]);
  });

  test.each(["{", "}", ")", "if", "=", "..", '"', "$", "\u0000", "let", "5xyz"])(
    "putting %j in its place",
    (other) => {
      for (const token of tokens) {
        check(`${whole.slice(0, token.startOffset)} ${other} ${whole.slice(token.end)}`);
      }
    },
  );

  test("ending the file before it", () => {
    const loud: string[] = [];
    for (const token of tokens) {
      const count = check(whole.slice(0, token.startOffset));
      if (count > 3) loud.push(`before \`${token.image}\` at ${token.startOffset}: ${count}`);
    }
    expect(loud).toEqual([]);
  });
});

describe("texts that nobody meant", () => {
  const pieces = [
    ...new Set(tokensOf(whole).map((token) => token.image)),
    ..."{}[](),:=?|.$#'\"\\\n \t\r",
    "...",
    "=>",
    "->",
    '"""',
    'r"',
    "//",
    "///",
    "\ud800",
    "\ufeff",
    "\u2028",
    "é",
    "漢",
    "😀",
    "not in",
    "else if",
  ];

  test("pieces of the language in any order", () => {
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(" "));
    fc.assert(
      fc.property(text, (value) => void check(value)),
      runs(400),
    );
  });

  test("pieces of the language without space between", () => {
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (value) => void check(value)),
      runs(400),
    );
  });

  test("any characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (value) => void check(value)),
      runs(300),
    );
  });

  test("a part of a real file", () => {
    const files = readdirSync(fixtures).map((name) =>
      readFileSync(join(fixtures, name, "main.kdsl"), "utf8"),
    );
    const part = fc.tuple(fc.constantFrom(...files), fc.nat(), fc.nat()).map(([text, from, to]) => {
      const start = from % (text.length + 1);
      return text.slice(start, start + (to % (text.length + 1)));
    });
    fc.assert(
      fc.property(part, (value) => void check(value)),
      runs(300),
    );
  });

  test("what is said can be shown, in any width", () => {
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(" "));
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 200 }), (value, width) => {
        const { diagnostics } = parse({ path: "main.kdsl", text: value });
        const shown = renderDiagnostics(diagnostics, { color: false, width });
        expect(shown === "").toBe(diagnostics.length === 0);
      }),
      runs(200),
    );
  });
});

describe("hostile texts", () => {
  const repeated = (opener: string, closer: string, times: number) =>
    `let a = ${opener.repeat(times)}1${closer.repeat(times)}\n`;

  test.each([
    ["lists", repeated("[", "]", 500)],
    ["parentheses", repeated("(", ")", 100_000)],
    ["records", repeated("{ a: ", " }", 500)],
    ["blocks", `${"rc a {\n".repeat(500)}${"}\n".repeat(500)}`],
    ["unclosed brackets", "[".repeat(100_000)],
    ["conditions", `let a = ${"if a then ".repeat(500)}1${" else 2".repeat(500)}\n`],
    ["else branches", `let a = ${"if a then 1 else ".repeat(500)}2\n`],
    ["else members", `${"if a { } else ".repeat(500)}{ }\n`],
    ["types", `type A = ${"[".repeat(500)}Int${"]".repeat(500)}\n`],
    ["operators", `let a = 1${" + 1".repeat(20_000)}\n`],
    ["members of members", `let a = b${".c".repeat(20_000)}\n`],
    ["prefixes", `let a = ${"not ".repeat(20_000)}b\n`],
    ["wheres", `let a = ${"b where ".repeat(500)}b\n`],
    ["strings in holes", `let a = ${'"{'.repeat(200)}1${'}"'.repeat(200)}\n`],
  ])("%s nested too deeply are one clear error", (_, text) => {
    const { diagnostics } = parse({ path: "main.kdsl", text });
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(
      text.includes('"{') ? "KD1005" : "KD1020",
    );
    expect(diagnostics.length).toBeLessThan(4);
  });

  test("a file that is all mistakes is given up", () => {
    const { diagnostics } = parse({ path: "main.kdsl", text: "= = =\n".repeat(20_000) });
    expect(diagnostics.length).toBeLessThan(120);
    expect(diagnostics.at(-1)!.code).toBe("KD1023");
  });

  test("a file of strange characters is given up", () => {
    const { diagnostics } = parse({ path: "main.kdsl", text: "§ ".repeat(200_000) });
    expect(diagnostics.length).toBeLessThan(120);
  });

  test("a binary file is one error", () => {
    const text = new TextDecoder().decode(
      Uint8Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 256),
    );
    expect(parse({ path: "a.png", text }).diagnostics.map(({ code }) => code)).toEqual(["KD1021"]);
  });

  test("half of a surrogate pair is no text", () => {
    const { diagnostics } = parse({ path: "main.kdsl", text: 'let a = "\ud83d"\nlet b = "\ud83d\ude00"\n' });
    expect(diagnostics.map(({ code }) => code)).toEqual(["KD1021"]);
  });

  test("a very long list is no nesting", () => {
    const text = `let a = [${"f(b.c + 1), ".repeat(20_000)}]\n`;
    expect(parse({ path: "main.kdsl", text }).diagnostics).toEqual([]);
  });
});

describe("files as machines and attackers make them", () => {
  const files = ["examples", "stdlib"].flatMap((folder) => {
    const root = join(import.meta.dirname, "../..", folder);
    return readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".kdsl"))
      .map((name) => ({ name: `${folder}/${name}`, bytes: readFileSync(join(root, name)) }));
  });
  const decoded = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  /** A file that is written in a few seconds has a few thousand bytes; of longer ones each so many-th. */
  const offsets = (length: number) => {
    const step = Math.max(1, Math.floor(length / 500));
    return Array.from({ length: Math.floor(length / step) }, (_, index) => index * step);
  };

  test.each(files)("$name ends anywhere", ({ bytes }) => {
    for (const end of offsets(bytes.length)) check(decoded(bytes.subarray(0, end)));
  });

  test.each(files)("$name with one byte that is another", ({ bytes }) => {
    const others = [0x00, 0x0d, 0x22, 0x7b, 0x7d, 0x80, 0xff];
    for (const at of offsets(bytes.length).filter((_, index) => index % 5 === 0)) {
      const broken = Uint8Array.from(bytes);
      broken[at] = others[at % others.length]!;
      check(decoded(broken));
    }
  });

  test.each(files)("$name with a byte order mark and carriage returns says the same", ({ bytes }) => {
    const shape = (text: string) => {
      const { module, diagnostics } = parse({ path: "main.kdsl", text });
      expect(diagnostics).toEqual([]);
      return JSON.stringify(module.members, (key, value) =>
        /^(?:start|end|.*[rR]ange)$/.test(key) ? undefined : value,
      );
    };
    const text = decoded(bytes);
    expect(shape(`\ufeff${text.replaceAll("\n", "\r\n")}`)).toBe(shape(text));
    check(`\ufeff${text.replaceAll("\n", "\r")}`);
  });

  test.each([
    ["a long string", `let a = "${"x".repeat(1_000_000)}"\n`],
    ["a long text over lines", `let a = """\n${"  xyz\n".repeat(100_000)}  """\n`],
    ["a long name", `let ${"a".repeat(1_000_000)} = 1\n`],
    ["a long number", `let a = ${"1".repeat(1_000_000)}\n`],
    ["a long quantity", `let a = ${"1".repeat(100_000)}${"Mi".repeat(100_000)}\n`],
    ["many underscores", `let a = 1${"_1".repeat(500_000)}\n`],
    ["a long comment", `//${"/ ".repeat(1_000_000)}\n`],
    ["many lines of help", `${"/// a\n".repeat(200_000)}param a: Int\n`],
    ["a long path", `use ${"a/".repeat(200_000)}b\n`],
    ["a long union", `type A = ${'"a" | '.repeat(100_000)}"b"\n`],
    ["a long list", `let a = [${"1, ".repeat(100_000)}]\n`],
    ["a long line of escapes", `let a = "${"\\n".repeat(500_000)}"\n`],
    ["quotes", '"'.repeat(50_000)],
    ["line ends", "\n".repeat(1_000_000)],
    ["carriage returns", "\r".repeat(1_000_000)],
    ["spaces", " ".repeat(1_000_000)],
    ["holes that never end", `let a = "${"{".repeat(100_000)}\n`],
    ["dollars and braces", `let a = "${"${".repeat(20_000)}\n`],
  ])("%s: a tree, and soon", (_, text) => void check(text), 60_000);

  test("controls of direction are told, wherever they stand", () => {
    const mark = fc.constantFrom("\u202a", "\u202e", "\u2066", "\u2069", "\u200f", "\u061c");
    const text = fc
      .tuple(fc.constantFrom(...files.map(({ bytes }) => decoded(bytes))), fc.nat(), mark)
      .map(([whole, at, what]) => ({ at: at % whole.length, what, whole }));
    fc.assert(
      fc.property(text, ({ whole, at, what }) => {
        const found = check(whole.slice(0, at) + what + whole.slice(at));
        if (!/[\u200f\u061c]/.test(what)) expect(found).toBeGreaterThan(0);
      }),
      runs(200),
    );
  });
});
