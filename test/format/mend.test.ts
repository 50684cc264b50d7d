import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { applyEdits, isGone, mend } from "../../compiler/mend.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { corpus, mistaken } from "./corpus.ts";

/** Fixes are tried on every file of the repository that is wrong. */

function diagnoser(name: string) {
  const folder = join(import.meta.dirname, "../..", dirname(name));
  const files = name.includes("#")
    ? {}
    : Object.fromEntries(
        readdirSync(folder, { recursive: true, encoding: "utf8" })
          .filter((path) => statSync(join(folder, path)).isFile())
          .map((path) => [path, readFileSync(join(folder, path), "utf8")]),
      );
  return (texts: ReadonlyMap<string, string>): readonly Diagnostic[] =>
    compile({
      fileSystem: memoryFileSystem({ ...files, ...Object.fromEntries(texts) }),
      path: "main.kdsl",
      resolvePath: (_, path) => join("/", path),
    }).diagnostics;
}

const errors = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.filter(({ severity }) => severity === "error");

const faulty = [...mistaken, ...corpus]
  .filter(({ name }) => /main\.kdsl$/.test(name))
  .map(({ name, text }) => {
    const diagnose = diagnoser(name);
    const texts = new Map([["main.kdsl", text]]);
    return { name, texts, diagnose, diagnostics: diagnose(texts) };
  })
  .filter(({ diagnostics }) => diagnostics.some(({ fixes }) => fixes.some(({ edits }) => edits.length > 0)));

test("there is something to fix", () => {
  expect(faulty.length).toBeGreaterThan(20);
});

describe("a safe fix takes its own mistake away", () => {
  const safe = faulty.flatMap(({ name, texts, diagnose, diagnostics }) =>
    diagnostics.flatMap((diagnostic) =>
      diagnostic.fixes
        .filter((fix) => fix.safe && fix.edits.every(({ span }) => span.file.path === "main.kdsl"))
        .map((fix) => ({
          name,
          title: `${diagnostic.code} ${fix.title}`,
          texts,
          diagnose,
          diagnostics,
          diagnostic,
          fix,
        })),
    ),
  );
  test.each(safe)("$name: $title", ({ texts, diagnose, diagnostic, fix }) => {
    const after = diagnose(applyEdits(texts, fix.edits));
    expect(isGone(diagnostic, fix.edits, after)).toBe(true);
  });
});

describe("mending ends, and leaves nothing worse", () => {
  test.each(faulty)("$name", ({ texts, diagnose, diagnostics }) => {
    for (const guesses of [false, true]) {
      const { texts: mended, applied, left } = mend({ texts, diagnose, guesses });
      expect(left).toEqual(diagnose(mended));
      const first = (list: readonly Diagnostic[]) =>
        errors(list).filter(({ code }) => code.startsWith("KD10")).length;
      expect(first(left)).toBeLessThanOrEqual(first(diagnostics));
      if (applied.length === 0) expect(mended).toEqual(texts);
      // What is mended once has nothing more to be mended.
      expect(mend({ texts: mended, diagnose, guesses }).applied).toEqual([]);
    }
  });
});

test("a fix that would make things worse is not made", () => {
  const file = { path: "main.kdsl", text: "let a = 1\n" };
  const span = { file, start: 8, end: 9 };
  const wrong: Diagnostic = {
    code: "KD2101",
    severity: "error",
    message: "no",
    primary: { span },
    secondary: [],
    notes: [],
    fixes: [{ title: "worse", edits: [{ span, text: "2" }], safe: true }],
  };
  const diagnose = (texts: ReadonlyMap<string, string>) =>
    texts.get("main.kdsl") === file.text ? [wrong] : [wrong, { ...wrong, fixes: [] }];
  const texts = new Map([[file.path, file.text]]);
  expect(mend({ texts, diagnose, guesses: true })).toEqual({ texts, applied: [], left: [wrong] });
});
