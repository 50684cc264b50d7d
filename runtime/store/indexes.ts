import type { Pod } from "../../model/core.ts";
import type { Kind, KubernetesObject, Stored } from "../../model/meta.ts";
import type { ListQuery } from "../client/client.ts";
import { fieldValue, OWNER_FIELD } from "../client/fields.ts";
import { Bucket, type Cell } from "./bucket.ts";

/** The fields that are indexed besides the namespace, narrowest first. A query on several uses the first. */
const indexed: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  Pod: [OWNER_FIELD, "spec.nodeName"],
  Node: ["metadata.name"],
};

const NAMESPACE = "metadata.namespace";

/** The index fields of a kind. */
export function indexesOf(kind: Kind): readonly string[] {
  return [...(indexed[kind] ?? []), NAMESPACE];
}

/** The index that answers a query best, with the value to look up; undefined where all objects must be looked at. */
export function indexFor(kind: Kind, query: ListQuery): { field: string; value: string } | undefined {
  for (const field of indexed[kind] ?? []) {
    const value = query.fields?.[field];
    if (value !== undefined) return { field, value };
  }
  const namespace = query.namespace ?? query.fields?.[NAMESPACE];
  return namespace === undefined ? undefined : { field: NAMESPACE, value: namespace };
}

/** All objects of one kind, found by index value. */
export class KindTable {
  readonly all: Bucket;
  readonly #seldom: boolean;
  readonly #cells = new Map<string, Cell>();
  readonly #fields: readonly string[];
  readonly #buckets: readonly Map<string, Bucket>[];

  constructor(kind: Kind) {
    // Events come and go all the time, and are listed now and then.
    this.#seldom = kind === "Event";
    this.all = new Bucket(this.#seldom);
    this.#fields = indexesOf(kind);
    this.#buckets = this.#fields.map(() => new Map<string, Bucket>());
  }

  get(namespace: string | undefined, name: string): Stored | undefined {
    // What a request gives for a name may be anything, and one that cannot be written as text names nothing.
    if (typeof name !== "string" || typeof (namespace ?? "") !== "string") return undefined;
    return this.#cells.get(sortName(namespace, name))?.object;
  }

  /** What stands under an index value, or everything. */
  lookup(index: { field: string; value: string } | undefined): readonly Stored[] {
    if (!index) return this.all.list();
    return this.#buckets[this.#fields.indexOf(index.field)]?.get(index.value)?.list() ?? [];
  }

  replace(previous: Stored | undefined, next: Stored | undefined): void {
    const { namespace, name } = (next ?? previous)!.metadata;
    const key = sortName(namespace, name);
    const cell = this.#cells.get(key);
    if (!next) {
      if (cell) this.#remove(key, cell);
    } else if (cell) this.#renew(cell, next);
    else this.#insert(key, next);
  }

  #insert(key: string, object: Stored): void {
    const cell: Cell = { sortName: key, object, buckets: [] };
    this.#cells.set(key, cell);
    this.all.add(cell);
    for (let index = 0; index < this.#fields.length; index++)
      this.#place(cell, index, indexValue(object, this.#fields[index]!));
  }

  #renew(cell: Cell, next: Stored): void {
    const previous = cell.object;
    cell.object = next;
    this.all.changed();
    for (let index = 0; index < this.#fields.length; index++) {
      const field = this.#fields[index]!;
      const value = isSameSource(previous, next, field) ? undefined : indexValue(next, field);
      const before = value === undefined ? undefined : indexValue(previous, field);
      if (value === before) {
        cell.buckets[index]!.changed();
        continue;
      }
      this.#leave(cell, index, before!);
      this.#place(cell, index, value!);
    }
  }

  #remove(key: string, cell: Cell): void {
    this.#cells.delete(key);
    this.all.delete(cell);
    for (let index = 0; index < this.#fields.length; index++)
      this.#leave(cell, index, indexValue(cell.object, this.#fields[index]!));
  }

  #place(cell: Cell, index: number, value: string): void {
    const buckets = this.#buckets[index]!;
    let bucket = buckets.get(value);
    if (!bucket) buckets.set(value, (bucket = new Bucket(this.#seldom)));
    bucket.add(cell);
    cell.buckets[index] = bucket;
  }

  #leave(cell: Cell, index: number, value: string): void {
    const bucket = cell.buckets[index]!;
    bucket.delete(cell);
    if (bucket.size === 0) this.#buckets[index]!.delete(value);
  }
}

/** A text that sorts by namespace, then by name: a space sorts before every character that names may hold. */
function sortName(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""} ${name}`;
}

/** Whether what an index value is read from is the very same in two versions of an object. */
export function isSameSource(previous: Stored, next: Stored, field: string): boolean {
  if (field === NAMESPACE || field === "metadata.name") return true;
  if (field === OWNER_FIELD) return previous.metadata.ownerReferences === next.metadata.ownerReferences;
  const part = field.slice(0, field.indexOf("."));
  return (
    (previous as unknown as Record<string, unknown>)[part] ===
    (next as unknown as Record<string, unknown>)[part]
  );
}

/** The value under which an object stands in an index. */
export function indexValue(object: KubernetesObject, field: string): string {
  if (field === "spec.nodeName") return (object as Pod).spec.nodeName ?? "";
  return fieldValue(object, field);
}
