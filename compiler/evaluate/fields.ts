import { span } from "../binder/symbol.ts";
import type { Span } from "../source/source.ts";
import type { Expression } from "../syntax/ast.ts";
import { partial } from "../types/partial.ts";
import type { FieldSchema, Type } from "../types/type.ts";
import { conform, isNone } from "./conform.ts";
import { type Evaluator, type Frame, force, type Lazy, noneValue } from "./context.ts";
import { evaluate } from "./expressions.ts";
import type { FieldValue, Value } from "./value.ts";

/** A field that is worked out on first use; from then on it is the field's value with its places. */
export interface LazyField extends Lazy {
  readonly keySpan: Span;
  /** Came by a spread: a field written out may override it. */
  readonly spread: boolean;
  /** What it is merged from, where something overrides it; the weakest first. */
  readonly layers: readonly Layer[] | undefined;
}

export interface Layer {
  readonly field: LazyField;
  readonly strength: number;
}

/** All fields are made here: objects of one shape are quick to read. */
export const fieldOf = (
  name: string,
  span: Span,
  keySpan: Span,
  compute: (() => Value) | undefined,
  value: Value | undefined,
  spread = false,
  layers: readonly Layer[] | undefined = undefined,
): LazyField => ({ name, span, compute, value, keySpan, spread, layers });

/** The field of a block that an expression is written for. */
export function lazyField(
  evaluator: Evaluator,
  path: string,
  expression: Expression,
  schema: FieldSchema,
  keySpan: Span,
  frame: Frame,
  key?: string,
): LazyField {
  const place = span(frame.module, expression);
  const name = key === undefined ? path : `${path}.${key}`;
  // A literal needs nothing, and cannot be part of a circle.
  if (isLiteral(expression))
    return fieldOf(name, place, keySpan, undefined, fitted(evaluator, expression, schema, place, frame, key));
  const compute = () => fitted(evaluator, expression, schema, place, frame, key);
  return fieldOf(name, place, keySpan, compute, undefined);
}

function fitted(
  evaluator: Evaluator,
  expression: Expression,
  schema: FieldSchema,
  place: Span,
  frame: Frame,
  key: string | undefined,
): Value {
  const { deciding, calls } = evaluator;
  const outer = calls.length > 0 ? calls.splice(0) : undefined;
  const families = key === "select" || key === "after";
  const overrides = frame.overrides === true;
  const type: Type = overrides ? partial(schema.type) : schema.type;
  const value = evaluate(evaluator, expression, frame);
  const fit =
    isNone(value) && !schema.required
      ? noneValue
      : conform(evaluator, value, type, place, frame.module, { families, overrides });
  if (outer) calls.push(...outer);
  evaluator.deciding = deciding;
  return fit;
}

function isLiteral(expression: Expression): boolean {
  switch (expression.kind) {
    case "number":
    case "quantity":
    case "boolean":
    case "address":
      return true;
    case "string":
      return expression.parts.every((part) => typeof part === "string");
    default:
      return false;
  }
}

/** The field with its value, worked out now if it has not been. */
export function finishField(evaluator: Evaluator, field: LazyField): FieldValue {
  force(evaluator, field);
  return field as Lazy & { readonly keySpan: Span } as FieldValue;
}
