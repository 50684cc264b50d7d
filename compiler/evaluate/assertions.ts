import { span } from "../binder/symbol.ts";
import { assertionFailed } from "../diagnostics/catalog/evaluate.ts";
import type { AssertMember, Expression } from "../syntax/ast.ts";
import { type Evaluator, type Frame, report } from "./context.ts";
import { evaluate, evaluateCondition } from "./expressions.ts";
import { describeValue, textOf } from "./text.ts";

/** Reports an `assert` that does not hold, with the values of the two sides of a comparison. */
export function assertHolds(evaluator: Evaluator, member: AssertMember, frame: Frame): void {
  const { condition } = member;
  if (evaluateCondition(evaluator, condition, frame) !== false) return;
  const given = member.message && textOf(evaluate(evaluator, member.message, frame));
  const written = frame.module.file.text.slice(condition.start, condition.end).replace(/\s+/g, " ");
  const notes = comparedValues(evaluator, condition, frame);
  const message = given || `\`${written}\` does not hold`;
  report(evaluator, span(frame.module, condition), (at) => assertionFailed(at, { message }, { notes }));
}

const literals: ReadonlySet<string> = new Set(["number", "string", "quantity", "boolean", "none"]);

/** The values of the two sides of a comparison that does not hold. */
export function comparedValues(evaluator: Evaluator, condition: Expression, frame: Frame): readonly string[] {
  const notes: string[] = [];
  if (condition.kind === "binary" && condition.operator !== "and" && condition.operator !== "or")
    for (const side of [condition.left, condition.right]) {
      if (literals.has(side.kind)) continue;
      const text = frame.module.file.text.slice(side.start, side.end).replace(/\s+/g, " ");
      notes.push(`\`${text}\` is ${describeValue(evaluate(evaluator, side, frame))}`);
    }
  return notes;
}
