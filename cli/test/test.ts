import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { explore, type ScenarioResult } from "../../runtime/simulator/scenario/explore.ts";
import { hasColor } from "../color.ts";
import { CommandError, exitCodes, reasonOf } from "../error.ts";
import { awaitInterruption, type Interruption } from "./interruption.ts";
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
  const interruption = awaitInterruption();
  const tested = await runAll(chosen, options, interruption);
  interruption.stop();
  print(tested, options);
  if (options.trace !== undefined) writeTrace(options.trace, tested, options);
  const { signal } = interruption;
  if (signal) return interrupted(signal, scenariosIn(chosen) - scenariosIn(tested));
  const good = tested.every(({ results }) =>
    results.every(({ verdict }) => verdict === "pass" || verdict === "vacuous"),
  );
  return good ? exitCodes.success : exitCodes.failure;
}

/** The scenarios one after the other; once it is interrupted the one that runs is ended and none begins any more. */
async function runAll(
  subjects: readonly Subject[],
  options: TestOptions,
  interruption: Interruption,
): Promise<readonly Tested[]> {
  const progress = createProgress(options.format);
  const total = scenariosIn(subjects);
  let number = 0;
  const tested: Tested[] = [];
  for (const subject of subjects) {
    const results: ScenarioResult[] = [];
    for (const scenario of subject.scenarios) {
      if (interruption.signal) break;
      number++;
      const end = performance.now() + options.time;
      const runs = explore({
        plan: subject.plan,
        scenario,
        seed: options.seed,
        seeds: options.seeds,
        instants: options.instants,
        expired: () =>
          interruption.signal
            ? "it was interrupted"
            : performance.now() > end
              ? "the time was over"
              : undefined,
      });
      let next = runs.next();
      for (; !next.done; next = runs.next()) {
        progress.show(`${number}/${total} ${scenario.name}`, next.value, options.seeds);
        await interruption.listen();
      }
      results.push(next.value);
    }
    if (results.length > 0) tested.push({ subject, results });
  }
  progress.clear();
  return tested;
}

function scenariosIn(list: readonly Subject[] | readonly Tested[]): number {
  return list.reduce((sum, one) => sum + ("results" in one ? one.results : one.scenarios).length, 0);
}

function interrupted(signal: NodeJS.Signals, left: number): number {
  const rest = left === 0 ? "" : `; ${left} ${left === 1 ? "scenario was" : "scenarios were"} not begun`;
  process.stderr.write(`interrupted${rest}\n`);
  return 128 + constants.signals[signal];
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
