import { bind } from "../binder/bind.ts";
import type { Parse } from "../binder/modules.ts";
import { type ModuleSymbols, span } from "../binder/symbol.ts";
import type { Checked } from "../checker/checked.ts";
import { declaringWords } from "../checker/kinds.ts";
import { checkProgram } from "../checker/program.ts";
import { badFamily, duplicateObject } from "../diagnostics/catalog/evaluate.ts";
import { policyViolated } from "../diagnostics/catalog/policies.ts";
import { withoutConsequences } from "../diagnostics/consequences.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { FileSystem, SourceFile } from "../source/source.ts";
import type { BlockSchema } from "../types/type.ts";
import { assertHolds } from "./assertions.ts";
import { blamed } from "./blame.ts";
import { finishBlock, openBlock } from "./blocks.ts";
import {
  BudgetSpent,
  budgetDiagnostic,
  type Evaluator,
  type Frame,
  type Instance,
  limits,
  moduleFrame,
  report,
} from "./context.ts";
import { canHaveMolds, evaluateObject } from "./molds.ts";
import { enter } from "./objects.ts";
import { chooseProfile } from "./overrides.ts";
import type { ParameterFile } from "./parameters.ts";
import { checkPolicies } from "./policies.ts";
import { evaluateScenarios, mostChanges } from "./scenarios.ts";
import { readSettings } from "./settings.ts";
import { allObjects } from "./templates.ts";
import type { Block, Change, EvaluatedScenario, ObjectHandle, Program, Value } from "./value.ts";
import { moduleValue } from "./values.ts";

export interface EvaluateOptions {
  readonly fileSystem: FileSystem;
  /** The file to begin with. */
  readonly path: string;
  readonly parse: Parse;
  /** Values of the first file's parameters as texts (`--set name=value`). */
  readonly set?: Readonly<Record<string, string>>;
  /** Values of parameters from files, the strongest last (`--params FILE`). */
  readonly params?: readonly ParameterFile[];
  /** The profile of the first file that is chosen. */
  readonly profile?: string;
  readonly schemas: Readonly<Record<string, BlockSchema>>;
  /** Whether files outside of the project may be read. */
  readonly allowOutside?: boolean;
}

export interface Evaluation {
  readonly program: Program;
  readonly diagnostics: Diagnostic[];
  /** Every file that was read, the first one first; modules of the library are not among them. */
  readonly files: readonly SourceFile[];
}

/**
 * Reads a file and all that it uses, checks it, and works out every object that it declares. Pure, bounded, and
 * never throws: after errors the program holds what could be worked out.
 */
export function evaluateProgram(options: EvaluateOptions): Evaluation {
  const diagnostics: Diagnostic[] = [];
  const emit = onceAtEachPlace(diagnostics);
  const words = declaringWords(options.schemas);
  const bound = bind({ ...options, words, report: emit });
  const { root } = bound;
  const checked = withinBudget(root, emit, () =>
    checkProgram({ program: bound, schemas: options.schemas, report: emit }),
  );
  const { program, files } = checked ? evaluateChecked(options, checked, diagnostics, emit) : nothing();
  const modules = bound.modules.filter((module) => !module.library && module !== root);
  const written = (options.params ?? []).map(({ file }) => file).filter(({ path }) => path !== "--set");
  return {
    program: program ?? { objects: [], external: [], params: new Map(), scenarios: [] },
    diagnostics: withoutConsequences(diagnostics),
    files: [root.file, ...modules.map((module) => module.file), ...files.values(), ...written],
  };
}

interface Evaluated {
  readonly program: Program | undefined;
  /** Files that configs took in. */
  readonly files: Map<string, SourceFile>;
}

const nothing = (): Evaluated => ({ program: undefined, files: new Map() });

/**
 * With molds where there can be some, unless there is something to say: how a mistake is told may hang on what was
 * evaluated before, which is to be the same as ever.
 */
function evaluateChecked(
  options: EvaluateOptions,
  checked: Checked,
  diagnostics: readonly Diagnostic[],
  emit: Evaluator["emit"],
): Evaluated {
  if (canHaveMolds(checked)) {
    let silent = true;
    const evaluated = evaluateOnce(options, checked, true, diagnostics, () => {
      silent = false;
    });
    if (silent) return evaluated;
  }
  return evaluateOnce(options, checked, false, diagnostics, emit);
}

