import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { TerminalSize } from "../../apiserver/streams/channels.ts";
import { reasonOf } from "../errors.ts";
import { killEach, mountNamespaceOf, processIds, sessionOf, signal } from "../processes.ts";
import { type ContainerProcess, ownNamespace } from "./container.ts";
import { makePipes, removePipes } from "./pipes.ts";
import {
  isReady,
  type Program,
  type ProgramEnd,
  type ProgramOptions,
  pipePaths,
  startProgram,
} from "./program.ts";
import { ExecutableError, ViewError } from "./view.ts";

export interface ExecOptions {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly size?: TerminalSize;
}

/** A client's command that runs in a container. */
export interface Exec {
  readonly program: Program;
  readonly ended: Promise<ProgramEnd>;
  /** Ends the command and everything that it has started, for a client that has gone. */
  kill(): void;
}

/** The command could not be run. */
export class ExecError extends Error {
  /** As a shell would give it (127: no such program, 126: not one that can be run); absent where it is not the command's fault. */
  readonly exitCode: number | undefined;

  constructor(message: string, exitCode?: number) {
    super(message);
    this.name = "ExecError";
    this.exitCode = exitCode;
  }
}

/** A program may leave others behind that hold its output open; they are waited for no longer than this without a word. */
const quietMilliseconds = 300;

let count = 0;

/**
 * Runs a command as the container's own programs see the world: directory, environment, volumes, host name. What it
 * leaves running when it has ended goes on, as in Kubernetes, until the container ends. Throws `ExecError`.
 */
export async function startExec(container: ContainerProcess, options: ExecOptions): Promise<Exec> {
  const pipes = join(container.sandbox.directory, "pipes", `exec-${count++}`);
  const program = await startGuest(container, { ...options, pipes });
  const { pid } = program;
  const { pause } = container.sandbox;
  container.guests.add(pid);
  pause.add({ group: pid });
  let namespace: HeldNamespace | undefined;
  let killed = false;
  const kill = () => {
    killed = true;
    signal(-pid, "SIGKILL");
    killEach(
      (each) =>
        sessionOf(each) === pid || (namespace !== undefined && mountNamespaceOf(each) === namespace.name),
    );
  };
  const over = program.ended.then((end) => {
    container.guests.delete(pid);
    const charge = { group: pid, mountNamespace: namespace?.name };
    if (namespace && !killed && isInhabited(namespace.name)) {
      const { name: mountNamespace, release } = namespace;
      pause.add({ group: pid, mountNamespace });
      container.leave({
        mountNamespace,
        release: () => {
          pause.remove(charge);
          release();
        },
      });
    } else {
      pause.remove(charge);
      namespace?.release();
    }
    return end;
  });
  const report = await program.report;
  removePipes(pipePaths({ ...options, pipes }));
  if (report !== undefined && !isReady(report)) {
    kill();
    await over;
    throw new ExecError(
      `cannot prepare the file system of the command: ${report.trim() || "it ended at once"}`,
    );
  }
  if (report !== undefined) namespace = holdNamespace(pid);
  if (namespace) pause.add({ group: pid, mountNamespace: namespace.name });
  program.begin?.();
  return { program, ended: over, kill };
}

async function startGuest(
  { view }: ContainerProcess,
  options: ExecOptions & Pick<ProgramOptions, "pipes">,
): Promise<Program> {
  const [name = ""] = options.command;
  try {
    const launch = view.launch(options.command, true);
    await makePipes(pipePaths(options));
    return await startProgram(launch, options);
  } catch (error) {
    removePipes(pipePaths(options));
    if (error instanceof ExecutableError) {
      const { cause, missing } = error.executable;
      throw new ExecError(ociMessage(name, cause), missing ? 127 : 126);
    }
    if (error instanceof ViewError) throw new ExecError(error.message);
    throw new ExecError(ociMessage(name, reasonOf(error)), 126);
  }
}

/** What a container engine says of a command that it cannot start. */
function ociMessage(name: string, cause: string): string {
  return `OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(name)}: ${cause}`;
}

interface HeldNamespace {
  readonly name: string;
  release(): void;
}

/** A namespace that stays, and with it its name, until it is released. */
function holdNamespace(pid: number): HeldNamespace | undefined {
  try {
    const descriptor = openSync(`/proc/${pid}/ns/mnt`, "r");
    const name = ownNamespace(pid);
    if (name !== undefined) return { name, release: () => closeSync(descriptor) };
    closeSync(descriptor);
  } catch {
    // It has ended already.
  }
  return undefined;
}

function isInhabited(namespace: string): boolean {
  return processIds().some((pid) => mountNamespaceOf(pid) === namespace);
}

/**
 * Resolves when both outputs have ended, or the program has and they are quiet. One whose reader is slow is not quiet.
 * To be asked once they are being read: it lets them flow.
 */
export function drained({ stdout, stderr, ended }: Program): Promise<void> {
  const readers = [stdout, stderr].filter((reader) => reader !== undefined);
  return new Promise((resolve) => {
    let open = readers.length;
    let timer: NodeJS.Timeout | undefined;
    let over = false;
    const finish = () => {
      clearTimeout(timer);
      resolve();
    };
    const wait = () => {
      clearTimeout(timer);
      if (!over || open === 0) return;
      timer = setTimeout(() => (isSlow() ? wait() : finish()), quietMilliseconds);
      timer.unref();
    };
    const isSlow = () =>
      readers.some((reader) => !isOver(reader) && (reader.isPaused() || reader.readableLength > 0));
    for (const reader of readers) void endOf(reader).then(() => --open === 0 && finish());
    for (const reader of readers) reader.on("data", wait);
    void ended.then(() => {
      over = true;
      wait();
    });
  });
}

/** Resolves when a stream has ended, which one that says nothing may have done before it is asked. */
function endOf(reader: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (isOver(reader)) return resolve();
    reader.once("end", resolve);
    reader.once("close", resolve);
    reader.once("error", () => resolve());
  });
}

function isOver(reader: Readable): boolean {
  return reader.readableEnded || reader.destroyed;
}
