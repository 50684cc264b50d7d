import { exclude, include, type SlotSet, slotSet } from "./slot-sets.ts";

/** Scores of nodes' own are less than this; a node's key is its cell and its score in one number. */
const strideBits = 9;
const stride = 1 << strideBits;
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
  /** By slot: 0 for nowhere, negative for a rejection, else the cell and the score. */
  readonly #keys: Int32Array;
  readonly #cells: Cell[] = [];
  readonly #spare: SlotSet[] = [];
  readonly #rejected: number[] = [];

  constructor(size: number) {
    this.#size = size;
    this.#keys = new Int32Array(size);
  }

  /** The node stands in this cell with this score. */
  put(slot: number, cell: number, score: number): void {
    const key = (cell + 1) * stride + score;
    const before = this.#keys[slot]!;
    if (key === before) return;
    this.#leave(slot, before);
    this.#keys[slot] = key;
    while (this.#cells.length <= cell)
      this.#cells.push({
        size: 0,
        counts: new Int32Array(stride),
        sets: [],
        filled: new Int32Array(words),
      });
    this.#add(slot, this.#cells[cell]!, score);
  }

  /** The node stands nowhere. */
  drop(slot: number): void {
    this.#leave(slot, this.#keys[slot]!);
    this.#keys[slot] = 0;
  }

  /** The node is rejected, for what has this id. */
  reject(slot: number, id: number): void {
    const before = this.#keys[slot]!;
    if (before === -id) return;
    this.#leave(slot, before);
    this.#keys[slot] = -id;
    this.#rejected[id] = (this.#rejected[id] ?? 0) + 1;
  }

  #leave(slot: number, before: number): void {
    if (before > 0) this.#take(slot, this.#cells[(before >> strideBits) - 1]!, before & (stride - 1));
    else if (before < 0) this.#rejected[-before]!--;
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
    const key = this.#keys[slot]!;
    return key > 0 ? (key >> strideBits) - 1 : -1;
  }

  scoreOf(slot: number): number {
    return this.#keys[slot]! & (stride - 1);
  }

  /** The id of the rejection; 0 where there is none. */
  rejectionOf(slot: number): number {
    const key = this.#keys[slot]!;
    return key < 0 ? -key : 0;
  }

  /** How many nodes met which rejection. */
  rejections(): Map<number, number> {
    const found = new Map<number, number>();
    this.#rejected.forEach((count, id) => {
      if (count > 0) found.set(id, count);
    });
    return found;
  }

  get cells(): number {
    return this.#cells.length;
  }

  size(cell: number): number {
    return this.#cells[cell]?.size ?? 0;
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
