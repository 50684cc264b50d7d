import type { Kind, Stored } from "../../model/meta.ts";

/** One write: an object before and after it. Absent before: created; absent after: deleted. */
export interface Change {
  readonly revision: number;
  readonly kind: Kind;
  readonly previous?: Stored;
  readonly next?: Stored;
  /** The object as the last event of a deleted one shows it: its last state at the revision of the deletion. */
  readonly deleted?: Stored;
}

/** The last so many changes of one kind, in order: a ring, so that what it keeps is bounded. */
export class History {
  readonly #capacity: number;
  readonly #changes: Change[] = [];
  #first = 0;
  /** The revision of the newest change that was forgotten. */
  #forgotten: number;

  constructor(capacity: number, since: number) {
    this.#capacity = capacity;
    this.#forgotten = since;
  }

  push(change: Change): void {
    if (this.#changes.length < this.#capacity) {
      this.#changes.push(change);
      return;
    }
    this.#forgotten = this.#changes[this.#first]!.revision;
    this.#changes[this.#first] = change;
    this.#first = (this.#first + 1) % this.#capacity;
  }

  /** The changes after `revision`, oldest first; undefined where some of them are forgotten. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.#forgotten) return undefined;
    const found: Change[] = [];
    for (let offset = this.#changes.length - 1; offset >= 0; offset--) {
      const change = this.#changes[(this.#first + offset) % this.#changes.length]!;
      if (change.revision <= revision) break;
      found.push(change);
    }
    return found.reverse();
  }
}
