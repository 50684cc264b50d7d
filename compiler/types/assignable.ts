import type { FieldSchema, Type } from "./type.ts";

/**
 * Whether a value of one type may stand where another is expected: "yes"; "no"; or "value" when only the value
 * itself decides (a number against a range, a text against a pattern), which evaluation then does.
 */
export type Fit = "yes" | "value" | "no";

export function fits(from: Type, to: Type): Fit {
  if (from === to || from.kind === "error" || to.kind === "error" || to.kind === "any") return "yes";
  if (from.kind === "any") return "value";
  if (to.kind === "refined") return worse(fits(from, to.type), "value");
  if (from.kind === "refined") return fits(from.type, to);
  if (from.kind === "union") return from.options.map((option) => fits(option, to)).reduce(worse, "yes");
  if (to.kind === "union") return to.options.map((option) => fits(from, option)).reduce(better, "no");
  if (to.kind === "optional") {
    if (from.kind === "none") return "yes";
    return fits(from.kind === "optional" ? from.type : from, to.type);
  }
  return fitsPlain(from, to);
}

const rank: Readonly<Record<Fit, number>> = { no: 0, value: 1, yes: 2 };
const worse = (one: Fit, other: Fit): Fit => (rank[one] <= rank[other] ? one : other);
const better = (one: Fit, other: Fit): Fit => (rank[one] >= rank[other] ? one : other);
const when = (condition: boolean): Fit => (condition ? "yes" : "no");

const envKinds = new Set(["string", "number", "boolean", "port", "ip", "cidr", "image", "late", "envValue"]);

function fitsPlain(from: Type, to: Type): Fit {
  switch (to.kind) {
    case "number":
      return from.kind === "number" ? fitsNumber(from, to) : "no";
    case "string":
      if (from.kind === "string") return fitsString(from, to);
      if (from.kind === "ip" || from.kind === "cidr" || from.kind === "image")
        return to.options || to.pattern !== undefined ? "value" : "yes";
      return "no";
    case "envValue":
      return when(envKinds.has(from.kind));
    case "port":
      if (from.kind === "number")
        return fitsNumber(from, { kind: "number", integer: true, minimum: 1, maximum: 65535 });
      return when(from.kind === "port");
    case "ip":
    case "cidr":
    case "image":
      if (from.kind === "string") return "value";
      return when(from.kind === to.kind);
    case "quantity":
      return when(from.kind === "quantity" && from.dimension === to.dimension);
    case "list":
      return from.kind === "list" ? fits(from.element, to.element) : "no";
    case "record":
      if (from.kind === "record") return fitsRecord(from.fields, to.fields);
      return from.kind === "map" ? "value" : "no";
    case "map":
    case "labels": {
      const values: Type = to.kind === "map" ? to.values : { kind: "string" };
      if (from.kind === "record")
        return worse(fitsEvery(from.fields, values), to.kind === "map" ? "yes" : "value");
      if (from.kind === "labels") return to.kind === "labels" ? "yes" : fits({ kind: "string" }, values);
      return from.kind === "map"
        ? worse(fits(from.values, values), to.kind === "map" ? "yes" : "value")
        : "no";
    }
    case "block":
      return when(from.kind === "block" && from.word === to.word);
    case "template":
      return when(from.kind === "template" && from.template === to.template);
    case "object":
      if (from.kind === "template") return when(from.self.some((word) => to.words.includes(word)));
      if (from.kind !== "object") return "no";
      if (from.words.every((word) => to.words.includes(word))) return "yes";
      return from.words.some((word) => to.words.includes(word)) ? "value" : "no";
    case "member":
      return when(from.kind === "member" && from.word === to.word);
    case "selection":
      return when(from.kind === "selection" && from.of === to.of);
    case "variant":
      return when(from.kind === "variant" && from.name === to.name);
    default:
      return when(from.kind === to.kind);
  }
}

type NumberType = Extract<Type, { kind: "number" }>;
type StringType = Extract<Type, { kind: "string" }>;

function fitsNumber(from: NumberType, to: NumberType): Fit {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = to;
  const low = from.minimum ?? Number.NEGATIVE_INFINITY;
  const high = from.maximum ?? Number.POSITIVE_INFINITY;
  const literal = low === high;
  if (high < minimum || low > maximum) return "no";
  if (literal && to.integer && !from.integer) return "no";
  return low >= minimum && high <= maximum && (from.integer || !to.integer) ? "yes" : "value";
}

function fitsString(from: StringType, to: StringType): Fit {
  if (to.options) {
    if (!from.options) return "no";
    const inside = from.options.filter((option) => to.options!.includes(option)).length;
    return inside === from.options.length ? "yes" : "no";
  }
  return to.pattern === undefined || to.pattern === from.pattern ? "yes" : "value";
}

