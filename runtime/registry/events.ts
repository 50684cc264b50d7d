import type { Event } from "../../model/core.ts";
import { kinds, type ObjectMeta, type Stored, timestamp } from "../../model/meta.ts";
import type { EventOptions } from "../client/client.ts";
import type { Context } from "./context.ts";
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
 * first, and its name is the object's with the time in hexadecimal nanoseconds. Events need no permission of their
 * namespace: what happens to an object is told while its namespace is being deleted, too, but not after it is gone.
 */
export function createEventRecorder(context: Context): RecordEvent {
  const { clock, store } = context;
  // Of their own, so that what is told changes no name of anything else.
  const random = context.random.fork("events");
  // From what an event says to its name, the one repeated longest ago first.
  const known = new Map<string, { readonly namespace: string; readonly name: string }>();
  for (const event of store.list("Event")) known.set(keyOfEvent(event), identity(event));
  // Where in `known` the oldest is: to look for it from the start each time would be to pass by all that went before it.
  let oldest = known.entries();
  let last = 0n;
  let lastInstant = Number.NaN;

  return (about, component, type, reason, message, options = {}) => {
    const namespace = about.metadata.namespace ?? "default";
    if (!store.get("Namespace", undefined, namespace)) return;
    const instant = clock.now();
    const now = timestamp(instant);
    const key = keyOf(about, component, type, reason, message, options);
    const found = known.get(key);
    const earlier = found && store.get("Event", found.namespace, found.name);
    if (found) known.delete(key);
    if (found && earlier) {
      known.set(key, found);
      store.put<Event>({ ...earlier, lastTimestamp: now, count: (earlier.count ?? 1) + 1 });
      return;
    }
    const nanoseconds = instant === lastInstant ? last + 1n : BigInt(instant) * 1_000_000n;
    lastInstant = instant;
    last = nanoseconds > last ? nanoseconds : last + 1n;
    const name = `${about.metadata.name}.${last.toString(16)}`;
    const metadata: ObjectMeta = { name, namespace, uid: createUid(random), creationTimestamp: now };
    const place = { namespace, name };
    store.write<Event>(undefined, draft(about, metadata, component, type, reason, message, options));
    known.set(key, place);
    if (known.size > MOST_EVENTS) dropOldest();
  };

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

const identity = (event: Event) => ({ namespace: event.metadata.namespace!, name: event.metadata.name });

/** What makes two events one: all but when they were (`getEventKey` of client-go's events cache). */
function keyOf(
  { kind, metadata }: Stored,
  component: string,
  type: string | undefined,
  reason: string | undefined,
  message: string | undefined,
  { host = "", fieldPath = "" }: EventOptions,
): string {
  const { namespace = "", name, uid } = metadata;
  return `${component}\n${host}\n${kind}\n${namespace}\n${name}\n${uid}\n${fieldPath}\n${type}\n${reason}\n${message}`;
}

function keyOfEvent({ involvedObject, source, type, reason, message }: Event): string {
  const { kind, namespace, name, uid, fieldPath } = involvedObject;
  const about = { kind, metadata: { namespace, name, uid } } as unknown as Stored;
  const options = {
    ...(source?.host === undefined ? {} : { host: source.host }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
  return keyOf(about, source?.component ?? "", type, reason, message, options);
}
