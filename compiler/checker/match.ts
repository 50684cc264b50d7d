import { notExhaustive } from "../diagnostics/catalog/types.ts";
import type { Expression, MatchExpression } from "../syntax/ast.ts";
import { withoutNone } from "../types/assignable.ts";
import type { Type } from "../types/type.ts";
import type { Checker, Scope } from "./checked.ts";
import { branches, check, infer } from "./expressions.ts";
import { scopeOfArm } from "./presence.ts";
import { at, errorType, literalText, mistaken } from "./report.ts";

/** `match e { p => e … }`: every pattern can meet the subject, and together they leave nothing out. */
export function inferMatch(
  checker: Checker,
  expression: MatchExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const subject = infer(checker, expression.subject, undefined, scope);
  for (const { pattern } of expression.arms) if (pattern) checkPattern(checker, pattern, subject, scope);
  const missing = leftOut(expression, subject);
  if (missing !== undefined) {
    const start = { start: expression.start, end: expression.subject.end };
    const [first = "_"] = missing.split(", ");
    const arm = first.startsWith("`") ? first.slice(1, -1) : "_";
    const title = arm === "_" ? "add `_ => …`" : `add \`${arm} => …\`, or \`_ => …\` for all others`;
    checker.report(notExhaustive(at(scope, start), { missing }, { fixes: [{ title, edits: [] }] }));
    mistaken(checker, expression);
  }
  if (expression.arms.length === 0) return errorType;
  return branches(
    checker,
    expression.arms.map((arm) => arm.value),
    expected,
    expression.arms.map((_, index) => scopeOfArm(scope, expression, index)),
  );
}

function checkPattern(checker: Checker, pattern: Expression, subject: Type, scope: Scope): void {
  if (pattern.kind === "binary" && pattern.operator === "..") {
    if (withoutNone(subject).kind === "number" || subject.kind === "any")
      check(checker, pattern, { kind: "range" }, scope);
    else check(checker, pattern, subject, scope);
  } else check(checker, pattern, subject, scope);
}

/** What no arm takes, in words; undefined when the match is complete or a mistake was reported already. */
function leftOut({ arms }: MatchExpression, subject: Type): string | undefined {
  if (
    subject.kind === "error" ||
    arms.some((arm) => arm.pattern === undefined || arm.pattern.kind === "missing")
  )
    return undefined;
  const patterns = arms.map((arm) => arm.pattern!);
  if (subject.kind === "optional" && !patterns.some((pattern) => pattern.kind === "none")) return "`none`";
  const inner = withoutNone(subject);
  if (inner.kind === "boolean") {
    const given = patterns.flatMap((pattern) => (pattern.kind === "boolean" ? [pattern.value] : []));
    const missing = [true, false].find((value) => !given.includes(value));
    return missing === undefined ? undefined : `\`${missing}\``;
  }
  if (inner.kind === "string" && inner.options) {
    const given = patterns.map(literalText);
    const missing = inner.options.filter((option) => !given.includes(option));
    return missing.length === 0 ? undefined : missing.map((option) => `\`"${option}"\``).join(", ");
  }
  if (inner.kind === "number" && inner.integer && inner.minimum !== undefined && inner.maximum !== undefined)
    return gap(patterns, inner.minimum, inner.maximum);
  return inner.kind === "none" ? undefined : "other values: add an arm for `_`";
}

function gap(patterns: readonly Expression[], minimum: number, maximum: number): string | undefined {
  const literal = (expression: Expression): number =>
    expression.kind === "number"
      ? Number(expression.digits)
      : expression.kind === "unary" && expression.operand.kind === "number"
        ? -Number(expression.operand.digits)
        : Number.NaN;
  const spans = patterns
    .map((pattern) =>
      pattern.kind === "binary"
        ? [literal(pattern.left), literal(pattern.right)]
        : [literal(pattern), literal(pattern)],
    )
    .sort(([one], [other]) => one! - other!);
  let next = minimum;
  for (const [low, high] of spans) if (low! <= next) next = Math.max(next, high! + 1);
  return next > maximum ? undefined : `\`${next}\``;
}
