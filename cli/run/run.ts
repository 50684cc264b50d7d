import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Plan } from "../../model/plan.ts";
import { compileFile, countDiagnostics, parseSet, showDiagnostics } from "../compile-file.ts";
import { CommandError, exitCodes } from "../error.ts";
import { detach, detachedParent } from "./detach.ts";
import { failedLogs } from "./failures.ts";
import { liveView } from "./live.ts";
import { type RunOptions, requireSecrets, secretReader, timeoutMilliseconds } from "./options.ts";
import { plainProgress, serviceLines } from "./plain.ts";
import { serviceVariables } from "./progress.ts";
import { type Session, startSession } from "./session.ts";
import { runBuild, watchPlan } from "./watch.ts";

/** `kdsl run FILE`: runs until it is stopped, or until COMMAND has ended. Gives the exit code. */
export async function run(path: string, options: RunOptions, command: readonly string[]): Promise<number> {
  const startedAt = Date.now();
  if (options.wait && command.length === 0) {
    throw new CommandError("--wait needs a command: kdsl run FILE --wait -- COMMAND", exitCodes.usage);
  }
  if (!options.wait && command.length > 0) {
    throw new CommandError(
      "a command after -- needs --wait: kdsl run FILE --wait -- COMMAND",
      exitCodes.usage,
    );
  }
  if (options.detach && options.wait)
    throw new CommandError("--detach and --wait exclude each other", exitCodes.usage);
  const timeout = timeoutMilliseconds(options.timeout);
  if (options.detach) return detach(timeout);

  const set = parseSet(options.set);
  const plan = compileOrReport(path, set);
  if (!plan) return exitCodes.failure;
  if (plan.objects.length === 0)
    throw new CommandError(
      `${path} declares nothing to run`,
      exitCodes.failure,
      "kdsl init makes a first file that runs",
    );
  const readSecret = secretReader(options.envFile);
  requireSecrets(plan, readSecret);
  await buildAll(plan);

  const parent = detachedParent();
  const terminal = !parent && !options.wait && process.stdout.isTTY === true && process.env.TERM !== "dumb";
  // With --wait standard output belongs to the command.
  let say = (line: string) => (options.wait ? console.error(line) : console.log(line));
  if (parent) say = parent.say;

  const session = await startSession({
    plan,
    file: path,
    readSecret,
    say,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
  });
  const stopped = untilSignalled(session);
  const { cluster } = session;
  const view = terminal
    ? liveView(cluster, screenOf(process.stdout), { title: plan.name, startedAt })
    : undefined;
  if (view) say = view.note;
  const stopPlain = view ? () => {} : plainProgress(cluster, say);
  const watching = options.watch
    ? watchPlan(
        plan,
        process.cwd(),
        watchHandlers(path, set, session, (line) => say(line)),
      )
    : undefined;

  const finish = async (code: number) => {
    stopped.finished();
    view?.close();
    stopPlain();
    await watching?.close();
    await session.close({ graceful: true });
    return code;
  };
  try {
    const ready = session.untilReady(timeout);
    if (options.wait) {
      const outcome = await Promise.race([ready.then(() => "ready" as const), stopped.promise]);
      if (outcome !== "ready") return await finish(outcome);
      const code = await runCommand(command, {
        ...process.env,
        ...serviceVariables(cluster.client, cluster.network),
      });
      if (code !== 0) for (const line of await failedLogs(session)) console.error(line);
      return await finish(code);
    }
    ready.then(
      () => {
        const lines = [
          ...serviceLines(cluster),
          `ready in ${((Date.now() - startedAt) / 1000).toFixed(2)} s`,
        ];
        if (!view) for (const line of lines) say(line);
        parent?.ready();
      },
      (error: Error) => {
        if (!view) say(error.message);
        parent?.failed(error.message);
      },
    );
    return await finish(await stopped.promise);
  } catch (error) {
    try {
      for (const line of await failedLogs(session)) console.error(line);
    } finally {
      await finish(exitCodes.failure);
    }
    throw error;
  }
}

