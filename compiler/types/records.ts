import type { FieldSchema } from "./type.ts";

/** A field table from entries; safe for every key, `__proto__` included. */
export function fieldsOf(
  entries: Iterable<readonly [string, FieldSchema]>,
): Readonly<Record<string, FieldSchema>> {
  return Object.fromEntries(entries);
}

/** The field of this name, never one that JavaScript's objects inherit. */
export function fieldAt<T>(fields: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}
