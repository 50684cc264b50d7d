import { placeOf } from "../../base/versions.ts";
import { type Cause, type Causes, typeInvalid } from "./cause.ts";

/**
 * The JSON types of fields. A body that passes can be read as the TypeScript type says; fields that no shape names
 * are not looked at. `null` stands for an absent field, as in Kubernetes' decoder, but not for an item.
 */
export type Shape =
  | "string"
  | "boolean"
  /** A whole number of 32 bits with sign. */
  | "int32"
  /** A whole number that JavaScript holds exactly. */
  | "int64"
  | "intOrString"
  /** A text or a number. Whether it is a quantity is for the check of its field. */
  | "quantity"
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: ReadonlyMap<string, Shape> };

export const list = (item: Shape): Shape => ({ list: item });
export const map = (value: Shape): Shape => ({ map: value });
export const fields = (table: Readonly<Record<string, Shape>>): Shape => ({
  fields: new Map(Object.entries(table)),
});

const names: Readonly<Record<string, string>> = {
  string: "a string",
  boolean: "true or false",
  int32: "a 32-bit integer",
  int64: "an integer",
  intOrString: "an integer or a string",
  quantity: "a quantity",
};

function isScalar(shape: string, value: unknown): boolean {
  switch (shape) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "int32":
      return typeof value === "number" && (value | 0) === value;
    case "int64":
      return Number.isSafeInteger(value);
    case "intOrString":
      return typeof value === "string" || (typeof value === "number" && (value | 0) === value);
    default:
      return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
  }
}

const enough = 20;

/**
 * Adds a cause for each value of a wrong JSON type, the first of them at most. Never throws, and looks no deeper than
 * the shape does, however deep the value is.
 */
export function checkShape(
  causes: Causes,
  path: string,
  shape: Shape,
  value: unknown,
  /** An object that was found in order: what the value shares with it is not looked at again. */
  before?: unknown,
): void {
  const found = mismatch(shape, value, before);
  if (found === undefined) return;
  collect(causes, path, shape, value);
}

/**
 * The places in a list of those items that the list before had not got, as the very same object and in the same order:
 * where one is put in or taken out, the others move. It may name more than those.
 */
export function newItems(before: readonly unknown[], list: readonly unknown[]): readonly number[] {
  const found: number[] = [];
  let place = 0;
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    const at = placeOf(before, item, place);
    if (at >= 0 && typeof item === "object" && item !== null) place = at + 1;
    else found.push(index);
  }
  return found;
}

const isText = (shape: Shape): boolean => shape === "string" || shape === "quantity";

/** Whether a field is as good as the one before: a text where a text was in order, a small whole number likewise. */
function isLike(field: unknown, before: unknown): boolean {
  if (typeof field === "string") return typeof before === "string";
  return typeof field === "number" && typeof before === "number" && (field | 0) === field;
}

/** Quick and without paths: whether anything is wrong at all. */
function mismatch(shape: Shape, value: unknown, before?: unknown): true | undefined {
  if (typeof shape === "string") return isScalar(shape, value) ? undefined : true;
  if (value === before && typeof value === "object" && value !== null) return undefined;
  if (typeof value !== "object" || value === null) return true;
  if ("list" in shape) {
    if (!Array.isArray(value)) return true;
    if (!Array.isArray(before)) {
      for (const item of value) if (mismatch(shape.list, item)) return true;
      return undefined;
    }
    // What stands at one place before and now is mostly the same thing, changed or not.
    if (before.length === value.length) {
      for (let index = 0; index < value.length; index++)
        if (value[index] !== before[index] && mismatch(shape.list, value[index], before[index])) return true;
      return undefined;
    }
    for (const index of newItems(before, value))
      if (mismatch(shape.list, value[index], before[index])) return true;
    return undefined;
  }
  if (Array.isArray(value)) return true;
  if ("map" in shape) {
    for (const key in value) {
      const entry = (value as Record<string, unknown>)[key];
      if (!(typeof entry === "string" && isText(shape.map)) && mismatch(shape.map, entry)) return true;
    }
    return undefined;
  }
  const fields = (typeof before === "object" && before !== null ? before : {}) as Record<string, unknown>;
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key];
    if (field == null || field === fields[key] || isLike(field, fields[key])) continue;
    const inner = shape.fields.get(key);
    if (inner === undefined) continue;
    if (typeof inner === "string" ? !isScalar(inner, field) : mismatch(inner, field, fields[key]))
      return true;
  }
  return undefined;
}

function collect(causes: Causes, path: string, shape: Shape, value: unknown): void {
  if (causes.length >= enough) return;
  const add = (wanted: string): Cause => typeInvalid(path, value, wanted);
  if (typeof shape === "string") {
    if (!isScalar(shape, value)) causes.push(add(names[shape]!));
  } else if ("list" in shape) {
    if (!Array.isArray(value)) causes.push(add("an array"));
    else for (const [index, item] of value.entries()) collect(causes, `${path}[${index}]`, shape.list, item);
  } else if (typeof value !== "object" || value === null || Array.isArray(value)) {
    causes.push(add("an object"));
  } else if ("map" in shape) {
    for (const [key, item] of Object.entries(value)) collect(causes, `${path}[${key}]`, shape.map, item);
  } else {
    for (const [key, item] of Object.entries(value)) {
      const inner = shape.fields.get(key);
      if (inner !== undefined && item != null)
        collect(causes, path === "" ? key : `${path}.${key}`, inner, item);
    }
  }
}
