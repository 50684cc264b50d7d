import type { Stored } from "../../model/meta.ts";

/** One object in all the places where it stands: a new version of it is put in here and nowhere else. */
export interface Cell {
  /** By which cells are in order: the namespace, then the name. */
  readonly sortName: string;
  object: Stored;
  /** Where it stands, one for each index. */
  readonly buckets: Bucket[];
}

/** Cells of so many at most lie in one array, so that putting one in moves few. */
const CHUNK = 512;

/**
 * Objects in order of namespace and name. The list that it gives out is a snapshot: it never changes in a reader's
 * hands, and is made when it is first asked for after a write.
 */
export class Bucket {
  #chunks: Cell[][] = [];
  /** In place of chunks, where lists are seldom asked for: put in order only then. */
  readonly #loose: Set<Cell> | undefined;
  #size = 0;
  #list: readonly Stored[] | undefined;

  constructor(seldomListed = false) {
    this.#loose = seldomListed ? new Set() : undefined;
  }

  get size(): number {
    return this.#size;
  }

  list(): readonly Stored[] {
    this.#list ??= this.#snapshot();
    return this.#list;
  }

  /** A cell in here has a new version. */
  changed(): void {
    this.#list = undefined;
  }

  add(cell: Cell): void {
    this.#list = undefined;
    this.#size++;
    if (this.#loose) {
      this.#loose.add(cell);
      return;
    }
    const at = this.#chunkOf(cell.sortName);
    const chunk = this.#chunks[at];
    if (!chunk) {
      this.#chunks.push([cell]);
      return;
    }
    const index = find(chunk, cell.sortName);
    if (index === chunk.length) chunk.push(cell);
    else chunk.splice(index, 0, cell);
    if (chunk.length > CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2));
  }

  delete(cell: Cell): void {
    if (this.#loose) {
      if (!this.#loose.delete(cell)) return;
      this.#list = undefined;
      this.#size--;
      return;
    }
    const at = this.#chunkOf(cell.sortName);
    const chunk = this.#chunks[at];
    const index = chunk ? find(chunk, cell.sortName) : -1;
    if (chunk?.[index] !== cell) return;
    this.#list = undefined;
    this.#size--;
    if (chunk.length === 1) this.#chunks.splice(at, 1);
    else chunk.splice(index, 1);
  }

  /** The chunk in which a name stands or would stand: the last one that does not begin after it. */
  #chunkOf(name: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#chunks[middle]![0]!.sortName <= name) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #snapshot(): readonly Stored[] {
    if (this.#loose) {
      const cells = [...this.#loose].sort((a, b) => (a.sortName < b.sortName ? -1 : 1));
      return cells.map(({ object }) => object);
    }
    const list = new Array<Stored>(this.#size);
    let index = 0;
    for (const chunk of this.#chunks) for (const { object } of chunk) list[index++] = object;
    return list;
  }
}

/** The place of `name`, or where it would stand. */
function find(cells: readonly Cell[], name: string): number {
  let low = 0;
  let high = cells.length;
  // Most names come at the end.
  if (high > 0 && cells[high - 1]!.sortName < name) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cells[middle]!.sortName < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
