import type { KindMap } from "../../model/core.ts";
import { type Kind, type KubernetesObject, kindNames, type Stored } from "../../model/meta.ts";
import type { ListQuery, WatchEvent, WatchHandler } from "../client/client.ts";
import { matchesQuery } from "../client/fields.ts";
import { deepFreeze, shareStructure } from "../client/structure.ts";
import { type Change, History } from "./history.ts";
import { KindTable, lookupFor } from "./indexes.ts";
import { atRevision, giveRevision } from "./version.ts";
import { type Handler, isEmptyQuery, project, showsQuery, Watchers } from "./watchers.ts";

/** The current revision is not the one that the writer had seen. */
export class RevisionConflict extends Error {
  readonly current: number | undefined;

  constructor(current: number | undefined) {
    super(`the object is at revision ${current ?? "none"}`);
    this.name = "RevisionConflict";
    this.current = current;
  }
}

/** All that is kept of one kind. */
interface KindStore {
  readonly table: KindTable;
  readonly watchers: Watchers;
  readonly history: History;
}

/** What happened after a revision; or that it is too long ago to say, and the reader must list anew. */
export type Since =
  | { readonly type: "events"; readonly events: readonly RevisedEvent[] }
  | { readonly type: "expired" };

export interface RevisedEvent {
  readonly revision: number;
  readonly event: WatchEvent<KindMap[Kind]>;
}

/** Which object a write replaces: any, none ("absent"), or the one at a revision. */
export type Expected = number | "absent" | undefined;

export interface StoreOptions {
  /** How many changes of each kind can be asked for with `since`; 0 where nobody asks. */
  readonly historySize?: number | undefined;
  /** What a journal has kept: objects as they were given out, and the revision they stand at. */
  readonly initial?: { readonly revision: number; readonly objects: readonly Stored[] } | undefined;
}

/**
 * Versioned objects of one cluster in one process. Each write has a revision of its own, larger than all before it,
 * and sets the object's `resourceVersion` to it. What it gives out is frozen; what a write leaves as it was is shared
 * with the object before. It knows kinds only as names: their rules are the registry's.
 */
