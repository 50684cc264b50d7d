import type { Duplex } from "node:stream";
import { createSizeReader } from "../../apiserver/streams/channels.ts";
import { type Outcome, outcomeText } from "../../apiserver/streams/outcome.ts";
import { type CommandStreams, createResizer, ended, type Wanted } from "./command-streams.ts";
import { acceptSpdy, type SpdyConnection } from "./spdy-connection.ts";

/** The versions of remote commands over SPDY; from the second on an error is told, from the third on sizes are, from the fourth on it is a `Status`. */
export const commandProtocols = [
  "v4.channel.k8s.io",
  "v3.channel.k8s.io",
  "v2.channel.k8s.io",
  "channel.k8s.io",
] as const;

/** How long a client may take to open its streams (Kubernetes' `DefaultStreamCreationTimeout`). */
const creationMilliseconds = 30_000;

/** Waits for the streams of a command, one for each that was asked for. Rejects when they do not come. */
export function spdyStreams(transport: Duplex, protocol: string, wanted: Wanted): Promise<CommandStreams> {
  const version = Number(/^v(\d)/.exec(protocol)?.[1] ?? 1);
  const expected = new Set(["error"]);
  for (const name of ["stdin", "stdout", "stderr"] as const) if (wanted[name]) expected.add(name);
  if (wanted.tty && version >= 3) expected.add("resize");
  const found = new Map<string, Duplex>();
  return new Promise((resolve, reject) => {
    const connection = acceptSpdy(transport, ({ headers, duplex }) => {
      const type = headers.get("streamtype") ?? "";
      if (!expected.has(type) || found.has(type)) {
        duplex.destroy();
        return;
      }
      found.set(type, duplex);
      if (found.size < expected.size) return;
      clearTimeout(timer);
      resolve(streamsOf(connection, found, version));
    });
    const timer = setTimeout(() => connection.close(), creationMilliseconds);
    timer.unref();
    connection.signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new Error("the client did not open its streams"));
    });
  });
}

function streamsOf(
  connection: SpdyConnection,
  found: ReadonlyMap<string, Duplex>,
  version: number,
): CommandStreams {
  const { onResize, resize } = createResizer();
  const readSize = createSizeReader();
  found.get("resize")?.on("data", (chunk: Buffer) => {
    const size = readSize(chunk);
    if (size) resize(size);
  });
  const error = found.get("error")!;
  error.resume();
  const stdin = found.get("stdin");
  const outputs = [found.get("stdout"), found.get("stderr")];
  // Nothing is to come from the client over these.
  for (const output of outputs) output?.resume();
  return {
    stdin,
    stdout: outputs[0],
    stderr: outputs[1],
    onResize,
    signal: connection.signal,
    async finish(outcome: Outcome) {
      stdin?.resume();
      await Promise.all(outputs.map(ended));
      const text = outcomeText(outcome, version >= 4 ? "json" : "text");
      if (text !== undefined) error.write(text);
      await ended(error);
      connection.close();
    },
  };
}
