import type { Snapshot } from "../snapshot.ts";
import { Buckets } from "./buckets.ts";
import type { Topology } from "./domains.ts";
import type { NodeIndex } from "./node-index.ts";

/** What nodes of one cell have in common. */
export interface CellParts {
  /** The group of nodes that scores of the node's object count alike. */
  readonly group: number;
  /** Of each narrow topology the domain; −1 for none. */
  readonly domains: readonly number[];
  /** Whether they have the label, for each wide topology. */
  readonly labelled: readonly boolean[];
}

/**
 * Where each node stands with all requests that ask the same of a node by itself, whatever they want of their neighbours:
 * rejected, or in a cell with the score of its own. Shared by all classes that ask so; a class lays over it only what is
 * its own (`request-class.ts`).
 */
export class Foundation {
  readonly narrow: readonly Topology[];
  readonly wide: readonly Topology[];
  readonly #snapshot: Snapshot;
  readonly #fixed: NodeIndex;
  readonly #usage: NodeIndex;
  /** By slot the cell it belongs in, as its object says. */
  #home = new Int32Array(0);
  #ids = new Map<string, number>();
  parts: CellParts[] = [];
  buckets = new Buckets(0);
  /** By slot the rejection's id, or 0. */
  rejected = new Int32Array(0);
  readonly #rejectedCounts: number[] = [];
  #epoch = -1;
  #position = 0;
  #nodePosition = 0;

  constructor(
    snapshot: Snapshot,
    fixed: NodeIndex,
    usage: NodeIndex,
    narrow: readonly Topology[],
    wide: readonly Topology[],
  ) {
    this.#snapshot = snapshot;
    this.#fixed = fixed;
    this.#usage = usage;
    this.narrow = narrow;
    this.wide = wide;
  }

  refresh(): void {
    const { epoch, changes, nodeChanges } = this.#snapshot;
    if (this.#position === changes.end && this.#epoch === epoch) return;
    this.#fixed.refresh();
    this.#usage.refresh();
    const size = this.#snapshot.columns.nodes.length;
    const reached = changes.reaches(this.#position, size) && nodeChanges.reaches(this.#nodePosition, size);
    if (this.#epoch === epoch && reached) {
      for (let at = this.#nodePosition; at < nodeChanges.end; at++) this.#settle(nodeChanges.at(at));
      for (let at = this.#position; at < changes.end; at++) this.#place(changes.at(at));
    } else {
      if (this.#epoch !== epoch) this.#restart(epoch, size);
      for (let slot = 0; slot < size; slot++) {
        this.#settle(slot);
        this.#place(slot);
      }
    }
    this.#position = changes.end;
    this.#nodePosition = nodeChanges.end;
  }

  #restart(epoch: number, size: number): void {
    this.#epoch = epoch;
    this.#home = new Int32Array(size);
    this.#ids = new Map();
    this.parts = [];
    this.buckets = new Buckets(size);
    this.rejected = new Int32Array(size);
    this.#rejectedCounts.length = 0;
  }

  /** Finds the cell that a node belongs in. */
  #settle(slot: number): void {
    const group = Math.max(this.#fixed.value[slot]!, 0);
    const domains = this.narrow.map(({ domainOf }) => domainOf[slot]!);
    const labelled = this.wide.map(({ domainOf }) => domainOf[slot]! >= 0);
    const key = `${group} ${domains.join()} ${labelled.join()}`;
    let cell = this.#ids.get(key);
    if (cell === undefined) {
      cell = this.buckets.open();
      this.#ids.set(key, cell);
      this.parts.push({ group, domains, labelled });
    }
    this.#home[slot] = cell;
  }

  #place(slot: number): void {
    const fixed = this.#fixed.value[slot]!;
    const usage = this.#usage.value[slot]!;
    const id = fixed < 0 ? -fixed : usage < 0 ? -usage : 0;
    const before = this.rejected[slot]!;
    if (id !== before) {
      if (before > 0) this.#rejectedCounts[before]!--;
      if (id > 0) this.#rejectedCounts[id] = (this.#rejectedCounts[id] ?? 0) + 1;
      this.rejected[slot] = id;
    }
    if (id > 0) this.buckets.put(slot, -1, 0);
    else this.buckets.put(slot, this.#home[slot]!, usage);
  }

  /** How many nodes met which rejection. */
  rejections(): Map<number, number> {
    const found = new Map<number, number>();
    this.#rejectedCounts.forEach((count, id) => {
      if (count > 0) found.set(id, count);
    });
    return found;
  }
}
