import type { Node, ReplicationController } from "../../../model/core.ts";
import { type KubernetesObject, keyOf, type Labels, type ObjectKey } from "../../../model/meta.ts";
import type { Plan } from "../../../model/plan.ts";
import type { Expression, Step } from "../../../model/scenario.ts";
import { matches } from "../../../model/selector.ts";
import {
  conditionDecided,
  endsAtOnce,
  impossibleBound,
  noTime,
  nothingRuns,
  nothingTested,
  strikesNothing,
  tooFew,
  watchesTooLate,
} from "../../diagnostics/catalog/scenario-checks.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { EvaluatedScenario } from "../../evaluate/value.ts";
import { requirementText } from "../../plan/selection.ts";
import type { SpanTable } from "../../plan/spans.ts";
import type { Span } from "../../source/source.ts";
import { type Cluster, clusterOf } from "../cluster.ts";
import { advise } from "../fixes.ts";
import { settled } from "../places.ts";
import { partsOf, stepsOf, within } from "./walk.ts";

/** What a scenario looks like beside the cluster that it begins with. */
interface Setting {
  readonly cluster: Cluster;
  readonly name: string;
  readonly steps: readonly Step[];
  readonly spanOf: (part: object) => Span;
  /** All objects that there are at the beginning or after a change. */
  readonly objects: readonly KubernetesObject[];
}

/** Scenarios that can never start, ask for what cannot be, or test nothing. */
export function verifyScenarios(
  { plan, spans: places }: { plan: Omit<Plan, "hash">; spans: SpanTable },
  scenarios: readonly EvaluatedScenario[],
): Diagnostic[] {
  if (scenarios.length === 0) return [];
  const cluster = clusterOf(plan, places);
  return scenarios.flatMap(({ scenario, span, spans }) => {
    const steps = [...stepsOf(scenario.steps)];
    const changed = steps.flatMap((step) => (step.type === "update" ? step.objects : []));
    const objects = [...cluster.plan.objects, ...changed];
    const setting: Setting = {
      cluster,
      name: scenario.name,
      steps,
      spanOf: (part) => spans.get(part) ?? span,
      objects,
    };
    if (cluster.workloads.length === 0 && !changed.some(({ kind }) => kind === "Pod" || kind === rcKind))
      return [settled(nothingRuns(span, { name: scenario.name }))];
    const found = steps.flatMap((step) => [...verifyStep(setting, step)]);
    found.push(...watchingLate(setting, scenario.steps));
    found.push(...endingAtOnce(setting));
    if (!scenario.converges && !steps.some(({ type }) => asserting.has(type)))
      found.push(nothingTested(span, { name: scenario.name }));
    return found.map(settled);
  });
}

const rcKind = "ReplicationController";

const asserting: ReadonlySet<Step["type"]> = new Set([
  ...(["settle", "expect", "always", "never", "eventually", "after"] as const),
  ...(["stays", "sometimes", "atMost"] as const),
]);

/** Assertions of all that happens from where they stand. */
const watching: ReadonlySet<Step["type"]> = new Set(["always", "never", "after", "atMost"] as const);

/** What is to watch chaos and stands behind it, with nothing else between the two that it could be about. */
function* watchingLate(setting: Setting, steps: readonly Step[]): Iterable<Diagnostic> {
  let chaos = false;
  for (const step of steps) {
    if (chaos && watching.has(step.type))
      yield watchesTooLate(
        setting.spanOf(step),
        { word: step.type === "atMost" ? "at most" : step.type },
        { fixes: [advise("write it before `chaos`")] },
      );
    if (!asserting.has(step.type) || step.type === "settle") chaos = step.type === "chaos";
    if ("steps" in step) yield* watchingLate(setting, step.steps);
  }
}

/** What lasts until the steps end. */
const lasting: ReadonlySet<Step["type"]> = new Set(["cut", "slow", "fill"] as const);
const passing: ReadonlySet<Step["type"]> = new Set(["settle", "wait", "chaos"] as const);

