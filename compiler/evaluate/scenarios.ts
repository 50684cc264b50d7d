import type { KubernetesObject, ObjectKey } from "../../model/meta.ts";
import type {
  ChaosFault,
  Expression as Live,
  Scenario as ModelScenario,
  Step as ModelStep,
} from "../../model/scenario.ts";
import { type Enclosure, type ModuleSymbols, type Scenario, span } from "../binder/symbol.ts";
import { keyText } from "../checker/record-literals.ts";
import { scenarioTwice, scenarioUnnamed } from "../diagnostics/catalog/scenarios.ts";
import type {
  ApplyStep,
  ChaosStep,
  Clause,
  Expression,
  ChaosFault as FaultMember,
  ForkStep,
  Member,
  RepeatStep,
  Step,
} from "../syntax/ast.ts";
import { faultClauses, steps as stepSchemas, type Words } from "../types/scenarios.ts";
import type { Type } from "../types/type.ts";
import { conform } from "./conform.ts";
import {
  BudgetSpent,
  type Evaluator,
  type Frame,
  type Instance,
  type Iteration,
  innerFrame,
  moduleFrame,
  report,
  spend,
} from "./context.ts";
import { evaluate, evaluateCondition } from "./expressions.ts";
import { type Here, isLive, type Lowering, literal, lowerLive, placeOf, withLive } from "./live.ts";
import { iterate } from "./loops.ts";
import { enter } from "./objects.ts";
import { declareLet } from "./record-literals.ts";
import { textOf } from "./text.ts";
import type { Change, EvaluatedScenario, UpdateStepDraft, Value } from "./value.ts";

/** Every scenario of the compiled file and of the templates that are used, its steps and assertions as data. */
export function evaluateScenarios(
  evaluator: Evaluator,
  root: ModuleSymbols,
  uses: readonly Instance[],
): readonly EvaluatedScenario[] {
  const found: EvaluatedScenario[] = [];
  for (const scenario of root.scenarios) lowerAll(evaluator, scenario, moduleFrame(root), found);
  for (const { made } of uses)
    if (made)
      for (const scenario of made.template.body.scenarios) lowerAll(evaluator, scenario, made.frame, found);
  reportTwice(evaluator, found);
  return found;
}

/** The place that steps are lowered at, with all that their lowering gathers. */
interface Run extends Here {
  readonly lowering: Lowering;
  readonly enclosures: readonly Enclosure[];
  readonly iterations: readonly Iteration[];
  readonly changes: Change[];
  readonly whole: { converges: boolean };
}

function lowerAll(
  evaluator: Evaluator,
  { member, enclosures }: Scenario,
  outer: Frame,
  found: EvaluatedScenario[],
): void {
  enter(evaluator, enclosures, 0, outer, [], [], (frame, _keys, iterations) => {
    const place = span(frame.module, member.title);
    spend(evaluator, () => place, 100);
    const text = textOf(evaluate(evaluator, member.title, frame));
    if (text?.trim() === "") report(evaluator, place, (at) => scenarioUnnamed(at, {}));
    const title = text ?? "";
    const name = frame.made ? `${frame.made.name}: ${title}` : title;
    const lowering: Lowering = { evaluator, spans: new WeakMap(), fresh: 0 };
    const run: Run = {
      frame,
      names: undefined,
      depth: 0,
      lowering,
      enclosures,
      iterations,
      changes: [],
      whole: { converges: true },
    };
    const steps = lowerSteps(run, member.body);
    const scenario: ModelScenario = {
      name,
      place: placeOf(evaluator, place),
      steps,
      converges: run.whole.converges,
    };
    found.push({ scenario, span: place, spans: lowering.spans, changes: run.changes });
  });
}

function reportTwice(evaluator: Evaluator, found: readonly EvaluatedScenario[]): void {
  const seen = new Map<string, EvaluatedScenario>();
  for (const one of found) {
    const { name } = one.scenario;
    const first = seen.get(name);
    if (first) {
      const secondary = first.span.start === one.span.start ? [] : [{ span: first.span, text: "first here" }];
      report(evaluator, one.span, (at) => scenarioTwice(at, { name }, { secondary }));
    } else seen.set(name, one);
  }
}

