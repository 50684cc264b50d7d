import { describe, expect, test } from "vitest";
import type { Step } from "../../model/scenario.ts";
import type { ScenarioResult } from "../../runtime/simulator/scenario/explore.ts";
import {
  kill,
  minutes,
  node,
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

const plan = planOf(shop);
const atLeast = (count: number) => operator(">=", ready(web), value(count));
const allReady = operator("==", ready(web), value(3));
const run = (steps: readonly Step[], more = {}, options = {}) => runAll(plan, scenario(steps, more), options);
const texts = ({ failure }: ScenarioResult) => failure?.result.history.map(({ text }) => text);

describe("verdicts", () => {
  test("what holds passes, and says by how much", () => {
    const result = run([
      settle(),
      step({ type: "always", condition: atLeast(2) }),
      kill(node("w-1")),
      step({ type: "eventually", condition: allReady, within: minutes(10) }),
    ]);
    expect(result.verdict).toBe("pass");
    const [, always, eventually] = [...result.assertions].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(always?.nearest).toMatchObject({ what: "ready(web)", operator: ">=", value: 2, bound: 2 });
    expect(eventually?.margin?.type).toBe("time");
  });

  test("what does not hold fails at its line, in the first state in which it does not", () => {
    const result = run([settle(), step({ type: "always", condition: atLeast(3) }), kill(node("w-1"))]);
    expect(result.verdict).toBe("fail");
    const { failure, history, end } = result.failure!.failure
      ? { failure: result.failure!.failure, ...result.failure!.result }
      : (undefined as never);
    expect(failure).toMatchObject({ kind: "assertion", id: "1", details: ["ready(web) is 2"] });
    expect(failure.at).toBe(end);
    // A node is given up after some 40 s without a word.
    expect(end - history.at(-1)!.at).toBeGreaterThan(30_000);
    expect(end - history.at(-1)!.at).toBeLessThan(90_000);
  });

  test("what has no room cannot converge, unless it need not", () => {
    const steps = () => [settle(), kill(of("Node/w-1", "Node/w-2", "Node/w-3"))];
    const result = run(steps());
    expect(result.verdict).toBe("fail");
    expect(result.failure?.failure.kind).toBe("convergence");
    expect(result.failure?.failure.details[0]).toMatch(/^pod web-\w+ is on node w-\d, which is gone$/);
    expect(run(steps(), { converges: false }).verdict).toBe("pass");
  });

  test("what is never put to the test is vacuous, and says why", () => {
    const result = run([
      settle(),
      step({
        type: "after",
        trigger: operator("<", ready(web), value(1)),
        condition: allReady,
        within: minutes(1),
      }),
      step({
        type: "forEach",
        variable: "x",
        over: { type: "list", items: [] },
        steps: [step({ type: "always", condition: atLeast(1) })],
      }),
    ]);
    expect(result.verdict).toBe("vacuous");
    expect(result.untested.map(({ why }) => why)).toEqual([
      "what it waits for never happened",
      "there was nothing to choose `x` from",
    ]);
  });

  test("sometimes asks of all runs together", () => {
    const lost = (count: number) =>
      step({ type: "sometimes", condition: operator("==", ready(web), value(count)) });
    const steps = (count: number) => [
      settle(),
      lost(count),
      step({ type: "forEach", variable: "victim", over: nodes, steps: [kill(variable("victim"))] }),
    ];
    expect(run(steps(2)).verdict).toBe("pass");
    const result = run(steps(0));
    expect(result.verdict).toBe("fail");
    expect(result.failure?.failure.message).toBe("in none of 3 runs ready(web) == 0 was so");
  });

  test("a run without end is inconclusive", () => {
    const result = run([settle(), wait(minutes(60))], {}, { mostStates: 50 });
    expect(result.verdict).toBe("inconclusive");
    expect(result.unfinished).toMatch(/^it was given up after 50 states, at /);
  });

  test("what has no value is a failure at its place", () => {
    const where = { file: "main.kdsl", line: 77, column: 3 };
    const result = run([
      settle(),
      step({
        type: "expect",
        condition: operator(">", { ...operator("/", ready(web), value(0)), place: where }, value(1)),
      }),
    ]);
    expect(result.failure?.failure).toMatchObject({
      kind: "evaluation",
      place: where,
      message: "3 / 0 has no value",
    });
  });

  test("a step on what is not there is a failure at its place", () => {
    const result = run([settle(), kill(of("Pod/default/nobody"))]);
    expect(result.failure?.failure).toMatchObject({
      kind: "evaluation",
      message: "there is no Pod/default/nobody at this moment",
    });
  });
});

describe("forks", () => {
  const block = (type: "forEach" | "forAny", count?: number) =>
    step({
      type,
      ...(count !== undefined && { count: value(count) }),
      variable: "victims",
      over: nodes,
      steps: [kill(variable("victims"))],
    } as never);

  test("for each is a run per member, for any one per set, repeat is one run", () => {
    expect(run([settle(), block("forEach")]).runs).toBe(3);
    expect(run([settle(), block("forAny", 2)]).runs).toBe(3);
    expect(run([settle(), block("forEach"), block("forAny", 2)], { converges: false }).runs).toBe(9);
    const repeated = run([
      settle(),
      step({ type: "repeat", count: value(3), steps: [step({ type: "crash", target: web }), settle()] }),
    ]);
    expect(repeated.runs).toBe(1);
    expect(repeated.verdict).toBe("pass");
  });

  test("many sets are drawn from the seed, and it is said", () => {
    const items = Array.from({ length: 12 }, (_, index) => value(index));
    const result = run([
      step({ type: "forAny", count: value(3), variable: "x", over: { type: "list", items }, steps: [] }),
    ]);
    expect(result.runs).toBe(100);
    expect(result.drawn).toMatchObject([{ drawnFrom: 220 }]);
    expect(new Set(result.drawn[0]!.options).size).toBe(100);
  }, 120_000);

  test("what follows a block is part of each run", () => {
    const result = run([
      settle(),
      block("forEach"),
      step({ type: "eventually", condition: operator("<", ready(web), value(3)), within: minutes(2) }),
    ]);
    // Not every node has a pod of it to lose, or all three have: either way each run was asked.
    expect(result.runs).toBeGreaterThan(0);
    expect(["pass", "fail"]).toContain(result.verdict);
  });

  test("to choose more than there are is a failure", () => {
    const result = run([settle(), block("forAny", 4)]);
    expect(result.failure?.failure.message).toBe("there are 3 to choose 4 from");
  });
});

describe("a failure is made smaller", () => {
  test("of many steps those that it needs are left", () => {
    const result = run([
      settle(),
      step({ type: "scale", target: of("ReplicationController/default/worker"), to: value(3) }),
      wait(minutes(3)),
      step({ type: "crash", target: of("ReplicationController/default/worker") }),
      wait(minutes(1)),
      step({ type: "always", condition: atLeast(3) }),
      step({ type: "scale", target: web, to: value(2) }),
      wait(minutes(10)),
    ]);
    expect(result.verdict).toBe("fail");
    expect(texts(result)).toEqual(["settle", "scale web to 2"]);
    expect(result.failure?.steps).toBe(7);
  });

  test("of chaos the events that it needs are left", () => {
    const result = run(
      [
        settle(),
        step({ type: "always", condition: operator(">=", ready(web), value(2)) }),
        step({
          type: "chaos",
          during: minutes(60),
          faults: [
            { fault: "kill", count: 1, per: 600_000, lasting: 400_000 },
            { fault: "crash", count: 1, per: 600_000, target: of("ReplicationController/default/worker") },
          ],
        }),
      ],
      {},
      { seeds: 5 },
    );
    expect(result.verdict).toBe("fail");
    expect(texts(result)!.length).toBeLessThan(result.failure!.steps);
    expect(texts(result)!.some((text) => text.includes("worker"))).toBe(false);
  }, 120_000);

  test("chaos may last far longer than a run gets", () => {
    const result = run([
      settle(),
      step({ type: "always", condition: operator(">=", ready(web), value(3)) }),
      step({
        type: "chaos",
        during: minutes(60 * 1_000_000),
        faults: [{ fault: "crash", count: 10, per: 60_000, target: of("ReplicationController/default/web") }],
      }),
    ]);
    expect(result.verdict).toBe("fail");
  });

  test("the timeline tells what led there, the picture what stands then", () => {
    const result = run([
      settle(),
      step({ type: "never", condition: operator("<", observe("endpoints", webService), value(3)) }),
      kill(node("w-1")),
    ]);
    const { timeline, picture } = result.failure!;
    const said = timeline.map(({ subject, text }) => (subject ? `${subject} ${text}` : text));
    expect(said).toContain("kill w-1");
    expect(said.some((one) => /^node w-1 is no longer Ready/.test(one))).toBe(true);
    expect(said.at(-1)).toMatch(/^service web has 2 endpoints, and had 3$/);
    expect(picture.services).toMatchObject([{ key: "Service/default/web", endpoints: 2 }]);
  });
});

test("the same is the same: results, histories and traces", () => {
  const steps = [
    settle(),
    step({
      type: "chaos",
      during: minutes(20),
      faults: [{ fault: "kill", count: 2, per: 600_000, lasting: 60_000 }],
    }),
  ];
  const tested = scenario(steps);
  const [one, other] = [runAll(plan, tested), runAll(plan, tested)];
  expect(one).toEqual(other);
  expect(runAll(plan, tested, { seed: 2 }).hash).not.toBe(one.hash);
});

test("a scenario's runs do not depend on the others", () => {
  const tested = scenario([settle(), kill(node("w-2"))], { name: "alone" });
  const many = { ...plan, scenarios: [scenario([settle()]), tested] };
  expect(runAll(many, tested).hash).toBe(runAll(plan, tested).hash);
});

test("each fault is tried at several instants where that is asked for", () => {
  const grow = step({ type: "scale", target: web, to: value(4) });
  const result = run([settle(), grow, kill(node("w-1"))], {}, { instants: 3 });
  // At once, and after each of three states that the growth brings; the growth itself finds all at rest.
  expect(result.runs).toBe(4);
  expect(result.virtual).toBeLessThan(result.runs * 10 * 60_000);
});

test("slow containers of an rc are also those that it makes later, until the steps end", () => {
  const server = { type: "containers", of: web, name: "server" } as const;
  const slowed = (by: number) => [
    settle(),
    step({ type: "slow", target: server, by: value(by) }),
    step({ type: "scale", target: web, to: value(4) }),
    step({ type: "eventually", condition: operator("==", ready(web), value(4)), within: minutes(1) }),
    // Slowness ends with the steps.
    wait(minutes(2)),
  ];
  expect(run(slowed(30_000)).verdict).toBe("pass");
  expect(run(slowed(90_000), { converges: false }).failure?.failure.message).toBe(
    "ready(web) == 4 did not come true in time",
  );
});

describe("what is left out of a failing run leaves the same failure", () => {
  test("what never came true is not explained by leaving out what should have brought it", () => {
    const result = run([
      settle(),
      step({ type: "drain", target: node("w-1") }),
      step({ type: "uncordon", target: node("w-1") }),
      step({ type: "eventually", condition: operator("==", ready(web), value(7)), within: minutes(1) }),
    ]);
    expect(texts(result)).toEqual(["settle", "drain w-1", "uncordon w-1"]);
  });

  test("what takes a fault back stays with it", () => {
    const result = run([
      settle(),
      kill(node("w-1")),
      wait(minutes(10)),
      step({ type: "revive", target: node("w-1") }),
      step({ type: "scale", target: web, to: value(60) }),
      step({ type: "settle", within: minutes(1) }),
    ]);
    expect(result.failure?.failure.kind).toBe("settle");
    expect(texts(result)).toEqual(["settle", "scale web to 60", "settle"]);
  });
});
