import type { NodeSelectorRequirement, NodeSelectorTerm } from "../../model/core.ts";
import type { FieldPath } from "../../model/plan.ts";
import type { Requirement } from "../../model/selector.ts";
import type { FieldValue } from "../evaluate/value.ts";
import { pathsOf } from "../types/places.ts";
import { fieldAt } from "../types/records.ts";
import type { FieldSchema, Type } from "../types/type.ts";
import { type Draft, mark } from "./draft.ts";
import { cast, isHole } from "./molds.ts";
import { child, item } from "./paths.ts";
import { type FieldMap, fieldsOf, present, readAsIs, readMap, readText } from "./read.ts";
import { near } from "./references.ts";
import { identityRequirements } from "./selection.ts";

/**
 * Fields as the tables say: each at its path in the Kubernetes object (`FieldSchema.path`), in the form that its type
 * implies. What needs more than that has a function of its own in the files beside this one.
 */

type Json = Record<string, unknown>;

/** Those of `fields` that `schemas` describes, from the place of the block or record that they stand in. */
export function lowerFields(
  draft: Draft,
  place: FieldPath,
  fields: FieldMap,
  schemas: Readonly<Record<string, FieldSchema>>,
  of?: string,
): Json {
  const result: Json = {};
  for (const [name, field] of fields) {
    const schema = fieldAt(schemas, name);
    const path = schema && present(field) && pathsOf(schema, name, of)[0];
    if (schema && path !== undefined) put(draft, result, place, path.split("."), field, schema);
  }
  return result;
}

/** Sets the value at a path, with a record for each step on the way, and one for each item behind a `[]`. */
function put(
  draft: Draft,
  target: Json,
  place: FieldPath,
  [first = "", ...more]: readonly string[],
  field: FieldValue,
  schema: FieldSchema,
): void {
  const name = first.endsWith("[]") ? first.slice(0, -2) : first;
  const here = child(place, name);
  if (more.length === 0) {
    const value = read(draft, here, field, schema);
    if (value !== undefined) target[name] = value;
  } else if (first === name) {
    const inner = (target[name] ??= {}) as Json;
    put(draft, inner, here, more, field, schema);
  } else {
    mark(draft, here, field.span);
    const { value } = field;
    target[name] = (value.kind === "list" ? value.items : [value]).map((one, index) => {
      const inner: Json = {};
      put(draft, inner, item(here, index), more, { ...field, value: one }, elementOf(schema));
      return inner;
    });
  }
}

const optionsOf = (type: Type): readonly Type[] =>
  type.kind === "union"
    ? type.options.flatMap(optionsOf)
    : type.kind === "optional"
      ? optionsOf(type.type)
      : [type];

function findType<K extends Type["kind"]>(type: Type, kind: K): Extract<Type, { kind: K }> | undefined {
  return optionsOf(type).find((one) => one.kind === kind) as Extract<Type, { kind: K }> | undefined;
}

const elementOf = (schema: FieldSchema): FieldSchema => ({
  ...schema,
  type: findType(schema.type, "list")?.element ?? schema.type,
});

/** A value in the form of its type. */
export function read(draft: Draft, path: FieldPath, field: FieldValue, schema: FieldSchema): unknown {
  const given = present(field);
  if (!given) return undefined;
  if (isHole(given)) return cast(draft, [given], (of, own) => read(of, path, own(given), schema));
  const { value } = given;
  switch (value.kind) {
    case "record":
      return readRecord(draft, path, given, schema);
    case "list":
      mark(draft, path, given.span);
      return value.items.map((one, index) =>
        read(draft, item(path, index), { ...given, value: one }, elementOf(schema)),
      );
    case "selection":
      mark(draft, path, given.span);
      return value.of === "nodes" ? nodeTerm(value.requirements) : podSelector(value.requirements);
    case "object":
      if (findType(schema.type, "selection")) {
        const requirements = identityRequirements(draft, given);
        return requirements && podSelector(requirements);
      }
      if (value.object.namespace !== undefined && !near(draft, value.object, given.span)) return undefined;
      return readText(draft, path, given);
    case "string": {
      const text = readText(draft, path, given) ?? "";
      if (schema.octal) return Number.parseInt(text, 8);
      return (schema.values && fieldAt(schema.values, text)) ?? text;
    }
    default:
      return readAsIs(draft, path, given);
  }
}

function readRecord(draft: Draft, path: FieldPath, field: FieldValue, schema: FieldSchema): unknown {
  const record = findType(schema.type, "record");
  if (record) {
    mark(draft, path, field.span);
    return lowerFields(draft, path, fieldsOf(draft, field), record.fields, record.of);
  }
  const map = findType(schema.type, "map");
  const values: FieldSchema = { type: map?.values ?? { kind: "any" } };
  return readMap(draft, path, field, (inner, at, one) => read(inner, at, one, values));
}

const expression = ({ key, operator, values }: Requirement): NodeSelectorRequirement =>
  values.length > 0 ? { key, operator, values: [...values] } : { key, operator };

/** `nodes where …` as one term of a node selector. */
export const nodeTerm = (requirements: readonly Requirement[]): NodeSelectorTerm => ({
  matchExpressions: requirements.map(expression),
});

/** `pods where …` as a label selector: equalities as labels, all else as expressions. */
export function podSelector(requirements: readonly Requirement[]): Json {
  const labels: Record<string, string> = {};
  const others: object[] = [];
  for (const requirement of requirements) {
    const { key, operator, values } = requirement;
    if (operator === "In" && values.length === 1 && !Object.hasOwn(labels, key)) labels[key] = values[0]!;
    else others.push(expression(requirement));
  }
  return {
    ...(Object.keys(labels).length > 0 ? { matchLabels: labels } : {}),
    ...(others.length > 0 ? { matchExpressions: others } : {}),
  };
}
