import fc from "fast-check";
import { expect, test } from "vitest";
import type { Expression, Operator, Step } from "../../model/scenario.ts";
import { runScenario } from "../../runtime/simulator/scenario/machine.ts";
import { finished } from "../../runtime/simulator/scenario/run.ts";
import { runs } from "../runs.ts";
import {
  kill,
  minutes,
  nodes,
  observe,
  of,
  operator,
  ready,
  runAll,
  scenario,
  settle,
  step,
  value,
  variable,
  wait,
  web,
  webService,
} from "./builders.ts";
import { planOf, shop } from "./support.ts";

/**
 * Scenarios drawn at random: whatever they say, a run comes to a verdict, comes out the same a second time, and what a
 * failure is made smaller to is the same failure. `SCENARIOS=200` draws more.
 */

const plan = planOf(shop);
const worker = of("ReplicationController/default/worker");
const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const target = pick<Expression>(of("Node/w-1"), of("Node/w-2"), nodes, variable("x"), observe("nodes", web));
const pods = pick<Expression>(web, worker, observe("pods", webService));
const time = pick<Expression>(value(0), value(1), value(30_000), minutes(2), minutes(7));

const condition: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .tuple(
      pick<Expression>(
        ready(web),
        ready(worker),
        observe("pending"),
        observe("serving", webService),
        observe("endpoints", webService),
        observe("restarts", web),
        observe("zones", web),
        observe("time"),
        operator("/", value(6), ready(web)),
      ),
      pick<Operator>("<", "<=", ">", ">=", "==", "!="),
      pick<Expression>(value(0), value(1), value(2), value(3)),
    )
    .map(([left, name, right]) => operator(name, left, right)),
  pick<Expression>(value(true), value(false), operator("not", operator(">", ready(web), value(0)))),
);

const act: fc.Arbitrary<Step> = fc.oneof(
  target.map(kill),
  fc
    .tuple(pick("revive", "cordon", "uncordon", "drain", "fill"), target)
    .map(([type, one]) => step({ type, target: one } as never)),
  pods.map((one) => step({ type: "crash", target: one })),
  fc.tuple(target, time).map(([one, by]) => step({ type: "slow", target: one, by })),
  fc.tuple(pick("cut", "heal"), target).map(([type, one]) => step({ type, target: one } as never)),
  fc.tuple(target, target).map(([one, from]) => step({ type: "cut", target: one, from })),
  fc
    .tuple(pick(web, worker), fc.integer({ min: 0, max: 6 }))
    .map(([one, to]) => step({ type: "scale", target: one, to: value(to) })),
  time.map(wait),
  fc.constant(settle()),
  fc.constant(
    step({
      type: "chaos",
      during: minutes(10),
      faults: [
        { fault: "kill", count: 1, per: 300_000, lasting: 60_000 },
        { fault: "crash", count: 2, per: 300_000, target: web },
        { fault: "cut", count: 1, per: 300_000, lasting: 30_000 },
        { fault: "slow", count: 1, per: 300_000, by: 5000 },
        { fault: "drain", count: 1, per: 600_000, lasting: 60_000 },
      ],
    }),
  ),
);

const assertion: fc.Arbitrary<Step> = fc.oneof(
  condition.map((one) => step({ type: "expect", condition: one })),
  fc
    .tuple(pick("always", "never"), condition, fc.option(time), fc.option(condition))
    .map(([type, one, during, until]) =>
      step({ type, condition: one, ...(during && { during }), ...(until && { until }) } as never),
    ),
  fc.tuple(condition, time).map(([one, within]) => step({ type: "eventually", condition: one, within })),
  fc
    .tuple(condition, condition, time)
    .map(([trigger, one, within]) => step({ type: "after", trigger, condition: one, within })),
  fc
    .tuple(condition, time, fc.option(time))
    .map(([one, during, within]) =>
      step({ type: "stays", condition: one, during, ...(within && { within }) }),
    ),
  condition.map((one) => step({ type: "sometimes", condition: one })),
  fc
    .tuple(condition, fc.integer({ min: 0, max: 3 }))
    .map(([one, count]) => step({ type: "atMost", count: value(count), of: one, per: minutes(5) })),
);

const block = fc.array(fc.oneof(act, assertion), { minLength: 1, maxLength: 4 });
const fork: fc.Arbitrary<Step> = fc.oneof(
  block.map((steps) => step({ type: "forEach", variable: "x", over: nodes, steps })),
  block.map((steps) => step({ type: "forAny", count: value(2), variable: "x", over: nodes, steps })),
  block.map((steps) => step({ type: "repeat", count: value(2), variable: "i", steps })),
);
const scenarios = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: act }, { weight: 3, arbitrary: assertion }, fork), {
      maxLength: 7,
    }),
    fc.boolean(),
  )
  .map(([steps, converges]) => scenario([settle(), ...steps], { converges }));

test("whatever a scenario says, it comes to a verdict, twice the same", () => {
  fc.assert(
    fc.property(scenarios, fc.integer({ min: 0, max: 1000 }), (tested, seed) => {
      const result = runAll(plan, tested, { seed, mostStates: 20_000 });
      expect(runAll(plan, tested, { seed, mostStates: 20_000 })).toEqual(result);
      // A variable that stands outside of its block has no value, which is a failure and no crash.
      expect(["pass", "fail", "vacuous", "inconclusive"]).toContain(result.verdict);
      expect(result.verdict === "fail").toBe(result.failure !== undefined);
      if (!result.failure || result.failure.failure.kind === "unreached") return;
      const { failure, shrunk, result: run, steps } = result.failure;
      expect(["invariant", "defect"]).not.toContain(failure.kind);
      expect(run.history.length).toBeLessThanOrEqual(steps);
      const again = finished(runScenario({ plan, scenario: tested, spec: shrunk, mostStates: 20_000 }));
      expect(again.failure).toEqual(failure);
      expect(again.hash).toBe(run.hash);
    }),
    runs(12),
  );
}, 600_000);
