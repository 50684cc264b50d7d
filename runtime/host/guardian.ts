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
  /** Resolves when it has printed its first line (it is ready) or has ended. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<void>;
}

export function startWatcher(script: string, args: readonly string[]): Watcher {
  const child: ChildProcess = spawn("/bin/sh", ["-c", script, ...args], {
    cwd: "/",
    detached: true,
    // Without the cluster's mark: a watcher is not to be swept before it has done its work.
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.unref();
  (child.stdin as unknown as { unref(): void } | null)?.unref();
  // A watcher that was killed is seen by its end; a write to it must not bring us down.
  child.stdin?.on("error", () => {});
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const ready = new Promise<boolean>((resolve) => {
    child.stdout?.once("data", () => {
      // From now on it keeps nobody waiting.
      (child.stdout as unknown as { unref(): void }).unref();
      resolve(true);
    });
    ended.then(() => resolve(false));
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
    ready,
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
