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
  | "microTime"
  | "bytes"
  | "intOrString"
  | "any";

/** What a field holds. */
export type FieldType = FieldForm & {
  readonly required?: boolean;
  /** What the field is taken to be where it is absent; a text, also of a number. */
  readonly default?: string;
};

type FieldForm =
  | { readonly form: "scalar"; readonly scalar: Scalar }
  | { readonly form: "object"; readonly type: AnyTypeName }
  | ListType
  | {
      readonly form: "map";
      readonly value: FieldType;
      /** One owner has the whole of it (`x-kubernetes-map-type: atomic`). */
      readonly atomic?: boolean;
    };

export interface ListType {
  readonly form: "list";
  readonly item: FieldType;
  /** The field by which a strategic merge patch joins the items; "" where they are plain values. Absent: it replaces. */
  readonly merge?: string;
  /** A patch that names an item clears the members of the item's union which it does not name. */
  readonly retainKeys?: boolean;
  /** Who owns its parts (`x-kubernetes-list-type`). Absent: as `atomic`. */
  readonly listType?: "atomic" | "set" | "map";
  /** The fields by which an item is known; of lists of type `map`. */
  readonly mapKeys?: readonly string[];
}

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
        .filter((entry) => entry !== atomicMark)
        .map((entry): [string, FieldType] => {
          const colon = entry.indexOf(":");
          return [entry.slice(0, colon), parse(entry.slice(colon + 1))];
        }),
    );
    known.set(type, fields);
  }
  return fields;
}

const atomicMark = "#atomic";

/** Whether an object of the type has one owner as a whole (`x-kubernetes-map-type: atomic`). */
export function isAtomic(type: AnyTypeName): boolean {
  return textOf(type).trim().startsWith(atomicMark);
}

/**
 * The type of what lies in a value of type `of` under a field's name; undefined where the type says nothing of it.
 * To walk into a list, go on with its `item`.
 */
export function fieldType(of: FieldType | undefined, name: string): FieldType | undefined {
  if (of?.form === "object") return fieldsOf(of.type).get(name);
  return of?.form === "map" ? of.value : undefined;
}

const textOf = (type: AnyTypeName): string =>
  isTypeName(type) ? fieldTable[type] : otherTable[type as OtherTypeName];

function parse(text: string): FieldType {
  const [, type = "", required, preset, merge, owners] =
    /^([^!=@#]+)(!)?(=[^@#]*)?(@[^#]*)?(#.*)?$/.exec(text) ?? [];
  return {
    ...parseForm(type, merge?.slice(1), owners?.slice(1)),
    ...(required && { required: true }),
    ...(preset && { default: preset.slice(1) }),
  };
}

function parseForm(type: string, merge: string | undefined, owners: string | undefined): FieldForm {
  if (type.startsWith("[")) {
    const whole = owners === "atomic" || owners === "set";
    return {
      form: "list",
      item: parse(type.slice(1, -1)),
      ...(merge !== undefined && { merge: merge.replace("~", "") }),
      ...(merge?.endsWith("~") && { retainKeys: true }),
      ...(owners !== undefined && { listType: whole ? owners : "map" }),
      ...(owners !== undefined && !whole && { mapKeys: owners.split(",") }),
    };
  }
  if (type.startsWith("{"))
    return { form: "map", value: parse(type.slice(1, -1)), ...(owners && { atomic: true }) };
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
