import type { PodCounter } from "./census.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Alike, Reading } from "./domains.ts";
import type { Foundation } from "./foundation.ts";
import { countWithout, exclude, include, type SlotSet, slotSet } from "./slot-sets.ts";

/** Nodes that are the same to every rule over domains. */
export interface Candidates extends Alike {
  /** Their cell in the foundation. */
  readonly cell: number;
  /** Their cell in the overlay; −1 for the foundation's nodes of which the class's own counts are all 0. */
  readonly over: number;
  size: number;
  /** Which nodes they are; undefined for the foundation's. */
  readonly own: SlotSet | undefined;
  /** By reading of the class. */
  readonly counts: number[];
  /** What the scores add that are the same for all of them, and what that comes to at most with the best of their own. */
  shared: number;
  most: number;
  /** The highest score of its own that any of them has, and how many have it; known once `top` was asked. */
  topScore: number;
  topCount: number;
}

/** By slot, where it is found: of the node itself, or of its domain. */
interface Wide {
  readonly reading: Reading;
  count(slot: number): number;
}

/** Past so many nodes it is quicker to lay sets over each other than to look at each node. */
const few = 64;

/**
 * The part of a class that is its own: the nodes for which something that it counts in domains that are many (hosts) is
 * not 0. Those are taken out of the foundation's cells and stand in cells of their own, by what is counted. It follows
 * what is counted and not what nodes score: that is read from the foundation when it matters.
 */
export class Overlay {
  readonly #foundation: Foundation;
  readonly #readings: readonly Reading[];
  readonly #wide: readonly Wide[];
  /** Where each reading finds its domain among the foundation's narrow ones, or its count among the wide. */
  readonly #narrowAt: Int32Array;
  readonly #wideAt: Int32Array;
  readonly #topologyAt: Int32Array;
  /** All nodes that are taken out of the foundation's cells. */
  readonly #marked: SlotSet;
  /** By slot 1 more than the cell of the overlay; 0 for none. */
  readonly #at: Int32Array;
  /** By the foundation's cell: how many of its nodes are marked. */
  readonly #taken: number[] = [];
  /** Up to where the changes of the class's one own counter, and the foundation's moves, are taken over. */
  #counted = 0;
  #moved = 0;
  /** The candidates that stand for the foundation's cells, and for the overlay's own. */
  readonly #plain: Candidates[] = [];
  readonly #cells: Candidates[] = [];
  readonly #ids = new Map<string, number>();
  /** With one wide reading, cells by the foundation's cell and the count. */
  readonly #table: number[][] = [];
  /** To count different domains with. */
  readonly #seen = new Set<number>();

  constructor(foundation: Foundation, readings: readonly Reading[], size: number) {
    this.#foundation = foundation;
    this.#readings = readings;
    this.#marked = slotSet(size);
    this.#at = new Int32Array(size);
    this.#narrowAt = new Int32Array(readings.length).fill(-1);
    this.#wideAt = new Int32Array(readings.length).fill(-1);
    this.#topologyAt = new Int32Array(readings.length).fill(-1);
    const wide: Reading[] = [];
    readings.forEach((reading, index) => {
      const { counts, own } = reading;
      if (isNarrow(reading)) {
        this.#narrowAt[index] = foundation.homes.narrow.indexOf(counts.topology);
        return;
      }
      this.#topologyAt[index] = foundation.homes.wide.indexOf(counts.topology);
      let at = wide.findIndex((each) => each.counts === counts && each.own === own);
      if (at < 0) at = wide.push(reading) - 1;
      this.#wideAt[index] = at;
    });
    this.#wide = wide.map(toWide);
  }

  get hasWide(): boolean {
    return this.#wide.length > 0;
  }

