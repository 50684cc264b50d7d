import { createHash, timingSafeEqual } from "node:crypto";
import { chmodSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, ListenOptions, Socket } from "node:net";
import type { ApiResponse } from "../apiserver/http.ts";
import { type ApiServer, anonymousPaths, errorResponse } from "../apiserver/server.ts";
import { unauthorized } from "../apiserver/status.ts";
import { ApiError } from "../client/client.ts";
import { readRequest, requestHead } from "./http-request.ts";
import { sendResponse } from "./http-response.ts";
import type { ClusterCertificates } from "./tls.ts";

/** Something that serves, until it is closed: open answers are cut, and no socket is left. */
export interface Served {
  close(): Promise<void>;
}

/** What one client may take of the server; far beyond what kubectl needs. */
const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
} as const satisfies ServerOptions;

const maximumConnections = 512;

/**
 * Serves the API at a Unix socket, which only this user can open: no token is asked for. The socket must lie in a
 * directory of mode 0700, which protects it until its own mode is set.
 */
export async function serveUnix(api: ApiServer, path: string): Promise<Served> {
  const server = createServer(limits, (request, response) => {
    void answer(api, request, response, () => undefined);
  });
  await listen(server, { path });
  chmodSync(path, 0o600);
  return { close: () => close(server) };
}

export interface TlsOptions {
  readonly certificates: ClusterCertificates;
  /** Clients send it as `Authorization: Bearer`. */
  readonly token: string;
  /** Absent: a free one. */
  readonly port?: number;
}

/**
 * Serves the API over TLS at 127.0.0.1. All but health and version asks for the token. Requests that a browser makes
 * for a foreign page are refused: by their origin, or by a host name that only pretends to be this machine.
 */
export async function serveTls(
  api: ApiServer,
  options: TlsOptions,
): Promise<Served & { readonly port: number }> {
  const { certificates, token } = options;
  const tls = { cert: certificates.certificate, key: certificates.key, minVersion: "TLSv1.2" as const };
  const isToken = tokenMatcher(token);
  const server = createTlsServer({ ...limits, ...tls }, (request, response) => {
    void answer(api, request, response, () => refusal(request, isToken));
  });
  await listen(server, { host: "127.0.0.1", port: options.port ?? 0 });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

/** Answers one request; never rejects. */
async function answer(
  api: ApiServer,
  request: IncomingMessage,
  response: ServerResponse,
  refuse: () => ApiError | undefined,
): Promise<void> {
  const send = (result: ApiResponse) => {
    if (!response.destroyed) sendResponse(response, result);
  };
  // A client that goes in the middle of an answer is no error of ours.
  response.on("error", () => {});
  try {
    const refused = foreignHost(request) ?? refuse();
    if (refused) throw refused;
    send(api.handle(await readRequest(request)));
  } catch (error) {
    if (response.headersSent || (request.destroyed && !request.complete)) {
      response.destroy();
      return;
    }
    if (!request.complete) await discardRest(request, response);
    send(errorResponse(error));
  }
}

/**
 * Reads what is left of a refused body, for a moment, before the answer is sent: a sender that is cut off in the
 * middle sees a broken connection and never the answer. What is still left after that would be taken for the next
 * request, so this is the connection's last.
 */
function discardRest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("connection", "close");
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 1000);
    request.once("close", resolve);
    request.once("end", resolve);
    request.resume();
    response.once("close", () => clearTimeout(timer));
  });
}

function foreignHost(request: IncomingMessage): ApiError | undefined {
  const { host, origin } = request.headers;
  if (origin !== undefined)
    return new ApiError(403, "Forbidden", `requests from web pages are refused (origin ${origin})`);
  if (host !== undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(host)) return undefined;
  return new ApiError(403, "Forbidden", "the host of the request is neither 127.0.0.1 nor localhost");
}

function refusal(request: IncomingMessage, isToken: (text: string) => boolean): ApiError | undefined {
  const { method, path } = requestHead(request);
  if (method === "GET" && anonymousPaths.includes(path)) return undefined;
  const bearer = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? "");
  return bearer && isToken(bearer[1]!) ? undefined : unauthorized();
}

/** Compares in a time that tells nothing of where the texts differ, nor of how long they are. */
function tokenMatcher(token: string): (text: string) => boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const wanted = digest(token);
  return (text) => timingSafeEqual(digest(text), wanted);
}

function listen(server: Server, options: ListenOptions): Promise<void> {
  server.maxConnections = maximumConnections;
  server.maxHeadersCount = 100;
  server.on("clientError", answerMalformed);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** What the HTTP parser itself refuses still gets a `Status`. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket | import("node:stream").Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [code, text, message] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? [431, "Request Header Fields Too Large", "the headers of the request are too large"]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? [408, "Request Timeout", "the request was not finished in time"]
        : [400, "Bad Request", "the request is not valid HTTP"];
  const result = errorResponse(new ApiError(code as number, "BadRequest", message as string));
  const body = "body" in result ? result.body : "";
  socket.end(
    `HTTP/1.1 ${code} ${text}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
