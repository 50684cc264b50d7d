import type { Cancel, Clock } from "../../../base/clock.ts";
import { hash32 } from "../../../base/random.ts";
import type { KindMap } from "../../../model/core.ts";
import type { Kind, Stored } from "../../../model/meta.ts";
import type { ListQuery, WatchEvent } from "../../client/client.ts";
import type { ApiBackend } from "../backend.ts";
import { type FieldSelector, parseFieldSelector, passesUnequal } from "../fields.ts";
import type { ResponseSink, StreamResponse } from "../http.ts";
import type { ListOptions } from "../options.ts";
import type { ResourceRoute } from "../routes.ts";
import { expired, failure, tooManyRequests } from "../status.ts";
import { createEventEncoder, type EventEncoder, eventLine } from "./encode.ts";
import { renderBookmark, type View } from "./render.ts";
import { tooLargeRevision } from "./revision.ts";

const bookmarkMilliseconds = 60_000;

/** A client that takes nothing for so long is cut off. */
const stalledMilliseconds = 60_000;

/** Watches end after 30 to 60 minutes, as in Kubernetes; the first so many seconds for all, the rest spread. */
const minimumSeconds = 1800;

/** So many watches are open at most; more are answered with 429. */
export const maximumWatches = 10_000;

/** What watches have in common. */
export interface Watches {
  readonly backend: ApiBackend;
  readonly clock: Clock;
  readonly encode: EventEncoder;
  open: number;
  /** How many there have been: spreads their ends. */
  opened: number;
}

export function createWatches(backend: ApiBackend, clock: Clock): Watches {
  return { backend, clock, encode: createEventEncoder(), open: 0, opened: 0 };
}

/**
 * GET with `watch=true`: one JSON document `{type, object}` a line. Without a revision, or from 0, it begins with
 * ADDED for what there is; from a revision on, with what has happened since. A revision that is no longer
 * remembered is told by one ERROR event with code 410.
 *
 * `view` is made anew for each event: ages in tables are those of the moment.
 */
export function watch(
  watches: Watches,
  route: ResourceRoute,
  options: ListOptions,
  view: () => View,
): StreamResponse {
  const fields = parseFieldSelector(route.resource.kind, options.fields);
  const { backend } = watches;
  if (options.resourceVersion !== undefined && options.resourceVersion > backend.revision)
    throw tooLargeRevision(options.resourceVersion, backend.revision);
  if (watches.open >= maximumWatches)
    throw tooManyRequests(`${maximumWatches} watches are open; try again when some have ended`);
  return {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "no-cache, private" },
    open: (sink) => new Watch(watches, route, options, fields, view, sink).start(),
  };
}

/**
 * One watch. It never holds what its client has not taken: where the client is behind, it stops listening and
 * remembers how far it has come, and when the client has caught up it goes on from there, as a client that resumes
 * would. What was forgotten in between is told by 410.
 */
class Watch {
  readonly #watches: Watches;
  readonly #route: ResourceRoute;
  readonly #options: ListOptions;
  readonly #fields: FieldSelector;
  readonly #view: () => View;
  readonly #sink: ResponseSink;
  readonly #timers = new Set<Cancel>();
  /** What there was in the beginning, and how much of it is told. */
  #initial: readonly Stored[] = [];
  #told = 0;
  /** Whether the end of what there was is still to be marked. */
  #marksEnd: boolean;
  #columnsTold = false;
  /** Changes up to this revision are told. */
  #cursor: number;
  #behind = false;
  #stopped = false;
  #unsubscribe: Cancel | undefined;

  constructor(
    watches: Watches,
    route: ResourceRoute,
    options: ListOptions,
    fields: FieldSelector,
    view: () => View,
    sink: ResponseSink,
  ) {
    this.#watches = watches;
    this.#route = route;
    this.#options = options;
    this.#fields = fields;
    this.#view = view;
    this.#sink = sink;
    this.#marksEnd = options.sendInitialEvents === true && options.bookmarks;
    this.#cursor = watches.backend.revision;
  }

  start(): Cancel {
    const { resourceVersion, sendInitialEvents, timeoutSeconds, bookmarks } = this.#options;
    this.#watches.open++;
    const ordinal = this.#watches.opened++;
    const seconds = timeoutSeconds || minimumSeconds + (hash32(String(ordinal)) % minimumSeconds);
    this.#later(seconds * 1000, () => this.#end());
    if (bookmarks) this.#bookmarkLater();
    if (sendInitialEvents ?? !resourceVersion) {
      const found: readonly Stored[] = this.#watches.backend.list(this.#route.resource.kind, this.#query());
      this.#initial = found.filter((object) => passesUnequal(this.#fields, object));
    } else if (resourceVersion) this.#cursor = resourceVersion;
    this.#goOn();
    return () => this.#stop();
  }

