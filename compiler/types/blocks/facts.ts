import { optional } from "../assignable.ts";
import type { BlockSchema, Type } from "../type.ts";
import { text } from "./common.ts";

/** What a policy may ask of a block: its fields, what stands in it, and what it stands in. */

/** Where a fact is found in an evaluated block. */
export type Reading =
  | { readonly from: "name" | "namespace" | "value" | "target" | "form" | "keys" | "owner" }
  /** `otherwise`: what the number is when the field is left out. */
  | { readonly from: "field"; readonly key: string; readonly otherwise?: number }
  /** Labels by the names that the policy's module has for them; a pod's `identity` is part of its labels. */
  | { readonly from: "labels"; readonly keys: readonly string[] }
  | { readonly from: "around"; readonly words: readonly string[] }
  | { readonly from: "one" | "all"; readonly word: string };

export interface Fact {
  readonly type: Type;
  readonly read: Reading;
}

type Schemas = Readonly<Record<string, BlockSchema>>;

/** The blocks around a member block, by the name under which a policy asks for them. */
const around: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  container: { pod: ["pod"] },
  init: { pod: ["pod"] },
  volume: { pod: ["pod"] },
  port: { container: ["container", "init"], pod: ["pod"] },
  mount: { container: ["container", "init"], pod: ["pod"] },
  local: { container: ["container", "init"], pod: ["pod"] },
  simulate: { container: ["container", "init"], pod: ["pod"] },
};

/** What Kubernetes takes where a number is left out. */
const numbers: Readonly<Record<string, number>> = { "rc.replicas": 1 };

const labels: Type = { kind: "map", values: optional(text) };
const texts: Type = { kind: "list", element: text };

/** The type of a block of this word, as a policy sees it. */
export const blockType = (word: string, schema: string): Type => ({ kind: "block", word, schema });

const known = new WeakMap<Schemas, Map<string, Readonly<Record<string, Fact>>>>();

/** What there is to ask of a block, by name. */
export function factsOf(schemas: Schemas, key: string): Readonly<Record<string, Fact>> {
  const tables = known.get(schemas) ?? new Map<string, Readonly<Record<string, Fact>>>();
  known.set(schemas, tables);
  const found = tables.get(key) ?? Object.fromEntries(entries(schemas, key));
  tables.set(key, found);
  return found;
}

function* entries(schemas: Schemas, key: string): Generator<[string, Fact]> {
  const schema = schemas[key];
  if (!schema) return;
  const { word } = schema;
  for (const [name, field] of Object.entries(schema.fields)) {
    const otherwise = numbers[`${key}.${name}`];
    const type = field.required || otherwise !== undefined ? field.type : optional(field.type);
    yield [
      name,
      { type, read: { from: "field", key: name, ...(otherwise === undefined ? {} : { otherwise }) } },
    ];
  }
  for (const name of ["labels", "identity"])
    if (Object.hasOwn(schema.fields, name)) {
      const keys = name === "labels" && word === "pod" ? ["identity", "labels"] : [name];
      yield [name, { type: labels, read: { from: "labels", keys } }];
    }
  if (schema.rest) yield ["keys", { type: texts, read: { from: "keys" } }];
  yield* valueFacts(schema);
  for (const [inner, count] of Object.entries(schema.members)) {
    const innerKey = Object.hasOwn(schemas, `${word}.${inner}`) ? `${word}.${inner}` : inner;
    const type = blockType(inner, innerKey);
    const single = count === "one" || (count === "required" && schemas[innerKey]?.name === "none");
    if (!single)
      yield [`${inner}s`, { type: { kind: "list", element: type }, read: { from: "all", word: inner } }];
    else yield [inner, { type: count === "one" ? optional(type) : type, read: { from: "one", word: inner } }];
  }
  for (const [name, words] of Object.entries(around[word] ?? {}))
    yield [name, { type: blockType(name, name), read: { from: "around", words } }];
  if (word === "pod" || Object.hasOwn(around, word))
    yield ["owner", { type: optional(blockType("rc", "rc")), read: { from: "owner" } }];
  yield ["name", { type: schema.name === "optional" ? optional(text) : text, read: { from: "name" } }];
  yield ["namespace", { type: text, read: { from: "namespace" } }];
}

function* valueFacts({ value, target }: BlockSchema): Generator<[string, Fact]> {
  if (value?.type.kind === "number") yield ["number", { type: value.type, read: { from: "value" } }];
  else if (value) yield ["kind", { type: text, read: { from: "form" } }];
  if (target) yield ["target", { type: optional(target.type), read: { from: "target" } }];
}
