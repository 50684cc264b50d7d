import type { ObjectSymbol } from "../binder/symbol.ts";
import { familyNamed } from "../checker/expressions.ts";
import type {
  BinaryExpression,
  CallExpression,
  Expression,
  IndexExpression,
  StringExpression,
} from "../syntax/ast.ts";
import { type Evaluator, type Frame, findName, force } from "./context.ts";
import { isInteger, multiply, parseDecimal } from "./fraction.ts";
import { instancesOf, isInLoop } from "./objects.ts";
import { readQuantity } from "./quantities.ts";
import { textValue } from "./text.ts";
import type { Value } from "./value.ts";
import { moduleValue } from "./values.ts";

/**
 * What fills the holes of a mold is worked out for each of its objects: the same few sums and texts, a thousand times. So
 * the plain ones among the expressions are looked into once, and made into programs that reckon in numbers of the
 * machine as long as those are exact, and share what several holes need. What a program does not expect (no whole number,
 * a division by zero, an index outside) is no answer, and then the expression is evaluated as ever, as are those that
 * have no program. An answer takes of the budget about what evaluating the expression would have taken.
 */
export interface Program {
  /** The value where the names in a frame are in force; undefined where the expression is to be evaluated. */
  readonly value: (frame: Frame) => Value | undefined;
  readonly steps: number;
}

/** An expression or a part of one. Those that say the same are one, which is worked out once for each frame. */
interface Part extends Program {
  readonly key: string;
  /** Its value as a number of the machine; `NaN` where it is no whole number, or not exact as one. */
  readonly whole: (frame: Frame) => number;
  /** The value, where it is the same in all frames. */
  readonly constant: Value | undefined;
}

interface Making {
  readonly evaluator: Evaluator;
  readonly parts: Map<string, Part>;
  /** Stand for symbols in the keys of parts. */
  readonly numbers: Map<object, number>;
  readonly inLoop: boolean;
}

/** Programs for those of the expressions that can have one; all are evaluated in frames like this one. */
export function programsFor(
  evaluator: Evaluator,
  expressions: readonly Expression[],
  frame: Frame,
): readonly (Program | undefined)[] {
  const making: Making = { evaluator, parts: new Map(), numbers: new Map(), inLoop: isInLoop(frame) };
  return expressions.map((expression) => partOf(making, expression));
}

function partOf(making: Making, expression: Expression): Part | undefined {
  const { checked } = making.evaluator;
  const resolution = checked.resolutions.get(expression);
  switch (resolution?.kind) {
    case undefined:
    case "call":
      return unresolvedPart(making, expression);
    case "local":
      return localPart(making, resolution.name);
    case "value": {
      const key = `value ${numberOf(making, resolution.symbol)}`;
      return constantPart(making, key, moduleValue(making.evaluator, resolution.symbol));
    }
    case "object":
      return objectPart(making, resolution.symbol);
    case "use": {
      const { member } = resolution;
      return valuePart(making, `use ${member}`, 1, ({ made }) => made && textValue(made[member]));
    }
    default:
      return undefined;
  }
}

function unresolvedPart(making: Making, expression: Expression): Part | undefined {
  switch (expression.kind) {
    case "number": {
      const { digits } = expression;
      return making.evaluator.checked.cpuLiterals.has(expression)
        ? undefined
        : constantPart(making, digits, { kind: "number", value: parseDecimal(digits) });
    }
    case "quantity": {
      const read = readQuantity(expression.digits, expression.unit);
      return (
        read && constantPart(making, `${expression.digits}${expression.unit}`, { kind: "quantity", ...read })
      );
    }
    case "binary":
      return sumPart(making, expression);
    case "call":
      return remainderPart(making, expression);
    case "index":
      return indexPart(making, expression);
    case "string":
      return textPart(making, expression);
    default:
      return undefined;
  }
}

function numberOf({ numbers }: Making, symbol: object): number {
  const known = numbers.get(symbol) ?? numbers.size;
  numbers.set(symbol, known);
  return known;
}

// ── Kinds of parts ───────────────────────────────────────────────────────────────────────────────────────────

