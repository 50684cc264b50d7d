/** Time as an argument. Milliseconds since the epoch, whole numbers. */
export interface Clock {
  now(): number;
  /** Runs `task` once, no earlier than `at`; never from within this call. */
  schedule(at: number, task: () => void): Cancel;
}

export type Cancel = () => void;

/** A clock that stands still until it is told to move: for tests and simulation. Tasks of one instant run in the order they were scheduled. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #tasks: { at: number; order: number; task: () => void }[] = [];

  constructor(start = Date.parse("2026-01-01T00:00:00Z")) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  schedule(at: number, task: () => void): Cancel {
    const entry = { at: Math.max(at, this.#now), order: this.#order++, task };
    let index = this.#tasks.length;
    while (index > 0 && this.#tasks[index - 1]!.at > entry.at) index--;
    this.#tasks.splice(index, 0, entry);
    return () => {
      const found = this.#tasks.indexOf(entry);
      if (found >= 0) this.#tasks.splice(found, 1);
    };
  }

  /** Runs everything that is due up to and at `at`. */
  advanceTo(at: number): void {
    for (;;) {
      const next = this.#tasks[0];
      if (!next || next.at > at) break;
      this.#tasks.shift();
      this.#now = next.at;
      next.task();
    }
    this.#now = Math.max(this.#now, at);
  }

  advance(milliseconds: number): void {
    this.advanceTo(this.#now + milliseconds);
  }

  /** Runs the next task if it is due by `limit`; else stands at `limit` and gives false. */
  runNext(limit: number): boolean {
    const next = this.#tasks[0];
    if (!next || next.at > limit) {
      this.#now = Math.max(this.#now, limit);
      return false;
    }
    this.#tasks.shift();
    this.#now = next.at;
    next.task();
    return true;
  }

  /** The instant of the next task, if there is one. */
  nextAt(): number | undefined {
    return this.#tasks[0]?.at;
  }
}
