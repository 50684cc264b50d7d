import { span } from "../binder/symbol.ts";
import type { Expression, ForMember, Name } from "../syntax/ast.ts";
import { type Evaluator, type Frame, innerFrame, known, spend } from "./context.ts";
import { evaluate, evaluateCondition } from "./expressions.ts";
import { fraction, isInteger } from "./fraction.ts";
import { textOf, textValue } from "./text.ts";
import type { Value } from "./value.ts";

const number = (value: bigint): Value => ({ kind: "number", value: fraction(value) });

/** The part of a name that a variable of a loop or family gives; undefined for values that name nothing. */
export function nameSuffix(key: Value | undefined): string | undefined {
  if (key?.kind === "number") return isInteger(key.value) ? key.value.numerator.toString() : undefined;
  if (key?.kind === "object") return key.object.name;
  return textOf(key) || undefined;
}

const iterable: ReadonlySet<Value["kind"]> = new Set(["list", "record", "range", "family", "object"]);

/** Goes through keys and values of what a `for` is over: places and items of lists and ranges, keys and values of records. */
function eachEntry(
  evaluator: Evaluator,
  over: Value,
  place: () => ReturnType<typeof span>,
  visit: (key: () => Value, value: Value) => void,
): void {
  if (over.kind === "list")
    for (const [index, item] of over.items.entries()) visit(() => number(BigInt(index)), item);
  else if (over.kind === "family" || over.kind === "object") {
    const members = over.kind === "family" ? over.members : [over.object];
    for (const [index, object] of members.entries())
      visit(() => number(BigInt(index)), { kind: "object", object });
  } else if (over.kind === "record")
    for (const [key, field] of over.fields) visit(() => textValue(key), field.value);
  else if (over.kind === "range")
    for (let at = over.from; at <= over.to; at++) {
      spend(evaluator, place);
      visit(() => number(at - over.from), number(at));
    }
}

/**
 * Runs `body` for each item for which the condition holds, with the variables in force. False when what is gone
 * through, or a condition, is erroneous.
 */
export function iterate(
  evaluator: Evaluator,
  variables: readonly Name[],
  over: Expression,
  condition: Expression | undefined,
  frame: Frame,
  body: (inner: Frame, values: readonly Value[]) => void,
  member?: ForMember,
): boolean {
  const through = evaluate(evaluator, over, frame);
  if (!iterable.has(through.kind)) return false;
  const place = () => span(frame.module, over);
  const places = variables.map((name) => span(frame.module, name));
  let ordinal = 0;
  let sound = true;
  eachEntry(evaluator, through, place, (key, value) => {
    spend(evaluator, place);
    const taken = variables.length > 1 ? [key(), value] : [through.kind === "record" ? key() : value];
    const inner = innerFrame(
      frame,
      member && { iteration: { member, ordinal }, suffix: nameSuffix(taken[0]) },
    );
    ordinal++;
    for (let index = 0; index < variables.length; index++) {
      const { text } = variables[index]!;
      const one = taken[index];
      if (one) inner.names.set(text, known(text, places[index]!, one));
    }
    const holds = condition ? evaluateCondition(evaluator, condition, inner) : true;
    if (holds === undefined) sound = false;
    else if (holds) body(inner, taken);
  });
  return sound;
}
