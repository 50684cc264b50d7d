import type { Container, Volume } from "../../model/core.ts";
import { resourceAmount } from "../../model/quantity.ts";
import type { PodEvent, StartContainer } from "../environment.ts";
import { formatDuration, nextEntry, restartAt } from "./backoff.ts";
import { containerRun } from "./command.ts";
import { containerEnvironment } from "./environment-variables.ts";
import { resolveHandler } from "./ports.ts";
import { createProbes } from "./probes.ts";
import { stopContainer } from "./stopping.ts";
import { isReadOnly } from "./volumes.ts";
import { type ContainerWorker, type Exit, isAlive, type PodWorker, podText, type Turn } from "./worker.ts";

/** How long a start may go unanswered (Kubernetes' `runtimeRequestTimeout`). */
const startTimeout = 120_000;
/** Kubernetes lets a hook take as long as it likes; an answer that was lost must not hold a container for ever. */
const hookTimeout = 600_000;

/** Starts, watches and restarts one container. Returns whether it has ended and stays so. */
export function syncContainer(worker: PodWorker, container: ContainerWorker, turn: Turn): boolean {
  switch (container.phase) {
    case "waiting":
      if (turn.now >= container.retryAt) startContainer(worker, container, turn);
      else turn.wake(container.retryAt);
      return false;
    case "starting":
      if (turn.now < container.answerBy) turn.wake(container.answerBy);
      else startTimedOut(worker, container, turn);
      return false;
    case "running":
      if (container.hook && turn.now >= container.hook.answerBy)
        postStartDone(worker, container, container.hook.ok, turn);
      else if (container.hook) turn.wake(container.hook.answerBy);
      return false;
    case "exited":
      return !restarts(worker, container) || restartWhenDue(worker, container, turn);
  }
}

/** Whether a container that has ended is to be started again (Kubernetes' `ShouldContainerBeRestarted`). */
export function restarts(worker: PodWorker, container: ContainerWorker): boolean {
  if (worker.ending || !container.exit) return false;
  if (container.restart !== "no" || container.kind === "sidecar") return true;
  const failed = container.exit.exitCode !== 0;
  const policy = worker.pod.spec.restartPolicy ?? "Always";
  if (policy === "Never") return false;
  return failed || (policy === "Always" && container.kind === "main");
}

function restartWhenDue(worker: PodWorker, container: ContainerWorker, turn: Turn): false {
  const exit = container.exit!;
  if (container.restart === "immediately") {
    container.backoff = undefined;
    startContainer(worker, container, turn);
    return false;
  }
  const at = restartAt(container.backoff, exit.finishedAt);
  if (turn.now >= at) {
    container.backoff = nextEntry(container.backoff, exit.finishedAt, turn.now);
    startContainer(worker, container, turn);
    return false;
  }
  tellBackoff(worker, container, turn);
  turn.wake(at);
  return false;
}

function tellBackoff(worker: PodWorker, container: ContainerWorker, turn: Turn): void {
  if (container.backoffTold) return;
  container.backoffTold = true;
  const { name, exit, backoff } = container;
  const pod = podText(worker.pod);
  turn.record("Warning", "BackOff", `Back-off restarting failed container ${name} in pod ${pod}`, container);
  // A program that could not even be started has a cause, which is worth more than the back-off.
  if (exit?.reason === "StartError") return;
  const delay = formatDuration(backoff?.delay ?? 0);
  const message = `back-off ${delay} restarting failed container=${name} pod=${pod}`;
  container.waiting = { reason: "CrashLoopBackOff", message };
}

function startContainer(worker: PodWorker, container: ContainerWorker, turn: Turn): void {
  const environment = containerEnvironment(worker, container, turn);
  if (typeof environment === "string") {
    block(container, "CreateContainerConfigError", environment, turn);
    return;
  }
  const run = containerRun(worker, container, environment.lookup, turn);
  if (typeof run === "string") {
    block(container, "CreateContainerError", run, turn);
    return;
  }
  container.attempt++;
  container.begun = true;
  container.phase = "starting";
  container.startedAt = turn.now;
  container.answerBy = turn.now + startTimeout;
  turn.wake(container.answerBy);
  container.restart = "no";
  container.backoffTold = false;
  const { spec } = container;
  const { ports, mounts, limits } = outlineOf(spec, worker.pod.spec.volumes);
  turn.send({
    type: "startContainer",
    podUid: worker.uid,
    container: container.name,
    attempt: container.attempt,
    image: spec.image,
    command: run.command,
    directory: run.directory,
    env: environment.list,
    ports,
    mounts,
    limits,
    secretNames: environment.secretNames,
    stdin: spec.stdin === true,
    stdinOnce: spec.stdin === true && spec.stdinOnce === true,
    tty: spec.tty === true,
  });
}

