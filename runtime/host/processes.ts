import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process beyond doubt: pids are used again, but not with the same start time within one boot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, as in field 22 of /proc/PID/stat. */
  readonly startTime: string;
}

/** When the process started; undefined when there is none (a zombie is none). */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything, so fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, startTime: startTimeOf(pid) ?? "" };
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return startTime !== "" && startTimeOf(pid) === startTime;
}

/** The value of a variable in the environment a process was started with; undefined where it has none or may not be read. */
export function variableOf(pid: number, name: string): string | undefined {
  try {
    const environ = readFileSync(`/proc/${pid}/environ`, "utf8");
    const key = `${name}=`;
    const start = environ.startsWith(key) ? 0 : environ.indexOf(`\0${key}`) + 1;
    if (start === 0 && !environ.startsWith(key)) return undefined;
    const end = environ.indexOf("\0", start);
    return environ.slice(start + key.length, end < 0 ? undefined : end);
  } catch {
    return undefined;
  }
}

/** The command line of a process, shortened for a message; undefined when there is none. */
export function commandLineOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ").trim();
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
  } catch {
    return undefined;
  }
}

/** All processes that can be seen. Empty where there is no /proc. */
export function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Kills every process whose variable `name` satisfies `matches`. Gives how many were killed. */
export function killByVariable(name: string, matches: (value: string) => boolean): number {
  return killEach((pid) => {
    const value = variableOf(pid, name);
    return value !== undefined && matches(value);
  });
}

/** Kills every process that `matches`, until there is none: a process may fork while it is being looked for. */
export function killEach(matches: (pid: number) => boolean): number {
  const killed = new Set<number>();
  for (let round = 0; round < 20; round++) {
    let fresh = 0;
    for (const pid of processIds()) {
      if (pid === process.pid || killed.has(pid) || !matches(pid)) continue;
      killed.add(pid);
      fresh++;
      signal(pid, "SIGKILL");
    }
    if (fresh === 0) break;
  }
  return killed.size;
}

/** The mount namespace of a process, like `mnt:[4026531841]`; undefined for one that is gone or another user's. */
export function mountNamespaceOf(pid: number | "self"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

/** Signals a process; a negative pid is a process group. False when there is none, or none that may be signalled. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/** The session of a process, which is the pid of the one that began it; undefined when there is none. */
export function sessionOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
  } catch {
    return undefined;
  }
}