/**
 * A fault that is to be watched by the assertions behind it, and is over before anything can come of it. What stands in
 * a block comes before what follows the block, and a `repeat` comes round again to what lets time pass in it.
 */
function* endingAtOnce({ steps, spanOf }: Setting): Iterable<Diagnostic> {
  const last = steps.findLastIndex(({ type }) => passing.has(type));
  if (
    steps.some(
      (step) => step.type === "repeat" && [...stepsOf(step.steps)].some((one) => passing.has(one.type)),
    )
  )
    return;
  for (const [index, step] of steps.entries()) {
    if (index < last || !lasting.has(step.type)) continue;
    if (step.type === "fill" && step.target.type === "containers") continue;
    if (!steps.slice(index).some(({ type }) => asserting.has(type) && type !== "expect")) continue;
    yield endsAtOnce(spanOf(step), { word: step.type }, { fixes: [advise("write `wait 10min` at the end")] });
  }
}

/** Parts of steps that give a time. */
const times: ReadonlySet<string> = new Set(["within", "during", "per"]);

function* verifyStep(setting: Setting, step: Step): Iterable<Diagnostic> {
  for (const [part, expression] of partsOf(step)) {
    const known = expression.type === "literal" ? expression.value : undefined;
    if (times.has(part) && typeof known === "number" && known <= 0)
      yield noTime(setting.spanOf(expression), { word: part });
    for (const inner of within(expression)) yield* verifySelector(setting, inner);
  }
  if (asserting.has(step.type)) yield* verifyCondition(setting, step);
  if (step.type === "forAny") yield* verifyChoice(setting, step);
}

function* verifyCondition(setting: Setting, step: Step): Iterable<Diagnostic> {
  if (!("condition" in step)) return;
  const { condition } = step;
  if (condition.type === "literal" && typeof condition.value === "boolean")
    yield conditionDecided(setting.spanOf(condition), { holds: condition.value });
  // What is never to be may be more than there can be.
  else if (step.type !== "never") yield* verifyBounds(setting, condition);
}

/** A comparison that nothing can satisfy; of several joined by `and` each. */
function* verifyBounds(setting: Setting, condition: Expression): Iterable<Diagnostic> {
  if (condition.type !== "operator") return;
  const { operator, operands } = condition;
  if (operator === "and") {
    for (const operand of operands) yield* verifyBounds(setting, operand);
    return;
  }
  const [left, right] = operands;
  if (!left || !right) return;
  const mirrored = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==" } as const;
  if (!Object.hasOwn(mirrored, operator)) return;
  const sign = operator as keyof typeof mirrored;
  const found = bound(setting, left, sign, right) ?? bound(setting, right, mirrored[sign], left);
  if (found) yield impossibleBound(setting.spanOf(condition), found);
}

function bound(
  setting: Setting,
  observed: Expression,
  sign: "<" | "<=" | ">" | ">=" | "==",
  limit: Expression,
): { what: string; most: string; wanted: string } | undefined {
  if (observed.type !== "observe" || limit.type !== "literal" || typeof limit.value !== "number")
    return undefined;
  const most = mostOf(setting, observed);
  if (most === undefined) return undefined;
  const { value } = limit;
  const tooHigh = sign === ">" ? value >= most : (sign === ">=" || sign === "==") && value > most;
  const tooLow = sign === "<" ? value <= 0 : (sign === "<=" || sign === "==") && value < 0;
  if (!tooHigh && !tooLow) return undefined;
  const share = observed.observation === "serving";
  const shown = (number: number) => (share ? `${number * 100}%` : String(number));
  const { file, start, end } = setting.spanOf(observed);
  return {
    what: `\`${file.text.slice(start, end).replace(/\s+/g, " ")}\``,
    most: tooLow ? "at least 0" : `at most ${shown(most)}`,
    wanted: sign === "==" ? shown(value) : `${sign} ${shown(value)}`,
  };
}

