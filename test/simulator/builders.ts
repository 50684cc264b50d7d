import type { ObjectKey } from "../../model/meta.ts";
import type { Place, Plan } from "../../model/plan.ts";
import type { Act, Assertion, Expression, Fork, Operator, Scenario, Step } from "../../model/scenario.ts";
import {
  type ExploreOptions,
  explore,
  type ScenarioResult,
} from "../../runtime/simulator/scenario/explore.ts";
import { finished } from "../../runtime/simulator/scenario/run.ts";

/** Scenarios as data, for what is tested without the language. Each step stands on a line of its own. */

let line = 0;
const place = (): Place => ({ file: "main.kdsl", line: ++line, column: 1 });

export const step = (what: Act | Assertion | Fork): Step => ({ place: place(), ...what }) as Step;

export const of = (...keys: readonly ObjectKey[]): Expression => ({ type: "objects", keys });
export const web = of("ReplicationController/default/web");
export const webService = of("Service/default/web");
export const node = (name: string) => of(`Node/${name}`);
export const nodes: Expression = { type: "all", kind: "Node" };
export const variable = (name: string): Expression => ({ type: "variable", name });
export const value = (literal: number | string | boolean | null): Expression => ({
  type: "literal",
  value: literal,
});
export const operator = (name: Operator, ...operands: readonly Expression[]): Expression => ({
  type: "operator",
  operator: name,
  operands,
});
export const observe = (
  observation: Extract<Expression, { type: "observe" }>["observation"],
  subject?: Expression,
): Expression => ({ type: "observe", observation, ...(subject && { of: subject }) });
export const ready = (subject: Expression) => observe("ready", subject);
export const minutes = (count: number) => value(count * 60_000);

export const settle = () => step({ type: "settle", within: minutes(5) });
export const wait = (duration: Expression) => step({ type: "wait", duration });
export const kill = (target: Expression) => step({ type: "kill", target });

export const scenario = (steps: readonly Step[], more: Partial<Scenario> = {}): Scenario => ({
  name: "it is tested",
  place: place(),
  converges: true,
  steps,
  ...more,
});

/** All runs of a scenario. */
export function runAll(
  plan: Plan,
  tested: Scenario,
  options: Partial<Omit<ExploreOptions, "plan" | "scenario">> = {},
): ScenarioResult {
  return finished(explore({ plan, scenario: tested, seed: 1, seeds: 1, ...options }));
}
