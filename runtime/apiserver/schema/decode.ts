import type { TypeName } from "../../../model/api/fields.ts";
import { homeOfType } from "../../../model/api/packages.ts";
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
  /** The type whose field is being read, for messages. */
  owner?: AnyTypeName;
}

function decodeObject(context: Context, type: AnyTypeName, value: unknown, path: string): unknown {
  if (!isRecord(value)) throw mismatch(context, value, path, `v1.${homeOfType(type).name}`);
  const fields = fieldsOf(type);
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const field = fields.get(name);
    const at = path === "" ? name : `${path}.${name}`;
    if (!field) context.unknown.push(at);
    else if (value[name] !== null) {
      context.owner = type;
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
  const { owner } = context;
  switch (field.form) {
    case "scalar":
      return decodeScalar(context, field.scalar, value, path);
    case "object":
      return decodeObject(context, field.type, value, path);
    case "list":
      if (!Array.isArray(value)) throw mismatch(context, value, path, goType(field));
      return value.map((item, index) => {
        context.owner = owner!;
        return decodeField(context, field.item, item, `${path}[${index}]`);
      });
    case "map": {
      if (!isRecord(value)) throw mismatch(context, value, path, goType(field));
      // Built from entries: a key such as `__proto__` is then a key like any other.
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, entry]) => entry !== null)
          .map(([key, entry]) => [key, decodeField(context, field.value, entry, `${path}{${key}}`)]),
      );
    }
  }
}

const timePattern = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeScalar(context: Context, scalar: Scalar, value: unknown, path: string): unknown {
  const ok = accepts(scalar, value);
  if (ok === false) throw mismatch(context, value, path, goScalars[scalar]);
  if (ok !== true) throw unreadable(context, `${path.replace(/\{([^}]*)\}/g, ".$1")}: ${ok}`);
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
        `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05${scalar === "time" ? "" : ".000000"}Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`
      );
    case "bytes":
      if (typeof value !== "string") return false;
      return base64Pattern.test(value) || "illegal base64 data";
  }
}

/** What Go calls the types of plain values, where they are read from JSON. */
const goScalars: Readonly<Record<Scalar, string>> = {
  any: "v1.FieldsV1",
  bool: "bool",
  bytes: "[]uint8",
  int32: "int32",
  int64: "int64",
  // What is no text is a number.
  intOrString: "int32",
  number: "float64",
  quantity: "resource.Quantity",
  string: "string",
  time: "string",
  microTime: "string",
};

function goType(field: FieldType): string {
  switch (field.form) {
    case "scalar":
      return goScalars[field.scalar];
    case "object":
      return `v1.${homeOfType(field.type).name}`;
    case "list":
      return `[]${goType(field.item)}`;
    case "map":
      return field.value.form === "scalar" && field.value.scalar === "quantity"
        ? "v1.ResourceList"
        : `map[string]${goType(field.value)}`;
  }
}

/**
 * The refusal of Kubernetes' decoder, in Go's words: the innermost type, the path of fields without the positions in
 * lists and the keys in maps, and the type that was wanted.
 */
function mismatch(context: Context, value: unknown, path: string, wanted: string) {
  const found = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
  const shown =
    typeof value === "number" && /^int/.test(wanted)
      ? `number ${value}`
      : found === "boolean"
        ? "bool"
        : found;
  const fields = path.replace(/\[\d+\]|\{[^}]*\}/g, "");
  const where =
    fields === "" || !context.owner ? "value" : `struct field ${homeOfType(context.owner).name}.${fields}`;
  return unreadable(context, `json: cannot unmarshal ${shown} into Go ${where} of type ${wanted}`);
}

function unreadable({ type }: Context, why: string) {
  return badRequest(`${type} in version "v1" cannot be handled as a ${type}: ${why}`);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
