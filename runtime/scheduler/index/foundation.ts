import type { Batch } from "../framework.ts";
import type { Snapshot } from "../snapshot.ts";
import { Buckets } from "./buckets.ts";
import { ChangeLog } from "./change-log.ts";
import type { Homes } from "./homes.ts";
import type { SlotSet } from "./slot-sets.ts";

/** A batch with room for all nodes, and a set that is empty. */
export interface RoomyBatch extends Batch {
  readonly seen: SlotSet;
}

/**
 * Where each node stands with all requests that ask the same of a node by itself, whatever they want of their neighbours:
 * rejected, or in a cell with the score of its own. Shared by all classes that ask so; a class lays over it only what is
 * its own (`overlay.ts`).
 */
export class Foundation {
  readonly homes: Homes;
  readonly #snapshot: Snapshot;
  /** Gives what tells of slots the score, or negated the id of a rejection; asked anew when slots are numbered anew. */
  readonly #prepare: () => (batch: Batch) => void;
  readonly #batch: () => RoomyBatch;
  #evaluate: (batch: Batch) => void = () => {};
  buckets = new Buckets(0);
  /** Slots that came to another cell, or to be rejected or not. */
  readonly moves = new ChangeLog(512);
  #epoch = -1;
  #position = 0;

  /** What `batch` gives is lent for the time of one call. */
  constructor(
    snapshot: Snapshot,
    homes: Homes,
    prepare: () => (batch: Batch) => void,
    batch: () => RoomyBatch,
  ) {
    this.#snapshot = snapshot;
    this.homes = homes;
    this.#prepare = prepare;
    this.#batch = batch;
  }

  refresh(): void {
    const { epoch, changes } = this.#snapshot;
    if (this.#position === changes.end && this.#epoch === epoch) return;
    this.homes.refresh();
    const { cells, parts } = this.homes;
    const size = cells.length;
    const batch = this.#batch();
    if (this.#epoch === epoch && changes.reaches(this.#position, size)) {
      batch.size = changes.slotsSince(this.#position, batch.slots, batch.seen);
    } else {
      if (this.#epoch !== epoch) {
        this.#epoch = epoch;
        this.#evaluate = this.#prepare();
        this.buckets = new Buckets(size);
      }
      takeAll(batch, size);
    }
    this.#position = changes.end;
    rejectFixed(batch, cells);
    this.#evaluate(batch);
    this.buckets.grow(parts.length);
    this.buckets.put(batch, cells, this.moves);
  }
}

function takeAll(batch: Batch, size: number): void {
  batch.size = size;
  for (let slot = 0; slot < size; slot++) batch.slots[slot] = slot;
}

/** Nodes that are rejected as they are need not be asked what stands there. */
function rejectFixed({ slots, values, size }: Batch, cells: Int32Array): void {
  for (let index = 0; index < size; index++) values[index] = Math.min(cells[slots[index]!]!, 0);
}