  /** Tells what is left of the beginning, then listens from there on, as long as the client keeps up. */
  #goOn(): void {
    while (this.#told < this.#initial.length) {
      if (this.#stopped || this.#waits()) return;
      this.#send("ADDED", this.#initial[this.#told++]!);
    }
    this.#initial = [];
    this.#told = 0;
    if (this.#marksEnd) this.#bookmark({ "k8s.io/initial-events-end": "true" });
    this.#marksEnd = false;
    if (!this.#stopped) this.#listen();
  }

  #listen(): void {
    const { backend } = this.#watches;
    const handler = (event: WatchEvent<KindMap[Kind]>, revision: number) => {
      if (this.#stopped || this.#behind) return;
      // All that one revision changes is told, or nothing of it.
      if (revision > this.#cursor) {
        this.#cursor = revision - 1;
        if (this.#waits()) return;
        this.#cursor = revision;
      }
      this.#tell(event);
    };
    const from = this.#cursor;
    const stop = backend.watchFrom(this.#route.resource.kind, from, handler, this.#query());
    if (stop === "expired") {
      const error = expired(`too old resource version: ${from} (${backend.revision})`);
      this.#write(eventLine("ERROR", JSON.stringify(failure(error))));
      this.#end();
    } else if (this.#stopped || this.#behind) stop();
    else this.#unsubscribe = stop;
  }

  /** Whether the client is to be waited for. Then nothing is told until it has caught up. */
  #waits(): boolean {
    if (!this.#sink.isBehind()) return false;
    this.#behind = true;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    const giveUp = this.#later(stalledMilliseconds, () => this.#end());
    void this.#sink.drained().then(() => {
      if (this.#stopped) return;
      giveUp();
      this.#behind = false;
      this.#goOn();
    });
    return true;
  }

  #query(): ListQuery {
    const { namespace } = this.#route;
    const fields = this.#fields.equal;
    return {
      ...(namespace !== undefined && { namespace }),
      ...(this.#options.labels.length > 0 && { selector: this.#options.labels }),
      ...(Object.keys(fields).length > 0 && { fields }),
    };
  }

  /** Entering the terms of inequality is ADDED and leaving them is DELETED, as for all selectors. */
  #tell({ type, object, previous }: WatchEvent<KindMap[Kind]>): void {
    const after = type !== "DELETED" && passesUnequal(this.#fields, object);
    const before = type !== "ADDED" && passesUnequal(this.#fields, previous ?? object);
    if (after) this.#send(before ? "MODIFIED" : "ADDED", object);
    else if (before) this.#send("DELETED", type === "DELETED" ? object : lastOf(previous!, object));
  }

  #send(type: string, object: Stored): void {
    const { kind } = this.#route.resource;
    this.#write(this.#watches.encode(type, kind, object, this.#view(), !this.#columnsTold));
    this.#columnsTold = true;
  }

  #bookmarkLater(): void {
    this.#later(bookmarkMilliseconds, () => {
      // A client that is behind has not come so far.
      if (!this.#behind) this.#bookmark();
      if (!this.#stopped) this.#bookmarkLater();
    });
  }

  /** Tells how far the watch has come, so that it can go on from there where nothing has happened for long. */
  #bookmark(annotations?: Record<string, string>): void {
    const { kind, info } = this.#route.resource;
    const revision = annotations ? this.#cursor : this.#watches.backend.revision;
    const metadata = { resourceVersion: String(revision), ...(annotations && { annotations }) };
    this.#write(eventLine("BOOKMARK", renderBookmark(kind, info.apiVersion, metadata, this.#view())));
  }

  #write(line: Uint8Array): void {
    if (!this.#stopped) this.#sink.write(line);
  }

  #later(milliseconds: number, task: () => void): Cancel {
    const { clock } = this.#watches;
    const cancel = clock.schedule(clock.now() + milliseconds, () => {
      this.#timers.delete(cancel);
      task();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  #end(): void {
    if (this.#stopped) return;
    this.#stop();
    this.#sink.end();
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#watches.open--;
    this.#unsubscribe?.();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}

/** An object that leaves a selector is shown as it was, at the revision at which it left. */
function lastOf(previous: Stored, { metadata: { resourceVersion } }: Stored): Stored {
  return { ...previous, metadata: { ...previous.metadata, resourceVersion } };
}
