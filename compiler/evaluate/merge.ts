import { setTwice } from "../diagnostics/catalog/overrides.ts";
import { missingField } from "../diagnostics/catalog/types.ts";
import type { Span } from "../source/source.ts";
import { displayType } from "../types/display.ts";
import type { FieldSchema, Type } from "../types/type.ts";
import { type Evaluator, errorValue, force, noneValue, report } from "./context.ts";
import { fieldOf, type Layer, type LazyField } from "./fields.ts";
import type { FieldValue, Value } from "./value.ts";

/** Values of one field from several places: records merge, all else is replaced by what is stronger. */

interface About {
  readonly schema: FieldSchema;
  readonly strength: number;
  readonly key: string;
  /** How messages call the block. */
  readonly where: string;
}

/** The field with one more layer over it. */
export function layered(
  evaluator: Evaluator,
  before: LazyField | undefined,
  after: LazyField,
  about: About,
): LazyField {
  const own = before && (before.layers ?? [{ field: before, strength: before.spread ? 0 : 1 }]);
  const layers: readonly Layer[] = [...(own ?? []), { field: after, strength: about.strength }];
  const compute = () => {
    const merged = mergeLayers(evaluator, layers, about);
    if (merged.value.kind === "none") return noneValue;
    return whole(evaluator, merged.value, about.schema.type, merged.span);
  };
  return fieldOf(after.name, after.span, after.keySpan, compute, undefined, false, layers);
}

/** From the weakest to the strongest; what is of one strength is joined before it overrides. */
function mergeLayers(evaluator: Evaluator, layers: readonly Layer[], about: About): FieldValue {
  let result: FieldValue | undefined;
  for (let from = 0; from < layers.length; ) {
    const { strength } = layers[from]!;
    let joined = worked(evaluator, layers[from]!);
    let next = from + 1;
    for (; layers[next]?.strength === strength; next++)
      joined = join(evaluator, joined, worked(evaluator, layers[next]!), about.key, about.where);
    result = result ? override(result, joined) : joined;
    from = next;
  }
  return result!;
}

const worked = (evaluator: Evaluator, { field }: Layer): FieldValue => ({
  value: force(evaluator, field),
  keySpan: field.keySpan,
  span: field.span,
});

/** Two of equal strength: records may say different things, of one thing only one of them. */
function join(
  evaluator: Evaluator,
  first: FieldValue,
  second: FieldValue,
  key: string,
  where: string,
): FieldValue {
  if (first.value.kind === "error" || second.value.kind === "error") return { ...first, value: errorValue };
  if (first.value.kind !== "record" || second.value.kind !== "record") {
    const secondary = [{ span: first.keySpan, text: "and here" }];
    report(evaluator, second.keySpan, (at) => setTwice(at, { key, where }, { secondary }));
    return first;
  }
  const fields = new Map(first.value.fields);
  for (const [inner, field] of second.value.fields) {
    const there = fields.get(inner);
    fields.set(inner, there ? join(evaluator, there, field, inner, `\`${key}\``) : field);
  }
  return { ...first, value: { kind: "record", fields } };
}

/** Fields of which an object has one: the other ones go when another is set. */
const alternatives: readonly ReadonlySet<string>[] = [
  new Set(["exec", "httpGet", "tcpSocket", "grpc", "sleep"]),
];

function override(weak: FieldValue, strong: FieldValue): FieldValue {
  if (weak.value.kind !== "record" || strong.value.kind !== "record") return strong;
  const fields = new Map(weak.value.fields);
  for (const [key, field] of strong.value.fields) {
    const there = fields.get(key);
    for (const others of alternatives)
      if (others.has(key) && field.value.kind === "record")
        for (const other of others) if (other !== key) fields.delete(other);
    fields.set(key, there ? override(there, field) : field);
  }
  return { ...strong, value: { kind: "record", fields } };
}

/** The value without what was taken away, and with what its type demands: parts alone need not have all of it. */
function whole(evaluator: Evaluator, value: Value, type: Type, place: Span): Value {
  if (value.kind !== "record") return value;
  const record = recordType(type, value);
  const fields = new Map<string, FieldValue>();
  for (const [key, field] of value.fields) {
    const inner =
      record?.kind === "record"
        ? record.fields[key]?.type
        : record?.kind === "map"
          ? record.values
          : undefined;
    if (field.value.kind === "none" && !(record?.kind === "record" && record.fields[key]?.required)) continue;
    fields.set(key, inner ? { ...field, value: whole(evaluator, field.value, inner, field.span) } : field);
  }
  if (record?.kind === "record")
    for (const [key, { required }] of Object.entries(record.fields))
      if (required && !fields.has(key))
        report(evaluator, place, (at) => missingField(at, { key, where: displayType(record) }));
  return { kind: "record", fields };
}

/** Which record type a record is of. */
function recordType(type: Type, value: Extract<Value, { kind: "record" }>): Type | undefined {
  switch (type.kind) {
    case "optional":
    case "refined":
      return recordType(type.type, value);
    case "record":
      return [...value.fields.keys()].every((key) => Object.hasOwn(type.fields, key)) ? type : undefined;
    case "map":
      return type;
    case "union":
      for (const option of type.options) {
        const found = recordType(option, value);
        if (found) return found;
      }
      return undefined;
    default:
      return undefined;
  }
}
