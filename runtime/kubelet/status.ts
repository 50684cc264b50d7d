import type { ContainerState, ContainerStatus, PodStatus } from "../../model/core.ts";
import { timestamp } from "../../model/meta.ts";
import { isReady, isTerminal, qosClass } from "../../model/pod.ts";
import { deepFreeze, equalStructure } from "../client/structure.ts";
import { mergeConditions, podVerdicts } from "./conditions.ts";
import { podPhase } from "./phase.ts";
import { isContainerReady, isStarted } from "./probes.ts";
import { hasEnded } from "./sync.ts";
import type { ContainerWorker, Exit, NodeView, PodWorker } from "./worker.ts";

const nothing: PodStatus = Object.freeze({});
const never: ContainerState = Object.freeze({});
const creating: ContainerState = deepFreeze({ waiting: { reason: "ContainerCreating" } });
const initializing: ContainerState = deepFreeze({ waiting: { reason: "PodInitializing" } });

/**
 * The status of a pod as its node sees it. What others have written into the status is kept. Frozen; what says the same
 * as before is the very same, the status as a whole, too.
 */
export function podStatus(worker: PodWorker, node: NodeView, runtime: string, now: number): PodStatus {
  const { pod, sandbox, ending } = worker;
  const before = pod.status ?? nothing;
  const said = saidBefore(before);
  said.qosClass ??= qosClass(pod.spec);
  said.startTime ??= timestamp(worker.startedAt);
  // Until its containers have stopped a pod has not failed: it holds what it has of its node (`mergePodStatus`).
  const over = ending?.cause === "rejected" || hasEnded(worker);
  if (over && ending?.reason !== undefined) said.reason = ending.reason;
  if (ending?.cause === "rejected") {
    said.phase = "Failed";
    said.message = `Pod was rejected: ${ending.message}`;
    return settle(before, said);
  }
  if (over && ending?.message !== undefined) said.message = ending.message;
  const beginning = worker.init.length > 0 ? initializing : creating;
  const of = (container: ContainerWorker) => containerStatus(container, beginning, runtime);
  const init = settleList(before.initContainerStatuses, worker.init.map(of));
  const ofMain = worker.main.map(of);
  if (ofMain.length > 1) ofMain.sort((a, b) => (a.name < b.name ? -1 : 1));
  const main = settleList(before.containerStatuses, ofMain);
  const statuses = { init, main, sidecars: sidecarsOf(worker) };
  const final = isTerminal(pod) ? before.phase : undefined;
  const failed = over && (ending?.cause === "deadline" || ending?.cause === "evicted") ? "Failed" : undefined;
  const phase = final ?? failed ?? podPhase(pod.spec, statuses, over);
  const verdicts = podVerdicts(pod, phase, sandbox.phase === "ready", statuses);
  said.observedGeneration = pod.metadata.generation ?? said.observedGeneration;
  said.phase = phase;
  said.conditions = mergeConditions(before.conditions, verdicts, now);
  if (node.address !== "") said.hostIP = node.address;
  const address = sandbox.phase === "ready" ? sandbox.address : undefined;
  if (address !== undefined && address !== said.podIP) {
    said.podIP = address;
    said.podIPs = Object.freeze([Object.freeze({ ip: address })]);
  }
  if (init.length > 0) said.initContainerStatuses = init;
  said.containerStatuses = main;
  return settle(before, said);
}

/** What a kubelet says of a pod. Undefined: nothing. */
type Said = {
  -readonly [K in Exclude<keyof PodStatus, "nominatedNodeName">]-?: PodStatus[K] | undefined;
};

/** What was said before, in the order of a status. */
function saidBefore(status: PodStatus): Said {
  return {
    observedGeneration: status.observedGeneration,
    phase: status.phase,
    conditions: status.conditions,
    message: status.message,
    reason: status.reason,
    hostIP: status.hostIP,
    podIP: status.podIP,
    podIPs: status.podIPs,
    startTime: status.startTime,
    initContainerStatuses: status.initContainerStatuses,
    containerStatuses: status.containerStatuses,
    qosClass: status.qosClass,
  };
}

const fields = Object.keys(saidBefore(nothing)) as readonly (keyof Said)[];

/**
 * The status before with what is said now; the very same where that is nothing new. Most statuses have one of two sets
 * of fields: those are written out, so that they are made at once and are alike to all who read them.
 */
function settle(before: PodStatus, said: Said): PodStatus {
  if (fields.every((key) => before[key] === said[key])) return before;
  const { observedGeneration, phase, conditions, hostIP, podIP, podIPs } = said;
  const { startTime, containerStatuses, qosClass } = said;
  if (!isUsual(before, said)) return settleAny(before, said);
  return Object.freeze(
    podIP === undefined
      ? { observedGeneration, phase, conditions, hostIP, startTime, containerStatuses, qosClass }
      : {
          observedGeneration,
          phase,
          conditions,
          hostIP,
          podIP,
          podIPs,
          startTime,
          containerStatuses,
          qosClass,
        },
  ) as PodStatus;
}

