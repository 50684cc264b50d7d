import type { Handler } from "../../../model/core.ts";
import type { Sockets } from "../sockets.ts";
import type { ContainerProcess } from "./container.ts";
import { execute } from "./execute.ts";
import { grpcCheck } from "./grpc-check.ts";
import { httpGet } from "./http-get.ts";
import { tcpConnect } from "./tcp-connect.ts";

export interface ProbeOutcome {
  readonly outcome: "success" | "failure" | "error";
  readonly output: string;
}

/** Runs a probe once, with the outcomes and texts of the kubelet's (`pkg/probe/{exec,grpc,http,tcp}`). */
export async function runProbe(
  action: Handler,
  address: string,
  timeoutMilliseconds: number,
  container: ContainerProcess | undefined,
  sockets: Sockets,
): Promise<ProbeOutcome> {
  if (action.exec) {
    if (!container) return { outcome: "error", output: "the container is not running" };
    const done = await execute(container, action.exec.command, timeoutMilliseconds);
    switch (done.type) {
      case "error":
        return { outcome: "error", output: done.message };
      case "timedOut":
        return {
          outcome: "failure",
          output: `command ${quoted(action.exec.command)} timed out after ${timeoutMilliseconds / 1000}s`,
        };
      case "exited":
        return { outcome: done.exitCode === 0 ? "success" : "failure", output: done.output };
    }
  }
  if (action.httpGet) {
    const answer = await httpGet(action.httpGet, address, timeoutMilliseconds, sockets);
    if ("problem" in answer) return { outcome: "failure", output: answer.problem };
    // A redirect to elsewhere counts as an answer.
    if (answer.redirectedAway !== undefined)
      return {
        outcome: "success",
        output: `Probe terminated redirects, Response body: ${answer.body}`,
      };
    if (answer.status >= 200 && answer.status < 400) return { outcome: "success", output: answer.body };
    return { outcome: "failure", output: `HTTP probe failed with statuscode: ${answer.status}` };
  }
  if (action.tcpSocket) {
    const { host, port } = action.tcpSocket;
    const problem = await tcpConnect(host || address, Number(port), timeoutMilliseconds, sockets);
    return problem === undefined
      ? { outcome: "success", output: "" }
      : { outcome: "failure", output: problem };
  }
  if (action.grpc) {
    const { port, service = "" } = action.grpc;
    const { ok, output } = await grpcCheck(address, port, service, timeoutMilliseconds, sockets);
    return { outcome: ok ? "success" : "failure", output };
  }
  return { outcome: "error", output: "the probe has no handler" };
}

/** A hook of its own accord ends when the container does; a request that nobody answers ends here. */
const hookRequestMilliseconds = 30_000;

/** Runs a life-cycle hook. Of an HTTP hook any answer will do, as in Kubernetes. */
export async function runHook(
  action: Handler,
  address: string,
  container: ContainerProcess | undefined,
  sockets: Sockets,
): Promise<{ ok: boolean; output: string }> {
  if (action.exec) {
    if (!container) return { ok: false, output: "the container is not running" };
    const done = await execute(container, action.exec.command);
    if (done.type === "error") return { ok: false, output: done.message };
    if (done.type === "exited" && done.exitCode === 0) return { ok: true, output: done.output };
    const code = done.type === "exited" ? done.exitCode : 137;
    const said = done.output.trim();
    return {
      ok: false,
      output: `command ${quoted(action.exec.command)} exited with ${code}${said && `: ${said}`}`,
    };
  }
  if (action.httpGet) {
    const answer = await httpGet(action.httpGet, address, hookRequestMilliseconds, sockets);
    return "problem" in answer ? { ok: false, output: answer.problem } : { ok: true, output: answer.body };
  }
  if (action.tcpSocket) {
    const { host, port } = action.tcpSocket;
    const problem = await tcpConnect(host || address, Number(port), hookRequestMilliseconds, sockets);
    return { ok: problem === undefined, output: problem ?? "" };
  }
  return { ok: false, output: "the hook has no handler" };
}

function quoted(command: readonly string[]): string {
  return JSON.stringify(command.join(" "));
}
