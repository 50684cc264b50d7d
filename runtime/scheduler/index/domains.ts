import type { Rejection } from "../framework.ts";
import type { NodeInfo } from "../snapshot.ts";
import type { PodCounter } from "./census.ts";

/** The values that nodes have for one label: its domains, numbered. */
export class Topology {
  readonly key: string;
  /** By slot; −1 where the node has no such label. */
  domainOf = new Int32Array(0);
  /** Of each domain the slots in it. */
  slots: number[][] = [];
  readonly #mostNarrow: number;

  /** Past `mostNarrow` values, nodes are told apart by the counts of their domains and no longer by the domains. */
  constructor(key: string, mostNarrow: number) {
    this.key = key;
    this.#mostNarrow = mostNarrow;
  }

  get size(): number {
    return this.slots.length;
  }

  get narrow(): boolean {
    return this.slots.length <= this.#mostNarrow;
  }

  restart(nodes: readonly NodeInfo[]): void {
    this.domainOf = new Int32Array(nodes.length);
    this.slots = [];
    const numbers = new Map<string, number>();
    nodes.forEach(({ node }, slot) => {
      const value = node.metadata.labels?.[this.key];
      if (value === undefined) {
        this.domainOf[slot] = -1;
        return;
      }
      let domain = numbers.get(value);
      if (domain === undefined) {
        domain = this.slots.length;
        numbers.set(value, domain);
        this.slots.push([]);
      }
      this.domainOf[slot] = domain;
      this.slots[domain]!.push(slot);
    });
  }
}

/** The nodes that take part in a count; masks with one key are one. */
export interface NodeMask {
  readonly key: string;
  readonly readsTaints: boolean;
  includes(node: NodeInfo): boolean;
}

/** How many pods of some sort stand in each domain of a topology, over the nodes that take part. */
export class DomainCounts {
  readonly topology: Topology;
  readonly counter: PodCounter;
  readonly #mask: NodeMask | undefined;
  #included: Uint8Array | undefined;
  #totals: Int32Array | undefined;
  /** Domains in which any node takes part. */
  #members = new Int32Array(0);
  #minimum: Minimum | undefined;
  #total = 0;
  #eligible = 0;
  #nodes: readonly NodeInfo[] = [];

  constructor(counter: PodCounter, topology: Topology, mask: NodeMask | undefined) {
    this.counter = counter;
    this.topology = topology;
    this.#mask = mask;
  }

  /** Takes these as the nodes. Nothing is summed up before somebody asks. */
  restart(nodes: readonly NodeInfo[]): void {
    this.#nodes = nodes;
    this.#totals = undefined;
  }

  /** By domain. */
  get totals(): Int32Array {
    return this.#totals ?? this.#sum();
  }

  /** Pods in all domains together. */
  get total(): number {
    if (!this.#totals) this.#sum();
    return this.#total;
  }

  /** How many domains have a node that takes part. */
  get eligible(): number {
    if (!this.#totals) this.#sum();
    return this.#eligible;
  }

  #sum(): Int32Array {
    const nodes = this.#nodes;
    const { domainOf, size } = this.topology;
    const mask = this.#mask;
    const totals = new Int32Array(size);
    this.#totals = totals;
    this.#members = new Int32Array(size);
    this.#included = mask && Uint8Array.from(nodes, (node) => (mask.includes(node) ? 1 : 0));
    this.#total = 0;
    this.#eligible = 0;
    this.#minimum = undefined;
    for (let slot = 0; slot < nodes.length; slot++) {
      const domain = domainOf[slot]!;
      if (domain < 0 || !this.includes(slot)) continue;
      if (this.#members[domain]!++ === 0) this.#eligible++;
      const count = this.counter.perSlot[slot]!;
      totals[domain] = totals[domain]! + count;
      this.#total += count;
    }
    return totals;
  }

  includes(slot: number): boolean {
    if (!this.#totals) this.#sum();
    return this.#included === undefined || this.#included[slot] === 1;
  }

  add(slot: number, change: number): void {
    const totals = this.#totals;
    if (!totals) return;
    const domain = this.topology.domainOf[slot]!;
    if (domain < 0 || !this.includes(slot)) return;
    const before = totals[domain]!;
    totals[domain] = before + change;
    this.#total += change;
    this.#minimum?.move(before, before + change);
  }

  /** The least of any domain in which a node takes part; what counts of a domain that there is none of is 0. */
  get minimum(): number {
    const { totals } = this;
    if (!this.#minimum) {
      this.#minimum = new Minimum();
      totals.forEach((total, domain) => {
        if (this.#members[domain]! > 0) this.#minimum!.add(total);
      });
    }
    return this.#minimum.value;
  }

  /** The least if the count of one domain were another. */
  minimumWith(domain: number, change: number): number {
    const least = this.minimum;
    if (domain < 0 || change === 0 || this.#members[domain] === 0) return least;
    const own = this.totals[domain]!;
    if (change < 0 || own > least) return Math.min(least, own + change);
    let found = own + change;
    this.totals.forEach((total, other) => {
      if (other !== domain && this.#members[other]! > 0 && total < found) found = total;
    });
    return found;
  }
}

/** The least of many numbers that each move by little: how many there are of each. */
class Minimum {
  readonly #numbers = new Map<number, number>();
  #least = 0;
  #size = 0;

  add(value: number): void {
    this.#numbers.set(value, (this.#numbers.get(value) ?? 0) + 1);
    this.#least = this.#size++ === 0 ? value : Math.min(this.#least, value);
  }

  move(from: number, to: number): void {
    const left = this.#numbers.get(from)! - 1;
    if (left === 0) this.#numbers.delete(from);
    else this.#numbers.set(from, left);
    this.#numbers.set(to, (this.#numbers.get(to) ?? 0) + 1);
    if (to < this.#least) this.#least = to;
    while (!this.#numbers.has(this.#least)) this.#least++;
  }

  get value(): number {
    return this.#least;
  }
}

/** What a rule wants to know of a node: a count of its domain, or of the node itself alone (by `counter`). */
export interface Reading {
  readonly counts: DomainCounts;
  /** The node's own count, where its domain's is not meant (Kubernetes' scores of the host name). */
  readonly own?: PodCounter;
}

/** What stands in the readings' domains of one node or of many alike; −1 where the label is missing. */
export interface Readings {
  count(reading: number): number;
  /** The least of all domains. */
  minimum(reading: number): number;
  /** Over all domains. */
  total(reading: number): number;
}

export interface DomainFilter {
  readonly readings: readonly Reading[];
  /** What it says of nodes with these counts. */
  reject(counts: Readings): Rejection | undefined;
}

/** Feasible nodes that are alike in all that is counted. */
export interface Alike {
  readonly size: number;
  /** What each reading counts in their domain; −1 where they lack the label. */
  readonly counts: readonly number[];
}

export interface DomainScore {
  readonly readings: readonly Reading[];
  /**
   * From 0 to 100, one for each of `cells`, whose counts of this score's readings begin at `first`. `distinct`: in how
   * many domains of a reading's topology the nodes are.
   */
  score(
    cells: readonly Alike[],
    first: number,
    distinct: (reading: number, cells: readonly Alike[]) => number,
  ): readonly number[];
}
