import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ProxyTarget } from "../../apiserver/streams/proxy.ts";
import { ApiError } from "../../client/client.ts";
import { reasonOf } from "../errors.ts";

/** Headers of one hop (RFC 9110, 7.6.1; `Connection` may name more), and those that are for the API alone. */
const ownHeaders =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|authorization|host|impersonate-.*)$/;

/**
 * Sends a request on to a program and its answer back, both as they come. Rejects with `ApiError` 503 where the program
 * cannot be reached; an answer that breaks off is broken off here, too.
 */
export function proxyRequest(
  target: ProxyTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const query = /\?.*$/.exec(request.url ?? "")?.[0] ?? "";
  if (target.path === "" && (request.method === "GET" || request.method === "HEAD")) {
    response.writeHead(301, { location: `${target.prefix}/${query}`, "content-length": 0 }).end();
    return Promise.resolve();
  }
  const { host, port } = target.addresses[Math.floor(Math.random() * target.addresses.length)]!;
  const send = target.scheme === "https" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send({
      host,
      port,
      method: request.method ?? "GET",
      path: `${target.path || "/"}${query}`,
      headers: headersOf(request),
      agent: false,
      // As Kubernetes' own: whose certificate it is does not matter, the address does.
      rejectUnauthorized: false,
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
      const message = `error trying to reach service: dial tcp ${host}:${port}: connect: ${reasonOf(error)}`;
      reject(new ApiError(503, "ServiceUnavailable", message));
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
