import { execFile } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { planMounts } from "./mounts.ts";

/** The programs (util-linux, hostname) by which a container gets its own view of the file system, and for whom. */
export interface NamespaceTools {
  readonly unshare: string;
  readonly mount: string;
  readonly umount: string;
  readonly pivotRoot: string;
  /** Absent: containers keep the machine's host name. */
  readonly hostname?: string;
  /** A shell that hands on variables whatever their names; other shells drop those that they could not have set. */
  readonly bash?: string;
  /** Root needs no user namespace. */
  readonly root: boolean;
  readonly uid: number;
  readonly gid: number;
}

export type NamespaceProbe = { readonly tools: NamespaceTools } | { readonly missing: string };

const probeTimeoutMilliseconds = 3_000;

/**
 * What every container starts with: mounts, root, host name, directory. Descriptor 3 tells the driver how it went: `ok` at
 * its end, or what went wrong. Where it is asked to, it then waits for a line on descriptor 4: what ends at once is
 * there at least until the driver has had a look at it.
 */
const preparation = `
"$1" -n -a -T "$5" >&3 2>&3 || exit 125
if [ -n "$6" ]; then
  cd "$6" && "$2" . . >&3 2>&3 && "$3" -l . >&3 2>&3 || exit 125
fi
[ -z "$4" ] || "$4" "$7" 2>/dev/null
MOUNT_PROCESSES
cd "$8" 2>&3 || exit 125
echo ok >&3
[ -z "$9" ] || read -r _ <&4
shift 9
exec 3>&- 4<&-
`;

/** The shell becomes the program. */
const becoming = `${preparation.replace("MOUNT_PROCESSES", "")}exec "$@"
`;

/**
 * Only a child is among the processes of its pod, so the shell stays, gets what signals the program gets, and ends as it
 * does; what it says of that itself is not for the log. In a terminal the program leads a group of its own, or a shell could not
 * give the terminal to what it runs. Where the machine hides a part of its /proc no other can be mounted; then the machine's processes are seen.
 */
const relaying = `${preparation.replace("MOUNT_PROCESSES", '"$1" -n -t proc proc /proc 2>/dev/null')}trap : HUP INT QUIT TERM USR1 USR2
[ ! -t 0 ] || set -m
exec 5>&2 2>/dev/null
(exec 2>&5 5>&-; exec "$@")
exit $?
`;

export interface ContainerView {
  /** The file of mounts (`MountPlan.fstab`). */
  readonly fstabPath: string;
  readonly root?: string | undefined;
  readonly hostname: string;
  readonly directory: string;
  /** Wait on descriptor 4 before the program begins. */
  readonly gate?: boolean;
  /** What puts a command into the namespaces of its pod; absent: it has none of its own. */
  readonly enter?: readonly string[] | undefined;
}

/**
 * The command that runs `command` in a mount and a UTS namespace of its own. An ordinary user is root only while
 * mounting: a second user namespace gives the program its own user id back and no capabilities.
 */
export function enterNamespace(
  tools: NamespaceTools,
  view: ContainerView,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string[] {
  const { enter } = view;
  const outer = enter ? [] : tools.root ? ["--uts"] : ["--user", "--map-root-user", "--uts"];
  const inner = asUser(tools);
  // Kubernetes allows names that no shell could set (`app.mode`). Where there is no bash their values stand in the
  // arguments for a moment, which others on this machine can see.
  const unusual = Object.entries(env).filter(([name]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  const shell = unusual.length > 0 ? (tools.bash ?? "/bin/sh") : "/bin/sh";
  const restore =
    unusual.length > 0 && !tools.bash ? ["/usr/bin/env", ...unusual.map(([k, v]) => `${k}=${v}`)] : [];
  return [
    ...[
      ...(enter ?? []),
      tools.unshare,
      ...outer,
      "--mount",
      "--",
      shell,
      "-c",
      enter ? relaying : becoming,
      "kdsl-container",
    ],
    ...[tools.mount, tools.pivotRoot, tools.umount, enter ? "" : (tools.hostname ?? "")],
    ...[view.fstabPath, view.root ?? "", view.hostname, view.directory, view.gate ? "gate" : ""],
    ...inner,
    ...restore,
    ...command,
  ];
}

/** What makes the command behind it this user's own again, who has no capabilities, where it is root's in its namespace alone. */
export function asUser({ root, unshare, uid, gid }: NamespaceTools): readonly string[] {
  return root ? [] : [unshare, "--user", `--map-user=${uid}`, `--map-group=${gid}`, "--"];
}

/**
 * Whether this user may have namespaces here: found out by doing it once, with a mount at a path that does not exist.
 * `directory` is one for a few small files, gone afterwards.
 */
export async function probeNamespaces(directory: string): Promise<NamespaceProbe> {
  const { uid, gid } = userInfo();
  const found = findTools();
  if ("missing" in found) return found;
  const workspace = mkdtempSync(join(directory, "probe-"));
  try {
    let missing = "";
    // Root inside a container may lack CAP_SYS_ADMIN and yet have user namespaces.
    for (const root of uid === 0 ? [true, false] : [false]) {
      const tools: NamespaceTools = { ...found.tools, root, uid, gid };
      const problem = await tryOnce(tools, join(workspace, String(root)));
      if (problem === undefined) return { tools };
      missing = problem;
    }
    return { missing };
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

function tryOnce(tools: NamespaceTools, workspace: string): Promise<string | undefined> {
  const source = join(workspace, "volume");
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, "mark"), "");
  const target = "/kdsl-probe-of-mounts";
  let argv: string[];
  try {
    const plan = planMounts([{ source, target, readOnly: true }], workspace);
    const fstabPath = join(workspace, "fstab");
    writeFileSync(fstabPath, plan.fstab);
    const view = { fstabPath, root: plan.root, hostname: "kdsl-probe", directory: "/" };
    argv = enterNamespace(tools, view, ["/bin/sh", "-c", `[ -f ${target}/mark ] && [ "$(id -u)" = "$0" ]`]);
    argv.push(String(tools.uid));
  } catch (error) {
    return Promise.resolve((error as Error).message);
  }
  return new Promise((resolve) => {
    const [program = "", ...args] = ["/bin/sh", "-c", 'exec 3>&2; exec "$@"', "sh", ...argv];
    execFile(
      program,
      args,
      { timeout: probeTimeoutMilliseconds, killSignal: "SIGKILL" },
      (error, _, stderr) => {
        resolve(error ? stderr.trim().split("\n")[0] || error.message.split("\n")[0] : undefined);
      },
    );
  });
}

/** The path of a program: where the user finds it, else where a system keeps those of its administrator. */
export function findProgram(name: string): string | undefined {
  return [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function findTools(): { tools: Omit<NamespaceTools, "root" | "uid" | "gid"> } | { missing: string } {
  const unshare = findProgram("unshare");
  const mount = findProgram("mount");
  const umount = findProgram("umount");
  const pivotRoot = findProgram("pivot_root");
  if (!unshare || !mount || !umount || !pivotRoot) {
    return { missing: "unshare, mount, umount and pivot_root (util-linux) are not all installed" };
  }
  const hostname = findProgram("hostname");
  const bash = findProgram("bash");
  return {
    tools: {
      unshare,
      mount,
      umount,
      pivotRoot,
      ...(hostname ? { hostname } : {}),
      ...(bash ? { bash } : {}),
    },
  };
}
