import type { Kind, KubernetesObject, Stored } from "../../model/meta.ts";
import type { ListQuery } from "../client/client.ts";
import { fieldValue, OWNER_FIELD } from "../client/fields.ts";
import { Bucket } from "./bucket.ts";

/** The fields that are indexed besides the namespace, narrowest first. A query on several uses the first. */
const indexed: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  Pod: [OWNER_FIELD, "spec.nodeName"],
  Event: ["involvedObject.uid"],
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
  readonly all = new Bucket();
  readonly #byName = new Map<string, Stored>();
  readonly #fields: readonly string[];
  readonly #buckets: ReadonlyMap<string, Map<string, Bucket>>;

  constructor(kind: Kind) {
    this.#fields = indexesOf(kind);
    this.#buckets = new Map(this.#fields.map((field) => [field, new Map<string, Bucket>()]));
  }

  get(namespace: string | undefined, name: string): Stored | undefined {
    // What a request gives for a name may be anything, and one that cannot be written as text names nothing.
    if (typeof name !== "string" || typeof (namespace ?? "") !== "string") return undefined;
    return this.#byName.get(`${namespace ?? ""}/${name}`);
  }

  /** What stands under an index value, or everything. */
  lookup(index: { field: string; value: string } | undefined): readonly Stored[] {
    if (!index) return this.all.list();
    return this.#buckets.get(index.field)?.get(index.value)?.list() ?? [];
  }

  replace(previous: Stored | undefined, next: Stored | undefined): void {
    const { namespace, name } = (next ?? previous)!.metadata;
    if (next) this.#byName.set(`${namespace ?? ""}/${name}`, next);
    else this.#byName.delete(`${namespace ?? ""}/${name}`);
    if (next) this.all.set(next);
    else if (previous) this.all.delete(previous);
    for (const field of this.#fields) this.#reindex(field, previous, next);
  }

  #reindex(field: string, previous: Stored | undefined, next: Stored | undefined): void {
    const before = previous && indexValue(previous, field);
    const after = next && indexValue(next, field);
    const buckets = this.#buckets.get(field)!;
    if (previous && before !== undefined && before !== after) {
      const bucket = buckets.get(before);
      bucket?.delete(previous);
      if (bucket?.size === 0) buckets.delete(before);
    }
    if (next && after !== undefined) {
      let bucket = buckets.get(after);
      if (!bucket) buckets.set(after, (bucket = new Bucket()));
      bucket.set(next);
    }
  }
}

/** The value under which an object stands in an index. */
export function indexValue(object: KubernetesObject, field: string): string {
  return fieldValue(object, field);
}