export class Store {
  readonly #kinds = new Map<string, KindStore>();
  readonly #listeners = new Set<(change: Change) => void>();
  /** What was written while watchers were being told of something: they hear of it next. */
  readonly #pending: Change[] = [];
  #telling = false;
  /** The first that a watcher threw. */
  #failure: { readonly error: unknown } | undefined;
  readonly #failed = (error: unknown) => {
    this.#failure ??= { error };
  };
  #revision: number;

  constructor(options: StoreOptions = {}) {
    this.#revision = options.initial?.revision ?? 0;
    for (const kind of kindNames) {
      const history = new History(options.historySize ?? 4096, this.#revision);
      this.#kinds.set(kind, { table: new KindTable(kind), watchers: new Watchers(kind), history });
    }
    for (const object of options.initial?.objects ?? []) {
      this.#of(object.kind).table.replace(undefined, deepFreeze(object));
    }
  }

  /** The revision of the last write; 0 before the first. */
  get revision(): number {
    return this.#revision;
  }

  get<K extends Kind>(kind: K, namespace: string | undefined, name: string): Stored<KindMap[K]> | undefined {
    return this.#of(kind).table.get(namespace, name) as Stored<KindMap[K]> | undefined;
  }

  /** In order of namespace and name. A snapshot: later writes do not change it. */
  list<K extends Kind>(kind: K, query: ListQuery = {}): readonly Stored<KindMap[K]>[] {
    const lookup = lookupFor(kind, query);
    const found = this.#of(kind).table.list(lookup);
    const exact = lookup ? lookup.exact : isEmptyQuery(query);
    return (exact ? found : found.filter((object) => matchesQuery(object, query))) as readonly Stored<
      KindMap[K]
    >[];
  }

  /**
   * Writes an object, whose `resourceVersion` is set. Throws `RevisionConflict` where `expected` is not what is there.
   * A write that would change nothing is none: the object keeps its revision and nobody is told.
   */
  put<T extends KubernetesObject>(object: T, expected?: Expected): Stored<T> {
    const kind = object.kind as Kind;
    const stored = this.#of(kind);
    const previous = stored.table.get(object.metadata.namespace, object.metadata.name);
    check(previous, expected);
    const resourceVersion = previous?.metadata.resourceVersion;
    const shared = shareStructure(previous, { ...object, metadata: { ...object.metadata, resourceVersion } });
    if (previous && (shared as unknown) === previous) return previous as Stored<T>;
    const revision = ++this.#revision;
    const next = atRevision(shared as unknown as Stored<T>, revision);
    stored.table.replace(previous, next);
    this.#commit(stored, { revision, kind, previous, next, deleted: undefined });
    return next;
  }

  /**
   * `put` for one who has shared already: `next` is given away and is not what is there; what it holds is frozen all the
   * way down, or is new metadata of frozen fields; what it has in common with `previous`, which is what is there, is the
   * very same.
   */
  write<T extends KubernetesObject>(previous: Stored<T> | undefined, next: T): Stored<T> {
    const kind = next.kind as Kind;
    const revision = ++this.#revision;
    const written = (
      Object.isFrozen(next)
        ? atRevision(next as Stored<T>, revision)
        : giveRevision(next as Stored<T>, revision)
    ) as Stored<T>;
    const stored = this.#of(kind);
    stored.table.replace(previous, written);
    this.#commit(stored, { revision, kind, previous, next: written, deleted: undefined });
    return written;
  }

  /** Takes an object away and gives it as it was last. Throws `RevisionConflict`. */
  remove(kind: Kind, namespace: string | undefined, name: string, expected?: Expected): Stored | undefined {
    const stored = this.#of(kind);
    const previous = stored.table.get(namespace, name);
    check(previous, expected);
    if (!previous) return undefined;
    const revision = ++this.#revision;
    stored.table.replace(previous, undefined);
    this.#commit(stored, { revision, kind, previous, next: undefined, deleted: undefined });
    return previous;
  }

  /**
   * Calls `handler` with ADDED for each object there is, then synchronously after each write, until it is stopped. What is
   * gone is shown as it was last.
   */
  watch<K extends Kind>(
    kind: K,
    handler: (...told: [...Parameters<WatchHandler<KindMap[K]>>, revision: number]) => void,
    query: ListQuery = {},
  ): () => void {
    const current = this.list(kind, query);
    const revision = this.#revision;
    const stop = this.#of(kind).watchers.add(query, handler as unknown as Handler, revision, false);
    for (const object of current) handler({ type: "ADDED", object }, revision);
    return stop;
  }

  /**
   * As `watch`, but from a revision on: first what happened since, then each write. "expired" where that is no longer
   * known; then nothing is watched. What is gone is shown at the revision of its end, as the API does.
   */
  watchFrom(kind: Kind, revision: number, handler: Handler, query: ListQuery = {}): (() => void) | "expired" {
    const { history, watchers } = this.#of(kind);
    const missed = history.since(revision);
    if (!missed) return "expired";
    const stop = watchers.add(query, handler, this.#revision, true);
    const shows = showsQuery(query);
    for (const change of missed) {
      const event = project(change, shows, true);
      if (event) handler(event, change.revision);
    }
    return stop;
  }

  /** What a watch of `kind` would have told after `revision`. */
  since(kind: Kind, revision: number, query: ListQuery = {}): Since {
    const changes = this.#of(kind).history.since(revision);
    if (!changes) return { type: "expired" };
    const events: RevisedEvent[] = [];
    const shows = showsQuery(query);
    for (const change of changes) {
      const event = project(change, shows, true);
      if (event) events.push({ revision: change.revision, event });
    }
    return { type: "events", events };
  }

  /** Calls `listener` with every write of any kind, before any watcher hears of it: for a journal or a trace. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #of(kind: string): KindStore {
    const stored = this.#kinds.get(kind);
    if (!stored) throw new TypeError(`the store holds no kind ${JSON.stringify(kind)}`);
    return stored;
  }

  /**
   * Watchers hear of writes in their order, also where one of them writes: what it writes is told after the change
   * that it was being told of. A watcher that throws keeps no other from hearing; the first error comes out at last.
   */
  #commit({ history, watchers }: KindStore, change: Change): void {
    history.push(change);
    for (const listener of this.#listeners) listener(change);
    if (this.#telling) {
      this.#pending.push(change);
      return;
    }
    this.#telling = true;
    const pending = this.#pending;
    try {
      watchers.notify(change, this.#failed);
      for (let index = 0; index < pending.length; index++)
        this.#of(pending[index]!.kind).watchers.notify(pending[index]!, this.#failed);
    } finally {
      // To empty a list is dear even where it is empty, as it is but seldom not.
      if (pending.length > 0) pending.length = 0;
      this.#telling = false;
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }
}

/** A store that is empty, or holds what a journal has kept. */
export function createStore(options: StoreOptions = {}): Store {
  return new Store(options);
}

function check(previous: Stored | undefined, expected: Expected): void {
  if (expected === undefined) return;
  const current = previous && Number(previous.metadata.resourceVersion);
  if (expected === "absent" ? previous !== undefined : current !== expected)
    throw new RevisionConflict(current);
}
