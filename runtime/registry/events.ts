import type { Event } from "../../model/core.ts";
import { kinds, type Stored, timestamp } from "../../model/meta.ts";
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
  // From what an event says to its name, the one repeated longest ago first.
  const known = new Map<string, { readonly namespace: string; readonly name: string }>();
  for (const event of store.list("Event")) known.set(keyOfEvent(event), identity(event));
  let last = 0n;

  return (about, component, type, reason, message, options = {}) => {
    const namespace = about.metadata.namespace ?? "default";
    if (!store.get("Namespace", undefined, namespace)) return;
    const now = timestamp(clock.now());
    const event = draft(about, namespace, component, type, reason, message, options);
    const key = keyOfEvent(event);
    const found = known.get(key);
    const earlier = found && store.get("Event", found.namespace, found.name);
    if (found) known.delete(key);
    if (found && earlier) {
      known.set(key, found);
      store.put<Event>({ ...earlier, lastTimestamp: now, count: (earlier.count ?? 1) + 1 });
      return;
    }
    const nanoseconds = BigInt(clock.now()) * 1_000_000n;
    last = nanoseconds > last ? nanoseconds : last + 1n;
    const name = `${about.metadata.name}.${last.toString(16)}`;
    const metadata = { name, namespace, uid: createUid(context.random), creationTimestamp: now };
    store.put<Event>({ ...event, metadata, firstTimestamp: now, lastTimestamp: now, count: 1 });
    known.set(key, { namespace, name });
    if (known.size > MOST_EVENTS) dropOldest();
  };

  function dropOldest(): void {
    for (const [key, { namespace, name }] of known) {
      known.delete(key);
      store.remove("Event", namespace, name);
      if (known.size <= MOST_EVENTS) break;
    }
  }
}

function draft(
  about: Stored,
  namespace: string,
  component: string,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
  { host, fieldPath }: EventOptions,
): Event {
  const { name, uid, resourceVersion } = about.metadata;
  return {
    apiVersion: kinds.Event.apiVersion,
    kind: "Event",
    metadata: { name: "", namespace },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      ...(about.metadata.namespace === undefined ? {} : { namespace: about.metadata.namespace }),
      name,
      uid,
      resourceVersion,
      ...(fieldPath === undefined ? {} : { fieldPath }),
    },
    reason,
    message,
    type,
    source: { component, ...(host === undefined ? {} : { host }) },
    eventTime: null,
    reportingComponent: component,
    reportingInstance: host ?? "",
  };
}

const identity = (event: Event) => ({ namespace: event.metadata.namespace!, name: event.metadata.name });

/** What makes two events one: all but when they were (`getEventKey` of client-go's events cache). */
function keyOfEvent({ involvedObject, source, type, reason, message }: Event): string {
  const { kind, namespace, name, uid, fieldPath } = involvedObject;
  return JSON.stringify([
    source?.component,
    source?.host,
    kind,
    namespace,
    name,
    uid,
    fieldPath,
    type,
    reason,
    message,
  ]);
}
