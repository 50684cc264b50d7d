import { span } from "../binder/symbol.ts";
import { divisionByZero } from "../diagnostics/catalog/evaluate.ts";
import { lateUse } from "../diagnostics/catalog/types.ts";
import type { Span } from "../source/source.ts";
import type { BinaryExpression } from "../syntax/ast.ts";
import { BudgetSpent, type Evaluator, errorValue, type Frame, report, spend } from "./context.ts";
import { evaluate } from "./expressions.ts";
import { add, compare, divide, fraction, isInteger, isZero, multiply, subtract } from "./fraction.ts";
import { textOf } from "./text.ts";
import type { Fraction, Value } from "./value.ts";

const boolean = (value: boolean): Value => ({ kind: "boolean", value });

export function evaluateBinary(evaluator: Evaluator, expression: BinaryExpression, frame: Frame): Value {
  const { operator } = expression;
  const place = () => span(frame.module, expression);
  const left = evaluate(evaluator, expression.left, frame);
  if (operator === "and" || operator === "or") {
    if (left.kind !== "boolean") return errorValue;
    if (left.value === (operator === "or")) return left;
    const right = evaluate(evaluator, expression.right, frame);
    return right.kind === "boolean" ? right : errorValue;
  }
  if (operator === "??") return left.kind === "none" ? evaluate(evaluator, expression.right, frame) : left;
  const right = evaluate(evaluator, expression.right, frame);
  if (left.kind === "error" || right.kind === "error") return errorValue;
  if (left.kind === "late" || right.kind === "late") {
    report(evaluator, place(), (at) => lateUse(at, { what: "what is computed here" }));
    return errorValue;
  }
  switch (operator) {
    case "..":
      return range(left, right);
    case "==":
      return boolean(equals(evaluator, left, right, place));
    case "!=":
      return boolean(!equals(evaluator, left, right, place));
    case "in":
      return boolean(contains(evaluator, right, left, place));
    case "not in":
      return boolean(!contains(evaluator, right, left, place));
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const order = orderOf(left, right);
      if (order === undefined) return errorValue;
      return boolean(
        operator === "<"
          ? order < 0
          : operator === "<="
            ? order <= 0
            : operator === ">"
              ? order > 0
              : order >= 0,
      );
    }
    default:
      return arithmetic(evaluator, operator, left, right, place);
  }
}

function range(left: Value, right: Value): Value {
  if (left.kind === "quantity" && right.kind === "quantity")
    return { kind: "durations", from: left.value, to: right.value };
  if (left.kind !== "number" || right.kind !== "number" || !isInteger(left.value) || !isInteger(right.value))
    return errorValue;
  return { kind: "range", from: left.value.numerator, to: right.value.numerator };
}

/** Numbers grow no further than this: repeated squaring is stopped long before it costs time. */
const largest = 1n << 2048n;
const tooLarge = (value: bigint) => value > largest || value < -largest;

/** Guards a result of arithmetic against growing without end. */
export function bounded(value: Fraction, place: () => Span): Fraction {
  if (tooLarge(value.numerator) || tooLarge(value.denominator))
    throw new BudgetSpent(place(), "a number grows too large");
  return value;
}

type Operator = "*" | "/" | "+" | "-";

function arithmetic(
  evaluator: Evaluator,
  operator: Operator,
  left: Value,
  right: Value,
  place: () => Span,
): Value {
  if (
    (left.kind !== "number" && left.kind !== "quantity") ||
    (right.kind !== "number" && right.kind !== "quantity")
  )
    return errorValue;
  if (operator === "/" && isZero(right.value)) {
    report(evaluator, place(), (at) => divisionByZero(at, {}));
    return errorValue;
  }
  const compute = { "*": multiply, "/": divide, "+": add, "-": subtract }[operator];
  const value = bounded(compute(left.value, right.value), place);
  const dimension = resultDimension(operator, left, right);
  return dimension === undefined ? { kind: "number", value } : { kind: "quantity", dimension, value };
}

type Amount = Extract<Value, { kind: "number" | "quantity" }>;

function resultDimension(operator: Operator, left: Amount, right: Amount) {
  const one = left.kind === "quantity" ? left.dimension : undefined;
  const other = right.kind === "quantity" ? right.dimension : undefined;
  if (operator === "+" || operator === "-") return one;
  if (operator === "/") return one === other ? undefined : one;
  return one === undefined || (one === "percent" && other !== undefined) ? other : one;
}

/** Negative, zero or positive; undefined for values without an order. Texts are ordered by their UTF-16 code units. */
export function orderOf(left: Value, right: Value): number | undefined {
  const one = amount(left);
  const other = amount(right);
  if (one && other) return compare(one, other);
  const [first, second] = [textOf(left), textOf(right)];
  if (first === undefined || second === undefined) return undefined;
  return first < second ? -1 : first > second ? 1 : 0;
}

function amount(value: Value): Fraction | undefined {
  if (value.kind === "number" || value.kind === "quantity") return value.value;
  return value.kind === "port" ? fraction(BigInt(value.number)) : undefined;
}

/** Whether two values are the same; `1000m` and `1` Cpu are. */
export function equals(evaluator: Evaluator, left: Value, right: Value, place: () => Span): boolean {
  spend(evaluator, place);
  const one = amount(left);
  const other = amount(right);
  if (one && other) return compare(one, other) === 0;
  const [first, second] = [textOf(left), textOf(right)];
  if (first !== undefined && second !== undefined) return first === second;
  if (left.kind === "list" && right.kind === "list")
    return (
      left.items.length === right.items.length &&
      left.items.every((item, index) => equals(evaluator, item, right.items[index]!, place))
    );
  if (left.kind === "record" && right.kind === "record")
    return (
      left.fields.size === right.fields.size &&
      [...left.fields].every(([key, field]) => {
        const twin = right.fields.get(key);
        return twin !== undefined && equals(evaluator, field.value, twin.value, place);
      })
    );
  if (left.kind === "boolean" && right.kind === "boolean") return left.value === right.value;
  if (left.kind === "durations" && right.kind === "durations")
    return compare(left.from, right.from) === 0 && compare(left.to, right.to) === 0;
  if (left.kind === "range" && right.kind === "range")
    return left.from === right.from && left.to === right.to;
  if (left.kind === "object" && right.kind === "object") return left.object === right.object;
  if (left.kind === "member" && right.kind === "member")
    return left.word === right.word && left.name === right.name;
  if (left.kind === "portName" && right.kind === "portName") return left.name === right.name;
  return left.kind === "none" && right.kind === "none";
}

/** Whether a whole number lies in a range, both ends included. */
export function within(value: Value, { from, to }: Extract<Value, { kind: "range" }>): boolean {
  const number = amount(value);
  return number !== undefined && compare(number, fraction(from)) >= 0 && compare(number, fraction(to)) <= 0;
}

function contains(evaluator: Evaluator, whole: Value, item: Value, place: () => Span): boolean {
  if (whole.kind === "list") return whole.items.some((one) => equals(evaluator, one, item, place));
  if (whole.kind === "range") return within(item, whole);
  const key = textOf(item);
  return whole.kind === "record" && key !== undefined && whole.fields.has(key);
}
