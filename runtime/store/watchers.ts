import type { Kind, Stored } from "../../model/meta.ts";
import type { ListQuery, WatchEvent } from "../client/client.ts";
import { matchesQuery } from "../client/fields.ts";
import type { Change } from "./history.ts";
import { indexesOf, indexFor, indexValue } from "./indexes.ts";

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
  const metadata = Object.freeze({ ...object.metadata, resourceVersion: String(revision) });
  return Object.freeze({ ...object, metadata });
}

/** The watchers of one kind, by the index value that they ask for: a write costs what its listeners cost. */
export class Watchers {
  readonly #kind: Kind;
  readonly #everything = new Set<Watcher>();
  readonly #indexed = new Map<string, Map<string, Set<Watcher>>>();
  #order = 0;

  constructor(kind: Kind) {
    this.#kind = kind;
    for (const field of indexesOf(kind)) this.#indexed.set(field, new Map());
  }

  add(query: ListQuery, handler: Handler, from: number): () => void {
    const watcher: Watcher = { order: this.#order++, query, handler, from, stopped: false };
    const index = indexFor(this.#kind, query);
    const byValue = index && this.#indexed.get(index.field);
    if (!index || !byValue) {
      this.#everything.add(watcher);
      return () => {
        watcher.stopped = true;
        this.#everything.delete(watcher);
      };
    }
    const set = byValue.get(index.value) ?? new Set();
    byValue.set(index.value, set.add(watcher));
    return () => {
      watcher.stopped = true;
      set.delete(watcher);
      if (set.size === 0 && byValue.get(index.value) === set) byValue.delete(index.value);
    };
  }

  /** Tells those whom the change concerns, in the order in which they came. `failed` hears what a handler throws. */
  notify(change: Change, failed: (error: unknown) => void): void {
    for (const watcher of this.#concerned(change)) {
      if (watcher.stopped || watcher.from >= change.revision) continue;
      const event = project(change, watcher.query);
      if (!event) continue;
      try {
        watcher.handler(event, change.revision);
      } catch (error) {
        failed(error);
      }
    }
  }

  #concerned(change: Change): Watcher[] {
    const found = [...this.#everything];
    for (const [field, byValue] of this.#indexed) {
      if (byValue.size === 0) continue;
      const before = change.previous && indexValue(change.previous, field);
      const after = change.next && indexValue(change.next, field);
      if (before !== undefined) found.push(...(byValue.get(before) ?? []));
      if (after !== undefined && after !== before) found.push(...(byValue.get(after) ?? []));
    }
    return found.length > this.#everything.size ? found.sort((a, b) => a.order - b.order) : found;
  }
}
