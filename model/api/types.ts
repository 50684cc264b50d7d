import { fieldTable, type TypeName } from "./fields.ts";
import { type OtherTypeName, otherTable } from "./fields-other.ts";

export type Scalar =
  | "string"
  | "bool"
  | "int32"
  | "int64"
  | "number"
  | "quantity"
  | "time"
  | "bytes"
  | "intOrString"
  | "any";

export type FieldType =
  | { readonly form: "scalar"; readonly scalar: Scalar }
  | { readonly form: "object"; readonly type: AnyTypeName }
  | { readonly form: "list"; readonly item: FieldType; readonly merge?: string }
  | { readonly form: "map"; readonly value: FieldType };

export type AnyTypeName = TypeName | OtherTypeName;

export type Fields = ReadonlyMap<string, FieldType>;

const known = new Map<string, Fields>();

/** The fields of a type by name. */
export function fieldsOf(type: AnyTypeName): Fields {
  let fields = known.get(type);
  if (!fields) {
    fields = new Map(
      textOf(type)
        .trim()
        .split(/\s+/)
        .map((entry): [string, FieldType] => {
          const colon = entry.indexOf(":");
          return [entry.slice(0, colon), parse(entry.slice(colon + 1))];
        }),
    );
    known.set(type, fields);
  }
  return fields;
}

const textOf = (type: AnyTypeName): string =>
  isTypeName(type) ? fieldTable[type] : otherTable[type as OtherTypeName];

function parse(text: string): FieldType {
  const [type = "", merge] = text.split("@");
  if (type.startsWith("["))
    return { form: "list", item: parse(type.slice(1, -1)), ...(merge !== undefined && { merge }) };
  if (type.startsWith("{")) return { form: "map", value: parse(type.slice(1, -1)) };
  return Object.hasOwn(fieldTable, type) || Object.hasOwn(otherTable, type)
    ? { form: "object", type: type as AnyTypeName }
    : { form: "scalar", scalar: type as Scalar };
}

/** Whether it is a type that the served kinds are made of. */
export function isTypeName(name: string): name is TypeName {
  return Object.hasOwn(fieldTable, name);
}

/** Whether the table knows the type at all. */
export function isAnyTypeName(name: string): name is AnyTypeName {
  return isTypeName(name) || Object.hasOwn(otherTable, name);
}
