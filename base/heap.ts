/** A binary heap: the least element by `before` comes out first. */
export interface Heap<T> {
  readonly size: number;
  push(item: T): void;
  peek(): T | undefined;
  pop(): T | undefined;
}

/** So many places at the front of the row may be empty before it is cut. */
const mostEmpty = 1024;

/**
 * What comes in order, as by far most things do, stands in a row and costs nothing to sort; only what comes out of turn
 * goes into the heap.
 */
export function createHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = [];
  let row: (T | undefined)[] = [];
  let head = 0;

  function up(start: number): void {
    const item = items[start]!;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(item, items[parent]!)) break;
      items[index] = items[parent]!;
      index = parent;
    }
    items[index] = item;
  }

  function down(item: T): void {
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++;
      if (!before(items[child]!, item)) break;
      items[index] = items[child]!;
      index = child;
    }
    items[index] = item;
  }

  function popItem(): T | undefined {
    const first = items[0];
    const last = items.pop();
    if (items.length > 0) down(last!);
    return first;
  }

  function popRow(): T | undefined {
    const first = row[head];
    row[head++] = undefined;
    if (head === row.length || (head > mostEmpty && 2 * head > row.length)) {
      row = row.slice(head);
      head = 0;
    }
    return first;
  }

  /** Whether the least stands in the row. */
  const inRow = () => head < row.length && (items.length === 0 || !before(items[0]!, row[head]!));

  return {
    get size() {
      return items.length + row.length - head;
    },
    push(item) {
      if (head === row.length || !before(item, row[row.length - 1]!)) row.push(item);
      else {
        items.push(item);
        up(items.length - 1);
      }
    },
    peek: () => (inRow() ? row[head] : items[0]),
    pop: () => (inRow() ? popRow() : popItem()),
  };
}
