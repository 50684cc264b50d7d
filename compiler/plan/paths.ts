import type { FieldPath } from "../../model/plan.ts";

/** Field paths as Kubernetes writes them: `spec.containers[0].env[1].value`, `metadata.labels[a.b/c]`. */

/** The path of a field, or of one further inside; a key that is no plain word stands in brackets. */
export function child(path: FieldPath, key: string, further?: string): FieldPath {
  const result = inside(path, key);
  return further === undefined ? result : inside(result, further);
}

function inside(path: FieldPath, key: string): FieldPath {
  if (!isPlain(key)) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Keys are few and come again for every object. */
const plain = new Map<string, boolean>();

function isPlain(key: string): boolean {
  let known = plain.get(key);
  if (known === undefined) {
    known = /^[A-Za-z0-9_-]+$/.test(key);
    // Keys of a user's own making are many.
    if (plain.size < 1000) plain.set(key, known);
  }
  return known;
}

export function item(path: FieldPath, index: number): FieldPath {
  return `${path}[${index}]`;
}

/** The path of what holds this field; "" is the object itself, undefined what holds that. */
export function parent(path: FieldPath): FieldPath | undefined {
  if (path === "") return undefined;
  if (path.endsWith("]")) return path.slice(0, path.lastIndexOf("["));
  return path.slice(0, Math.max(0, path.lastIndexOf(".")));
}
