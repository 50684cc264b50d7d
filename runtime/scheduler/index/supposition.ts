import type { PodInfo } from "../snapshot.ts";
import type { RequestClass } from "./request-class.ts";

/** What filters over domains would say of one node if some pods stood there too, or did not. */
export class Supposition {
  readonly #class: RequestClass;
  readonly #slot: number;
  readonly #changes: number[];

  constructor(of: RequestClass, slot: number) {
    this.#class = of;
    this.#slot = slot;
    this.#changes = of.readings.map(() => 0);
  }

  /** A pod comes to the node (1) or leaves it (−1). */
  change({ pod, terms }: PodInfo, sign: 1 | -1): void {
    const group = this.#class.engine.snapshot.census.groupOf(pod);
    this.#class.readings.forEach(({ counts }, index) => {
      if (counts.includes(this.#slot)) this.#changes[index]! += sign * counts.counter.of(group, terms);
    });
  }

  /** The engine's id of the first rejection; 0 for none. */
  rejection(): number {
    const { filters, readings, engine } = this.#class;
    const domain = (index: number) => readings[index]!.counts.topology.domainOf[this.#slot]!;
    for (const { name, filter, first } of filters) {
      const rejection = filter.reject({
        count: (reading) => {
          const at = first + reading;
          return domain(at) < 0 ? -1 : readings[at]!.counts.totals[domain(at)]! + this.#changes[at]!;
        },
        minimum: (reading) => {
          const at = first + reading;
          return readings[at]!.counts.minimumWith(domain(at), this.#changes[at]!);
        },
        total: (reading) => {
          const at = first + reading;
          return readings[at]!.counts.total + (domain(at) < 0 ? 0 : this.#changes[at]!);
        },
      });
      if (rejection) return engine.rejectionId(name, rejection);
    }
    return 0;
  }
}
