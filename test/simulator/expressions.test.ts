import { describe, expect, test } from "vitest";
import { seededRandom } from "../../base/random.ts";
import type { Expression } from "../../model/scenario.ts";
import { evaluate, remembered } from "../../runtime/simulator/scenario/expressions.ts";
import { formatExpression } from "../../runtime/simulator/scenario/text.ts";
import type { Value } from "../../runtime/simulator/scenario/values.ts";
import { createView } from "../../runtime/simulator/scenario/view.ts";
import { createSimulation } from "../../runtime/simulator/simulation.ts";
import { node, nodes, observe, of, operator, ready, value, variable, web, webService } from "./builders.ts";
import { planOf, shop } from "./support.ts";

/** Expressions against a shop that has come up: three web servers on three nodes in two zones, two workers. */

const zoned = shop.replace("label zone: String", 'label "topology.kubernetes.io/zone" as zone: String');
const simulation = createSimulation({ plan: planOf(zoned), seed: 1 });
while (simulation.clock.now() < simulation.startedAt + 5000) simulation.step(simulation.startedAt + 5000);
const view = createView(simulation, () => {});
const worth = (expression: Expression, variables: Readonly<Record<string, Value>> = {}) =>
  evaluate(view, expression, new Map(Object.entries(variables)));
const list = (...items: readonly Expression[]): Expression => ({ type: "list", items });
const call = (
  name: Extract<Expression, { type: "call" }>["function"],
  ...given: readonly Expression[]
): Expression => ({
  type: "call",
  function: name,
  arguments: given,
});
const names = (result: Value) =>
  (result as { members: readonly { key: string }[] }).members.map(({ key }) => key.replace(/-\w{5}$/, "-…"));
const pods = observe("pods", web);
const each = (give: Expression, where?: Expression): Expression => ({
  type: "comprehension",
  variable: "p",
  over: pods,
  give,
  ...(where && { where }),
});

const choice = (condition: Expression, yes: Expression, no: Expression): Expression =>
  JSON.parse(JSON.stringify({ type: "if", condition, yes, else: no }).replace('"yes":', '"then":'));

describe("what can be seen", () => {
  test.each<[string, Expression, Value]>([
    ["ready of an rc", ready(web), 3],
    ["ready of a service", ready(webService), 3],
    ["ready of nodes", ready(nodes), 3],
    ["ready of one node", ready(node("w-1")), 1],
    ["ready of all pods", observe("ready"), 5],
    ["ready of what does not exist", ready(of("ReplicationController/default/nobody")), 0],
    ["serving", observe("serving", webService), 1],
    ["endpoints", observe("endpoints", webService), 3],
    ["pending", observe("pending"), 0],
    ["zones", observe("zones", web), 2],
    ["restarts", observe("restarts", web), 0],
    ["restarts of containers", observe("restarts", { type: "containers", of: web, name: "server" }), 0],
    ["time", observe("time"), 5000],
  ])("%s", (_, expression, expected) => {
    expect(worth(expression)).toBe(expected);
  });

  test("sets: pods, their nodes, their containers, all of a kind", () => {
    expect(names(worth(pods))).toEqual(Array(3).fill("Pod/default/web-…"));
    expect(names(worth(observe("pods", node("w-1")))).length).toBeGreaterThan(0);
    expect(names(worth(observe("nodes", web)))).toEqual(["Node/w-1", "Node/w-2", "Node/w-3"]);
    expect(names(worth({ type: "containers", of: web, name: "server" }))).toHaveLength(3);
    expect(names(worth({ type: "containers", of: web, name: "none" }))).toHaveLength(0);
    const zone = { key: "topology.kubernetes.io/zone", operator: "In" as const, values: ["b"] };
    expect(names(worth({ type: "all", kind: "Node", selector: [zone] }))).toEqual(["Node/w-2", "Node/w-3"]);
    expect(names(worth({ type: "all", kind: "ReplicationController" }))).toEqual([
      "ReplicationController/default/web",
      "ReplicationController/default/worker",
    ]);
  });

  test("the node of a pod is one of the nodes", () => {
    const where = observe("node", variable("p"));
    expect(worth(call("all", each(operator("in", where, nodes))))).toBe(true);
    expect(worth(call("any", each(operator("==", where, value(null)))))).toBe(false);
  });
});

