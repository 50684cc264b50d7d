import { chmodSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, ListenOptions } from "node:net";
import { maximumBodyBytes } from "../apiserver/body.ts";
import { type ApiServer, errorResponse } from "../apiserver/server.ts";
import { methodNotAllowed, tooManyRequests } from "../apiserver/status.ts";
import { withJsonBody } from "../apiserver/yaml.ts";
import { ApiError } from "../client/client.ts";
import { type Budget, createBudget } from "./budget.ts";
import { createTlsGate, type Gate, ownersGate } from "./gate.ts";
import { readBody, requestHead } from "./http-request.ts";
import { sendResponse } from "./http-response.ts";
import { answerMalformed, endWith } from "./raw-answer.ts";
import type { Sockets } from "./sockets.ts";
import type { StreamPods } from "./streams/pods.ts";
import { proxyRequest } from "./streams/proxy.ts";
import { createUpgrader, type Upgrader } from "./streams/upgrade.ts";
import type { ClusterCertificates } from "./tls.ts";

/** Something that serves, until it is closed: open answers are cut, and no socket is left. */
export interface Served {
  close(): Promise<void>;
}

/** What clients may take of the server; far beyond what kubectl needs. */
export interface Limits {
  readonly headerBytes: number;
  /** Until the head of a request is there, counted from the connection or the request before. */
  readonly headMilliseconds: number;
  /** Until the request is there with its body. */
  readonly requestMilliseconds: number;
  /** Past it requests are answered with 429, and their connections closed. */
  readonly connections: number;
  /** The body of one request. */
  readonly requestBytes: number;
  /** Bodies of requests that are being read, all together. */
  readonly bodyBytes: number;
  /** Large answers that clients have not taken yet, all together. */
  readonly answerBytes: number;
}

export const standardLimits: Limits = {
  headerBytes: 16 * 1024,
  headMilliseconds: 10_000,
  requestMilliseconds: 30_000,
  connections: 2048,
  requestBytes: maximumBodyBytes,
  bodyBytes: 64 * 1024 * 1024,
  answerBytes: 256 * 1024 * 1024,
};

/** Connections that wait to be taken up, so that many that come at once are not refused. */
const waitingConnections = 1024;

/** Connections past the limit that are kept to tell them so; beyond these they are dropped unheard. */
const overflowConnections = 64;

/**
 * Serves the API at a Unix socket, which only this user can open: no token is asked for. The socket must lie in a
 * directory of mode 0700, which protects it until its own mode is set.
 */
export async function serveUnix(
  api: ApiServer,
  path: string,
  limits = standardLimits,
  pods?: StreamPods,
): Promise<Served> {
  const server = createServer(serverOptions(limits));
  const upgrader = serve(server, api, ownersGate, limits, pods);
  await listen(server, { path, backlog: waitingConnections });
  chmodSync(path, 0o600);
  return { close: () => close(server, upgrader) };
}

export interface TlsOptions {
  readonly certificates: ClusterCertificates;
  /** Clients send it as `Authorization: Bearer`. */
  readonly token: string;
  /** Absent: a free one. */
  readonly port?: number;
  readonly limits?: Limits;
  /** Those of which there are streams. */
  readonly pods?: StreamPods | undefined;
}

/** Serves the API over TLS at 127.0.0.1, to those whom `createTlsGate` lets in. */
export async function serveTls(
  api: ApiServer,
  options: TlsOptions,
): Promise<Served & { readonly port: number }> {
  const { certificates, token, limits = standardLimits } = options;
  const server = createTlsServer({
    ...serverOptions(limits),
    cert: certificates.certificate,
    key: certificates.key,
    ca: certificates.authority,
    minVersion: "TLSv1.2",
    // Asked for and not demanded: the gate decides who needs one.
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: limits.headMilliseconds,
  });
  const upgrader = serve(server, api, createTlsGate(token), limits, options.pods);
  await listen(server, { host: "127.0.0.1", port: options.port ?? 0, backlog: waitingConnections });
  return { port: (server.address() as AddressInfo).port, close: () => close(server, upgrader) };
}

function serverOptions(limits: Limits): ServerOptions {
  return {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headMilliseconds,
    requestTimeout: limits.requestMilliseconds,
    connectionsCheckingInterval: Math.min(5000, limits.headMilliseconds / 2),
    // Longer than Go's clients keep a connection idle, so that they end it and never find it ended.
    keepAliveTimeout: 120_000,
    // A peer that is there no more is found out.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    // The gate answers what lacks it with a `Status`.
    requireHostHeader: false,
  };
}

function serve(
  server: Server,
  api: ApiServer,
  gate: Gate,
  limits: Limits,
  pods: StreamPods | undefined,
): Upgrader {
  const room: Room = {
    body: limits.requestBytes,
    bodies: createBudget(limits.bodyBytes),
    answers: createBudget(limits.answerBytes),
  };
  let connections = 0;
  server.maxConnections = limits.connections + overflowConnections;
  server.maxHeadersCount = 100;
  server.on("connection", (socket) => {
    connections++;
    socket.once("close", () => connections--);
  });
  const admit: Gate = (request) => {
    if (connections <= limits.connections) return gate(request);
    throw tooManyRequests();
  };
  server.on("request", (request, response) => {
    void answer(api, request, response, admit, room, pods?.sockets);
  });
  const upgrader = createUpgrader({ api, pods, gate: admit, budget: room.answers });
  server.on("upgrade", upgrader.take);
  server.on("connect", (_, socket) => endWith(socket, methodNotAllowed()));
  server.on("clientError", answerMalformed);
  return upgrader;
}

/** What is left for bodies of requests and for answers; `body` is for one, in bytes. */
interface Room {
  readonly body: number;
  readonly bodies: Budget;
  readonly answers: Budget;
}

/** Answers one request; never rejects. */
async function answer(
  api: ApiServer,
  request: IncomingMessage,
  response: ServerResponse,
  gate: Gate,
  { body, bodies, answers }: Room,
  sockets: Sockets | undefined,
): Promise<void> {
  // A client that goes in the middle of an answer is no error of ours.
  response.on("error", () => {});
  try {
    const user = gate(request);
    const head = requestHead(request);
    const target = api.proxy?.({ ...head, user, body: new Uint8Array() });
    if (target) return await proxyRequest(target, request, response, sockets);
    const read = await withJsonBody({ ...head, user, body: await readBody(request, bodies, body) });
    const preparing = api.prepare?.(read);
    if (preparing) await preparing;
    const result = api.handle(read);
    if (!response.destroyed) sendResponse(response, result, answers);
  } catch (error) {
    if (response.headersSent || (request.destroyed && !request.complete)) {
      response.destroy();
      return;
    }
    if (error instanceof ApiError && error.code === 429) response.setHeader("connection", "close");
    if (!request.complete) await discardRest(request, response);
    if (!response.destroyed) sendResponse(response, errorResponse(error), answers);
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

function listen(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: Server, upgrader: Upgrader): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    upgrader.close();
  });
}
