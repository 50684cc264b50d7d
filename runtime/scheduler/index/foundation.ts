import type { Snapshot } from "../snapshot.ts";
import { Buckets } from "./buckets.ts";
import type { Homes } from "./homes.ts";

/**
 * Where each node stands with all requests that ask the same of a node by itself, whatever they want of their neighbours:
 * rejected, or in a cell with the score of its own. Shared by all classes that ask so; a class lays over it only what is
 * its own (`overlay.ts`).
 */
export class Foundation {
  readonly homes: Homes;
  readonly #snapshot: Snapshot;
  /** Gives what tells of a slot the score, or negated the id of a rejection; asked anew when slots are numbered anew. */
  readonly #prepare: () => (slot: number) => number;
  #evaluate: (slot: number) => number = () => 0;
  buckets = new Buckets(0);
  #epoch = -1;
  #position = 0;

  constructor(snapshot: Snapshot, homes: Homes, prepare: () => (slot: number) => number) {
    this.#snapshot = snapshot;
    this.homes = homes;
    this.#prepare = prepare;
  }

  refresh(): void {
    const { epoch, changes } = this.#snapshot;
    if (this.#position === changes.end && this.#epoch === epoch) return;
    this.homes.refresh();
    const size = this.#snapshot.columns.nodes.length;
    if (this.#epoch === epoch && changes.reaches(this.#position, size)) {
      for (let at = this.#position; at < changes.end; at++) this.#place(changes.at(at));
    } else {
      if (this.#epoch !== epoch) {
        this.#epoch = epoch;
        this.#evaluate = this.#prepare();
        this.buckets = new Buckets(size);
      }
      for (let slot = 0; slot < size; slot++) this.#place(slot);
    }
    this.#position = changes.end;
  }

  #place(slot: number): void {
    const home = this.homes.cells[slot]!;
    if (home < 0) {
      this.buckets.reject(slot, -home);
      return;
    }
    const value = this.#evaluate(slot);
    if (value < 0) this.buckets.reject(slot, -value);
    else this.buckets.put(slot, home, value);
  }
}
