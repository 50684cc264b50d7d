import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { CreateSandbox, UpdateSandbox } from "../../environment.ts";
import { startWatcher, type Watcher, type WatcherPlace } from "../guardian.ts";
import type { Isolation, Namespaces, PodEntrance } from "../isolation/network.ts";
import { identityOf, isAlive, type ProcessIdentity, signal } from "../processes.ts";
import { pipePaths } from "./program.ts";
import { writeVolumeFiles } from "./volume-files.ts";
import { makeVolume } from "./volumes.ts";

/** What a pod has before its containers: files, volumes, and a process that outlives none of them. */
export interface Sandbox {
  readonly podUid: string;
  /** `namespace/name`, for messages. */
  readonly podName: string;
  readonly directory: string;
  readonly address: string;
  readonly hostname: string;
  /** What the pod calls itself, the full name first. */
  readonly names: readonly string[];
  /** Real paths by name. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly hostsPath: string;
  readonly pause: Pause;
  /** Absent: the pod is in this machine's network. */
  readonly network?: SandboxNetwork;
}

export interface SandboxNetwork {
  /** Those of now: they are made anew where the pod's first process is killed. */
  readonly namespaces: Namespaces;
  /** Says where names are looked up that are not in the pod's hosts file. */
  readonly resolverPath: string;
}

/** What the pause process is told of: a process group, and the mount namespace that only its container has. */
export interface Charge {
  readonly group: number;
  readonly mountNamespace?: string | undefined;
}

/** The pod's pause process: kills what it was told of when the runtime is gone, however it went. */
export interface Pause {
  add(charge: Charge): void;
  /** Takes both the group and, if it is named, its namespace back. */
  remove(charge: Charge): void;
  /**
   * Makes the pod's namespaces anew where somebody has killed its first process, with which all its others went: nothing
   * more could be started in them. Rejects with an `Error` that says why it cannot.
   */
  revive(): Promise<void>;
  /** Ends it; what it was told of is left alone. */
  quit(): Promise<void>;
}

// A charge is one word: `GROUP` or `GROUP/NAMESPACE`. A namespace is looked for last, when only those are left that
// have made a session of their own.
const script = `
trap '' HUP INT QUIT TERM PIPE
[ $# -eq 0 ] || mkfifo -m 600 -- "$@" 2>/dev/null
echo "ready\${init:+ $init}"
charges=' '
while read -r operation charge; do
  case $operation in
    add) charges="$charges$charge " ;;
    remove)
      case $charges in *" $charge "*) charges="\${charges%%" $charge "*} \${charges#*" $charge "}" ;; esac ;;
    quit) exit 0 ;;
  esac
done
set -f
namespaces=' '
for charge in $charges; do
  case $charge in
    */*) namespaces="$namespaces\${charge#*/} " ;;
    *) kill -s KILL -- "-$charge" 2>/dev/null ;;
  esac
done
[ "$namespaces" = ' ' ] && exit 0
set +f
for link in /proc/[0-9]*/ns/mnt; do
  namespace=$(readlink "$link" 2>/dev/null) || continue
  case $namespaces in *" $namespace "*)
    pid=\${link#/proc/}
    kill -s KILL "\${pid%/ns/mnt}" 2>/dev/null ;;
  esac
done
`;

function wordOf({ group, mountNamespace }: Charge): string {
  return mountNamespace === undefined ? `${group}` : `${group}/${mountNamespace}`;
}

/** Where a container's pipes are, which have names so that programs can open /dev/stdout: this, with `.stdout` and so on behind. */
export function pipePrefix(directory: string, containerName: string): string {
  return join(directory, "pipes", containerName);
}

/** Where the logs of one instance of a container are. */
export function logPath(podDirectory: string, containerName: string, attempt: number): string {
  return join(podDirectory, "logs", containerName, `${attempt}.log`);
}

/** Whether a uid can name a directory. */
export function isPlainName(uid: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(uid);
}

/** The directory of a pod in its cluster's. */
export function podDirectory(clusterDirectory: string, podUid: string): string {
  return join(clusterDirectory, "pods", podUid);
}

