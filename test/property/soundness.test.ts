import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bind } from "../../compiler/binder/bind.ts";
import { objectWords } from "../../compiler/checker/kinds.ts";
import { checkProgram } from "../../compiler/checker/program.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { type Evaluation, evaluateProgram } from "../../compiler/evaluate/program.ts";
import type { Block, Value } from "../../compiler/evaluate/value.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { walk } from "../../compiler/syntax/walk.ts";
import { blockSchemas } from "../../compiler/types/blocks/index.ts";
import type { Expression as Live, Step } from "../../model/scenario.ts";
import { runs } from "../runs.ts";

/**
 * What the checker lets through has a value: evaluation finds no mistake of a kind that types are there to exclude, and
 * where it reports nothing, nothing is missing. Programs are made by putting expressions of a file in the place of others.
 */

fc.configureGlobal({ seed: 1 });

interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly expressions: readonly { readonly start: number; readonly end: number }[];
}

const root = join(import.meta.dirname, "../fixtures");

function readCase(folder: string): Case {
  const names = readdirSync(folder).filter((name) => /\.kdsl$|\.txt$/.test(name));
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  const { module } = parse({ path: "main.kdsl", text: files["main.kdsl"]! });
  const expressions: { start: number; end: number }[] = [];
  walk(module, (node) => {
    if (kinds.has(node.kind)) expressions.push(node);
  });
  return { files, expressions };
}

const kinds: ReadonlySet<string> = new Set([
  ...["string", "number", "quantity", "boolean", "none", "reference", "member", "index", "call", "unary"],
  ...["binary", "conditional", "match", "list", "record"],
]);

const cases = ["compile", "evaluate"]
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
  .filter((folder) => readdirSync(folder).includes("main.kdsl"))
  .map(readCase)
  .filter(({ expressions }) => expressions.length > 5);

/** A file with some of its expressions replaced by others of it. */
const programsOf = (list: readonly Case[]) =>
  fc
    .record({
      one: fc.constantFrom(...list),
      swaps: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 2 }),
    })
    .map(({ one: { files, expressions }, swaps }) => {
      let text = files["main.kdsl"]!;
      const places = swaps
        .map(([to, from]) => ({
          to: expressions[to % expressions.length]!,
          from: expressions[from % expressions.length]!,
        }))
        .sort((left, right) => right.to.start - left.to.start)
        .filter(({ to }, index, all) => index === 0 || to.end <= all[index - 1]!.to.start);
      const source = text;
      for (const { to, from } of places)
        text = text.slice(0, to.start) + source.slice(from.start, from.end) + text.slice(to.end);
      return { ...files, "main.kdsl": text };
    });

const programs = programsOf(cases);

const isError = ({ severity }: Diagnostic) => severity === "error";

/** Whether reading, names and types are without mistakes. */
function checks(files: Readonly<Record<string, string>>): boolean {
  const found: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => void found.push(diagnostic);
  const words = new Map(objectWords(blockSchemas).map((word) => [word, blockSchemas[word]!.kind!]));
  const fileSystem = memoryFileSystem(files);
  const program = bind({ fileSystem, path: "main.kdsl", parse, words, report });
  checkProgram({ program, schemas: blockSchemas, report });
  return !found.some(isError);
}

const evaluateFiles = (files: Readonly<Record<string, string>>): Evaluation =>
  evaluateProgram({ fileSystem: memoryFileSystem(files), path: "main.kdsl", parse, schemas: blockSchemas });

/** What only values decide: KD22xx, policies, what has no form in a run of a scenario, what computed names and keys make missing, double or unknown, and overrides of one thing that are made twice. */
const decidedByValues = /^KD(22\d\d|2421|2450|250[56]|2482|2002|2012|2103|2116|2117)$/;

