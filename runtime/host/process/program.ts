import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { constants as osConstants } from "node:os";
import type { Readable, Writable } from "node:stream";
import type { TerminalSize } from "../../apiserver/streams/channels.ts";
import { makeInput, openInput, openOutput, type Pipe } from "./pipes.ts";
import { startInTerminal } from "./terminal.ts";
import type { Launch } from "./view.ts";

/** A program that was started in a session and process group of its own. */
export interface Program {
  readonly pid: number;
  readonly stdout: Readable;
  /** Absent in a terminal, which has one output. */
  readonly stderr?: Readable;
  /** Absent where it reads nothing. */
  readonly stdin?: Writable;
  /** Of a terminal. */
  resize?(size: TerminalSize): void;
  readonly ended: Promise<ProgramEnd>;
  /** What the preparation of its namespaces says (`ok` at its end); absent where there is none. */
  readonly report?: Promise<string>;
  /** Lets a program begin that waits for it; absent where it does not. */
  begin?(): void;
}

export interface ProgramEnd {
  /** 128 + the signal's number where a signal ended it. */
  readonly code: number;
  readonly signal?: number;
}

export interface ProgramOptions {
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly size?: TerminalSize;
  /** Named pipes are at this path with `.stdout` and so on behind; where they are not, Node's own do. */
  readonly pipes: string;
}

/** The paths of the named pipes that a program with these options uses. */
export function pipePaths({ pipes, tty }: Pick<ProgramOptions, "pipes" | "tty">): string[] {
  if (tty) return [`${pipes}.report`, `${pipes}.gate`];
  return [`${pipes}.stdout`, `${pipes}.stderr`];
}

/** Whether a report says that the program's world is as it should be. */
export function isReady(report: string): boolean {
  return /(^|\n)ok\n$/.test(report);
}

/** Starts a program. Throws what `spawn` does, and `ViewError` where there are no terminals. */
export function startProgram(launch: Launch, options: ProgramOptions): Promise<Program> {
  return options.tty ? withTerminal(launch, options) : withPipes(launch, options);
}

/** Opens report and gate, which a program in a terminal does not inherit, and becomes the program. */
const reporting = 'report=$1; gate=$2; shift 2; exec 3>"$report" 4<"$gate"; exec "$@"';

async function withTerminal(launch: Launch, options: ProgramOptions): Promise<Program> {
  const paths = { report: `${options.pipes}.report`, gate: `${options.pipes}.gate` };
  const pipe = launch.reports ? openOutput(paths.report) : undefined;
  const gate = launch.gate ? openInput(paths.gate) : undefined;
  gate?.stream.on("error", () => {});
  try {
    const names = [pipe ? paths.report : "/dev/null", gate ? paths.gate : "/dev/null"];
    const wrapped = {
      ...launch,
      file: "/bin/sh",
      args: ["-c", reporting, "sh", ...names, launch.file, ...launch.args],
    };
    const terminal = await startInTerminal(launch.reports ? wrapped : launch, options.size);
    return {
      pid: terminal.pid,
      stdout: terminal.output,
      ...(options.stdin ? { stdin: terminal.input } : {}),
      resize: terminal.resize,
      ended: terminal.ended.then((end) => (end.signal === undefined ? endOf(end.code, launch) : end)),
      // Our own descriptor for writing is closed when the program has opened its, or has ended.
      ...(pipe ? { report: readReport(pipe, terminal.ended) } : {}),
      ...(gate ? { begin: () => gate.stream.end("\n") } : {}),
    };
  } catch (error) {
    pipe?.stream.destroy();
    if (pipe) closeSync(pipe.descriptor);
    gate?.stream.destroy();
    throw error;
  } finally {
    if (gate) closeSync(gate.descriptor);
  }
}

function readReport(pipe: Pipe, ended: Promise<unknown>): Promise<string> {
  const text = readText(pipe.stream, isReady);
  const close = () => closeSync(pipe.descriptor);
  void Promise.race([text, ended]).then(close, close);
  return text;
}

async function withPipes(launch: Launch, options: ProgramOptions): Promise<Program> {
  const stdin = options.stdin ? await makeInput() : undefined;
  const outputs = [openOutput(`${options.pipes}.stdout`), openOutput(`${options.pipes}.stderr`)];
  const pipes = [stdin, ...outputs].filter((pipe) => pipe !== undefined);
  let child: ChildProcess;
  try {
    child = spawn(launch.file, launch.args, {
      argv0: launch.argv0,
      cwd: launch.cwd,
      env: launch.env,
      detached: true,
      stdio: [
        stdin?.descriptor ?? (options.stdin ? "pipe" : "ignore"),
        ...outputs.map((pipe) => pipe?.descriptor ?? "pipe"),
        ...(launch.reports ? ["pipe"] : []),
        ...(launch.gate ? ["pipe"] : []),
      ] as StdioOptions,
    });
  } catch (error) {
    for (const { stream } of pipes) stream.destroy();
    throw error;
  } finally {
    for (const { descriptor } of pipes) closeSync(descriptor);
  }
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.once("exit", (code, name) => {
      const number = name === null ? undefined : osConstants.signals[name];
      resolve(number === undefined ? endOf(code ?? 0, launch) : { code: 128 + number, signal: number });
    });
  });
  const input = stdin?.stream ?? child.stdin ?? undefined;
  // What reads no more is no error of ours.
  input?.on("error", () => {});
  void ended.then(() => input?.destroy());
  const [, , , report, gate] = child.stdio as unknown as [null, null, null, Readable?, Writable?];
  gate?.on("error", () => {});
  const pid = await new Promise<number>((resolve, reject) => {
    child.once("error", (error) => {
      for (const { stream } of pipes) stream.destroy();
      reject(error);
    });
    if (child.pid !== undefined) resolve(child.pid);
  });
  return {
    pid,
    stdout: outputs[0]?.stream ?? child.stdout!,
    stderr: outputs[1]?.stream ?? child.stderr!,
    ...(input ? { stdin: input } : {}),
    ended,
    ...(report ? { report: readText(report, launch.gate ? isReady : undefined) } : {}),
    ...(gate ? { begin: () => gate.end("\n") } : {}),
  };
}

function endOf(code: number, { relayed = false }: Launch): ProgramEnd {
  return relayed && code > 128 && code <= 128 + lastSignal ? { code, signal: code - 128 } : { code };
}

const lastSignal = 64;

/** The end of what a stream says, until it closes or `enough` has been said. */
function readText(reader: Readable, enough: (text: string) => boolean = () => false): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const finish = () => {
      resolve(text);
      reader.destroy();
    };
    reader.on("data", (chunk: Buffer) => {
      text = (text + chunk.toString("utf8")).slice(-4096);
      if (enough(text)) finish();
    });
    reader.once("error", finish);
    reader.once("close", finish);
  });
}
