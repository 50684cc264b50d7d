import type { Snapshot } from "../snapshot.ts";
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

/** The cell that each node belongs in, as its object says: shared by all foundations that tell nodes apart alike. */
export class Homes {
  readonly narrow: readonly Topology[];
  readonly wide: readonly Topology[];
  readonly #snapshot: Snapshot;
  readonly #fixed: NodeIndex;
  /** By slot the cell; or, negated, the id of the rejection by rules that read the node's object alone. */
  cells = new Int32Array(0);
  parts: CellParts[] = [];
  #ids = new Map<string, number>();
  #epoch = -1;
  #position = 0;

  constructor(snapshot: Snapshot, fixed: NodeIndex, narrow: readonly Topology[], wide: readonly Topology[]) {
    this.#snapshot = snapshot;
    this.#fixed = fixed;
    this.narrow = narrow;
    this.wide = wide;
  }

  refresh(): void {
    const { epoch, nodeChanges } = this.#snapshot;
    if (this.#position === nodeChanges.end && this.#epoch === epoch) return;
    this.#fixed.refresh();
    const size = this.#snapshot.columns.nodes.length;
    if (this.#epoch === epoch && nodeChanges.reaches(this.#position, size)) {
      for (let at = this.#position; at < nodeChanges.end; at++) this.#settle(nodeChanges.at(at));
    } else {
      if (this.#epoch !== epoch) {
        this.#epoch = epoch;
        this.cells = new Int32Array(size);
        this.parts = [];
        this.#ids = new Map();
      }
      for (let slot = 0; slot < size; slot++) this.#settle(slot);
    }
    this.#position = nodeChanges.end;
  }

  #settle(slot: number): void {
    const group = this.#fixed.value[slot]!;
    if (group < 0) {
      this.cells[slot] = group;
      return;
    }
    const domains = this.narrow.map(({ domainOf }) => domainOf[slot]!);
    const labelled = this.wide.map(({ domainOf }) => domainOf[slot]! >= 0);
    const key = `${group} ${domains.join()} ${labelled.join()}`;
    let cell = this.#ids.get(key);
    if (cell === undefined) {
      cell = this.parts.push({ group, domains, labelled }) - 1;
      this.#ids.set(key, cell);
    }
    this.cells[slot] = cell;
  }
}
