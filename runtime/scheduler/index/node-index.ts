import type { Snapshot } from "../snapshot.ts";
import type { ChangeLog } from "./change-log.ts";

/**
 * A number for each node, kept up to date one node at a time: what rules say of one sort of request there. Classes of
 * requests that ask alike share one. Negative: the id of the rejection, negated.
 */
export class NodeIndex {
  readonly key: string;
  value = new Int32Array(0);
  readonly #snapshot: Snapshot;
  readonly #log: ChangeLog;
  /** Gives what tells the number of a slot; asked anew when slots were numbered anew. */
  readonly #prepare: () => (slot: number) => number;
  #evaluate: (slot: number) => number = () => 0;
  #epoch = -1;
  #position = 0;

  /** `key` names what is asked. */
  constructor(key: string, snapshot: Snapshot, log: ChangeLog, prepare: () => (slot: number) => number) {
    this.key = key;
    this.#snapshot = snapshot;
    this.#log = log;
    this.#prepare = prepare;
  }

  /** Takes over what changed since the last call. */
  refresh(): void {
    const { epoch } = this.#snapshot;
    const log = this.#log;
    if (this.#position === log.end && this.#epoch === epoch) return;
    const size = this.#snapshot.columns.nodes.length;
    if (this.#epoch === epoch && log.reaches(this.#position, size)) {
      for (let at = this.#position; at < log.end; at++) {
        const slot = log.at(at);
        this.value[slot] = this.#evaluate(slot);
      }
    } else {
      if (this.#epoch !== epoch) {
        this.#epoch = epoch;
        this.#evaluate = this.#prepare();
        this.value = new Int32Array(size);
      }
      for (let slot = 0; slot < size; slot++) this.value[slot] = this.#evaluate(slot);
    }
    this.#position = log.end;
  }
}