/** Makes a pod's sandbox. Throws an `Error` that says what could not be made; what was made is removed again. */
export async function createSandbox(
  command: CreateSandbox,
  clusterDirectory: string,
  isolation?: Isolation,
): Promise<Sandbox> {
  const { podUid, pod } = command;
  if (!isPlainName(podUid)) throw new Error(`the pod's uid ${podUid} cannot name a directory`);
  const directory = podDirectory(clusterDirectory, podUid);
  let starting: Promise<StartedPause> | undefined;
  const names = namesOf(command);
  try {
    for (const part of ["logs", "volumes", "pipes", "work", "views"])
      mkdirSync(join(directory, part), { recursive: true, mode: 0o700 });
    const pipes = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
      .filter(({ tty }) => !tty)
      .flatMap(({ name }) => pipePaths({ tty: false, pipes: pipePrefix(directory, name) }));
    // It starts while the volumes are being made; a failure is told below, where it is waited for.
    starting = startPause(pipes, isolation && (() => isolation.prepare(command)));
    starting.catch(() => {});
    const volumes = new Map<string, string>();
    for (const volume of command.volumes)
      volumes.set(
        volume.name,
        await makeVolume(volume, join(directory, "volumes"), join(clusterDirectory, "claims")),
      );
    const hostsPath = join(directory, "hosts");
    writeFileSync(hostsPath, hostsFile(names, command, isolation !== undefined));
    const pause = await starting;
    return {
      podUid,
      podName: `${pod.metadata.namespace ?? "default"}/${pod.metadata.name}`,
      directory,
      address: command.address,
      ...{ hostname: command.hostname, names },
      volumes,
      hostsPath,
      pause,
      ...(pause.namespaces ? { network: networkOf(directory, pause, isolation?.nameServer) } : {}),
    };
  } catch (error) {
    await starting?.then((pause) => pause.quit()).catch(() => {});
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Brings files and names of a running pod up to date. Throws an `Error` that says what could not be written. */
export async function updateSandbox(sandbox: Sandbox, command: UpdateSandbox): Promise<void> {
  for (const volume of command.volumes) {
    const path = sandbox.volumes.get(volume.name);
    if (path !== undefined) await writeVolumeFiles(volume.name, volume.files, path);
  }
  const hosts = hostsFile(sandbox.names, command, sandbox.network !== undefined);
  if (readFileSync(sandbox.hostsPath, "utf8") === hosts) return;
  // In place, since containers have this very file at /etc/hosts; and never empty, since they may be reading it.
  const file = openSync(sandbox.hostsPath, "r+");
  try {
    ftruncateSync(file, writeSync(file, hosts, 0));
  } finally {
    closeSync(file);
  }
}

/**
 * `/etc/hosts` of a pod, which calls itself by `names`: the full one first, where it has one. Where all pods are in the
 * machine's network `localhost` is the pod's address, so that its containers find each other by that name.
 */
export function hostsFile(
  names: readonly string[],
  { address, hosts }: Pick<CreateSandbox, "address" | "hosts">,
  isolated = false,
): string {
  const lines = [
    "# Kubernetes-managed hosts file.",
    ...(isolated ? ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"] : []),
    `${address}\t${names.join(" ")}`,
    ...(isolated ? [] : [`${address}\tlocalhost`]),
    ...hosts.map((each) => `${each.address}\t${each.names.join(" ")}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** A pod with a subdomain has a full name (Kubernetes' `GeneratePodHostNameAndDomain`). */
function namesOf({ hostname, pod: { metadata, spec } }: CreateSandbox): string[] {
  const domain = `${spec.subdomain}.${metadata.namespace ?? "default"}.svc.cluster.local`;
  return spec.subdomain ? [`${hostname}.${domain}`, hostname] : [hostname];
}

/** Where nothing leads out of the cluster's network, a name that it does not know is refused at once: nobody listens there. */
const nobody = "127.0.0.1";

function networkOf(directory: string, pause: StartedPause, nameServer: string = nobody): SandboxNetwork {
  const resolverPath = join(directory, "resolv.conf");
  writeFileSync(resolverPath, `nameserver ${nameServer}\n`);
  return {
    get namespaces() {
      return pause.namespaces!;
    },
    resolverPath,
  };
}

/** A tool that hangs must not hold the pod for ever. In milliseconds. */
const longestStart = 30_000;

interface StartedPause extends Pause {
  /** Those that it made; absent where it is in the machine's. */
  readonly namespaces?: Namespaces;
}

async function startPause(pipes: readonly string[], enter?: () => PodEntrance): Promise<StartedPause> {
  const charges = new Set<string>();
  let quitting = false;
  let watcher!: Watcher;
  let namespaces: Namespaces | undefined;
  /** The first of the pod's processes, where it has a namespace for them. */
  let first: ProcessIdentity | undefined;
  let reviving: Promise<void> | undefined;
  const start = (args: readonly string[], place?: WatcherPlace) => {
    watcher = startWatcher(script, ["kdsl-pause", ...args], place);
    const started = watcher;
    for (const charge of charges) watcher.tell(`add ${charge}`);
    void started.ended.then(async () => {
      const ready = saysReady(await started.said);
      // Killed by someone else: its promise is taken up by another. The namespaces are held without it.
      if (ready && !quitting && watcher === started) start([]);
    });
  };
  async function begin(args: readonly string[]): Promise<void> {
    const entrance = enter?.();
    start(args, entrance);
    const started = watcher;
    const timer = setTimeout(() => signal(-started.identity.pid, "SIGKILL"), longestStart);
    const said = await started.said;
    clearTimeout(timer);
    const ready = saysReady(said);
    if (!ready) throw new Error(said ?? "the pod's pause process (/bin/sh) does not start");
    try {
      namespaces = entrance?.hold(started.identity.pid);
      first = namespaces?.needFirst && ready.first !== undefined ? identityOf(ready.first) : undefined;
    } catch (error) {
      quitting = true;
      await started.quit();
      throw error;
    }
  }
  async function beginAnew(): Promise<void> {
    const [old, gone] = [watcher, namespaces];
    await begin([]);
    // Not before: who enters meanwhile must find nothing, rather than what is another's by then.
    await old.quit();
    gone?.release();
  }
  await begin(pipes);
  return {
    get namespaces() {
      return namespaces;
    },
    revive() {
      if (reviving || first === undefined || isAlive(first)) return reviving ?? Promise.resolve();
      reviving = beginAnew().finally(() => {
        reviving = undefined;
      });
      return reviving;
    },
    add(charge) {
      charges.add(wordOf(charge));
      watcher.tell(`add ${wordOf(charge)}`);
    },
    remove(charge) {
      for (const word of new Set([wordOf({ group: charge.group }), wordOf(charge)])) {
        charges.delete(word);
        watcher.tell(`remove ${word}`);
      }
    },
    async quit() {
      quitting = true;
      await watcher.quit();
      namespaces?.release();
    },
  };
}

/** What a pause process says once it stands, with the pid of the pod's first process where it has one of its own. */
function saysReady(said: string | undefined): { readonly first?: number } | undefined {
  const [matched, first] = /^ready(?: (\d+))?$/.exec(said ?? "") ?? [];
  return matched === undefined ? undefined : first === undefined ? {} : { first: Number(first) };
}
