import type { TypeName } from "../../../model/api/fields.ts";
import { type AnyTypeName, type FieldType, fieldsOf, type Scalar } from "../../../model/api/types.ts";
import { parseQuantity } from "../../../model/quantity.ts";
import { badRequest } from "../status.ts";

/** A body as its type reads it: known fields alone, in their types. */
export interface Decoded {
  readonly value: Record<string, unknown>;
  /** Paths of fields that the type does not have; they are left out of the value, as Kubernetes does. */
  readonly unknown: readonly string[];
}

/**
 * Reads JSON as a type of the Kubernetes API, as its own decoder does: `null` is absent, as are lists and
 * maps with nothing in them; unknown fields are dropped and told, and anything of a wrong type is refused with the field's path (400).
 */
export function decode(type: TypeName, value: unknown): Decoded {
  const context: Context = { type, unknown: [] };
  return {
    value: decodeObject(context, type, value, "") as Record<string, unknown>,
    unknown: context.unknown,
  };
}

interface Context {
  readonly type: TypeName;
  readonly unknown: string[];
}

function decodeObject(context: Context, type: AnyTypeName, value: unknown, path: string): unknown {
  if (!isRecord(value)) throw mismatch(context, value, path, type);
  const fields = fieldsOf(type);
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const field = fields.get(name);
    const at = path === "" ? name : `${path}.${name}`;
    if (!field) context.unknown.push(at);
    else if (value[name] !== null) {
      const decoded = decodeField(context, field, value[name], at);
      if (field.required || !isEmptyCollection(field, decoded)) result[name] = decoded;
    }
  }
  return result;
}

/** A list or a map without anything in it is as good as absent (`omitempty` in Kubernetes' types). */
function isEmptyCollection({ form }: FieldType, value: unknown): boolean {
  return (form === "list" || form === "map") && Object.keys(value as object).length === 0;
}

function decodeField(context: Context, field: FieldType, value: unknown, path: string): unknown {
  switch (field.form) {
    case "scalar":
      return decodeScalar(context, field.scalar, value, path);
    case "object":
      return decodeObject(context, field.type, value, path);
    case "list":
      if (!Array.isArray(value)) throw mismatch(context, value, path, `[]${describe(field.item)}`);
      return value.map((item, index) => decodeField(context, field.item, item, `${path}[${index}]`));
    case "map": {
      if (!isRecord(value)) throw mismatch(context, value, path, `map[string]${describe(field.value)}`);
      // Built from entries: a key such as `__proto__` is then a key like any other.
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, entry]) => entry !== null)
          .map(([key, entry]) => [key, decodeField(context, field.value, entry, `${path}.${key}`)]),
      );
    }
  }
}

const timePattern = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeScalar(context: Context, scalar: Scalar, value: unknown, path: string): unknown {
  const ok = accepts(scalar, value);
  if (ok === false) throw mismatch(context, value, path, scalar);
  if (ok !== true) throw badRequest(`${context.type} in version "v1" cannot be handled: ${path}: ${ok}`);
  return scalar === "quantity" ? String(value) : value;
}

/** Whether a value is of a scalar type; a text says what is wrong with one that has the right JSON type. */
function accepts(scalar: Scalar, value: unknown): boolean | string {
  switch (scalar) {
    case "any":
      return true;
    case "string":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number";
    case "int32":
      return Number.isInteger(value) && (value as number) <= 0x7fff_ffff && (value as number) >= -0x8000_0000;
    case "int64":
      return Number.isSafeInteger(value);
    case "intOrString":
      return typeof value === "string" || accepts("int32", value);
    case "quantity":
      if (typeof value !== "string" && typeof value !== "number") return false;
      return (
        parseQuantity(String(value)) !== undefined ||
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
      );
    case "time":
    case "microTime":
      if (typeof value !== "string") return false;
      return (
        (timePattern.test(value) && !Number.isNaN(Date.parse(value))) ||
        `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse`
      );
    case "bytes":
      if (typeof value !== "string") return false;
      return base64Pattern.test(value) || "illegal base64 data";
  }
}

/** The refusal of Kubernetes' decoder, in Go's words, which kubectl's users know. */
function mismatch(context: Context, value: unknown, path: string, wanted: string) {
  const found = Array.isArray(value)
    ? "array"
    : value === null
      ? "null"
      : typeof value === "boolean"
        ? "bool"
        : typeof value;
  const shown = typeof value === "number" ? `number ${value}` : found;
  const field = path === "" ? "value" : `struct field ${context.type}.${path}`;
  return badRequest(
    `${context.type} in version "v1" cannot be handled as a ${context.type}: json: cannot unmarshal ${shown} into Go ${field} of type ${wanted}`,
  );
}

function describe(field: FieldType): string {
  switch (field.form) {
    case "scalar":
      return field.scalar;
    case "object":
      return field.type;
    case "list":
      return `[]${describe(field.item)}`;
    case "map":
      return `map[string]${describe(field.value)}`;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
