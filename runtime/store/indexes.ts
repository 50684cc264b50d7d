import type { Pod } from "../../model/core.ts";
import { controllerOf, type Kind, type Stored } from "../../model/meta.ts";
import type { ListQuery } from "../client/client.ts";
import { OWNER_FIELD } from "../client/fields.ts";
import { Bucket, type Cell } from "./bucket.ts";

/** A field by whose value objects are found. */
export interface Index {
  readonly field: string;
  valueOf(object: Stored): string;
  /** The part that the value is read from: two versions of an object that share it have the same value. */
  sourceOf(object: Stored): unknown;
}

const NAMESPACE = "metadata.namespace";

const byNamespace: Index = {
  field: NAMESPACE,
  valueOf: ({ metadata }) => metadata.namespace ?? "",
  sourceOf: () => undefined,
};

/** What is indexed, narrowest first: a query on several uses the first. The namespace is the last for each kind. */
const indexed: Readonly<Partial<Record<Kind, readonly Index[]>>> = {
  Pod: [
    {
      field: OWNER_FIELD,
      valueOf: (pod) => controllerOf(pod)?.uid ?? "",
      sourceOf: ({ metadata }) => metadata.ownerReferences,
    },
    {
      field: "spec.nodeName",
      valueOf: (pod) => (pod as Stored<Pod>).spec.nodeName ?? "",
      sourceOf: (pod) => (pod as Stored<Pod>).spec,
    },
    byNamespace,
  ],
  Node: [
    { field: "metadata.name", valueOf: ({ metadata }) => metadata.name, sourceOf: () => undefined },
    byNamespace,
  ],
};

const namespaceOnly: readonly Index[] = [byNamespace];

/** The indexes of a kind. */
export function indexesOf(kind: Kind): readonly Index[] {
  return indexed[kind] ?? namespaceOnly;
}

/** An index that narrows down a query, and the value to look up in it. */
export interface Lookup {
  /** Which one it is of `indexesOf`. */
  readonly at: number;
  readonly value: string;
  /** It answers the query alone: no object needs to be looked at. */
  readonly exact: boolean;
}

/** The lookup that answers a query best; undefined where all objects must be looked at. */
export function lookupFor(kind: Kind, query: ListQuery): Lookup | undefined {
  const { fields, namespace, selector } = query;
  const indexes = indexesOf(kind);
  for (let at = 0; at < indexes.length; at++) {
    const { field } = indexes[at]!;
    const value = field === NAMESPACE ? (namespace ?? fields?.[field]) : fields?.[field];
    if (value === undefined) continue;
    const asked = new Set(Object.keys(fields ?? {}));
    if (namespace !== undefined) asked.add(NAMESPACE);
    const exact = asked.size === 1 && !selector?.length && (fields?.[field] ?? value) === value;
    return { at, value, exact };
  }
  return undefined;
}

/** All objects of one kind, found by name and by index value. */
export class KindTable {
  readonly #indexes: readonly Index[];
  readonly #all: Bucket;
  /** By namespace and by name: a text made of both would have to be made for each look. */
  readonly #cells = new Map<string, Map<string, Cell>>();
  readonly #buckets: readonly Map<string, Bucket>[];
  /** The one that was asked for last: it is mostly the one that is written next. */
  #last: Cell | undefined;

  constructor(kind: Kind) {
    this.#indexes = indexesOf(kind);
    this.#all = new Bucket(this.#indexes.length);
    this.#buckets = this.#indexes.map(() => new Map<string, Bucket>());
  }

  get(namespace: string | undefined, name: string): Stored | undefined {
    const cell = this.#cells.get(namespace ?? "")?.get(name);
    if (cell) this.#last = cell;
    return cell?.object;
  }

  /** What stands under an index value, or everything. */
  list(lookup: Lookup | undefined): readonly Stored[] {
    if (!lookup) return this.#all.list();
    return this.#buckets[lookup.at]!.get(lookup.value)?.list() ?? [];
  }

  replace(previous: Stored | undefined, next: Stored | undefined): void {
    const cell = this.#cellOf((previous ?? next)!);
    if (next) {
      if (cell) this.#renew(cell, next);
      else this.#insert(next);
    } else if (cell) this.#remove(cell);
  }

  #cellOf(object: Stored): Cell | undefined {
    if (this.#last?.object === object) return this.#last;
    const { namespace, name } = object.metadata;
    return this.#cells.get(namespace ?? "")?.get(name);
  }

  #insert(object: Stored): void {
    const { namespace = "", name } = object.metadata;
    const buckets = new Array<Bucket | undefined>(this.#indexes.length + 1);
    const cell: Cell = { namespace, name, object, buckets };
    let named = this.#cells.get(namespace);
    if (!named) this.#cells.set(namespace, (named = new Map<string, Cell>()));
    named.set(name, cell);
    this.#all.add(cell);
    for (let at = 0; at < this.#indexes.length; at++)
      this.#place(cell, at, this.#indexes[at]!.valueOf(object));
  }

  #renew(cell: Cell, next: Stored): void {
    const previous = cell.object;
    cell.object = next;
    this.#all.changed();
    for (let at = 0; at < this.#indexes.length; at++) {
      const index = this.#indexes[at]!;
      const same = index.sourceOf(previous) === index.sourceOf(next);
      const value = same ? "" : index.valueOf(next);
      const before = same ? "" : index.valueOf(previous);
      if (value === before) {
        cell.buckets[at]!.changed();
        continue;
      }
      this.#leave(cell, at, before);
      this.#place(cell, at, value);
    }
  }

  #remove(cell: Cell): void {
    const { namespace, name, object } = cell;
    if (this.#last === cell) this.#last = undefined;
    const named = this.#cells.get(namespace)!;
    named.delete(name);
    if (named.size === 0) this.#cells.delete(namespace);
    this.#all.delete(cell);
    for (let at = 0; at < this.#indexes.length; at++)
      this.#leave(cell, at, this.#indexes[at]!.valueOf(object));
  }

  #place(cell: Cell, at: number, value: string): void {
    const buckets = this.#buckets[at]!;
    let bucket = buckets.get(value);
    if (!bucket) buckets.set(value, (bucket = new Bucket(at)));
    bucket.add(cell);
  }

  #leave(cell: Cell, at: number, value: string): void {
    const bucket = cell.buckets[at]!;
    bucket.delete(cell);
    if (bucket.size === 0) this.#buckets[at]!.delete(value);
  }
}
