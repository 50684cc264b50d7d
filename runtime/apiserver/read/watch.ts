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
import { expired, failure } from "../status.ts";
import { renderObject, renderTable, type View } from "./render.ts";
import { tooLargeRevision } from "./revision.ts";

const bookmarkMilliseconds = 60_000;

/** A watcher that leaves more than this untaken is ended; it can go on from the last revision that it has seen. */
const maximumBacklogBytes = 8 * 1024 * 1024;

/** Watches end after 30 to 60 minutes, as in Kubernetes; the first so many seconds for all, the rest spread. */
const minimumSeconds = 1800;

/** What a watch needs beside the request. */
export interface WatchContext {
  readonly backend: ApiBackend;
  readonly clock: Clock;
  /** Made anew for each event: ages in tables are those of the moment. */
  readonly view: () => View;
  /** Spreads the ends of watches. */
  readonly ordinal: number;
}

/**
 * GET with `watch=true`: one JSON document `{type, object}` a line. Without a revision, or from 0, it begins with
 * ADDED for what there is; from a revision on, with what has happened since. A revision that is no longer
 * remembered is told by one ERROR event with code 410.
 */
export function watch(context: WatchContext, route: ResourceRoute, options: ListOptions): StreamResponse {
  const fields = parseFieldSelector(route.resource.kind, options.fields);
  const { backend } = context;
  if (options.resourceVersion !== undefined && options.resourceVersion > backend.revision)
    throw tooLargeRevision(options.resourceVersion, backend.revision);
  return {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "no-cache, private" },
    open: (sink) => new Watch(context, route, options, fields, sink).start(),
  };
}

class Watch {
  readonly #context: WatchContext;
  readonly #route: ResourceRoute;
  readonly #options: ListOptions;
  readonly #fields: FieldSelector;
  readonly #sink: ResponseSink;
  #stopped = false;
  #columnsTold = false;
  readonly #ends: Cancel[] = [];

  constructor(
    context: WatchContext,
    route: ResourceRoute,
    options: ListOptions,
    fields: FieldSelector,
    sink: ResponseSink,
  ) {
    this.#context = context;
    this.#route = route;
    this.#options = options;
    this.#fields = fields;
    this.#sink = sink;
  }

  start(): Cancel {
    const { clock, ordinal } = this.#context;
    const seconds =
      this.#options.timeoutSeconds || minimumSeconds + (hash32(String(ordinal)) % minimumSeconds);
    this.#ends.push(clock.schedule(clock.now() + seconds * 1000, () => this.#end()));
    if (this.#options.bookmarks) this.#bookmarkLater();
    this.#subscribe();
    return () => this.#stop();
  }

  #subscribe(): void {
    const { backend } = this.#context;
    const { kind } = this.#route.resource;
    const from = this.#options.resourceVersion;
    const initial = this.#options.sendInitialEvents ?? !from;
    const handler = (event: WatchEvent<KindMap[Kind]>) => this.#tell(event);
    const stop = initial
      ? backend.watch(kind, handler, this.#query())
      : backend.watchFrom(kind, from || backend.revision, handler, this.#query());
    if (stop === "expired") {
      const error = expired(`too old resource version: ${from} (${backend.revision})`);
      this.#write("ERROR", JSON.stringify(failure(error)));
      this.#end();
      return;
    }
    if (this.#stopped) {
      stop();
      return;
    }
    this.#ends.push(stop);
    if (this.#options.sendInitialEvents) this.#bookmark({ "k8s.io/initial-events-end": "true" });
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
    else if (before) this.#send("DELETED", object);
  }

  #send(type: string, object: Stored): void {
    const view = this.#context.view();
    if (view.form.as !== "table") {
      this.#write(type, renderObject(object, view));
      return;
    }
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    const { kind } = this.#route.resource;
    this.#write(type, renderTable(kind, [object], metadata, view, !this.#columnsTold));
    this.#columnsTold = true;
  }

  #bookmarkLater(): void {
    const { clock } = this.#context;
    const cancel = clock.schedule(clock.now() + bookmarkMilliseconds, () => {
      this.#ends.splice(this.#ends.indexOf(cancel), 1);
      this.#bookmark();
      if (!this.#stopped) this.#bookmarkLater();
    });
    this.#ends.push(cancel);
  }

  /** Tells how far the watch has come, so that it can go on from there where nothing has happened for long. */
  #bookmark(annotations?: Record<string, string>): void {
    const { kind, info } = this.#route.resource;
    const resourceVersion = String(this.#context.backend.revision);
    const view = this.#context.view();
    const object =
      view.form.as === "table"
        ? renderTable(kind, [], { resourceVersion }, view, false)
        : JSON.stringify({
            kind,
            apiVersion: info.apiVersion,
            metadata: { resourceVersion, ...(annotations && { annotations }) },
          });
    this.#write("BOOKMARK", object);
  }

  #write(type: string, object: string): void {
    if (this.#stopped) return;
    this.#sink.write(`{"type":"${type}","object":${object}}\n`);
    if (this.#sink.backlog() > maximumBacklogBytes) this.#end();
  }

  #end(): void {
    if (this.#stopped) return;
    this.#stop();
    this.#sink.end();
  }

  #stop(): void {
    this.#stopped = true;
    for (const end of this.#ends.splice(0)) end();
  }
}
