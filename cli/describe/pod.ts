import type { Event, Pod } from "../../model/core.ts";
import { controllerOf, type Stored } from "../../model/meta.ts";
import { qosClass } from "../../model/pod.ts";
import { humanDuration } from "../../runtime/apiserver/tables/age.ts";
import { writeContainers } from "./containers.ts";
import { writeEvents } from "./events.ts";
import { writeScheduling, writeVolumes } from "./volumes.ts";
import { type DescriptionWriter, longTime, writeAnnotations, writeMap } from "./writer.ts";

/** What `kubectl describe pod` shows. */
export interface PodDescription {
  readonly pod: Stored<Pod>;
  readonly events: readonly Event[];
}

export function describePod(writer: DescriptionWriter, { pod, events }: PodDescription, now: number): void {
  const { metadata, spec, status = {} } = pod;
  writer.line(0, "Name:", metadata.name);
  writer.line(0, "Namespace:", metadata.namespace ?? "");
  if (spec.priority !== undefined) writer.line(0, "Priority:", spec.priority);
  if (spec.serviceAccountName) writer.line(0, "Service Account:", spec.serviceAccountName);
  writer.line(0, "Node:", spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ""}` : "<none>");
  if (status.startTime) writer.line(0, "Start Time:", longTime(status.startTime));
  writeMap(writer, 0, "Labels:", metadata.labels);
  writeAnnotations(writer, 0, "Annotations:", metadata.annotations);
  writeStatus(writer, pod, now);
  writer.line(0, "IP:", status.podIP ?? "");
  if (status.podIPs?.length) {
    writer.line(0, "IPs:");
    for (const { ip } of status.podIPs) writer.line(1, "IP:", ip);
  } else writer.line(0, "IPs:", "<none>");
  const owner = controllerOf(pod);
  if (owner) writer.line(0, "Controlled By:", `${owner.kind}/${owner.name}`);
  if (spec.initContainers?.length)
    writeContainers(writer, "Init Containers", spec.initContainers, {
      pod,
      statuses: status.initContainerStatuses ?? [],
    });
  writeContainers(writer, "Containers", spec.containers, { pod, statuses: status.containerStatuses ?? [] });
  const conditions = status.conditions ?? [];
  if (conditions.length > 0) {
    writer.line(0, "Conditions:");
    writer.line(1, "Type", "Status");
    for (const each of conditions) writer.line(1, `${each.type} `, `${each.status} `);
  }
  writeVolumes(writer, "", spec.volumes ?? []);
  writer.line(0, "QoS Class:", status.qosClass ?? qosClass(spec));
  writeScheduling(writer, 0, spec);
  writeEvents(writer, events, now);
}

function writeStatus(writer: DescriptionWriter, { metadata, status = {} }: Pod, now: number): void {
  const ended = status.phase === "Succeeded" || status.phase === "Failed";
  if (metadata.deletionTimestamp !== undefined && !ended) {
    const lasts = humanDuration(now - Date.parse(metadata.deletionTimestamp));
    writer.line(0, "Status:", `Terminating (lasts ${lasts})`);
    writer.line(0, "Termination Grace Period:", `${metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else writer.line(0, "Status:", status.phase ?? "");
  if (status.reason) writer.line(0, "Reason:", status.reason);
  if (status.message) writer.line(0, "Message:", status.message);
}