/** Steps in their order; names of `let`s hold from where they stand. */
function lowerSteps(outer: Run, members: readonly Member[]): readonly ModelStep[] {
  let run: Run = {
    ...outer,
    frame: innerFrame(outer.frame),
    enclosures: [...outer.enclosures, { kind: "steps", body: members }],
  };
  const steps: ModelStep[] = [];
  for (const member of members) {
    if (member.kind === "let") {
      if (!isLive(run.lowering, member.value, run)) {
        declareLet(run.lowering.evaluator, member, run.frame);
        continue;
      }
      const name = member.name.text;
      const value = lowerLive(run.lowering, member.value, run);
      steps.push(noted(run, member, { type: "let", variable: name, value }));
      run = { ...run, ...withLive(run, name, { type: "variable", name }) };
      continue;
    }
    steps.push(...lowerStep(run, member));
  }
  return steps;
}

type Unplaced<T> = T extends { readonly place: unknown } ? Omit<T, "place"> : never;

/** The step with its place. */
function noted<T extends Unplaced<ModelStep>>(run: Run, member: { start: number; end: number }, step: T) {
  const { evaluator, spans } = run.lowering;
  const place = span(run.frame.module, member);
  const placed = { ...step, place: placeOf(evaluator, place) } as unknown as ModelStep;
  spans.set(placed, place);
  return placed;
}

function lowerStep(run: Run, member: Member): readonly ModelStep[] {
  const { evaluator } = run.lowering;
  spend(evaluator, () => span(run.frame.module, member), 100);
  switch (member.kind) {
    case "step":
      return [noted(run, member, sentence(run, member))];
    case "if": {
      const holds = evaluateCondition(evaluator, member.condition, run.frame);
      if (holds === undefined) return [];
      return lowerSteps(run, holds ? member.then : (member.otherwise ?? []));
    }
    case "for": {
      const steps: ModelStep[] = [];
      const { variables, over, condition, body } = member;
      const enclosures: readonly Enclosure[] = [...run.enclosures, { kind: "for", member }];
      const round = (frame: Frame) => {
        const iterations = [...run.iterations, frame.iteration!];
        steps.push(...lowerSteps({ ...run, frame, enclosures, iterations }, body));
      };
      iterate(evaluator, variables, over, condition, run.frame, round, member);
      return steps;
    }
    case "fork":
      return [noted(run, member, fork(run, member))];
    case "repeat":
      return [noted(run, member, repeat(run, member))];
    case "chaos":
      return [noted(run, member, chaos(run, member))];
    case "update":
      return [changed(run, member, { kind: "update", extension: { member, enclosures: run.enclosures } })];
    case "apply":
      return [changed(run, member, { kind: "apply", values: parameters(run, member) })];
    case "field": {
      const value = evaluate(evaluator, member.value, run.frame);
      if (keyText(member) === "converges" && value.kind === "boolean") run.whole.converges = value.value;
      return [];
    }
    default:
      return [];
  }
}

/** A value of a step: what is known now is made to fit its type. */
function lowerValue(run: Run, expression: Expression, type: Type | undefined, words?: Words): Live {
  const { lowering, frame } = run;
  if (isLive(lowering, expression, run) || !type) return lowerLive(lowering, expression, run, words);
  const { evaluator } = lowering;
  const place = span(frame.module, expression);
  const value = conform(evaluator, evaluate(evaluator, expression, frame), type, place, frame.module);
  const lowered = literal(lowering, value, place, words);
  lowering.spans.set(lowered, place);
  return lowered;
}

const nothing: Live = { type: "literal", value: null };

function sentence(run: Run, { word, operand, condition, clauses }: Step): Unplaced<ModelStep> {
  const schema = stepSchemas[word.text]!;
  const first = operand ? lowerValue(run, operand, schema.operand, schema.words) : nothing;
  const second = condition ? lowerValue(run, condition, undefined) : nothing;
  const part = (name: string): Live | undefined => {
    const clause = clauses.find((one) => one.word.text === name);
    const shape = schema.clauses[name];
    return clause && lowerValue(run, clause.value, shape?.type, shape?.words);
  };
  const maybe = (name: string) => {
    const value = part(name);
    return value ? { [name]: value } : {};
  };
  const needed = (name: string): Live => part(name) ?? nothing;
  switch (word.text) {
    case "settle":
      return { type: "settle", within: needed("within") };
    case "wait":
      return { type: "wait", duration: first };
    case "slow":
      return { type: "slow", target: first, by: needed("by") };
    case "cut":
    case "heal":
      return { type: word.text, target: first, ...maybe("from") };
    case "scale":
      return { type: "scale", target: first, to: needed("to") };
    case "expect":
    case "sometimes":
      return { type: word.text, condition: first };
    case "always":
    case "never":
      return { type: word.text, condition: first, ...maybe("during"), ...maybe("until") };
    case "eventually":
      return { type: "eventually", condition: first, within: needed("within") };
    case "after":
      return { type: "after", trigger: first, condition: second, within: needed("within") };
    case "stays":
      return { type: "stays", condition: first, during: needed("during"), ...maybe("within") };
    case "at most":
      return { type: "atMost", count: first, of: second, per: needed("per") };
    default:
      return { type: word.text as "kill", target: first };
  }
}

