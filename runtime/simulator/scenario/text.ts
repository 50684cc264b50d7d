import type { Expression } from "../../../model/scenario.ts";
import { formatDuration } from "./durations.ts";
import { shortName } from "./values.ts";

/** An expression as one would write it, for reports about what was not written in a file. */
export function formatExpression(expression: Expression): string {
  switch (expression.type) {
    case "literal":
      return expression.value === null ? "none" : JSON.stringify(expression.value);
    case "list":
      return `[${expression.items.map(formatExpression).join(", ")}]`;
    case "variable":
      return expression.name;
    case "objects":
      return expression.keys.length === 1
        ? shortName(expression.keys[0]!)
        : `[${expression.keys.map(shortName).join(", ")}]`;
    case "all":
      return { Node: "nodes", Pod: "pods", Service: "services", ReplicationController: "rcs" }[
        expression.kind
      ];
    case "containers":
      return `${formatExpression(expression.of)}.${expression.name}`;
    case "observe":
      return expression.of
        ? `${expression.observation}(${formatExpression(expression.of)})`
        : expression.observation;
    case "member":
      return `${formatExpression(expression.of)}.${expression.name}`;
    case "label":
      return `${formatExpression(expression.of)}.labels.${expression.key}`;
    case "operator":
      return formatOperator(expression.operator, expression.operands);
    case "if":
      return `if ${formatExpression(expression.condition)} then ${formatExpression(expression.then)} else ${formatExpression(expression.else)}`;
    case "call":
      return `${expression.function}(${expression.arguments.map(formatExpression).join(", ")})`;
    case "comprehension": {
      const where = expression.where ? ` if ${formatExpression(expression.where)}` : "";
      return `[${formatExpression(expression.give)} for ${expression.variable} in ${formatExpression(expression.over)}${where}]`;
    }
  }
}

function formatOperator(operator: string, operands: readonly Expression[]): string {
  const unit = unitOf(operands);
  const inner = (operand: Expression) => {
    if (unit && operand.type === "literal" && typeof operand.value === "number") return unit(operand.value);
    const text = formatExpression(operand);
    return operand.type === "operator" &&
      ["and", "or"].includes(operand.operator) &&
      operand.operator !== operator
      ? `(${text})`
      : text;
  };
  const [first] = operands;
  if (operator === "not")
    return first!.type === "operator" && first!.operands.length > 1
      ? `not (${formatExpression(first!)})`
      : `not ${inner(first!)}`;
  if (operator === "negate") return `-${inner(first!)}`;
  return operands.map(inner).join(` ${operator} `);
}

/** How numbers are written beside what is observed. */
function unitOf(operands: readonly Expression[]): ((value: number) => string) | undefined {
  const seen = operands.map((operand) => (operand.type === "observe" ? operand.observation : undefined));
  if (seen.includes("serving")) return percent;
  return seen.includes("time") ? formatDuration : undefined;
}

/** A fraction as people read it: `66.7%`. */
export function percent(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10}%`;
}
