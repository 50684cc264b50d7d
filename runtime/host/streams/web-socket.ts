import type { IncomingMessage } from "node:http";
import { type Duplex, Readable, Writable } from "node:stream";
import { createWebSocketStream, type WebSocket, WebSocketServer } from "ws";
import {
  type ChannelProtocol,
  channels,
  createSizeReader,
  decodeMessage,
  encodeMessage,
} from "../../apiserver/streams/channels.ts";
import { outcomeText } from "../../apiserver/streams/outcome.ts";
import { type CommandStreams, createResizer, ended, type Wanted } from "./command-streams.ts";

/** Clients send 32 KiB at most; a program that uses a library may send what it has at once. */
const longestMessage = 16 * 1024 * 1024;
/** So much may wait for a client that is slow to read before the program waits too. */
const waitingBytes = 256 * 1024;
/** A client that lets so much wait gets no answers to pings: there is enough for it to read. */
const mostWaitingBytes = 1024 * 1024;
/** Clients that hear nothing for a minute give up; and a peer that has gone is known only when something is sent. */
const beatMilliseconds = 10_000;

/** The header that names the protocol of a tunnel is not one that `ws` takes: its name has a slash. */
const protocolHeader = "sec-websocket-protocol";

/** The subprotocols that a client offers. */
export function offeredProtocols(request: IncomingMessage): string[] {
  return (request.headers[protocolHeader] ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

/** Accepts a WebSocket with this subprotocol ("": none). Rejects where the request is not a valid one; then it has been answered. */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocol: string,
): Promise<WebSocket> {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: longestMessage,
    // Else answers to pings of one who does not read them pile up without end.
    autoPong: false,
  });
  delete request.headers[protocolHeader];
  if (protocol !== "") server.on("headers", (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`));
  return new Promise((resolve, reject) => {
    server.on("wsClientError", (error, failed) => {
      failed.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      reject(error);
    });
    server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("error", () => {});
      webSocket.on("ping", (payload) => {
        if (webSocket.bufferedAmount < mostWaitingBytes) webSocket.pong(payload);
      });
      beat(webSocket);
      resolve(webSocket);
    });
  });
}

/** While reading is on hold a client's pings are not seen: it is told unasked that we are there. */
function beat(webSocket: WebSocket): void {
  const timer = setInterval(() => {
    if (webSocket.isPaused) webSocket.pong();
    else webSocket.ping();
  }, beatMilliseconds);
  timer.unref();
  webSocket.once("close", () => clearInterval(timer));
}

/** The bytes of binary messages, however they are cut. */
export function webSocketBytes(webSocket: WebSocket): Duplex {
  return createWebSocketStream(webSocket, { readableHighWaterMark: waitingBytes });
}

/** One channel towards the client, as slow as the client reads. */
export function channelWriter(webSocket: WebSocket, protocol: ChannelProtocol, channel: number): Writable {
  const writer = new Writable({
    highWaterMark: waitingBytes,
    write(chunk: Buffer, _, done) {
      const message = encodeMessage(protocol, channel, chunk);
      webSocket.send(message, { binary: typeof message !== "string" }, () => done());
    },
  });
  webSocket.once("close", () => writer.destroy());
  return writer;
}

/** A stream of what comes over one channel; reading it slowly holds the whole connection, as it does in Kubernetes. */
export function channelReader(webSocket: WebSocket): Readable {
  const reader = new Readable({ highWaterMark: waitingBytes, read: () => webSocket.resume() });
  reader.on("error", () => {});
  webSocket.once("close", () => reader.destroy());
  return reader;
}

/** Hands a channel's bytes on. */
export function feed(webSocket: WebSocket, reader: Readable, payload: Uint8Array): void {
  if (payload.length === 0 || reader.destroyed || reader.readableEnded) return;
  if (!reader.push(payload)) webSocket.pause();
}

/** The streams of a command, each in a channel of its own. */
export function webSocketStreams(
  webSocket: WebSocket,
  protocol: ChannelProtocol,
  wanted: Wanted,
): CommandStreams {
  const writer = (channel: number) => channelWriter(webSocket, protocol, channel);
  const stdin = wanted.stdin ? channelReader(webSocket) : undefined;
  const stdout = wanted.stdout ? writer(channels.stdout) : undefined;
  const stderr = wanted.stderr ? writer(channels.stderr) : undefined;
  const { onResize, resize } = createResizer();
  const readSize = createSizeReader();
  const controller = new AbortController();
  let inputEnded = false;
  const endInput = () => {
    if (!inputEnded) stdin?.push(null);
    inputEnded = true;
  };
  webSocket.on("message", (data) => {
    const message = decodeMessage(protocol, data as Buffer);
    if (!message) return;
    const { channel, payload } = message;
    if (channel === channels.stdin && stdin && !inputEnded) feed(webSocket, stdin, payload);
    else if (channel === channels.close && protocol.closes && payload[0] === channels.stdin) endInput();
    else if (channel === channels.resize) {
      const size = readSize(payload);
      if (size) resize(size);
    }
  });
  webSocket.once("close", () => controller.abort());
  return {
    stdin,
    stdout,
    stderr,
    onResize,
    signal: controller.signal,
    async finish(outcome) {
      // What the client still sends is for nobody, and must not keep its farewell from being seen.
      inputEnded = true;
      stdin?.destroy();
      webSocket.resume();
      await Promise.all([ended(stdout), ended(stderr)]);
      const text = outcomeText(outcome, protocol.status);
      if (text !== undefined) await ended(writer(channels.error).end(Buffer.from(text)) as Writable);
      webSocket.close(1000);
    },
  };
}
