import { build, difference, type FieldSet, intersection, isEmptySet, union } from "./field-set.ts";
import { compare, fieldsIn, withParents } from "./fields.ts";
import { capUpdaters, identity, type Manager, type Managers, ownedByAny } from "./managers.ts";
import { mergeConfig, removeFields } from "./merge.ts";
import type { Shape } from "./shape.ts";

/** Who writes, and where. */
export interface Writer {
  readonly name: string;
  readonly apiVersion: string;
  /** "" for the object itself. */
  readonly subresource: string;
  /** Of the kind whose objects are written. */
  readonly shape: Shape;
  /** RFC 3339. */
  readonly time: string;
}

/** What is nobody's to own: identity, and what the server itself sets. */
const serverFields: FieldSet = build(
  ["f:apiVersion", "f:kind", "f:metadata"],
  [
    [
      "f:metadata",
      build(
        [
          "name",
          "namespace",
          "creationTimestamp",
          "selfLink",
          "uid",
          "generation",
          "managedFields",
          "resourceVersion",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
        ].map((name) => `f:${name}`),
        [],
      ),
    ],
  ],
);

/** The managers of an object after somebody has made `next` of `live`: what changed is the writer's alone. */
export function afterUpdate(writer: Writer, managers: Managers, live: unknown, next: unknown): Managers {
  const { added, removed, modified } = compare(writer.shape, live, next);
  const set = union(added, modified);
  if (isEmptySet(set) && isEmptySet(removed)) return managers;
  const result = new Map<string, Manager>();
  for (const [id, manager] of managers) {
    const fields = difference(difference(manager.fields, set), removed);
    if (!isEmptySet(fields)) result.set(id, fields === manager.fields ? manager : { ...manager, fields });
  }
  const taken = difference(set, serverFields);
  if (isEmptySet(taken)) return result;
  const self = managerOf(writer, "Update", taken);
  const before = result.get(identity(self));
  result.set(identity(self), before ? { ...self, fields: union(before.fields, taken) } : self);
  return capUpdaters(result);
}

/** What an application of a configuration makes of an object. */
export interface Applied {
  readonly object: unknown;
  readonly managers: Managers;
  /** Fields that others own and that the configuration changes; they lose them. */
  readonly conflicts: readonly Manager[];
}

/**
 * Merges a configuration into `live`: it sets what it says, and takes away what the same manager had applied before,
 * says no more, and nobody else owns. What it says of fields that others own with other values is a conflict.
 */
export function afterApply(writer: Writer, managers: Managers, live: unknown, config: unknown): Applied {
  const { shape } = writer;
  const claimed = difference(fieldsIn(shape, config), serverFields);
  const self = managerOf(writer, "Apply", claimed);
  const id = identity(self);
  const last = managers.get(id);
  const others = new Map(managers).set(id, self);
  const merged = mergeConfig(shape, live, config);
  const object = last ? prune(shape, merged, last.fields, ownedByAny(others)) : merged;

  const { added, removed, modified } = compare(shape, live, object);
  const set = union(added, modified);
  const conflicts: Manager[] = [];
  const result = new Map<string, Manager>();
  for (const [each, manager] of others) {
    if (each === id) continue;
    const lost = intersection(manager.fields, set);
    if (!isEmptySet(lost)) conflicts.push({ ...manager, fields: lost });
    const fields = difference(difference(manager.fields, lost), removed);
    if (!isEmptySet(fields)) result.set(each, { ...manager, fields });
  }
  if (!isEmptySet(claimed)) result.set(id, self);
  return { object, managers: result, conflicts };
}

function managerOf(
  { name, apiVersion, subresource, time }: Writer,
  operation: Manager["operation"],
  fields: FieldSet,
) {
  return { name, operation, apiVersion, subresource, time, fields };
}

/** `merged` without what was applied last time and nobody owns now. */
function prune(shape: Shape, merged: unknown, last: FieldSet, owned: FieldSet): unknown {
  const parts = (value: unknown) => withParents(shape, fieldsIn(shape, value));
  const lastParts = withParents(shape, last);
  const all = parts(merged);
  // Taking an item or an object away takes with it what others own in it: that comes back, and what it lies in.
  const gone = difference(
    all,
    union(parts(removeFields(shape, merged, lastParts)), withParents(shape, owned)),
  );
  const pruned = removeFields(shape, merged, gone);
  // What was never this manager's stays, though it lay in something that was.
  return removeFields(shape, merged, intersection(difference(all, parts(pruned)), lastParts));
}
