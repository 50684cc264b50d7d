import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import type { Plan } from "../../model/plan.ts";
import { explore, type ScenarioResult, withNodes } from "../../runtime/simulator/index.ts";
import { finished } from "../../runtime/simulator/scenario/run.ts";

/** The scenarios that examples, the documentation and the library show are what they say: they pass. */

const root = join(import.meta.dirname, "../..");

function planOf(path: string, text?: string): Plan {
  const { plan, diagnostics } = compile({
    fileSystem: memoryFileSystem({ [path]: text ?? readFileSync(join(root, path), "utf8") }),
    path,
    resolvePath: (from, name) => posix.resolve("/project", posix.dirname(from), name),
  });
  if (!plan) throw new Error(renderDiagnostics(diagnostics, { color: false }));
  return withNodes(plan).plan;
}

function resultOf(plan: Plan, name: string): ScenarioResult {
  const scenario = plan.scenarios!.find((one) => one.name === name)!;
  return finished(explore({ plan, scenario, seed: 1, seeds: 1 }));
}

const blocksOf = (document: string) =>
  [...readFileSync(join(root, document), "utf8").matchAll(/^```kdsl\n([\s\S]*?)^```$/gm)]
    .map(([, text]) => text!)
    .filter((text) => /^scenario |std\/scenario/m.test(text));

const files: [name: string, path: string, text: string | undefined][] = [
  ["examples/shop", "examples/shop/main.kdsl", undefined],
  ["examples/production", "examples/production/main.kdsl", undefined],
  ...readdirSync(join(root, "test/fixtures/compile"))
    .filter((name) => /^(scenarios-|std-scenario)/.test(name))
    .map((name): [string, string, undefined] => [name, `test/fixtures/compile/${name}/main.kdsl`, undefined]),
  ...["docs/language.md", "docs/tour.md"].flatMap((document) =>
    blocksOf(document).map((text, index): [string, string, string] => [
      `${document} ${index + 1}`,
      `docs/made-${index}.kdsl`,
      text,
    ]),
  ),
];

describe.each(files)("%s", (_, path, text) => {
  const plan = planOf(path, text);

  test("has scenarios", () => expect(plan.scenarios?.length).toBeGreaterThan(0));

  test.each(plan.scenarios?.map(({ name }) => name) ?? [])("%s", (name) => {
    expect(resultOf(plan, name).verdict).toBe("pass");
  });
});

describe("SurvivesAnyZone", () => {
  const named = (library: string, zones: string) => `
${library}
use std/scenario { SurvivesAnyZone }
node worker[z in ["a", "b", "c"]] {
  capacity: { cpu: 4, memory: 8Gi }
  labels: { zone: z }
}
rc web {
  replicas: 3
  pod {
    identity: { app: "web" }
    container server { image: "shop/web:1" }
  }
}
SurvivesAnyZone front { app: web, zones: ${zones}, keep: 2 }
`;
  const library = "use std/labels { app, zone }";
  const resultFor = (text: string) => {
    const plan = planOf("main.kdsl", text);
    return resultOf(plan, plan.scenarios![0]!.name);
  };
  const tightest = ({ assertions }: ScenarioResult) =>
    assertions.find(({ type }) => type === "always")?.nearest;

  test.each([
    ["Kubernetes' own label", library],
    ["a label of the file", "label app\nlabel zone"],
  ])("loses the nodes that %s puts in a zone", (_, labels) => {
    const result = resultFor(named(labels, '["a", "b", "c"]'));
    expect(result.verdict).toBe("pass");
    expect(tightest(result)).toMatchObject({ value: 2 });
  });

  test("shows nothing where no node is in any of the zones", () => {
    const result = resultFor(named(library, '["A", "B"]'));
    expect(result.verdict).toBe("vacuous");
    expect(result.untested.map(({ why }) => why)).toEqual(["there was nothing to kill"]);
  });
});