/** Part of which the value is worked out. */
function valuePart(
  { parts }: Making,
  key: string,
  steps: number,
  compute: (frame: Frame) => Value | undefined,
): Part {
  const known = parts.get(key);
  if (known) return known;
  let last: Frame | undefined;
  let found: Value | undefined;
  const value = (frame: Frame) => {
    if (frame !== last) {
      found = compute(frame);
      last = frame;
    }
    return found;
  };
  const whole = (frame: Frame) => wholeOf(value(frame));
  const part: Part = { key, steps, value, whole, constant: undefined };
  parts.set(key, part);
  return part;
}

/** Part that is a whole number, or nothing. */
function wholePart({ parts }: Making, key: string, steps: number, compute: (frame: Frame) => number): Part {
  const known = parts.get(key);
  if (known) return known;
  let last: Frame | undefined;
  let found = Number.NaN;
  const whole = (frame: Frame) => {
    if (frame !== last) {
      found = compute(frame);
      last = frame;
    }
    return found;
  };
  const value = (frame: Frame) => wholeValue(whole(frame));
  const part: Part = { key, steps, value, whole, constant: undefined };
  parts.set(key, part);
  return part;
}

function constantPart({ parts }: Making, key: string, constant: Value): Part {
  const known = parts.get(key);
  if (known) return known;
  const number = wholeOf(constant);
  const part: Part = { key, steps: 1, value: () => constant, whole: () => number, constant };
  parts.set(key, part);
  return part;
}

function wholeOf(value: Value | undefined): number {
  if (value?.kind !== "number" || !isInteger(value.value)) return Number.NaN;
  const number = Number(value.value.numerator);
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

/** The same numbers come again and again. */
const wholes = new Map<number, Value>();
const mostWholes = 10_000;

function wholeValue(number: number): Value | undefined {
  const known = wholes.get(number);
  if (known) return known;
  if (!Number.isSafeInteger(number)) return undefined;
  const value: Value = { kind: "number", value: { numerator: BigInt(number), denominator: 1n } };
  if (wholes.size < mostWholes) wholes.set(number, value);
  return value;
}

// ── Kinds of expressions ─────────────────────────────────────────────────────────────────────────────────────

function localPart(making: Making, name: string): Part {
  return valuePart(making, `local ${name}`, 1, (frame) => {
    const found = findName(frame, name);
    return found && force(making.evaluator, found);
  });
}

const exact = (number: number): number => (Number.isSafeInteger(number) ? number : Number.NaN);

const sums: Readonly<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => exact(left + right),
  "-": (left, right) => exact(left - right),
  // Without the zero that has a sign.
  "*": (left, right) => exact(left * right) + 0,
};

function sumPart(making: Making, { operator, left, right }: BinaryExpression): Part | undefined {
  const compute = sums[operator];
  const one = compute && partOf(making, left);
  const other = one && partOf(making, right);
  if (!compute || !other) return undefined;
  const key = `(${one.key} ${operator} ${other.key})`;
  const steps = 1 + one.steps + other.steps;
  if (one.constant?.kind === "quantity") return timesPart(making, key, steps, operator, one.constant, other);
  if (other.constant?.kind === "quantity")
    return timesPart(making, key, steps, operator, other.constant, one);
  return wholePart(making, key, steps, (frame) => compute(one.whole(frame), other.whole(frame)));
}

type Quantity = Extract<Value, { kind: "quantity" }>;

/** How many products of one quantity are kept: mostly there are a few. */
const mostProducts = 100;

/** A quantity so many times. */
function timesPart(
  making: Making,
  key: string,
  steps: number,
  operator: string,
  { dimension, value }: Quantity,
  times: Part,
): Part | undefined {
  if (operator !== "*") return undefined;
  const products = new Map<number, Value>();
  return valuePart(making, key, steps, (frame) => {
    const number = times.whole(frame);
    const known = products.get(number);
    if (known || Number.isNaN(number)) return known;
    const product = multiply(value, { numerator: BigInt(number), denominator: 1n });
    const made: Value = { kind: "quantity", dimension, value: product };
    if (products.size < mostProducts) products.set(number, made);
    return made;
  });
}

