import { internalError } from "../../apiserver/status.ts";
import type { CommandConnection } from "../../apiserver/streams/connect.ts";
import { exitOutcome, failureOutcome, type Outcome } from "../../apiserver/streams/outcome.ts";
import type { ContainerProcess } from "../process/container.ts";
import { drained, type Exec, ExecError, startExec } from "../process/exec.ts";
import type { CommandStreams } from "./command-streams.ts";

/** What the kubelet says where a container does not run. */
export function notFoundText({ container }: CommandConnection): string {
  return `container not found (${JSON.stringify(container)})`;
}

/** Runs what a client asked for on its streams, to the end of either. */
export async function runCommand(
  connection: CommandConnection,
  container: ContainerProcess | undefined,
  streams: CommandStreams,
): Promise<void> {
  if (!container) {
    const message = `unable to upgrade connection: ${notFoundText(connection)}`;
    return streams.finish(failureOutcome(internalError(new Error(message))));
  }
  if (connection.type === "attach") return attach(container, streams);
  await streams.finish(await exec(connection, container, streams));
}

async function attach({ console }: ContainerProcess, streams: CommandStreams): Promise<void> {
  const { resize } = console;
  if (resize) streams.onResize(resize);
  await console.attach(streams);
  // How the program ended is in the pod's status, where kubectl looks for it.
  await streams.finish(exitOutcome(0));
}

async function exec(
  connection: CommandConnection,
  container: ContainerProcess,
  streams: CommandStreams,
): Promise<Outcome> {
  const { stdin, stdout, stderr, signal } = streams;
  let running: Exec;
  try {
    const { command, tty } = connection;
    running = await startExec(container, { command, tty, stdin: connection.stdin });
  } catch (error) {
    if (!(error instanceof ExecError) || error.exitCode === undefined)
      return failureOutcome(internalError(error));
    // As Docker does: the cause is printed, and the exit code is the one that a shell would give.
    (stderr ?? stdout)?.write(`${error.message}: unknown\r\n`);
    return exitOutcome(error.exitCode);
  }
  const { program, kill } = running;
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  if (program.resize) streams.onResize(program.resize);
  if (stdin && program.stdin) stdin.pipe(program.stdin, { end: !connection.tty });
  if (stdout) program.stdout.pipe(stdout, { end: false });
  else program.stdout.resume();
  if (stderr) program.stderr?.pipe(stderr, { end: false });
  else program.stderr?.resume();
  const [{ code }] = await Promise.all([running.ended, Promise.race([drained(program), gone(signal)])]);
  signal.removeEventListener("abort", kill);
  program.stdout.destroy();
  program.stderr?.destroy();
  return exitOutcome(code);
}

function gone(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
