import type { PodCounter } from "./census.ts";
import type { DomainCounts, Reading, Topology } from "./domains.ts";

/** Scores of nodes' own are less than this; a node's key is its cell and its score in one number. */
const stride = 512;

interface Cell {
  /** The group of nodes that scores of the node's object count alike. */
  readonly group: number;
  /** Of each narrow topology the domain; −1 for none. */
  readonly domains: readonly number[];
  /** Of each wide reading the count; −1 where the label is missing. */
  readonly counts: readonly number[];
  size: number;
  top: number;
  /** How many nodes have which score. */
  readonly byScore: Int32Array;
}

type Wide = { readonly counts: DomainCounts; readonly own: PodCounter | undefined };

/**
 * The feasible nodes of a class, sorted into cells: the nodes of one cell are in the same domains as far as there are few
 * of those, have equal counts where there are many, and equal counts of what their objects say. All that rules over
 * domains answer is then the same for a whole cell, and only the node's own score tells its nodes apart.
 */
export class Cells {
  /** By slot: 0 for not placed, negative for a rejection, else the cell and the score. */
  readonly #keys: Int32Array;
  readonly #groups: Int32Array;
  /** By slot the number of what is fixed about the node: its group and its narrow domains. */
  readonly #fixed: Int32Array;
  readonly #narrow: readonly Topology[];
  readonly #wide: readonly Wide[];
  readonly #readings: readonly Reading[];
  /** Where each reading finds its domain or its count in a cell. */
  readonly #place: readonly { readonly narrow: number; readonly wide: number }[];
  readonly #fixedIds = new Map<string, number>();
  readonly #fixedParts: { readonly group: number; readonly domains: readonly number[] }[] = [];
  /** From what is fixed to the cell, step by step by the counts of wide readings. */
  readonly #tree: Branch[] = [];
  readonly #cells: Cell[] = [];
  readonly #rejected = new Map<number, number>();

