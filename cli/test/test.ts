import { writeFileSync } from "node:fs";
import { explore, type ScenarioResult } from "../../runtime/simulator/scenario/explore.ts";
import { hasColor } from "../color.ts";
import { CommandError, exitCodes, reasonOf } from "../error.ts";
import { junit } from "./junit.ts";
import { readOptions, type TestFlags, type TestOptions } from "./options.ts";
import { filtered, readSubjects, type Subject } from "./plans.ts";
import { createProgress } from "./progress.ts";
import { renderReport } from "./report.ts";
import { renderTable } from "./table.ts";
import { resultsAsJson, traceOf } from "./trace.ts";

/** What came of the scenarios of one plan. */
export interface Tested {
  readonly subject: Subject;
  readonly results: readonly ScenarioResult[];
}

/** `kdsl test FILE…`: runs each scenario on a simulated cluster; exit code 1 when one fails or comes to no end. */
export async function test(paths: readonly string[], flags: TestFlags): Promise<number> {
  const options = readOptions(flags);
  if (flags.replay !== undefined) {
    const { replay } = await import("./replay.ts");
    return replay(paths, flags);
  }
  const subjects = await readSubjects(paths, flags);
  if (!subjects) return exitCodes.failure;
  const chosen = filtered(subjects, options.filter);
  const tested = runAll(chosen, options);
  print(tested, options);
  if (options.trace !== undefined) writeTrace(options.trace, tested, options);
  const good = tested.every(({ results }) =>
    results.every(({ verdict }) => verdict === "pass" || verdict === "vacuous"),
  );
  return good ? exitCodes.success : exitCodes.failure;
}

function runAll(subjects: readonly Subject[], options: TestOptions): readonly Tested[] {
  const progress = createProgress(options.format);
  const total = subjects.reduce((sum, { scenarios }) => sum + scenarios.length, 0);
  let number = 0;
  const tested = subjects.map((subject) => ({
    subject,
    results: subject.scenarios.map((scenario) => {
      number++;
      const end = performance.now() + options.time;
      const runs = explore({
        plan: subject.plan,
        scenario,
        seed: options.seed,
        seeds: options.seeds,
        instants: options.instants,
        expired: () => performance.now() > end,
      });
      let next = runs.next();
      for (; !next.done; next = runs.next())
        progress.show(`${number}/${total} ${scenario.name}`, next.value, options.seeds);
      return next.value;
    }),
  }));
  progress.clear();
  return tested;
}

function print(tested: readonly Tested[], options: TestOptions): void {
  if (options.format === "json") {
    process.stdout.write(`${JSON.stringify(resultsAsJson(tested), null, 2)}\n`);
    return;
  }
  if (options.format === "junit") {
    process.stdout.write(junit(tested));
    return;
  }
  const color = hasColor(process.stdout);
  for (const { subject, results } of tested) {
    const report = renderReport(subject, results, { color });
    if (report !== "") process.stdout.write(`${report}\n`);
  }
  for (const { subject } of tested) for (const remark of subject.remarks) console.log(remark);
  process.stdout.write(renderTable(tested, { color }));
}

function writeTrace(path: string, tested: readonly Tested[], options: TestOptions): void {
  try {
    writeFileSync(path, `${JSON.stringify(traceOf(tested, options), null, 2)}\n`);
  } catch (error) {
    throw new CommandError(`--trace ${path}: ${reasonOf(error)}`);
  }
}