/** What a command says of a container that is the same for all pods of its template. */
interface Outline extends Pick<StartContainer, "ports" | "mounts" | "limits"> {
  readonly volumes: readonly Volume[] | undefined;
}

/** By frozen spec, which the pods of a template share. */
const outlines = new WeakMap<Container, Outline>();

function outlineOf(spec: Container, volumes: readonly Volume[] | undefined): Outline {
  const known = outlines.get(spec);
  if (known && known.volumes === volumes) return known;
  const outline = makeOutline(spec, volumes);
  if (Object.isFrozen(spec)) outlines.set(spec, outline);
  return outline;
}

function makeOutline(spec: Container, volumes: readonly Volume[] | undefined): Outline {
  const readOnly = new Set((volumes ?? []).filter(isReadOnly).map(({ name }) => name));
  const limit = (resource: string) => {
    const quantity = spec.resources?.limits?.[resource];
    return quantity === undefined ? undefined : resourceAmount(resource, quantity);
  };
  const cpuMillis = limit("cpu");
  const memoryBytes = limit("memory");
  return {
    volumes,
    ports: (spec.ports ?? []).map(({ containerPort }) => containerPort),
    mounts: (spec.volumeMounts ?? []).map((mount) => ({
      volume: mount.name,
      path: mount.mountPath,
      ...(mount.subPath === undefined ? {} : { subPath: mount.subPath }),
      readOnly: mount.readOnly === true || readOnly.has(mount.name),
    })),
    limits: {
      ...(cpuMillis === undefined ? {} : { cpuMillis }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
    },
  };
}

/** Nothing to try before something else changes; `retryBlocked` says that it has. */
function block(container: ContainerWorker, reason: string, message: string, turn: Turn): void {
  const repeated = container.waiting?.reason === reason && container.waiting.message === message;
  container.phase = "waiting";
  container.waiting = { reason, message };
  container.retryAt = Number.POSITIVE_INFINITY;
  if (!repeated) turn.record("Warning", "Failed", `Error: ${message}`, container);
}

/** Lets containers that lacked a config or a secret be tried again. */
export function retryBlocked(container: ContainerWorker): void {
  if (container.phase === "waiting" && container.waiting?.reason === "CreateContainerConfigError") {
    container.retryAt = 0;
  }
}

function startTimedOut(worker: PodWorker, container: ContainerWorker, turn: Turn): void {
  kill(worker, container.name, container.attempt, turn);
  failed(worker, container, "CreateContainerError", "context deadline exceeded", turn);
}

function kill(worker: PodWorker, container: string, attempt: number, turn: Turn): void {
  turn.send({ type: "signalContainer", podUid: worker.uid, container, attempt, signal: "SIGKILL" });
}

/**
 * A container that could not be started. A program that did not run at all (RunContainerError) counts as one that
 * ended with 128, as in Kubernetes, but waits from its first failure on: trying again at once would change nothing.
 */
function failed(
  worker: PodWorker,
  container: ContainerWorker,
  reason: string,
  message: string,
  turn: Turn,
): void {
  turn.record("Warning", "Failed", `Error: ${message}`, container);
  container.stopping = undefined;
  if (reason === "RunContainerError") {
    // The restart that led here has taken its step already; only a first start has not.
    container.backoff ??= nextEntry(undefined, turn.now, turn.now);
    shiftExit(container);
    container.exit = {
      exitCode: 128,
      reason: "StartError",
      message,
      startedAt: container.startedAt,
      finishedAt: turn.now,
      containerId: "",
    };
    container.phase = "exited";
    container.waiting = restarts(worker, container) ? { reason, message } : undefined;
    return;
  }
  container.backoff = nextEntry(container.backoff, turn.now, turn.now);
  container.phase = "waiting";
  container.waiting = { reason, message };
  container.retryAt = turn.now + container.backoff.delay;
  turn.wake(container.retryAt);
}

/** A new instance is there: the last one's end becomes `lastState`, and counts as a restart. */
function shiftExit(container: ContainerWorker): void {
  if (!container.exit) return;
  container.previous = container.exit;
  container.exit = undefined;
  container.restartCount++;
}

type ContainerAnswer = Extract<PodEvent, { attempt: number }>;

/** Takes in what the driver says of a container. What speaks of another instance than the present one is dropped. */
export function applyContainerAnswer(
  worker: PodWorker,
  container: ContainerWorker,
  event: Exclude<ContainerAnswer, { type: "probeResult" | "healthChanged" }>,
  turn: Turn,
): void {
  if (event.attempt !== container.attempt) {
    // An instance that was given up must not run beside its successor.
    if (event.type === "containerStarted") kill(worker, container.name, event.attempt, turn);
    return;
  }
  switch (event.type) {
    case "containerStarted":
      if (container.phase === "starting") started(worker, container, event.containerId, turn);
      // Its start was given up for lost.
      else if (container.phase === "waiting") kill(worker, container.name, event.attempt, turn);
      return;
    case "containerFailed":
      if (container.phase !== "starting") return;
      // It may be that the instance before runs still: word of an end that an earlier kubelet had asked for was taken for its.
      if (event.reason === "CreateContainerError" && container.attempt > 0)
        kill(worker, container.name, container.attempt - 1, turn);
      failed(worker, container, event.reason, event.message, turn);
      return;
    case "containerExited":
      if (isAlive(container)) {
        ended(container, {
          exitCode: event.exitCode,
          ...(event.signal === undefined ? {} : { signal: event.signal }),
          reason: event.reason ?? (event.exitCode === 0 ? "Completed" : "Error"),
          ...(event.message === undefined ? {} : { message: event.message }),
          startedAt: container.startedAt,
          finishedAt: turn.now,
          containerId: container.containerId,
        });
      }
      return;
    case "hookResult":
      if (event.hook === "postStart" && container.hook) postStartDone(worker, container, event.ok, turn);
      if (event.hook === "preStop" && container.stopping?.stage === "preStop") {
        if (!event.ok) turn.record("Warning", "FailedPreStopHook", "PreStopHook failed", container);
        container.stopping.until = turn.now;
      }
  }
}

function started(worker: PodWorker, container: ContainerWorker, containerId: string, turn: Turn): void {
  shiftExit(container);
  container.phase = "running";
  container.waiting = undefined;
  container.containerId = containerId;
  container.startedAt = turn.now;
  container.probes = createProbes(container, turn.now);
  turn.record("Normal", "Created", "Container created", container);
  turn.record("Normal", "Started", "Container started", container);
  const hook = container.spec.lifecycle?.postStart;
  if (!hook || container.stopping) return;
  if (hook.sleep) {
    container.hook = { answerBy: turn.now + hook.sleep.seconds * 1000, ok: true };
    return;
  }
  const action = resolveHandler(hook, container.spec, turn.network);
  container.hook = { answerBy: turn.now + hookTimeout, ok: false };
  if (typeof action === "string") {
    postStartDone(worker, container, false, turn);
    return;
  }
  turn.send({
    type: "hook",
    podUid: worker.uid,
    container: container.name,
    attempt: container.attempt,
    hook: "postStart",
    action,
    address: worker.sandbox.address ?? "",
  });
}

/** A failed postStart hook kills the container. */
function postStartDone(worker: PodWorker, container: ContainerWorker, ok: boolean, turn: Turn): void {
  container.hook = undefined;
  if (ok) return;
  turn.record("Warning", "FailedPostStartHook", "PostStartHook failed", container);
  stopContainer(worker, container, turn, graceMilliseconds(worker), "FailedPostStartHook");
}

export function ended(container: ContainerWorker, exit: Exit): void {
  container.exit = exit;
  container.phase = "exited";
  container.waiting = undefined;
  container.hook = undefined;
  container.stopping = undefined;
  container.probes = [];
}

/** How long a container of the pod may take to end: what the deletion says, else the spec, else 30 s. */
export function graceMilliseconds({ pod, vanished, ending }: PodWorker): number {
  // There is no time to wait for (`immediateEvictionGracePeriodSeconds`).
  if (ending?.cause === "evicted") return 1000;
  // An object that went without notice leaves only the smallest grace (Kubernetes' rule for pods removed by force).
  const seconds = vanished
    ? 1
    : (pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30);
  return Math.max(seconds, 1) * 1000;
}
