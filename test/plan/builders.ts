import type {
  Block,
  FieldValue,
  Fraction,
  ObjectHandle,
  Program,
  Value,
} from "../../compiler/evaluate/value.ts";
import { lower } from "../../compiler/plan/lower.ts";
import type { SourceFile, Span } from "../../compiler/source/source.ts";
import { blockSchemas } from "../../compiler/types/blocks/index.ts";
import type { Dimension } from "../../compiler/types/type.ts";
import type { TextPart } from "../../model/plan.ts";

/** Evaluated blocks by hand: what evaluation hands to lowering, without a parser in between. */

const file: SourceFile = { path: "made.kdsl", text: "one\ntwo\nthree\nfour\n" };
export const span = (start = 0, end = start + 1): Span => ({ file, start, end });

export const fraction = (numerator: number | bigint, denominator: number | bigint = 1): Fraction => ({
  numerator: BigInt(numerator),
  denominator: BigInt(denominator),
});
export const text = (...parts: TextPart[]): Value => ({ kind: "string", parts });
export const number = (value: number): Value => ({ kind: "number", value: fraction(value) });
export const quantity = (dimension: Dimension, numerator: number | bigint, denominator = 1): Value => ({
  kind: "quantity",
  dimension,
  value: fraction(numerator, denominator),
});
export const list = (...items: Value[]): Value => ({ kind: "list", items });
export const portName = (name: string): Value => ({ kind: "portName", name });
export const truth = (value: boolean): Value => ({ kind: "boolean", value });
export const none: Value = { kind: "none" };
export const field = (value: Value, at = span()): FieldValue => ({ value, keySpan: at, span: at });
export const record = (fields: Record<string, Value>): Value => ({
  kind: "record",
  fields: fieldMap(fields),
});
export const texts = (fields: Record<string, string>): Value =>
  record(Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, text(value)])));
export const variant = (name: string, fields: Record<string, Value> = {}): Value => ({
  kind: "variant",
  name,
  arguments: fieldMap(fields),
});
export const object = (handle: ObjectHandle): Value => ({ kind: "object", object: handle });

const fieldMap = (fields: Record<string, Value>) =>
  new Map(Object.entries(fields).map(([key, value]) => [key, field(value)]));

interface Parts {
  readonly fields?: Record<string, Value>;
  readonly members?: readonly Block[];
  readonly value?: Value;
  readonly target?: Value;
}

export function block(word: string, name: string | undefined, parts: Parts = {}): Block {
  return {
    word,
    ...(name === undefined ? {} : { name }),
    span: span(),
    extent: span(),
    ...(parts.value ? { value: field(parts.value) } : {}),
    ...(parts.target ? { target: field(parts.target) } : {}),
    fields: fieldMap(parts.fields ?? {}),
    members: parts.members ?? [],
  };
}

export function handle(word: string, name: string, parts: Parts = {}, namespace = "default"): ObjectHandle {
  const clusterWide = word === "node" || word === "namespace";
  const made = block(word, name, parts);
  return {
    word,
    objectKind: blockSchemas[word]!.kind!,
    name,
    ...(clusterWide ? {} : { namespace }),
    block: () => made,
    span: span(4),
  };
}

export const container = (name: string, fields: Record<string, Value> = {}, members: readonly Block[] = []) =>
  block("container", name, { fields: { image: text("shop/web:1"), ...fields }, members });

export const rc = (
  name: string,
  identity: Record<string, string>,
  members = [container("main")],
  fields: Record<string, Value> = {},
) =>
  handle("rc", name, {
    fields,
    members: [block("pod", undefined, { fields: { identity: texts(identity) }, members })],
  });

export function lowered(...objects: ObjectHandle[]) {
  const program: Program = { objects, external: [], params: new Map(), scenarios: [] };
  const { plan, spans, diagnostics } = lower(program, {
    path: "folder/made.kdsl",
    files: [file],
    resolvePath: (from, path) => `/abs/${from}/${path}`,
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind.
  const find = (kind: string, name: string): any =>
    plan.objects.find((each) => each.kind === kind && each.metadata.name === name);
  return { plan, spans, diagnostics, find, codes: diagnostics.map(({ code }) => code) };
}
