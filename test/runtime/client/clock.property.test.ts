import fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualClock } from "../../../base/clock.ts";
import { runs } from "../../runs.ts";

/** The virtual clock against one that looks at every task each time. */
const plan = fc.array(
  fc.record({
    /** From the instant at which it is scheduled. */
    delay: fc.integer({ min: -2, max: 6 }),
    rank: fc.constantFrom(0, 0, 0, 1, 5),
    /** What its task does: schedules the next ones of the list, cancels the one scheduled so many before it. */
    next: fc.nat(3),
    cancels: fc.option(fc.nat(10), { nil: undefined }),
  }),
  { maxLength: 300 },
);
type Steps = typeof plan extends fc.Arbitrary<infer T> ? T : never;

interface Simple {
  now(): number;
  schedule(at: number, task: () => void, rank: number): () => void;
  advanceTo(at: number): void;
}

function naiveClock(): Simple {
  let now = 0;
  let order = 0;
  let tasks: { at: number; rank: number; order: number; task: () => void }[] = [];
  return {
    now: () => now,
    schedule(at, task, rank) {
      const entry = { at: Math.max(at, now), rank, order: order++, task };
      tasks.push(entry);
      return () => {
        tasks = tasks.filter((each) => each !== entry);
      };
    },
    advanceTo(at) {
      for (;;) {
        const due = tasks.filter((each) => each.at <= at);
        if (due.length === 0) break;
        const [first] = due.sort((a, b) => a.at - b.at || a.rank - b.rank || a.order - b.order);
        tasks = tasks.filter((each) => each !== first);
        now = first!.at;
        first!.task();
      }
      now = Math.max(now, at);
    },
  };
}

function history(clock: Simple, steps: Steps): string[] {
  const lines: string[] = [];
  const cancels: (() => void)[] = [];
  let position = 0;
  const begin = () => {
    const step = steps[position];
    if (!step) return;
    const index = position++;
    const run = () => {
      lines.push(`${clock.now()} ${index}`);
      if (step.cancels !== undefined) cancels[index - step.cancels]?.();
      for (let count = 0; count < step.next; count++) begin();
    };
    cancels[index] = clock.schedule(clock.now() + step.delay, run, step.rank);
  };
  while (position < steps.length) {
    begin();
    begin();
    clock.advanceTo(clock.now() + 3);
  }
  clock.advanceTo(clock.now() + 100);
  return lines;
}

test("runs tasks by instant, rank and order, and none that was cancelled", () => {
  fc.assert(
    fc.property(plan, (steps) => {
      expect(history(new VirtualClock(0), steps)).toEqual(history(naiveClock(), steps));
    }),
    runs(300),
  );
});
