import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { type ChannelProtocol, decodeMessage } from "../../apiserver/streams/channels.ts";
import { type PortForwardConnection, parsePort } from "../../apiserver/streams/connect.ts";
import { ended } from "./command-streams.ts";
import { acceptSpdy, type SpdyStream } from "./spdy-connection.ts";
import { channelReader, channelWriter, feed } from "./web-socket.ts";

export interface PortForwardTarget {
  /** Opens a connection to a port of the pod. Rejects with what is wrong, in the words of Go's dialler. */
  dial(port: number): Promise<Socket>;
  /** Aborted when the pod is taken away. */
  readonly removal: AbortSignal;
}

/** How long the second stream of a connection may come after the first (the kubelet's `streamCreationTimeout`). */
const pairMilliseconds = 30_000;

/** Forwards over SPDY: for each TCP connection a stream for errors and one for data, which name the same request. */
export function forwardOverSpdy(
  transport: Duplex,
  connection: PortForwardConnection,
  target: PortForwardTarget,
): void {
  const pairs = new Map<string, { error?: Duplex; data?: Duplex; timer: NodeJS.Timeout }>();
  const take = ({ headers, duplex }: SpdyStream) => {
    const type = headers.get("streamtype");
    const request = headers.get("requestid") ?? "";
    if ((type !== "error" && type !== "data") || !/^\d{1,5}$/.test(headers.get("port") ?? "")) {
      duplex.destroy();
      return;
    }
    let pair = pairs.get(request);
    if (!pair) {
      const timer = setTimeout(() => {
        pairs.delete(request);
        pair?.error?.destroy();
        pair?.data?.destroy();
      }, pairMilliseconds);
      timer.unref();
      pair = { timer };
      pairs.set(request, pair);
    }
    if (pair[type]) {
      duplex.destroy();
      return;
    }
    pair[type] = duplex;
    const { error, data, timer } = pair;
    if (!error || !data) return;
    clearTimeout(timer);
    pairs.delete(request);
    void forward(Number(headers.get("port")), data, error, connection, target);
  };
  const spdy = acceptSpdy(transport, take);
  endWith(target.removal, spdy.signal, () => spdy.close());
}

async function forward(
  port: number,
  data: Duplex,
  error: Duplex,
  connection: PortForwardConnection,
  target: PortForwardTarget,
): Promise<void> {
  error.resume();
  let socket: Socket;
  try {
    socket = await target.dial(parsePort(String(port)));
  } catch (reason) {
    error.write(failureText(port, connection, reason));
    await ended(error);
    data.resume();
    data.end();
    return;
  }
  join(data, socket);
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await ended(data);
  await ended(error);
  // The client may still have something to say to nobody.
  data.destroy();
}

/** What kubectl prints, as the kubelet words it. */
function failureText(port: number, { podName, podUid }: PortForwardConnection, reason: unknown): string {
  return `error forwarding port ${port} to pod ${podName}, uid ${podUid}: ${(reason as Error).message}`;
}

/** Both ways, each ending by itself. */
function join(data: Duplex, socket: Socket): void {
  socket.on("error", () => {});
  data.pipe(socket);
  socket.pipe(data);
  data.once("close", () => {
    if (!data.readableEnded || !data.writableFinished) socket.destroy();
  });
}

/** Runs `close` when `first` is aborted, unless `over` is before. */
function endWith(first: AbortSignal, over: AbortSignal, close: () => void): void {
  if (first.aborted) {
    close();
    return;
  }
  first.addEventListener("abort", close, { once: true });
  over.addEventListener("abort", () => first.removeEventListener("abort", close), { once: true });
}

/**
 * Forwards over channels of a WebSocket: for each port one for data and one for errors, on both of which the port is
 * told first. One connection to each port; when one ends the client sees it by the end of the socket.
 */
export async function forwardOverChannels(
  webSocket: WebSocket,
  protocol: ChannelProtocol,
  connection: PortForwardConnection,
  target: PortForwardTarget,
): Promise<void> {
  const over = new AbortController();
  webSocket.once("close", () => over.abort());
  endWith(target.removal, over.signal, () => webSocket.close(1001));
  const forwards = connection.ports.map((port, index) => {
    const data = channelWriter(webSocket, protocol, 2 * index);
    const error = channelWriter(webSocket, protocol, 2 * index + 1);
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    data.write(number);
    error.write(number);
    return { port, data, error, input: channelReader(webSocket) };
  });
  webSocket.on("message", (message) => {
    const { channel = -1, payload = new Uint8Array() } = decodeMessage(protocol, message as Buffer) ?? {};
    const input = forwards[channel / 2]?.input;
    if (input) feed(webSocket, input, payload);
  });
  await Promise.all(
    forwards.map(async ({ port, data, error, input }) => {
      try {
        const socket = await target.dial(port);
        socket.on("error", () => {});
        over.signal.addEventListener("abort", () => socket.destroy(), { once: true });
        if (over.signal.aborted) socket.destroy();
        input.pipe(socket);
        socket.pipe(data, { end: false });
        await new Promise<void>((resolve) => socket.once("close", () => resolve()));
      } catch (reason) {
        error.write(failureText(port, connection, reason));
      }
      // What the client still sends must not hold the channels of other ports.
      input.destroy();
      webSocket.resume();
      await Promise.all([ended(data), ended(error)]);
    }),
  );
  webSocket.close(1000);
}