/** The path to a value that is a mistake, if there is one. */
function mistake(value: Value, path: string): string | undefined {
  if (value.kind === "error") return path;
  if (value.kind === "list")
    return firstOf(value.items.map((item, index) => mistake(item, `${path}[${index}]`)));
  const fields =
    value.kind === "record" ? value.fields : value.kind === "variant" ? value.arguments : undefined;
  return fields && firstOf([...fields].map(([key, field]) => mistake(field.value, `${path}.${key}`)));
}

const firstOf = (paths: readonly (string | undefined)[]) => paths.find((path) => path !== undefined);

const mistakeIn = (block: Block, path: string): string | undefined =>
  firstOf([
    ...[...block.fields].map(([key, field]) => mistake(field.value, `${path}.${key}`)),
    block.value && mistake(block.value.value, path),
    block.target && mistake(block.target.value, path),
    ...block.members.map((member) => mistakeIn(member, `${path}.${member.name ?? member.word}`)),
  ]);

test("what checks has values", () => {
  let sound = 0;
  fc.assert(
    fc.property(programs, (files) => {
      if (!checks(files)) return;
      const { diagnostics, program } = evaluateFiles(files);
      const errors = diagnostics.filter(isError);
      expect(errors.map(({ code }) => code).filter((code) => !decidedByValues.test(code))).toEqual([]);
      if (errors.length > 0) return;
      sound++;
      expect(firstOf(program.objects.map((object) => mistakeIn(object.block(), object.name)))).toBe(
        undefined,
      );
    }),
    runs(400),
  );
  // Most replacements do not check; enough of them do for the test to mean something.
  expect(sound).toBeGreaterThan(20);
});

/** What an expression of a scenario gives, as far as its shape says. */
function kindIn(expression: Live): string {
  switch (expression.type) {
    case "literal":
      return expression.value === null ? "none" : typeof expression.value;
    case "list":
    case "objects":
    case "all":
    case "containers":
    case "comprehension":
      return "set";
    case "observe":
      return { pods: "set", nodes: "set", node: "set" }[expression.observation as "pods"] ?? "number";
    case "member":
    case "label":
      return "string";
    case "operator":
      return ["+", "-", "*", "/", "negate"].includes(expression.operator)
        ? "number"
        : expression.operator === "??"
          ? "any"
          : "boolean";
    case "call":
      return { any: "boolean", all: "boolean", count: "number" }[expression.function as "any"] ?? "any";
    default:
      return "any";
  }
}

const wantedKinds: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ["within", "during", "per", "by", "to", "duration"].map((part) => [part, ["number"]]),
  ),
  ...Object.fromEntries(["target", "from"].map((part) => [part, ["set"]])),
  ...Object.fromEntries(["condition", "trigger", "until"].map((part) => [part, ["boolean"]])),
  of: ["boolean", "number"],
};

function misplaced(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => [
    ...Object.entries(step).flatMap(([part, value]) => {
      const wanted = wantedKinds[part];
      if (!wanted || (step.type === "forAny" && part === "count")) return [];
      const kind = kindIn(value as Live);
      return kind === "any" || wanted.includes(kind) ? [] : [`${part} of ${step.type} is ${kind}`];
    }),
    ...("steps" in step ? misplaced(step.steps) : []),
  ]);
}

const withScenarios = cases.filter(({ files }) => /^scenario /m.test(files["main.kdsl"]!));

test("what a scenario that checks holds is what its steps take", () => {
  expect(withScenarios.length).toBeGreaterThan(1);
  let sound = 0;
  fc.assert(
    fc.property(programsOf(withScenarios), (files) => {
      if (!checks(files)) return;
      const { diagnostics, program } = evaluateFiles(files);
      const errors = diagnostics.filter(isError);
      expect(errors.map(({ code }) => code).filter((code) => !decidedByValues.test(code))).toEqual([]);
      if (errors.length > 0) return;
      sound++;
      expect(program.scenarios.flatMap(({ scenario }) => misplaced(scenario.steps))).toEqual([]);
    }),
    runs(300),
  );
  expect(sound).toBeGreaterThan(10);
});
