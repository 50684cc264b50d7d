import type { TextPart } from "../../model/plan.ts";
import { emptyList, invalidNumber } from "../diagnostics/catalog/evaluate.ts";
import type { Span } from "../source/source.ts";
import { type Evaluator, errorValue, type Frame, report, spend } from "./context.ts";
import { takeFile } from "./files.ts";
import { add, ceil, divide, floor, fraction, isZero, remainder, round } from "./fraction.ts";
import { bounded, orderOf } from "./operators.ts";
import { units } from "./quantities.ts";
import { joinParts, partsOf, plainText, textOf, textValue } from "./text.ts";
import { reportUnwritable } from "./unwritable.ts";
import type { Fraction, Value } from "./value.ts";

interface Call {
  readonly evaluator: Evaluator;
  readonly place: Span;
  readonly frame: Frame;
  readonly name: string;
  /** The first argument of each parameter, or none. */
  readonly first: (parameter: string) => Value | undefined;
  readonly all: (parameter: string) => readonly Value[];
}

type Implementation = (call: Call) => Value;

/** What the language's own functions give; their parameters are in `checker/intrinsics.ts`. */
export function callIntrinsic(
  evaluator: Evaluator,
  name: string,
  values: ReadonlyMap<string, readonly Value[]>,
  place: Span,
  frame: Frame,
): Value {
  const implementation = Object.hasOwn(implementations, name) ? implementations[name] : undefined;
  const all = (parameter: string) => values.get(parameter) ?? [];
  const call: Call = { evaluator, place, frame, name, all, first: (parameter) => all(parameter)[0] };
  return implementation ? implementation(call) : errorValue;
}

const number = (value: Fraction): Value => ({ kind: "number", value });
const whole = (value: bigint | number): Value => number(fraction(BigInt(value)));
const boolean = (value: boolean): Value => ({ kind: "boolean", value });

const amountOf = (value: Value | undefined): Fraction | undefined =>
  value?.kind === "number" || value?.kind === "quantity" ? value.value : undefined;

const inUnit =
  (size: Fraction): Implementation =>
  ({ first }) => {
    const amount = amountOf(first("quantity"));
    return amount ? number(divide(amount, size)) : errorValue;
  };

const rounding =
  (how: (value: Fraction) => bigint): Implementation =>
  ({ first }) => {
    const amount = amountOf(first("number"));
    return amount ? whole(how(amount)) : errorValue;
  };

/** The items of the one list, or the arguments themselves. */
function itemsOf({ all }: Call): readonly Value[] {
  const values = all("values");
  const [only] = values;
  return values.length === 1 && only?.kind === "list" ? only.items : values;
}

const extreme =
  (wanted: number): Implementation =>
  (call) => {
    const items = itemsOf(call);
    let best = items[0];
    if (!best) {
      report(call.evaluator, call.place, (at) => emptyList(at, { callee: call.name }));
      return errorValue;
    }
    for (const item of items) {
      const order = orderOf(item, best);
      if (order === undefined) return errorValue;
      if (order * wanted > 0) best = item;
    }
    return best;
  };

/** Applies a change to the characters of a text. References to services stay: they are in lower case already. */
function mapText(value: Value | undefined, change: (text: string) => string): Value {
  if (value?.kind !== "string") return errorValue;
  return {
    kind: "string",
    parts: joinParts(value.parts.map((part) => (typeof part === "string" ? change(part) : part))),
  };
}

const conditions = ({ first }: Call): readonly boolean[] | undefined => {
  const list = first("conditions");
  if (list?.kind !== "list") return undefined;
  const values = list.items.flatMap((item) => (item.kind === "boolean" ? [item.value] : []));
  return values.length === list.items.length ? values : undefined;
};

function join(call: Call): Value {
  const { evaluator, place, first } = call;
  const texts = first("texts");
  const between = first("separator");
  const separator: readonly TextPart[] = between?.kind === "string" ? between.parts : [];
  if (texts?.kind !== "list") return errorValue;
  const parts: TextPart[] = [];
  for (const [index, item] of texts.items.entries()) {
    const own = partsOf(item);
    if (!own) {
      if (item.kind !== "error") reportUnwritable(evaluator, item, place);
      return errorValue;
    }
    const added = index === 0 ? own : [...separator, ...own];
    spend(evaluator, () => place, plainText(added).length + 1);
    parts.push(...added);
  }
  return { kind: "string", parts: joinParts(parts) };
}

