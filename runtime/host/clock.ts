import type { Cancel, Clock } from "../../base/clock.ts";

/**
 * No timer runs longer than this at a stretch, so that one set before the machine slept, or before its clock was
 * put right, is at most so late. In milliseconds; also far below what `setTimeout` can hold (2^31 - 1).
 */
const longestTimer = 10_000;

interface Due {
  task: (() => void) | undefined;
}

/** The machine's clock. What is due already runs in order, all in one turn of the event loop; the rest by timers. */
export function systemClock(): Clock {
  let due: Due[] = [];

  function drain(): void {
    const batch = due;
    due = [];
    let done = 0;
    try {
      for (const entry of batch) {
        done++;
        entry.task?.();
      }
    } finally {
      // A task that throws must not take the others with it.
      if (done < batch.length) {
        if (due.length === 0) setImmediate(drain);
        due = [...batch.slice(done), ...due];
      }
    }
  }

  function soon(task: () => void): Cancel {
    const entry: Due = { task };
    if (due.length === 0) setImmediate(drain);
    due.push(entry);
    return () => {
      entry.task = undefined;
    };
  }

  return {
    now: () => Date.now(),
    schedule(at, task) {
      if (at <= Date.now()) return soon(task);
      let timer: NodeJS.Timeout | undefined;
      const arm = () => {
        // Timers count monotonic time and may fire a moment before the clock shows `at`.
        const left = at - Date.now();
        if (left <= 0) return task();
        timer = setTimeout(arm, Math.min(left, longestTimer));
      };
      timer = setTimeout(arm, Math.min(at - Date.now(), longestTimer));
      return () => clearTimeout(timer);
    },
  };
}
