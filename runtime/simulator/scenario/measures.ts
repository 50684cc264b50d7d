import type { Expression, Operator } from "../../../model/scenario.ts";
import { remembered } from "./expressions.ts";
import { formatExpression } from "./text.ts";
import type { Environment } from "./values.ts";
import type { View } from "./view.ts";

/** How near a comparison that held came to not holding. */
export interface Nearest {
  /** What was compared: `ready(web)`. */
  readonly what: string;
  readonly operator: "<" | "<=" | ">" | ">=";
  readonly value: number;
  readonly bound: number;
}

export interface Measure {
  /** Looks at the present state. */
  look(): void;
  nearest(): Nearest | undefined;
}

/** The distance between both sides, towards where the comparison holds. */
export const distance = ({ operator, value, bound }: Nearest): number =>
  operator === ">" || operator === ">=" ? value - bound : bound - value;

/** Watches the first comparison of numbers that a condition cannot do without; undefined where there is none. */
export function measureOf(
  view: View,
  condition: Expression,
  wanted: boolean,
  environment: Environment,
): Measure | undefined {
  const comparison = comparisonIn(condition, wanted);
  if (!comparison) return undefined;
  const { left, right, operator } = comparison;
  const value = remembered(view, left, environment);
  const bound = remembered(view, right, environment);
  let nearest: Nearest | undefined;
  return {
    look: () => {
      const [now, limit] = [value(), bound()];
      if (typeof now !== "number" || typeof limit !== "number") return;
      const seen: Nearest = { what: formatExpression(left), operator, value: now, bound: limit };
      if (!nearest || distance(seen) < distance(nearest)) nearest = seen;
    },
    nearest: () => nearest,
  };
}

interface Comparison {
  readonly left: Expression;
  readonly right: Expression;
  readonly operator: Nearest["operator"];
}

const negations: Partial<Record<Operator, Nearest["operator"]>> = {
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};
const mirrored: Readonly<Record<Nearest["operator"], Nearest["operator"]>> = {
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

function comparisonIn(condition: Expression, wanted: boolean): Comparison | undefined {
  if (condition.type !== "operator") return undefined;
  const { operator, operands } = condition;
  const [first, second] = operands;
  if (operator === "not") return comparisonIn(first!, !wanted);
  if (operator === (wanted ? "and" : "or")) {
    for (const operand of operands) {
      const found = comparisonIn(operand, wanted);
      if (found) return found;
    }
    return undefined;
  }
  const negated = negations[operator];
  if (!negated) return undefined;
  const holds = wanted ? (operator as Nearest["operator"]) : negated;
  // What is observed stands on the left.
  return first!.type === "literal"
    ? { left: second!, right: first!, operator: mirrored[holds] }
    : { left: first!, right: second!, operator: holds };
}
