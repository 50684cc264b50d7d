import type { FieldPath, TextPart } from "../../model/plan.ts";
import { lateHere, notOneNumber, roundedUp, tooLarge } from "../diagnostics/catalog/plan.ts";
import type { FieldValue, LateSource, Value } from "../evaluate/value.ts";
import { type Draft, enter, mark, report } from "./draft.ts";
import { cast, castLeaf, isHole } from "./molds.ts";
import { child, item } from "./paths.ts";
import { type Amount, ceiling, cpuText, decimalText, isWhole, memoryText } from "./quantities.ts";

/**
 * From evaluated fields to JSON. Each reader notes where the field was written and gives undefined for one that is
 * absent, `none`, or a mistake that was reported already.
 */

const largestInt32 = 2n ** 31n - 1n;
const largestInt64 = 2n ** 63n - 1n;

/** The field as the readers see it: absent when it is `none` or was a mistake. */
export function present(field: FieldValue | undefined): FieldValue | undefined {
  if (field === undefined || isHole(field)) return field; // what fills a hole is there
  return field.value.kind === "none" || field.value.kind === "error" ? undefined : field;
}

/** A text, with its references to services noted. Numbers, ports, addresses and Bool become their texts. */
export function readText(draft: Draft, path: FieldPath, field: FieldValue | undefined): string | undefined {
  const given = present(field);
  if (!given) return undefined;
  mark(draft, path, given.span);
  return castLeaf(draft, given, path, textOf);
}

function textOf(draft: Draft, value: Value, { span }: FieldValue, path: FieldPath): string | undefined {
  const parts = textParts(value);
  if (parts === undefined) {
    if (value.kind === "late") report(draft, lateHere(span, { what: describeLate(value.source) }));
    else report(draft, notOneNumber(span, { what: "this number" }));
    return undefined;
  }
  const [only] = parts;
  if (parts.length === 1 && typeof only === "string") return only;
  if (parts.some((part) => typeof part !== "string"))
    enter(draft.lowering.references, draft.key, path, parts);
  return parts.map(partText).join("");
}

/** What Kubernetes needs in a reference's place: `db.default` for a host, the number for a port. */
export function partText(part: TextPart): string {
  if (typeof part === "string") return part;
  if ("service" in part) return String(part.port);
  const [, namespace, name] = part.host.split("/");
  return `${name}.${namespace}`;
}

function textParts(value: Value): readonly TextPart[] | undefined {
  switch (value.kind) {
    case "string":
      return value.parts;
    case "boolean":
      return [String(value.value)];
    case "number": {
      const text = decimalText(value.value);
      return text === undefined ? undefined : [text];
    }
    case "port":
      return [value.reference ?? String(value.number)];
    case "portName":
      return [value.name];
    case "address":
      return [value.text];
    case "quantity":
      return [quantityText(value).text];
    case "object":
      return [value.object.name];
    case "member":
      return [value.name];
    default:
      return undefined;
  }
}

function quantityText(value: Value & { kind: "quantity" }): Amount {
  if (value.dimension === "cpu") return cpuText(value.value);
  if (value.dimension === "memory") return memoryText(value.value);
  return { text: decimalText(value.value) ?? String(ceiling(value.value)), rounded: false };
}

export function describeLate(source: LateSource): string {
  switch (source.from) {
    case "secret":
      return `\`${source.secret.name}.${source.key}\``;
    case "config":
      return `\`${source.config.name}.${source.key}\``;
    case "field":
      return `the pod's \`${source.path}\``;
    case "resource":
      return `\`${source.resource}\` of a container`;
    case "env":
      return `\`env("${source.name}")\``;
    case "file":
      return `\`file("${source.path}")\``;
  }
}

export function readBoolean(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
): boolean | undefined {
  const given = present(field);
  if (given?.value.kind !== "boolean") return undefined;
  mark(draft, path, given.span);
  return given.value.value;
}

/** A 32-bit whole number. */
export function readInteger(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
): number | undefined {
  const given = present(field);
  if (!given) return undefined;
  mark(draft, path, given.span);
  return castLeaf(draft, given, path, integerOf);
}

function integerOf(draft: Draft, value: Value, field: FieldValue): number | undefined {
  if (value.kind === "port") return value.number;
  return value.kind === "number" ? whole(draft, field, value.value) : undefined;
}

/** Whole seconds, from a Duration or a plain number. */
export function readSeconds(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
): number | undefined {
  const given = present(field);
  if (given?.value.kind !== "quantity" && given?.value.kind !== "number") return undefined;
  mark(draft, path, given.span);
  if (!isWhole(given.value.value))
    report(draft, roundedUp(given.span, { what: "the time", to: `${ceiling(given.value.value)}s` }));
  return whole(draft, given, { numerator: ceiling(given.value.value), denominator: 1n });
}

function whole(draft: Draft, field: FieldValue, value: { numerator: bigint; denominator: bigint }) {
  const number = ceiling(value);
  if (number <= largestInt32 && number >= -largestInt32) return Number(number);
  report(draft, tooLarge(field.span, { what: `\`${number}\`` }));
  return undefined;
}

