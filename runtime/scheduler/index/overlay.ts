import { Buckets } from "./buckets.ts";
import type { PodCounter } from "./census.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Alike, Reading } from "./domains.ts";
import type { Foundation } from "./foundation.ts";
import { exclude, has, include, type SlotSet, select, slotSet } from "./slot-sets.ts";

/** Nodes that are the same to every rule over domains. */
export interface Candidates extends Alike {
  /** Their cell in the foundation. */
  readonly cell: number;
  /** Their cell in the overlay; −1 for the foundation's nodes of which the class's own counts are all 0. */
  readonly over: number;
  size: number;
  /** By reading of the class. */
  readonly counts: number[];
  /** The highest score of its own that any of them has, and how many have it; known once `top` was asked. */
  topScore: number;
  topCount: number;
}

/** By slot, where it is found: of the node itself, or of its domain. */
interface Wide {
  readonly reading: Reading;
  count(slot: number): number;
}

/**
 * The part of a class that is its own: the nodes for which something that it counts in domains that are many (hosts) is
 * not 0. Those are taken out of the foundation's cells and stand in cells of their own, by what is counted.
 */
export class Overlay {
  readonly #foundation: Foundation;
  readonly #readings: readonly Reading[];
  readonly #wide: readonly Wide[];
  /** Where each reading finds its domain among the foundation's narrow ones, or its count among the wide. */
  readonly #narrowAt: Int32Array;
  readonly #wideAt: Int32Array;
  readonly #topologyAt: Int32Array;
  readonly #marked: SlotSet;
  /** Up to where the changes of the class's one own counter are taken over. */
  #counted = 0;
  readonly #buckets: Buckets;
  /** The candidates that stand for the foundation's cells, and for the overlay's own. */
  readonly #plain: Candidates[] = [];
  readonly #cells: Candidates[] = [];
  /** By the foundation's cell: which of the overlay's lie over it. */
  readonly #over: number[][] = [];
  readonly #ids = new Map<string, number>();
  /** With one wide reading, cells by the foundation's cell and the count. */
  readonly #table: number[][] = [];
  /** By the foundation's cell: how many of its nodes are marked; and by slot in which cell it was counted. */
  readonly #taken: number[] = [];
  readonly #takenFrom: Int32Array;
  readonly #withheld = new Set<number>();
  /** To count different domains with. */
  readonly #seen = new Set<number>();

