import type { Event } from "../../model/core.ts";
import { kinds, type ObjectMeta, type Stored, timestamp } from "../../model/meta.ts";
import type { EventOptions } from "../client/client.ts";
import type { Context } from "./context.ts";
import { createCorrelator } from "./event-correlation.ts";
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
  const correlate = createCorrelator();
  // From what an event says to what is kept of it, the one repeated longest ago first.
  const known = new Map<string, Known>();
  for (const event of store.list("Event")) known.set(keyOfEvent(event), knownOf(event));
  // Where in `known` the oldest is: to look for it from the start each time would be to pass by all that went before it.
  let oldest = known.entries();
  let last = 0n;
  let lastInstant = Number.NaN;

  return (about, component, type, reason, message, options = {}) => {
    const namespace = about.metadata.namespace ?? "default";
    if (!store.get("Namespace", undefined, namespace)) return;
    const instant = clock.now();
    const source = sourceKey(about, component, options);
    const { combined, allowed } = correlate(source, `${type}\n${reason}`, message, instant);
    const said = combined ? `${COMBINED}${message}` : message;
    const key = combined ? `${source}\n\n${type}\n${reason}` : keyOf(source, type, reason, message, options);
    const found = known.get(key);
    const earlier = found && store.get("Event", found.namespace, found.name);
    const now = timestamp(instant);
    // As in Kubernetes, what is not told counts all the same where it has been told, or tried to be, before.
    const kept: Known =
      found && (earlier || !found.told)
        ? found
        : { namespace, name: nameOf(about, instant), first: now, count: 0, told: false };
    kept.count++;
    if (found) known.delete(key);
    known.set(key, kept);
    if (known.size > MOST_EVENTS) dropOldest();
    if (!allowed) return;
    kept.told = true;
    if (earlier) {
      store.put<Event>({ ...earlier, message: said, lastTimestamp: now, count: kept.count });
      return;
    }
    const metadata: ObjectMeta = {
      name: kept.name,
      namespace,
      uid: createUid(random),
      creationTimestamp: now,
    };
    const made = draft(about, metadata, component, type, reason, said, options);
    store.write<Event>(
      undefined,
      kept.count === 1 ? made : { ...made, firstTimestamp: kept.first, count: kept.count },
    );
  };

  function nameOf(about: Stored, instant: number): string {
    const nanoseconds = instant === lastInstant ? last + 1n : BigInt(instant) * 1_000_000n;
    lastInstant = instant;
    last = nanoseconds > last ? nanoseconds : last + 1n;
    return `${about.metadata.name}.${last.toString(16)}`;
  }

  function dropOldest(): void {
    let next = oldest.next();
    if (next.done) {
      oldest = known.entries();
      next = oldest.next();
    }
    if (next.done) return;
    const [key, { namespace, name }] = next.value;
    known.delete(key);
    store.remove("Event", namespace, name);
  }
}

/** What stands before the message of an event that speaks for many (Kubernetes' words). */
const COMBINED = "(combined from similar events): ";

/** An event that has been told, or would have been. */
interface Known {
  readonly namespace: string;
  readonly name: string;
  readonly first: string;
  count: number;
  /** It has been told; where it is there no more, it has been forgotten, and begins anew. */
  told: boolean;
}

/** The event, frozen but for itself: there are very many of them. */
function draft(
  about: Stored,
  metadata: ObjectMeta,
  component: string,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
  { host, fieldPath }: EventOptions,
): Event {
  const { name, namespace, uid, resourceVersion } = about.metadata;
  const { apiVersion, kind } = about;
  const now = metadata.creationTimestamp!;
  const object: Event["involvedObject"] =
    namespace === undefined
      ? { apiVersion, kind, name, uid, resourceVersion }
      : { apiVersion, kind, namespace, name, uid, resourceVersion };
  return {
    apiVersion: kinds.Event.apiVersion,
    kind: "Event",
    metadata,
    involvedObject: Object.freeze(fieldPath === undefined ? object : { ...object, fieldPath }),
    reason,
    message,
    type,
    source: sourceOf(component, host),
    eventTime: null,
    reportingComponent: component,
    reportingInstance: host ?? "",
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}

const sources = new Map<string, NonNullable<Event["source"]>>();

/** Who tells: a few, again and again. */
function sourceOf(component: string, host: string | undefined): NonNullable<Event["source"]> {
  const key = `${component} ${host ?? ""}`;
  let source = sources.get(key);
  if (!source) {
    source = Object.freeze(host === undefined ? { component } : { component, host });
    if (sources.size < MOST_SOURCES) sources.set(key, source);
  }
  return source;
}

const MOST_SOURCES = 50_000;

function knownOf({ metadata, firstTimestamp, count }: Event): Known {
  const first = firstTimestamp ?? metadata.creationTimestamp ?? "";
  return { namespace: metadata.namespace!, name: metadata.name, first, count: count ?? 1, told: true };
}

/** Who tells something of what. */
function sourceKey({ kind, metadata }: Stored, component: string, { host = "" }: EventOptions): string {
  const { namespace = "", name, uid } = metadata;
  return `${component}\n${host}\n${kind}\n${namespace}\n${name}\n${uid}`;
}

/** What makes two events one: all but when they were (`getEventKey` of client-go's events cache). */
function keyOf(
  source: string,
  type: string | undefined,
  reason: string | undefined,
  message: string | undefined,
  { fieldPath = "" }: EventOptions,
): string {
  return `${source}\n${fieldPath}\n${type}\n${reason}\n${message}`;
}

function keyOfEvent({ involvedObject, source, type, reason, message }: Event): string {
  const { kind, namespace, name, uid, fieldPath } = involvedObject;
  const about = { kind, metadata: { namespace, name, uid } } as unknown as Stored;
  const told = sourceKey(
    about,
    source?.component ?? "",
    source?.host === undefined ? {} : { host: source.host },
  );
  if (message?.startsWith(COMBINED)) return `${told}\n\n${type}\n${reason}`;
  return keyOf(told, type, reason, message, fieldPath === undefined ? {} : { fieldPath });
}
