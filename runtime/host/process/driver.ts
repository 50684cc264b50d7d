import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type {
  CreateSandbox,
  ExecuteHook,
  ExecuteProbe,
  PodCommand,
  PodDriver,
  PodEvent,
  RemoveSandbox,
  SignalContainer,
  StartContainer,
  UpdateSandbox,
} from "../../environment.ts";
import type { Isolation } from "../isolation/network.ts";
import { machineSockets } from "../sockets.ts";
import { type ContainerProcess, type Exit, startContainer } from "./container.ts";
import { explainExit } from "./exit.ts";
import { runHook, runProbe } from "./handlers.ts";
import { createLimiter } from "./limiter.ts";
import { createSandbox, isPlainName, podDirectory, type Sandbox, updateSandbox } from "./sandbox.ts";
import { createSweeper } from "./sweeper.ts";
import { type ContainerSample, createUsageSampler, type RunningContainer } from "./usage.ts";
import { containerMark } from "./variables.ts";
import { createView, ViewError, type ViewOptions } from "./view.ts";

/** The pods that run, for who wants streams of them. */
export interface RunningPods {
  /** The instance of a container that runs now; undefined where none does. */
  container(podUid: string, container: string): ContainerProcess | undefined;
  /** Aborted when the pod is taken away; undefined where there is no such pod here. */
  removal(podUid: string): AbortSignal | undefined;
  /** The command that puts one behind it into a pod's network; undefined where it is the machine's. */
  enterNetwork(podUid: string): readonly string[] | undefined;
}

export interface ProcessDriver extends PodDriver {
  readonly pods: RunningPods;
  /** "container c of pod namespace/name", from a container's mark (`KDSL_CONTAINER`). */
  nameOf(mark: string): string | undefined;
  /** What the processes of all running containers have used since their starts, and the memory that they hold. */
  usage(): Promise<readonly ContainerSample[]>;
  /** Kills every container and removes every pod's files. The driver answers nothing afterwards. */
  close(): Promise<void>;
}

export interface ProcessDriverOptions extends ViewOptions {
  /** The cluster's; the pods' files are made in it. */
  readonly directory: string;
  readonly version: string;
  /** Absent: all pods are in this machine's network. */
  readonly isolation?: Isolation;
  /** Hears once that what a container prints cannot be kept any more. */
  readonly onLogLost?: (podUid: string, container: string, error: unknown) => void;
}

interface PodEntry {
  /** Creating and removing follow one another. */
  tail: Promise<void>;
  sandbox: Sandbox | undefined;
  readonly removal: AbortController;
  readonly containers: Map<string, Running>;
  /** The last attempt of each container that was asked for. */
  readonly attempts: Map<string, number>;
}

interface Running {
  readonly attempt: number;
  /** Undefined while it is being started. */
  process: ContainerProcess | undefined;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** A signal that came while it was being started. */
  pending?: SignalContainer["signal"];
  readonly finished: Promise<void>;
}

