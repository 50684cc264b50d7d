/**
 * The least of many numbered things of which few change at a time: a tree of duels, in which a change is fought out on its
 * way to the top. Of equals the first stays.
 */
export class Least {
  /** From the 1 at the top down; the leaves are the numbers themselves. −1 where nobody takes part. */
  readonly #winners: Int32Array;
  readonly #leaves: number;
  readonly #isLess: (a: number, b: number) => boolean;

  /** `isLess` compares two of those that take part, by their numbers. */
  constructor(size: number, isLess: (a: number, b: number) => boolean) {
    let leaves = 1;
    while (leaves < size) leaves *= 2;
    this.#leaves = leaves;
    this.#winners = new Int32Array(2 * this.#leaves).fill(-1);
    this.#isLess = isLess;
  }

  /** The number of the least; −1 for none. */
  get first(): number {
    return this.#winners[1]!;
  }

  /** Something is new about this one, which takes part or not. */
  set(number: number, takesPart: boolean): void {
    const winners = this.#winners;
    let at = this.#leaves + number;
    winners[at] = takesPart ? number : -1;
    for (at >>= 1; at > 0; at >>= 1) {
      const winner = this.#better(winners[2 * at]!, winners[2 * at + 1]!);
      // It has lost here, as it has before.
      if (winner === winners[at] && winner !== number) return;
      winners[at] = winner;
    }
  }

  #better(left: number, right: number): number {
    if (left < 0 || right < 0) return Math.max(left, right);
    return this.#isLess(right, left) ? right : left;
  }
}
