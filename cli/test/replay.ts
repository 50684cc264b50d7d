import { readFileSync } from "node:fs";
import { describeFailure, type ScenarioResult } from "../../runtime/simulator/scenario/explore.ts";
import { finished } from "../../runtime/simulator/scenario/run.ts";
import { hasColor } from "../color.ts";
import { CommandError, exitCodes, reasonOf } from "../error.ts";
import type { TestFlags } from "./options.ts";
import { readSubjects, type Subject } from "./plans.ts";
import { failureText } from "./report.ts";
import { type SpecJson, specFromJson, traceVersion } from "./trace.ts";

/** `kdsl test FILE --replay TRACE`: the shortest history of each failure in a trace once more, and whether it is the same. */
export async function replay(paths: readonly string[], flags: TestFlags): Promise<number> {
  const trace = readTrace(flags.replay!);
  const subjects = await readSubjects(paths, flags);
  if (!subjects) return exitCodes.failure;
  const failures = trace.files.flatMap((file) =>
    file.scenarios.filter(({ failure }) => failure).map((scenario) => ({ file, scenario })),
  );
  if (failures.length === 0)
    throw new CommandError(`--replay ${flags.replay}: nothing failed when it was written`, exitCodes.failure);
  for (const { file, scenario } of failures) {
    const subject = subjects.find(({ plan }) => plan.hash === file.plan);
    if (!subject)
      throw new CommandError(
        `--replay ${flags.replay}: it was written for another state of ${file.path}, whose plan has changed since`,
        exitCodes.failure,
        "run kdsl test on the file as it is, without --replay",
      );
    process.stdout.write(again(subject, scenario, trace.instants));
  }
  return exitCodes.failure;
}

interface TracedScenario {
  readonly name: string;
  readonly failure?: {
    readonly seed: number;
    readonly steps: number;
    readonly tries: number;
    readonly found: SpecJson;
    readonly shrunk: SpecJson;
    readonly run: { readonly hash: string };
  };
}

interface TraceFile {
  readonly path: string;
  readonly plan: string;
  readonly scenarios: readonly TracedScenario[];
}

function again(subject: Subject, { name, failure }: TracedScenario, instants: number): string {
  const scenario = subject.scenarios.find((each) => each.name === name);
  if (!scenario || !failure)
    throw new CommandError(`${subject.path} has no scenario ${JSON.stringify(name)} any more`);
  const { seed, steps, tries } = failure;
  const report = finished(
    describeFailure(
      { plan: subject.plan, scenario, seed, seeds: 1, instants },
      { seed, steps, tries, found: specFromJson(failure.found), shrunk: specFromJson(failure.shrunk) },
      () => undefined,
    ),
  );
  const same = report.result.hash === failure.run.hash;
  const result = { name, place: scenario.place } as ScenarioResult;
  const text = failureText(subject, result, report, { color: hasColor(process.stdout) });
  return `${text}${same ? "the run is the same, write by write" : "the run is another: kdsl has changed since the trace was written"}\n`;
}

interface ReadTrace {
  readonly instants: number;
  readonly files: readonly TraceFile[];
}

function readTrace(path: string): ReadTrace {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandError(`--replay ${path}: ${reasonOf(error)}`);
  }
  const wrong = (what: string, help: string) =>
    new CommandError(`--replay ${path}: ${what}`, exitCodes.failure, help);
  const help = "kdsl test FILE --trace TRACE writes one";
  let trace: { format?: unknown; version?: unknown; kdsl?: unknown; files?: unknown; instants?: unknown };
  try {
    trace = JSON.parse(text);
  } catch {
    throw wrong("it is no whole JSON", help);
  }
  if (trace === null || typeof trace !== "object" || trace.format !== "kdsl-trace")
    throw wrong("it is no trace of kdsl test", help);
  if (trace.version !== traceVersion)
    throw wrong(
      `it is a trace of format ${String(trace.version)}, written by kdsl ${String(trace.kdsl)}; this one reads format ${traceVersion}`,
      "run kdsl test anew with this version, or replay it with that one",
    );
  if (!Array.isArray(trace.files) || typeof trace.instants !== "number" || !trace.files.every(isWhole))
    throw wrong("it is damaged", help);
  return trace as ReadTrace;
}

/** Whether what is replayed of a file's results is there. */
function isWhole(file: Partial<TraceFile> | null): boolean {
  if (typeof file?.plan !== "string" || !Array.isArray(file.scenarios)) return false;
  return (file.scenarios as readonly Partial<TracedScenario>[]).every(({ failure }) => {
    if (failure === undefined) return true;
    const specs = [failure.found, failure.shrunk];
    return (
      typeof failure.run?.hash === "string" &&
      specs.every(
        (spec) =>
          Array.isArray(spec?.picks) &&
          Array.isArray(spec.skip) &&
          spec.times !== null &&
          typeof spec.times === "object",
      )
    );
  });
}
