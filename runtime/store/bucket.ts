import type { Stored } from "../../model/meta.ts";

/** One object in all the places where it stands: a new version of it is put in here and nowhere else. */
export interface Cell {
  readonly namespace: string;
  readonly name: string;
  object: Stored;
  /** Where it stands, one for each index: what is not there has left. */
  readonly buckets: (Bucket | undefined)[];
}

/** So many cells that have left are kept before they are cleared away. */
const FEW = 32;

/**
 * Objects in order of namespace and name. The list that it gives out is a snapshot: it never changes in a reader's
 * hands, and is made when it is first asked for after a write. Only then are cells put in order, so that coming and
 * going costs the same however many there are.
 */
export class Bucket {
  readonly #place: number;
  /** In order, as of the last list. Some may have left since. */
  #cells: readonly Cell[] = [];
  /** Those that came since. */
  #added: Cell[] = [];
  #size = 0;
  #list: readonly Stored[] | undefined;

  /** `place`: where its cells name it among their buckets. */
  constructor(place: number) {
    this.#place = place;
  }

  get size(): number {
    return this.#size;
  }

  list(): readonly Stored[] {
    if (this.#list) return this.#list;
    if (this.#added.length > 0 || this.#cells.length > this.#size) this.#order();
    return (this.#list = this.#cells.map(({ object }) => object));
  }

  /** A cell in here has a new version. */
  changed(): void {
    this.#list = undefined;
  }

  add(cell: Cell): void {
    this.#list = undefined;
    this.#size++;
    this.#added.push(cell);
    cell.buckets[this.#place] = this;
  }

  /** Takes out a cell that stands in here. */
  delete(cell: Cell): void {
    this.#list = undefined;
    this.#size--;
    cell.buckets[this.#place] = undefined;
    // More than half have left, so that clearing away costs each of them a constant.
    if (this.#cells.length + this.#added.length > 2 * this.#size + FEW) this.#order();
  }

  /** Puts those that came among the others, and lets go of those that have left. */
  #order(): void {
    const isHere = (cell: Cell) => cell.buckets[this.#place] === this;
    const added = this.#added.filter(isHere).sort(compare);
    const cells: Cell[] = [];
    let next = 0;
    for (const cell of this.#cells) {
      if (!isHere(cell)) continue;
      while (next < added.length && compare(added[next]!, cell) < 0) push(cells, added[next++]!);
      push(cells, cell);
    }
    while (next < added.length) push(cells, added[next++]!);
    this.#cells = cells;
    this.#added = [];
  }
}

/** One that has left and come back is met twice. */
function push(cells: Cell[], cell: Cell): void {
  if (cells[cells.length - 1] !== cell) cells.push(cell);
}

function compare(one: Cell, other: Cell): number {
  if (one.namespace !== other.namespace) return one.namespace < other.namespace ? -1 : 1;
  return one.name === other.name ? 0 : one.name < other.name ? -1 : 1;
}
