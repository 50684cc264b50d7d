import { drain, include, type SlotSet } from "./slot-sets.ts";

/**
 * The slots in which something changed, in order. Readers keep the position up to which they have read; what lies too far
 * back is forgotten, and a reader that comes so late looks at everything.
 */
export class ChangeLog {
  readonly #slots: Int32Array;
  readonly #mask: number;
  #end = 0;

  /** How many changes are known at most: a power of two. */
  constructor(size = 1 << 16) {
    this.#slots = new Int32Array(size);
    this.#mask = size - 1;
  }

  get end(): number {
    return this.#end;
  }

  add(slot: number): void {
    this.#slots[this.#end & this.#mask] = slot;
    this.#end++;
  }

  /** Whether what was added since `position` is still known and less than `most`. */
  reaches(position: number, most: number): boolean {
    return this.#end - position <= Math.min(most, this.#slots.length);
  }

  /**
   * Copies the slots that were added since `position`, each once and in order, so that what is kept of slots is read from front
   * to back; gives how many there are. `seen` is empty, and is so again.
   */
  slotsSince(position: number, into: Int32Array, seen: SlotSet): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let at = position; at < this.#end; at++) include(seen, slots[at & mask]!);
    return drain(seen, into);
  }

  at(position: number): number {
    return this.#slots[position & this.#mask]!;
  }
}
