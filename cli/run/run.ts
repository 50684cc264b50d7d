import { spawn } from "node:child_process";
import { constants } from "node:os";
import { resolve } from "node:path";
import type { Plan } from "../../model/plan.ts";
import type { ApplyResult, SecretReader } from "../../runtime/apply.ts";
import { hasColor } from "../color.ts";
import {
  type Compiled,
  type CompileFlags,
  compileInput,
  countDiagnostics,
  showDiagnostics,
} from "../compile-file.ts";
import { CommandError, exitCodes } from "../error.ts";
import { buildAll } from "./build.ts";
import { detach, detachedParent } from "./detach.ts";
import { failedLogs } from "./failures.ts";
import { liveView } from "./live.ts";
import { type RunOptions, requireSecrets, secretReader, timeoutMilliseconds } from "./options.ts";
import { plainProgress, serviceLines } from "./plain.ts";
import { serviceVariables } from "./progress.ts";
import { hostRefusal, type Session, startSession } from "./session.ts";
import { watchPlan } from "./watch.ts";

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

  if (options.watch && path === "-")
    throw new CommandError("--watch follows files, and standard input is none", exitCodes.usage);

  let compiled = await compileOrReport(path, options);
  const { plan } = compiled;
  if (!plan) return exitCodes.failure;
  if (plan.objects.length === 0)
    throw new CommandError(
      `${path} declares nothing to run`,
      exitCodes.failure,
      "kdsl init makes a first file that runs",
    );
  const readSecret = secretReader(options.envFile, () => compiled.secretValues);
  requireSecrets(plan, readSecret);
  await buildAll(plan);

  const parent = detachedParent();
  const terminal = !parent && !options.wait && process.stdout.isTTY === true && process.env.TERM !== "dumb";
  // With --wait standard output belongs to the command.
  let say = (line: string) => (options.wait ? console.error(line) : console.log(line));
  if (parent) say = parent.say;

  const session = await startSession({
    plan,
    file: path === "-" ? resolve(path) : path,
    readSecret,
    say,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    isolate: options.isolate ?? false,
    applyPlan: (running) => (next, secretValues) => {
      const before = compiled;
      compiled = { ...compiled, ...(secretValues && { secretValues }) };
      const obstacle = refusal(next, path, readSecret) ?? hostRefusal(running.host, next);
      if (obstacle !== undefined) {
        compiled = before;
        throw new CommandError(obstacle);
      }
      const result = running.cluster.apply(next, { enforce: true });
      say(appliedText(result));
      return result;
    },
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
        watchHandlers({
          path,
          session,
          readSecret,
          compile: async () => {
            const next = await compileInput(path, options);
            if (next.plan) compiled = next;
            return next;
          },
          say: (line) => say(line),
        }),
      )
    : undefined;

  const finish = async (code: number) => {
    stopped.finished();
    view?.close();
    stopPlain();
    await watching?.close();
    await session.close({ graceful: true });
    stopped.leave();
    return code;
  };
  try {
    const ready = session.untilReady(timeout);
    if (options.wait) {
      const outcome = await Promise.race([ready.then(() => "ready" as const), stopped.promise]);
      if (outcome !== "ready") return await finish(outcome);
      const code = await runCommand(
        [...session.host.within, ...command],
        { ...process.env, ...serviceVariables(cluster.client, cluster.network) },
        stopped.pass,
      );
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

/** Compiles and shows what there is to say; without a plan when it is an error. */
async function compileOrReport(path: string, flags: CompileFlags): Promise<Compiled> {
  const compiled = await compileInput(path, flags);
  const { plan, diagnostics } = compiled;
  const parent = detachedParent();
  const text =
    diagnostics.length > 0 ? showDiagnostics(diagnostics, "text", hasColor(process.stderr) && !parent) : "";
  if (text) parent ? parent.say(text.trimEnd()) : process.stderr.write(text);
  if (!plan) {
    const summary = countDiagnostics(diagnostics);
    parent ? parent.say(summary) : console.error(summary);
  }
  return compiled;
}

interface Signalled {
  readonly promise: Promise<number>;
  /** From now on a signal is a second one, which hurries the end. */
  readonly finished: () => void;
  /** Where else signals go: to the command of `--wait`; each after the first as SIGKILL. */
  readonly pass: (to: (signal: NodeJS.Signals) => void) => void;
  /**
   * When all is taken down: where the terminal is gone, ends this process by the signal that said so. An ordinary exit
   * would restore the terminal's modes, and Node aborts with a core dump when it cannot.
   */
  readonly leave: () => void;
}

/** The exit code that a signal asks for: an orderly end by Ctrl-C, a closed terminal or `kdsl stop` is no failure. */
function untilSignalled(session: Session): Signalled {
  let resolvePromise: (code: number) => void = () => {};
  const promise = new Promise<number>((done) => {
    resolvePromise = done;
  });
  let count = 0;
  let hungUp = false;
  let hear: (signal: NodeJS.Signals) => void = () => {};
  const onSignal = (signal: NodeJS.Signals) => {
    count++;
    hungUp ||= signal === "SIGHUP";
    hear(count > 1 ? "SIGKILL" : signal);
    if (count > 1) void session.close({ graceful: false });
    resolvePromise(exitCodes.success);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  // A terminal that is gone must not end us before everything is taken down.
  for (const stream of [process.stdout, process.stderr])
    stream.removeAllListeners("error").on("error", () => {});
  return {
    promise,
    finished: () => {
      count = Math.max(count, 1);
    },
    pass: (to) => {
      hear = to;
    },
    leave: () => {
      if (!hungUp || !(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY)) return;
      process.removeAllListeners("SIGHUP");
      process.kill(process.pid, "SIGHUP");
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

interface WatchContext {
  readonly path: string;
  readonly session: Session;
  readonly readSecret: SecretReader;
  readonly compile: () => Promise<Compiled>;
  readonly say: (line: string) => void;
}

/** Why an edit is not applied: what a start would refuse too. An empty file is one that is just being saved. */
function refusal(plan: Plan, path: string, readSecret: SecretReader): string | undefined {
  if (plan.objects.length === 0) return `${path} declares nothing to run`;
  try {
    requireSecrets(plan, readSecret);
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.help ? `${error.message}\n  help: ${error.help}` : error.message;
  }
}

function watchHandlers({ path, session, readSecret, compile, say }: WatchContext) {
  return {
    sourcesChanged: async () => {
      const current = session.cluster.plan!;
      const { plan, diagnostics } = await compile();
      if (diagnostics.length > 0)
        say(showDiagnostics(diagnostics, "text", hasColor(process.stdout)).trimEnd());
      if (!plan) {
        say(`${countDiagnostics(diagnostics)}; the cluster stays as it is`);
        return current;
      }
      const obstacle = refusal(plan, path, readSecret) ?? hostRefusal(session.host, plan);
      if (obstacle !== undefined) {
        say(`${obstacle}\nthe cluster stays as it is`);
        return current;
      }
      say(appliedText(session.cluster.apply(plan)));
      return plan;
    },
    restart: (owner: string, container: string) => void session.cluster.restartContainers(owner, container),
    say,
  };
}

/** What an application did, an object a word. */
export function appliedText({ created, updated, deleted, held, refused }: ApplyResult): string {
  const changes = [
    ...created.map((key) => `+ ${key}`),
    ...updated.map((key) => `~ ${key}`),
    ...deleted.map((key) => `- ${key}`),
    ...held.map((key) => `… ${key}`),
  ];
  return [
    ...refused.map(({ key, message }) => `${key} was refused: ${message}`),
    changes.length > 0 ? `applied: ${changes.join(", ")}` : "nothing in the cluster changes",
  ].join("\n");
}

/** Runs the command with this terminal; its exit code, 128 + the signal's number where one ended it. */
function runCommand(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  passSignals: Signalled["pass"],
): Promise<number> {
  const [program = "", ...args] = command;
  return new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: "inherit", env });
    // Ctrl-C in a terminal reaches the command by itself; a second SIGINT would cut its own tidying short.
    passSignals((signal) => signal !== "SIGINT" && child.kill(signal));
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
