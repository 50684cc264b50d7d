import type { CrashLoopEntry } from "./worker.ts";

/** Crash-loop back-off: Kubernetes' `flowcontrol.Backoff` as the kubelet uses it. Milliseconds throughout. */

const initialDelay = 10_000;
const maximumDelay = 300_000;

/**
 * When a container that ended at `finishedAt` may start again: at once where nothing is on the books or that was
 * long ago (the end came over ten minutes after the last back-off was set), else after the present delay.
 */
export function restartAt(entry: CrashLoopEntry | undefined, finishedAt: number): number {
  return entry && !hasExpired(entry, finishedAt) ? finishedAt + entry.delay : finishedAt;
}

/** The entry after a restart at `now`: 10 s, then twice the last, up to 300 s. */
export function nextEntry(
  entry: CrashLoopEntry | undefined,
  finishedAt: number,
  now: number,
): CrashLoopEntry {
  const delay =
    entry && !hasExpired(entry, finishedAt) ? Math.min(entry.delay * 2, maximumDelay) : initialDelay;
  return { delay, updatedAt: now };
}

function hasExpired(entry: CrashLoopEntry, finishedAt: number): boolean {
  return finishedAt - entry.updatedAt > 2 * maximumDelay;
}

/** A whole number of seconds as Go prints a duration: `10s`, `1m20s`, `5m0s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
