import { createHeap, type Heap } from "../../base/heap.ts";

/** One who waits. Neither may change while it is in a group. */
export interface Waiter {
  /** An instant in milliseconds; before it others go first. */
  readonly backoffUntil: number;
  /** Of those whose back-off is over the least goes first. */
  readonly order: number;
}

/** A waiter as it stands in a heap, which counts as long as the waiter has this one and no other. */
interface Ticket<T> {
  readonly waiter: T;
  readonly until: number;
  readonly order: number;
}

/** Some who wait: which of them goes first is known without a look at all. */
export class WaitingGroup<T extends Waiter> {
  readonly #tickets = new Map<T, Ticket<T>>();
  #backingOff = createHeap<Ticket<T>>(endsBefore);
  #ready = createHeap<Ticket<T>>(comesBefore);

  get size(): number {
    return this.#tickets.size;
  }

  add(waiter: T): void {
    const ticket = { waiter, until: waiter.backoffUntil, order: waiter.order };
    this.#tickets.set(waiter, ticket);
    this.#backingOff.push(ticket);
    if (this.#backingOff.size + this.#ready.size > 2 * this.#tickets.size + mostVoid) this.#sortAnew();
  }

  delete(waiter: T): void {
    this.#tickets.delete(waiter);
  }

  /** Who goes first at this instant, which does not go back: of those who back off the one who is done first. */
  foremost(now: number): T | undefined {
    const ending = this.#settle(this.#backingOff, now);
    return (this.#settle(this.#ready, Number.NEGATIVE_INFINITY) ?? ending)?.waiter;
  }

  /** Drops what counts no more from the top of a heap, and takes over what ended by then; gives what is at the top. */
  #settle(heap: Heap<Ticket<T>>, ended: number): Ticket<T> | undefined {
    for (let top = heap.peek(); top; top = heap.peek()) {
      const counts = this.#tickets.get(top.waiter) === top;
      if (counts && top.until > ended) return top;
      heap.pop();
      if (counts) this.#ready.push(top);
    }
    return undefined;
  }

  #sortAnew(): void {
    this.#backingOff = createHeap<Ticket<T>>(endsBefore);
    this.#ready = createHeap<Ticket<T>>(comesBefore);
    for (const ticket of this.#tickets.values()) this.#backingOff.push(ticket);
  }
}

/** So many tickets may lie in heaps that count no more, and as many again as those that do. */
const mostVoid = 16;

interface Place {
  readonly until: number;
  readonly order: number;
}

function endsBefore(a: Place, b: Place): boolean {
  return a.until < b.until || (a.until === b.until && a.order < b.order);
}

function comesBefore(a: Place, b: Place): boolean {
  return a.order < b.order;
}
