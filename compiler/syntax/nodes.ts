import type { Parameter } from "../../grammar/builder.ts";
import type { Token } from "../../grammar/tokens.ts";
import type * as Ast from "./ast.ts";

/** The small parts that several nodes are made of. */

export function nameOf(token: Token): Ast.Name {
  return { kind: "name", start: token.startOffset, end: token.end, text: token.image };
}

export function parameterOf(parameter: Parameter<Ast.Expression, Ast.TypeNode>): Ast.Parameter {
  const { name, type, value, end } = parameter;
  return { start: name.startOffset, end, name: nameOf(name), ...(type && { type }), ...(value && { value }) };
}

export function clauseOf(clause: {
  variables: readonly Token[];
  over: Ast.Expression;
  condition?: Ast.Expression;
}) {
  const { variables, over, condition } = clause;
  return { variables: variables.map(nameOf), over, ...(condition && { condition }) };
}

/** A literal, a range of literals, or `none`. A place that could not be read is let through. */
export function isPattern(expression: Ast.Expression): boolean {
  switch (expression.kind) {
    case "number":
    case "quantity":
    case "address":
    case "boolean":
    case "none":
    case "missing":
      return true;
    case "string":
      return expression.parts.every((part) => typeof part === "string");
    case "unary":
      return expression.operator === "-" && isPattern(expression.operand);
    case "binary":
      return expression.operator === ".." && isPattern(expression.left) && isPattern(expression.right);
    default:
      return false;
  }
}
