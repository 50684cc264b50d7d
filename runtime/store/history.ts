import type { Kind, Stored } from "../../model/meta.ts";

/** One write: an object before and after it. Absent before: created; absent after: deleted. */
export interface Change {
  readonly revision: number;
  readonly kind: Kind;
  readonly previous?: Stored | undefined;
  readonly next?: Stored | undefined;
  /** A deleted object in its last state at the revision of the deletion, once it has been shown to somebody. */
  deleted?: Stored | undefined;
}

/** What a history keeps alive of objects that are no more, at most, in characters and parts (`weightOf`). */
const MOST_WEIGHT = 32 * 1024 * 1024;

/** The last so many changes of one kind, in order; fewer where they are large, so that what it keeps is bounded. */
export class History {
  readonly #capacity: number;
  readonly #mostWeight: number;
  /** From `#first` on; what is before is forgotten, and cut off now and then. */
  #changes: (Change | undefined)[] = [];
  #weights: number[] = [];
  #first = 0;
  #weight = 0;
  /** The revision of the newest change that was forgotten. */
  #forgotten: number;

  constructor(capacity: number, since: number, mostWeight = MOST_WEIGHT) {
    this.#capacity = capacity;
    this.#mostWeight = mostWeight;
    this.#forgotten = since;
  }

  push(change: Change): void {
    if (this.#capacity === 0) {
      this.#forgotten = change.revision;
      return;
    }
    const weight = change.previous ? weightOf(change.previous, change.next) : 0;
    this.#changes.push(change);
    this.#weights.push(weight);
    this.#weight += weight;
    while (this.#changes.length - this.#first > this.#capacity || this.#weight > this.#mostWeight) {
      this.#forgotten = this.#changes[this.#first]!.revision;
      this.#weight -= this.#weights[this.#first]!;
      this.#changes[this.#first++] = undefined;
    }
    if (this.#first > this.#capacity) {
      this.#changes = this.#changes.slice(this.#first);
      this.#weights = this.#weights.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The changes after `revision`, oldest first; undefined where some of them are forgotten. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.#forgotten) return undefined;
    let start = this.#changes.length;
    while (start > this.#first && this.#changes[start - 1]!.revision > revision) start--;
    return this.#changes.slice(start) as Change[];
  }
}

/** What remembering a change keeps alive: what the object before it does not share with the one after it. */
function weightOf(before: unknown, after: unknown): number {
  if (before === after) return 0;
  if (typeof before !== "object" || before === null) return sizeOf(before);
  if (typeof after !== "object" || after === null) return sizeOf(before);
  let weight = 1;
  for (const key in before)
    weight += weightOf((before as Record<string, unknown>)[key], (after as Record<string, unknown>)[key]);
  return weight;
}

/** All of a value, of which nothing is shared. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 1;
  let size = 1;
  for (const key in value) size += sizeOf((value as Record<string, unknown>)[key]);
  return size;
}
