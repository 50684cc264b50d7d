import { resolveHandler } from "./ports.ts";
import { type ContainerWorker, isAlive, type PodWorker, type Stopping, type Turn } from "./worker.ts";

/** The least time between TERM and KILL, however much of the grace the preStop hook has used. */
const minimumWindow = 2_000;
/** How long the end of a killed container is waited for before it is killed again, and how often. */
const killTimeout = 10_000;
const maximumKills = 3;

/**
 * Begins to end a container: its preStop hook, which uses up the grace, then TERM, once nothing needs it any more, with
 * what is left and at least 2 s, then KILL (Kubernetes' `killContainer`). `message` is that of the Killing event.
 */
export function stopContainer(
  worker: PodWorker,
  container: ContainerWorker,
  turn: Turn,
  graceMilliseconds: number,
  message = `Stopping container ${container.name}`,
): void {
  if (!isAlive(container) || container.stopping) return;
  turn.record("Normal", "Killing", message, container);
  const deadline = turn.now + graceMilliseconds;
  container.stopping = { stage: "wait", deadline, until: deadline, kills: 0 };
  container.hook = undefined;
  advanceStopping(worker, container, turn);
}

/** A grace that was shortened while a container is being ended moves its deadline forward, and no stage back: a hook may sleep for less. */
export function shortenGrace({ stopping }: ContainerWorker, deadline: number): void {
  if (!stopping || deadline >= stopping.deadline || stopping.stage === "kill") return;
  const used = stopping.stage === "terminate" ? stopping.until - stopping.deadline : 0;
  stopping.deadline = deadline;
  stopping.until = Math.min(stopping.until, deadline + Math.max(used, 0));
}

/** Takes a container that is being ended one step on; `"lost"` when nothing more can be done from here. */
export function advanceStopping(
  worker: PodWorker,
  container: ContainerWorker,
  turn: Turn,
): "lost" | undefined {
  const stopping = container.stopping;
  if (!stopping) return undefined;
  if (stopping.stage === "wait" && (container.phase === "running" || turn.now >= stopping.until)) {
    if (!runPreStop(worker, container, stopping, turn)) awaitTurn(stopping);
  }
  if (stopping.stage === "preStop" && turn.now >= stopping.until) awaitTurn(stopping);
  if (stopping.stage === "turn" && (turn.now >= stopping.until || !isNeeded(worker, container)))
    terminate(worker, container, stopping, turn);
  if ((stopping.stage === "terminate" || stopping.stage === "kill") && turn.now >= stopping.until) {
    if (stopping.kills === maximumKills) return "lost";
    signal(worker, container, "SIGKILL", turn);
    stopping.stage = "kill";
    stopping.kills++;
    stopping.until = turn.now + killTimeout;
  }
  turn.wake(stopping.until);
  return undefined;
}

function runPreStop(worker: PodWorker, container: ContainerWorker, stopping: Stopping, turn: Turn): boolean {
  const hook = container.spec.lifecycle?.preStop;
  if (!hook || container.phase !== "running") return false;
  if (hook.sleep) {
    stopping.stage = "preStop";
    stopping.until = Math.min(stopping.deadline, turn.now + hook.sleep.seconds * 1000);
    return true;
  }
  const action = resolveHandler(hook, container.spec, turn.network);
  if (typeof action === "string") {
    turn.record("Warning", "FailedPreStopHook", "PreStopHook failed", container);
    return false;
  }
  stopping.stage = "preStop";
  turn.send({
    type: "hook",
    podUid: worker.uid,
    container: container.name,
    attempt: container.attempt,
    hook: "preStop",
    action,
    address: worker.sandbox.address ?? "",
  });
  return true;
}

function awaitTurn(stopping: Stopping): void {
  stopping.stage = "turn";
  stopping.until = stopping.deadline;
}

/**
 * Whether others of an ending pod may still need a side car: the main containers, and the side cars after it
 * (Kubernetes' `terminationOrdering`).
 */
function isNeeded({ ending, init, main }: PodWorker, container: ContainerWorker): boolean {
  if (!ending || container.kind !== "sidecar") return false;
  const after = init.slice(container.index + 1).filter(({ kind }) => kind === "sidecar");
  return main.some(isAlive) || after.some(isAlive);
}

function terminate(worker: PodWorker, container: ContainerWorker, stopping: Stopping, turn: Turn): void {
  signal(worker, container, "SIGTERM", turn);
  stopping.stage = "terminate";
  stopping.until = Math.max(stopping.deadline, turn.now + minimumWindow);
}

function signal(
  worker: PodWorker,
  container: ContainerWorker,
  name: "SIGTERM" | "SIGKILL",
  turn: Turn,
): void {
  const { attempt } = container;
  turn.send({
    type: "signalContainer",
    podUid: worker.uid,
    container: container.name,
    attempt,
    signal: name,
  });
}
