import type {
  ApplyStep,
  ChaosStep,
  Clause,
  Expression,
  ForkStep,
  Member,
  RepeatStep,
  Step,
  UpdateStep,
} from "../syntax/ast.ts";
import { expressionText } from "./print-expressions.ts";

/** A step of a scenario; `block` writes the members that it holds. */
export function stepText(
  step: Step | UpdateStep | ApplyStep | ForkStep | RepeatStep | ChaosStep,
  block: (members: readonly Member[]) => string,
): string {
  switch (step.kind) {
    case "step":
      return sentenceText(step);
    case "update":
      return `update ${step.word.text} ${expressionText(step.path, "operand")} ${block(step.body)}`;
    case "apply":
      return `apply ${block(step.body)}`;
    case "fork": {
      const { count, variable, over, body } = step;
      const quantifier = count ? `any ${expressionText(count, "operand")}` : "each";
      return `for ${quantifier} ${variable.text} in ${expressionText(over)} ${block(body)}`;
    }
    case "repeat": {
      const name = step.variable ? ` as ${step.variable.text}` : "";
      return `repeat ${expressionText(step.count, "operand")}${name} ${block(step.body)}`;
    }
    case "chaos": {
      const faults = step.faults.map(
        ({ fault, count, clauses }) => `${fault.text}: ${expressionText(count)}${clausesText(clauses)}`,
      );
      return `chaos${clausesText(step.clauses)} {\n${faults.join(",\n")}\n}`;
    }
  }
}

function sentenceText({ word, operand, condition, clauses }: Step): string {
  const rest = clausesText(clauses);
  if (operand === undefined) return `${word.text}${rest}`;
  if (condition === undefined) return `${word.text} ${expressionText(operand)}${rest}`;
  const between = word.text === "after" ? `${expressionText(operand)}:` : amountText(operand);
  return `${word.text} ${between} ${expressionText(condition)}${rest}`;
}

/** A number before a value. */
function amountText(amount: Expression): string {
  const bare = amount.kind === "number" || amount.kind === "quantity" || amount.kind === "address";
  const text = expressionText(amount);
  return bare || amount.kind === "reference" ? text : `(${text})`;
}

const clausesText = (clauses: readonly Clause[]): string =>
  clauses.map(({ word, value }) => ` ${word.text} ${expressionText(value)}`).join("");
