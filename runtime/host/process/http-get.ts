import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { HttpGetAction } from "../../../model/core.ts";
import { errorCode, reasonOf } from "../errors.ts";

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
    const answer = await getOnce(url, action, Math.max(1, deadline - Date.now()));
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

function getOnce(url: URL, action: HttpGetAction, timeoutMilliseconds: number): Promise<OneAnswer> {
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
  return new Promise((resolve) => {
    const fail = (why: string) => finish({ problem: `Get "${url.href}": ${why}` });
    let answered = false;
    let settled = false;
    const timer = setTimeout(
      () =>
        fail(
          answered
            ? "context deadline exceeded (Client.Timeout or context cancellation while reading body)"
            : "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        ),
      timeoutMilliseconds,
    );
    const finish = (answer: OneAnswer) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve(answer);
      request?.destroy();
    };
    const options = { headers, agent: false as const, method: "GET" };
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
      request =
        url.protocol === "https:"
          ? httpsRequest(url, { ...options, rejectUnauthorized: false }, receive)
          : httpRequest(url, options, receive);
      request.once("error", (error) => fail(connectionProblem(error, url)));
      request.end();
    } catch (error) {
      fail(reasonOf(error));
    }
  });
}

function connectionProblem(error: Error, url: URL): string {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const { syscall } = error as NodeJS.ErrnoException;
  if (syscall === "connect") return `dial tcp ${url.hostname}:${port}: connect: ${reasonOf(error)}`;
  if (errorCode(error) === "ECONNRESET") return "EOF";
  return reasonOf(error);
}
