import { Recency, type Recent } from "../../base/recency.ts";
import type { Event } from "../../model/core.ts";
import { kinds, type ObjectMeta, type Stored, timestamp } from "../../model/meta.ts";
import type { EventOptions } from "../client/client.ts";
import type { Context } from "./context.ts";
import { createCorrelator, type Source } from "./event-correlation.ts";
import { createUid } from "./names.ts";

/** How many events a cluster keeps; past it the one that was repeated longest ago goes. */
const MOST_EVENTS = 5000;

export type RecordEvent = (
  about: Stored,
  component: string,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
  options?: EventOptions,
) => void;

/**
 * Records events as Kubernetes' `EventRecorder` does: one that says the same of the same object again counts up on the
 * first, one that is much like many others is told together with them, and what is told of one object is rationed
 * (`event-correlation.ts`). An event's name is the object's with the time in hexadecimal nanoseconds. Events need no
 * permission of their namespace: what happens to an object is told while its namespace is being deleted, too, but not
 * after it is gone.
 */
export function createEventRecorder(context: Context): RecordEvent {
  const { clock, store } = context;
  // Of their own, so that what is told changes no name of anything else.
  const random = context.random.fork("events");
  const nameOf = eventNames();
  const sources = createSources();
  const known = new Recency<Known>();
  for (const event of store.list("Event")) remember(event);

  return (about, component, type, reason, message, options = {}) => {
    const namespace = about.metadata.namespace ?? "default";
    if (!store.get("Namespace", undefined, namespace)) return;
    const instant = clock.now();
    const source = sources.of(about, component, options.host ?? "");
    const { combined, allowed } = sources.correlate(source, type, reason, message, instant);
    const fieldPath = combined ? COMBINED : (options.fieldPath ?? "");
    const said = combined ? `${COMBINED}${message}` : message;
    const found = find(source, type, reason, fieldPath, message);
    const earlier = found && store.get("Event", found.namespace, found.name);
    const now = timestamp(instant);
    let kept = found;
    // As in Kubernetes, what is not told counts all the same where it has been told, or tried to be, before.
    if (!kept || (kept.told && !earlier)) {
      if (kept) forget(kept);
      const name = nameOf(about.metadata.name, instant);
      kept = knownAs(source, { type, reason, fieldPath, message, namespace, name, first: now });
    }
    kept.count++;
    known.touch(kept);
    if (known.size > MOST_EVENTS) dropOldest();
    if (!allowed) return;
    kept.told = true;
    if (earlier) {
      store.write(earlier, repeated(earlier, said, now, kept.count));
      return;
    }
    const uid = createUid(random);
    const { name } = kept;
    const metadata: ObjectMeta = { name, namespace, uid, creationTimestamp: now, resourceVersion: "" };
    store.write<Event>(undefined, draft(about, metadata, source, kept, said, options.fieldPath));
  };

  function forget(event: Known): void {
    const { source } = event;
    known.delete(event);
    source.known = source.known.length === 1 ? none : source.known.filter((each) => each !== event);
    sources.release(source);
  }

  function dropOldest(): void {
    const { oldest } = known;
    if (!oldest) return;
    forget(oldest);
    store.remove("Event", oldest.namespace, oldest.name);
  }

  /** Takes in an event that was there before. */
  function remember({ metadata, involvedObject, source, firstTimestamp, count, ...event }: Event): void {
    const { type = "", reason = "", message = "" } = event;
    const { kind, namespace, name, uid } = involvedObject;
    const about = { kind, metadata: { namespace, name, uid } } as unknown as Stored;
    const teller = sources.of(about, source?.component ?? "", source?.host ?? "");
    const fieldPath = message.startsWith(COMBINED) ? COMBINED : (involvedObject.fieldPath ?? "");
    const earlier = find(teller, type, reason, fieldPath, message);
    const first = firstTimestamp ?? metadata.creationTimestamp ?? "";
    const place = { namespace: metadata.namespace!, name: metadata.name, first };
    const kept = knownAs(teller, { type, reason, fieldPath, message, ...place });
    if (earlier) forget(earlier);
    kept.count = count ?? 1;
    kept.told = true;
    known.touch(kept);
  }
}

/** What stands before the message of an event that speaks for many (Kubernetes' words), and in place of its part. */
const COMBINED = "(combined from similar events): ";

/** Who tells something of what, with the events that are known of it: a few. */
interface Teller extends Source {
  readonly component: string;
  readonly host: string;
  readonly source: NonNullable<Event["source"]>;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Replaced and never changed: of nearly all it is one or two. */
  known: readonly Known[];
}

const none: readonly never[] = [];

/** An event that has been told, or would have been. */
interface Known extends Recent {
  readonly source: Teller;
  readonly type: string;
  readonly reason: string;
  /** The part of the object; `COMBINED` where it speaks for many, whatever their messages. */
  readonly fieldPath: string;
  readonly message: string;
  readonly namespace: string;
  readonly name: string;
  readonly first: string;
  count: number;
  /** It has been told; where it is there no more, it has been forgotten, and begins anew. */
  told: boolean;
}

