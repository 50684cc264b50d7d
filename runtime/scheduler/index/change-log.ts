/**
 * The slots in which something changed, in order. Readers keep the position up to which they have read; what lies too far
 * back is forgotten, and a reader that comes so late looks at everything.
 */
export class ChangeLog {
  readonly #slots = new Int32Array(1 << 16);
  #end = 0;

  get end(): number {
    return this.#end;
  }

  add(slot: number): void {
    this.#slots[this.#end & 0xffff] = slot;
    this.#end++;
  }

  /** Whether what was added since `position` is still known and less than `most`. */
  reaches(position: number, most: number): boolean {
    return this.#end - position <= Math.min(most, this.#slots.length);
  }

  at(position: number): number {
    return this.#slots[position & 0xffff]!;
  }
}
