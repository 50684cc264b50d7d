import { type AnyTypeName, type FieldType, fieldsOf } from "../../model/api/types.ts";
import { child } from "../plan/paths.ts";
import type { Around } from "./shape.ts";

/** Where a field belongs that stands at the wrong level: mostly a line that is indented too little or too much. */

/** Fields that so many types have that nothing can be said. */
const everywhere = new Set([
  "name",
  "namespace",
  "key",
  "value",
  "path",
  "type",
  "kind",
  "items",
  "status",
  "data",
  "port",
]);

const deepest = 4;

/** The path of the nearest place that has such a field: around first, then within what is around. */
export function homeOf(
  field: string,
  around: Around,
  isThere: (path: string) => boolean,
): string | undefined {
  if (everywhere.has(field)) return undefined;
  const outwards = [...around].reverse();
  for (const { type, path } of outwards.slice(1))
    if (fieldsOf(type).has(field)) return path || "the object itself";
  for (const [index, { type, path }] of outwards.entries()) {
    const found = within(field, type, path);
    // What lies beside is meant only where there is such a thing.
    if (found !== undefined && (index === 0 || isThere(found.replaceAll("[]", "[0]")))) return found;
  }
  return undefined;
}

function within(field: string, type: AnyTypeName, path: string): string | undefined {
  let level: { type: AnyTypeName; path: string }[] = [{ type, path }];
  const seen = new Set<AnyTypeName>([type]);
  for (let depth = 0; depth < deepest; depth++) {
    const below: typeof level = [];
    for (const each of level) {
      for (const [name, inner] of fieldsOf(each.type)) {
        const found = typeWithin(inner, child(each.path, name));
        // What only the cluster writes is no place for anything.
        if (!found || name === "status" || seen.has(found.type)) continue;
        if (fieldsOf(found.type).has(field)) return found.path;
        seen.add(found.type);
        below.push(found);
      }
    }
    level = below;
  }
  return undefined;
}

function typeWithin(field: FieldType, path: string): { type: AnyTypeName; path: string } | undefined {
  if (field.form === "object") return { type: field.type, path };
  if (field.form === "list") return typeWithin(field.item, `${path}[]`);
  return undefined;
}