/** Compiles and shows what there is to say; undefined when it is an error. */
function compileOrReport(path: string, set: Record<string, string>): Plan | undefined {
  const { plan, diagnostics } = compileFile(path, set);
  const parent = detachedParent();
  const text =
    diagnostics.length > 0
      ? showDiagnostics(diagnostics, "text", process.stderr.isTTY === true && !parent)
      : "";
  if (text) parent ? parent.say(text.trimEnd()) : process.stderr.write(text);
  if (!plan) {
    const summary = countDiagnostics(diagnostics);
    parent ? parent.say(summary) : console.error(summary);
  }
  return plan;
}

/** Runs the builds of all containers that have one, each once. */
async function buildAll(plan: Plan): Promise<void> {
  const builds = new Map<string, { command: readonly string[]; directory: string; container: string }>();
  for (const containers of Object.values(plan.local)) {
    for (const [container, { build, directory }] of Object.entries(containers)) {
      if (build?.length)
        builds.set(JSON.stringify([directory, build]), { command: build, directory, container });
    }
  }
  await Promise.all(
    [...builds.values()].map(async ({ command, directory, container }) => {
      const { code, output } = await runBuild(command, directory);
      if (code !== 0)
        throw new CommandError(
          `the build of ${container} failed: ${command.join(" ")} (exit code ${code})\n${output.trimEnd()}`,
        );
    }),
  );
}

/** The exit code that a signal asks for: an orderly end by Ctrl-C, a closed terminal or `kdsl stop` is no failure. */
function untilSignalled(session: Session): { promise: Promise<number>; finished: () => void } {
  let resolvePromise: (code: number) => void = () => {};
  const promise = new Promise<number>((done) => {
    resolvePromise = done;
  });
  let count = 0;
  const onSignal = () => {
    count++;
    if (count > 1) void session.close({ graceful: false });
    resolvePromise(exitCodes.success);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  // A terminal that is gone must not end us before everything is taken down.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  return {
    promise,
    finished: () => {
      count = Math.max(count, 1);
    },
  };
}

function screenOf(stream: NodeJS.WriteStream) {
  return {
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    write: (text: string) => void stream.write(text),
  };
}

function watchHandlers(
  path: string,
  set: Record<string, string>,
  session: Session,
  say: (line: string) => void,
) {
  return {
    sourcesChanged: async () => {
      const current = session.cluster.plan!;
      const { plan, diagnostics } = compileFile(path, set);
      if (diagnostics.length > 0)
        say(showDiagnostics(diagnostics, "text", process.stdout.isTTY === true).trimEnd());
      if (!plan) {
        say(`${countDiagnostics(diagnostics)}; the cluster stays as it is`);
        return current;
      }
      const { created, updated, deleted, held, refused } = session.cluster.apply(plan);
      for (const { key, message } of refused) say(`${key} was refused: ${message}`);
      const changes = [
        ...created.map((key) => `+ ${key}`),
        ...updated.map((key) => `~ ${key}`),
        ...deleted.map((key) => `- ${key}`),
        ...held.map((key) => `… ${key}`),
      ];
      say(changes.length > 0 ? `applied: ${changes.join(", ")}` : "nothing in the cluster changes");
      return plan;
    },
    restart: (owner: string, container: string) => void session.cluster.restartContainers(owner, container),
    say,
  };
}

/** Runs the command with this terminal; its exit code, 128 + the signal's number where one ended it. */
function runCommand(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [program = "", ...args] = command;
  return new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: "inherit", env });
    child.on("error", (error: NodeJS.ErrnoException) => {
      // A folder of the PATH that may not be read answers EACCES for what it need not even hold.
      const absent = error.code === "ENOENT" || (error.code === "EACCES" && !program.includes("/"));
      fail(
        new CommandError(
          absent ? `there is no command ${program}` : `cannot run ${program}: ${error.message}`,
        ),
      );
    });
    child.on("close", (code, signal) => done(code ?? 128 + (signal ? constants.signals[signal] : 1)));
  });
}
