import { joinAll, widen } from "../types/assignable.ts";
import type { Type } from "../types/type.ts";

/** The functions that the language has itself. */

export interface IntrinsicParameter {
  readonly name: string;
  readonly type: Type;
  readonly optional?: boolean;
  /** Takes all further arguments. */
  readonly rest?: boolean;
}

export interface Intrinsic {
  readonly parameters: readonly IntrinsicParameter[];
  /** The result's type, from the types of the arguments in their order. */
  readonly result: (types: readonly Type[]) => Type;
  readonly help: string;
}

const text: Type = { kind: "string" };
const boolean: Type = { kind: "boolean" };
const whole: Type = { kind: "number", integer: true };
const count: Type = { kind: "number", integer: true, minimum: 0 };
const number: Type = { kind: "number", integer: false };
const any: Type = { kind: "any" };
const cpu: Type = { kind: "quantity", dimension: "cpu" };
const memory: Type = { kind: "quantity", dimension: "memory" };
const duration: Type = { kind: "quantity", dimension: "duration" };
const listOf = (element: Type): Type => ({ kind: "list", element });
const mapOf = (values: Type): Type => ({ kind: "map", values });
const either = (...options: readonly Type[]): Type => ({ kind: "union", options });

const always = (type: Type) => () => type;
const takes = (name: string, type: Type): readonly IntrinsicParameter[] => [{ name, type }];
const converts = (from: Type, unit: string): Intrinsic => ({
  parameters: takes("quantity", from),
  result: always(number),
  help: `How many ${unit} the quantity is, exactly.`,
});

const comparable = either(number, cpu, memory, duration, { kind: "quantity", dimension: "percent" }, text);

/** The type of one of several values, or of an item of the one list. */
function oneOf(types: readonly Type[]): Type {
  const only = types.length === 1 ? types[0]! : undefined;
  return widen(only?.kind === "list" ? only.element : joinAll(types));
}

const extreme = (help: string): Intrinsic => ({
  parameters: [{ name: "values", type: either(comparable, listOf(comparable)), rest: true }],
  result: (types) => {
    const type = oneOf(types);
    return type.kind === "number" ? { kind: "number", integer: type.integer } : type;
  },
  help,
});

const rounds = (help: string): Intrinsic => ({
  parameters: takes("number", number),
  result: always(whole),
  help,
});

export const intrinsics: Readonly<Record<string, Intrinsic>> = {
  env: {
    parameters: takes("name", text),
    result: always({ kind: "late" }),
    help: "The environment variable of this name, read when the plan is applied; only as a secret's value.",
  },
  file: {
    parameters: takes("path", text),
    result: always(either(text, { kind: "late" })),
    help: "A file beside this one: its text in a `config`, read when it is compiled; in a `secret`, when it is applied.",
  },
  bytes: converts(memory, "bytes"),
  kibibytes: converts(memory, "kibibytes (1024 bytes)"),
  mebibytes: converts(memory, "mebibytes"),
  gibibytes: converts(memory, "gibibytes"),
  cores: converts(cpu, "cores"),
  millicores: converts(cpu, "thousandths of a core"),
  milliseconds: converts(duration, "milliseconds"),
  seconds: converts(duration, "seconds"),
  minutes: converts(duration, "minutes"),
  rem: {
    parameters: [
      { name: "a", type: number },
      { name: "b", type: number },
    ],
    result: (types) => ({
      kind: "number",
      integer: types.every((type) => type.kind === "number" && type.integer),
    }),
    help: "The remainder of `a` divided by `b`, with the sign of `b`.",
  },
  floor: rounds("The largest whole number that is not above this one."),
  ceil: rounds("The smallest whole number that is not below this one."),
  round: rounds("The nearest whole number; halves go up."),
  min: extreme("The smallest of the values, or of the items of one list."),
  max: extreme("The largest of the values, or of the items of one list."),
  sum: {
    parameters: takes("values", listOf(either(number, cpu, memory, duration))),
    result: (types) => {
      const type = oneOf(types);
      return type.kind === "number" || type.kind === "any" || type.kind === "error"
        ? { kind: "number", integer: type.kind === "number" && type.integer }
        : type;
    },
    help: "All items added up; 0 for none.",
  },
  length: {
    parameters: takes("of", either(text, listOf(any), mapOf(any), { kind: "labels" })),
    result: always(count),
    help: "How many characters, items or keys there are.",
  },
  join: {
    parameters: [
      { name: "texts", type: listOf(either(text, number, { kind: "port" })) },
      { name: "separator", type: text, optional: true },
    ],
    result: always(text),
    help: "The texts one after the other, with the separator between them.",
  },
  split: {
    parameters: [
      { name: "text", type: text },
      { name: "separator", type: text },
    ],
    result: always(listOf(text)),
    help: "The parts of the text between the separators.",
  },
  replace: {
    parameters: [
      { name: "text", type: text },
      { name: "from", type: text },
      { name: "to", type: text },
    ],
    result: always(text),
    help: "The text with every `from` replaced by `to`.",
  },
  lower: { parameters: takes("text", text), result: always(text), help: "The text in lower-case letters." },
  upper: { parameters: takes("text", text), result: always(text), help: "The text in upper-case letters." },
  startsWith: {
    parameters: [
      { name: "text", type: text },
      { name: "start", type: text },
    ],
    result: always(boolean),
    help: "Whether the text begins so.",
  },
  endsWith: {
    parameters: [
      { name: "text", type: text },
      { name: "end", type: text },
    ],
    result: always(boolean),
    help: "Whether the text ends so.",
  },
  keys: {
    parameters: takes("of", either(mapOf(any), { kind: "labels" })),
    result: always(listOf(text)),
    help: "The keys, in their order.",
  },
  values: {
    parameters: takes("of", either(mapOf(any), { kind: "labels" })),
    result: ([type]) =>
      listOf(
        type?.kind === "map"
          ? type.values
          : type?.kind === "record"
            ? joinAll(Object.values(type.fields).map((field) => field.type))
            : any,
      ),
    help: "The values, in the order of their keys.",
  },
  any: {
    parameters: takes("conditions", listOf(boolean)),
    result: always(boolean),
    help: "Whether one of them holds.",
  },
  all: {
    parameters: takes("conditions", listOf(boolean)),
    result: always(boolean),
    help: "Whether all of them hold.",
  },
};
