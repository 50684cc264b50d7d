import { exclude, include, type SlotSet, slotSet } from "./slot-sets.ts";

/** Scores of nodes' own are less than this; a node's key is its cell and its score in one number. */
const stride = 512;
const words = stride >> 5;

interface Cell {
  size: number;
  /** By score: how many nodes, and which. */
  readonly counts: Int32Array;
  readonly sets: (SlotSet | undefined)[];
  /** One bit for each score that any node has. */
  readonly filled: Int32Array;
}

/** Nodes in cells, and within a cell by their scores: to move one costs the same however many there are. */
export class Buckets {
  readonly #size: number;
  /** By slot: 0 for nowhere, else the cell and the score. */
  readonly #keys: Int32Array;
  readonly #cells: Cell[] = [];
  readonly #spare: SlotSet[] = [];

  constructor(size: number) {
    this.#size = size;
    this.#keys = new Int32Array(size);
  }

  /** A new cell, with no nodes in it. */
  open(): number {
    const cell = { size: 0, counts: new Int32Array(stride), sets: [], filled: new Int32Array(words) };
    return this.#cells.push(cell) - 1;
  }

  /** The node stands in this cell with this score, or nowhere (a cell of −1). */
  put(slot: number, cell: number, score: number): void {
    const key = cell < 0 ? 0 : (cell + 1) * stride + score;
    const before = this.#keys[slot]!;
    if (key === before) return;
    if (before !== 0) this.#take(slot, this.#cells[((before / stride) | 0) - 1]!, before % stride);
    this.#keys[slot] = key;
    if (key !== 0) this.#add(slot, this.#cells[cell]!, score);
  }

  #take(slot: number, cell: Cell, score: number): void {
    const set = cell.sets[score]!;
    exclude(set, slot);
    cell.size--;
    const left = cell.counts[score]! - 1;
    cell.counts[score] = left;
    if (left > 0) return;
    cell.filled[score >> 5] = cell.filled[score >> 5]! & ~(1 << (score & 31));
    cell.sets[score] = undefined;
    this.#spare.push(set);
  }

  #add(slot: number, cell: Cell, score: number): void {
    let set = cell.sets[score];
    if (set === undefined) {
      set = this.#spare.pop() ?? slotSet(this.#size);
      cell.sets[score] = set;
      cell.filled[score >> 5] = cell.filled[score >> 5]! | (1 << (score & 31));
    }
    include(set, slot);
    cell.size++;
    cell.counts[score] = cell.counts[score]! + 1;
  }

  /** −1 for nowhere. */
  cellOf(slot: number): number {
    return ((this.#keys[slot]! / stride) | 0) - 1;
  }

  scoreOf(slot: number): number {
    return this.#keys[slot]! % stride;
  }

  get cells(): number {
    return this.#cells.length;
  }

  size(cell: number): number {
    return this.#cells[cell]!.size;
  }

  /** The highest score in a cell that is less than `below`; −1 for none. */
  top(cell: number, below = stride): number {
    const { filled } = this.#cells[cell]!;
    let word = (below - 1) >> 5;
    let bits = below & 31 ? filled[word]! & ((1 << (below & 31)) - 1) : (filled[word] ?? 0);
    while (bits === 0) {
      if (word === 0) return -1;
      bits = filled[--word]!;
    }
    return (word << 5) + 31 - Math.clz32(bits);
  }

  count(cell: number, score: number): number {
    return this.#cells[cell]!.counts[score]!;
  }

  /** The nodes of a cell with a score that some have. */
  set(cell: number, score: number): SlotSet {
    return this.#cells[cell]!.sets[score]!;
  }
}
