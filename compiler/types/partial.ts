import { optional } from "./assignable.ts";
import type { FieldSchema, Type } from "./type.ts";

const known = new WeakMap<Type, Type>();

/**
 * The type of what overrides a value of this type: records and maps merge, so that nothing in them is required and
 * `none` takes an entry away; lists and all else are replaced whole.
 */
export function partial(type: Type): Type {
  const before = known.get(type);
  if (before) return before;
  const made = make(type);
  known.set(type, made);
  return made;
}

function make(type: Type): Type {
  switch (type.kind) {
    case "record": {
      const entries = Object.entries(type.fields).map(
        ([key, { required, ...field }]): [string, FieldSchema] => [
          key,
          // What is required cannot be taken away, but need not be said again.
          { ...field, type: required ? partial(field.type) : optional(partial(field.type)) },
        ],
      );
      return { ...type, fields: Object.fromEntries(entries) };
    }
    case "map":
      return { kind: "map", values: optional(partial(type.values)) };
    case "labels":
      return { kind: "labels", removable: true };
    case "optional":
      return optional(partial(type.type));
    case "union":
      return { kind: "union", options: type.options.map(partial) };
    default:
      return type;
  }
}
