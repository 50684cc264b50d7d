import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { compile } from "../../compiler/compile.ts";
import * as outsideCatalog from "../../compiler/diagnostics/catalog/outside.ts";
import * as planCatalog from "../../compiler/diagnostics/catalog/plan.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { emitYaml } from "../../compiler/emit/yaml.ts";
import { canonicalPlan } from "../../compiler/plan/canonical.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import type { FileSystem } from "../../compiler/source/source.ts";
import { keyOf } from "../../model/meta.ts";

/**
 * Whole files, from text to plan: each folder holds `main.kdsl` and beside it what comes out: its diagnostics, its plan and
 * its YAML. `UPDATE=1` writes them anew.
 */

const root = join(import.meta.dirname, "../fixtures/compile");
const cases = readdirSync(root).sort();
const update = process.env.UPDATE === "1";

function fileSystem(folder: string): FileSystem {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.kdsl$|\.txt$|(package|kdsl)\.json$/.test(name),
  );
  return memoryFileSystem(
    Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")])),
  );
}

function compileCase(name: string) {
  return compile({
    fileSystem: fileSystem(join(root, name)),
    path: "main.kdsl",
    resolvePath: (from, path) => posix.resolve("/project", name, posix.dirname(from), path),
  });
}

/** Holds the text against the file beside `main.kdsl`; no text means no file. */
function expectFile(name: string, ending: string, text: string): void {
  const file = join(root, name, `main.${ending}`);
  if (update && text === "") rmSync(file, { force: true });
  else if (update) writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
}

describe.each(cases)("%s", (name) => {
  const { plan, diagnostics } = compileCase(name);

  test("says what it should", () => {
    expectFile(name, "diagnostics", renderDiagnostics(diagnostics, { color: false }));
    const code = /^KD\d{4}/.exec(name)?.[0];
    if (code) expect(diagnostics.map((each) => each.code)).toContain(code);
    else expect(plan).toBeDefined();
  });

  test("gives the plan and the manifests it should", () => {
    expectFile(name, "plan.json", plan ? canonicalPlan(plan) : "");
    expectFile(name, "yaml", plan ? emitYaml(plan) : "");
  });

  test("gives the same bytes each time", () => {
    const again = compileCase(name).plan;
    expect(again && canonicalPlan(again)).toBe(plan && canonicalPlan(plan));
  });

  test("its manifests read back as the plan's objects", () => {
    if (!plan) return;
    const documents = parseAllDocuments(emitYaml(plan)).map((document) => document.toJS());
    const kept = plan.objects.filter(({ kind, metadata }) =>
      documents.some((each) => each?.kind === kind && each.metadata.name === metadata.name),
    );
    expect(documents.filter((each) => each !== null)).toEqual(
      kept.map((object) => ({ ...JSON.parse(JSON.stringify(object)) })),
    );
    const missing = plan.objects.filter((object) => !kept.includes(object)).map(({ kind }) => kind);
    expect(missing.filter((kind) => kind !== "Node" && kind !== "Secret")).toEqual([]);
  });
});

/** Left out where it is 0, as Kubernetes does. */
const zero = /\.initialDelaySeconds$/;

/** Fields that the plan keeps beside the objects: how to run from source, what to wait for, how to roll, secrets' sources. */
const beside = /^((?:local|simulate)\[|after|update|data)/;

describe.each(cases)("%s: provenance", (name) => {
  const { plan } = compileCase(name);
  const objects = new Map(plan?.objects.map((object) => [keyOf(object), object]));

  test("names fields that the objects have, in files that the plan lists", () => {
    const wrong: string[] = [];
    for (const [key, fields] of Object.entries(plan?.provenance ?? {})) {
      if (plan?.external?.[key]) continue; // of what lives outside there is the place only
      for (const [path, { file }] of Object.entries(fields)) {
        if (!plan?.sources.some((source) => source.path === file)) wrong.push(`${key} ${path} in ${file}`);
        const steps =
          path === "" || beside.test(path) ? [] : path.split(/[.[]/).map((step) => step.replace("]", ""));
        const found = steps.reduce<unknown>((value, step) => (value as never)?.[step], objects.get(key));
        if (found === undefined && !zero.test(path) && !/\[[^\]]*[./]/.test(path))
          wrong.push(`${key} ${path}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

test("every mistake that lowering reports has a case", () => {
  const codes = [planCatalog, outsideCatalog].flatMap((catalog) =>
    Object.values(catalog).map(({ entry }) => entry.code),
  );
  expect(codes.filter((code) => !cases.some((name) => name.startsWith(code)))).toEqual([]);
});
