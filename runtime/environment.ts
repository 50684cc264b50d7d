import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { Handler, NodeSystemInfo, Pod, ResourceList } from "../model/core.ts";
import type { LocalRun, TextPart } from "../model/plan.ts";

/**
 * The one interface to the world. The loops know nothing else of it, so that what runs real processes and what runs
 * a simulation differ in this alone.
 *
 * An effect is a command and an answer is an event: a command returns nothing; whatever comes of it arrives later,
 * through the one inbox, and names the pod and the attempt it speaks of. An answer may be late, doubled or missing.
 */
export interface Environment {
  readonly clock: Clock;
  readonly random: Random;
  readonly driver: PodDriver;
  readonly proxy: ProxyDriver;
  readonly machine: Machine;
  readonly network: NetworkPlan;
  /** The ways between the nodes and the API, where somebody can cut them; absent: they are always open. */
  readonly links?: Links;
  /**
   * Tells when nodes were heard of where that is known without a beat being sent. Absent: every kubelet renews its
   * lease in its time, and is heard of by that.
   */
  readonly heartbeats?: Heartbeats;
  /**
   * Probes keep to their periods, as in Kubernetes. Absent: those of readiness and startup are run more often until they first
   * succeed, so that a pod is ready when it is ready.
   */
  readonly steadyProbes?: boolean;
  /**
   * How long a node has to be gone before its pods go: who looks for that does so at each whole `period`, and waits for
   * `grace` once he has missed it. Milliseconds; absent: a moment.
   */
  readonly lostNodes?: { readonly period: number; readonly grace: number };
}

/** What a node can truly say of the machine it stands for. */
export interface Machine {
  /** What the machine has, for nodes whose file does not say: cpu, memory, ephemeral-storage. */
  readonly capacity: ResourceList;
  readonly info: NodeSystemInfo;
  readonly hostname: string;
  /** What it is short of now, by the node conditions that say so; absent: nothing. */
  pressure?(): readonly ("MemoryPressure" | "DiskPressure" | "PIDPressure")[];
}

/** The addresses that this cluster may use. All CIDRs are IPv4. */
export interface NetworkPlan {
  readonly nodeCIDR: string;
  readonly serviceCIDR: string;
  /** Divided among the nodes, one /24 each. */
  readonly podCIDR: string;
  /** Both ends included. */
  readonly nodePorts: { readonly first: number; readonly last: number };
  /**
   * The port at which something declared at `port` really answers: another one where this user may not open it
   * (below `ip_unprivileged_port_start`), else the same. Objects keep the declared number; whatever is told to a
   * program or a person goes through this.
   */
  openPort(port: number): number;
}

// ── What ticks ─────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Whether the kubelet of a node and the API reach each other. Behind a cut a kubelet sees the cluster as it was, and
 * what it writes is refused; what runs goes on, and so do its restarts and probes.
 */
export interface Links {
  isCut(node: string): boolean;
  /**
   * Whether what a node sends now comes through, as the link was *before* this instant: what is cut and beats at one
   * instant has beaten, in whatever order the two come about.
   */
  passes(node: string): boolean;
  /** Calls `handler` after each cut and each mend. */
  onChange(handler: (node: string) => void): () => void;
}

/**
 * The beats of kubelets as they would have been sent and have come through. A kubelet beats when it begins and then
 * every period; nobody wakes for that.
 */
export interface Heartbeats {
  /** The kubelet of this node begins to beat, every so many milliseconds from now on. Gives what ends it. */
  begin(node: string, period: number): () => void;
  /** Undefined where no kubelet of this node has ever begun. */
  heard(node: string): Heard | undefined;
  /** Calls `handler` whenever what `heard` says of a node is other than it was to be. */
  onChange(handler: (node: string) => void): () => void;
}

export interface Heard {
  /** When the last beat came through, in milliseconds since the epoch; `-Infinity` before the first. */
  readonly last: number;
  /** When the next one comes, and from then on one every period, if nothing happens; undefined where none will. */
  readonly next: number | undefined;
}

// ── Pods ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Starts and stops what pods are made of. `send` never throws and never answers before it has returned. */
export interface PodDriver {
  send(command: PodCommand): void;
  /** Where answers go; set once by the cluster. */
  onEvent(handler: (event: PodEvent) => void): void;
  /** Name and version as in `containerRuntimeVersion`, e.g. `process://0.1.0`. */
  readonly runtimeVersion: string;
  /** What an earlier kubelet of this node has left; absent: nothing is ever left. */
  existing?(nodeName: string): readonly ExistingPod[];
  /** Whether a container's image brings the program that it runs; absent: programs are named by the file alone. */
  readonly runsImages?: boolean;
  /** Whether there are logs, which `RemoveSandbox` can keep. */
  readonly keepsLogs?: boolean;
  /** Whether programs look at volumes and names while they run, so that these are to follow the cluster (`UpdateSandbox`). */
  readonly updatesSandboxes?: boolean;
  /**
   * For a driver that knows without probing: until when every probe of this container succeeds if nothing unforeseen
   * happens (infinity: for good), not after the present instant where it does not succeed now. What comes unforeseen is
   * told by `healthChanged`. Absent: every probe is run in its time.
   */
  healthyUntil?(podUid: string, container: string, attempt: number, probe: ProbeKind): number;
}

