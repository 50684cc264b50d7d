import type { Batch } from "../framework.ts";
import type { ChangeLog } from "./change-log.ts";
import { exclude, include, type Part, type SlotSet, select, slotSet } from "./slot-sets.ts";

/** Scores of nodes' own are less than this; a node's key is its cell and its score in one number. */
const strideBits = 9;
const stride = 1 << strideBits;

/**
 * Nodes in cells, and within a cell by their scores: to move one costs the same however many there are. Which nodes have a
 * score is put together when it is first asked for, and followed from then on: that is only ever asked of the best.
 */
export class Buckets {
  /** By slot: 0 for nowhere, negative for a rejection, else the cell and the score. */
  readonly #keys: Int32Array;
  /** By key: how many nodes. */
  #counts = new Int32Array(stride);
  /** The keys that any node has. */
  #filled = slotSet(stride);
  /** By key 1 more than the place of the set of its nodes; 0 where nobody has asked for it. */
  #setAt = new Int32Array(stride);
  readonly #sets: SlotSet[] = [];
  /** Places of sets that are empty. */
  readonly #spare: number[] = [];
  /** By cell: how many nodes. */
  readonly #sizes: number[] = [];
  readonly #rejected: number[] = [];

  constructor(size: number) {
    this.#keys = new Int32Array(size);
  }

  /** Makes place for so many cells. */
  grow(cells: number): void {
    while (this.#sizes.length < cells) this.#sizes.push(0);
    const size = (cells + 1) * stride;
    if (size <= this.#counts.length) return;
    const larger = <T extends Int32Array>(from: T, to: T) => {
      to.set(from);
      return to;
    };
    this.#counts = larger(this.#counts, new Int32Array(2 * size));
    this.#filled = larger(this.#filled, slotSet(2 * size));
    this.#setAt = larger(this.#setAt, new Int32Array(2 * size));
  }

  /** Takes in where nodes stand now, and notes those that come to another cell, or to be rejected or not. */
  put({ slots, values, size }: Batch, cells: Int32Array, moves: ChangeLog): void {
    const keys = this.#keys;
    const counts = this.#counts;
    const setAt = this.#setAt;
    for (let index = 0; index < size; index++) {
      const slot = slots[index]!;
      const value = values[index]!;
      const key = value < 0 ? value : (cells[slot]! + 1) * stride + value;
      const before = keys[slot]!;
      if (key === before) continue;
      keys[slot] = key;
      if (key < 0 || key >> strideBits !== before >> strideBits) this.#settle(slot, before, key, moves);
      if (before > 0) {
        const left = counts[before]! - 1;
        counts[before] = left;
        if (setAt[before]! > 0) exclude(this.#sets[setAt[before]! - 1]!, slot);
        if (left === 0) this.#empty(before);
      }
      if (key > 0) {
        const others = counts[key]!;
        counts[key] = others + 1;
        if (others === 0) include(this.#filled, key);
        else if (setAt[key]! > 0) include(this.#sets[setAt[key]! - 1]!, slot);
      }
    }
  }

  /** A node comes to another cell, or is rejected otherwise or no more. */
  #settle(slot: number, from: number, to: number, moves: ChangeLog): void {
    if (from > 0) this.#sizes[(from >> strideBits) - 1]!--;
    else if (from < 0) this.#rejected[-from]!--;
    if (to > 0) this.#sizes[(to >> strideBits) - 1]!++;
    else this.#rejected[-to] = (this.#rejected[-to] ?? 0) + 1;
    if (from > 0 || to > 0) moves.add(slot);
  }

  /** The last node with this key has left. A set that is empty is used again. */
  #empty(key: number): void {
    exclude(this.#filled, key);
    if (this.#setAt[key] === 0) return;
    this.#spare.push(this.#setAt[key]! - 1);
    this.#setAt[key] = 0;
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
    return this.#sizes.length;
  }

  size(cell: number): number {
    return this.#sizes[cell] ?? 0;
  }

  /** The highest score in a cell that is less than `below`; −1 for none. */
  top(cell: number, below = stride): number {
    if (below === 0) return -1;
    const filled = this.#filled;
    const first = ((cell + 1) * stride) >> 5;
    let word = first + ((below - 1) >> 5);
    let bits = filled[word]! & (-1 >>> (31 - ((below - 1) & 31)));
    while (bits === 0) {
      if (word <= first) return -1;
      bits = filled[--word]!;
    }
    return ((word - first) << 5) + 31 - Math.clz32(bits);
  }

  count(cell: number, score: number): number {
    return this.#counts[(cell + 1) * stride + score]!;
  }

  /** The nodes of a cell with a score that some have. Good until something changes. */
  set(cell: number, score: number): SlotSet {
    const key = (cell + 1) * stride + score;
    const known = this.#setAt[key]!;
    if (known > 0) return this.#sets[known - 1]!;
    const place = this.#spare.pop() ?? this.#sets.push(slotSet(this.#keys.length)) - 1;
    this.#setAt[key] = place + 1;
    const set = this.#sets[place]!;
    includeAll(set, this.#keys, key);
    return set;
  }

  /** The `nth` slot, in order, of the best of all places together. `marked`: see `Place`. */
  pick(places: readonly Place[], marked: SlotSet, nth: number): number {
    const parts: Part[] = [];
    for (const { cell, own, topScore } of places) parts.push({ set: this.set(cell, topScore), own });
    return select(parts, marked, nth);
  }
}

/** Takes in the slots of a key. */
function includeAll(set: SlotSet, keys: Int32Array, key: number): void {
  for (let slot = 0; slot < keys.length; slot++) if (keys[slot] === key) include(set, slot);
}

/** Some nodes of a cell: those in `own`; or, where there is none, all that are not marked. */
interface Place {
  readonly cell: number;
  readonly own: SlotSet | undefined;
  /** The score of the best of them. */
  readonly topScore: number;
}
