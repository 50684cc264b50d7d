import type { ManagedFieldsEntry } from "../../../model/meta.ts";
import {
  emptySet,
  equalSets,
  type FieldSet,
  fromFieldsV1,
  isEmptySet,
  toFieldsV1,
  union,
} from "./field-set.ts";

/** Somebody who has set fields of an object, and which. */
export interface Manager {
  readonly name: string;
  /** Who applies says all that it wants each time; who updates has changed something once. */
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  /** "status", "scale"; "" for the object itself. */
  readonly subresource: string;
  /** Of its last change; RFC 3339. */
  readonly time?: string;
  readonly fields: FieldSet;
}

/** The managers of an object by `identity`. */
export type Managers = ReadonlyMap<string, Manager>;

export const noManagers: Managers = new Map();

/** More than this many who have updated are kept as one, the oldest first (`DefaultMaxUpdateManagers`). */
const maximumUpdaters = 10;
const ancient = "ancient-changes";

/** Who applies is the same in every version of the API. */
export function identity(manager: Omit<Manager, "fields" | "time">): string {
  const { name, operation, apiVersion, subresource } = manager;
  return JSON.stringify([operation, operation === "Apply" ? "" : apiVersion, subresource, name]);
}

/** Reads an object's `managedFields`; undefined where they are not in order. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  const result = new Map<string, Manager>();
  for (const entry of entries ?? []) {
    const fields = fromFieldsV1(entry.fieldsV1 ?? {});
    const { operation } = entry;
    if (!fields || (operation !== "Apply" && operation !== "Update")) return undefined;
    if (entry.fieldsType !== "FieldsV1") return undefined;
    const manager: Manager = {
      name: entry.manager ?? "",
      operation,
      apiVersion: entry.apiVersion ?? "",
      subresource: entry.subresource ?? "",
      ...(entry.time !== undefined && { time: entry.time }),
      fields,
    };
    const id = identity(manager);
    const other = result.get(id);
    result.set(id, other ? { ...manager, fields: union(other.fields, fields) } : manager);
  }
  return result;
}

/** An object's `managedFields`, in Kubernetes' order. */
export function writeManagers(managers: Managers): ManagedFieldsEntry[] {
  const sorted = [...managers.values()].filter(({ fields }) => !isEmptySet(fields));
  const rank = ({ operation, time = "", name, apiVersion, subresource }: Manager) => [
    operation,
    time,
    name,
    apiVersion,
    subresource,
  ];
  sorted.sort((a, b) => compareTexts(rank(a), rank(b)));
  return sorted.map(({ name, operation, apiVersion, subresource, time, fields }) => ({
    manager: name,
    operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: "FieldsV1",
    fieldsV1: toFieldsV1(fields),
    ...(subresource !== "" && { subresource }),
  }));
}

function compareTexts(a: readonly string[], b: readonly string[]): number {
  const index = a.findIndex((text, each) => text !== b[each]);
  return index < 0 ? 0 : a[index]! < b[index]! ? -1 : 1;
}

/** Whether the same have set the same, whenever that was. */
export function sameOwners(a: Managers, b: Managers): boolean {
  return (
    a.size === b.size &&
    [...a].every(([id, { fields }]) => {
      const other = b.get(id);
      return other !== undefined && equalSets(fields, other.fields);
    })
  );
}

/** All that anybody has set. */
export function ownedByAny(managers: Managers): FieldSet {
  return [...managers.values()].reduce((set, { fields }) => union(set, fields), emptySet);
}

/** Joins those who updated longest ago, each version of the API by itself, until there are not too many. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers.values()].filter(({ operation }) => operation === "Update");
  if (updaters.length <= maximumUpdaters) return managers;
  updaters.sort((a, b) => compareTexts([a.time ?? "", identity(a)], [b.time ?? "", identity(b)]));
  const result = new Map(managers);
  const firsts = new Map<string, Manager>();
  let count = updaters.length;
  for (const updater of updaters) {
    if (count <= maximumUpdaters) break;
    const first = firsts.get(updater.apiVersion);
    if (!first) {
      firsts.set(updater.apiVersion, updater);
      continue;
    }
    const bucket: Manager = { ...updater, name: ancient, subresource: "" };
    const before = result.get(identity(bucket)) ?? first;
    if (before === first) result.delete(identity(first));
    result.delete(identity(updater));
    result.set(identity(bucket), { ...bucket, fields: union(before.fields, updater.fields) });
    count--;
  }
  return result;
}
