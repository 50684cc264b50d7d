import type { Operator } from "../../../model/scenario.ts";
import { contains, describe, EvaluationError, isSet, sameValue, type Value } from "./values.ts";

/** Operands are worked out when they are needed: `and`, `or` and `??` leave out what does not matter. */
export function operate(operator: Operator, operands: readonly (() => Value)[]): Value {
  const [first, second] = operands;
  switch (operator) {
    case "and":
      return operands.every((operand) => truth(operand(), operator));
    case "or":
      return operands.some((operand) => truth(operand(), operator));
    case "not":
      return !truth(first!(), operator);
    case "??": {
      const value = first!();
      return value === null ? second!() : value;
    }
    case "==":
      return sameValue(first!(), second!());
    case "!=":
      return !sameValue(first!(), second!());
    case "in":
      return isIn(first!(), second!());
    case "negate":
      return -number(first!(), "-");
    case "+": {
      const [left, right] = [first!(), second!()];
      if (typeof left === "string" && typeof right === "string") return left + right;
      return number(left, operator) + number(right, operator);
    }
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compare(operator, first!(), second!());
    default:
      return arithmetic(operator, number(first!(), operator), number(second!(), operator));
  }
}

function arithmetic(operator: "-" | "*" | "/", left: number, right: number): number {
  if (operator === "-") return left - right;
  if (operator === "*") return left * right;
  if (right === 0) throw new EvaluationError(`${left} / 0 has no value`, undefined);
  return left / right;
}

function compare(operator: "<" | "<=" | ">" | ">=", left: Value, right: Value): boolean {
  const [a, b] = [number(left, operator), number(right, operator)];
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
  }
}

function isIn(left: Value, right: Value): boolean {
  if (isSet(right)) {
    if (left === null) return false;
    if (!isSet(left))
      throw new EvaluationError(`${describe(left)} is no object, and \`in\` asks for one`, undefined);
    return left.members.every((member) => contains(right, member));
  }
  if (Array.isArray(right)) return (right as readonly Value[]).some((item) => sameValue(left, item));
  throw new EvaluationError(`nothing is in ${describe(right)}: it has no members`, undefined);
}

function truth(value: Value, operator: Operator): boolean {
  if (typeof value === "boolean") return value;
  throw new EvaluationError(
    `\`${operator}\` is about true and false, and not about ${describe(value)}`,
    undefined,
  );
}

function number(value: Value, operator: Operator): number {
  if (typeof value === "number") return value;
  throw new EvaluationError(`\`${operator}\` is about numbers, and not about ${describe(value)}`, undefined);
}
