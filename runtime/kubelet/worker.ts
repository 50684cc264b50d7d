import { beatRank } from "../../base/clock.ts";
import type { Container, ContainerState, Pod, ResourceList } from "../../model/core.ts";
import { parseTimestamp, type Stored } from "../../model/meta.ts";
import { isSidecar, isTerminal } from "../../model/pod.ts";
import type { Client } from "../client/client.ts";
import type {
  CreateSandbox,
  NetworkPlan,
  PodCommand,
  PodDriver,
  PodSource,
  ProbeKind,
} from "../environment.ts";
import type { AddressPool } from "../network/pool.ts";

/**
 * The state of one pod on its node: plain data. Answers change it (`answers.ts`), and `sync.ts` decides from it and
 * the time what to command next. All instants are milliseconds since the epoch.
 */
export interface PodWorker {
  readonly uid: string;
  /** As last read. */
  pod: Stored<Pod>;
  /** The object is gone from the store though its containers are not. */
  vanished: boolean;
  readonly source: PodSource;
  readonly startedAt: number;
  /** Of its probes among all beats of an instant. */
  readonly rank: number;
  admitted: boolean;
  /** It had ended, and nothing of it ran any more, when this kubelet first saw it: what is said of it stays. */
  hadEnded: boolean;
  /** When what is new of the pod is said at the latest; infinite where nothing new waits to be said. */
  sayBy: number;
  readonly sandbox: Sandbox;
  /** Init containers, side cars among them, in their order. */
  readonly init: readonly ContainerWorker[];
  readonly main: readonly ContainerWorker[];
  /** All of them. */
  readonly containers: readonly ContainerWorker[];
  ending: Ending | undefined;
}

/** Why a pod's containers are stopped for good. */
export interface Ending {
  readonly cause: "deleted" | "completed" | "deadline" | "rejected" | "evicted";
  readonly since: number;
  /** Said of the pod where the cause has something to say. */
  readonly reason?: string;
  readonly message?: string;
}

export interface Sandbox {
  phase: "none" | "creating" | "ready" | "removing" | "removed";
  address: string | undefined;
  /** Until when an answer to the last command is waited for. */
  answerBy: number;
  failures: number;
  retryAt: number;
  /** Of what is removed the logs are still there. */
  logsKept: boolean;
  /** What keeps the sandbox from being made, said once; a change of a config or secret lets it be tried again. */
  blockedBy: string | undefined;
  /** What the driver was told last of the pod's files and names. */
  contents: SandboxContents | undefined;
}

/** What a pod sees of the cluster while it runs. */
export type SandboxContents = Pick<CreateSandbox, "volumes" | "hosts">;

export type ContainerPhase = "waiting" | "starting" | "running" | "exited";

export interface ContainerWorker {
  readonly name: string;
  /** A side car is an init container that goes on beside the main ones. */
  readonly kind: "init" | "sidecar" | "main";
  /** Position in its list of the spec: part of field paths. */
  readonly index: number;
  readonly spec: Container;
  phase: ContainerPhase;
  /** An instance was commanded in the sandbox that there is. */
  begun: boolean;
  /** Of the last instance that was commanded; −1 before the first. Answers of others are dropped. */
  attempt: number;
  restartCount: number;
  waiting: { readonly reason: string; readonly message?: string } | undefined;
  containerId: string;
  startedAt: number;
  /** Until when `containerStarted` is waited for. */
  answerBy: number;
  /** When a container that could not be started is tried again; infinite where only a change elsewhere can help. */
  retryAt: number;
  exit: Exit | undefined;
  previous: Exit | undefined;
  backoff: CrashLoopEntry | undefined;
  /** The back-off of the present exit was told. */
  backoffTold: boolean;
  /** Start again after this exit whatever the restart policy says: a liveness probe or a user wants it. */
  restart: "no" | "backoff" | "immediately";
  /** The postStart hook that runs: how it has gone where no answer has come by then. */
  hook: { readonly answerBy: number; readonly ok: boolean } | undefined;
  stopping: Stopping | undefined;
  probes: ProbeWorker[];
}

export interface Exit {
  readonly exitCode: number;
  readonly signal?: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly containerId: string;
}

export interface CrashLoopEntry {
  readonly delay: number;
  readonly updatedAt: number;
}

export interface Stopping {
  stage: "wait" | "preStop" | "turn" | "terminate" | "kill";
  /** When the grace ends. */
  deadline: number;
  /** When the next stage begins. */
  until: number;
  kills: number;
}

export interface ProbeWorker {
  readonly kind: ProbeKind;
  sequence: number;
  /** Waits for the answer to `sequence` until then. */
  answerBy: number | undefined;
  startedAt: number;
  nextAt: number;
  /** Until its first success a failure counts only once a period: the runs in between are there to see the success soon. */
  countsFrom: number;
  quickDelay: number;
  succeeded: boolean;
  run: { outcome: "success" | "failure"; length: number } | undefined;
  result: "unknown" | "success" | "failure";
  onHold: boolean;
  /** Runs before `nextAt` are left out, as the driver knows how they would end. */
  skipping: boolean;
}

