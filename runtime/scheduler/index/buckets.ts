import { exclude, include, type SlotSet, slotSet } from "./slot-sets.ts";

/** Scores of nodes' own are less than this; a node's key is its cell and its score in one number. */
const strideBits = 9;
const stride = 1 << strideBits;
const words = stride >> 5;

interface Cell {
  size: number;
  /** By score: how many nodes. */
  readonly counts: Int32Array;
  /** One bit for each score that any node has. */
  readonly filled: Int32Array;
  /** By score: which nodes, where somebody has asked for them. */
  readonly sets: (SlotSet | undefined)[];
}

/**
 * Nodes in cells, and within a cell by their scores: to move one costs the same however many there are. Which nodes have a
 * score is put together when it is first asked for, and followed from then on: that is only ever asked of the best.
 */
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

  /** The node stands in this cell with this score. Gives whether it has come from elsewhere. */
  put(slot: number, cell: number, score: number): boolean {
    const key = (cell + 1) * stride + score;
    const before = this.#keys[slot]!;
    if (key === before) return false;
    this.#keys[slot] = key;
    if (before > 0) this.#take(slot, this.#cells[(before >> strideBits) - 1]!, before & (stride - 1));
    else if (before < 0) this.#rejected[-before]!--;
    while (this.#cells.length <= cell) this.#cells.push(createCell());
    this.#add(slot, this.#cells[cell]!, score);
    return before >> strideBits !== key >> strideBits;
  }

  /** The node is rejected, for what has this id. Gives whether it has come from elsewhere. */
  reject(slot: number, id: number): boolean {
    const before = this.#keys[slot]!;
    if (before === -id) return false;
    this.#keys[slot] = -id;
    if (before > 0) this.#take(slot, this.#cells[(before >> strideBits) - 1]!, before & (stride - 1));
    else if (before < 0) this.#rejected[-before]!--;
    this.#rejected[id] = (this.#rejected[id] ?? 0) + 1;
    return before > 0;
  }

  #take(slot: number, cell: Cell, score: number): void {
    cell.size--;
    const left = cell.counts[score]! - 1;
    cell.counts[score] = left;
    const set = cell.sets[score];
    if (set !== undefined) exclude(set, slot);
    if (left > 0) return;
    cell.filled[score >> 5] = cell.filled[score >> 5]! & ~(1 << (score & 31));
    if (set === undefined) return;
    cell.sets[score] = undefined;
    this.#spare.push(set);
  }

  #add(slot: number, cell: Cell, score: number): void {
    cell.size++;
    const before = cell.counts[score]!;
    cell.counts[score] = before + 1;
    if (before === 0) cell.filled[score >> 5] = cell.filled[score >> 5]! | (1 << (score & 31));
    const set = cell.sets[score];
    if (set !== undefined) include(set, slot);
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
      if (word <= 0) return -1;
      bits = filled[--word]!;
    }
    return (word << 5) + 31 - Math.clz32(bits);
  }

  count(cell: number, score: number): number {
    return this.#cells[cell]!.counts[score]!;
  }

  /** The nodes of a cell with a score that some have. Good until something changes. */
  set(cell: number, score: number): SlotSet {
    const { sets } = this.#cells[cell]!;
    let set = sets[score];
    if (set === undefined) {
      set = this.#spare.pop() ?? slotSet(this.#size);
      const key = (cell + 1) * stride + score;
      const keys = this.#keys;
      for (let slot = 0; slot < keys.length; slot++) if (keys[slot] === key) include(set, slot);
      sets[score] = set;
    }
    return set;
  }
}

function createCell(): Cell {
  const sets = new Array<SlotSet | undefined>(stride).fill(undefined);
  return { size: 0, counts: new Int32Array(stride), sets, filled: new Int32Array(words) };
}
