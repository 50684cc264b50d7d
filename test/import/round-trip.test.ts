import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { emitYaml } from "../../compiler/emit/yaml.ts";
import { importManifests } from "../../compiler/import/import.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { byKey, compileText, withoutImplied } from "./support.ts";

/** The project's own programs, through manifests and back: the objects stay the same. */

const root = join(import.meta.dirname, "../..");

/** Every program that compiles, with the files beside it. */
function programs(): string[] {
  return ["examples", "test/fixtures"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter(
        (path) => path.endsWith("main.kdsl") && !path.includes("node_modules") && !/import\//.test(path),
      )
      .map((path) => join(folder, path)),
  );
}

function compileProgram(path: string): Plan | undefined {
  const folder = dirname(path);
  const files: Record<string, string> = {};
  for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }))
    if (/\.(kdsl|conf|txt|json|sql|cnf)$/.test(name))
      files[name] = readFileSync(join(root, folder, name), "utf8");
  return compileText(files["main.kdsl"] ?? "", files).plan;
}

/** Secrets as they would be applied: the plan has only where their values come from. */
function withValues(plan: Plan): KubernetesObject[] {
  return plan.objects.map((object) => {
    const keys = plan.secrets[`Secret/${object.metadata.namespace}/${object.metadata.name}`];
    if (object.kind !== "Secret" || !keys) return object;
    return { ...object, data: Object.fromEntries(Object.keys(keys).map((key) => [key, btoa("value")])) };
  });
}

function sameAfter(objects: readonly KubernetesObject[], text: string): void {
  const { program, diagnostics } = importManifests([{ path: "objects.yaml", text }]);
  expect(renderDiagnostics(diagnostics, { color: false })).toBe("");
  const { plan, diagnostics: said } = compileText(program!.text);
  const wrong = said.filter(({ severity }) => severity === "error");
  expect(`${renderDiagnostics(wrong, { color: false })}`).toBe("");
  expect(byKey(withoutImplied(plan!, objects), plan!.secrets)).toEqual(byKey(objects));
}

describe("own programs through JSON and back", () => {
  for (const path of programs())
    test(relative("test/fixtures", path), ({ skip }) => {
      const plan = compileProgram(path);
      if (!plan || plan.objects.length === 0) return skip("it has no objects");
      const objects = withValues(plan);
      sameAfter(objects, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    });
});

test("and through the YAML that is exported", () => {
  for (const path of ["examples/shop/main.kdsl", "examples/guestbook/main.kdsl"]) {
    const plan = compileProgram(path);
    const kept = plan!.objects.filter(({ kind }) => kind !== "Node" && kind !== "Secret");
    sameAfter(kept, emitYaml({ ...plan!, objects: kept }));
  }
});

describe("what YAML says stands in the words of the language, and nothing is kept as a manifest", () => {
  const pod = (spec: string) => `
apiVersion: v1
kind: Pod
metadata: { name: main }
spec:
  containers: [{ name: main, image: "main:1" }]
  ${spec}`;
  const required = (...terms: string[]) =>
    `affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [${terms}] } } }`;
  const zones = "{ matchExpressions: [{ key: zone, operator: In, values: [a, b] }] }";
  const one = "{ matchExpressions: [{ key: zone, operator: In, values: [a] }] }";

  test.each([
    ["a node selector", "nodeSelector: { disk: ssd }", 'on: nodes where disk == "ssd"'],
    ["a term of the affinity", required(zones), 'on: nodes where zone in ["a", "b"]'],
    ["one that a node selector could say", required(one), 'on: [nodes where zone in ["a"]]'],
    ["two terms", required(zones, one), 'on: [nodes where zone in ["a", "b"], nodes where zone in ["a"]]'],
    [
      "both",
      `nodeSelector: { disk: ssd }\n  ${required(zones)}`,
      'on: nodes where disk == "ssd" and zone in ["a", "b"]',
    ],
  ])("%s", (_, spec, written) => {
    const { program, objects } = importManifests([{ path: "objects.yaml", text: pod(spec) }]);
    expect(program!.text).toContain(written);
    sameAfter(objects, pod(spec));
  });

  test.each([
    [
      "JSON",
      String.raw`{"level": "info", "to": ["a\b"]}`,
      String.raw`r"""{"level": "info", "to": ["a\b"]}"""`,
    ],
    ["a text in quotes with braces", '"{x}"', String.raw`"\"\{x\}\""`],
    ["lines that end in a quote", 'one\ntwo\nsave ""', String.raw`save "\""""`],
  ])("%s", (_, value, written) => {
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "main" }, data: { key: value } };
    const text = JSON.stringify(config);
    const { program, objects } = importManifests([{ path: "objects.yaml", text }]);
    expect(program!.text).toContain(written);
    sameAfter(objects, text);
  });
});
