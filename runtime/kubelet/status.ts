import type { ContainerState, ContainerStatus, PodStatus } from "../../model/core.ts";
import { timestamp } from "../../model/meta.ts";
import { isReady, isTerminal, qosClass } from "../../model/pod.ts";
import { deepFreeze, equalStructure } from "../client/structure.ts";
import { mergeConditions, podVerdicts } from "./conditions.ts";
import { podPhase } from "./phase.ts";
import { isContainerReady, isStarted } from "./probes.ts";
import { hasEnded } from "./sync.ts";
import type { ContainerWorker, Exit, NodeView, PodWorker } from "./worker.ts";

/**
 * The status of a pod as its node sees it. What others have written into the status is kept. Frozen; what says the same
 * as before is the very same, the status as a whole, too.
 */
export function podStatus(worker: PodWorker, node: NodeView, runtime: string, now: number): PodStatus {
  const { pod, sandbox, ending } = worker;
  const qos = pod.status?.qosClass ?? qosClass(pod.spec);
  if (ending?.cause === "rejected") {
    return settle(pod.status, {
      ...pod.status,
      phase: "Failed",
      ...(ending.reason === undefined ? {} : { reason: ending.reason }),
      message: `Pod was rejected: ${ending.message}`,
      startTime: pod.status?.startTime ?? timestamp(worker.startedAt),
      qosClass: qos,
    });
  }
  const defaultReason = worker.init.length > 0 ? "PodInitializing" : "ContainerCreating";
  const of = (container: ContainerWorker) => containerStatus(container, defaultReason, runtime);
  const init = settleList(pod.status?.initContainerStatuses, worker.init.map(of));
  const ofMain = worker.main.map(of);
  if (ofMain.length > 1) ofMain.sort((a, b) => (a.name < b.name ? -1 : 1));
  const main = settleList(pod.status?.containerStatuses, ofMain);
  const statuses = { init, main, sidecars: sidecarsOf(worker) };
  const final = isTerminal(pod) ? pod.status?.phase : undefined;
  const failed = ending?.cause === "deadline" || ending?.cause === "evicted" ? "Failed" : undefined;
  const phase = final ?? failed ?? podPhase(pod.spec, statuses, hasEnded(worker));
  const address = sandbox.phase === "ready" ? sandbox.address : undefined;
  const verdicts = podVerdicts(phase, sandbox.phase === "ready", statuses);
  // Every field has its place before the spread: behind it a new one is dear to add.
  const status: { -readonly [K in keyof PodStatus]: PodStatus[K] | undefined } = {
    observedGeneration: undefined,
    phase: undefined,
    conditions: undefined,
    message: undefined,
    reason: undefined,
    hostIP: undefined,
    podIP: undefined,
    podIPs: undefined,
    startTime: undefined,
    initContainerStatuses: undefined,
    containerStatuses: undefined,
    qosClass: undefined,
    ...pod.status,
  };
  const { generation } = pod.metadata;
  if (generation !== undefined) status.observedGeneration = generation;
  status.phase = phase;
  status.conditions = mergeConditions(pod.status?.conditions, verdicts, now);
  if (ending?.reason !== undefined) status.reason = ending.reason;
  if (ending?.message !== undefined) status.message = ending.message;
  if (node.address !== "") status.hostIP = node.address;
  if (address !== undefined && address !== status.podIP) {
    status.podIP = address;
    status.podIPs = deepFreeze([{ ip: address }]);
  }
  status.startTime ??= timestamp(worker.startedAt);
  if (init.length > 0) status.initContainerStatuses = init;
  status.containerStatuses = main;
  status.qosClass = qos;
  return settle(pod.status, status);
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

/** A status without fields that are undefined; the one before where no field is another. */
function settle(
  before: PodStatus | undefined,
  status: { readonly [K in keyof PodStatus]: PodStatus[K] | undefined },
): PodStatus {
  const fields: Record<string, unknown> = {};
  let same = before !== undefined;
  for (const key of Object.keys(status) as (keyof PodStatus)[]) {
    const value = status[key];
    if (value === undefined) continue;
    fields[key] = value;
    if (value !== before?.[key]) same = false;
  }
  return same ? before! : (Object.freeze(fields) as PodStatus);
}

/** Of each container what was said of it before, where that is the same. */
function settleList(
  before: readonly ContainerStatus[] = [],
  list: readonly ContainerStatus[],
): readonly ContainerStatus[] {
  let same = before.length === list.length;
  const settled: ContainerStatus[] = [];
  for (const [index, made] of list.entries()) {
    const known = before[index];
    const kept = known && equalStructure(known, made) ? known : deepFreeze(made);
    if (kept !== known) same = false;
    settled.push(kept);
  }
  return same ? before : Object.freeze(settled);
}

const none: ReadonlySet<string> = new Set();

function sidecarsOf({ init }: PodWorker): ReadonlySet<string> {
  if (init.length === 0) return none;
  return new Set(init.filter(({ kind }) => kind === "sidecar").map(({ name }) => name));
}

function containerStatus(
  container: ContainerWorker,
  defaultReason: string,
  runtime: string,
): ContainerStatus {
  const { phase, waiting, exit, previous, spec } = container;
  const shown = phase === "running" ? undefined : exit;
  const id = (text: string) => (text === "" || text.includes("://") ? text : `${runtime}://${text}`);
  const containerID = id(
    phase === "running" ? container.containerId : ((exit ?? previous)?.containerId ?? ""),
  );
  // An end that is waited out is the last state; one that is final, or is followed at once, is the state.
  const state: ContainerState =
    phase === "running"
      ? { running: { startedAt: timestamp(container.startedAt) } }
      : waiting || !shown
        ? { waiting: waiting ?? { reason: defaultReason } }
        : { terminated: terminated(shown, id) };
  const last = state.waiting ? (exit ?? previous) : previous;
  return {
    name: container.name,
    state,
    lastState: last ? { terminated: terminated(last, id) } : {},
    ready:
      container.kind === "init" ? phase === "exited" && exit?.exitCode === 0 : isContainerReady(container),
    restartCount: container.restartCount,
    image: spec.image,
    imageID: containerID === "" ? "" : spec.image,
    containerID: (containerID === "" ? undefined : containerID) as string,
    started: container.kind === "init" ? phase === "running" : isStarted(container),
  };
}

function terminated(exit: Exit, id: (text: string) => string): NonNullable<ContainerState["terminated"]> {
  const { exitCode, signal, reason, message, startedAt, finishedAt, containerId } = exit;
  return {
    exitCode,
    ...(signal === undefined ? {} : { signal }),
    reason,
    ...(message === undefined ? {} : { message }),
    startedAt: timestamp(startedAt),
    finishedAt: timestamp(finishedAt),
    ...(containerId === "" ? {} : { containerID: id(containerId) }),
  };
}
