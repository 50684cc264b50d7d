import { hash32 } from "./random.ts";

/** Time as an argument. Milliseconds since the epoch, whole numbers. */
export interface Clock {
  now(): number;
  /**
   * Runs `task` once, no earlier than `at`; never from within this call. Of the tasks of one instant a clock that can
   * tell them apart runs those of a lower `rank` (0 when left out) first: a beat that comes again and again has a rank
   * of its own, so that whether it is there or not moves nothing else.
   */
  schedule(at: number, task: () => void, rank?: number): Cancel;
}

export type Cancel = () => void;

interface Task {
  readonly at: number;
  readonly rank: number;
  readonly order: number;
  /** Undefined once it has run or was cancelled; it stays where it is until it comes up. */
  run: (() => void) | undefined;
}

/** So many cancelled tasks are left lying before they are cleared away. */
const FEW = 64;

/**
 * A clock that stands still until it is told to move: for tests and simulation. Tasks of one instant run by rank, then
 * in the order they were scheduled.
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  /**
   * What is due at this very instant with rank 0, in order: most tasks are, and need no heap. It stands from `#nextDue` to
   * `#endDue`; the places of those that have run are used again.
   */
  #due: Task[] = [];
  #nextDue = 0;
  #endDue = 0;
  /** A binary heap of all others. */
  #later: Task[] = [];
  #cancelled = 0;

  constructor(start = Date.parse("2026-01-01T00:00:00Z")) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  schedule(at: number, run: () => void, rank = 0): Cancel {
    const task: Task = { at: Math.max(at, this.#now), rank, order: this.#order++, run };
    if (rank === 0 && task.at === this.#now) {
      this.#due[this.#endDue++] = task;
      return () => {
        task.run = undefined;
      };
    }
    this.#push(task);
    return () => {
      if (task.run === undefined) return;
      task.run = undefined;
      if (++this.#cancelled > FEW && this.#cancelled > this.#later.length / 2) this.#compact();
    };
  }

  /** Runs everything that is due up to and at `at`. */
  advanceTo(at: number): void {
    while (this.runNext(at));
  }

  advance(milliseconds: number): void {
    this.advanceTo(this.#now + milliseconds);
  }

  /** Runs the next task if it is due by `limit`; else stands at `limit` and gives false. */
  runNext(limit: number): boolean {
    const next = this.#take(limit);
    if (!next) {
      this.#now = Math.max(this.#now, limit);
      return false;
    }
    this.#now = next.at;
    const { run } = next;
    next.run = undefined;
    run!();
    return true;
  }

  /** The instant of the next task, if there is one. */
  nextAt(): number | undefined {
    return this.#peekDue()?.at ?? this.#peekLater()?.at;
  }

  /** The next live task up to `at`, taken out. What was scheduled before this instant began comes before what is due. */
  #take(at: number): Task | undefined {
    const due = this.#peekDue();
    const later = this.#peekLater();
    if (due && due.at <= at && !(later && isBefore(later, due))) {
      this.#nextDue++;
      return due;
    }
    if (!later || later.at > at) return undefined;
    this.#pop();
    return later;
  }

  #peekDue(): Task | undefined {
    const due = this.#due;
    while (this.#nextDue < this.#endDue) {
      const task = due[this.#nextDue]!;
      if (task.run) return task;
      this.#nextDue++;
    }
    // A new list where this one has grown large: it would hold on to what it held.
    if (due.length > 1024) this.#due = [];
    this.#nextDue = 0;
    this.#endDue = 0;
    return undefined;
  }

  #peekLater(): Task | undefined {
    for (let task = this.#later[0]; task; task = this.#later[0]) {
      if (task.run) return task;
      this.#cancelled--;
      this.#pop();
    }
    return undefined;
  }

  #push(task: Task): void {
    const heap = this.#later;
    let index = heap.length;
    heap.push(task);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(task, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = task;
  }

  #pop(): void {
    const last = this.#later.pop()!;
    if (this.#later.length > 0) this.#sink(last, 0);
  }

  #sink(task: Task, start: number): void {
    const heap = this.#later;
    let index = start;
    for (let child = 2 * index + 1; child < heap.length; child = 2 * index + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, task)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = task;
  }

  /** Clears away what was cancelled: more than half, so that each cancellation costs a constant. */
  #compact(): void {
    this.#later = this.#later.filter(({ run }) => run !== undefined);
    this.#cancelled = 0;
    for (let index = (this.#later.length >> 1) - 1; index >= 0; index--)
      this.#sink(this.#later[index]!, index);
  }
}

function isBefore(a: Task, b: Task): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.rank !== b.rank) return a.rank < b.rank;
  return a.order < b.order;
}

/** The rank of a beat: after all that is no beat, and the same for the same name whenever it is scheduled. */
export function beatRank(name: string): number {
  return 1 + hash32(name);
}

/** The rank of a look at what all others of an instant have left; else as `beatRank`. */
export function lastRank(name: string): number {
  return 2 ** 34 + hash32(name);
}