  constructor(foundation: Foundation, readings: readonly Reading[], size: number) {
    this.#foundation = foundation;
    this.#readings = readings;
    this.#marked = slotSet(size);
    this.#buckets = new Buckets(size);
    this.#takenFrom = new Int32Array(size).fill(-1);
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

  /** Takes over what changed between two positions of the log. */
  follow(log: ChangeLog, from: number, to: number): void {
    const own = this.#wide.length === 1 ? this.#wide[0]!.reading.own : undefined;
    if (own) {
      this.#followOwn(own, log, from, to);
      return;
    }
    for (let at = from; at < to; at++) {
      const slot = log.at(at);
      this.place(slot);
      for (const other of this.#companions(slot)) this.place(other);
    }
  }

  /** By far most slots are of no concern to a class: nothing that it counts has come or gone there, or stands there. */
  #followOwn(own: PodCounter, log: ChangeLog, from: number, to: number): void {
    const { changes } = own;
    if (changes.reaches(this.#counted, changes.end))
      for (let at = this.#counted; at < changes.end; at++) this.place(changes.at(at));
    else for (let slot = 0; slot < own.perSlot.length; slot++) this.place(slot);
    this.#counted = changes.end;
    const marked = this.#marked;
    for (let at = from; at < to; at++) {
      const slot = log.at(at);
      if (has(marked, slot)) this.place(slot);
    }
  }

  /** Takes over what stands in a slot now. */
  place(slot: number): void {
    if (this.#wide.length === 0) return;
    const marked = this.#counts(slot);
    if (!marked && !has(this.#marked, slot)) return;
    const { buckets } = this.#foundation;
    const cell = marked ? buckets.cellOf(slot) : -1;
    this.#mark(slot, marked, cell);
    if (cell >= 0) this.#buckets.put(slot, this.#find(slot, cell), buckets.scoreOf(slot));
    else this.#buckets.drop(slot);
  }

  /** As if no pod could stand in this slot, until it is placed again. */
  withhold(slot: number): void {
    this.#buckets.drop(slot);
    this.#mark(slot, true, this.#foundation.buckets.cellOf(slot));
    this.#withheld.add(slot);
  }

  /** Lets a slot that was withheld be what it is. */
  restore(slot: number): void {
    this.#withheld.delete(slot);
    this.#mark(slot, false, -1);
    this.place(slot);
  }

  /** A slot is taken out of a cell of the foundation, or out of none. */
  #mark(slot: number, marked: boolean, cell: number): void {
    const before = this.#takenFrom[slot]!;
    if (before !== cell) {
      if (before >= 0) this.#taken[before]!--;
      this.#takenFrom[slot] = cell;
      if (cell >= 0) this.#taken[cell] = (this.#taken[cell] ?? 0) + 1;
    }
    if (marked) include(this.#marked, slot);
    else exclude(this.#marked, slot);
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
    const over = this.#cells.length;
    this.#cells.push(this.#candidates(cell, over, wideCounts));
    (this.#over[cell] ??= []).push(over);
    return over;
  }

  #candidates(cell: number, over: number, wideCounts: readonly number[]): Candidates {
    const parts = this.#foundation.homes.parts[cell]!;
    const counts = this.#readings.map((_, reading) => {
      if (this.#narrowAt[reading]! >= 0 || !parts.labelled[this.#topologyAt[reading]!]) return -1;
      return wideCounts[this.#wideAt[reading]!] ?? 0;
    });
    return { cell, over, size: 0, counts, topScore: -1, topCount: 0 };
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
    for (let over = 0; over < this.#cells.length; over++) {
      const size = this.#buckets.size(over);
      if (size === 0) continue;
      const own = this.#cells[over]!;
      own.size = size;
      found.push(own);
    }
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
    const over = has(this.#marked, slot) ? this.#buckets.cellOf(slot) : -1;
    if (over >= 0) return this.#cells[over]!;
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

  /** Finds the highest score of its own that any of the candidates has, and how many have it. */
  top(of: Candidates): number {
    const { cell, over } = of;
    if (over >= 0) {
      of.topScore = this.#buckets.top(over);
      of.topCount = this.#buckets.count(over, of.topScore);
      return of.topScore;
    }
    const { buckets } = this.#foundation;
    let score = buckets.top(cell);
    let count = buckets.count(cell, score);
    if (this.#taken[cell])
      for (count -= this.#takenWith(cell, score); count === 0; count -= this.#takenWith(cell, score)) {
        score = buckets.top(cell, score);
        count = buckets.count(cell, score);
      }
    of.topScore = score;
    of.topCount = count;
    return score;
  }

  /** How many nodes with this score are taken out of a cell of the foundation. */
  #takenWith(cell: number, score: number): number {
    let count = 0;
    const over = this.#over[cell] ?? none;
    for (let index = 0; index < over.length; index++)
      if (this.#buckets.size(over[index]!) > 0) count += this.#buckets.count(over[index]!, score);
    const { buckets } = this.#foundation;
    for (const slot of this.#withheld)
      if (buckets.cellOf(slot) === cell && buckets.scoreOf(slot) === score) count++;
    return count;
  }

  /** The slot of the `nth` node, in order, of those of the candidates that have the highest score. */
  pick(places: readonly Candidates[], nth: number): number {
    const own: SlotSet[] = [];
    const rest: SlotSet[] = [];
    for (const { cell, over, topScore } of places) {
      if (over >= 0) own.push(this.#buckets.set(over, topScore));
      else rest.push(this.#foundation.buckets.set(cell, topScore));
    }
    return select(own, rest, this.#marked, nth);
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
