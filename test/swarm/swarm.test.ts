import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SwarmCase } from "../../runtime/simulator/swarm/case.ts";
import { drawCase } from "../../runtime/simulator/swarm/draw.ts";
import { runCase } from "../../runtime/simulator/swarm/run.ts";
import { shrinkCase } from "../../runtime/simulator/swarm/shrink.ts";

const regressions: readonly { readonly found: string; readonly case: SwarmCase }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, "regressions.json"), "utf8"),
);

test("what once failed does not fail any more", () => {
  for (const { found, case: swarm } of regressions) {
    expect([found, runCase(swarm).failure]).toEqual([found, undefined]);
  }
});

test("a case and its history follow from the seed", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const first = runCase(drawCase(seed));
    expect(first.failure).toBe(undefined);
    expect(runCase(drawCase(seed)).traceHash).toBe(first.traceHash);
  }
});

test("what fails is made smaller as long as it fails", () => {
  const big = drawCase(2);
  const smaller = shrinkCase(
    big,
    ({ workloads, nodes }) => nodes.length > 1 && workloads.some(({ cpu }) => cpu > 100),
  );
  expect(smaller.nodes).toHaveLength(2);
  expect(smaller.workloads).toHaveLength(1);
  expect(smaller.events).toEqual([]);
});
