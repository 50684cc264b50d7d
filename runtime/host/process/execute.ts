import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { reasonOf } from "../errors.ts";
import { signal } from "../processes.ts";
import type { ContainerProcess } from "./container.ts";
import { ViewError } from "./view.ts";

/** Kubernetes keeps so much of a probe's output. */
const longestOutput = 10 * 1024;

export type Execution =
  | { readonly type: "exited"; readonly exitCode: number; readonly output: string }
  | { readonly type: "timedOut"; readonly output: string }
  /** It could not be run at all. */
  | { readonly type: "error"; readonly message: string };

/** Runs a command as the container's own programs see the world; stdout and stderr come together, the first 10 KiB. */
export function execute(
  container: ContainerProcess,
  command: readonly string[],
  timeoutMilliseconds?: number,
): Promise<Execution> {
  let child: ChildProcess;
  try {
    const launch = container.view.launch(command);
    child = spawn(launch.file, launch.args, {
      argv0: launch.argv0,
      cwd: launch.cwd,
      env: launch.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", launch.reports ? "pipe" : "ignore"],
    });
  } catch (error) {
    return Promise.resolve({
      type: "error",
      message: error instanceof ViewError ? error.message : reasonOf(error),
    });
  }
  const { pid } = child;
  if (pid !== undefined) container.guests.add(pid);
  return new Promise((resolve) => {
    let output = "";
    let report = "";
    let timedOut = false;
    let exitCode = 0;
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        if (output.length < longestOutput) output = (output + chunk.toString("utf8")).slice(0, longestOutput);
      });
    (child.stdio[3] as Readable | null)?.on("data", (chunk: Buffer) => {
      report = (report + chunk.toString("utf8")).slice(-4096);
    });
    const timer =
      timeoutMilliseconds === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            if (pid !== undefined) signal(-pid, "SIGKILL");
          }, timeoutMilliseconds);
    const finish = (result: Execution) => {
      clearTimeout(timer);
      if (pid !== undefined) container.guests.delete(pid);
      for (const stream of child.stdio) stream?.destroy();
      resolve(result);
    };
    child.once("error", (error) => finish({ type: "error", message: reasonOf(error) }));
    child.once("exit", (code) => {
      exitCode = code ?? 137;
      // What it left running in its group goes with it; that also ends the output.
      if (pid !== undefined) signal(-pid, "SIGKILL");
    });
    child.once("close", () => {
      if (timedOut) finish({ type: "timedOut", output });
      else if (exitCode === 125 && report !== "" && !report.endsWith("ok\n"))
        finish({ type: "error", message: report.trim() });
      else finish({ type: "exited", exitCode, output });
    });
  });
}
