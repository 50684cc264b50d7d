import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allEntries } from "../../compiler/diagnostics/catalog/index.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { diagnosticsOf, examples, fixtures } from "./examples.ts";
import { referenceOf } from "./reference.ts";

/** Every code has an example, and docs/diagnostics.md shows them. `UPDATE=1` writes both anew. */

const root = join(fixtures, "diagnostics");
const update = process.env.UPDATE === "1";

describe.each(readdirSync(root).sort())("%s", (name) => {
  const code = name.slice(0, 6);
  const text = readFileSync(join(root, name, "main.kdsl"), "utf8");

  test("is told this, and nothing else", () => {
    const diagnostics = diagnosticsOf(text);
    expect(diagnostics.map((each) => each.code)).toEqual([code]);
    const said = renderDiagnostics(diagnostics, { color: false });
    const file = join(root, name, "main.diagnostics");
    if (update) writeFileSync(file, said);
    expect(said).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
  });

  test("corrected, there is nothing to say", () => {
    const file = join(root, name, "fixed.kdsl");
    if (!existsSync(file)) return;
    expect(renderDiagnostics(diagnosticsOf(readFileSync(file, "utf8")), { color: false })).toBe("");
  });
});

/** What no file of KDSL or YAML can show by itself; these have tests of their own. */
const withoutExample = new Set([
  // Defects of ours, and a time that is over: test/simulator.
  "KD6004",
  "KD6006",
  "KD6007",
  "KD6010",
  // A file that is no text, one that is too large, one with too many mistakes: test/syntax.
  "KD1021",
  "KD1022",
  "KD1023",
  // Templates that make too much, which takes a long file: test/evaluate.
  "KD2402",
  // Two modules that set one module's parameters, and values from the command line: test/evaluate.
  "KD2011",
  "KD2207",
  "KD2208",
  "KD2453",
  "KD2455",
  // What the checker says first of a KDSL file; plans have them from elsewhere: test/verify.
  "KD3111",
  "KD3201",
  "KD3204",
  "KD3211",
  "KD3507",
  "KD3705",
  "KD3706",
  "KD3708",
  "KD3790",
]);

describe("every code has an example", () => {
  const known = examples();
  test.each(allEntries().map(({ code }) => code))("%s", (code) => {
    // A folder test/fixtures/PHASE/CODE-what-it-is with main.kdsl and main.diagnostics.
    expect(known.has(code) || withoutExample.has(code)).toBe(true);
  });
});

test("docs/diagnostics.md is current", () => {
  const file = join(import.meta.dirname, "../../docs/diagnostics.md");
  const text = referenceOf(examples());
  if (update) writeFileSync(file, text);
  expect(existsSync(file) ? readFileSync(file, "utf8") : "").toBe(text);
});
