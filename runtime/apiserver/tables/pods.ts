import type { ContainerStatus, Pod } from "../../../model/core.ts";
import { condition, displayStatus, isSidecar, lastingStatuses } from "../../../model/pod.ts";
import { ageOf } from "./age.ts";
import { ageColumn, column, type KindTable, nameColumn } from "./table.ts";

export const podTable: KindTable<"Pod"> = {
  columns: [
    nameColumn,
    column("Ready", "How many of the containers are ready, of how many."),
    column("Status", "The most telling of the pod's phase and its containers' states."),
    column("Restarts", "How often the containers were restarted, and when the last time was."),
    ageColumn,
    column("IP¹", "The address of the pod."),
    column("Node¹", "The node that the pod is bound to."),
    column("Nominated Node¹", "The node on which room is being made for the pod."),
    column("Readiness Gates¹", "How many of the additional conditions for readiness hold."),
  ],
  row: (pod, { now }) => [
    pod.metadata.name,
    readyText(pod),
    displayStatus(pod),
    restartsText(pod, now),
    ageOf(pod.metadata.creationTimestamp, now),
    pod.status?.podIP || "<none>",
    pod.spec.nodeName || "<none>",
    pod.status?.nominatedNodeName || "<none>",
    gatesText(pod),
  ],
};

/** `1/2`: how many of the conditions that its readiness waits for are true. */
function gatesText({ spec, status }: Pod): string {
  const gates = spec.readinessGates;
  if (!gates?.length) return "<none>";
  const held = gates.filter(
    ({ conditionType }) => condition(status?.conditions, conditionType)?.status === "True",
  );
  return `${held.length}/${gates.length}`;
}

function isReadyAndRunning(status: ContainerStatus): boolean {
  return status.ready && status.state.running !== undefined;
}

/** `1/2`: how many are ready, of all that run beside each other. */
function readyText(pod: Pod): string {
  const { containers, initContainers = [] } = pod.spec;
  const count = containers.length + initContainers.filter(isSidecar).length;
  return `${lastingStatuses(pod).filter(isReadyAndRunning).length}/${count}`;
}

/** `3 (5m ago)`. While init containers run, theirs are the restarts that count (Kubernetes' `printPod`). */
function restartsText(pod: Pod, now: number): string {
  const initialized = condition(pod.status?.conditions, "Initialized")?.status === "True";
  const init = pod.status?.initContainerStatuses ?? [];
  const lasting = lastingStatuses(pod);
  const initializing = init.some(
    (status) => status.state.terminated?.exitCode !== 0 && !(status.started && lasting.includes(status)),
  );
  const statuses = initializing && !initialized ? init : lasting;
  const count = statuses.reduce((sum, status) => sum + status.restartCount, 0);
  const last = statuses.reduce((latest, status) => {
    const finished = status.lastState.terminated?.finishedAt;
    return finished !== undefined && finished > latest ? finished : latest;
  }, "");
  return count > 0 && last !== "" ? `${count} (${ageOf(last, now)} ago)` : String(count);
}
