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

  /** Copies what was added since `position`; gives how many there are. */
  copySince(position: number, into: Int32Array): number {
    const slots = this.#slots;
    const mask = this.#mask;
    const size = this.#end - position;
    for (let index = 0; index < size; index++) into[index] = slots[(position + index) & mask]!;
    return size;
  }

  at(position: number): number {
    return this.#slots[position & this.#mask]!;
  }
}
