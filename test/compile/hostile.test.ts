import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { canonicalPlan } from "../../compiler/plan/canonical.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { runs } from "../runs.ts";

fc.configureGlobal({ seed: 1 });

const root = join(import.meta.dirname, "../fixtures/compile");
const texts = readdirSync(root).map((name) => readFileSync(join(root, name, "main.kdsl"), "utf8"));

const compileText = (text: string) =>
  compile({
    fileSystem: memoryFileSystem({ "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (_, path) => `/project/${path}`,
  });

/** A good file with one stretch taken out, doubled, or put in another place. */
const damaged = fc
  .record({
    text: fc.constantFrom(...texts),
    from: fc.nat(),
    length: fc.nat({ max: 40 }),
    to: fc.nat(),
    twice: fc.boolean(),
  })
  .map(({ text, from, length, to, twice }) => {
    const start = from % text.length;
    const piece = text.slice(start, start + length);
    const rest = twice ? text : text.slice(0, start) + text.slice(start + length);
    const place = to % (rest.length + 1);
    return to % 3 === 0 ? rest : rest.slice(0, place) + piece + rest.slice(place);
  });

test("a damaged file gives a plan or an error that says where, never neither, and never throws", () => {
  fc.assert(
    fc.property(damaged, (text) => {
      const { plan, diagnostics, files } = compileText(text);
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      expect(plan === undefined).toBe(errors.length > 0);
      for (const { primary } of diagnostics) {
        expect(files).toContain(primary.span.file);
        expect(primary.span.start).toBeLessThanOrEqual(primary.span.end);
        expect(primary.span.end).toBeLessThanOrEqual(primary.span.file.text.length);
      }
      if (plan) expect(JSON.parse(canonicalPlan(plan)).hash).toBe(plan.hash);
    }),
    runs(400),
  );
});

test("a file that is not there is one error", () => {
  const { plan, diagnostics } = compile({
    fileSystem: memoryFileSystem({}),
    path: "main.kdsl",
    resolvePath: (_, path) => path,
  });
  expect(plan).toBeUndefined();
  expect(diagnostics).toHaveLength(1);
});

/** Texts that were found by the test above with other seeds. */
test.each([
  ["a family without variables", 'label app\npod p {\n  container webin [ {\n    image: "x:1"\n  }\n}\n'],
  [
    "an argument without a value",
    "pod p {\n  container c {\n    ready: tcp(http, every:ms\n  container web { 2500ms)\n}\n",
  ],
])("%s is told where it is, without a throw", (_, text) => {
  const { plan, diagnostics } = compileText(text);
  expect(plan).toBeUndefined();
  expect(diagnostics.length).toBeGreaterThan(0);
  for (const { primary } of diagnostics) expect(primary.span.start).toBeLessThanOrEqual(primary.span.end);
});

const cluster = `label app
node worker {}
rc web {
  replicas: 2
  pod {
    identity: { app: "web" }
    container server { image: "web:1" }
  }
}
`;

test.each([
  ["functions that double what is observed", "f25(ready(web)) > 0", 26],
  ["a list of very many", "any([ready(web) == i for i in 1..100000000])", 0],
])("a scenario with %s ends in an error", (_, condition, count) => {
  const functions = Array.from({ length: count }, (_, index) =>
    index === 0
      ? "fn f0(x: Int): Int = x"
      : `fn f${index}(x: Int): Int = f${index - 1}(x) + f${index - 1}(x)`,
  );
  const text = `${cluster}${functions.join("\n")}\nscenario "x" {\n  expect ${condition}\n}\n`;
  const { diagnostics } = compileText(text);
  expect(diagnostics.map(({ code }) => code)).toEqual(["KD2205"]);
});

test("a scenario with very many changes ends in an error", () => {
  const change = 'update rc web { pod { container server { image: "web:{i}" } } }';
  const text = `${cluster}scenario "x" {\n  for i in 1..100000 {\n    ${change}\n  }\n}\n`;
  const { diagnostics } = compileText(text);
  expect(diagnostics.map(({ code }) => code)).toEqual(["KD2205"]);
});
