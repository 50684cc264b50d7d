import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { StartContainer } from "../../environment.ts";
import { findExecutable, type UnusableExecutable } from "./executable.ts";
import { type BindMount, planMounts } from "./mounts.ts";
import { enterNamespace, type NamespaceTools } from "./namespace.ts";
import type { Sandbox } from "./sandbox.ts";
import { containerVariables } from "./variables.ts";
import { subPath } from "./volumes.ts";

/** What to hand to `spawn`. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly argv0: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Descriptor 3 will tell how the preparation went. */
  readonly reports: boolean;
  /** It waits for a line on descriptor 4 before the program begins. */
  readonly gate: boolean;
  /** A shell stands between, which tells of a signal that ended the program as shells do: 128 and its number. */
  readonly relayed?: boolean;
}

/** A container as its programs see the world: how to run a command in it. */
export interface View {
  /** Throws `ViewError` where there is no such program. With `gate` it waits to be let in, if it needs to be prepared at all. */
  launch(command: readonly string[], gate?: boolean): Launch;
}

/** `reason` as in Kubernetes' `waiting.reason`. */
export class ViewError extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = "ViewError";
    this.reason = reason;
  }
}

/** A command's program is not there, or cannot be run. */
export class ExecutableError extends ViewError {
  readonly executable: UnusableExecutable;

  constructor(executable: UnusableExecutable) {
    super("RunContainerError", executable.problem);
    this.executable = executable;
  }
}

export interface ViewOptions {
  readonly clusterId: string;
  /** Absent: the program sees this machine as it is. */
  readonly tools: NamespaceTools | undefined;
  /** The environment of the caller, of which the container gets a part. */
  readonly caller: NodeJS.ProcessEnv;
}

/** Lays out what one instance of a container sees: directory, volumes, environment. Throws `ViewError`. */
export async function createView(
  command: StartContainer,
  sandbox: Sandbox,
  options: ViewOptions,
): Promise<View> {
  const { tools } = options;
  const mounts = await resolveMounts(command, sandbox);
  const volumes = new Map(mounts.map((each) => [each.volume, tools ? each.target : each.source]));
  const env = containerVariables(command, options.clusterId, volumes, options.caller);
  const toHost = tools ? (path: string) => hostPathOf(path, mounts) : (path: string) => path;
  const directory = command.directory ?? scratch(sandbox, command.container);
  checkDirectory(directory, toHost(directory));
  const program = (argv: readonly string[]) => {
    const found = findExecutable(argv[0] ?? "", directory, env.PATH ?? "", toHost);
    if ("problem" in found) throw new ExecutableError(found);
    return found.path;
  };
  if (!tools) {
    return {
      launch: (argv) => ({
        file: program(argv),
        args: argv.slice(1),
        argv0: argv[0] ?? "",
        cwd: directory,
        env,
        reports: false,
        gate: false,
      }),
    };
  }
  const layout = layOut(mounts, command, sandbox);
  return {
    launch(argv, gate = false) {
      const enter = sandbox.network?.namespaces.enter;
      const view = { ...layout, hostname: sandbox.hostname, directory, gate, enter };
      const [file = "", ...args] = enterNamespace(tools, view, [program(argv), ...argv.slice(1)], env);
      return { file, args, argv0: file, cwd: "/", env, reports: true, gate, relayed: enter !== undefined };
    },
  };
}

interface Mount extends BindMount {
  readonly volume: string;
}

async function resolveMounts(command: StartContainer, sandbox: Sandbox): Promise<Mount[]> {
  const result: Mount[] = [];
  for (const mount of command.mounts) {
    const volume = sandbox.volumes.get(mount.volume);
    if (volume === undefined)
      throw new ViewError(
        "CreateContainerError",
        `the pod has no volume ${mount.volume} to mount at ${mount.path}`,
      );
    if (!isAbsolute(mount.path))
      throw new ViewError("CreateContainerError", `the mount path ${mount.path} is not absolute`);
    try {
      const source = mount.subPath ? await subPath(volume, mount.subPath) : volume;
      result.push({ volume: mount.volume, source, target: mount.path, readOnly: mount.readOnly });
    } catch (error) {
      throw new ViewError(
        "CreateContainerConfigError",
        `volume ${mount.volume}: ${(error as Error).message}`,
      );
    }
  }
  return result;
}

/** A directory of the container's own, for a program that is not told where to run. */
function scratch(sandbox: Sandbox, container: string): string {
  const path = join(sandbox.directory, "work", container);
  mkdirSync(path, { recursive: true });
  return path;
}

function checkDirectory(shown: string, path: string): void {
  let problem = "does not exist";
  try {
    if (statSync(path).isDirectory()) return;
    problem = "is not a directory";
  } catch {
    // Said below.
  }
  throw new ViewError(
    "CreateContainerError",
    `the working directory ${shown} ${problem}; make it, or change \`directory\``,
  );
}

/** Where a path inside the container is on this machine. */
function hostPathOf(path: string, mounts: readonly BindMount[]): string {
  const holding = mounts
    .filter(({ target }) => path === target || path.startsWith(`${target.replace(/\/+$/, "")}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];
  return holding ? join(holding.source, path.slice(holding.target.length)) : path;
}

function layOut(
  mounts: readonly BindMount[],
  command: StartContainer,
  sandbox: Sandbox,
): { fstabPath: string; root?: string | undefined } {
  const workspace = join(sandbox.directory, "views", `${command.container}-${command.attempt}`);
  // Two attempts are never there at once; what is left of the last is empty directories and links of ours.
  if (command.attempt > 0)
    rmSync(join(sandbox.directory, "views", `${command.container}-${command.attempt - 1}`), {
      recursive: true,
      force: true,
    });
  try {
    rmSync(workspace, { recursive: true, force: true });
    mkdirSync(workspace, { recursive: true });
    const hosts = { source: sandbox.hostsPath, target: "/etc/hosts", readOnly: false };
    const resolver = sandbox.network && {
      source: sandbox.network.resolverPath,
      target: "/etc/resolv.conf",
      readOnly: false,
    };
    const plan = planMounts([hosts, ...(resolver ? [resolver] : []), ...mounts], workspace);
    const fstabPath = join(workspace, "fstab");
    writeFileSync(fstabPath, plan.fstab);
    return { fstabPath, root: plan.root };
  } catch (error) {
    throw new ViewError("CreateContainerError", (error as Error).message);
  }
}
