import type { Cancel, Clock } from "../../base/clock.ts";
import { ApiError } from "./client.ts";

/** Look at this key again, no later than after so many milliseconds. */
export interface RequeueAfter {
  readonly after: number;
}

/** When a loop takes its turn within an instant, where the clock tells ranks apart: after all beats (`beatRank`). */
export const turnRanks = {
  /** What looks at many objects at once: when all that changes them has been done. */
  overview: 2 ** 33,
  /** What looks at what overviews have written. */
  summary: 2 ** 33 + 1,
} as const;

/**
 * A level-triggered loop: a set of keys to look at, one synchronous decision per key. It carries keys and never
 * events, so it can be stopped, restarted or run twice and the cluster still converges.
 *
 * A decision that throws is tried again after 5 ms, doubling to 1000 s, per key (client-go's default rate limiter).
 */
export class Loop {
  readonly name: string;
  readonly #clock: Clock;
  readonly #reconcile: (key: string) => RequeueAfter | undefined | void;
  readonly #onError: (name: string, key: string, error: unknown) => void;
  readonly #rank: number;
  readonly #ready = new Set<string>();
  readonly #later = new Map<string, { at: number; cancel: Cancel }>();
  readonly #failures = new Map<string, number>();
  readonly #takeTurn = () => this.#turn();
  #cancelTurn: Cancel | undefined;
  #stopped = false;

  constructor(
    name: string,
    clock: Clock,
    reconcile: (key: string) => RequeueAfter | undefined | void,
    onError: (name: string, key: string, error: unknown) => void = () => {},
    rank = 0,
  ) {
    this.name = name;
    this.#clock = clock;
    this.#reconcile = reconcile;
    this.#onError = onError;
    this.#rank = rank;
  }

  /** Look at `key` soon. A key that is waiting already is looked at once. */
  add(key: string): void {
    if (this.#stopped) return;
    this.#ready.add(key);
    this.#cancelTurn ??= this.#clock.schedule(this.#clock.now(), this.#takeTurn, this.#rank);
  }

  /** Look at `key` in `milliseconds`, or sooner if it is due sooner already. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#stopped) return;
    if (milliseconds <= 0) {
      this.add(key);
      return;
    }
    const at = this.#clock.now() + milliseconds;
    const waiting = this.#later.get(key);
    if (waiting) {
      if (waiting.at <= at) return;
      waiting.cancel();
    }
    const cancel = this.#clock.schedule(at, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { at, cancel });
  }

  /** Lets go of what `addAfter` and earlier decisions asked for: for one who says all of it anew each time. */
  forget(key: string): void {
    const waiting = this.#later.get(key);
    if (!waiting) return;
    waiting.cancel();
    this.#later.delete(key);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTurn?.();
    for (const { cancel } of this.#later.values()) cancel();
    this.#later.clear();
    this.#ready.clear();
  }

  /** Decides for up to a batch of keys, then yields so that no loop holds up the others. */
  #turn(): void {
    this.#cancelTurn = undefined;
    let budget = 64;
    for (const key of this.#ready) {
      if (this.#stopped || budget-- === 0) break;
      this.#ready.delete(key);
      this.#decide(key);
    }
    if (this.#ready.size > 0 && !this.#stopped) {
      this.#cancelTurn ??= this.#clock.schedule(this.#clock.now(), this.#takeTurn, this.#rank);
    }
  }

  #decide(key: string): void {
    try {
      const result = this.#reconcile(key);
      if (this.#failures.size > 0) this.#failures.delete(key);
      if (result) this.addAfter(key, result.after);
    } catch (error) {
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      // A conflict means that a newer version is there to be read; it is not worth reporting.
      if (!(error instanceof ApiError && error.reason === "Conflict")) this.#onError(this.name, key, error);
      this.addAfter(key, Math.min(5 * 2 ** Math.min(failures, 18), 1_000_000));
    }
  }
}