describe("values", () => {
  test.each<[Expression, Value]>([
    [operator("+", value(2), operator("*", value(3), value(4))), 14],
    [operator("-", value(2), operator("negate", value(4))), 6],
    [operator("+", value("a"), value("b")), "ab"],
    [operator("and", value(false), operator("/", value(1), value(0))), false],
    [operator("or", value(true), operator("/", value(1), value(0))), true],
    [operator("??", value(null), value(7)), 7],
    [operator("==", list(value(1), value(2)), list(value(1), value(2))), true],
    [operator("==", of("Node/a", "Node/b"), of("Node/b", "Node/a")), true],
    [operator("!=", of("Node/a"), of("Pod/default/a")), true],
    [operator("in", value(2), list(value(1), value(2))), true],
    [call("count", list(value(1), value(2))), 2],
    [call("count", pods), 3],
    [call("sum", list(value(1), value(2))), 3],
    [call("sum", list()), 0],
    [call("min", list(value(4), value(2))), 2],
    [call("max", value(4), value(2)), 4],
    [choice(value(true), value(1), operator("/", value(1), value(0))), 1],
    [{ type: "member", of: node("w-1"), name: "name" }, "w-1"],
    [{ type: "member", of: web, name: "namespace" }, "default"],
    [{ type: "label", of: node("w-1"), key: "topology.kubernetes.io/zone" }, "a"],
    [{ type: "label", of: node("w-1"), key: "nothing" }, null],
  ])("%j", (expression, expected) => {
    expect(worth(expression)).toBe(expected);
  });

  test.each<[Expression, string]>([
    [operator("/", value(1), value(0)), "1 / 0 has no value"],
    [operator("<", value(1), value(null)), "`<` is about numbers, and not about none"],
    [operator("and", value(1)), "`and` is about true and false, and not about 1"],
    [call("min", list()), "min of nothing has no value"],
    [observe("serving", web), "serving is about a service, and ReplicationController/default/web is none"],
    [observe("node", pods), "node is about one pod"],
    [variable("x"), "there is no x here"],
    [{ type: "label", of: node("w-9"), key: "zone" }, "Node/w-9 does not exist at this moment"],
    [{ type: "member", of: nodes, name: "name" }, "name is about one object, and this is a set of 3"],
    [operator("in", value(1), of("Node/a")), "1 is no object, and `in` asks for one"],
  ])("%j has none, at its place", (expression, message) => {
    const place = { file: "main.kdsl", line: 3, column: 4 };
    expect(() => worth({ ...expression, place })).toThrow(expect.objectContaining({ message, place }));
  });
});

describe("what is remembered is what would be worked out anew", () => {
  const observed: readonly Expression[] = [
    ready(web),
    ready(webService),
    ready(nodes),
    observe("serving", webService),
    observe("endpoints", webService),
    observe("pending"),
    observe("restarts", web),
    observe("zones", web),
    observe("nodes", web),
    observe("pods", webService),
    observe("time"),
    call("count", each(observe("node", variable("p")), operator(">", ready(variable("p")), value(0)))),
  ];

  test.each([1, 2, 3])("at every state of a run with faults, seed %i", (seed) => {
    const random = seededRandom(seed);
    const fresh = createSimulation({ plan: planOf(zoned), seed });
    const { faults, startedAt } = fresh;
    let compared = 0;
    const compare = () => {
      for (const [index, recall] of recalled.entries()) {
        expect(recall()).toEqual(evaluate(own, observed[index]!, new Map()));
        compared++;
      }
    };
    const own = createView(fresh, () => compare());
    const recalled = observed.map((expression) => remembered(own, expression, new Map()));
    const name = () => `w-${random.below(3) + 1}`;
    const acts: readonly (() => void)[] = [
      () => faults.killNode(name()),
      () => faults.reviveNode(name()),
      () => faults.cutNode(name()),
      () => faults.healNode(name()),
      () => faults.cutBetween("w-1", "w-2"),
      () => faults.healBetween("w-1", "w-2"),
      () => faults.drain(name()),
      () => faults.cordon(name(), false),
      () => faults.scale("ReplicationController/default/web", random.below(5)),
      () => faults.crash(own.client.list("Pod")[0]?.metadata.uid ?? ""),
    ];
    for (let number = 1; number <= 25; number++) {
      const until = startedAt + number * 20_000;
      while (fresh.step(until)) compare();
      compare();
      try {
        acts[random.below(acts.length)]!();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      own.struck();
      compare();
    }
    expect(compared).toBeGreaterThan(1000);
    own.stop();
  });
});

test("expressions are written as one would write them", () => {
  expect(
    formatExpression(
      operator("and", operator(">=", ready(web), value(2)), operator("or", value(true), value(false))),
    ),
  ).toBe("ready(web) >= 2 and (true or false)");
  expect(formatExpression(operator(">=", observe("serving", webService), value(0.5)))).toBe(
    "serving(web) >= 50%",
  );
  expect(
    formatExpression(call("all", each(operator("not", operator("==", variable("p"), value(null)))))),
  ).toBe("all([not (p == none) for p in pods(web)])");
});
