import { existsSync, watch } from "node:fs";
import { dirname } from "node:path";
import { HostError } from "./errors.ts";
import { attemptsIn, openLogFiles } from "./log-files.ts";
import { logPath, podDirectory } from "./process/sandbox.ts";

export interface LogQuery {
  /** The cluster's. */
  readonly directory: string;
  readonly podUid: string;
  readonly container: string;
  /** Which instance, from 0; absent: the last. */
  readonly attempt?: number;
  /** The instance before the last. */
  readonly previous?: boolean;
  /** Goes on until the instance has ended, or the pod is removed. */
  readonly follow?: boolean;
  readonly tailLines?: number;
  /** Milliseconds since the epoch, or RFC 3339: nothing written before. */
  readonly sinceTime?: number | string;
  readonly timestamps?: boolean;
  readonly signal?: AbortSignal;
}

/** Where the kernel tells of no changes, a log is looked at so often; elsewhere this is for what it failed to tell. */
const pollMilliseconds = { blind: 250, watching: 5_000 };

/**
 * What a container printed, line by line, each with its line end; stdout and stderr as they came. An instance that
 * printed nothing gives nothing. Following reads when the kernel says that the file has changed.
 *
 * Throws `HostError` LogsUnavailable where there is no such pod, or no instance before the last.
 */
export async function* readLogs(query: LogQuery): AsyncGenerator<string, void, void> {
  const { directory, podUid, container, follow = false, tailLines, timestamps = false, signal } = query;
  const path = logPath(podDirectory(directory, podUid), container, attemptOf(query));
  const since = typeof query.sinceTime === "string" ? Date.parse(query.sinceTime) : query.sinceTime;
  const files = openLogFiles(path, tailLines);
  const changes = follow ? watchChanges(dirname(path), signal) : undefined;
  const format = formatter(timestamps, since);
  try {
    let first = true;
    for (;;) {
      const ended = !follow || files.ended();
      let lines = format(files.read());
      if (first && tailLines !== undefined) lines = tailLines > 0 ? lines.slice(-tailLines) : [];
      first = false;
      for (const line of lines) {
        if (signal?.aborted) return;
        yield line;
      }
      if (ended || signal?.aborted) return;
      await changes?.next();
    }
  } finally {
    changes?.close();
    files.close();
  }
}

function attemptOf({ directory, podUid, container, attempt, previous }: LogQuery): number {
  const pod = podDirectory(directory, podUid);
  if (!existsSync(pod)) {
    throw new HostError(
      "LogsUnavailable",
      `the pod with uid ${podUid} has no logs: it is gone, or not started yet`,
    );
  }
  if (attempt !== undefined && !previous) return attempt;
  const attempts = attemptsIn(dirname(logPath(pod, container, 0)));
  const last = attempt ?? attempts.at(-1) ?? 0;
  if (!previous) return last;
  const before = attempts.filter((each) => each < last).at(-1);
  if (before === undefined) {
    throw new HostError("LogsUnavailable", `previous terminated container "${container}" not found`);
  }
  return before;
}

/** Turns records (`<RFC 3339> stdout|stderr F|P <text>`) into lines, joining those that were split. */
function formatter(timestamps: boolean, since: number | undefined): (text: string) => string[] {
  let pending: { at: string; text: string } | undefined;
  return (text) => {
    const result: string[] = [];
    for (const record of text.split("\n")) {
      const match = /^(\S+) (?:stdout|stderr) ([FP]) (.*)$/s.exec(record);
      if (!match) continue;
      const [, at = "", tag, said = ""] = match;
      pending = { at: pending?.at ?? at, text: (pending?.text ?? "") + said };
      if (tag === "P") continue;
      const whole = pending;
      pending = undefined;
      if (since !== undefined && Date.parse(whole.at) < since) continue;
      result.push(`${timestamps ? `${whole.at} ` : ""}${whole.text}\n`);
    }
    return result;
  };
}

interface Changes {
  /** Resolves when something has changed since it was last called. */
  next(): Promise<void>;
  close(): void;
}

function watchChanges(directory: string, signal: AbortSignal | undefined): Changes {
  let changed = false;
  let wake: (() => void) | undefined;
  const notice = () => {
    changed = true;
    wake?.();
  };
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    watcher = watch(directory, { persistent: false }, notice);
    watcher.on("error", notice);
  } catch {
    // No such directory yet, or too many watches: looked at now and then instead.
  }
  signal?.addEventListener("abort", notice);
  return {
    async next() {
      if (!changed && !signal?.aborted) {
        const wait = watcher ? pollMilliseconds.watching : pollMilliseconds.blind;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, wait);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      changed = false;
    },
    close() {
      watcher?.close();
      signal?.removeEventListener("abort", notice);
    },
  };
}