/** A pod that is there already when a kubelet starts. */
export interface ExistingPod {
  readonly podUid: string;
  readonly address: string;
  /** Whether `sandboxReady` has been said. */
  readonly ready: boolean;
  /** An earlier kubelet has asked for its removal, which will be answered. */
  readonly removing?: boolean;
  /** The last instance of each container. */
  readonly containers: readonly ExistingContainer[];
}

export interface ExistingContainer {
  readonly name: string;
  readonly attempt: number;
  readonly state: "starting" | "running";
  /** "" while it is starting. */
  readonly containerId: string;
  /** Milliseconds since the epoch, as `finishedAt`. */
  readonly startedAt: number;
  /** How it ended, where it has. */
  readonly exit?: {
    readonly exitCode: number;
    readonly signal?: number;
    readonly reason?: string;
    readonly finishedAt: number;
  };
}

interface PodCommandBase {
  readonly podUid: string;
}

export type PodCommand =
  | CreateSandbox
  | UpdateSandbox
  | StartContainer
  | SignalContainer
  | ExecuteProbe
  | ExecuteHook
  | RemoveSandbox;

/** Make the pod's pause process, its address and its volumes. Answer: `sandboxReady` or `sandboxFailed`. */
export interface CreateSandbox extends PodCommandBase {
  readonly type: "createSandbox";
  readonly pod: Pod;
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly address: string;
  readonly hostname: string;
  readonly volumes: readonly SandboxVolume[];
  /** Names the pod should be able to look up, where the driver can give it that: services' names and their addresses. */
  readonly hosts: readonly { readonly address: string; readonly names: readonly string[] }[];
}

/**
 * What a pod's volumes of files hold and which names it can look up has changed. Sent only to a driver that
 * `updatesSandboxes`. Answer: `updateFailed`, or none.
 */
export interface UpdateSandbox extends PodCommandBase {
  readonly type: "updateSandbox";
  readonly address: string;
  readonly hostname: string;
  /** Those that have changed. */
  readonly volumes: readonly FilesVolume[];
  readonly hosts: CreateSandbox["hosts"];
}

export type SandboxVolume =
  | { readonly name: string; readonly type: "emptyDir"; readonly sizeLimitBytes?: number }
  /** Kept as long as the cluster; all pods that name it have the same. */
  | { readonly name: string; readonly type: "claim"; readonly namespace: string; readonly claim: string }
  | { readonly name: string; readonly type: "hostPath"; readonly path: string; readonly pathType: string }
  | FilesVolume;

export interface FilesVolume {
  readonly name: string;
  readonly type: "files";
  readonly files: readonly SandboxFile[];
  readonly secret: boolean;
}

export interface SandboxFile {
  readonly path: string;
  /** Base64. */
  readonly content: string;
  readonly mode: number;
}

/** Start a container. Answer: `containerStarted` or `containerFailed`; then, once, `containerExited`. */
export interface StartContainer extends PodCommandBase {
  readonly type: "startContainer";
  readonly container: string;
  /** Counts the container's instances in this pod from 0; answers carry it. */
  readonly attempt: number;
  readonly image: string;
  /** What to run; empty, where the driver runs images, for the image's own. */
  readonly command: readonly string[];
  /** Absolute; absent: the driver's own choice. */
  readonly directory?: string;
  /** The whole environment as the pod's spec makes it, made when it is asked for; a driver adds only what it alone knows. */
  env(): readonly { readonly name: string; readonly value: string }[];
  /** Declared ports, first first. */
  readonly ports: readonly number[];
  readonly mounts: readonly {
    readonly volume: string;
    readonly path: string;
    readonly subPath?: string;
    readonly readOnly: boolean;
  }[];
  readonly limits: { readonly cpuMillis?: number; readonly memoryBytes?: number };
  /** Values in `env` that must not be logged. */
  readonly secretNames: readonly string[];
  /** Clients may attach to its standard input; absent: it has none. */
  readonly stdin?: boolean;
  /** Its standard input ends with the first client that was attached to it. */
  readonly stdinOnce?: boolean;
  /** It runs in a terminal. */
  readonly tty?: boolean;
}

