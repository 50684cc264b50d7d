import type { Clock } from "../../base/clock.ts";

/** Kubernetes' `ExpectationsTimeout`: after 5 minutes a loop acts on what it sees, in milliseconds. */
const TIMEOUT = 5 * 60_000;

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  readonly since: number;
}

/**
 * What a controller has asked for and not yet seen. While something is outstanding its view is behind its own
 * writes, and acting on it would create or delete twice (Kubernetes' `UIDTrackingControllerExpectations`). A loop
 * that reads the store itself sees its writes at once; one with a lagging view does not.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #expected = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `key` is about to create `count` objects. */
  expectCreations(key: string, count: number): void {
    this.#expected.set(key, { creations: count, deletions: new Set(), since: this.#clock.now() });
  }

  /** `key` is about to delete these objects, named as it likes. */
  expectDeletions(key: string, names: readonly string[]): void {
    this.#expected.set(key, { creations: 0, deletions: new Set(names), since: this.#clock.now() });
  }

  /** One creation was seen, or will never be (it failed). */
  creationObserved(key: string, count = 1): void {
    const expected = this.#expected.get(key);
    if (expected) expected.creations = Math.max(0, expected.creations - count);
  }

  /** A deletion was seen, or will never be; gives whether `key` was waiting for it. */
  deletionObserved(key: string, name: string): boolean {
    return this.#expected.get(key)?.deletions.delete(name) ?? false;
  }

  /** Whether `key` has seen all it asked for, or has waited for it too long. */
  satisfied(key: string): boolean {
    const expected = this.#expected.get(key);
    if (!expected) return true;
    if (expected.creations === 0 && expected.deletions.size === 0) return true;
    return this.#clock.now() - expected.since > TIMEOUT;
  }

  /** When unsatisfied expectations of `key` expire, in milliseconds from now. */
  expiresIn(key: string): number {
    const expected = this.#expected.get(key);
    return expected ? Math.max(0, expected.since + TIMEOUT - this.#clock.now()) + 1 : 0;
  }

  forget(key: string): void {
    this.#expected.delete(key);
  }
}
