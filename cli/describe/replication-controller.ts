import type { Event, Pod, ReplicationController } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { formatLabels } from "../../model/selector.ts";
import { writeContainers } from "./containers.ts";
import { writeEvents } from "./events.ts";
import { writeScheduling, writeVolumes } from "./volumes.ts";
import { type DescriptionWriter, writeAnnotations, writeMap } from "./writer.ts";

/** What `kubectl describe rc` shows. */
export interface ReplicationControllerDescription {
  readonly rc: Stored<ReplicationController>;
  /** Those that it owns. */
  readonly pods: readonly Stored<Pod>[];
  readonly events: readonly Event[];
}

export function describeReplicationController(
  writer: DescriptionWriter,
  { rc, pods, events }: ReplicationControllerDescription,
  now: number,
): void {
  const { metadata, spec, status } = rc;
  writer.line(0, "Name:", metadata.name);
  writer.line(0, "Namespace:", metadata.namespace ?? "");
  writer.line(0, "Selector:", formatLabels(spec.selector));
  writeMap(writer, 0, "Labels:", metadata.labels);
  writeAnnotations(writer, 0, "Annotations:", metadata.annotations);
  writer.line(0, "Replicas:", `${status?.replicas ?? 0} current / ${spec.replicas ?? 1} desired`);
  const inPhase = (phase: string) => pods.filter((pod) => pod.status?.phase === phase).length;
  writer.line(
    0,
    "Pods Status:",
    `${inPhase("Running")} Running / ${inPhase("Pending")} Waiting / ${inPhase("Succeeded")} Succeeded / ${inPhase("Failed")} Failed`,
  );
  writeTemplate(writer, rc);
  const conditions = status?.conditions ?? [];
  if (conditions.length > 0) {
    writer.line(0, "Conditions:");
    writer.line(1, "Type", "Status", "Reason");
    writer.line(1, "----", "------", "------");
    for (const each of conditions) writer.line(1, `${each.type} `, each.status, each.reason ?? "");
  }
  writeEvents(writer, events, now);
}

function writeTemplate(writer: DescriptionWriter, { spec }: ReplicationController): void {
  const { metadata, spec: pod } = spec.template;
  writer.line(0, "Pod Template:");
  writeMap(writer, 1, "Labels:", metadata?.labels);
  if (Object.keys(metadata?.annotations ?? {}).length > 0)
    writeAnnotations(writer, 1, "Annotations:", metadata?.annotations);
  if (pod.serviceAccountName) writer.line(1, "Service Account:", pod.serviceAccountName);
  if (pod.initContainers?.length) writeContainers(writer, "Init Containers", pod.initContainers);
  writeContainers(writer, "Containers", pod.containers);
  writeVolumes(writer, " ", pod.volumes ?? []);
  writeScheduling(writer, 1, pod);
}