  /** Takes over what stands in all slots now. */
  placeAll(): void {
    this.#counted = this.#own?.changes.end ?? 0;
    this.#moved = this.#foundation.moves.end;
    if (this.#wide.length === 0) return;
    for (let slot = 0; slot < this.#at.length; slot++) this.place(slot);
  }

  get #own(): PodCounter | undefined {
    return this.#wide.length === 1 ? this.#wide[0]!.reading.own : undefined;
  }

  /** Takes over what changed between two positions of the snapshot's log. */
  follow(log: ChangeLog, from: number, to: number): void {
    const { moves } = this.#foundation;
    const own = this.#own;
    if (!moves.reaches(this.#moved, moves.end) || (own && !own.changes.reaches(this.#counted, to))) {
      this.placeAll();
      return;
    }
    for (let at = this.#moved; at < moves.end; at++) this.place(moves.at(at));
    this.#moved = moves.end;
    if (own) {
      for (let at = this.#counted; at < own.changes.end; at++) this.place(own.changes.at(at));
      this.#counted = own.changes.end;
      return;
    }
    for (let at = from; at < to; at++) {
      const slot = log.at(at);
      this.place(slot);
      for (const other of this.#companions(slot)) this.place(other);
    }
  }

  /** Takes over what stands in a slot now. */
  place(slot: number): void {
    const cell = this.#foundation.buckets.cellOf(slot);
    const next = cell >= 0 && this.#counts(slot) ? this.#find(slot, cell) + 1 : 0;
    const before = this.#at[slot]!;
    if (next === before) return;
    if (before > 0) {
      const from = this.#cells[before - 1]!;
      exclude(from.own!, slot);
      from.size--;
      this.#mark(slot, from.cell, -1);
    }
    this.#at[slot] = next;
    if (next === 0) return;
    const of = this.#cells[next - 1]!;
    include(of.own!, slot);
    of.size++;
    this.#mark(slot, cell, 1);
  }

  /** A slot is taken out of a cell of the foundation (1), or goes back (−1). */
  #mark(slot: number, cell: number, sign: 1 | -1): void {
    if (sign > 0) include(this.#marked, slot);
    else exclude(this.#marked, slot);
    this.#taken[cell] = (this.#taken[cell] ?? 0) + sign;
  }

  /** As if no pod could stand in this slot, which is not rejected by itself, until it is restored. */
  withhold(slot: number): void {
    const at = this.#at[slot]!;
    if (at === 0) this.#mark(slot, this.#foundation.buckets.cellOf(slot), 1);
    else {
      exclude(this.#cells[at - 1]!.own!, slot);
      this.#cells[at - 1]!.size--;
    }
  }

  /** Lets a slot that was withheld be what it is. */
  restore(slot: number): void {
    const at = this.#at[slot]!;
    if (at === 0) this.#mark(slot, this.#foundation.buckets.cellOf(slot), -1);
    else {
      include(this.#cells[at - 1]!.own!, slot);
      this.#cells[at - 1]!.size++;
    }
  }

  /** Whether anything that is counted there is not 0. */
  #counts(slot: number): boolean {
    for (let index = 0; index < this.#wide.length; index++)
      if (this.#wide[index]!.count(slot) !== 0) return true;
    return false;
  }

  #find(slot: number, cell: number): number {
    if (this.#wide.length === 1) {
      const count = this.#wide[0]!.count(slot);
      const row = (this.#table[cell] ??= []);
      return (row[count] ??= this.#open(cell, [count]));
    }
    const counts = this.#wide.map((each) => each.count(slot));
    const key = `${cell} ${counts.join()}`;
    let found = this.#ids.get(key);
    if (found === undefined) this.#ids.set(key, (found = this.#open(cell, counts)));
    return found;
  }

  #open(cell: number, wideCounts: readonly number[]): number {
    return this.#cells.push(this.#candidates(cell, this.#cells.length, wideCounts)) - 1;
  }

  #candidates(cell: number, over: number, wideCounts: readonly number[]): Candidates {
    const parts = this.#foundation.homes.parts[cell]!;
    const counts = this.#readings.map((_, reading) => {
      if (this.#narrowAt[reading]! >= 0 || !parts.labelled[this.#topologyAt[reading]!]) return -1;
      return wideCounts[this.#wideAt[reading]!] ?? 0;
    });
    const own = over < 0 ? undefined : slotSet(this.#at.length);
    return { cell, over, size: 0, own, counts, shared: 0, most: -1, topScore: -1, topCount: 0 };
  }

  /** Takes over what is counted in the few domains that are told apart one by one; the rest is what the cell is. */
  #recount({ cell, counts }: Candidates): void {
    const { domains } = this.#foundation.homes.parts[cell]!;
    for (let reading = 0; reading < counts.length; reading++) {
      const narrow = this.#narrowAt[reading]!;
      if (narrow < 0) continue;
      const domain = domains[narrow]!;
      counts[reading] = domain < 0 ? -1 : this.#readings[reading]!.counts.totals[domain]!;
    }
  }

  /** The other nodes whose counts change with this one's. */
  #companions(slot: number): readonly number[] {
    let found: readonly number[] | undefined;
    for (const { reading } of this.#wide) {
      if (reading.own) continue;
      const { domainOf, slots } = reading.counts.topology;
      const there = domainOf[slot]! < 0 ? none : slots[domainOf[slot]!]!;
      if (there.length > 1) found = found ? [...found, ...there] : there;
    }
    return found ?? none;
  }

  /** All nodes that are not rejected by themselves, as far as they are alike. Good until something changes. */
  candidates(): Candidates[] {
    const { buckets } = this.#foundation;
    const found: Candidates[] = [];
    for (let cell = 0; cell < buckets.cells; cell++) {
      const size = buckets.size(cell) - (this.#taken[cell] ?? 0);
      if (size === 0) continue;
      const plain = (this.#plain[cell] ??= this.#candidates(cell, -1, none));
      plain.size = size;
      found.push(plain);
    }
    for (let over = 0; over < this.#cells.length; over++)
      if (this.#cells[over]!.size > 0) found.push(this.#cells[over]!);
    for (let index = 0; index < found.length; index++) this.#recount(found[index]!);
    return found;
  }

  /** Where a node that is not rejected by itself belongs. */
  candidateAt(slot: number): Candidates {
    const found = this.#candidatesOf(slot);
    this.#recount(found);
    return found;
  }

  #candidatesOf(slot: number): Candidates {
    const at = this.#at[slot]!;
    if (at > 0) return this.#cells[at - 1]!;
    const cell = this.#foundation.buckets.cellOf(slot);
    return (this.#plain[cell] ??= this.#candidates(cell, -1, none));
  }

  group({ cell }: Candidates): number {
    return this.#foundation.homes.parts[cell]!.group;
  }

  /** In how many domains of a reading's topology candidates are; those without the label are in one. */
  distinct(reading: number, some: readonly Candidates[]): number {
    const found = this.#seen;
    found.clear();
    const narrow = this.#narrowAt[reading]!;
    if (narrow >= 0) {
      for (const { cell } of some) found.add(this.#foundation.homes.parts[cell]!.domains[narrow]!);
      return found.size;
    }
    const chosen = new Set(some);
    const { domainOf } = this.#readings[reading]!.counts.topology;
    for (let slot = 0; slot < domainOf.length; slot++)
      if (this.#foundation.buckets.cellOf(slot) >= 0 && chosen.has(this.#candidatesOf(slot)))
        found.add(domainOf[slot]!);
    return found.size;
  }

  /** No candidate has a higher score of its own than this. */
  bound({ cell }: Candidates): number {
    return this.#foundation.buckets.top(cell);
  }

  /** Finds the highest score of its own that any of the candidates has, and how many have it. */
  top(of: Candidates): number {
    if (of.own) this.#topOf(of, of.own);
    else this.#topOfRest(of);
    return of.topScore;
  }

  #topOf(of: Candidates, own: SlotSet): void {
    const { buckets } = this.#foundation;
    let best = -1;
    let count = 0;
    for (let word = 0; word < own.length; word++) {
      for (let bits = own[word]!; bits !== 0; bits &= bits - 1) {
        const score = buckets.scoreOf((word << 5) + 31 - Math.clz32(bits & -bits));
        if (score < best) continue;
        count = score === best ? count + 1 : 1;
        best = score;
      }
    }
    of.topScore = best;
    of.topCount = count;
  }

  #topOfRest(of: Candidates): void {
    const { buckets } = this.#foundation;
    const { cell } = of;
    let score = buckets.top(cell);
    while ((of.topCount = this.#restWith(cell, score)) === 0) score = buckets.top(cell, score);
    of.topScore = score;
  }

  /** How many of a cell of the foundation have this score and are not taken out. */
  #restWith(cell: number, score: number): number {
    const { buckets } = this.#foundation;
    const taken = this.#taken[cell] ?? 0;
    if (taken === 0) return buckets.count(cell, score);
    if (taken > few) return countWithout(buckets.set(cell, score), this.#marked);
    let count = buckets.count(cell, score);
    const marked = this.#marked;
    for (let word = 0; word < marked.length; word++) {
      for (let bits = marked[word]!; bits !== 0; bits &= bits - 1) {
        const slot = (word << 5) + 31 - Math.clz32(bits & -bits);
        if (buckets.cellOf(slot) === cell && buckets.scoreOf(slot) === score) count--;
      }
    }
    return count;
  }

  /** The slot of the `nth` node, in order, of those of the candidates that have the highest score. */
  pick(places: readonly Candidates[], nth: number): number {
    return this.#foundation.buckets.pick(places, this.#marked, nth);
  }
}

export function isNarrow({ counts, own }: Reading): boolean {
  return own === undefined && counts.topology.narrow;
}

function toWide(reading: Reading): Wide {
  const { counts, own } = reading;
  const { domainOf } = counts.topology;
  if (own) {
    const { perSlot } = own;
    return { reading, count: (slot) => (domainOf[slot]! < 0 ? 0 : perSlot[slot]!) };
  }
  const { totals } = counts;
  return { reading, count: (slot) => (domainOf[slot]! < 0 ? 0 : totals[domainOf[slot]!]!) };
}

const none: readonly number[] = [];