/** The most that an observation can be; undefined where that is not known. */
function mostOf(
  setting: Setting,
  { observation, of }: Extract<Expression, { type: "observe" }>,
): number | undefined {
  if (observation === "serving") return 1;
  if (observation !== "ready" || of?.type !== "objects") return undefined;
  const each = of.keys.map((key) => mostReady(setting, key));
  return each.every((most) => most !== undefined) ? each.reduce((sum, most) => sum + most, 0) : undefined;
}

/** How many pods of an object can be ready at one moment; while an rc rolls, its surge more. */
function mostReady({ cluster, steps, objects }: Setting, key: ObjectKey): number | undefined {
  const declared = objects.filter((object) => keyOf(object) === key);
  if (declared.length === 0) return undefined;
  if (declared[0]!.kind === "Pod" || declared[0]!.kind === "Node") return 1;
  if (declared[0]!.kind !== rcKind) return undefined;
  let most = Math.max(...declared.map((object) => (object as ReplicationController).spec?.replicas ?? 1));
  let rolls = false;
  for (const step of steps) {
    if (step.type === "update" && step.objects.some((object) => keyOf(object) === key)) rolls = true;
    if (step.type !== "scale") continue;
    const { target, to } = step;
    if (target.type === "objects" && !target.keys.includes(key)) continue;
    if (target.type !== "objects" || to.type !== "literal" || typeof to.value !== "number") return undefined;
    most = Math.max(most, to.value);
  }
  const strategy = cluster.plan.updates[key];
  const surge = typeof strategy === "object" ? strategy.surge : 1;
  return rolls ? most + surge : most;
}

function* verifyChoice(setting: Setting, step: Extract<Step, { type: "forAny" }>): Iterable<Diagnostic> {
  const { count, over } = step;
  if (count.type !== "literal" || typeof count.value !== "number") return;
  const there = sizeOf(setting, over);
  if (there === undefined || there >= count.value) return;
  yield tooFew(setting.spanOf(over), { wanted: count.value, there });
}

function sizeOf({ objects }: Setting, over: Expression): number | undefined {
  if (over.type === "list") return over.items.length;
  if (over.type === "objects") return over.keys.length;
  if (over.type !== "all" || over.kind !== "Node") return undefined;
  const nodes = objects.filter(({ kind }) => kind === "Node");
  // Where no node is declared, a run has others in their place.
  if (nodes.length === 0) return undefined;
  const { selector = [] } = over;
  return new Set(nodes.filter(({ metadata }) => matches(selector, metadata.labels)).map(keyOf)).size;
}

function* verifySelector(setting: Setting, expression: Expression): Iterable<Diagnostic> {
  if (expression.type !== "all" || !expression.selector || expression.selector.length === 0) return;
  const { kind, selector } = expression;
  if (kind !== "Node" && kind !== "Pod") return;
  const there = kind === "Node" ? nodeLabels(setting) : podLabels(setting);
  if (there.length === 0 || there.some((labels) => matches(selector, labels))) return;
  const terms = selector.map((each) => `\`${requirementText(each)}\``).join(" and ");
  yield strikesNothing(setting.spanOf(expression), { what: kind.toLowerCase(), terms });
}

const nodeLabels = ({ objects }: Setting): readonly Labels[] =>
  objects.flatMap((object) => (object.kind === "Node" ? [(object as Node).metadata.labels ?? {}] : []));

const podLabels = ({ cluster, objects }: Setting): readonly Labels[] => [
  ...cluster.workloads.map(({ labels }) => labels),
  ...objects.flatMap((object) => {
    if (object.kind === "Pod") return [object.metadata.labels ?? {}];
    const template = object.kind === rcKind ? (object as ReplicationController).spec?.template : undefined;
    return template ? [template.metadata?.labels ?? {}] : [];
  }),
];
