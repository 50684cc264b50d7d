import { controllerOf, keyOf, type ObjectKey, objectKey } from "../../../model/meta.ts";
import type { Assertion, Expression, Step } from "../../../model/scenario.ts";
import { childrenOf, evaluate, objectsIn, remembered, wantBool, wantNumber } from "./expressions.ts";
import { type Measure, measureOf } from "./measures.ts";
import {
  eventually,
  expectation,
  following,
  invariable,
  type Monitor,
  rationed,
  sometime,
  staying,
} from "./monitors.ts";
import type { AssertionResult } from "./results.ts";
import { formatExpression, percent } from "./text.ts";
import {
  describe,
  type Environment,
  EvaluationError,
  isSet,
  kindOf,
  memberName,
  type Value,
} from "./values.ts";
import { podsOf, type View } from "./view.ts";

export type AssertionStep = Step & Assertion;

const types = new Set<string>([
  "expect",
  "always",
  "never",
  "eventually",
  "after",
  "stays",
  "sometimes",
  "atMost",
]);

export const isAssertion = (step: Step): step is AssertionStep => types.has(step.type);

/** An assertion that is being watched. */
export interface Watched {
  readonly id: string;
  readonly step: AssertionStep;
  readonly environment: Environment;
  readonly monitor: Monitor;
  readonly measure?: Measure;
  reached?(): boolean;
}

/** Begins to watch an assertion in the present state; its times are worked out in it. */
export function watch(view: View, id: string, step: AssertionStep, environment: Environment): Watched {
  const first = view.now();
  const bool = (expression: Expression) => {
    const value = remembered(view, expression, environment);
    return () => wantBoolAt(value(), expression);
  };
  const time = (expression: Expression) => wantNumber(evaluate(view, expression, environment));
  const base = { id, step, environment };
  switch (step.type) {
    case "expect":
      return { ...base, monitor: expectation(bool(step.condition)) };
    case "always":
    case "never": {
      const wanted = step.type === "always";
      const measure = measureOf(view, step.condition, wanted, environment);
      const monitor = invariable(bool(step.condition), wanted, {
        ...(step.during && { last: first + time(step.during) }),
        ...(step.until && { until: bool(step.until) }),
      });
      return { ...base, monitor, ...(measure && { measure }) };
    }
    case "eventually":
      return { ...base, monitor: eventually(bool(step.condition), first, time(step.within)) };
    case "after":
      return {
        ...base,
        monitor: following(bool(step.trigger), bool(step.condition), time(step.within)),
      };
    case "stays": {
      const within = step.within && time(step.within);
      return { ...base, monitor: staying(bool(step.condition), time(step.during), first, within) };
    }
    case "sometimes": {
      const monitor = sometime(bool(step.condition));
      return { ...base, monitor, reached: monitor.reached };
    }
    case "atMost": {
      const value = remembered(view, step.of, environment);
      const amount = () => {
        const now = value();
        if (typeof now !== "boolean" && typeof now !== "number")
          throw new EvaluationError(`${describe(now)} cannot be counted`, step.of.place);
        return now;
      };
      return { ...base, monitor: rationed(time(step.count), amount, time(step.per)) };
    }
  }
}

function wantBoolAt(value: Value, expression: Expression): boolean {
  try {
    return wantBool(value);
  } catch (error) {
    throw error instanceof EvaluationError ? new EvaluationError(error.message, expression.place) : error;
  }
}

/** What an assertion says of: its condition, or what it counts. */
export const subjectOf = (step: AssertionStep): Expression =>
  step.type === "atMost" ? step.of : step.condition;

export function resultOf({ id, step, monitor, measure, reached }: Watched): Omit<AssertionResult, "margin"> {
  const nearest = measure?.nearest();
  return {
    id,
    place: step.place,
    type: step.type,
    tested: monitor.tested(),
    ...(reached && { reached: reached() }),
    ...(nearest && { nearest }),
  };
}

/** What the observations in an expression are in the present state: `ready(web) is 1`. */
export function seenIn(view: View, expression: Expression, environment: Environment): readonly string[] {
  const seen = new Map<string, string>();
  eachObservation(view, expression, environment, (part, value) =>
    seen.set(named(part, environment), showValue(value, part)),
  );
  return [...seen].map(([what, value]) => `${what} is ${value}`);
}

/** Each observation in an expression, with its value in the present state; what has none is left out. */
function eachObservation(
  view: View,
  expression: Expression,
  environment: Environment,
  tell: (part: Extract<Expression, { type: "observe" }>, value: Value) => void,
): void {
  const visit = (part: Expression) => {
    // What a comprehension binds has no value outside of it.
    if (part.type === "comprehension") return visit(part.over);
    if (part.type === "observe") {
      try {
        tell(part, evaluate(view, part, environment));
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
      }
    }
    for (const child of childrenOf(part)) visit(child);
  };
  visit(expression);
}

/** The text of an expression with what its variables stand for: `ready(worker-a)` for `ready(victim)`. */
export function named(expression: Expression, environment: Environment): string {
  return formatExpression(substituted(expression, environment));
}

function substituted(expression: Expression, environment: Environment): Expression {
  if (expression.type === "variable") {
    const value = environment.get(expression.name);
    if (value === undefined || (typeof value === "object" && value !== null && !isSet(value)))
      return expression;
    if (value === null || typeof value !== "object") return { type: "literal", value };
    return value.members.every(({ container }) => container === undefined)
      ? { type: "objects", keys: value.members.map(({ key }) => key) }
      : expression;
  }
  if (expression.type === "operator")
    return { ...expression, operands: expression.operands.map((each) => substituted(each, environment)) };
  if (expression.type === "observe" && expression.of)
    return { ...expression, of: substituted(expression.of, environment) };
  if (expression.type === "member" || expression.type === "label" || expression.type === "containers")
    return { ...expression, of: substituted(expression.of, environment) };
  if (expression.type === "call")
    return { ...expression, arguments: expression.arguments.map((each) => substituted(each, environment)) };
  return expression;
}

function showValue(value: Value, part: Extract<Expression, { type: "observe" }>): string {
  if (part.observation === "serving" && typeof value === "number") return percent(value);
  if (value !== null && typeof value === "object" && isSet(value))
    return value.members.length === 0 ? "empty" : value.members.map(memberName).join(", ");
  return describe(value);
}

/** What an assertion speaks of, by name or by what it sees now: the pods of a service by their rcs, the members of a set. */
export function objectsOf(view: View, { step, environment }: Watched): readonly ObjectKey[] {
  const keys = new Set(objectsIn(subjectOf(step), environment));
  if (step.type === "after") for (const key of objectsIn(step.trigger, environment)) keys.add(key);
  for (const key of [...keys]) {
    if (kindOf(key) !== "Service") continue;
    for (const pod of podsOf(view, key)) {
      const owner = controllerOf(pod);
      keys.add(owner ? objectKey(owner.kind, pod.metadata.namespace, owner.name) : keyOf(pod));
    }
  }
  eachObservation(view, subjectOf(step), environment, (_, value) => {
    if (value !== null && typeof value === "object" && isSet(value))
      for (const { key } of value.members) keys.add(key);
  });
  return [...keys];
}
