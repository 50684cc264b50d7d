import type { Event } from "../../model/core.ts";
import { ageOf } from "../../runtime/apiserver/tables/age.ts";
import type { DescriptionWriter } from "./writer.ts";

/** What has happened to an object, oldest first. */
export function writeEvents(writer: DescriptionWriter, events: readonly Event[], now: number): void {
  if (events.length === 0) {
    writer.line(0, "Events:", "<none>");
    return;
  }
  writer.flush();
  writer.line(0, "Events:");
  writer.line(1, "Type", "Reason", "Age", "From", "Message");
  writer.line(1, "----", "------", "----", "----", "-------");
  const at = ({ lastTimestamp, eventTime }: Event) => lastTimestamp ?? eventTime ?? "";
  const sorted = [...events].sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0));
  for (const event of sorted) {
    const first = ageOf(event.eventTime ?? event.firstTimestamp, now);
    const count = event.count ?? 1;
    const age = count > 1 ? `${ageOf(event.lastTimestamp, now)} (x${count} over ${first})` : first;
    const from = event.source?.component || (event.reportingComponent ?? "");
    writer.line(1, event.type, event.reason, age, from, event.message.trim());
  }
}
