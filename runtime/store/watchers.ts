import type { Kind, Stored } from "../../model/meta.ts";
import type { ListQuery, WatchEvent } from "../client/client.ts";
import { matchesQuery } from "../client/fields.ts";
import type { Change } from "./history.ts";
import { indexesOf, indexFor, indexValue, isSameSource } from "./indexes.ts";

export type Handler = (event: WatchEvent<never>, revision: number) => void;

interface Watcher {
  readonly order: number;
  readonly query: ListQuery;
  readonly handler: Handler;
  /** Changes up to this revision are not for it: it has seen them in its list. */
  readonly from: number;
  stopped: boolean;
}

/**
 * What a change looks like through a query: entering it is ADDED and leaving it is DELETED (the rule of Kubernetes'
 * watch cache). An object that leaves is shown as it was, at the revision at which it left.
 */
export function project(change: Change, query: ListQuery): WatchEvent<never> | undefined {
  const before = change.previous && matchesQuery(change.previous, query) ? change.previous : undefined;
  const after = change.next && matchesQuery(change.next, query) ? change.next : undefined;
  const shown = (type: WatchEvent<never>["type"], object: Stored) =>
    ({ type, object, ...(change.previous ? { previous: change.previous } : {}) }) as WatchEvent<never>;
  if (after) return shown(before ? "MODIFIED" : "ADDED", after);
  if (before) return shown("DELETED", change.deleted ?? atRevision(before, change.revision));
  return undefined;
}

/** A frozen object as it is, but for its `resourceVersion`. */
export function atRevision<T extends Stored>(object: T, revision: number): T {
  const resourceVersion = String(revision);
  // A field that a copy has not got yet is dear to add behind a spread.
  const metadata = { resourceVersion: "", ...(object.metadata as object) };
  metadata.resourceVersion = resourceVersion;
  return Object.freeze({ ...object, metadata: Object.freeze(metadata) });
}

/** The watchers of one kind, by the index value that they ask for: a write costs what its listeners cost. */
export class Watchers {
  readonly #kind: Kind;
  readonly #fields: readonly string[];
  /** In the order in which they came. Lists are replaced and never changed, for one may be gone through just now. */
  #everything: readonly Watcher[] = [];
  readonly #indexed: readonly Map<string, readonly Watcher[]>[];
  #order = 0;

  constructor(kind: Kind) {
    this.#kind = kind;
    this.#fields = indexesOf(kind);
    this.#indexed = this.#fields.map(() => new Map());
  }

  add(query: ListQuery, handler: Handler, from: number): () => void {
    const watcher: Watcher = { order: this.#order++, query, handler, from, stopped: false };
    const index = indexFor(this.#kind, query);
    const byValue = index && this.#indexed[this.#fields.indexOf(index.field)];
    if (!index || !byValue) {
      this.#everything = [...this.#everything, watcher];
      return () => {
        watcher.stopped = true;
        this.#everything = this.#everything.filter((each) => each !== watcher);
      };
    }
    byValue.set(index.value, [...(byValue.get(index.value) ?? []), watcher]);
    return () => {
      watcher.stopped = true;
      const left = (byValue.get(index.value) ?? []).filter((each) => each !== watcher);
      if (left.length > 0) byValue.set(index.value, left);
      else byValue.delete(index.value);
    };
  }

  /** Tells those whom the change concerns, in the order in which they came. `failed` hears what a handler throws. */
  notify(change: Change, failed: (error: unknown) => void): void {
    // All who ask for everything are told by one event.
    let shared: WatchEvent<never> | undefined;
    for (const watcher of this.#concerned(change)) {
      if (watcher.stopped || watcher.from >= change.revision) continue;
      const { query } = watcher;
      const event = isEmptyQuery(query) ? (shared ??= project(change, query)) : project(change, query);
      if (!event) continue;
      try {
        watcher.handler(event, change.revision);
      } catch (error) {
        failed(error);
      }
    }
  }

  #concerned(change: Change): readonly Watcher[] {
    const { previous, next } = change;
    let found = this.#everything;
    for (let index = 0; index < this.#fields.length; index++) {
      const byValue = this.#indexed[index]!;
      if (byValue.size === 0) continue;
      const field = this.#fields[index]!;
      const before = previous && indexValue(previous, field);
      if (before !== undefined) found = merge(found, byValue.get(before));
      if (!next || (previous && isSameSource(previous, next, field))) continue;
      const after = indexValue(next, field);
      if (after !== before) found = merge(found, byValue.get(after));
    }
    return found;
  }
}

function isEmptyQuery(query: ListQuery): boolean {
  return query.namespace === undefined && query.selector === undefined && query.fields === undefined;
}

/** Two lists of watchers as one, in order. */
function merge(one: readonly Watcher[], other: readonly Watcher[] | undefined): readonly Watcher[] {
  if (!other || other.length === 0) return one;
  if (one.length === 0) return other;
  const all = [...one, ...other];
  return one[one.length - 1]!.order < other[0]!.order ? all : all.sort((a, b) => a.order - b.order);
}