/** An amount of a resource as canonical text. */
export function readAmount(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
  form: (value: { numerator: bigint; denominator: bigint }) => Amount,
): string | undefined {
  const given = present(field);
  if (!given) return undefined;
  if (!isHole(given) && !isAmount(given.value)) return undefined;
  mark(draft, path, given.span);
  return castLeaf(draft, given, path, (of, value) => amountOf(of, value, given, form));
}

const isAmount = (value: Value) => value.kind === "quantity" || value.kind === "number";

function amountOf(
  draft: Draft,
  given: Value,
  { span }: FieldValue,
  form: (value: { numerator: bigint; denominator: bigint }) => Amount,
): string | undefined {
  if (given.kind !== "quantity" && given.kind !== "number") return undefined;
  const { value } = given;
  const { text, rounded } = form(value);
  if (rounded) report(draft, roundedUp(span, { what: "the amount", to: text }));
  if (value.numerator < 0n || ceiling(value) > largestInt64)
    report(draft, tooLarge(span, { what: `\`${text}\`` }));
  return text;
}

/** A port by number, or by the name of a port that the pods have. */
export function readPort(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
): number | string | undefined {
  const given = present(field);
  if (!given) return undefined;
  if (isHole(given)) {
    mark(draft, path, given.span);
    return castLeaf(draft, given, path, portOf);
  }
  if (given.value.kind === "number" || given.value.kind === "port") return readInteger(draft, path, given);
  return readText(draft, path, given);
}

const portOf = (
  draft: Draft,
  value: Value,
  field: FieldValue,
  path: FieldPath,
): number | string | undefined =>
  value.kind === "number" || value.kind === "port"
    ? integerOf(draft, value, field)
    : textOf(draft, value, field, path);

/** What `read` makes of each item of a list; a single value counts as a list of one. */
export function readList<T>(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
  read: (draft: Draft, path: FieldPath, field: FieldValue) => T | undefined,
): T[] | undefined {
  const given = present(field);
  if (!given) return undefined;
  if (isHole(given)) return cast(draft, [given], (of, own) => readList(of, path, own(given), read));
  mark(draft, path, given.span);
  const result: T[] = [];
  for (const value of given.value.kind === "list" ? given.value.items : [given.value]) {
    const read1 = read(draft, item(path, result.length), { value, keySpan: given.keySpan, span: given.span });
    if (read1 !== undefined) result.push(read1);
  }
  return result;
}

export function readTexts(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
): string[] | undefined {
  return readList(draft, path, field, readText);
}

/** What `read` makes of each field of a record, in the order written. */
export function readMap<T>(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
  read: (draft: Draft, path: FieldPath, field: FieldValue) => T | undefined,
): Record<string, T> | undefined {
  const given = present(field);
  if (!given) return undefined;
  if (isHole(given)) return cast(draft, [given], (of, own) => readMap(of, path, own(given), read));
  if (given.value.kind !== "record") return undefined;
  mark(draft, path, given.span);
  const result: [string, T][] = [];
  for (const [key, value] of fieldsOf(draft, given)) {
    const read1 = read(draft, child(path, key), value);
    if (read1 !== undefined) result.push([key, read1]);
  }
  return Object.fromEntries(result);
}

export function readTextMap(draft: Draft, path: FieldPath, field: FieldValue | undefined) {
  return readMap(draft, path, field, readText);
}

export type FieldMap = ReadonlyMap<string, FieldValue>;

const noFields: FieldMap = new Map();

/**
 * The fields of a record, or the arguments of a variant; none when it is neither. Those that were written in the
 * library (by `http(…)` of std/probe, say) count as written where they were asked for.
 */
export function fieldsOf(draft: Draft, field: FieldValue | undefined): FieldMap {
  const fields = field && fieldsWithin(field.value);
  if (!field || !fields) return noFields;
  const { sources } = draft.lowering;
  if ([...fields.values()].every(({ span }) => sources.has(span.file))) return fields;
  const { span } = field;
  return new Map(
    [...fields].map(([key, inner]) => [
      key,
      sources.has(inner.span.file) ? inner : { ...inner, keySpan: span, span },
    ]),
  );
}

function fieldsWithin(value: Value): FieldMap | undefined {
  return value.kind === "record" ? value.fields : value.kind === "variant" ? value.arguments : undefined;
}

/** A value under its Kubernetes name, taken over as it is. */
export function readAsIs(draft: Draft, path: FieldPath, field: FieldValue | undefined): unknown {
  const given = present(field);
  if (!given) return undefined;
  if (isHole(given)) return cast(draft, [given], (of, own) => readAsIs(of, path, own(given)));
  switch (given.value.kind) {
    case "record":
      return readMap(draft, path, given, readAsIs);
    case "list":
      return readList(draft, path, given, readAsIs);
    case "boolean":
      return readBoolean(draft, path, given);
    case "number":
      mark(draft, path, given.span);
      return Number(decimalText(given.value.value) ?? ceiling(given.value.value));
    case "port":
      return given.value.reference ? readText(draft, path, given) : readInteger(draft, path, given);
    case "quantity":
      return given.value.dimension === "duration"
        ? readSeconds(draft, path, given)
        : readText(draft, path, given);
    default:
      return readText(draft, path, given);
  }
}
