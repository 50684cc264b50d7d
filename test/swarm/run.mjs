// Draws cases from seeds and plays them until the time is up; what fails is made smaller and kept in regressions.json,
// which the tests replay. `node test/swarm/run.mjs [--seed FIRST] [--seeds N] [--time SECONDS] [--dry]`; see README.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drawCase, runCase, shrinkCase } from "../../dist/simulator.mjs";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1000000" },
    time: { type: "string", default: "60" },
    dry: { type: "boolean", default: false },
  },
});
const wrong = Object.entries(values).find(([, text]) => typeof text === "string" && !/^\d{1,9}$/.test(text));
if (wrong) {
  console.error(`--${wrong[0]} is ${JSON.stringify(wrong[1])} and should be a whole number`);
  process.exit(2);
}
const [first, count, seconds] = [values.seed, values.seeds, values.time].map(Number);
const file = join(import.meta.dirname, "regressions.json");
const deadline = performance.now() + seconds * 1000;

/** What threw outside of any loop is a failure like another. */
function play(swarm) {
  try {
    return runCase(swarm);
  } catch (error) {
    const message = error instanceof Error ? error.stack : String(error);
    return { failure: { kind: "thrown", message, at: 0 }, traceHash: "", simulated: 0 };
  }
}

let played = 0;
let simulated = 0;
let failed = 0;
const failures = new Map();
for (let seed = first; seed < first + count && performance.now() < deadline; seed++) {
  const swarm = drawCase(seed);
  const result = play(swarm);
  let { failure } = result;
  // Every eighth is played again: the same seed has to do the same.
  if (!failure && seed % 8 === 0 && play(swarm).traceHash !== result.traceHash)
    failure = { kind: "trace", message: "the same case did something else the second time", at: 0 };
  played++;
  simulated += result.simulated;
  if (!failure) continue;
  failed++;
  if (failures.has(failure.kind)) continue;
  failures.set(failure.kind, swarm);
  console.log(`seed ${seed}: ${failure.kind}: ${failure.message} (at ${failure.at} ms)`);
}

const hours = (simulated / 3_600_000).toFixed(1);
console.log(
  `${played} seeds from ${first} on, ${hours} simulated hours, ${failed} failed in ${failures.size} ways`,
);
if (failures.size > 0) process.exitCode = 1;
if (failures.size > 0 && !values.dry) {
  const known = JSON.parse(readFileSync(file, "utf8"));
  for (const [found, swarm] of failures) {
    if (found === "trace") continue;
    known.push({ found, case: shrinkCase(swarm, (smaller) => play(smaller).failure?.kind === found) });
  }
  writeFileSync(file, `${JSON.stringify(known, null, 2)}\n`);
  console.log("what failed first of each kind was made smaller and added to test/swarm/regressions.json");
}
