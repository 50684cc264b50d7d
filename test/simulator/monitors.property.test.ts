import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  eventually,
  following,
  invariable,
  type Monitor,
  rationed,
  show,
  sometime,
  staying,
} from "../../runtime/simulator/scenario/monitors.ts";
import { runs } from "../runs.ts";

/**
 * Each monitor against the definition of its assertion, read off a whole sequence of states at once. A sequence ends
 * as a scenario does: the last state stands until nothing that has a time is undecided.
 */

interface State {
  readonly time: number;
  readonly a: boolean;
  readonly b: boolean;
  readonly n: number;
}

const sequences = fc
  .array(
    fc.record({
      after: fc.constantFrom(0, 0, 1, 1, 2, 3, 7),
      a: fc.boolean(),
      b: fc.boolean(),
      n: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((steps) => {
    let time = 5;
    return steps.map(({ after, ...values }, index): State => {
      if (index > 0) time += after;
      return { time, ...values };
    });
  });

/** What a monitor says of a sequence, shown as runs show it. */
function verdict(states: readonly State[], make: (now: () => State) => Monitor): "pass" | "fail" {
  let current = states[0]!;
  const monitor = make(() => current);
  for (const state of states) {
    const deadline = monitor.deadline();
    if (deadline !== undefined && deadline < state.time) {
      const expired = monitor.expire();
      if (expired) return expired.verdict;
    }
    current = state;
    const outcome = show(monitor, state.time);
    if (outcome) return outcome.verdict;
  }
  for (let rounds = 0; rounds < 5 && monitor.deadline() !== undefined; rounds++) {
    const outcome = monitor.expire();
    if (outcome) return outcome.verdict;
  }
  return monitor.end().verdict;
}

const said = (holds: boolean) => (holds ? "pass" : "fail");
const span = fc.integer({ min: 0, max: 9 });
const check = (
  make: (now: () => State, span: number, more: number) => Monitor,
  definition: (states: readonly State[], span: number, more: number) => boolean,
) =>
  fc.assert(
    fc.property(sequences, span, span, (states, one, other) => {
      expect(verdict(states, (now) => make(now, one, other))).toBe(said(definition(states, one, other)));
    }),
    runs(3000),
  );

describe("monitors are their definitions", () => {
  test("always and never, to the end", () => {
    check(
      (now) => invariable(() => now().a, true),
      (states) => states.every(({ a }) => a),
    );
    check(
      (now) => invariable(() => now().a, false),
      (states) => !states.some(({ a }) => a),
    );
  });

  test("always … during: at every state up to and at its end", () => {
    check(
      (now, during) => invariable(() => now().a, true, { last: now().time + during }),
      (states, during) => states.every(({ a, time }) => a || time > states[0]!.time + during),
    );
  });

  test("always … until: at every state before the first at which the other holds", () => {
    check(
      (now) => invariable(() => now().a, true, { until: () => now().b }),
      (states) => {
        const end = states.findIndex(({ b }) => b);
        return states.slice(0, end < 0 ? states.length : end).every(({ a }) => a);
      },
    );
  });

  test("eventually … within: once it is not so, it comes true in time", () => {
    check(
      (now, within) => eventually(() => now().a, now().time, within),
      (states, within) => {
        const inTime = states.filter(({ time }) => time <= states[0]!.time + within);
        const missing = inTime.findIndex(({ a }) => !a);
        return missing < 0 || inTime.slice(missing).some(({ a }) => a);
      },
    );
  });

  test("eventually, of what is not so at first: at some state in time", () => {
    fc.assert(
      fc.property(sequences, span, (states, within) => {
        fc.pre(!states[0]!.a);
        const holds = states.some(({ a, time }) => a && time <= states[0]!.time + within);
        expect(verdict(states, (now) => eventually(() => now().a, now().time, within))).toBe(said(holds));
      }),
    );
  });

  test("after … within: whenever the one becomes true, the other is so at a state in time", () => {
    check(
      (now, within) =>
        following(
          () => now().a,
          () => now().b,
          within,
        ),
      (states, within) =>
        states.every((state, index) => {
          const becomes = state.a && (index === 0 || !states[index - 1]!.a);
          return !becomes || states.slice(index).some(({ b, time }) => b && time <= state.time + within);
        }),
    );
  });

  test("stays … during … within: some state in time is the first of a time in which it is so", () => {
    check(
      (now, during, within) => staying(() => now().a, during, now().time, within),
      (states, during, within) =>
        states.some(
          (start, index) =>
            start.time <= states[0]!.time + within &&
            states.slice(index).every(({ a, time }) => a || time > start.time + during) &&
            start.a,
        ),
    );
  });

  test("stays … during: the first state in which it is so is the first of such a time", () => {
    check(
      (now, during) => staying(() => now().a, during, now().time),
      (states, during) => {
        const first = states.findIndex(({ a }) => a);
        const start = states[first];
        return (
          start !== undefined && states.slice(first).every(({ a, time }) => a || time > start.time + during)
        );
      },
    );
  });

  test("at most n per D: no window of that length sees more", () => {
    const definition =
      (growth: (before: State, now: State) => number) =>
      (states: readonly State[], per: number, most: number) => {
        const growths = states.map((state, index) => ({
          time: state.time,
          by: index === 0 ? 0 : growth(states[index - 1]!, state),
        }));
        return growths.every(({ time: end }, last) => {
          const sum = growths
            .slice(0, last + 1)
            .filter(({ time }) => time > end - Math.max(per, 1))
            .reduce((total, { by }) => total + by, 0);
          return sum <= most;
        });
      };
    check(
      (now, per, most) => rationed(most, () => now().a, Math.max(per, 1)),
      definition((before, now) => (now.a && !before.a ? 1 : 0)),
    );
    check(
      (now, per, most) => rationed(most, () => now().n, Math.max(per, 1)),
      definition((before, now) => Math.max(0, now.n - before.n)),
    );
  });

  test("sometimes: whether there was such a state", () => {
    fc.assert(
      fc.property(sequences, (states) => {
        let current = states[0]!;
        const monitor = sometime(() => current.a);
        for (const state of states) {
          current = state;
          show(monitor, state.time);
        }
        expect(monitor.reached()).toBe(states.some(({ a }) => a));
      }),
    );
  });
});

describe("what was never put to the test says so", () => {
  const states: readonly State[] = [{ time: 0, a: false, b: true, n: 0 }];
  const shown = (make: (now: () => State) => Monitor) => {
    const monitor = make(() => states[0]!);
    show(monitor, 0);
    return monitor.tested();
  };
  test("after without its trigger, always whose end comes first", () => {
    expect(
      shown((now) =>
        following(
          () => now().a,
          () => now().b,
          5,
        ),
      ),
    ).toBe(false);
    expect(
      shown((now) =>
        following(
          () => now().b,
          () => now().a,
          5,
        ),
      ),
    ).toBe(true);
    expect(shown((now) => invariable(() => now().a, true, { until: () => now().b }))).toBe(false);
    expect(shown((now) => invariable(() => now().a, true, { until: () => now().a }))).toBe(true);
  });
});

test("a pass tells by how much", () => {
  let holds = false;
  const monitor = eventually(() => holds, 0, 100);
  expect(show(monitor, 0)).toBeUndefined();
  holds = true;
  expect(show(monitor, 30)).toEqual({
    verdict: "pass",
    margin: { type: "time", spare: 70, allowed: 100 },
  });
});
