import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { HttpGetAction } from "../../../model/core.ts";
import { errorCode, reasonOf } from "../errors.ts";
import { ConnectTimeout, machineSockets, type Sockets, secured } from "../sockets.ts";

/** As Go's client, which the kubelet uses, allows. */
const mostRedirects = 10;
const longestBody = 10 * 1024;

export type HttpAnswer =
  | { readonly status: number; readonly body: string; readonly redirectedAway?: string }
  | { readonly problem: string };

/**
 * One GET on a connection of its own, with the kubelet's rules: redirects are followed on the same host only, and
 * certificates are not verified. A failure is told in the words of Go's HTTP client.
 */
export async function httpGet(
  action: HttpGetAction,
  address: string,
  timeoutMilliseconds: number,
  sockets: Sockets = machineSockets,
): Promise<HttpAnswer> {
  const scheme = action.scheme === "HTTPS" ? "https" : "http";
  const host = action.host || address;
  const path = action.path?.startsWith("/") ? action.path : `/${action.path ?? ""}`;
  const first = `${scheme}://${host}:${action.port}${path}`;
  const deadline = Date.now() + timeoutMilliseconds;
  let url: URL;
  try {
    url = new URL(first);
  } catch {
    return { problem: `parse "${first}": invalid URL` };
  }
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const answer = await getOnce(url, action, Math.max(1, deadline - Date.now()), sockets);
    if ("problem" in answer) return answer;
    if (answer.location === undefined || ![301, 302, 303, 307, 308].includes(answer.status)) return answer;
    let next: URL;
    try {
      next = new URL(answer.location, url);
    } catch {
      return { problem: `Get "${url.href}": failed to parse Location header "${answer.location}"` };
    }
    if (next.hostname !== url.hostname)
      return { status: answer.status, body: answer.body, redirectedAway: next.href };
    url = next;
  }
  return { problem: `Get "${url.href}": stopped after ${mostRedirects} redirects` };
}

type OneAnswer = { status: number; body: string; location?: string } | { problem: string };

async function getOnce(
  url: URL,
  action: HttpGetAction,
  timeoutMilliseconds: number,
  sockets: Sockets,
): Promise<OneAnswer> {
  const startedAt = Date.now();
  let socket: Socket;
  try {
    socket = await connectTo(url, timeoutMilliseconds, sockets);
  } catch (error) {
    const why = error instanceof ConnectTimeout ? awaitingHeaders : connectionProblem(error as Error, url);
    return { problem: `Get "${url.href}": ${why}` };
  }
  const left = Math.max(1, timeoutMilliseconds - (Date.now() - startedAt));
  return ask(url, headersOf(action), left, socket);
}

/** TLS where the scheme asks for it, whoever the certificate is of. */
async function connectTo(url: URL, timeoutMilliseconds: number, sockets: Sockets): Promise<Socket> {
  // An IPv6 address stands in brackets there.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const socket = await sockets.connect(host, portOf(url), timeoutMilliseconds);
  return url.protocol === "https:" ? secured(socket, host) : socket;
}

const awaitingHeaders = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";

function headersOf(action: HttpGetAction): Record<string, string> {
  const headers: Record<string, string> = {
    "User-Agent": "kube-probe/1.36",
    Accept: "*/*",
    Connection: "close",
  };
  for (const { name, value } of action.httpHeaders ?? []) {
    for (const given of Object.keys(headers))
      if (given.toLowerCase() === name.toLowerCase()) delete headers[given];
    headers[name] = value;
  }
  return headers;
}

function ask(
  url: URL,
  headers: Record<string, string>,
  timeoutMilliseconds: number,
  socket: Socket,
): Promise<OneAnswer> {
  return new Promise((resolve) => {
    const fail = (why: string) => finish({ problem: `Get "${url.href}": ${why}` });
    let answered = false;
    let settled = false;
    const timer = setTimeout(
      () =>
        fail(
          answered
            ? "context deadline exceeded (Client.Timeout or context cancellation while reading body)"
            : awaitingHeaders,
        ),
      timeoutMilliseconds,
    );
    const finish = (answer: OneAnswer) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve(answer);
      request?.destroy();
      socket.destroy();
    };
    const options = { headers, method: "GET", createConnection: () => socket };
    const receive = (response: IncomingMessage) => {
      answered = true;
      let body = "";
      const { location } = response.headers;
      const done = () =>
        finish({ status: response.statusCode ?? 0, body, ...(location === undefined ? {} : { location }) });
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString("utf8");
        if (body.length >= longestBody) {
          body = body.slice(0, longestBody);
          done();
        }
      });
      response.once("end", done);
      response.once("error", (error) => fail(reasonOf(error)));
    };
    let request: ReturnType<typeof httpRequest> | undefined;
    try {
      // The connection is there, and encrypted where it has to be: plain HTTP goes through it.
      request = httpRequest(
        url.href.replace(/^https/, "http"),
        { ...options, port: portOf(url), defaultPort: defaultPortOf(url) },
        receive,
      );
      request.once("error", (error) => fail(connectionProblem(error, url)));
      request.end();
    } catch (error) {
      fail(reasonOf(error));
    }
  });
}

function connectionProblem(error: Error, url: URL): string {
  const { syscall } = error as NodeJS.ErrnoException;
  if (syscall === "connect") return `dial tcp ${url.hostname}:${portOf(url)}: connect: ${reasonOf(error)}`;
  if (errorCode(error) === "ECONNRESET") return "EOF";
  return reasonOf(error);
}

const defaultPortOf = (url: URL) => (url.protocol === "https:" ? 443 : 80);

const portOf = (url: URL) => Number(url.port || defaultPortOf(url));
