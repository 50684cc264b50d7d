import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants as fileConstants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { constants as osConstants } from "node:os";
import type { Readable } from "node:stream";
import { isMainThread } from "node:worker_threads";
import type { StartContainer } from "../../environment.ts";
import { reasonOf } from "../errors.ts";
import { mountNamespaceOf, signal } from "../processes.ts";
import { endMarker, type LogStream, type LogWriter, openLog } from "./log-writer.ts";
import { logPath, outputPath, type Sandbox } from "./sandbox.ts";
import type { Traces } from "./sweeper.ts";
import { containerMark } from "./variables.ts";
import { type Launch, type View, ViewError } from "./view.ts";

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
  /** Process groups that run inside it (probes, hooks), to be ended with it. */
  readonly guests: Set<number>;
  /** Resolves once nothing of it is left and its log is closed. */
  readonly exited: Promise<Exit>;
}

/** After a container's end its pipes are empty at once, unless a process that escaped still holds them. */
const drainMilliseconds = 200;

const streams: readonly LogStream[] = ["stdout", "stderr"];

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
  const launch = view.launch(command.command);
  const log = openLog(freshLog(command, sandbox), undefined, undefined, onLogLost);
  const output = openOutput(sandbox.directory, command.container);
  let child: ChildProcess;
  try {
    child = spawnLaunch(launch, output.writers);
  } catch (error) {
    for (const reader of output.readers) reader?.destroy();
    log.end();
    throw new ViewError("RunContainerError", `cannot start ${command.command[0]}: ${reasonOf(error)}`);
  } finally {
    for (const writer of output.writers) if (typeof writer === "number") closeSync(writer);
  }
  const readers = streams.map((name, index) => output.readers[index] ?? (child[name] as Readable));
  const drained = Promise.all(readers.map((reader, index) => collect(reader, streams[index]!, log)));
  const ended = new Promise<{ code: number; signal?: number }>((resolve) => {
    child.once("exit", (code, name) => {
      const number = name === null ? undefined : osConstants.signals[name];
      resolve(number === undefined ? { code: code ?? 0 } : { code: 128 + number, signal: number });
    });
  });
  const pid = await spawned(child, command).catch((error) => {
    for (const reader of readers) reader.destroy();
    log.end();
    throw error;
  });
  sandbox.pause.add({ group: pid });
  let mountNamespace: string | undefined;
  const guests = new Set<number>();
  const exited = ended.then(async ({ code, signal: number }) => {
    for (const group of [pid, ...guests]) signal(-group, "SIGKILL");
    await sweep({ mark: containerMark(command.podUid, command.container, command.attempt), mountNamespace });
    sandbox.pause.remove({ group: pid, mountNamespace });
    await Promise.race([drained, delay(drainMilliseconds)]);
    for (const reader of readers) reader.destroy();
    log.end();
    return { exitCode: code, tail: log.tail(), ...(number === undefined ? {} : { signal: number }) };
  });
  const report = child.stdio[3] as Readable | undefined;
  if (launch.reports && report) {
    const text = await readAll(report);
    if (!/(^|\n)ok\n$/.test(text)) {
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
    pid,
    guests,
    exited,
    signal: (name) => {
      signal(-pid, name);
      if (name === "SIGKILL") for (const group of guests) signal(-group, name);
    },
  };
}

/** The mount namespace of a container's process; undefined where it shares ours, or is gone already. */
function ownNamespace(pid: number): string | undefined {
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
  return path;
}

interface Output {
  readonly writers: readonly (number | "pipe")[];
  readonly readers: readonly (Socket | undefined)[];
}

/**
 * Both ends of the named pipes that the pod's pause process made. Node's own pipes are sockets, which a program cannot
 * open again as /dev/stdout; they serve where named pipes could not be made, and in worker threads, which at their end
 * close every descriptor that they saw opened and not closed by the same means.
 */
function openOutput(directory: string, container: string): Output {
  const pairs = streams.map((stream) => {
    if (!isMainThread) return { writer: "pipe" as const, reader: undefined };
    const path = outputPath(directory, container, stream);
    try {
      const reading = openSync(path, fileConstants.O_RDONLY | fileConstants.O_NONBLOCK);
      const writer = openSync(path, fileConstants.O_WRONLY);
      return { writer, reader: new Socket({ fd: reading, readable: true, writable: false }) };
    } catch {
      return { writer: "pipe" as const, reader: undefined };
    }
  });
  return { writers: pairs.map(({ writer }) => writer), readers: pairs.map(({ reader }) => reader) };
}

function spawnLaunch(launch: Launch, output: readonly (number | "pipe")[]): ChildProcess {
  return spawn(launch.file, launch.args, {
    argv0: launch.argv0,
    cwd: launch.cwd,
    env: launch.env,
    detached: true,
    stdio: ["ignore", ...output, ...(launch.reports ? (["pipe"] as const) : [])],
  });
}

function spawned(child: ChildProcess, command: StartContainer): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(new ViewError("RunContainerError", `cannot start ${command.command[0]}: ${reasonOf(error)}`)),
    );
    if (child.pid !== undefined) resolve(child.pid);
  });
}

function collect(reader: Readable, stream: LogStream, log: LogWriter): Promise<void> {
  reader.on("data", (chunk: Buffer) => log.write(stream, chunk));
  return new Promise((resolve) => {
    reader.once("end", resolve);
    reader.once("close", resolve);
    reader.once("error", () => resolve());
  });
}

function readAll(reader: Readable): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    reader.on("data", (chunk: Buffer) => {
      text = (text + chunk.toString("utf8")).slice(-4096);
    });
    reader.once("error", () => resolve(text));
    reader.once("close", () => resolve(text));
  });
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
