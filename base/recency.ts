/** What can stand in one `Recency`: its neighbours there. */
export interface Recent {
  older: this | undefined;
  newer: this | undefined;
}

/** Things in the order in which they were last used, for one who keeps a number of them: all that it does costs a constant. */
export class Recency<T extends Recent> {
  #oldest: T | undefined;
  #newest: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get oldest(): T | undefined {
    return this.#oldest;
  }

  has(item: T): boolean {
    return item.older !== undefined || this.#oldest === item;
  }

  /** It is used now, for the first time or again. */
  touch(item: T): void {
    if (this.#newest === item) return;
    if (this.has(item)) this.delete(item);
    item.older = this.#newest;
    if (this.#newest) this.#newest.newer = item;
    else this.#oldest = item;
    this.#newest = item;
    this.#size++;
  }

  delete(item: T): void {
    if (!this.has(item)) return;
    const { older, newer } = item;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
    item.older = undefined;
    item.newer = undefined;
    this.#size--;
  }
}