function split({ evaluator, place, first }: Call): Value {
  const [text, separator] = [textOf(first("text")), textOf(first("separator"))];
  if (text === undefined || separator === undefined) return errorValue;
  spend(evaluator, () => place, text.length + 1);
  return { kind: "list", items: text.split(separator).map(textValue) };
}

function replace({ evaluator, place, first }: Call): Value {
  const [text, from, to] = [textOf(first("text")), textOf(first("from")), textOf(first("to"))];
  if (text === undefined || from === undefined || to === undefined) return errorValue;
  if (from === "") return textValue(text);
  const pieces = text.split(from);
  spend(evaluator, () => place, text.length + (pieces.length - 1) * to.length);
  return textValue(pieces.join(to));
}

function length({ first }: Call): Value {
  const value = first("of");
  if (value?.kind === "list") return whole(value.items.length);
  if (value?.kind === "record") return whole(value.fields.size);
  const text = textOf(value);
  return text === undefined ? errorValue : whole([...text].length);
}

function sum(call: Call): Value {
  const list = call.first("values");
  if (list?.kind !== "list") return errorValue;
  let total: Value | undefined;
  for (const item of list.items) {
    if (item.kind !== "number" && item.kind !== "quantity") return errorValue;
    if (!total) total = item;
    else if (total.kind === "number" || total.kind === "quantity")
      total = { ...total, value: bounded(add(total.value, item.value), () => call.place) };
  }
  return total ?? whole(0);
}

const edge =
  (test: (text: string, part: string) => boolean, parameter: string): Implementation =>
  ({ first }) => {
    const [text, part] = [textOf(first("text")), textOf(first(parameter))];
    return text === undefined || part === undefined ? errorValue : boolean(test(text, part));
  };

function rem({ evaluator, place, first }: Call): Value {
  const [one, other] = [amountOf(first("a")), amountOf(first("b"))];
  if (!one || !other) return errorValue;
  if (!isZero(other)) return number(remainder(one, other));
  report(evaluator, place, (at) => invalidNumber(at, { problem: "the remainder of a division by zero" }));
  return errorValue;
}

function upper(call: Call): Value {
  const value = call.first("text");
  if (value?.kind === "string" && value.parts.some((part) => typeof part !== "string" && "host" in part)) {
    report(call.evaluator, call.place, (at) =>
      invalidNumber(at, {
        problem: "a host name is written in lower case: it cannot be turned to upper case",
      }),
    );
    return errorValue;
  }
  return mapText(value, (text) => text.toUpperCase());
}

const implementations: Readonly<Record<string, Implementation>> = {
  env: ({ first }) => {
    const name = textOf(first("name"));
    return name === undefined ? errorValue : { kind: "late", source: { from: "env", name } };
  },
  file: ({ evaluator, frame, place, first }) => {
    const path = textOf(first("path"));
    if (path === undefined) return errorValue;
    return frame.data === "secret"
      ? { kind: "late", source: { from: "file", path } }
      : takeFile(evaluator, path, place, frame);
  },
  bytes: inUnit(fraction(1n)),
  kibibytes: inUnit(units.Ki!.size),
  mebibytes: inUnit(units.Mi!.size),
  gibibytes: inUnit(units.Gi!.size),
  cores: inUnit(fraction(1n)),
  millicores: inUnit(units.m!.size),
  milliseconds: inUnit(units.ms!.size),
  seconds: inUnit(fraction(1n)),
  minutes: inUnit(units.min!.size),
  rem,
  floor: rounding(floor),
  ceil: rounding(ceil),
  round: rounding(round),
  min: extreme(-1),
  max: extreme(1),
  sum,
  length,
  join,
  split,
  replace,
  lower: ({ first }) => mapText(first("text"), (text) => text.toLowerCase()),
  upper,
  startsWith: edge((text, part) => text.startsWith(part), "start"),
  endsWith: edge((text, part) => text.endsWith(part), "end"),
  keys: ({ first }) => {
    const value = first("of");
    return value?.kind === "record"
      ? { kind: "list", items: [...value.fields.keys()].map(textValue) }
      : errorValue;
  },
  values: ({ first }) => {
    const value = first("of");
    return value?.kind === "record"
      ? { kind: "list", items: [...value.fields.values()].map((field) => field.value) }
      : errorValue;
  },
  any: (call) => {
    const held = conditions(call);
    return held ? boolean(held.includes(true)) : errorValue;
  },
  all: (call) => {
    const held = conditions(call);
    return held ? boolean(!held.includes(false)) : errorValue;
  },
};
