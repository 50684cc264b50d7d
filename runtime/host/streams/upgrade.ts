import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ApiResponse } from "../../apiserver/http.ts";
import { type ApiServer, errorResponse } from "../../apiserver/server.ts";
import { badRequest, notImplemented, tooManyRequests } from "../../apiserver/status.ts";
import { ApiError } from "../../client/client.ts";
import type { Budget } from "../budget.ts";
import type { Gate } from "../gate.ts";
import { requestHead } from "../http-request.ts";
import { sendResponse } from "../http-response.ts";
import type { StreamPods } from "./pods.ts";

/** Takes over connections whose requests ask for another protocol, until it is closed. */
export interface Upgrader {
  /** A listener for the `upgrade` events of `node:http`. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends all streams. */
  close(): void;
}

export interface UpgraderOptions {
  readonly api: ApiServer;
  /** Absent where none run on this machine: then a request for streams is refused. */
  readonly pods: StreamPods | undefined;
  readonly gate: Gate;
  readonly budget: Budget;
}

/** Commands and port-forwards at one time; each may hold a process and some hundred kilobytes. */
const mostConnections = 256;

export function createUpgrader({ api, pods, gate, budget }: UpgraderOptions): Upgrader {
  const sockets = new Set<Duplex>();

  async function take(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const answer = (response: ApiResponse) => answerPlainly(request, socket, response, budget);
    try {
      const asked = { ...requestHead(request), user: gate(request), body: new Uint8Array() };
      if (hasBody(request)) throw badRequest("a request for another protocol must not have a body");
      const connection = api.connect?.(asked);
      if (!connection) {
        // A protocol that a path does not have may be passed over (RFC 9110, 7.8).
        await api.prepare?.(asked);
        return answer(api.handle(asked));
      }
      if (!pods) throw notImplemented(`${connection.type} needs pods that run on this machine`);
      if (sockets.size >= mostConnections) throw tooManyRequests();
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      // Loaded with the first stream: most clusters never have one.
      const { openStreams } = await import("./open.ts");
      await openStreams({ request, socket, head, connection, pods, answer });
    } catch (error) {
      if (error instanceof ApiError) answer(errorResponse(error));
      else socket.destroy();
    }
  }

  return {
    take(request, socket, head) {
      // A client that goes is no error of ours; and no time limit of HTTP holds any longer.
      socket.on("error", () => {});
      (socket as Socket).setTimeout(0).setNoDelay();
      void take(request, socket, head);
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** What a request carries is not read here; without it, it might ask for more than was meant (`dryRun` of a deletion). */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** How long a client may take to end its side of a connection that was answered. */
const farewellMilliseconds = 1000;

/** Answers in plain HTTP on a connection that the HTTP server has let go, and ends it. */
function answerPlainly(request: IncomingMessage, socket: Duplex, answer: ApiResponse, budget: Budget): void {
  const response = new ServerResponse(request);
  response.on("error", () => {});
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once("finish", () => {
    socket.end();
    // Its end is not seen unless it is read; and who asks without a credential must not hold a connection for good.
    socket.resume();
    setTimeout(() => socket.destroy(), farewellMilliseconds).unref();
  });
  sendResponse(response, answer, budget);
}
