import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ProxyTarget } from "../../apiserver/streams/proxy.ts";
import { ApiError } from "../../client/client.ts";
import { reasonOf } from "../errors.ts";
import { dialProblem } from "../process/tcp-connect.ts";
import { machineSockets, type Sockets, secured } from "../sockets.ts";

/** Headers of one hop (RFC 9110, 7.6.1; `Connection` may name more), and those that are for the API alone. */
const ownHeaders =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|authorization|host|impersonate-.*)$/;

/** As long as the API server waits for a connection. */
const dialMilliseconds = 30_000;

/**
 * Sends a request on to a program and its answer back, both as they come. Rejects with `ApiError` 503 where the program
 * cannot be reached; an answer that breaks off is broken off here, too.
 */
export async function proxyRequest(
  target: ProxyTarget,
  request: IncomingMessage,
  response: ServerResponse,
  sockets: Sockets = machineSockets,
): Promise<void> {
  const query = /\?.*$/.exec(request.url ?? "")?.[0] ?? "";
  if (target.path === "" && (request.method === "GET" || request.method === "HEAD")) {
    response.writeHead(301, { location: `${target.prefix}/${query}`, "content-length": 0 }).end();
    return;
  }
  const { host, port } = target.addresses[Math.floor(Math.random() * target.addresses.length)]!;
  const unreachable = (problem: string) =>
    new ApiError(
      503,
      "ServiceUnavailable",
      `error trying to reach service: dial tcp ${host}:${port}: ${problem}`,
    );
  let socket: Socket;
  try {
    socket = await sockets.connect(host, port, dialMilliseconds);
  } catch (error) {
    throw unreachable(dialProblem(error));
  }
  // Nobody waits for the answer any more.
  if (response.destroyed) return void socket.destroy();
  // As Kubernetes' own: whose certificate it is does not matter, the address does.
  const connection = target.scheme === "https" ? secured(socket, host) : socket;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      host,
      port,
      method: request.method ?? "GET",
      path: `${target.path || "/"}${query}`,
      headers: headersOf(request),
      defaultPort: target.scheme === "https" ? 443 : 80,
      createConnection: () => connection,
    });
    outgoing.once("response", (answer) => {
      const headers = Object.fromEntries(
        Object.entries(answer.headers).filter(
          ([name, value]) => value !== undefined && !ownHeaders.test(name),
        ),
      );
      const { location } = answer.headers;
      if (location?.startsWith("/") && !location.startsWith("//"))
        headers.location = target.prefix + location;
      response.writeHead(answer.statusCode ?? 502, headers);
      answer.pipe(response);
      answer.once("close", () => {
        if (!answer.complete) response.destroy();
        resolve();
      });
    });
    outgoing.once("error", (error) => {
      if (response.headersSent) response.destroy();
      reject(unreachable(`connect: ${reasonOf(error)}`));
    });
    response.once("close", () => outgoing.destroy());
    request.pipe(outgoing);
  });
}

function headersOf(request: IncomingMessage): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const named = (request.headers.connection ?? "")
    .split(",")
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== "content-length");
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined && !ownHeaders.test(name) && !named.includes(name)) headers[name] = value;
  return {
    ...headers,
    // Node would send the body of a GET or a DELETE without saying where it ends: it would be the next request.
    ...(request.headers["transfer-encoding"] !== undefined && { "transfer-encoding": "chunked" }),
    "x-forwarded-uri": request.url ?? "/",
    "x-forwarded-host": request.headers.host ?? "",
  };
}
