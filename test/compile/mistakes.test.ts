import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import type { Diagnostic, Fix } from "../../compiler/diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { type Mistake, mistakes } from "./mistakes/cases.ts";

/** One mistake, one message at its place. `UPDATE=1` writes what is said to `mistakes/said.txt` anew. */

const folder = join(import.meta.dirname, "mistakes");
const base = readFileSync(join(folder, "base.kdsl"), "utf8");

function textOf([, ...change]: Mistake): string {
  const [first] = change;
  if (typeof first === "function") return first(base);
  if (change.length === 1) return first!;
  let text = base;
  for (let index = 0; index < change.length; index += 2) {
    const [from, to] = [change[index] as string, change[index + 1] as string];
    expect(text).toContain(from);
    text = text.replace(from, () => to);
  }
  return text;
}

const diagnosticsOf = (text: string) =>
  compile({
    fileSystem: memoryFileSystem({ "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (_, path) => `/project/${path}`,
  }).diagnostics;

const applied = (text: string, { edits }: Fix) =>
  [...edits]
    .sort((left, right) => right.span.start - left.span.start)
    .reduce((so, { span, text: by }) => so.slice(0, span.start) + by + so.slice(span.end), text);

const sameMistake = (left: Diagnostic, right: Diagnostic) =>
  left.code === right.code && left.message === right.message;

test("what they are made from has none", () => {
  expect(diagnosticsOf(base)).toEqual([]);
  for (const harmless of [
    base.replace(/\n/g, "\r\n"),
    `\ufeff${base}`,
    base.replace(/^( {2})+/gm, (spaces) => "\t".repeat(spaces.length / 2)),
  ])
    expect(diagnosticsOf(harmless)).toEqual([]);
});

describe.each(mistakes)("%s", (...mistake) => {
  const text = textOf(mistake as unknown as Mistake);
  const diagnostics = diagnosticsOf(text);

  test("is told once", () => {
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toHaveLength(1);
  });

  test("each edit that it offers takes it away", () => {
    for (const diagnostic of diagnostics)
      for (const fix of diagnostic.fixes.filter(({ edits }) => edits.length > 0)) {
        const after = diagnosticsOf(applied(text, fix));
        expect(after.filter((each) => sameMistake(each, diagnostic))).toEqual([]);
      }
  });
});

test("what is said is what was said", () => {
  const said = mistakes
    .map(
      (mistake) =>
        `## ${mistake[0]}\n\n${renderDiagnostics(diagnosticsOf(textOf(mistake)), { color: false })}`,
    )
    .join("\n");
  const file = join(folder, "said.txt");
  if (process.env.UPDATE === "1") writeFileSync(file, said);
  expect(said).toBe(readFileSync(file, "utf8"));
});
