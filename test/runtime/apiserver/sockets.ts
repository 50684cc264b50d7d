import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";

/** Asks servers through real sockets, as clients of all sorts do. */

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what is expected of it stands in the tests
  readonly body: any;
}

export type Ask = RequestOptions & { readonly tls?: object; readonly send?: Buffer | string };

/** One request on a connection of its own; `tls` makes it one over TLS. */
export function ask({ tls, send, ...options }: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const start = tls ? (httpsRequest as typeof httpRequest) : httpRequest;
    const request = start({ agent: false, ...tls, ...options }, (message) => {
      const chunks: Buffer[] = [];
      message.on("data", (chunk) => chunks.push(chunk));
      message.on("error", reject);
      message.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: message.statusCode!,
          headers: message.headers,
          text,
          body: text.startsWith("{") ? JSON.parse(text) : undefined,
        });
      });
    });
    // A server that refuses a body early may close before it is sent.
    request.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "EPIPE" ? undefined : reject(error),
    );
    request.end(send);
  });
}

/** A connection on which bytes are sent as they are. */
export interface Raw {
  readonly socket: Socket;
  readonly text: string;
  /** Until what has come matches. */
  until(pattern: RegExp): Promise<string>;
  /** Until the server closes; all that came. */
  readonly closed: Promise<string>;
}

export async function raw(path: string, bytes: string | Uint8Array): Promise<Raw> {
  const socket = connect(path);
  let text = "";
  const waiting = new Set<() => void>();
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    text += chunk;
    for (const look of waiting) look();
  });
  const closed = new Promise<string>((resolve) => {
    socket.on("close", () => resolve(text));
  });
  await new Promise((resolve) => socket.once("connect", resolve));
  if (bytes.length > 0) socket.write(bytes);
  return {
    socket,
    get text() {
      return text;
    },
    closed,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(text)) return;
          waiting.delete(look);
          resolve(text);
        };
        waiting.add(look);
        void closed.then(() => reject(new Error(`closed before ${pattern}: ${text}`)));
        look();
      }),
  };
}

/** The JSON that ends an answer. */
export function jsonOfAnswer(text: string) {
  return JSON.parse(text.slice(text.indexOf("\r\n\r\n")));
}
