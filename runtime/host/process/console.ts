import type { Readable, Writable } from "node:stream";
import type { TerminalSize } from "../../apiserver/streams/channels.ts";
import type { LogStream } from "./log-writer.ts";
import type { Program } from "./program.ts";

/** One who is attached to a container: what it says goes to the program, what the program prints comes to it. */
export interface ConsoleClient {
  readonly stdin?: Readable | undefined;
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** The standard streams of a container's own program, shared by its log and all that are attached. */
export interface Console {
  /** Resolves when the container has ended and all it printed was handed over, or the client has gone. */
  attach(client: ConsoleClient): Promise<void>;
  /** Of its terminal; absent where it has none. */
  resize?(size: TerminalSize): void;
  /** Resolves when the program prints no more. */
  readonly drained: Promise<void>;
  /** The program has ended: nobody slow to read is waited for any more. */
  release(): void;
  /** Ends it for all who are attached. */
  close(): void;
}

export interface ConsoleOptions {
  /** The input ends with the first client that was attached to it (`stdinOnce`). */
  readonly once: boolean;
  /** What is printed before anyone is attached is told the first who is: a prompt, for one. */
  readonly greets: boolean;
  readonly onOutput: (stream: LogStream, chunk: Buffer) => void;
}

/** Of what was printed before anyone was attached the last so many bytes are kept. */
const greetingBytes = 64 * 1024;

export function createConsole(program: Program, options: ConsoleOptions): Console {
  const clients = new Set<ConsoleClient>();
  const readers = { stdout: program.stdout, ...(program.stderr ? { stderr: program.stderr } : {}) };
  const all = Object.values(readers);
  /** Those of whose clients have more to read than they should; meanwhile the program waits, as it would for a pipe. */
  const full = new Set<Writable>();
  let greeting: { stream: LogStream; chunk: Buffer }[] | undefined = options.greets ? [] : undefined;
  let released = false;
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });

  const flow = () => {
    if (released || full.size === 0) for (const reader of all) reader.resume();
  };
  const write = (writer: Writable | undefined, chunk: Buffer) => {
    if (!writer || writer.destroyed || writer.writableEnded || writer.write(chunk) || full.has(writer))
      return;
    full.add(writer);
    const done = () => {
      writer.off("drain", done);
      writer.off("close", done);
      full.delete(writer);
      flow();
    };
    writer.on("drain", done);
    writer.on("close", done);
    if (!released) for (const reader of all) reader.pause();
  };
  let kept = 0;
  const keep = (stream: LogStream, chunk: Buffer) => {
    if (!greeting) return;
    greeting.push({ stream, chunk });
    kept += chunk.length;
    while (kept > greetingBytes && greeting.length > 1) kept -= greeting.shift()!.chunk.length;
  };

  const drained = Promise.all(
    Object.entries(readers).map(([name, reader]) => {
      const stream = name as LogStream;
      reader.on("data", (chunk: Buffer) => {
        options.onOutput(stream, chunk);
        keep(stream, chunk);
        for (const client of clients) write(client[stream], chunk);
      });
      return new Promise<void>((resolve) => {
        if (reader.readableEnded || reader.destroyed) return resolve();
        reader.once("end", resolve);
        reader.once("close", resolve);
        reader.once("error", () => resolve());
      });
    }),
  ).then(() => {});

  /** Hands the client's input on; gives what ends that. */
  function takeInput(stdin: Readable): () => void {
    const input = program.stdin;
    if (!input) {
      stdin.resume();
      return () => {};
    }
    stdin.pipe(input, { end: false });
    const end = () => {
      stdin.unpipe(input);
      // A terminal's input has no end but its hanging up.
      if (options.once && !program.resize) input.end();
    };
    stdin.once("end", end);
    return () => {
      stdin.off("end", end);
      end();
    };
  }

  return {
    drained,
    close,
    ...(program.resize ? { resize: program.resize } : {}),
    release() {
      released = true;
      flow();
    },
    async attach(client) {
      if (client.signal.aborted) return;
      clients.add(client);
      for (const { stream, chunk } of greeting ?? []) write(client[stream], chunk);
      greeting = undefined;
      const leaveInput = client.stdin ? takeInput(client.stdin) : () => {};
      const gone = new Promise<void>((resolve) => {
        client.signal.addEventListener("abort", () => resolve(), { once: true });
      });
      await Promise.race([closed, gone]);
      clients.delete(client);
      leaveInput();
    },
  };
}
