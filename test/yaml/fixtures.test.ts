import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileManifests } from "../../compiler/compile-manifests.ts";
import * as catalog from "../../compiler/diagnostics/catalog/manifests.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";

/** Manifests with mistakes, and what is said of each: `UPDATE=1` writes that anew. The folder's name begins with the code. */

const root = join(import.meta.dirname, "../fixtures/yaml");
const cases = readdirSync(root).sort();

const compile = (text: string) => compileManifests({ files: [{ path: "main.yaml", text }], name: "main" });
const diagnosticsOf = (text: string) => compile(text).diagnostics;

describe.each(cases)("%s", (name) => {
  const text = readFileSync(join(root, name, "main.yaml"), "utf8");

  test("says what it should", () => {
    const diagnostics = diagnosticsOf(text);
    const said = renderDiagnostics(diagnostics, { color: false });
    const file = join(root, name, "main.diagnostics");
    if (process.env.UPDATE === "1") {
      if (said === "") rmSync(file, { force: true });
      else writeFileSync(file, said);
    }
    expect(said).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
    const code = /^KD\d{4}/.exec(name)?.[0];
    if (code) expect(diagnostics.map((each) => each.code)).toEqual([code]);
    else expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("each edit that it offers mends it", () => {
    for (const { code, fixes } of diagnosticsOf(text)) {
      for (const { edits } of fixes.filter((fix) => fix.edits.length > 0)) {
        const mended = [...edits]
          .sort((left, right) => right.span.start - left.span.start)
          .reduce((so, { span, text: by }) => `${so.slice(0, span.start)}${by}${so.slice(span.end)}`, text);
        expect(diagnosticsOf(mended).filter((each) => each.code === code)).toEqual([]);
      }
    }
  });
});

test.each(Object.values(catalog).map(({ entry }) => entry.code))("%s has a fixture", (code) => {
  expect(cases.some((name) => name.startsWith(`${code}-`))).toBe(true);
});
