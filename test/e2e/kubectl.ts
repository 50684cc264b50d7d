import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Result, Running, until, Workspace } from "./harness.ts";

/**
 * The real kubectl, unmodified, on a cluster of real processes, with the file that `kdsl run --kubeconfig` writes.
 * `KUBECTL` names another one than that on the PATH; where there is none the tests that need it are skipped:
 * `describe.skipIf(!present)("kubectl get", …)`.
 */
export const kubectl = process.env.KUBECTL || "kubectl";

export const present = spawnSync(kubectl, ["version", "--client"], { stdio: "ignore" }).status === 0;
if (!present) console.warn("no kubectl on the PATH (KUBECTL names another one): its tests are skipped");

export interface Options {
  /** What kubectl reads from its standard input; else that is empty. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A cluster that runs, and the kubectl that is pointed at it. */
export interface Cluster {
  readonly workspace: Workspace;
  /** The `kdsl run` that holds the cluster. */
  readonly running: Running;
  readonly kubeconfig: string;
  /** Demands exit code 0; gives what was printed on standard output. */
  run(...args: string[]): Promise<string>;
  /** Demands any other exit code; gives what was printed on standard error. */
  fails(...args: string[]): Promise<string>;
  /** Runs `kubectl … -o json` and reads what it prints. */
  json<T>(...args: string[]): Promise<T>;
  /** Runs to the end, whatever that is. */
  result(args: readonly string[], options?: Options): Promise<Result>;
  /** For what does not end by itself (`get -w`, `proxy`, `port-forward`): `(await …).output(/…/)`, then `kill`. */
  start(args: readonly string[], options?: Options): Running;
  /** Runs again and again until the output matches; fails with the last output after a generous while. */
  until(pattern: RegExp, ...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/**
 * Runs a program of KDSL, and waits until all of it is ready. `files` lie beside it, by name. To be closed by the test.
 */
export async function openCluster(
  program: string,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const workspace = new Workspace();
  try {
    for (const [name, text] of Object.entries(files)) workspace.write(name, text);
    workspace.write("main.kdsl", program);
    const running = workspace.start(["run", "main.kdsl", "--kubeconfig", "kubeconfig", ...flags], { env });
    await running.output(/ready in/);
    return attach(workspace, running);
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

function attach(workspace: Workspace, running: Running): Cluster {
  const kubeconfig = join(workspace.directory, "kubeconfig");
  const started = new Set<Running>();
  const start = (args: readonly string[], { input, env }: Options = {}): Running => {
    const child = spawn(kubectl, ["--kubeconfig", kubeconfig, ...args], {
      cwd: workspace.directory,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      env: { ...process.env, HOME: workspace.directory, ...env },
    });
    child.stdin?.on("error", () => {}).end(input);
    const one = new Running(child, `kubectl ${args.join(" ")}`);
    started.add(one);
    void one.ended.finally(() => started.delete(one)).catch(() => {});
    return one;
  };
  const result = (args: readonly string[], options?: Options) => start(args, options).ended;
  const told = (args: readonly string[], { code, stdout, stderr }: Result) =>
    new Error(`kubectl ${args.join(" ")} gave ${code}\n${stdout}${stderr}`);
  const run = async (...args: string[]) => {
    const ended = await result(args);
    if (ended.code !== 0) throw told(args, ended);
    return ended.stdout;
  };
  return {
    workspace,
    running,
    kubeconfig,
    run,
    result,
    start,
    async fails(...args) {
      const ended = await result(args);
      if (ended.code === 0) throw told(args, ended);
      return ended.stderr;
    },
    async json(...args) {
      return JSON.parse(await run(...args, "-o", "json"));
    },
    async until(pattern, ...args) {
      let last = "";
      await until(
        async () => {
          const { stdout, stderr } = await result(args);
          last = stdout + stderr;
          return pattern.test(last);
        },
        `${pattern} of kubectl ${args.join(" ")}`,
      ).catch((error: Error) => {
        throw new Error(`${error.message}; the last was\n${last}`);
      });
      return last;
    },
    async close() {
      for (const one of started) one.kill("SIGKILL");
      await Promise.allSettled([...started].map((one) => one.ended));
      await workspace.close();
    },
  };
}
