import type { FieldPath } from "../../model/plan.ts";

/** Field paths as Kubernetes writes them: `spec.containers[0].env[1].value`, `metadata.labels[a.b/c]`. */

/** The path of a field, or of one further inside; a key that is no plain word stands in brackets. */
export function child(path: FieldPath, ...keys: string[]): FieldPath {
  let result = path;
  for (const key of keys) {
    if (!/^[A-Za-z0-9_-]+$/.test(key)) result = `${result}[${key}]`;
    else result = result === "" ? key : `${result}.${key}`;
  }
  return result;
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
