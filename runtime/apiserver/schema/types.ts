import { fieldTable, type TypeName } from "./fields.ts";

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
  | { readonly form: "object"; readonly type: TypeName }
  | { readonly form: "list"; readonly item: FieldType; readonly merge?: string }
  | { readonly form: "map"; readonly value: FieldType };

export type Fields = ReadonlyMap<string, FieldType>;

const known = new Map<string, Fields>();

/** The fields of a type by name. */
export function fieldsOf(type: TypeName): Fields {
  let fields = known.get(type);
  if (!fields) {
    fields = new Map(
      fieldTable[type]
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

function parse(text: string): FieldType {
  const [type = "", merge] = text.split("@");
  if (type.startsWith("["))
    return { form: "list", item: parse(type.slice(1, -1)), ...(merge !== undefined && { merge }) };
  if (type.startsWith("{")) return { form: "map", value: parse(type.slice(1, -1)) };
  return Object.hasOwn(fieldTable, type)
    ? { form: "object", type: type as TypeName }
    : { form: "scalar", scalar: type as Scalar };
}

export function isTypeName(name: string): name is TypeName {
  return Object.hasOwn(fieldTable, name);
}
