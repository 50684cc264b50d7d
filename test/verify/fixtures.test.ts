import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import * as changesCatalog from "../../compiler/diagnostics/catalog/changes.ts";
import * as clusterCatalog from "../../compiler/diagnostics/catalog/cluster.ts";
import * as companionsCatalog from "../../compiler/diagnostics/catalog/companions.ts";
import * as habitsCatalog from "../../compiler/diagnostics/catalog/habits.ts";
import * as podsCatalog from "../../compiler/diagnostics/catalog/pods.ts";
import * as scenarioCatalog from "../../compiler/diagnostics/catalog/scenario-checks.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { type Baseline, readBaseline } from "../../compiler/verify/changes/baseline.ts";

/**
 * A whole file for each mistake that verification tells, with what it says beside it. `UPDATE=1` writes that anew.
 * The folder's name begins with the code. What a file is checked against stands beside it: `before.kdsl`, or the objects
 * of a cluster in `before.json`.
 */

const catalog = {
  ...clusterCatalog,
  ...podsCatalog,
  ...companionsCatalog,
  ...changesCatalog,
  ...habitsCatalog,
  ...scenarioCatalog,
};

const root = join(import.meta.dirname, "../fixtures/verify");
const cases = readdirSync(root).sort();

/** The checker tells these first, of what is written in KDSL; the rules are held to plans in `rules.test.ts`. */
const onlyInPlans = new Set([
  "KD3111",
  "KD3201",
  "KD3204",
  "KD3705",
  "KD3706",
  "KD3708",
  "KD3790",
  "KD3507",
  "KD3211",
]);

const read = (name: string) => readFileSync(join(root, name, "main.kdsl"), "utf8");

const compiled = (text: string, against?: Baseline) =>
  compile({
    fileSystem: memoryFileSystem({ "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (_, path) => `/project/${path}`,
    ...(against && { against }),
  });

function baselineOf(name: string): Baseline | undefined {
  const at = (file: string) => join(root, name, file);
  const { plan } = existsSync(at("before.kdsl")) ? compiled(readFileSync(at("before.kdsl"), "utf8")) : {};
  const document = existsSync(at("before.json"))
    ? JSON.parse(readFileSync(at("before.json"), "utf8"))
    : undefined;
  if (!plan && document === undefined) return undefined;
  const baseline = readBaseline([plan ? { ...plan, hash: plan.hash } : document]);
  if ("problem" in baseline) throw new Error(baseline.problem);
  return baseline;
}

const diagnosticsOf = (text: string, name: string) => compiled(text, baselineOf(name)).diagnostics;

describe.each(cases)("%s", (name) => {
  test("says what it should", () => {
    const diagnostics = diagnosticsOf(read(name), name);
    const text = renderDiagnostics(diagnostics, { color: false });
    const file = join(root, name, "main.diagnostics");
    if (process.env.UPDATE === "1") {
      if (text === "") rmSync(file, { force: true });
      else writeFileSync(file, text);
    }
    expect(text).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
    const code = /^KD\d{4}/.exec(name)?.[0];
    expect(diagnostics.map((each) => each.code)).toEqual(code ? [code] : []);
  });

  test("each edit that it offers mends it", () => {
    const text = read(name);
    for (const { code, fixes } of diagnosticsOf(text, name)) {
      for (const { edits } of fixes.filter((fix) => fix.edits.length > 0)) {
        const mended = [...edits]
          .sort((left, right) => right.span.start - left.span.start)
          .reduce((so, { span, text: by }) => `${so.slice(0, span.start)}${by}${so.slice(span.end)}`, text);
        expect(
          diagnosticsOf(mended, name).filter((each) => each.code === code || each.severity === "error"),
        ).toEqual([]);
      }
    }
  });
});

describe("every code has a fixture", () => {
  for (const { entry } of Object.values(catalog)) {
    if (onlyInPlans.has(entry.code)) continue;
    test(entry.code, () => {
      expect(cases.some((name) => name.startsWith(`${entry.code}-`))).toBe(true);
    });
  }
});

describe("every entry of the catalog", () => {
  test("has a code of its own", () => {
    const codes = Object.values(catalog).map(({ entry }) => entry.code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