/** Runs containers as processes of this machine. */
export function createProcessDriver(options: ProcessDriverOptions): ProcessDriver {
  const pods = new Map<string, PodEntry>();
  const names = new Map<string, string>();
  const sweep = createSweeper();
  const sample = createUsageSampler();
  // Starting is processor time; more at once would only make each of them slower.
  const limit = createLimiter(Math.max(4, 2 * availableParallelism()));
  const sockets = options.isolation?.sockets ?? machineSockets;
  let handler: (event: PodEvent) => void = () => {};
  let closed = false;

  const emit = (event: PodEvent) => {
    if (!closed) handler(event);
  };
  /** The name of a container by its mark, also of one that is gone: its port may still be held. */
  const nameOf = (mark: string) => {
    const [uid = "", container] = mark.split("/");
    const pod = names.get(uid);
    return pod === undefined ? undefined : `container ${container} of pod ${pod}`;
  };

  const entryOf = (podUid: string): PodEntry => {
    let entry = pods.get(podUid);
    if (!entry) {
      entry = {
        tail: Promise.resolve(),
        sandbox: undefined,
        removal: new AbortController(),
        containers: new Map(),
        attempts: new Map(),
      };
      pods.set(podUid, entry);
    }
    return entry;
  };

  function create(command: CreateSandbox): void {
    const { podUid } = command;
    const entry = entryOf(podUid);
    entry.tail = entry.tail.then(async () => {
      try {
        entry.sandbox ??= await limit(() => createSandbox(command, options.directory, options.isolation));
        names.set(podUid, entry.sandbox.podName);
        emit({ type: "sandboxReady", podUid });
      } catch (error) {
        const { message } = error as Error;
        emit({ type: "sandboxFailed", podUid, reason: "FailedCreatePodSandBox", message });
      }
    });
  }

  function update(command: UpdateSandbox): void {
    const { podUid } = command;
    const entry = pods.get(podUid);
    if (!entry) return;
    entry.tail = entry.tail.then(async () => {
      try {
        if (entry.sandbox) await updateSandbox(entry.sandbox, command);
      } catch (error) {
        emit({ type: "updateFailed", podUid, message: (error as Error).message });
      }
    });
  }

  function remove({ podUid, keepLogs = false }: RemoveSandbox): void {
    const entry = entryOf(podUid);
    entry.tail = entry.tail.then(async () => {
      await removePod(entry, podUid, keepLogs);
      if (pods.get(podUid) === entry && entry.sandbox === undefined) {
        pods.delete(podUid);
        names.delete(podUid);
      }
      emit({ type: "sandboxRemoved", podUid });
    });
  }

  async function removePod(entry: PodEntry, podUid: string, keepLogs = false): Promise<void> {
    entry.removal.abort();
    for (const running of entry.containers.values()) signalRunning(running, "SIGKILL");
    await Promise.all([...entry.containers.values()].map(({ finished }) => finished));
    const { sandbox } = entry;
    entry.sandbox = undefined;
    if (sandbox) {
      await sweep({ mark: podUid });
      await sandbox.pause.quit();
    }
    if (isPlainName(podUid)) await removeFiles(podDirectory(options.directory, podUid), keepLogs);
  }

  function start(command: StartContainer): void {
    const { podUid, container, attempt } = command;
    const fail = (reason: string, message: string) =>
      setImmediate(emit, { type: "containerFailed", podUid, container, attempt, reason, message });
    const entry = pods.get(podUid);
    const sandbox = entry?.sandbox;
    if (!entry || !sandbox) return void fail("CreateContainerError", `pod sandbox ${podUid} is not there`);
    // A command that came twice: its answer is on its way or was given.
    if ((entry.attempts.get(container) ?? -1) >= attempt) return;
    const present = entry.containers.get(container);
    if (present) return void fail("CreateContainerError", `instance ${present.attempt} is still running`);
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const running: Running = { attempt, process: undefined, startedAt: Date.now(), finished };
    entry.containers.set(container, running);
    entry.attempts.set(container, attempt);
    const leave = () => {
      entry.containers.delete(container);
      finish();
    };
    limit(async () => {
      await sandbox.pause.revive();
      const view = await createView(command, sandbox, options);
      const { podUid, container } = command;
      const onLogLost = (error: unknown) => options.onLogLost?.(podUid, container, error);
      running.process = await startContainer(command, sandbox, view, sweep, onLogLost);
      return running.process;
    }).then(
      (started) => {
        if (running.pending) started.signal(running.pending);
        const containerId = idOf(command);
        emit({ type: "containerStarted", podUid, container, attempt, containerId });
        void started.exited.then((exit) => {
          leave();
          emit(exitEvent(command, sandbox, exit));
        });
      },
      (error) => {
        leave();
        const reason = error instanceof ViewError ? error.reason : "RunContainerError";
        fail(reason, (error as Error).message);
      },
    );
  }

  function exitEvent(command: StartContainer, sandbox: Sandbox, exit: Exit): PodEvent {
    const { podUid, container, attempt, ports } = command;
    const message = explainExit({
      ...exit,
      ports,
      address: sandbox.address,
      nameOf,
      isolated: sandbox.network !== undefined,
    });
    return {
      ...{ type: "containerExited", podUid, container, attempt, exitCode: exit.exitCode },
      ...(exit.signal === undefined ? {} : { signal: exit.signal }),
      ...(message === undefined ? {} : { message }),
    };
  }

  function signalRunning(running: Running, name: SignalContainer["signal"]): void {
    if (running.process) running.process.signal(name);
    else if (running.pending !== "SIGKILL") running.pending = name;
  }

  const runningOf = ({ podUid, container, attempt }: SignalContainer | ExecuteProbe | ExecuteHook) => {
    const found = pods.get(podUid)?.containers.get(container);
    return found?.attempt === attempt ? found : undefined;
  };

  function probe(command: ExecuteProbe): void {
    const { podUid, container, attempt, sequence } = command;
    void runProbe(
      command.action,
      command.address,
      command.timeoutMilliseconds,
      runningOf(command)?.process,
      sockets,
    ).then((result) =>
      emit({ type: "probeResult", podUid, container, attempt, probe: command.probe, sequence, ...result }),
    );
  }

  function hook(command: ExecuteHook): void {
    const { podUid, container, attempt } = command;
    void runHook(command.action, command.address, runningOf(command)?.process, sockets).then((result) =>
      emit({ type: "hookResult", podUid, container, attempt, hook: command.hook, ...result }),
    );
  }

  const runningContainers = (): RunningContainer[] =>
    [...pods].flatMap(([podUid, { containers }]) =>
      [...containers].flatMap(([container, { attempt, startedAt, process: started }]) =>
        started ? [{ podUid, container, attempt, startedAt, pid: started.pid, guests: started.guests }] : [],
      ),
    );

  return {
    pods: {
      container: (podUid, container) => pods.get(podUid)?.containers.get(container)?.process,
      removal: (podUid) => {
        const entry = pods.get(podUid);
        return entry?.sandbox && entry.removal.signal;
      },
      enterNetwork: (podUid) => pods.get(podUid)?.sandbox?.network?.namespaces.enterNetwork,
    },
    nameOf,
    usage: () => sample(runningContainers()),
    keepsLogs: true,
    updatesSandboxes: true,
    runtimeVersion: `process://${options.version}`,
    onEvent(next) {
      handler = next;
    },
    send(command: PodCommand) {
      if (closed) return;
      switch (command.type) {
        case "createSandbox":
          return create(command);
        case "updateSandbox":
          return update(command);
        case "startContainer":
          return start(command);
        case "signalContainer": {
          const running = runningOf(command);
          return running && signalRunning(running, command.signal);
        }
        case "probe":
          return probe(command);
        case "hook":
          return hook(command);
        case "removeSandbox":
          return remove(command);
      }
    },
    async close() {
      closed = true;
      await Promise.all(
        [...pods].map(([podUid, entry]) => entry.tail.then(() => removePod(entry, podUid)).catch(() => {})),
      );
      pods.clear();
    },
  };
}

/** Removes what a pod had on disk, but for its logs where they are to be kept. */
async function removeFiles(directory: string, keepLogs: boolean): Promise<void> {
  const names = keepLogs
    ? (await readdir(directory).catch(() => [])).filter((name) => name !== "logs")
    : [""];
  for (const name of names)
    await rm(join(directory, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}

/** 64 hexadecimal digits, as tools expect of a container's id; one for each instance. */
function idOf({ podUid, container, attempt }: StartContainer): string {
  const digest = createHash("sha256")
    .update(containerMark(podUid, container, attempt))
    .digest("hex");
  return `process://${digest}`;
}
