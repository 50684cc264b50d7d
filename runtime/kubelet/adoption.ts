import type { ExistingContainer, ExistingPod } from "../environment.ts";
import { ended } from "./containers.ts";
import { createProbes } from "./probes.ts";
import { type ContainerWorker, isAlive, type PodWorker } from "./worker.ts";

/** How long an answer to a command of an earlier kubelet is waited for (Kubernetes' `runtimeRequestTimeout`). */
const answerTimeout = 120_000;

/**
 * A kubelet that starts finds what an earlier one has left running, and goes on from there: nothing is started twice
 * and nothing ends because the kubelet did. `now` in milliseconds.
 */
export function adopt(worker: PodWorker, existing: ExistingPod, now: number): void {
  worker.admitted = true;
  worker.sandbox.address = existing.address;
  worker.sandbox.phase = existing.removing ? "removing" : existing.ready ? "ready" : "creating";
  worker.sandbox.answerBy = now + answerTimeout;
  for (const container of worker.containers) {
    const instance = existing.containers.find(({ name }) => name === container.name);
    if (instance) adoptContainer(worker, container, instance, now);
  }
  if (worker.containers.some(isAlive)) worker.hadEnded = false;
}

function adoptContainer(
  worker: PodWorker,
  container: ContainerWorker,
  instance: ExistingContainer,
  now: number,
): void {
  const { pod } = worker;
  const statuses =
    container.kind === "main" ? pod.status?.containerStatuses : pod.status?.initContainerStatuses;
  const told = statuses?.find(({ name }) => name === container.name);
  // The status may be of this instance already; else the instance is one more than those it counts.
  if (told?.containerID?.endsWith(instance.containerId)) container.restartCount = told.restartCount;
  container.attempt = instance.attempt;
  container.begun = true;
  container.containerId = instance.containerId;
  container.startedAt = instance.startedAt;
  container.phase = instance.exit ? "running" : instance.state;
  container.answerBy = now + answerTimeout;
  if (instance.exit) {
    const { exitCode, signal, reason = exitCode === 0 ? "Completed" : "Error", finishedAt } = instance.exit;
    const { startedAt, containerId } = instance;
    ended(container, {
      exitCode,
      ...(signal === undefined ? {} : { signal }),
      reason,
      startedAt,
      finishedAt,
      containerId,
    });
  } else if (instance.state === "running") {
    container.probes = createProbes(container, now);
  }
}
