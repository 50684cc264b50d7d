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
