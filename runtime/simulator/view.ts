import type { KindMap } from "../../model/core.ts";
import { type Kind, keyOf, kinds, type Stored } from "../../model/meta.ts";
import {
  ApiError,
  type Client,
  type ListQuery,
  type WatchEvent,
  type WatchHandler,
} from "../client/client.ts";
import { matchesQuery } from "../client/fields.ts";
import type { Change } from "../store/history.ts";
import type { Store } from "../store/store.ts";

/**
 * What one participant sees of the cluster: the cluster itself, or, while it `stands still`, the cluster as it was
 * then. A view costs nothing while it is up to date.
 */
export interface View extends Client {
  /** Whether it stands still: at all, or in what it sees of one kind. */
  stands(kind?: Kind): boolean;
  /** The network between it and the API is gone: it sees what it saw, writes fail, what it reports is lost. */
  cut(): void;
  /** Its watches hang, or only that of one kind: it sees what it saw, but what it writes arrives. */
  stall(kind?: Kind): void;
  /** It sees what is there now, and hears of everything that changed; after a cut of everything there is, as a new list tells it. */
  restore(): void;
}

interface Watch {
  readonly kind: Kind;
  readonly query: ListQuery | undefined;
  readonly handler: (event: WatchEvent<KindMap[Kind]>) => void;
}

/** An object as it was; undefined: it was not there. */
interface Version {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly object: Stored | undefined;
}

type Versions = ReadonlyMap<string, Version>;

/** `store` is asked for when the view comes to stand still for the first time. */
export function createView(client: Client, store: () => Store): View {
  const watches = new Set<Watch>();
  let state: "live" | "stalled" | "cut" = "live";
  // While it stands still: of each object that has changed since, what it was.
  let seen = new Map<string, Version>();
  let unsubscribe = () => {};
  /** Where only one kind stands still. */
  let only: Kind | undefined;
  const stands = (kind?: Kind) =>
    state !== "live" && (kind === undefined || only === undefined || only === kind);

  const note = ({ kind, previous, next }: Change) => {
    if (!stands(kind)) return;
    const { namespace, name } = (next ?? previous)!.metadata;
    const key = versionKey(kind, namespace, name);
    if (!seen.has(key)) seen.set(key, { kind, namespace, name, object: previous });
  };
  const stop = (next: "stalled" | "cut", kind?: Kind) => {
    // What stands still already goes on standing still.
    only = state === "live" || only === kind ? kind : undefined;
    if (state === "live") unsubscribe = store().subscribe(note);
    state = next;
  };
  const write = <Result>(act: () => Result): Result => {
    if (state === "cut") throw new ApiError(503, "ServiceUnavailable", "the API cannot be reached");
    return act();
  };

  return {
    stands,
    get(kind, namespace, name) {
      const version = seen.size === 0 ? undefined : seen.get(versionKey(kind, namespace, name));
      return version ? (version.object as never) : client.get(kind, namespace, name);
    },
    list(kind, query) {
      return seen.size === 0 ? client.list(kind, query) : listThen(client, seen, kind, query);
    },
    create: (object) => write(() => client.create(object)),
    update: (object) => write(() => client.update(object)),
    updateStatus: (object) => write(() => client.updateStatus(object)),
    delete: (kind, namespace, name, options) => write(() => client.delete(kind, namespace, name, options)),
    bind: (namespace, name, node) => write(() => client.bind(namespace, name, node)),
    event(...told) {
      if (state !== "cut") client.event(...told);
    },
    watch<K extends Kind>(kind: K, handler: WatchHandler<KindMap[K]>, query?: ListQuery) {
      const watch = { kind, query, handler: handler as unknown as Watch["handler"] };
      if (stands(kind)) {
        for (const object of listThen(client, seen, kind, query)) handler({ type: "ADDED", object });
      }
      let listing = stands(kind);
      const unwatch = client.watch(
        kind,
        (event) => {
          if (!listing && !stands(kind)) handler(event);
        },
        query,
      );
      listing = false;
      watches.add(watch);
      return () => {
        watches.delete(watch);
        unwatch();
      };
    },
    cut: () => stop("cut"),
    stall: (kind) => {
      if (state !== "cut") stop("stalled", kind);
    },
    restore() {
      if (state === "live") return;
      const relist = state === "cut";
      const missed = seen;
      state = "live";
      seen = new Map();
      unsubscribe();
      for (const watch of [...watches]) {
        if (!watches.has(watch)) continue;
        tellMissed(client, watch, missed);
        if (!relist) continue;
        for (const object of client.list(watch.kind, watch.query)) {
          watch.handler({ type: "MODIFIED", object, previous: object });
        }
      }
    },
  };
}

/** What has a namespace is in `default` where none is named. */
function versionKey(kind: Kind, namespace: string | undefined, name: string): string {
  return `${kind}/${kinds[kind].namespaced ? namespace || "default" : ""}/${name}`;
}

/** The list as it was: what is unchanged, and the old versions of what has changed. */
function listThen<K extends Kind>(
  client: Client,
  seen: Versions,
  kind: K,
  query: ListQuery | undefined,
): readonly Stored<KindMap[K]>[] {
  const unchanged = client
    .list(kind, query)
    .filter(({ metadata }) => !seen.has(versionKey(kind, metadata.namespace, metadata.name)));
  const old: Stored[] = [];
  for (const { kind: changed, object } of seen.values()) {
    if (changed === kind && object && matchesQuery(object, query ?? {})) old.push(object);
  }
  if (old.length === 0) return unchanged;
  return [...unchanged, ...(old as unknown as Stored<KindMap[K]>[])].sort(byKey);
}

const byKey = (a: Stored, b: Stored) => (keyOf(a) < keyOf(b) ? -1 : 1);

/** Every object that differs, as one event: what happened in between is not known to one who was not there. */
function tellMissed(client: Client, { kind, query = {}, handler }: Watch, missed: Versions): void {
  for (const { kind: changed, namespace, name, object: then } of missed.values()) {
    if (changed !== kind) continue;
    const now = client.get(kind, namespace, name);
    const sawThen = then && matchesQuery(then, query) ? then : undefined;
    const seesNow = now && matchesQuery(now, query) ? now : undefined;
    if (sawThen && seesNow && sawThen.metadata.uid === seesNow.metadata.uid) {
      if (sawThen !== seesNow) handler({ type: "MODIFIED", object: seesNow, previous: sawThen } as never);
      continue;
    }
    if (sawThen) handler({ type: "DELETED", object: sawThen, previous: sawThen } as never);
    if (seesNow) handler({ type: "ADDED", object: seesNow } as never);
  }
}
