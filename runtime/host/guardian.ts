import { type ChildProcess, spawn } from "node:child_process";
import { identityOf, type ProcessIdentity } from "./processes.ts";

/**
 * A watcher: a small shell in a session of its own, whose standard input is a lifeline that only this process holds.
 * However this process ends, the lifeline does too, and then the watcher does its last work.
 */
export interface Watcher {
  readonly identity: ProcessIdentity;
  /** Sends a line. */
  tell(line: string): void;
  /** Ends it without its last work. */
  quit(): Promise<void>;
  /** The first line that it prints: `ready`, or why it is not; undefined where it ended without a word. */
  readonly said: Promise<string | undefined>;
  readonly ended: Promise<void>;
}

/** Where a watcher begins, if not in this process's own namespaces. */
export interface WatcherPlace {
  /** The command, with its arguments, before the shell's. */
  readonly command: readonly string[];
  /** Descriptors that it gets, from 3 on. */
  readonly descriptors: readonly number[];
}

export function startWatcher(script: string, args: readonly string[], place?: WatcherPlace): Watcher {
  const [file = "", ...rest] = [...(place?.command ?? []), "/bin/sh", "-c", script, ...args];
  const child: ChildProcess = spawn(file, rest, {
    cwd: "/",
    detached: true,
    // Without the cluster's mark: a watcher is not to be swept before it has done its work.
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin" },
    stdio: ["pipe", "pipe", "ignore", ...(place?.descriptors ?? [])],
  });
  child.unref();
  (child.stdin as unknown as { unref(): void } | null)?.unref();
  // A watcher that was killed is seen by its end; a write to it must not bring us down.
  child.stdin?.on("error", () => {});
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const said = new Promise<string | undefined>((resolve) => {
    child.stdout?.once("data", (chunk: Buffer) => {
      // From now on it keeps nobody waiting.
      (child.stdout as unknown as { unref(): void }).unref();
      resolve(chunk.toString("utf8").split("\n")[0]);
    });
    ended.then(() => resolve(undefined));
  });
  const tell = (line: string) => {
    if (child.stdin?.writable) child.stdin.write(`${line}\n`);
  };
  return {
    identity: identityOf(child.pid ?? 0),
    tell,
    quit: () => {
      // Its end is waited for, though nothing else may be left to wait for.
      if (child.exitCode === null && child.signalCode === null) child.ref();
      tell("quit");
      return ended;
    },
    said,
    ended,
  };
}

/**
 * Waits for the lifeline's end, then kills whatever carries the cluster's mark in its environment, though it left
 * every session and group, and removes the cluster's directory (and the one around it
 * once it is empty). `quit` ends it without that.
 */
const script = `
trap '' HUP INT QUIT TERM PIPE
echo ready
read -r word
[ "$word" = quit ] && exit 0
# Not every grep knows records that end in NUL; the mark is long enough to be told without.
options=-ls
echo x | grep -qz x 2>/dev/null && options=-lsz
round=0
while [ $round -lt 50 ]; do
  found=$(grep $options "KDSL_CLUSTER=$1" /proc/[0-9]*/environ 2>/dev/null)
  [ -z "$found" ] && break
  for file in $found; do
    pid=\${file#/proc/}
    kill -s KILL "\${pid%/environ}" 2>/dev/null
  done
  round=$((round + 1))
  sleep 0.02 2>/dev/null || sleep 1
done
rm -rf -- "$2"
rmdir -- "\${2%/*}" 2>/dev/null
`;

/** Starts the guardian of the cluster whose processes carry `KDSL_CLUSTER=<id>` and whose files are in `directory`. */
export function startGuardian(id: string, directory: string): Watcher {
  return startWatcher(script, ["kdsl-guardian", id, directory]);
}
