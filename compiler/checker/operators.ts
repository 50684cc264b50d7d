import { lateUse, neverEqual, operatorTypes, typeMismatch } from "../diagnostics/catalog/types.ts";
import type { BinaryExpression, Expression, UnaryExpression } from "../syntax/ast.ts";
import { fits, join, optional, withoutNone } from "../types/assignable.ts";
import { describeType, displayType } from "../types/display.ts";
import type { Type } from "../types/type.ts";
import type { Checker, Scope } from "./checked.ts";
import { check, checkCondition, infer } from "./expressions.ts";
import { scopeWhen } from "./presence.ts";
import { at, didYouMean, errorType, flatten, literalText, mismatch, mistaken } from "./report.ts";
import { findLabel } from "./selections.ts";

const boolean: Type = { kind: "boolean" };
const number: Type = { kind: "number", integer: false };
const whole: Type = { kind: "number", integer: true };
const duration: Type = { kind: "quantity", dimension: "duration" };

export function inferUnary(
  checker: Checker,
  expression: UnaryExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  if (expression.operator === "not") {
    checkCondition(checker, expression.operand, scope);
    return boolean;
  }
  const type = infer(checker, expression.operand, expected, scope);
  if (type.kind === "number") return negated(type);
  if (type.kind === "quantity" || type.kind === "any" || type.kind === "error") return type;
  return refuse(checker, expression, "-", type, undefined, scope);
}

function negated(type: Extract<Type, { kind: "number" }>): Type {
  const { minimum, maximum, integer } = type;
  return {
    kind: "number",
    integer,
    ...(maximum === undefined ? {} : { minimum: -maximum }),
    ...(minimum === undefined ? {} : { maximum: -minimum }),
  };
}

/** The selector that is asked for, where its terms stand alone: `select: app == "web"`. */
function selectorMeant(expression: BinaryExpression, expected: Type | undefined, scope: Scope) {
  const wanted = flatten(expected).find((type) => type.kind === "selection");
  if (!wanted) return undefined;
  let first: Expression = expression;
  while (first.kind === "binary") first = first.left;
  return first.kind === "reference" && findLabel(scope.module, first.name) ? wanted : undefined;
}

function termsAlone(
  checker: Checker,
  expression: BinaryExpression,
  { of }: Extract<Type, { kind: "selection" }>,
  scope: Scope,
): Type {
  const place = at(scope, expression);
  const edit = { span: { ...place, end: place.start }, text: `${of} where ` };
  checker.report(
    typeMismatch(
      place,
      { expected: `\`${of} where …\``, found: "its terms alone" },
      { fixes: [{ title: `write \`${of} where\` before them`, edits: [edit], safe: true }] },
    ),
  );
  return mistaken(checker, expression);
}

export function inferBinary(
  checker: Checker,
  expression: BinaryExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const { operator, left, right } = expression;
  const selector = selectorMeant(expression, expected, scope);
  if (selector) return termsAlone(checker, expression, selector, scope);
  switch (operator) {
    case "and":
    case "or":
      checkCondition(checker, left, scope);
      checkCondition(checker, right, scopeWhen(scope, left, expression.operator === "and"));
      return boolean;
    case "??": {
      const first = infer(checker, left, expected && optional(expected), scope);
      const cores = isCpu(withoutNone(first)) ? withoutNone(first) : undefined;
      const second = expected ? check(checker, right, expected, scope) : infer(checker, right, cores, scope);
      if (first.kind === "error") return second;
      return first.kind === "none" ? second : join(withoutNone(first), second);
    }
    case "..":
      return inferRange(checker, expression, scope);
    case "in":
    case "not in":
      return inferIn(checker, expression, scope);
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return inferComparison(checker, expression, scope);
    default:
      return inferArithmetic(checker, expression, expected, scope);
  }
}

/** `1..3`, or `2s..10s` where it begins with a Duration. */
function inferRange(checker: Checker, { left, right }: BinaryExpression, scope: Scope): Type {
  const durations = left.kind === "quantity" && isDuration(infer(checker, left, undefined, scope));
  if (!durations) check(checker, left, whole, scope);
  check(checker, right, durations ? duration : whole, scope);
  return { kind: durations ? "durations" : "range" };
}

const isDuration = (type: Type) => type.kind === "quantity" && type.dimension === "duration";

/** Both sides; a bare number beside a Cpu is one too. */
function sides(
  checker: Checker,
  { left, right }: BinaryExpression,
  expected: Type | undefined,
  scope: Scope,
): readonly [Type, Type] {
  const literal = (side: Expression) =>
    side.kind === "number" || (side.kind === "unary" && side.operand.kind === "number");
  if (literal(left) && !literal(right)) {
    const second = infer(checker, right, expected, scope);
    return [infer(checker, left, isCpu(second) ? second : undefined, scope), second];
  }
  const first = infer(checker, left, literal(left) ? undefined : expected, scope);
  return [first, infer(checker, right, isCpu(first) ? first : undefined, scope)];
}

const isCpu = (type: Type) => type.kind === "quantity" && type.dimension === "cpu";
const silent = (type: Type) => type.kind === "error" || type.kind === "any";

