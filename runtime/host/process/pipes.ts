import { execFile, spawn } from "node:child_process";
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { isMainThread } from "node:worker_threads";

/**
 * Named pipes for what programs read and print. Node's own pipes are sockets, which a program cannot open again as
 * /dev/stdin or /dev/stdout. In worker threads they cannot be used: those close at their end every descriptor that
 * they saw opened and not closed by the same means.
 */

/** Both ends of a pipe: a descriptor for the program, to be closed once it has it, and a stream for us. */
export interface Pipe {
  readonly descriptor: number;
  readonly stream: Socket;
}

/** Makes pipes at these paths with mkfifo(1). Where that fails, opening them does too. */
export function makePipes(paths: readonly string[]): Promise<void> {
  return new Promise((resolve) => execFile("mkfifo", ["-m", "600", "--", ...paths], () => resolve()));
}

/** A pipe into which the program prints; undefined where there is none at this path. */
export function openOutput(path: string): Pipe | undefined {
  if (!isMainThread) return undefined;
  let reading: number | undefined;
  try {
    reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const descriptor = openSync(path, constants.O_WRONLY);
    return { descriptor, stream: new Socket({ fd: reading, readable: true, writable: false }) };
  } catch {
    if (reading !== undefined) closeSync(reading);
    return undefined;
  }
}

/** A named pipe from which the program reads, and which ends when the stream does. */
export function openInput(path: string): Pipe | undefined {
  return isMainThread ? openBothEnds(path) : undefined;
}

/** Tells the pid of a process that has a pipe at descriptor 4, and waits. */
const pipeScript = "exec 3>&1; /bin/sh -c 'exec 4>&1; echo $$ >&3; read -r _' | :";

/**
 * The same without a name. A program may open /dev/stdin anew after all has been written: a pipe with a name would then
 * wait for another writer. Node makes no pipes, so a shell does, and both ends are opened from there.
 */
export async function makeInput(): Promise<Pipe | undefined> {
  if (!isMainThread) return undefined;
  const child = spawn("/bin/sh", ["-c", pipeScript], { stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.on("error", () => {});
  const pid = await new Promise<string>((resolve) => {
    child.stdout.once("data", (line: Buffer) => resolve(line.toString("latin1").trim()));
    child.once("error", () => resolve(""));
    child.once("close", () => resolve(""));
  });
  const pipe = pid === "" ? undefined : openBothEnds(`/proc/${pid}/fd/4`);
  child.stdin.end();
  return pipe;
}

function openBothEnds(path: string): Pipe | undefined {
  const opened: number[] = [];
  const open = (flags: number) => {
    const descriptor = openSync(path, flags);
    opened.push(descriptor);
    return descriptor;
  };
  try {
    // A pipe that nobody reads cannot be opened for writing; and the program's own end is one that waits.
    const first = open(constants.O_RDONLY | constants.O_NONBLOCK);
    const writing = open(constants.O_WRONLY | constants.O_NONBLOCK);
    const descriptor = open(constants.O_RDONLY);
    closeSync(first);
    return { descriptor, stream: new Socket({ fd: writing, readable: false, writable: true }) };
  } catch {
    for (const descriptor of opened) closeSync(descriptor);
    return undefined;
  }
}

/** Pipes that are open need their names no longer. */
export function removePipes(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { force: true });
}
