import { writeFileSync } from "node:fs";
import { nearest } from "../base/edit-distance.ts";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { emitGraph } from "../compiler/emit/graph.ts";
import { emitJson } from "../compiler/emit/json.ts";
import { emitSymbols, emitTypes } from "../compiler/emit/symbols.ts";
import { emitTokens } from "../compiler/emit/tokens.ts";
import { emitConcreteTree, emitTree } from "../compiler/emit/tree.ts";
import { emitYaml } from "../compiler/emit/yaml.ts";
import { canonicalPlan } from "../compiler/plan/canonical.ts";
import type { Plan } from "../model/plan.ts";
import { hasColor } from "./color.ts";
import {
  type CompileFlags,
  compileInput,
  countDiagnostics,
  inspectFile,
  parseFile,
  showDiagnostics,
} from "./compile-file.ts";
import { CommandError, exitCodes, reasonOf } from "./error.ts";

/** What a phase gives: its text, unless there was nothing to make it from, and what it has to say. */
export interface Emitted {
  readonly text: string | undefined;
  /** Further files that go with it, by path. */
  readonly beside?: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
}

const fromTree =
  (print: (parsed: ReturnType<typeof parseFile>) => string) =>
  (path: string): Emitted => {
    const parsed = parseFile(path);
    return { text: print(parsed), diagnostics: parsed.diagnostics };
  };

const fromChecked =
  (print: typeof emitSymbols) =>
  async (path: string, flags: CompileFlags): Promise<Emitted> => {
    const { checked, diagnostics } = await inspectFile(path, flags);
    return { text: print(checked), diagnostics };
  };

const fromPlan =
  (print: (plan: Plan) => string) =>
  async (path: string, flags: CompileFlags): Promise<Emitted> => {
    const { plan, diagnostics } = await compileInput(path, flags);
    return { text: plan && print(plan), diagnostics };
  };

type Form = (path: string, flags: CompileFlags, output: string | undefined) => Emitted | Promise<Emitted>;

/** What `--emit` takes, in the order of the phases. */
const forms: Readonly<Record<string, Form>> = {
  tokens: fromTree(({ module }) => emitTokens(module.file)),
  cst: fromTree(({ module }) => emitConcreteTree(module)),
  ast: fromTree(({ module }) => emitTree(module)),
  symbols: fromChecked(emitSymbols),
  types: fromChecked(emitTypes),
  graph: fromPlan(emitGraph),
  plan: fromPlan(canonicalPlan),
  json: fromPlan((plan) => emitJson(plan)),
  yaml: fromPlan((plan) => emitYaml(plan)),
  ts: async (path, flags, output) =>
    (await import("./compile-typescript.ts")).compileTypeScript(path, flags, output),
};

/**
 * `kdsl compile FILE`: the plan as canonical JSON, or what `--emit` names. What an earlier phase gives is printed for
 * a file with mistakes too; the exit code tells.
 */
export async function compileCommand(
  path: string,
  options: CompileFlags & { emit?: string; output?: string },
): Promise<number> {
  const { emit = "plan", output } = options;
  const form = Object.hasOwn(forms, emit) ? forms[emit]! : undefined;
  if (!form) throw unknownForm(emit);
  const { text, beside = {}, diagnostics } = await form(path, options, output);
  if (diagnostics.length > 0)
    process.stderr.write(showDiagnostics(diagnostics, "text", hasColor(process.stderr)));
  const failed = diagnostics.some(({ severity }) => severity === "error");
  if (failed) console.error(countDiagnostics(diagnostics));
  if (text !== undefined) write(text, output);
  for (const [file, content] of Object.entries(beside)) write(content, file);
  return failed ? exitCodes.failure : exitCodes.success;
}

function write(text: string, output: string | undefined): void {
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    throw new CommandError(`cannot write ${output}: ${reasonOf(error)}`);
  }
}

function unknownForm(emit: string): CommandError {
  const known = Object.keys(forms);
  const meant = nearest(emit, known);
  const help = meant ? `did you mean ${meant}?` : `it takes ${known.join(", ")}`;
  return new CommandError(`--emit ${emit} is nothing that kdsl can write`, exitCodes.usage, help);
}