/** Who tells of what, found without a text that would say all of it. */
function createSources() {
  const byUid = new Map<string, readonly Teller[]>();
  const sourceOf = createTelling();
  const correlator = createCorrelator<Teller>(release);

  function of({ kind, metadata }: Stored, component: string, host: string): Teller {
    const { namespace = "", name, uid = "" } = metadata;
    const same = (each: Teller) =>
      each.component === component &&
      each.host === host &&
      each.name === name &&
      each.kind === kind &&
      each.namespace === namespace;
    const tellers = byUid.get(uid);
    const found = tellers?.find(same);
    if (found) return found;
    const teller: Teller = {
      component,
      host,
      source: sourceOf(component, host),
      kind,
      namespace,
      name,
      uid,
      known: none,
      tokens: 0,
      at: 0,
      sorts: none,
      older: undefined,
      newer: undefined,
    };
    byUid.set(uid, tellers ? [...tellers, teller] : [teller]);
    return teller;
  }

  /** Lets go of one of whom nothing is known any more. */
  function release(teller: Teller): void {
    if (teller.known.length > 0 || correlator.remembers(teller)) return;
    const tellers = byUid.get(teller.uid);
    if (!tellers) return;
    const left = tellers.filter((each) => each !== teller);
    if (left.length > 0) byUid.set(teller.uid, left);
    else byUid.delete(teller.uid);
  }

  return { of, release, correlate: correlator.correlate };
}

/** What makes two events one: all but when they were (`getEventKey` of client-go's events cache). */
function find(
  source: Teller,
  type: string,
  reason: string,
  fieldPath: string,
  message: string,
): Known | undefined {
  return source.known.find(
    (each) =>
      each.reason === reason &&
      each.fieldPath === fieldPath &&
      (each.message === message || fieldPath === COMBINED) &&
      each.type === type,
  );
}

type Told = Pick<Known, "type" | "reason" | "fieldPath" | "message" | "namespace" | "name" | "first">;

function knownAs(source: Teller, { type, reason, fieldPath, message, namespace, name, first }: Told): Known {
  const known: Known = {
    source,
    type,
    reason,
    fieldPath,
    message,
    namespace,
    name,
    first,
    count: 0,
    told: false,
    older: undefined,
    newer: undefined,
  };
  source.known = [...source.known, known];
  return known;
}

/** Names of events: that of the object, and a time in hexadecimal nanoseconds that no other event has. */
function eventNames(): (name: string, instant: number) => string {
  let last = 0n;
  let lastInstant = Number.NaN;
  // What all times of some microseconds begin with, and how far within them the last one was.
  let head = "";
  let low = 0;
  return (name, instant) => {
    if (instant === lastInstant && low + 1 < SPAN) low++;
    else {
      const before = last + BigInt(low);
      const begun = instant === lastInstant ? 0n : BigInt(instant) * 1_000_000n;
      const next = begun > before ? begun : before + 1n;
      low = Number(next % BigInt(SPAN));
      last = next - BigInt(low);
      head = (next / BigInt(SPAN)).toString(16);
      lastInstant = instant;
    }
    return `${name}.${head}${low.toString(16).padStart(4, "0")}`;
  };
}

const SPAN = 0x1_0000;

/** The event, frozen but for itself: there are very many of them, with the same fields in one order. */
function draft(
  about: Stored,
  metadata: ObjectMeta,
  { source, component, host }: Teller,
  { type, reason, first, count }: Known,
  message: string,
  fieldPath: string | undefined,
): Event {
  return {
    apiVersion: kinds.Event.apiVersion,
    kind: "Event",
    metadata,
    involvedObject: Object.freeze(involved(about, fieldPath)),
    reason,
    message,
    type: type as "Normal" | "Warning",
    source,
    eventTime: null,
    reportingComponent: component,
    reportingInstance: host,
    firstTimestamp: first,
    lastTimestamp: metadata.creationTimestamp!,
    count,
  };
}

/** The event told once more. Set afterwards: fields that stand behind a spread are defined anew, which is dear. */
function repeated(event: Stored<Event>, message: string, lastTimestamp: string, count: number): Event {
  const next: { -readonly [K in keyof Event]: Event[K] } = { ...event };
  next.message = message;
  next.lastTimestamp = lastTimestamp;
  next.count = count;
  return next;
}

function involved(
  { apiVersion, kind, metadata }: Stored,
  fieldPath: string | undefined,
): Event["involvedObject"] {
  const { name, namespace, uid, resourceVersion } = metadata;
  if (namespace === undefined) {
    const object = { apiVersion, kind, name, uid, resourceVersion };
    return fieldPath === undefined ? object : { ...object, fieldPath };
  }
  return fieldPath === undefined
    ? { apiVersion, kind, namespace, name, uid, resourceVersion }
    : { apiVersion, kind, namespace, name, uid, resourceVersion, fieldPath };
}

/** Who tells, once for each: a few, again and again. */
function createTelling(): (component: string, host: string) => NonNullable<Event["source"]> {
  const components = new Map<string, Map<string, NonNullable<Event["source"]>>>();
  return (component, host) => {
    let hosts = components.get(component);
    if (!hosts) components.set(component, (hosts = new Map()));
    let source = hosts.get(host);
    if (!source) {
      source = Object.freeze(host === "" ? { component } : { component, host });
      if (hosts.size < MOST_HOSTS) hosts.set(host, source);
    }
    return source;
  };
}

const MOST_HOSTS = 50_000;
