import type { Requirement } from "../../model/selector.ts";
import { span } from "../binder/symbol.ts";
import { literalText } from "../checker/report.ts";
import { findLabel } from "../checker/selections.ts";
import { labelValue } from "../diagnostics/catalog/types.ts";
import type { Expression, SelectionExpression } from "../syntax/ast.ts";
import { displayType } from "../types/display.ts";
import { conformOrNot } from "./conform.ts";
import { type Evaluator, errorValue, type Frame, report } from "./context.ts";
import { evaluate } from "./expressions.ts";
import { describeValue, textOf } from "./text.ts";
import type { Value } from "./value.ts";

/** `pods where …`: its terms as requirements, in the order of writing. */
export function evaluateSelection(
  evaluator: Evaluator,
  expression: SelectionExpression,
  frame: Frame,
): Value {
  const requirements: Requirement[] = [];
  if (!collect(evaluator, expression.terms, frame, requirements)) return errorValue;
  return { kind: "selection", of: expression.of, requirements };
}

function collect(evaluator: Evaluator, term: Expression, frame: Frame, found: Requirement[]): boolean {
  if (evaluator.checked.erroneous.has(term)) return false;
  if (term.kind === "has" || (term.kind === "unary" && term.operand.kind === "has")) {
    const has = term.kind === "has" ? term : term.operand;
    if (has.kind !== "has") return false;
    found.push({
      key: keyOf(frame, has.key.text),
      operator: term.kind === "has" ? "Exists" : "DoesNotExist",
      values: [],
    });
    return true;
  }
  if (term.kind !== "binary") return false;
  const { operator, left, right } = term;
  if (operator === "and") {
    const first = collect(evaluator, left, frame, found);
    return collect(evaluator, right, frame, found) && first;
  }
  const key = left.kind === "reference" ? left.name : literalText(left);
  if (key === undefined || evaluator.checked.erroneous.has(left)) return false;
  const value = evaluate(evaluator, right, frame);
  const items = value.kind === "list" ? value.items : [value];
  const values = items.map((item) => labelText(evaluator, key, item, right, frame));
  if (!values.every((text) => text !== undefined)) return false;
  const negative = operator === "!=" || operator === "not in";
  found.push({ key: keyOf(frame, key), operator: negative ? "NotIn" : "In", values });
  return true;
}

const keyOf = (frame: Frame, key: string): string => findLabel(frame.module, key)?.key ?? key;

function labelText(
  evaluator: Evaluator,
  key: string,
  value: Value,
  expression: Expression,
  frame: Frame,
): string | undefined {
  if (value.kind === "error") return undefined;
  const label = findLabel(frame.module, key);
  const type = (label && evaluator.checked.labelTypes.get(label)) ?? { kind: "string" as const };
  const place = span(frame.module, expression);
  const fitted = conformOrNot(evaluator, value, type, place, frame.module);
  const text = textOf(fitted);
  if (text !== undefined) return text;
  report(evaluator, place, (at) =>
    labelValue(at, { key, expected: displayType(type), found: describeValue(value) }),
  );
  return undefined;
}
