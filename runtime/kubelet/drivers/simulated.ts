import { beatRank, type Clock } from "../../../base/clock.ts";
import type { Random } from "../../../base/random.ts";
import type { Pod } from "../../../model/core.ts";
import type {
  CreateSandbox,
  ExecuteProbe,
  ExistingContainer,
  PodCommand,
  PodDriver,
  PodEvent,
  SandboxVolume,
  SignalContainer,
  StartContainer,
} from "../../environment.ts";

/** How one instance of a container behaves. All times in milliseconds. */
export interface SimulatedBehaviour {
  /** Until it is started; 5 when absent. */
  readonly startDelay?: number;
  /** From its start until its probes succeed; 0 when absent. */
  readonly readyDelay?: number;
  /** From its start until it ends by itself; absent: never. */
  readonly exitAfter?: number;
  readonly exitCode?: number;
  /** From TERM until it has ended; 1 when absent, infinite for a program that ignores TERM. */
  readonly stopDelay?: number;
  /** Asked again and again: after how long its probes fail, and for how long. */
  readonly unready?: () => { readonly after: number; readonly lasting: number };
  /** It cannot be started. */
  readonly failure?: { readonly reason: string; readonly message: string };
  /** How long a probe and a hook take; 1 when absent. */
  readonly answerDelay?: number;
  readonly hookFails?: boolean;
}

export interface SimulatedContainer {
  readonly podUid: string;
  readonly container: string;
  readonly attempt: number;
  readonly nodeName: string;
  readonly address: string;
  readonly command: StartContainer;
}

/** A pod as the driver has it: its pause process, address and volumes. */
export interface SimulatedSandbox {
  readonly podUid: string;
  readonly pod: Pod;
  readonly nodeName: string;
  readonly address: string;
  readonly volumes: readonly SandboxVolume[];
}

/** Since when the probes of a container fail, in milliseconds since the epoch. */
export interface Failing {
  readonly since: number;
  /** It has not been well since it was started. */
  readonly always: boolean;
}

export interface SimulatedDriver extends PodDriver {
  /** What runs now, in the order in which it was started. */
  running(): readonly SimulatedContainer[];
  /** Of what runs, what ends by itself within so many milliseconds of its start, and within how many. */
  ending(
    within: number,
  ): readonly { readonly podUid: string; readonly container: string; readonly lasts: number }[];
  /** The sandboxes there are: pods and their addresses. */
  sandboxes(): readonly SimulatedSandbox[];
  sandbox(podUid: string): SimulatedSandbox | undefined;
  /** A container, if it runs. */
  container(podUid: string, name: string): SimulatedContainer | undefined;
  /** When the last instance of a container was first asked to end; undefined: it was not. */
  askedToEnd(podUid: string, name: string): number | undefined;
  /** Since when the probes of a container that runs fail; undefined: they succeed, or it does not run. */
  failing(podUid: string, name: string): Failing | undefined;
  /** Ends a running container by itself, with this exit code; false where it does not run. */
  crash(podUid: string, container: string, exitCode: number): boolean;
  /** From now on the probes of a running container succeed or fail. */
  setHealthy(podUid: string, container: string, healthy: boolean): void;
  /** A container is ended by the kernel for want of memory; false where it does not run. */
  exhaustMemory(podUid: string, container: string): boolean;
  /** From now on the starts of a node's containers take so many milliseconds longer. */
  slowNode(nodeName: string, milliseconds: number): void;
  /** From now on the starts of a pod's containers take so many milliseconds longer. */
  slowPod(podUid: string, milliseconds: number): void;
  /** Whether this container runs and would answer a probe now. */
  answers(podUid: string, container: string): boolean;
  /** Grows whenever what `answers` or `answering` say may have changed. */
  readonly version: number;
  /** The node of the pod at this address, if one of its containers runs there and would answer a probe now. */
  answering(address: string): string | undefined;
  /** A node dies: all that runs on it is gone at once, and nobody ever says so. */
  killNode(nodeName: string): void;
  /** A dead node is there again, with nothing on it. */
  reviveNode(nodeName: string): void;
}

export interface SimulatedDriverOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly behaviour?: (command: StartContainer, pod: Pod) => SimulatedBehaviour;
  /** Up to so many milliseconds are added, by chance, to each delay; 0 when absent. */
  readonly jitter?: number;
}

interface SandboxState {
  readonly command: CreateSandbox;
  /** Of its probes' answers among all beats of an instant. */
  readonly rank: number;
  ready: boolean;
  /** Whether it has been asked to go. */
  removing: boolean;
  /** The last of each container, in the order in which they were first started. */
  readonly instances: Instance[];
}