function remainderPart(making: Making, call: CallExpression): Part | undefined {
  const resolution = making.evaluator.checked.resolutions.get(call);
  if (resolution?.kind !== "call" || resolution.target.kind !== "intrinsic") return undefined;
  const [a] = resolution.arguments.get("a") ?? [];
  const [b] = resolution.arguments.get("b") ?? [];
  if (resolution.target.name !== "rem" || !a || !b) return undefined;
  const one = partOf(making, a);
  const other = one && partOf(making, b);
  if (!other) return undefined;
  return wholePart(making, `rem(${one.key}, ${other.key})`, 1 + one.steps + other.steps, (frame) => {
    const divisor = other.whole(frame);
    // By zero it is `NaN`. The zero that is added leaves no zero with a sign.
    const rest = (one.whole(frame) % divisor) + 0;
    return rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest;
  });
}

function indexPart(making: Making, { object, indices }: IndexExpression): Part | undefined {
  const [first] = indices;
  const index = first && indices.length === 1 ? partOf(making, first) : undefined;
  if (!index) return undefined;
  const resolution = making.evaluator.checked.resolutions.get(object);
  const family = familyNamed(resolution);
  if (family) return resolution?.kind === "object" ? memberPart(making, family, index) : undefined;
  const list = partOf(making, object);
  if (!list) return undefined;
  return valuePart(making, `${list.key}[${index.key}]`, 1 + list.steps + index.steps, (frame) => {
    const items = list.value(frame);
    return items?.kind === "list" ? items.items[index.whole(frame)] : undefined;
  });
}

/** A member of a family over numbers, seen from outside of loops; families of templates are others for each use. */
function memberPart(making: Making, family: ObjectSymbol, index: Part): Part | undefined {
  if (making.inLoop || family.module.template) return undefined;
  const members = new Map<number, Value>();
  for (const { keys, handle } of instancesOf(making.evaluator, family)) {
    const number = wholeOf(keys.at(-1));
    if (Number.isNaN(number)) return undefined;
    if (!members.has(number)) members.set(number, { kind: "object", object: handle });
  }
  // One step is for comparing the index with the member's.
  return valuePart(making, `member ${numberOf(making, family)}[${index.key}]`, 2 + index.steps, (frame) =>
    members.get(index.whole(frame)),
  );
}

/** The one object of a declaration; what a template declares, for the use of it that is evaluated. */
function objectPart(making: Making, symbol: ObjectSymbol): Part | undefined {
  const isOne = symbol.sites.every(
    ({ declaration, enclosures }) =>
      !declaration.family && enclosures.every(({ kind }) => kind === "namespace"),
  );
  if (making.inLoop || !isOne) return undefined;
  const { template } = symbol.module;
  return valuePart(making, `object ${numberOf(making, symbol)}`, 1, ({ made }) => {
    const only = instancesOf(making.evaluator, symbol, template ? made : undefined)[0];
    return only && { kind: "object", object: only.handle };
  });
}

function textPart(making: Making, { parts }: StringExpression): Part | undefined {
  let key = "text";
  // One step more is for the characters.
  let steps = 2;
  const pieces: (string | Part)[] = [];
  for (const part of parts) {
    // The characters of a text in a text are paid for twice.
    if (typeof part !== "string" && part.kind === "string") return undefined;
    const piece = typeof part === "string" ? part : partOf(making, part);
    if (piece === undefined) return undefined;
    pieces.push(piece);
    key += typeof piece === "string" ? ` ${JSON.stringify(piece)}` : ` ${piece.key}`;
    if (typeof piece !== "string") steps += piece.steps;
  }
  return valuePart(making, key, steps, (frame) => {
    let text = "";
    for (const piece of pieces) {
      const more = typeof piece === "string" ? piece : writtenOf(piece, frame);
      if (more === undefined) return undefined;
      text += more;
    }
    return textValue(text);
  });
}

/** A part as it stands in a text; undefined where that is not plain text. */
function writtenOf(part: Part, frame: Frame): string | undefined {
  const number = part.whole(frame);
  if (!Number.isNaN(number)) return String(number);
  const value = part.value(frame);
  if (value?.kind !== "string" || value.parts.length > 1) return undefined;
  const [text = ""] = value.parts;
  return typeof text === "string" ? text : undefined;
}
