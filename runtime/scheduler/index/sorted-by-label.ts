import type { Selector } from "../../../model/selector.ts";
import type { LabelGroup, PodCounter } from "./census.ts";

/**
 * Groups of pods by their labels, and counters by a label that all whom they count have: who may have to do with whom,
 * among thousands of each.
 */
export class SortedByLabel {
  readonly #groups = new Map<string, LabelGroup[]>();
  readonly #all: LabelGroup[] = [];
  readonly #counters = new Map<string, PodCounter[]>();
  readonly #broad: PodCounter[] = [];

  add(group: LabelGroup): void {
    this.#all.push(group);
    for (const [key, value] of Object.entries(group.labels)) push(this.#groups, `${key}=${value}`, group);
  }

  /** Takes a counter in, and gives the groups that it may count. */
  groupsFor(counter: PodCounter, selector: Selector): readonly LabelGroup[] {
    const narrowest = selector.find(({ operator, values }) => operator === "In" && values.length === 1);
    if (!narrowest) {
      this.#broad.push(counter);
      return this.#all;
    }
    const label = `${narrowest.key}=${narrowest.values[0]}`;
    push(this.#counters, label, counter);
    return this.#groups.get(label) ?? [];
  }

  *countersFor(group: LabelGroup): Iterable<PodCounter> {
    yield* this.#broad;
    for (const [key, value] of Object.entries(group.labels))
      yield* this.#counters.get(`${key}=${value}`) ?? [];
  }
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}
