/** Sets of slots as bits, 32 to a word, in the order of the slots. */
export type SlotSet = Int32Array;

export function slotSet(size: number): SlotSet {
  return new Int32Array((size + 31) >> 5);
}

export function has(set: SlotSet, slot: number): boolean {
  return (set[slot >> 5]! & (1 << (slot & 31))) !== 0;
}

export function include(set: SlotSet, slot: number): void {
  set[slot >> 5] = set[slot >> 5]! | (1 << (slot & 31));
}

export function exclude(set: SlotSet, slot: number): void {
  set[slot >> 5] = set[slot >> 5]! & ~(1 << (slot & 31));
}

/** Empties a set and copies what was in it, in order; gives how many there were. */
export function drain(set: SlotSet, into: Int32Array): number {
  let size = 0;
  for (let word = 0; word < set.length; word++) {
    let bits = set[word]!;
    if (bits === 0) continue;
    set[word] = 0;
    for (; bits !== 0; bits &= bits - 1) into[size++] = (word << 5) + 31 - Math.clz32(bits & -bits);
  }
  return size;
}

/** How many are in `set` and not in `without`. */
export function countWithout(set: SlotSet, without: SlotSet): number {
  let count = 0;
  for (let word = 0; word < set.length; word++) {
    const bits = set[word]! & ~without[word]!;
    if (bits !== 0) count += ones(bits);
  }
  return count;
}

/** The slots of a set that are in `own` too; or, where there is none, that are not in those without which it is. */
export interface Part {
  readonly set: SlotSet;
  readonly own: SlotSet | undefined;
}

/** The `nth` slot, in order, of all parts together. */
export function select(parts: readonly Part[], without: SlotSet, nth: number): number {
  let left = nth;
  for (let word = 0; word < without.length; word++) {
    let bits = 0;
    for (let index = 0; index < parts.length; index++) {
      const { set, own } = parts[index]!;
      bits |= set[word]! & (own === undefined ? ~without[word]! : own[word]!);
    }
    if (bits === 0) continue;
    const count = ones(bits);
    if (left >= count) {
      left -= count;
      continue;
    }
    for (; left > 0; left--) bits &= bits - 1;
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }
  throw new Error("there are fewer slots than were counted");
}

/** How many bits of a word are set. */
function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