/** What a decision sees and says. Nothing of it is kept by the state machine. */
export interface Turn {
  readonly now: number;
  readonly node: NodeView;
  readonly client: Pick<Client, "get" | "list">;
  readonly network: NetworkPlan;
  /** The node's pod addresses; undefined until it has been given its block. */
  readonly addresses: AddressPool | undefined;
  /** Whether images bring their own programs. */
  readonly runsImages: boolean;
  /** Whether logs can outlive what printed them. */
  readonly keepsLogs: boolean;
  /** Where a command without a directory of its own runs. */
  readonly fileDirectory: string;
  send(command: PodCommand): void;
  record(type: "Normal" | "Warning", reason: string, message: string, container?: ContainerWorker): void;
  /** Decide again at this instant at the latest. */
  wake(at: number): void;
  readonly healthyUntil: PodDriver["healthyUntil"];
  /** Whether no probe is run more often than its period. */
  readonly steadyProbes: boolean;
}

export interface NodeView {
  readonly name: string;
  readonly address: string;
  readonly allocatable: ResourceList;
}

export function createWorker(pod: Stored<Pod>, source: PodSource, now: number): PodWorker {
  const init = (pod.spec.initContainers ?? []).map((spec, index) =>
    createContainer(pod, spec, isSidecar(spec) ? "sidecar" : "init", index),
  );
  const main = pod.spec.containers.map((spec, index) => createContainer(pod, spec, "main", index));
  return {
    uid: pod.metadata.uid,
    pod,
    vanished: false,
    source,
    startedAt: now,
    rank: beatRank(pod.metadata.uid),
    admitted: false,
    hadEnded: isTerminal(pod) && !saysRunning(pod),
    sayBy: Number.POSITIVE_INFINITY,
    sandbox: {
      phase: "none",
      address: undefined,
      answerBy: 0,
      failures: 0,
      retryAt: 0,
      blockedBy: undefined,
      logsKept: false,
      contents: undefined,
    },
    init,
    main,
    containers: init.length === 0 ? main : [...init, ...main],
    ending: undefined,
  };
}

/** Counts on from what the pod's status says: an earlier kubelet may have run instances already. */
function createContainer(
  pod: Pod,
  spec: Container,
  kind: ContainerWorker["kind"],
  index: number,
): ContainerWorker {
  const statuses = kind === "main" ? pod.status?.containerStatuses : pod.status?.initContainerStatuses;
  const known = statuses?.find(({ name, containerID }) => name === spec.name && containerID);
  const instances = known ? known.restartCount + 1 : 0;
  // A pod that has ended under an earlier kubelet has ended as that one said.
  const end = isTerminal(pod) ? known?.state.terminated : undefined;
  return {
    name: spec.name,
    kind,
    index,
    spec,
    phase: end ? "exited" : "waiting",
    begun: false,
    attempt: instances - 1,
    restartCount: end ? instances - 1 : instances,
    waiting: undefined,
    containerId: "",
    startedAt: 0,
    answerBy: 0,
    retryAt: 0,
    exit: end && exitOf(end),
    previous: end && known?.lastState.terminated && exitOf(known.lastState.terminated),
    backoff: undefined,
    backoffTold: false,
    restart: "no",
    hook: undefined,
    stopping: undefined,
    probes: [],
  };
}

/** Others than its kubelet may call a pod failed while its containers still run. */
function saysRunning({ status }: Pod): boolean {
  const { initContainerStatuses = [], containerStatuses = [] } = status ?? {};
  return [...initContainerStatuses, ...containerStatuses].some(({ state }) => state.running);
}

function exitOf(said: NonNullable<ContainerState["terminated"]>): Exit {
  const { exitCode, signal, reason = "", message, startedAt, finishedAt, containerID = "" } = said;
  return {
    exitCode,
    signal,
    reason,
    message,
    startedAt: parseTimestamp(startedAt) ?? 0,
    finishedAt: parseTimestamp(finishedAt) ?? 0,
    containerId: containerID,
  };
}

/** Whether something of the container may still be running. */
export function isAlive({ phase }: ContainerWorker): boolean {
  return phase === "starting" || phase === "running";
}

/** The list of the spec that a container stands in: part of field paths. */
export function listOf({ kind }: ContainerWorker): "initContainers" | "containers" {
  return kind === "main" ? "containers" : "initContainers";
}

/** By spec, which the pods of a template share: the text is made and hashed once for all of them. */
const fieldPaths = new WeakMap<Container, string>();

/** The place of a container in its pod's object, as events say it: `spec.containers{web}`. */
export function fieldPathOf(container: ContainerWorker): string {
  let path = fieldPaths.get(container.spec);
  if (path === undefined) {
    path = `spec.${listOf(container)}{${container.name}}`;
    fieldPaths.set(container.spec, path);
  }
  return path;
}

/** `web-x7k2p_default(0e1f…)`, as Kubernetes writes a pod in messages (`format.Pod`). */
export function podText({ metadata }: Stored<Pod>): string {
  return `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
}