function isUsual(before: PodStatus, said: Said): boolean {
  const { observedGeneration, hostIP, message, reason, initContainerStatuses, containerStatuses } = said;
  if (observedGeneration === undefined || hostIP === undefined || containerStatuses === undefined)
    return false;
  if (message !== undefined || reason !== undefined || initContainerStatuses !== undefined) return false;
  for (const key in before) if (!known.has(key)) return false;
  return true;
}

const known: ReadonlySet<string> = new Set(fields);

function settleAny(before: PodStatus, said: Said): PodStatus {
  const status: Record<string, unknown> = {};
  for (const key of fields) if (said[key] !== undefined) status[key] = said[key];
  for (const [key, value] of Object.entries(before)) if (!known.has(key)) status[key] = value;
  return Object.freeze(status) as PodStatus;
}

/**
 * Whether what is new of the pod may wait to be said with what comes next: a step of its first start, or of its end.
 * How it begins, whether it is ready, what goes wrong, ends or starts again is said at once.
 */
export function canWait(worker: PodWorker): boolean {
  const { pod, ending } = worker;
  if (pod.status?.startTime === undefined || hasEnded(worker)) return false;
  if (ending !== undefined && ending.cause !== "deleted") return false;
  let ready = true;
  for (const container of worker.containers) {
    const { kind, waiting, exit, previous } = container;
    if (waiting || previous || (exit && !(kind === "init" && exit.exitCode === 0))) return false;
    if (kind !== "init" && !isContainerReady(container)) ready = false;
  }
  return ready === isReady(pod);
}

/** Of each container what was said of it before, where that is the same. */
function settleList(
  before: readonly ContainerStatus[] = [],
  list: ContainerStatus[],
): readonly ContainerStatus[] {
  let same = before.length === list.length;
  for (const [index, made] of list.entries()) {
    const last = before[index];
    if (last && equalStructure(last, made)) list[index] = last;
    else same = false;
  }
  return same ? before : Object.freeze(list);
}

const none: ReadonlySet<string> = new Set();

function sidecarsOf({ init }: PodWorker): ReadonlySet<string> {
  if (init.length === 0) return none;
  return new Set(init.filter(({ kind }) => kind === "sidecar").map(({ name }) => name));
}

function containerStatus(
  container: ContainerWorker,
  beginning: ContainerState,
  runtime: string,
): ContainerStatus {
  const { name, kind, phase, waiting, exit, previous, restartCount, spec } = container;
  const { image } = spec;
  const running = phase === "running";
  // An end that is waited out is the last state; one that is final, or is followed at once, is the state.
  const ended = running || waiting ? undefined : exit;
  const last = running || ended ? previous : (exit ?? previous);
  const state = running
    ? runningSince(container.startedAt)
    : ended
      ? terminated(ended, runtime)
      : waiting
        ? deepFreeze({ waiting })
        : beginning;
  const lastState: ContainerState = last ? terminated(last, runtime) : never;
  const ready = kind === "init" ? phase === "exited" && exit?.exitCode === 0 : isContainerReady(container);
  const started = kind === "init" ? running : isStarted(container);
  const containerID = idOf(running ? container.containerId : (exit ?? previous)?.containerId, runtime);
  const imageID = containerID === undefined ? "" : image;
  return Object.freeze(
    containerID === undefined
      ? { name, state, lastState, ready, restartCount, image, imageID, started }
      : { name, state, lastState, ready, restartCount, image, imageID, containerID, started },
  );
}

/** As Kubernetes writes it; a driver may do so itself. */
function idOf(containerId: string | undefined, runtime: string): string | undefined {
  if (!containerId) return undefined;
  return containerId.includes("://") ? containerId : `${runtime}://${containerId}`;
}

/** Containers that start within a second have the same state. */
let lastRunning: ContainerState & { readonly running: { readonly startedAt: string } } = deepFreeze({
  running: { startedAt: "" },
});

function runningSince(milliseconds: number): ContainerState {
  const startedAt = timestamp(milliseconds);
  if (lastRunning.running.startedAt !== startedAt) lastRunning = deepFreeze({ running: { startedAt } });
  return lastRunning;
}

function terminated(exit: Exit, runtime: string): ContainerState {
  const { exitCode, signal, reason, message, startedAt, finishedAt, containerId } = exit;
  return deepFreeze({
    terminated: {
      exitCode,
      signal,
      reason,
      message,
      startedAt: timestamp(startedAt),
      finishedAt: timestamp(finishedAt),
      containerID: idOf(containerId, runtime),
    },
  }) as ContainerState;
}