type Fields = Readonly<Record<string, FieldSchema>>;

/** Remembers an answer for two tables: types share parts, and a part met twice is compared once. */
function remembered<T>(answer: (one: Fields, other: Fields) => T): (one: Fields, other: Fields) => T {
  const known = new WeakMap<Fields, WeakMap<Fields, { readonly answer: T }>>();
  return (one, other) => {
    const inner = known.get(one) ?? new WeakMap<Fields, { readonly answer: T }>();
    known.set(one, inner);
    const found = inner.get(other) ?? { answer: answer(one, other) };
    inner.set(other, found);
    return found.answer;
  };
}

const fitsRecord = remembered((from: Fields, to: Fields): Fit => {
  let fit: Fit = "yes";
  for (const [key, field] of Object.entries(from)) {
    const expected = Object.hasOwn(to, key) ? to[key] : undefined;
    if (!expected) return "no";
    fit = worse(
      fit,
      fits(field.type, expected.required ? expected.type : { kind: "optional", type: expected.type }),
    );
  }
  for (const [key, field] of Object.entries(to))
    if (field.required)
      fit = worse(fit, !Object.hasOwn(from, key) ? "no" : from[key]!.required ? "yes" : "value");
  return fit;
});

function fitsEvery(fields: Fields, values: Type): Fit {
  return Object.values(fields)
    .map((field) => fits(field.type, values))
    .reduce(worse, "yes");
}

/** The narrowest type that takes values of both. */
export function join(one: Type, other: Type): Type {
  if (one.kind === "error") return other;
  if (other.kind === "error") return one;
  if (one.kind === "none") return optional(other);
  if (other.kind === "none") return optional(one);
  if (one.kind === "optional" || other.kind === "optional")
    return optional(join(withoutNone(one), withoutNone(other)));
  if (one.kind === "string" && other.kind === "string") return joinStrings(one, other);
  if (one.kind === "number" && other.kind === "number") return joinNumbers(one, other);
  if (one.kind === "list" && other.kind === "list")
    return { kind: "list", element: join(one.element, other.element) };
  if (one.kind === "record" && other.kind === "record") return joinRecords(one.fields, other.fields);
  if (fits(one, other) === "yes") return other;
  if (fits(other, one) === "yes") return one;
  const options = [...optionsOf(one), ...optionsOf(other)];
  return options.length > 20 ? { kind: "any" } : { kind: "union", options };
}

const optionsOf = (type: Type): readonly Type[] => (type.kind === "union" ? type.options : [type]);

export function joinAll(types: readonly Type[]): Type {
  return types.length === 0 ? { kind: "any" } : types.reduce(join);
}

export function optional(type: Type): Type {
  return type.kind === "optional" || type.kind === "none" || type.kind === "any" || type.kind === "error"
    ? type
    : { kind: "optional", type };
}

/** The type without `none`. */
export function withoutNone(type: Type): Type {
  return type.kind === "optional" ? type.type : type;
}

function joinStrings(one: StringType, other: StringType): Type {
  if (one.options && other.options) {
    const options = [...new Set([...one.options, ...other.options])];
    return options.length > 100 ? { kind: "string" } : { kind: "string", options };
  }
  return one.pattern !== undefined && one.pattern === other.pattern ? one : { kind: "string" };
}

function joinNumbers(one: NumberType, other: NumberType): Type {
  const integer = one.integer && other.integer;
  const low =
    one.minimum === undefined || other.minimum === undefined
      ? undefined
      : Math.min(one.minimum, other.minimum);
  const high =
    one.maximum === undefined || other.maximum === undefined
      ? undefined
      : Math.max(one.maximum, other.maximum);
  return {
    kind: "number",
    integer,
    ...(low === undefined ? {} : { minimum: low }),
    ...(high === undefined ? {} : { maximum: high }),
  };
}

const joinRecords = remembered((one: Fields, other: Fields): Type => {
  const fields: Record<string, FieldSchema> = {};
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const left = Object.hasOwn(one, key) ? one[key] : undefined;
    const right = Object.hasOwn(other, key) ? other[key] : undefined;
    const type = left && right ? join(left.type, right.type) : (left ?? right)!.type;
    Object.defineProperty(fields, key, {
      value: { type, required: Boolean(left?.required && right?.required) },
      enumerable: true,
    });
  }
  return { kind: "record", fields };
});

/** A literal's type without the literal: what a name holds whose value may differ elsewhere. */
export function widen(type: Type): Type {
  if (type.kind === "string" && type.options?.length === 1) return { kind: "string" };
  if (type.kind === "number" && type.minimum !== undefined && type.minimum === type.maximum)
    return { kind: "number", integer: type.integer };
  return type;
}