function evaluateOnce(
  options: EvaluateOptions,
  checked: Checked,
  molds: boolean,
  diagnostics: readonly Diagnostic[],
  emit: Evaluator["emit"],
): Evaluated {
  const { root } = checked.program;
  const { files } = nothing();
  // All changes of all scenarios share one budget: there may be many, and each is a whole evaluation.
  const forChanges = { steps: limits.steps * 3, size: limits.size * 3 };
  const evaluateWith = (
    changes: readonly Change[],
    say: Evaluator["emit"],
    then: (evaluator: Evaluator, whole: Whole) => Program = (_, whole) => whole,
  ): Program => {
    const fresh = prepare(options, checked, say, files, molds ? new Map() : undefined);
    const evaluator = changes.length > 0 ? { ...fresh, left: forChanges } : fresh;
    evaluator.changes.push(...changes);
    try {
      return then(evaluator, evaluateAll(evaluator, options));
    } finally {
      for (const diagnostic of blamed(evaluator)) say(diagnostic);
    }
  };
  const program = withinBudget(root, emit, () =>
    evaluateWith([], emit, (evaluator, whole) => {
      const isSound = () =>
        evaluator.held.length === 0 && diagnostics.every(({ severity }) => severity !== "error");
      if (!isSound()) return whole;
      const scenarios = evaluateScenarios(evaluator, root, whole.uses);
      if (isSound()) evaluateChanges(scenarios, evaluateWith, emit);
      return { ...whole, scenarios };
    }),
  );
  return { program, files };
}

function prepare(
  { fileSystem, allowOutside = false }: EvaluateOptions,
  checked: Checked,
  emit: Evaluator["emit"],
  files: Map<string, SourceFile>,
  molds: Evaluator["molds"],
): Evaluator {
  return {
    checked,
    fileSystem,
    allowOutside,
    emit,
    values: new Map(),
    instances: new Map(),
    settings: new Map(),
    profile: undefined,
    changes: [],
    overrides: undefined,
    patterns: new Map(),
    files,
    trail: [],
    calls: [],
    uses: new Map(),
    held: [],
    molds,
    alike: new Map(),
    differing: undefined,
    holes: undefined,
    left: { steps: limits.steps, size: limits.size },
    depth: 0,
    deciding: 0,
  };
}

/** Runs a task to its end or to the end of the budget, whichever comes first. */
function withinBudget<T>(root: ModuleSymbols, emit: Evaluator["emit"], task: () => T): T | undefined {
  try {
    return task();
  } catch (problem) {
    if (problem instanceof BudgetSpent) emit(budgetDiagnostic(problem));
    else if (problem instanceof RangeError) {
      // The stack of the engine is smaller than the depth that is allowed.
      const start = span(root, { start: 0, end: 0 });
      emit(budgetDiagnostic(new BudgetSpent(start, "values or types are nested too deeply")));
    } else throw problem;
    return undefined;
  }
}

/** Works out what the program is after each change of a scenario. Mistakes that only a change makes are told with its place. */
function evaluateChanges(
  scenarios: readonly EvaluatedScenario[],
  evaluateWith: (changes: readonly Change[], emit: Evaluator["emit"]) => Program,
  emit: Evaluator["emit"],
): void {
  const past = scenarios.flatMap(({ changes }) => changes)[mostChanges];
  if (past) throw new BudgetSpent(past.span, `scenarios change it more than ${mostChanges} times`);
  for (const { changes } of scenarios)
    for (const [index, change] of changes.entries()) {
      const after = (diagnostic: Diagnostic) => {
        const secondary = [...diagnostic.secondary, { span: change.span, text: "after this step" }];
        emit({ ...diagnostic, secondary });
      };
      change.program = evaluateWith(changes.slice(0, index + 1), after);
    }
}

/** One mistake, one diagnostic: what loops and callers meet again at the same place is not said again. */
function onceAtEachPlace(diagnostics: Diagnostic[]): (diagnostic: Diagnostic) => void {
  const seen = new Set<string>();
  return (diagnostic) => {
    const { file, start, end } = diagnostic.primary.span;
    const own = diagnostic.code === policyViolated.entry.code ? diagnostic.message : "";
    const key = `${diagnostic.code} ${start} ${end} ${file.path} ${own}`;
    if (seen.has(key)) return;
    seen.add(key);
    diagnostics.push(diagnostic);
  };
}

