import type { FailureReport, ScenarioResult } from "../../runtime/simulator/scenario/explore.ts";
import type { RunResult, RunSpec } from "../../runtime/simulator/scenario/results.ts";
import { version } from "../version.ts";
import type { TestOptions } from "./options.ts";
import type { Tested } from "./test.ts";

/** The number of the format; another number is another format. */
export const traceVersion = 1;

/** Everything that is known of the runs, for other tools, and for `kdsl test --replay`. */
export interface Trace {
  readonly format: "kdsl-trace";
  readonly version: number;
  /** The version of kdsl that wrote it: runs of another version may differ. */
  readonly kdsl: string;
  readonly seed: number;
  readonly instants: number;
  readonly files: readonly {
    readonly path: string;
    readonly plan: string;
    readonly scenarios: readonly unknown[];
  }[];
}

export function traceOf(tested: readonly Tested[], { seed, instants }: TestOptions): Trace {
  return {
    format: "kdsl-trace",
    version: traceVersion,
    kdsl: version,
    seed,
    instants,
    files: tested.map(({ subject, results }) => ({
      path: subject.path,
      plan: subject.plan.hash,
      scenarios: results.map((result) => resultAsJson(result, true)),
    })),
  };
}

/** `--format json`: the results without the histories, but for that of a failure. */
export function resultsAsJson(tested: readonly Tested[]): unknown {
  return {
    version: traceVersion,
    files: tested.map(({ subject, results }) => ({
      path: subject.path,
      remarks: subject.remarks,
      scenarios: results.map((result) => resultAsJson(result, false)),
    })),
  };
}

function resultAsJson({ failure, ...rest }: ScenarioResult, whole: boolean): unknown {
  return { ...rest, ...(failure && { failure: failureAsJson(failure, whole) }) };
}

function failureAsJson(
  { found, shrunk, result, happenings, ...rest }: FailureReport,
  whole: boolean,
): unknown {
  return {
    ...rest,
    found: specAsJson(found),
    shrunk: specAsJson(shrunk),
    run: runAsJson(result),
    ...(whole && { happenings }),
  };
}

export interface SpecJson {
  readonly seed: number;
  readonly picks: readonly number[];
  readonly skip: readonly string[];
  readonly times: Readonly<Record<string, number>>;
}

const specAsJson = ({ seed, picks, skip, times }: RunSpec): SpecJson => ({
  seed,
  picks,
  skip: [...skip],
  times: Object.fromEntries(times),
});

export const specFromJson = ({ seed, picks, skip, times }: SpecJson): RunSpec => ({
  seed,
  picks,
  skip: new Set(skip),
  times: new Map(Object.entries(times)),
});

function runAsJson({ assertions, failure: _, ...rest }: RunResult): unknown {
  return { ...rest, assertions: [...assertions.values()] };
}
