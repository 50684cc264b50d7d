import type { Expression, Step } from "../../../model/scenario.ts";

/** Every step, also those in forks, in the order of the text. */
export function* stepsOf(steps: readonly Step[]): Iterable<Step> {
  for (const step of steps) {
    yield step;
    if ("steps" in step) yield* stepsOf(step.steps);
  }
}

const isExpression = (value: unknown): value is Expression =>
  typeof value === "object" && value !== null && "type" in value;

/** The expressions that a step holds, by the names of its parts. */
export function partsOf(step: Step): readonly (readonly [part: string, expression: Expression])[] {
  const parts: [string, Expression][] = [];
  for (const [name, value] of Object.entries(step)) if (isExpression(value)) parts.push([name, value]);
  if (step.type === "chaos") for (const { target } of step.faults) if (target) parts.push(["target", target]);
  return parts;
}

/** The expression and all in it. */
export function* within(expression: Expression): Iterable<Expression> {
  yield expression;
  for (const value of Object.values(expression))
    for (const part of Array.isArray(value) ? value : [value]) if (isExpression(part)) yield* within(part);
}
