import type { Clock } from "../../../base/clock.ts";
import type { Random } from "../../../base/random.ts";
import type { PodDriver, PodEvent } from "../../environment.ts";

export interface AnswerFaults {
  readonly clock: Clock;
  readonly random: Random;
  /** Of a hundred answers, how many come a second time, some time later. */
  readonly doubled?: number;
  /** Of a hundred answers, how many never come. Only asked for those that `mayLose` allows. */
  readonly lost?: number;
  readonly mayLose?: (event: PodEvent) => boolean;
  /** Each answer comes up to so many milliseconds late, so that answers overtake each other. */
  readonly late?: number;
}

/**
 * The same driver with answers that come late, twice, out of order or not at all, as the contract allows. `faults` is
 * read at each answer, so that they can end.
 */
export function withFaults<Driver extends PodDriver>(driver: Driver, faults: AnswerFaults): Driver {
  const { clock, random, mayLose = () => true } = faults;
  const chance = (percent = 0) => percent > 0 && random.below(100) < percent;
  return {
    ...driver,
    onEvent(handler: (event: PodEvent) => void) {
      driver.onEvent((event) => {
        const { late = 0 } = faults;
        if (chance(faults.doubled))
          clock.schedule(clock.now() + 1 + random.below(late + 50), () => handler(event));
        if (mayLose(event) && chance(faults.lost)) return;
        const delay = late > 0 ? random.below(late + 1) : 0;
        if (delay === 0) handler(event);
        else clock.schedule(clock.now() + delay, () => handler(event));
      });
    },
  };
}