function fork(run: Run, { count, variable, over, body }: ForkStep): Unplaced<ModelStep> {
  const through = lowerValue(run, over, undefined);
  const name = variable.text;
  const inner = { ...run, ...withLive(run, name, { type: "variable", name }) };
  const steps = lowerSteps(inner, body);
  if (!count) return { type: "forEach", variable: name, over: through, steps };
  const many = lowerValue(run, count, { kind: "number", integer: true, minimum: 1 });
  return { type: "forAny", count: many, variable: name, over: through, steps };
}

function repeat(run: Run, { count, variable, body }: RepeatStep): Unplaced<ModelStep> {
  const times = lowerValue(run, count, { kind: "number", integer: true, minimum: 0 });
  if (!variable) return { type: "repeat", count: times, steps: lowerSteps(run, body) };
  const name = variable.text;
  const inner = { ...run, ...withLive(run, name, { type: "variable", name }) };
  return { type: "repeat", count: times, variable: name, steps: lowerSteps(inner, body) };
}

function chaos(run: Run, { clauses, faults }: ChaosStep): Unplaced<ModelStep> {
  const during = clauses.find(({ word }) => word.text === "during");
  return {
    type: "chaos",
    during: during ? lowerValue(run, during.value, { kind: "quantity", dimension: "duration" }) : nothing,
    faults: faults.map((fault) => lowerFault(run, fault)),
  };
}

function lowerFault(run: Run, { fault, count, clauses }: FaultMember): ChaosFault {
  const schemas = faultClauses(fault.text);
  const lower = (name: string): Live | undefined => {
    const clause: Clause | undefined = clauses.find(({ word }) => word.text === name);
    const schema = schemas[name];
    return clause && lowerValue(run, clause.value, schema?.type, schema?.words);
  };
  const figure = (value: Live | undefined): number =>
    value?.type === "literal" && typeof value.value === "number" ? value.value : 0;
  const [on, lasting, by] = ["on", "lasting", "by"].map(lower);
  const times = lowerValue(run, count, { kind: "number", integer: true, minimum: 1 });
  return {
    fault: fault.text as ChaosFault["fault"],
    count: figure(times),
    per: figure(lower("per")),
    ...(on ? { target: on } : {}),
    ...(lasting ? { lasting: figure(lasting) } : {}),
    ...(by ? { by: figure(by) } : {}),
  };
}

/** How many changes all scenarios together may make: each is an evaluation of the whole program. */
export const mostChanges = 200;

/** A step whose objects are worked out later: with all changes up to it in force. */
function changed(run: Run, member: Member, what: Change["what"]): ModelStep {
  const { frame, changes, iterations } = run;
  if (changes.length > mostChanges)
    throw new BudgetSpent(span(frame.module, member), `a scenario changes it more than ${mostChanges} times`);
  const step = noted(run, member, {
    type: "update",
    objects: [] as KubernetesObject[],
    removed: [] as ObjectKey[],
  }) as UpdateStepDraft;
  const { made } = frame;
  const use = made && { template: made.template, name: made.name, namespace: made.namespace };
  changes.push({ what, step, span: span(frame.module, member), use, iterations });
  return step as ModelStep;
}

function parameters(run: Run, { body }: ApplyStep): ReadonlyMap<string, Value> {
  const { evaluator } = run.lowering;
  const { module } = run.frame;
  const values = new Map<string, Value>();
  for (const member of body) {
    const key = member.kind === "field" ? keyText(member) : undefined;
    if (member.kind !== "field" || key === undefined) continue;
    const symbol = module.values.get(key);
    const type = (symbol && evaluator.checked.valueTypes.get(symbol)) ?? { kind: "any" as const };
    const value = evaluate(evaluator, member.value, run.frame);
    values.set(key, conform(evaluator, value, type, span(module, member.value), module));
  }
  return values;
}