function inferArithmetic(
  checker: Checker,
  expression: BinaryExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const additive = expression.operator === "+" || expression.operator === "-";
  const [left, right] = additive
    ? sides(checker, expression, expected, scope)
    : [infer(checker, expression.left, undefined, scope), infer(checker, expression.right, undefined, scope)];
  if (left.kind === "error" || right.kind === "error") return errorType;
  const found = arithmetic(expression.operator, left, right);
  return found ?? refuse(checker, expression, expression.operator, left, right, scope);
}

/** The type of `left operator right`; undefined when it has none. */
function arithmetic(operator: string, left: Type, right: Type): Type | undefined {
  if (left.kind === "any" || right.kind === "any") return { kind: "any" };
  const numbers = left.kind === "number" && right.kind === "number";
  if (numbers) return { kind: "number", integer: operator !== "/" && left.integer && right.integer };
  const one = left.kind === "quantity" ? left.dimension : undefined;
  const other = right.kind === "quantity" ? right.dimension : undefined;
  if (operator === "+" || operator === "-") return one && one === other ? left : undefined;
  if (operator === "*") {
    if (one && (right.kind === "number" || other === "percent")) return left;
    if (other && (left.kind === "number" || one === "percent")) return right;
    return undefined;
  }
  if (one && one === other) return number;
  return one && (right.kind === "number" || other === "percent") ? left : undefined;
}

const ordered = new Set(["number", "quantity", "string", "port"]);

function inferComparison(checker: Checker, expression: BinaryExpression, scope: Scope): Type {
  const { operator } = expression;
  const [left, right] = sides(checker, expression, undefined, scope);
  if (silent(left) || silent(right)) return boolean;
  if (left.kind === "late" || right.kind === "late")
    return refuse(checker, expression, operator, left, right, scope);
  const equality = operator === "==" || operator === "!=";
  if (!comparable(left, right) || (!equality && !ordered.has(left.kind)))
    return refuse(checker, expression, operator, left, right, scope);
  if (equality) checkPossible(checker, expression, left, right, scope);
  return boolean;
}

const family = (type: Type): string =>
  type.kind === "quantity"
    ? type.dimension
    : type.kind === "port"
      ? "number"
      : type.kind === "ip" || type.kind === "cidr" || type.kind === "image"
        ? "string"
        : type.kind === "map" || type.kind === "labels"
          ? "record"
          : type.kind;

/** Whether values of the two types can be compared at all. */
function comparable(left: Type, right: Type): boolean {
  if (left.kind === "none" || right.kind === "none") return true;
  return flatten(left).some((one) =>
    flatten(right).some((other) => silent(one) || silent(other) || family(one) === family(other)),
  );
}

/** Reports `stage == "prd"`, where `stage` is `"dev" | "prod"`: such a comparison is a slip. */
function checkPossible(
  checker: Checker,
  expression: BinaryExpression,
  left: Type,
  right: Type,
  scope: Scope,
): void {
  for (const [literal, other, side] of [
    [right, left, expression.right],
    [left, right, expression.left],
  ] as const) {
    const text = literalText(side);
    const known = withoutNone(other);
    if (text === undefined || known.kind !== "string" || !known.options || known.options.includes(text))
      continue;
    const place = at(scope, side);
    const fixes = didYouMean(place, text, known.options, (option) => JSON.stringify(option));
    checker.report(neverEqual(place, { left: displayType(known), right: displayType(literal) }, { fixes }));
    mistaken(checker, expression);
    return;
  }
}

function inferIn(checker: Checker, expression: BinaryExpression, scope: Scope): Type {
  const left = infer(checker, expression.left, undefined, scope);
  const right = infer(checker, expression.right, undefined, scope);
  if (silent(left) || silent(right)) return boolean;
  const item: Type | undefined =
    right.kind === "list"
      ? right.element
      : right.kind === "range"
        ? number
        : right.kind === "map" || right.kind === "record" || right.kind === "labels"
          ? { kind: "string" }
          : undefined;
  if (item && left.kind !== "late" && comparable(left, item)) return boolean;
  return refuse(checker, expression, expression.operator, left, right, scope);
}

/** Reports an operator that does not apply to its operands. */
function refuse(
  checker: Checker,
  expression: Expression,
  operator: string,
  left: Type,
  right: Type | undefined,
  scope: Scope,
): Type {
  const place = at(scope, expression);
  const late = [left, right].some((type) => type?.kind === "late");
  const missing = [left, right].find((type) => type?.kind === "optional");
  if (late)
    checker.report(
      lateUse(place, {
        what: operator.length > 1 || operator === "<" || operator === ">" ? "a condition" : "arithmetic",
      }),
    );
  else if (missing && expression.kind === "binary" && fits(withoutNone(missing), number) !== "no") {
    const side = missing === left ? expression.left : expression.right;
    return mismatch(checker, side, withoutNone(missing), missing, scope);
  } else {
    const texts = operator === "+" && [left, right].some((type) => type?.kind === "string");
    const notes = texts ? ['texts are joined in a string: `"{a}{b}"`'] : [];
    const described = right === undefined ? {} : { right: describeType(right) };
    checker.report(operatorTypes(place, { operator, left: describeType(left), ...described }, { notes }));
  }
  return mistaken(checker, expression);
}
