import * as t from "../basic.ts";
import { fieldAt } from "../records.ts";
import type { FieldSchema, Type, VariantParameter, VariantSchema } from "../type.ts";
import { refinements } from "./refinements.ts";
import { type KubernetesField, kubernetesFields } from "./tables.ts";

/**
 * KDSL's types for what keeps its Kubernetes name: closed records with a type for each field, made from the tables when
 * they are first looked into. Most files name none of them, so that nothing is worked out when a command starts.
 */

const known = new Map<string, Type>();

/** The record type that stands for a Kubernetes type. */
export function kubernetes(type: string): Type {
  const made = known.get(type);
  if (made) return made;
  let fields: Readonly<Record<string, FieldSchema>> | undefined;
  const record: Type = {
    kind: "record",
    name: type,
    of: type,
    get fields() {
      fields ??= fieldsOfType(type);
      return fields;
    },
  };
  known.set(type, record);
  return record;
}

/** A form of a value whose named parameters are the fields of a Kubernetes type: `nfs(server: "…", path: "…")`. */
export function kubernetesForm(path: string, type: string, help: string): VariantSchema {
  let parameters: readonly VariantParameter[] | undefined;
  return {
    help,
    path,
    of: type,
    get parameters() {
      parameters ??= Object.entries(fieldsOfType(type)).map(([name, { required, ...field }]) => ({
        name,
        ...field,
        optional: required !== true,
      }));
      return parameters;
    },
  };
}

let refined: ReturnType<typeof refinements> | undefined;

/** Why a field of a Kubernetes type is not taken over; undefined where it is. */
function leftOut(type: string, field: string): string | undefined {
  refined ??= refinements(kubernetes);
  const refinement = fieldAt(refined, `${type}.${field}`);
  return refinement && "left" in refinement ? refinement.left : undefined;
}

/** Why a field of a Kubernetes object has no place in the language, where it has none. */
export function whyLeftOut(path: string, type: string, field: string): string | undefined {
  if (path === "apiVersion" || path === "kind") return "the word of the declaration says it";
  const why = leftOut(type, field);
  return why ?? (/^status\b/.test(path) ? "the cluster writes it" : undefined);
}

/** Those that are required come first. */
function fieldsOfType(type: string): Readonly<Record<string, FieldSchema>> {
  refined ??= refinements(kubernetes);
  const fields: Record<string, FieldSchema> = {};
  const inOrder = [...(kubernetesFields(type) ?? [])].sort(
    (one, other) => Number(other.required) - Number(one.required),
  );
  for (const field of inOrder) {
    const refinement = fieldAt(refined, `${type}.${field.name}`);
    if (refinement && "left" in refinement) continue;
    const schema = refinement ?? plainField(field);
    fields[field.name] = field.required ? { ...schema, required: true } : schema;
  }
  return fields;
}

function plainField(field: KubernetesField): FieldSchema {
  const type = plainType(field);
  // A reference that is nothing but a name: the secret itself stands for it.
  if (field.type === "LocalObjectReference")
    return { type: inForm(field, type), path: `${field.name}${field.form === "list" ? "[]" : ""}.name` };
  return { type: inForm(field, type) };
}

const inForm = ({ form }: KubernetesField, type: Type): Type =>
  form === "list" ? t.listOf(type) : form === "map" ? t.mapOf(type) : type;

function plainType({ name, type }: KubernetesField): Type {
  switch (type) {
    case "string":
    case "Time":
      return t.text;
    case "boolean":
      return t.boolean;
    case "number":
      return name.endsWith("Seconds") ? t.seconds : { kind: "number", integer: true };
    case "Quantity":
      return t.memory;
    case "intOrString":
      return t.either({ kind: "number", integer: true }, t.text);
    case "LocalObjectReference":
      return t.either(t.object("secret"), t.text);
    default:
      return kubernetes(type);
  }
}