  constructor(size: number, readings: readonly Reading[]) {
    this.#keys = new Int32Array(size);
    this.#groups = new Int32Array(size);
    this.#fixed = new Int32Array(size);
    this.#readings = readings;
    const narrow: Topology[] = [];
    const wide: Wide[] = [];
    this.#place = readings.map(({ counts, own }) => {
      if (!own && counts.topology.narrow) {
        if (!narrow.includes(counts.topology)) narrow.push(counts.topology);
        return { narrow: narrow.indexOf(counts.topology), wide: -1 };
      }
      let at = wide.findIndex((each) => each.counts === counts && each.own === own);
      if (at < 0) at = wide.push({ counts, own }) - 1;
      return { narrow: -1, wide: at };
    });
    this.#narrow = narrow;
    this.#wide = wide;
  }

  /** A node's object has changed. */
  regroup(slot: number, group: number): void {
    this.#groups[slot] = group;
    const domains = this.#narrow.map(({ domainOf }) => domainOf[slot]!);
    const key = `${group} ${domains.join()}`;
    let id = this.#fixedIds.get(key);
    if (id === undefined) {
      id = this.#fixedParts.push({ group, domains }) - 1;
      this.#fixedIds.set(key, id);
    }
    this.#fixed[slot] = id;
  }

  /** The node is rejected (negative), or has this score of its own. */
  place(slot: number, value: number): void {
    const key = value < 0 ? value : (this.#find(slot) + 1) * stride + value;
    const before = this.#keys[slot]!;
    if (key === before) return;
    if (before < 0) {
      this.#rejected.set(before, this.#rejected.get(before)! - 1);
    } else if (before > 0) {
      const cell = this.#cells[Math.floor(before / stride) - 1]!;
      cell.size--;
      cell.byScore[before % stride]!--;
    }
    this.#keys[slot] = key;
    if (key < 0) {
      this.#rejected.set(key, (this.#rejected.get(key) ?? 0) + 1);
      return;
    }
    const cell = this.#cells[Math.floor(key / stride) - 1]!;
    cell.size++;
    cell.byScore[value]!++;
    if (value > cell.top) cell.top = value;
  }

  /** The cell of what stands in a slot now. */
  cellOf(slot: number): number {
    return this.#find(slot);
  }

  #find(slot: number): number {
    const fixed = this.#fixed[slot]!;
    let branch = (this.#tree[fixed] ??= { cell: -1, next: [] });
    for (let index = 0; index < this.#wide.length; index++)
      branch = branch.next[this.#wideCount(index, slot) + 1] ??= { cell: -1, next: [] };
    if (branch.cell < 0) branch.cell = this.#open(slot, fixed);
    return branch.cell;
  }

  #open(slot: number, fixed: number): number {
    const { group, domains } = this.#fixedParts[fixed]!;
    const counts = this.#wide.map((_, index) => this.#wideCount(index, slot));
    return this.#cells.push({ group, domains, counts, size: 0, top: 0, byScore: new Int32Array(stride) }) - 1;
  }

  #wideCount(index: number, slot: number): number {
    const { counts, own } = this.#wide[index]!;
    const domain = counts.topology.domainOf[slot]!;
    if (domain < 0) return -1;
    return own ? own.perSlot[slot]! : counts.totals[domain]!;
  }

  /** The other nodes whose counts change with this one's. */
  companions(slot: number): readonly number[] {
    let found: number[] | undefined;
    for (const { counts, own } of this.#wide) {
      if (own) continue;
      const domain = counts.topology.domainOf[slot]!;
      const slots = domain < 0 ? undefined : counts.topology.slots[domain]!;
      if (slots && slots.length > 1) found = found ? [...found, ...slots] : slots;
    }
    return found ?? none;
  }

  /** Cells with nodes in them. */
  *occupied(): Iterable<number> {
    for (let cell = 0; cell < this.#cells.length; cell++) if (this.#cells[cell]!.size > 0) yield cell;
  }

  size(cell: number): number {
    return this.#cells[cell]!.size;
  }

  group(cell: number): number {
    return this.#cells[cell]!.group;
  }

  /** The highest score of a node of its own. */
  top(cell: number): number {
    const found = this.#cells[cell]!;
    while (found.top > 0 && found.byScore[found.top] === 0) found.top--;
    return found.top;
  }

  withScore(cell: number, score: number): number {
    return this.#cells[cell]!.byScore[score]!;
  }

  /** What a reading counts in the domain that a cell's nodes are in; −1 where they lack the label. */
  count(cell: number, reading: number): number {
    const { narrow, wide } = this.#place[reading]!;
    const found = this.#cells[cell]!;
    if (narrow < 0) return found.counts[wide]!;
    const domain = found.domains[narrow]!;
    return domain < 0 ? -1 : this.#readings[reading]!.counts.totals[domain]!;
  }

  /** In how many domains of a reading's topology the nodes of some cells are; those without the label are in one. */
  distinct(reading: number, cells: readonly number[]): number {
    const { narrow } = this.#place[reading]!;
    if (narrow >= 0) return new Set(cells.map((cell) => this.#cells[cell]!.domains[narrow]!)).size;
    const chosen = new Set(cells);
    const { domainOf } = this.#readings[reading]!.counts.topology;
    const found = new Set<number>();
    this.#keys.forEach((key, slot) => {
      if (key > 0 && chosen.has(Math.floor(key / stride) - 1)) found.add(domainOf[slot]!);
    });
    return found.size;
  }

  /** How many nodes met which rejection. */
  *rejected(): Iterable<readonly [id: number, nodes: number]> {
    for (const [key, nodes] of this.#rejected) if (nodes > 0) yield [-key, nodes];
  }

  /** The slot of the `nth` node, in order, of those that have one of these scores in its cell. */
  pick(places: readonly { readonly cell: number; readonly score: number }[], nth: number): number {
    const keys = this.#keys;
    const wanted = places.map(({ cell, score }) => (cell + 1) * stride + score);
    const only = wanted[0]!;
    let left = nth;
    if (wanted.length === 1) {
      for (let slot = 0; slot < keys.length; slot++) if (keys[slot] === only && left-- === 0) return slot;
    } else {
      const set = new Set(wanted);
      for (let slot = 0; slot < keys.length; slot++)
        if (keys[slot]! > 0 && set.has(keys[slot]!) && left-- === 0) return slot;
    }
    throw new Error("a class counts nodes that it does not hold");
  }
}

interface Branch {
  cell: number;
  readonly next: Branch[];
}

const none: readonly number[] = [];
