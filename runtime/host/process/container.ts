import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { StartContainer } from "../../environment.ts";
import { reasonOf } from "../errors.ts";
import { mountNamespaceOf, processIds, sessionOf, signal } from "../processes.ts";
import { type Console, createConsole } from "./console.ts";
import { endMarker, openLog } from "./log-writer.ts";
import { makePipes } from "./pipes.ts";
import { isReady, type Program, pipePaths, startProgram } from "./program.ts";
import { logPath, pipePrefix, type Sandbox } from "./sandbox.ts";
import type { Traces } from "./sweeper.ts";
import { containerMark } from "./variables.ts";
import { type View, ViewError } from "./view.ts";

export interface Exit {
  /** 128 + the signal's number where a signal ended it. */
  readonly exitCode: number;
  readonly signal?: number;
  /** The last of the output. */
  readonly tail: string;
}

/** One running instance of a container. */
export interface ContainerProcess {
  readonly command: StartContainer;
  readonly view: View;
  readonly pid: number;
  /** Signals every process of its group. */
  signal(name: "SIGTERM" | "SIGKILL"): void;
  readonly sandbox: Sandbox;
  /** Its standard streams. */
  readonly console: Console;
  /** Process groups that run inside it (probes, hooks, commands of clients), to be ended with it. */
  readonly guests: Set<number>;
  /** Hands over what a guest has left running, to be ended with the container. */
  leave(leftover: Leftover): void;
  /** Resolves once nothing of it is left and its log is closed. */
  readonly exited: Promise<Exit>;
}

/** Processes in a namespace that only they have. */
export interface Leftover {
  readonly mountNamespace: string;
  /** Called when they are gone: until then the namespace's name is not given to another one. */
  release(): void;
}

/** After a container's end its pipes are empty at once, unless a process that escaped still holds them. */
const drainMilliseconds = 200;

/**
 * Starts a container's program in a session of its own, its output going to its log. Resolves when the program itself
 * runs. Throws `ViewError`.
 */
export async function startContainer(
  command: StartContainer,
  sandbox: Sandbox,
  view: View,
  sweep: (traces: Traces) => Promise<void>,
  onLogLost: (error: unknown) => void,
): Promise<ContainerProcess> {
  const { podUid, container, attempt, stdin = false, tty = false } = command;
  const launch = view.launch(command.command);
  const log = openLog(freshLog(command, sandbox), undefined, undefined, onLogLost);
  let program: Program;
  try {
    const options = { stdin, tty, pipes: pipePrefix(sandbox.directory, container) };
    if (tty && launch.reports) await makePipes(pipePaths(options));
    program = await startProgram(launch, options);
  } catch (error) {
    log.end();
    if (error instanceof ViewError) throw error;
    throw new ViewError("RunContainerError", `cannot start ${command.command[0]}: ${reasonOf(error)}`);
  }
  const { pid } = program;
  const console = createConsole(program, {
    once: command.stdinOnce ?? false,
    greets: stdin || tty,
    onOutput: (stream, chunk) => log.write(stream, chunk),
  });
  sandbox.pause.add({ group: pid });
  let mountNamespace: string | undefined;
  const guests = new Set<number>();
  const leftovers: Leftover[] = [];
  let running = true;
  const exited = program.ended.then(async ({ code, signal: number }) => {
    running = false;
    for (const group of [pid, ...guests]) signal(-group, "SIGKILL");
    console.release();
    const mountNamespaces = [mountNamespace, ...leftovers.map((each) => each.mountNamespace)];
    await sweep({ mark: containerMark(podUid, container, attempt), mountNamespaces });
    sandbox.pause.remove({ group: pid, mountNamespace });
    for (const { release } of leftovers) release();
    await Promise.race([console.drained, delay(drainMilliseconds)]);
    program.stdout.destroy();
    program.stderr?.destroy();
    log.end();
    console.close();
    return { exitCode: code, tail: log.tail(), ...(number === undefined ? {} : { signal: number }) };
  });
  if (program.report) {
    const text = await program.report;
    if (!isReady(text)) {
      signal(-pid, "SIGKILL");
      const { tail } = await exited;
      const why = (text || tail).trim() || "its namespaces cannot be made";
      throw new ViewError("CreateContainerError", `cannot prepare the container's file system: ${why}`);
    }
    mountNamespace = ownNamespace(pid);
    if (mountNamespace !== undefined) sandbox.pause.add({ group: pid, mountNamespace });
  }
  return {
    command,
    view,
    sandbox,
    console,
    pid,
    guests,
    exited,
    leave: (leftover) => {
      if (running) leftovers.push(leftover);
      else void sweep({ mark: undefined, mountNamespaces: [leftover.mountNamespace] }).then(leftover.release);
    },
    signal: (name) => {
      signal(-pid, name);
      // There the program leads a group of its own.
      if (tty && launch.relayed)
        for (const each of processIds()) if (sessionOf(each) === pid) signal(each, name);
      if (name === "SIGKILL") for (const group of guests) signal(-group, name);
    },
  };
}

/** The mount namespace of a container's process; undefined where it shares ours, or is gone already. */
export function ownNamespace(pid: number): string | undefined {
  const namespace = mountNamespaceOf(pid);
  return namespace === mountNamespaceOf("self") ? undefined : namespace;
}

/** The path of this instance's log. Of the instances before it only the last is kept, as Kubernetes does. */
function freshLog({ container, attempt }: StartContainer, sandbox: Sandbox): string {
  const path = logPath(sandbox.directory, container, attempt);
  for (const old of [attempt - 2, attempt]) {
    if (old < 0) continue;
    const base = logPath(sandbox.directory, container, old);
    for (const part of ["", ".1", ".2", ".3", ".4"]) rmSync(`${base}${part}`, { force: true });
    rmSync(endMarker(base), { force: true });
  }
  try {
    // There from the start: which instance is the last is told by its log, though it never prints.
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
  } catch {
    // The disk is full, which the log itself will say.
  }
  return path;
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
