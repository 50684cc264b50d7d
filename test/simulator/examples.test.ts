import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSubjects } from "../../cli/test/plans.ts";
import { runAll } from "./builders.ts";

/** Every scenario of every example, and what is asked of every cluster where it has none: twice, with the same traces. */

const root = join(import.meta.dirname, "../../examples");
const names = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe.each(names)("%s", (name) => {
  test("has the same history twice, write by write, and another from another seed", async () => {
    const subjects = await readSubjects([join(root, name)], {});
    expect(subjects).toHaveLength(1);
    for (const { plan, scenarios } of subjects!) {
      expect(scenarios.length).toBeGreaterThan(0);
      for (const scenario of scenarios) {
        const first = runAll(plan, scenario);
        expect(runAll(plan, scenario)).toEqual(first);
        expect(runAll(plan, scenario, { seed: 2 }).hash).not.toBe(first.hash);
      }
    }
  }, 120_000);
});

describe("examples/outages", () => {
  const verdicts = async (flags: { readonly profile?: string }) => {
    const [subject] = (await readSubjects([join(root, "outages")], flags))!;
    return Object.fromEntries(
      subject!.scenarios.map((scenario) => [scenario.name, runAll(subject!.plan, scenario)] as const),
    );
  };
  const start = "a slow start is no death";
  const release = "a release loses no request";
  const kernel = "kernel: all nodes can be drained in turn";
  const blackout = "blackout: any one zone can be lost";

  test("survives all that has happened to it", async () => {
    const results = await verdicts({});
    expect(Object.keys(results)).toEqual([start, release, kernel, blackout]);
    for (const { verdict } of Object.values(results)) expect(verdict).toBe("pass");
  }, 60_000);

  test.each([
    ["impatient", start, /^it did not settle within 5 min$/, "failed liveness probe"],
    [
      "blind",
      release,
      /^serving\(pages\) >= 100% does not hold$/,
      "without a readiness probe nobody finds out",
    ],
    [
      "stuck",
      kernel,
      /^it did not settle within 2 min$/,
      "PodDisruptionBudget queue wants 3 healthy, and 3 are",
    ],
    ["crowded", blackout, /^ready\(tickets\) == 6 did not come true in time$/, "4 Insufficient cpu"],
  ])(
    "did not as it was before: %s",
    async (profile, scenario, message, why) => {
      const { verdict, failure } = (await verdicts({ profile }))[scenario]!;
      expect(verdict).toBe("fail");
      expect(failure!.failure.message).toMatch(message);
      expect(JSON.stringify([failure!.picture, failure!.timeline])).toContain(why);
    },
    60_000,
  );
});
