import { writeSync } from "node:fs";
import { Readable, Writable } from "node:stream";
import type { TerminalSize } from "../../apiserver/streams/channels.ts";
import { errorCode } from "../errors.ts";
import type { Launch } from "./view.ts";
import { ViewError } from "./view.ts";

/** A program that runs in a terminal of its own: it leads the session, and hears when the terminal is hung up. */
export interface TerminalProgram {
  readonly pid: number;
  readonly output: Readable;
  readonly input: Writable;
  resize(size: TerminalSize): void;
  readonly ended: Promise<{ readonly code: number; readonly signal?: number }>;
}

/** What a terminal has until its client says its size. */
export const usualSize: TerminalSize = { width: 80, height: 24 };

/** So much may wait for a client that is slow to read a terminal; then the program waits. */
const outputBytes = 1024 * 1024;
/** A program that does not read its terminal is asked again so often whether it takes more. */
const retryMilliseconds = 20;

type Pty = typeof import("@lydell/node-pty");

/** Loads what makes terminals, which not every machine has. Throws `ViewError` that says how to get it. */
async function loadPty(): Promise<Pty> {
  try {
    return await import("@lydell/node-pty");
  } catch {
    throw new ViewError(
      "CreateContainerError",
      "there are no terminals here: the optional package @lydell/node-pty is not installed beside kdsl; " +
        "install it (npm install @lydell/node-pty), or do without a terminal (no -t, no `tty`)",
    );
  }
}

/** Starts a program in a terminal. Throws `ViewError`. */
export async function startInTerminal(
  launch: Launch,
  size: TerminalSize = usualSize,
): Promise<TerminalProgram> {
  const { spawn } = await loadPty();
  const terminal = spawn(launch.file, [...launch.args], {
    name: launch.env.TERM ?? "xterm",
    cols: size.width,
    rows: size.height,
    cwd: launch.cwd,
    env: { ...launch.env },
    // Bytes as they are.
    encoding: null,
  });
  const output = new Readable({ highWaterMark: outputBytes, read: () => terminal.resume() });
  terminal.onData((data) => {
    if (!output.push(data as unknown as Buffer)) terminal.pause();
  });
  const inner = terminal as unknown as Inner;
  const input = inputOf(inner);
  const ended = new Promise<{ code: number; signal?: number }>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      output.push(null);
      input.destroy();
      resolve(signal ? { code: 128 + signal, signal } : { code: exitCode });
    });
  });
  return {
    pid: terminal.pid,
    output,
    input,
    resize({ width, height }) {
      if (!inner._socket.destroyed) terminal.resize(width, height);
    },
    ended,
  };
}

/** What the library does not show: the terminal's descriptor, which is closed when its stream is destroyed. */
interface Inner {
  readonly fd: number;
  readonly _socket: { readonly destroyed: boolean };
}

/**
 * The library's own `write` waits, and all of this process with it, while the program does not read. The descriptor is
 * one that never waits, so it is written to directly, and again after a while where it takes no more.
 */
function inputOf({ fd, _socket: socket }: Inner): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      let from = 0;
      const go = () => {
        if (socket.destroyed) return done();
        try {
          while (from < chunk.length) from += writeSync(fd, chunk, from);
          done();
        } catch (error) {
          if (errorCode(error) === "EAGAIN") setTimeout(go, retryMilliseconds).unref();
          // The program has gone, which is told elsewhere.
          else done();
        }
      };
      go();
    },
  });
}