interface Instance {
  readonly command: StartContainer;
  readonly behaviour: SimulatedBehaviour;
  state: "starting" | "running" | "ended";
  startedAt: number;
  /** When it was first sent a signal. */
  askedToEnd?: number;
  exit: ExistingContainer["exit"];
  readyAt: number;
  /** When `readyAt` was changed last after the start, and what it was before that instant. */
  changedAt: number;
  before: number;
}

/** A `PodDriver` without processes: everything happens on the clock it is given and by the chance it is given. */
export function createSimulatedDriver(options: SimulatedDriverOptions): SimulatedDriver {
  const { clock, random, behaviour = (): SimulatedBehaviour => ({}), jitter = 0 } = options;
  const sandboxes = new Map<string, SandboxState>();
  const dead = new Set<string>();
  const slowNodes = new Map<string, number>();
  const slowPods = new Map<string, number>();
  let handler: (event: PodEvent) => void = () => {};

  let someEnd = false;
  let version = 0;
  /** What changes which containers answer goes through here. */
  const setReady = (instance: Instance, at: number) => {
    instance.readyAt = at;
    version++;
    if (at > clock.now() && at !== Number.POSITIVE_INFINITY) clock.schedule(at, () => version++);
  };
  /** Changes it in the midst of a container's life, which nobody could foresee. */
  const changeReady = (instance: Instance, at: number) => {
    const now = clock.now();
    if (now > instance.changedAt) instance.before = instance.readyAt;
    instance.changedAt = now;
    setReady(instance, at);
    const { podUid, container, attempt } = instance.command;
    if (instance.state === "running") answer({ type: "healthChanged", podUid, container, attempt });
  };
  const setEnded = (instance: Instance) => {
    instance.state = "ended";
    version++;
  };
  const isHealthy = ({ state, readyAt }: Instance) => state === "running" && clock.now() >= readyAt;
  /** What a probe of now finds: what was so just before this instant, so that it has no order with a change at the same one. */
  const succeeds = ({ readyAt, changedAt, before }: Instance) => {
    const now = clock.now();
    return now >= (now > changedAt ? readyAt : before);
  };

  const later = (delay: number, task: () => void) => {
    if (delay === Number.POSITIVE_INFINITY) return;
    clock.schedule(clock.now() + delay + (jitter > 0 ? random.below(jitter + 1) : 0), task);
  };
  const answer = (event: PodEvent) => handler(event);
  const find = (podUid: string, container: string) => {
    const sandbox = sandboxes.get(podUid);
    return sandbox && instanceOf(sandbox, container);
  };
  /** Whether this very instance still is what the driver knows under its name. */
  const current = (podUid: string, instance: Instance) =>
    instance.state !== "ended" && find(podUid, instance.command.container) === instance;

  function create(command: CreateSandbox): void {
    if (dead.has(command.nodeName)) return;
    const existing = sandboxes.get(command.podUid);
    const sandbox: SandboxState = existing ?? {
      command,
      rank: beatRank(command.podUid),
      ready: false,
      removing: false,
      instances: [],
    };
    sandboxes.set(command.podUid, sandbox);
    later(2, () => {
      if (sandboxes.get(command.podUid) !== sandbox) return;
      sandbox.ready = true;
      answer({ type: "sandboxReady", podUid: command.podUid });
    });
  }

  function start(command: StartContainer): void {
    const { podUid, container, attempt } = command;
    const sandbox = sandboxes.get(podUid);
    const fail = (reason: string, message: string) =>
      later(1, () => answer({ type: "containerFailed", podUid, container, attempt, reason, message }));
    if (!sandbox?.ready) {
      fail("CreateContainerError", "the pod has no sandbox");
      return;
    }
    const before = instanceOf(sandbox, container);
    if (before && before.state !== "ended") {
      fail("CreateContainerError", "an earlier instance still runs");
      return;
    }
    const how = behaviour(command, sandbox.command.pod);
    if (how.failure) {
      fail(how.failure.reason, how.failure.message);
      return;
    }
    const instance: Instance = {
      command,
      behaviour: how,
      state: "starting",
      startedAt: clock.now(),
      exit: undefined,
      readyAt: 0,
      changedAt: Number.NEGATIVE_INFINITY,
      before: 0,
    };
    if (before) sandbox.instances[sandbox.instances.indexOf(before)] = instance;
    else sandbox.instances.push(instance);
    const slowness = (slowNodes.get(sandbox.command.nodeName) ?? 0) + (slowPods.get(podUid) ?? 0);
    later((how.startDelay ?? 5) + slowness, () => {
      if (!current(podUid, instance)) return;
      instance.state = "running";
      instance.startedAt = clock.now();
      setReady(instance, clock.now() + (how.readyDelay ?? 0));
      const containerId = containerIdOf(instance);
      answer({ type: "containerStarted", podUid, container, attempt, containerId });
      if (how.unready) later(how.readyDelay ?? 0, () => flap(podUid, instance));
      if (how.exitAfter === undefined) return;
      someEnd = true;
      later(how.exitAfter, () => end(podUid, instance, how.exitCode ?? 0));
    });
  }

  function flap(podUid: string, instance: Instance): void {
    const { after, lasting } = instance.behaviour.unready!();
    later(Math.max(1, after), () => {
      if (!current(podUid, instance)) return;
      changeReady(instance, Math.max(instance.readyAt, clock.now() + lasting));
      later(Math.max(1, lasting), () => flap(podUid, instance));
    });
  }

  function end(podUid: string, instance: Instance, exitCode: number, signal?: number, reason?: string): void {
    if (!current(podUid, instance)) return;
    setEnded(instance);
    const { container, attempt } = instance.command;
    const signalled = signal === undefined ? {} : { signal };
    const why = reason === undefined ? {} : { reason };
    instance.exit = { exitCode, ...signalled, ...why, finishedAt: clock.now() };
    answer({ type: "containerExited", podUid, container, attempt, exitCode, ...signalled, ...why });
  }

  function signal({ podUid, container, attempt, signal: name }: SignalContainer): void {
    const instance = find(podUid, container);
    if (!instance || instance.command.attempt !== attempt) return;
    instance.askedToEnd ??= clock.now();
    const number = name === "SIGKILL" ? 9 : 15;
    const delay = name === "SIGKILL" ? 1 : (instance.behaviour.stopDelay ?? 1);
    later(delay, () => end(podUid, instance, 128 + number, number));
  }

  /** What it finds is decided when it is sent. Its delay is its own: it takes no part in what others draw. */
  function probe(command: ExecuteProbe): void {
    const { podUid, container, attempt, probe: kind, sequence } = command;
    const sandbox = sandboxes.get(podUid);
    const instance = sandbox && instanceOf(sandbox, container);
    const delay = instance?.behaviour.answerDelay ?? 1;
    if (delay === Number.POSITIVE_INFINITY) return;
    const healthy = instance !== undefined && succeeds(instance);
    const say = (outcome: "success" | "failure" | "error", output: string) =>
      answer({ type: "probeResult", podUid, container, attempt, probe: kind, sequence, outcome, output });
    const reply = () => {
      const runs = instance?.state === "running" && instance.command.attempt === attempt;
      if (!runs) say("error", "the container does not run");
      else if (delay > command.timeoutMilliseconds) say("failure", "context deadline exceeded");
      else if (!healthy) say("failure", "HTTP probe failed with statuscode: 503");
      else say("success", "");
    };
    clock.schedule(clock.now() + delay, reply, sandbox?.rank ?? beatRank(podUid));
  }

  /** An instance that is healthy stays so: what makes it ill comes unforeseen. */
  function healthyUntil(podUid: string, container: string, attempt: number): number {
    const instance = find(podUid, container);
    const now = clock.now();
    if (instance?.state !== "running" || instance.command.attempt !== attempt) return now;
    return now >= instance.readyAt && succeeds(instance) ? Number.POSITIVE_INFINITY : now;
  }

  function remove(podUid: string): void {
    const sandbox = sandboxes.get(podUid);
    if (sandbox && dead.has(sandbox.command.nodeName)) return;
    for (const instance of sandbox?.instances ?? []) end(podUid, instance, 137, 9);
    sandboxes.delete(podUid);
    slowPods.delete(podUid);
    answer({ type: "sandboxRemoved", podUid });
  }

  return {
    runtimeVersion: "simulated://1.0.0",
    runsImages: true,
    onEvent(next) {
      handler = next;
    },
    healthyUntil,
    existing: (nodeName) =>
      [...sandboxes.values()]
        .filter(({ command }) => command.nodeName === nodeName)
        .map(({ command, ready, removing, instances }) => ({
          podUid: command.podUid,
          address: command.address,
          ready,
          removing,
          containers: instances.map(existingContainer),
        })),
    send(command: PodCommand) {
      switch (command.type) {
        case "createSandbox":
          return create(command);
        case "startContainer":
          return start(command);
        case "signalContainer":
          return signal(command);
        case "probe":
          return probe(command);
        case "hook": {
          const { podUid, container, attempt, hook } = command;
          const how = find(podUid, container)?.behaviour;
          const ok = !how?.hookFails;
          return later(how?.answerDelay ?? 1, () =>
            answer({ type: "hookResult", podUid, container, attempt, hook, ok, output: "" }),
          );
        }
        case "removeSandbox": {
          const sandbox = sandboxes.get(command.podUid);
          if (sandbox) sandbox.removing = true;
          return later(1, () => remove(command.podUid));
        }
      }
    },
    running: () =>
      [...sandboxes.values()].flatMap(({ command, instances }) =>
        instances
          .filter(({ state }) => state === "running")
          .map((instance) => shownContainer(command, instance)),
      ),
    ending(within) {
      if (!someEnd) return [];
      return [...sandboxes.values()].flatMap(({ command: { podUid }, instances }) =>
        instances.flatMap(
          ({ command: { container }, behaviour: { exitAfter: lasts = Number.POSITIVE_INFINITY }, state }) =>
            state === "running" && lasts <= within ? [{ podUid, container, lasts }] : [],
        ),
      );
    },
    sandboxes: () => [...sandboxes.values()].map(({ command }) => shownSandbox(command)),
    sandbox(podUid) {
      const sandbox = sandboxes.get(podUid);
      return sandbox && shownSandbox(sandbox.command);
    },
    container(podUid, name) {
      const sandbox = sandboxes.get(podUid);
      const instance = sandbox && instanceOf(sandbox, name);
      return sandbox && instance?.state === "running" ? shownContainer(sandbox.command, instance) : undefined;
    },
    askedToEnd: (podUid, name) => find(podUid, name)?.askedToEnd,
    failing(podUid, name) {
      const instance = find(podUid, name);
      if (instance?.state !== "running" || isHealthy(instance)) return undefined;
      const always = instance.changedAt === Number.NEGATIVE_INFINITY;
      return { since: always ? instance.startedAt : instance.changedAt, always };
    },
    crash(podUid, container, exitCode) {
      const instance = find(podUid, container);
      if (instance?.state !== "running") return false;
      end(podUid, instance, exitCode);
      return true;
    },
    setHealthy(podUid, container, healthy) {
      const instance = find(podUid, container);
      if (instance) changeReady(instance, healthy ? clock.now() : Number.POSITIVE_INFINITY);
    },
    exhaustMemory(podUid, container) {
      const instance = find(podUid, container);
      if (instance?.state !== "running") return false;
      end(podUid, instance, 137, 9, "OOMKilled");
      return true;
    },
    slowNode(nodeName, milliseconds) {
      slowNodes.set(nodeName, milliseconds);
    },
    slowPod(podUid, milliseconds) {
      slowPods.set(podUid, milliseconds);
    },
    get version() {
      return version;
    },
    answers(podUid, container) {
      const instance = find(podUid, container);
      return instance !== undefined && isHealthy(instance);
    },
    answering(address) {
      for (const { command, instances } of sandboxes.values()) {
        if (command.address !== address) continue;
        if (instances.some(isHealthy)) return command.nodeName;
      }
      return undefined;
    },
    reviveNode(nodeName) {
      dead.delete(nodeName);
    },
    killNode(nodeName) {
      dead.add(nodeName);
      for (const [podUid, { command, instances }] of sandboxes) {
        if (command.nodeName !== nodeName) continue;
        for (const instance of instances) setEnded(instance);
        sandboxes.delete(podUid);
      }
    },
  };
}

/** There are few to a pod. */
function instanceOf({ instances }: SandboxState, container: string): Instance | undefined {
  for (const instance of instances) if (instance.command.container === container) return instance;
  return undefined;
}

function shownSandbox({ podUid, pod, nodeName, address, volumes }: CreateSandbox): SimulatedSandbox {
  return { podUid, pod, nodeName, address, volumes };
}

const containerIdOf = ({ command }: Instance) => `${command.podUid}-${command.container}-${command.attempt}`;

function existingContainer(instance: Instance): ExistingContainer {
  const { command, state, startedAt, exit } = instance;
  return {
    name: command.container,
    attempt: command.attempt,
    state: state === "starting" ? "starting" : "running",
    containerId: state === "starting" ? "" : containerIdOf(instance),
    startedAt,
    ...(exit ? { exit } : {}),
  };
}

function shownContainer(
  { podUid, nodeName, address }: CreateSandbox,
  { command }: Instance,
): SimulatedContainer {
  const { container, attempt } = command;
  return { podUid, container, attempt, nodeName, address, command };
}
