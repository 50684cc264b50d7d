import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drawCase } from "../../runtime/simulator/swarm/draw.ts";
import { runCase } from "../../runtime/simulator/swarm/run.ts";

/** Other Nodes to run the built simulator with: their paths, parted by colons. */
const nodes = (process.env.KDSL_NODES ?? "").split(":").filter((path) => path !== "");
if (nodes.length === 0) console.log("skipped: KDSL_NODES names no other Node");

const module = join(import.meta.dirname, "../../dist/simulator.mjs");
const script = `
  import { drawCase, runCase } from ${JSON.stringify(module)};
  console.log([1, 2, 3].map((seed) => runCase(drawCase(seed)).traceHash).join(" "));`;

test.runIf(nodes.length > 0)("one seed gives one trace, whatever Node runs it", () => {
  const here = [1, 2, 3].map((seed) => runCase(drawCase(seed)).traceHash).join(" ");
  for (const node of nodes) {
    const told = execFileSync(node, ["--input-type=module", "--eval", script], { encoding: "utf8" });
    expect([node, told.trim()]).toEqual([node, here]);
  }
});
