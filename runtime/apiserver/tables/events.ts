import type { Event } from "../../../model/core.ts";
import { ageOf } from "./age.ts";
import { column, type KindTable } from "./table.ts";

export const eventTable: KindTable<"Event"> = {
  columns: [
    column("Last Seen", "How long ago the event happened last."),
    column("Type", "Normal or Warning."),
    column("Reason", "Why it happened, in one word."),
    column("Object", "The object that the event is about."),
    column("Subobject¹", "The part of the object that the event is about."),
    column("Source¹", "Who tells it, and where."),
    column("Message", "What happened."),
    column("First Seen¹", "How long ago the event happened first."),
    column("Count¹", "How often it has happened."),
    column("Name¹", "The name of the event."),
  ],
  row: (event, { now }) => [
    ageOf(event.lastTimestamp ?? event.firstTimestamp ?? event.eventTime, now),
    event.type ?? "",
    event.reason ?? "",
    about(event.involvedObject),
    event.involvedObject.fieldPath ?? "",
    eventSource(event),
    (event.message ?? "").trim(),
    ageOf(event.firstTimestamp ?? event.eventTime, now),
    event.count ?? 1,
    event.metadata.name,
  ],
};

/** Events that clients write need not say what they are about. */
function about({ kind = "", name }: Partial<Event["involvedObject"]>): string {
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
}

/** `component, host` (Kubernetes' `formatEventSource`). */
export function eventSource({ source, reportingComponent, reportingInstance }: Event): string {
  const parts = source?.component ? [source.component, source.host] : [reportingComponent, reportingInstance];
  return parts.filter((part) => part).join(", ");
}
