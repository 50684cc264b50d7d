import type { ChaosFault, Clause, Parameter, StepParts } from "../../grammar/builder.ts";
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

/** A sentence of a scenario. The word of `at most` is both of its words. */
export function stepOf(first: Token, step: StepParts<Ast.Expression>, end: number): Ast.Step {
  const { operand, condition, clauses } = step;
  const word = nameOf(first);
  return {
    kind: "step",
    start: first.startOffset,
    end,
    word: first.image === "at" ? { ...word, text: "at most" } : word,
    ...(operand && { operand }),
    ...(condition && { condition }),
    clauses: clauses.map(partOf),
  };
}

export function partOf({ word, value, end }: Clause<Ast.Expression>): Ast.Clause {
  return { start: word.startOffset, end, word: nameOf(word), value };
}

export function faultOf({ key, count, clauses, end }: ChaosFault<Ast.Expression>): Ast.ChaosFault {
  return { start: key.startOffset, end, fault: nameOf(key), count, clauses: clauses.map(partOf) };
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

/** Whether a token is a text that holds values in braces. */
export const hasHoles = ({ literal }: Token): boolean =>
  literal?.kind === "string" && literal.parts.some((part) => typeof part !== "string");