/** Signal every process of a container. No answer of its own; the container exits or it does not. */
export interface SignalContainer extends PodCommandBase {
  readonly type: "signalContainer";
  readonly container: string;
  readonly attempt: number;
  readonly signal: "SIGTERM" | "SIGKILL";
}

/** Run a probe once. Answer: `probeResult`. */
export interface ExecuteProbe extends PodCommandBase {
  readonly type: "probe";
  readonly container: string;
  readonly attempt: number;
  readonly probe: ProbeKind;
  /** Echoed in the answer. */
  readonly sequence: number;
  /** Ports are numbers, and already the ones that answer. */
  readonly action: Handler;
  readonly address: string;
  readonly timeoutMilliseconds: number;
}

export type ProbeKind = "readiness" | "liveness" | "startup";

/** Run a life-cycle hook (postStart, preStop). Answer: `hookResult`. */
export interface ExecuteHook extends PodCommandBase {
  readonly type: "hook";
  readonly container: string;
  readonly attempt: number;
  readonly hook: "postStart" | "preStop";
  readonly action: Handler;
  readonly address: string;
}

/** Kill what is left of the pod and remove its pause process, address and volumes. Answer: `sandboxRemoved`. */
export interface RemoveSandbox extends PodCommandBase {
  readonly type: "removeSandbox";
  /** The pod has ended and its object is still there: what it printed stays until the command comes again without this. */
  readonly keepLogs?: boolean;
}

interface PodEventBase {
  readonly podUid: string;
}

interface ContainerEventBase extends PodEventBase {
  readonly container: string;
  readonly attempt: number;
}

export type PodEvent =
  | (PodEventBase & { readonly type: "sandboxReady" })
  | (PodEventBase & { readonly type: "sandboxFailed"; readonly reason: string; readonly message: string })
  | (PodEventBase & { readonly type: "sandboxRemoved" })
  | (PodEventBase & { readonly type: "updateFailed"; readonly message: string })
  | (ContainerEventBase & { readonly type: "containerStarted"; readonly containerId: string })
  /** `reason` as Kubernetes names it in `waiting.reason`: CreateContainerError, RunContainerError, … */
  | (ContainerEventBase & {
      readonly type: "containerFailed";
      readonly reason: string;
      readonly message: string;
    })
  | (ContainerEventBase & {
      readonly type: "containerExited";
      /** 128 + the signal's number where a signal ended it. */
      readonly exitCode: number;
      readonly signal?: number;
      /** OOMKilled where the driver knows; else absent. */
      readonly reason?: string;
      /** What the user should know: the cause, where the driver can name it, with its fix. */
      readonly message?: string;
    })
  | (ContainerEventBase & {
      readonly type: "probeResult";
      readonly probe: ProbeKind;
      readonly sequence: number;
      /** `error`: the probe itself could not be run; Kubernetes discards those. */
      readonly outcome: "success" | "failure" | "error";
      readonly output: string;
    })
  /** What `healthyUntil` said does not hold any more; only from drivers that have it. */
  | (ContainerEventBase & { readonly type: "healthChanged" })
  | (ContainerEventBase & {
      readonly type: "hookResult";
      readonly hook: "postStart" | "preStop";
      readonly ok: boolean;
      readonly output: string;
    });

/** What stands in the plan beside a pod's object: how its containers run from source, and its texts with references. */
export interface PodSource {
  readonly local: Readonly<Record<string, LocalRun>>;
  /** By path relative to the pod: `spec.containers[0].env[1].value`. */
  readonly references: Readonly<Record<string, readonly TextPart[]>>;
}

// ── Services ───────────────────────────────────────────────────────────────────────────────────────────────

/** The service proxies of all nodes: told the whole table of rules whenever it changed. */
export interface ProxyDriver {
  apply(rules: readonly ProxyRule[]): void;
  onEvent(handler: (event: ProxyEvent) => void): void;
}

/** One address and port at which a service answers. Identity is `address:port`. */
export interface ProxyRule {
  /** `Service/namespace/name`. */
  readonly service: string;
  readonly portName: string;
  readonly purpose: "clusterIP" | "nodePort" | "externalIP";
  readonly address: string;
  /** Already the one that is opened. */
  readonly port: number;
  /** Made when they are first asked for. */
  readonly backends: readonly { readonly address: string; readonly port: number }[];
  /** Seconds for which one client stays with one backend; absent: each connection is on its own. */
  readonly affinitySeconds?: number;
}

export type ProxyEvent =
  | { readonly type: "listening"; readonly address: string; readonly port: number }
  | { readonly type: "failed"; readonly address: string; readonly port: number; readonly message: string };
