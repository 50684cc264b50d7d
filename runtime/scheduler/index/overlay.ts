import { Buckets } from "./buckets.ts";
import type { PodCounter } from "./census.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Reading } from "./domains.ts";
import type { Foundation } from "./foundation.ts";
import { countWithout, exclude, has, include, type SlotSet, select, slotSet } from "./slot-sets.ts";

/** Nodes that are the same to every rule over domains. */
export interface Candidates {
  /** Their cell in the foundation. */
  readonly cell: number;
  /** Their cell in the overlay; −1 for the foundation's nodes of which the class's own counts are all 0. */
  readonly over: number;
  readonly size: number;
}

/** By slot, where it is found: of the node itself, or of its domain. */
interface Wide {
  readonly reading: Reading;
  count(slot: number): number;
}

interface OverCell {
  readonly cell: number;
  readonly counts: readonly number[];
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
  readonly #cells: OverCell[] = [];
  readonly #ids = new Map<string, number>();
  /** With one wide reading, cells by the foundation's cell and the count. */
  readonly #table: number[][] = [];
  /** By the foundation's cell: how many of its nodes are marked; and by slot in which cell it was counted. */
  readonly #taken: number[] = [];
  readonly #takenFrom: Int32Array;

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
    this.#mark(slot, marked);
    if (!marked) return;
    const { buckets } = this.#foundation;
    const cell = buckets.cellOf(slot);
    if (cell >= 0) this.#buckets.put(slot, this.#find(slot, cell), buckets.scoreOf(slot));
  }

  /** As if no pod could stand in this slot, until it is placed again. */
  withhold(slot: number): void {
    this.#mark(slot, true);
  }

  /** Lets a slot that was withheld be what it is. */
  restore(slot: number): void {
    this.#mark(slot, false);
    this.place(slot);
  }

  #mark(slot: number, marked: boolean): void {
    this.#buckets.drop(slot);
    const before = this.#takenFrom[slot]!;
    if (before >= 0) this.#taken[before]!--;
    const cell = marked ? this.#foundation.buckets.cellOf(slot) : -1;
    this.#takenFrom[slot] = cell;
    if (cell >= 0) this.#taken[cell] = (this.#taken[cell] ?? 0) + 1;
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

  #open(cell: number, counts: readonly number[]): number {
    return this.#cells.push({ cell, counts }) - 1;
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

  /** All nodes that are not rejected by themselves, as far as they are alike. */
  candidates(): Candidates[] {
    const { buckets } = this.#foundation;
    const found: Candidates[] = [];
    for (let cell = 0; cell < buckets.cells; cell++) {
      const size = buckets.size(cell) - (this.#taken[cell] ?? 0);
      if (size > 0) found.push({ cell, over: -1, size });
    }
    for (let over = 0; over < this.#cells.length; over++) {
      const size = this.#buckets.size(over);
      if (size > 0) found.push({ cell: this.#cells[over]!.cell, over, size });
    }
    return found;
  }

  /** Where a node that is not rejected by itself belongs. */
  candidateAt(slot: number): Candidates {
    const cell = this.#foundation.buckets.cellOf(slot);
    return { cell, over: has(this.#marked, slot) ? this.#buckets.cellOf(slot) : -1, size: 1 };
  }

  group({ cell }: Candidates): number {
    return this.#foundation.homes.parts[cell]!.group;
  }

  /** What a reading counts in the domain that candidates are in; −1 where they lack the label. */
  count({ cell, over }: Candidates, reading: number): number {
    const parts = this.#foundation.homes.parts[cell]!;
    const narrow = this.#narrowAt[reading]!;
    if (narrow >= 0) {
      const domain = parts.domains[narrow]!;
      return domain < 0 ? -1 : this.#readings[reading]!.counts.totals[domain]!;
    }
    if (!parts.labelled[this.#topologyAt[reading]!]) return -1;
    return over < 0 ? 0 : this.#cells[over]!.counts[this.#wideAt[reading]!]!;
  }

  /** In how many domains of a reading's topology candidates are; those without the label are in one. */
  distinct(reading: number, some: readonly Candidates[]): number {
    const narrow = this.#narrowAt[reading]!;
    if (narrow >= 0)
      return new Set(some.map(({ cell }) => this.#foundation.homes.parts[cell]!.domains[narrow]!)).size;
    const keyOf = (cell: number, over: number) => (over + 1) * 65536 + cell;
    const chosen = new Set(some.map(({ cell, over }) => keyOf(cell, over)));
    const { domainOf } = this.#readings[reading]!.counts.topology;
    const found = new Set<number>();
    for (let slot = 0; slot < domainOf.length; slot++) {
      const cell = this.#foundation.buckets.cellOf(slot);
      const over = has(this.#marked, slot) ? this.#buckets.cellOf(slot) : -1;
      if (cell >= 0 && chosen.has(keyOf(cell, over))) found.add(domainOf[slot]!);
    }
    return found.size;
  }

  /** The highest score of its own that any of the candidates has. */
  top({ cell, over }: Candidates): number {
    if (over >= 0) return this.#buckets.top(over);
    const { buckets } = this.#foundation;
    let score = buckets.top(cell);
    if (!this.#taken[cell]) return score;
    while (this.withScore({ cell, over }, score) === 0) score = buckets.top(cell, score);
    return score;
  }

  /** How many candidates have this score, which some nodes of their cell have. */
  withScore({ cell, over }: Pick<Candidates, "cell" | "over">, score: number): number {
    if (over >= 0) return this.#buckets.count(over, score);
    const { buckets } = this.#foundation;
    return this.#taken[cell]
      ? countWithout(buckets.set(cell, score), this.#marked)
      : buckets.count(cell, score);
  }

  /** The slot of the `nth` node, in order, of the candidates with these scores. */
  pick(places: readonly { readonly of: Candidates; readonly score: number }[], nth: number): number {
    const own: SlotSet[] = [];
    const rest: SlotSet[] = [];
    for (const { of, score } of places) {
      if (of.over >= 0) own.push(this.#buckets.set(of.over, score));
      else rest.push(this.#foundation.buckets.set(of.cell, score));
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
