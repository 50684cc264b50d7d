import { parseTimestamp } from "../../model/meta.ts";
import { isTerminal } from "../../model/pod.ts";
import type { PodEvent } from "../environment.ts";
import { applyContainerAnswer, ended, graceMilliseconds, syncContainer } from "./containers.ts";
import { applyProbeResult, isStarted, probeGraceSeconds, probeKillMessage, resumeProbes } from "./probes.ts";
import {
  ensureSandbox,
  removeSandbox,
  sandboxFailed,
  sandboxRemoved,
  sandboxUpdateFailed,
} from "./sandbox.ts";
import { advanceStopping, shortenGrace, stopContainer } from "./stopping.ts";
import { type ContainerWorker, isAlive, type PodWorker, type Turn } from "./worker.ts";

const deadlineMessage = "Pod was active on the node longer than the specified deadline";

/**
 * Takes in one answer of the driver. Late, doubled and reordered ones change nothing. Gives whether there may be
 * something to decide or to say now.
 */
export function applyAnswer(worker: PodWorker, event: PodEvent, turn: Turn): boolean {
  switch (event.type) {
    case "sandboxReady":
      if (worker.sandbox.phase !== "creating") return false;
      worker.sandbox.phase = "ready";
      worker.sandbox.failures = 0;
      return true;
    case "sandboxFailed":
      if (worker.sandbox.phase === "creating") sandboxFailed(worker, event.message, turn);
      return true;
    case "sandboxRemoved":
      sandboxRemoved(worker, turn);
      return true;
    case "updateFailed":
      sandboxUpdateFailed(worker, event.message, turn);
      return false;
  }
  const container = worker.containers.find(({ name }) => name === event.container);
  if (!container) return false;
  switch (event.type) {
    case "probeResult":
      return applyProbe(worker, container, event, turn);
    case "healthChanged":
      if (event.attempt === container.attempt) resumeProbes(container, turn.now);
      return false;
    default:
      applyContainerAnswer(worker, container, event, turn);
      return true;
  }
}

function applyProbe(
  worker: PodWorker,
  container: ContainerWorker,
  event: Extract<PodEvent, { type: "probeResult" }>,
  turn: Turn,
): boolean {
  const verdict = applyProbeResult(container, event, turn);
  if (verdict === "same") return false;
  if (verdict === "changed") return true;
  const failed = verdict;
  const seconds = probeGraceSeconds(container, failed);
  const grace = seconds === undefined ? graceMilliseconds(worker) : seconds * 1000;
  if (worker.pod.spec.restartPolicy !== "Never") container.restart = "backoff";
  stopContainer(worker, container, turn, grace, probeKillMessage(container, failed));
  return true;
}

/**
 * Decides what the pod needs now, from its state and the time alone, and says when to look again. Doing so twice
 * changes nothing. True once nothing of the pod is left on the node.
 */
export function syncPod(worker: PodWorker, turn: Turn): boolean {
  decideEnding(worker, turn);
  if (!worker.ending) {
    if (!ensureSandbox(worker, turn)) return false;
    if (!syncContainers(worker, turn)) return false;
    worker.ending = { cause: "completed", since: turn.now };
  }
  return syncEnding(worker, turn);
}

function decideEnding(worker: PodWorker, turn: Turn): void {
  if (worker.ending) return;
  const { pod } = worker;
  if (worker.vanished || pod.metadata.deletionTimestamp !== undefined) {
    worker.ending = { cause: "deleted", since: turn.now };
  } else if (isTerminal(pod)) {
    worker.ending = { cause: "completed", since: turn.now };
  } else if (pod.spec.activeDeadlineSeconds !== undefined) {
    // The status says it in whole seconds; it counts only where an earlier kubelet wrote it.
    const written = parseTimestamp(pod.status?.startTime) ?? worker.startedAt;
    const startedAt = worker.startedAt - written < 1000 ? worker.startedAt : written;
    const at = startedAt + pod.spec.activeDeadlineSeconds * 1000;
    if (turn.now < at) {
      turn.wake(at);
      return;
    }
    const reason = "DeadlineExceeded";
    worker.ending = { cause: "deadline", since: turn.now, reason, message: deadlineMessage };
    turn.record("Normal", reason, deadlineMessage);
  }
}

/**
 * Init containers one after the other, then all others at once; what comes after a side car begins when that has
 * started. True when all but the side cars have ended and stay so.
 */
function syncContainers(worker: PodWorker, turn: Turn): boolean {
  for (const container of worker.init) {
    if (container.kind === "sidecar") {
      syncOne(worker, container, turn);
      const upon = isStarted(container) && !container.hook;
      if (upon || hasBegunAfter(worker, container)) continue;
      return false;
    }
    if (container.phase === "exited" && container.exit?.exitCode === 0 && container.restart === "no")
      continue;
    const done = syncOne(worker, container, turn);
    // One that has failed and may not run again fails the pod.
    return done && container.exit?.exitCode !== 0;
  }
  let done = true;
  for (const container of worker.main) if (!syncOne(worker, container, turn)) done = false;
  return done;
}

/** Whether something that waited for this side car has begun: it does not wait again while the side car restarts. */
function hasBegunAfter({ init, main }: PodWorker, { index }: ContainerWorker): boolean {
  return [...init.slice(index + 1), ...main].some(({ begun }) => begun);
}

function syncOne(worker: PodWorker, container: ContainerWorker, turn: Turn): boolean {
  advance(worker, container, turn);
  return syncContainer(worker, container, turn);
}

function advance(worker: PodWorker, container: ContainerWorker, turn: Turn): void {
  if (advanceStopping(worker, container, turn) !== "lost") return;
  ended(container, {
    exitCode: 137,
    reason: "ContainerStatusUnknown",
    message: "The container could not be located when the pod was terminated",
    startedAt: container.startedAt,
    finishedAt: turn.now,
    containerId: container.containerId,
  });
}

function syncEnding(worker: PodWorker, turn: Turn): boolean {
  const containers = worker.containers;
  const deleted = worker.vanished || worker.pod.metadata.deletionTimestamp !== undefined;
  const grace = graceMilliseconds(worker);
  for (const container of containers) {
    if (!isAlive(container)) continue;
    stopContainer(worker, container, turn, grace);
    if (deleted && worker.ending) shortenGrace(container, worker.ending.since + grace);
    advance(worker, container, turn);
  }
  return !containers.some(isAlive) && removeSandbox(worker, turn);
}

/** Whether the containers have all ended for good, so that the pod's phase is final. */
export function hasEnded(worker: PodWorker): boolean {
  return worker.ending !== undefined && !worker.containers.some(isAlive);
}

/**
 * Ends a container and starts it again at once, without back-off, whatever its restart policy (its source has
 * changed). False where the pod has no such container or is ending.
 */
export function restartContainer(worker: PodWorker, name: string, turn: Turn): boolean {
  const container = worker.containers.find((each) => each.name === name && each.kind !== "init");
  if (!container || worker.ending) return false;
  if (container.phase === "waiting") container.retryAt = 0;
  else container.restart = "immediately";
  stopContainer(worker, container, turn, graceMilliseconds(worker));
  return true;
}
