import type { Readable, Writable } from "node:stream";
import type { TerminalSize } from "../../apiserver/streams/channels.ts";
import type { Outcome } from "../../apiserver/streams/outcome.ts";

/** What joins a client with a command, however it came here. Streams that it did not ask for are absent. */
export interface CommandStreams {
  readonly stdin?: Readable | undefined;
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
  /** Sizes of the client's terminal, as they come; the first may have come already. */
  onResize(handler: (size: TerminalSize) => void): void;
  /** Tells how it ended once all that was written has been handed over, and ends the connection. */
  finish(outcome: Outcome): Promise<void>;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** What a client asked for. */
export interface Wanted {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Keeps the last size until somebody wants to know. */
export function createResizer(): {
  readonly onResize: CommandStreams["onResize"];
  resize(size: TerminalSize): void;
} {
  let last: TerminalSize | undefined;
  let handler: ((size: TerminalSize) => void) | undefined;
  return {
    onResize(next) {
      handler = next;
      if (last) handler(last);
    },
    resize(size) {
      last = size;
      handler?.(size);
    },
  };
}

/** Ends a stream; resolves when all that was written has been taken, or it is gone. */
export function ended(stream: Writable | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (!stream || stream.destroyed || stream.writableFinished) return resolve();
    stream.once("close", resolve);
    stream.once("error", () => resolve());
    stream.end(resolve);
  });
}