type Whole = Program & { readonly uses: readonly Instance[] };

function evaluateAll(
  evaluator: Evaluator,
  { set = {}, params: given = [], profile }: Pick<EvaluateOptions, "set" | "params" | "profile">,
): Whole {
  const { modules, root } = evaluator.checked.program;
  evaluator.profile = chooseProfile(evaluator, root, profile);
  for (const [name, value] of readSettings(evaluator, root, set, given)) evaluator.settings.set(name, value);
  for (const { what } of evaluator.changes)
    if (what.kind === "apply") for (const [name, value] of what.values) evaluator.settings.set(name, value);
  const instances: Instance[] = [];
  const uses: Instance[] = [];
  for (const module of modules)
    for (const instance of allObjects(evaluator, module.objects, undefined))
      if (instance.made) uses.push(instance);
      else instances.push(instance);
  const objects = instances.map(({ handle }) => handle);
  reportDuplicates(evaluator, objects);
  const params = new Map<string, Value>();
  for (const module of modules) evaluateValues(evaluator, module, params);
  for (const use of uses) evaluateObject(evaluator, use);
  for (const object of instances) evaluateObject(evaluator, object);
  for (const module of modules) checkAssertions(evaluator, module, moduleFrame(module));
  for (const { made } of uses) if (made) checkAssertions(evaluator, made.template.body, made.frame);
  if (evaluator.profile) checkAssertions(evaluator, evaluator.profile, moduleFrame(evaluator.profile.module));
  checkPolicies(evaluator, objects);
  const cluster = evaluateCluster(evaluator, root);
  const name = cluster?.name;
  const here = objects.filter(({ external }) => !external);
  const external = objects.filter((object) => object.external);
  return {
    objects: here,
    external,
    params,
    scenarios: [],
    uses,
    ...(cluster ? { cluster } : {}),
    ...(name ? { clusterName: name } : {}),
  };
}

function checkAssertions(
  evaluator: Evaluator,
  { assertions }: Pick<ModuleSymbols, "assertions">,
  frame: Frame,
): void {
  for (const { member, enclosures } of assertions)
    enter(evaluator, enclosures, 0, frame, [], [], (inner) => assertHolds(evaluator, member, inner));
}

/** Works out all values at the top of a module, read or not: a mistake in one is a mistake. */
function evaluateValues(evaluator: Evaluator, module: ModuleSymbols, params: Map<string, Value>): void {
  for (const symbol of module.values.values()) {
    if (symbol.module !== module || (symbol.kind !== "param" && symbol.kind !== "let")) continue;
    const value = moduleValue(evaluator, symbol);
    if (module.root && symbol.kind === "param") params.set(symbol.name, value);
  }
}

function evaluateCluster(evaluator: Evaluator, root: ModuleSymbols): Block | undefined {
  const schema = evaluator.checked.schemas.cluster;
  if (!root.cluster || !schema) return undefined;
  return finishBlock(evaluator, openBlock(evaluator, root.cluster, schema, moduleFrame(root), "cluster"));
}

/** Names that families and modules give may meet those of other objects. */
function reportDuplicates(evaluator: Evaluator, objects: readonly ObjectHandle[]): void {
  const seen = new Map<string, ObjectHandle>();
  for (const object of objects) {
    if (object.word === "manifest") continue; // its name is a field: lowering sees it
    const key = `${object.objectKind}/${object.namespace ?? ""}/${object.name}`;
    const first = seen.get(key);
    if (!first) {
      seen.set(key, object);
      continue;
    }
    const { word, name } = object;
    if (first.span.file === object.span.file && first.span.start === object.span.start) {
      const problem = `the family has two members named \`${name}\`: its values are not distinct`;
      report(evaluator, object.span, (at) => badFamily(at, { problem }));
      continue;
    }
    const secondary = [{ span: first.span, text: "declared here too" }];
    report(evaluator, object.span, (at) => duplicateObject(at, { word, name }, { secondary }));
  }
}
