import { hash32 } from "../../../base/random.ts";
import type { Place, Plan } from "../../../model/plan.ts";
import type { Scenario, Step } from "../../../model/scenario.ts";
import { type AssertionStep, isAssertion, subjectOf } from "./assertions.ts";
import { objectsIn } from "./expressions.ts";
import { runScenario } from "./machine.ts";
import { type Picture, pictureOf } from "./picture.ts";
import type { AssertionResult, Failure, ForkTaken, RunResult, RunSpec } from "./results.ts";
import { type RunOptions, tighter, type Work } from "./run.ts";
import { shrink } from "./shrink.ts";
import { formatExpression } from "./text.ts";
import { type Happening, type Relevant, record, relevant } from "./timeline.ts";

/** All runs of a scenario: each path through its forks, from each seed. */

export interface ExploreOptions {
  readonly plan: Plan;
  readonly scenario: Scenario;
  /** The first seed. */
  readonly seed: number;
  readonly seeds: number;
  readonly instants?: number;
  readonly mostStates?: number;
  /** Asked now and then: why to end now, as the beginning of a sentence; undefined: go on. */
  readonly expired?: () => string | undefined;
}

export type Verdict = "pass" | "fail" | "vacuous" | "inconclusive";

export interface ScenarioResult {
  readonly name: string;
  readonly place: Place;
  readonly verdict: Verdict;
  readonly runs: number;
  /** The seeds that were gone through wholly. */
  readonly seeds: number;
  /** Virtual time of all runs together, in milliseconds. */
  readonly virtual: number;
  readonly states: number;
  /** Each assertion of the scenario, also those that no run came to. */
  readonly assertions: readonly AssertionResult[];
  /** What was never put to the test, and why. */
  readonly untested: readonly Untested[];
  /** Forks of which not every choice was tried. */
  readonly drawn: readonly ForkTaken[];
  readonly failure?: FailureReport;
  readonly unfinished?: string;
  /** Over the traces of all runs: equal where all was equal. */
  readonly hash: string;
}

export interface Untested {
  readonly place: Place;
  readonly why: string;
}

export interface FailureReport {
  readonly failure: Failure;
  /** As the user gives it. */
  readonly seed: number;
  /** The run in which it was found. */
  readonly found: RunSpec;
  /** The smallest run that shows it. */
  readonly shrunk: RunSpec;
  readonly result: RunResult;
  /** How many steps and faults there were when it was found. */
  readonly steps: number;
  readonly tries: number;
  /** What of it matters. */
  readonly timeline: readonly Happening[];
  /** All of it. */
  readonly happenings: readonly Happening[];
  /** How many happenings are not in `timeline`, as they are of no concern. */
  readonly left: number;
  /** Of a long timeline: so many lines are left out before the one with this index. */
  readonly gap?: Relevant["gap"];
  readonly picture: Picture;
}

export interface Progress {
  readonly runs: number;
  readonly seed: number;
  readonly shrinking: boolean;
}

/** Runs a scenario; between two runs, and now and then within one, it yields, so that who calls can show how far it is. */
export function* explore(options: ExploreOptions): Generator<Progress, ScenarioResult> {
  const { scenario, expired } = options;
  const tally = emptyTally();
  let seeds = 0;
  for (; seeds < options.seeds && !tally.unfinished; seeds++) {
    const seed = options.seed + seeds;
    let picks: readonly number[] | undefined = [];
    while (picks) {
      const why = tally.runs > 0 ? expired?.() : undefined;
      if (why !== undefined) {
        tally.unfinished = `${why} before all runs were done`;
        break;
      }
      const spec: RunSpec = { seed: runSeed(seed, scenario), picks, skip: new Set(), times: new Map() };
      const running = runScenario(runOptions(options, spec));
      const result = yield* showing({ runs: tally.runs, seed, shrinking: false }, running);
      add(tally, result);
      if (result.failure) {
        const shrinking = { runs: tally.runs, seed, shrinking: true };
        yield shrinking;
        const failed = yield* showing(shrinking, report(options, seed, spec, result));
        return conclude(options, tally, seeds, failed);
      }
      yield { runs: tally.runs, seed, shrinking: false };
      if (result.unfinished !== undefined) {
        tally.unfinished = result.unfinished;
        break;
      }
      picks = nextPicks(result.forks);
    }
    if (tally.unfinished !== undefined) break;
  }
  return conclude(options, tally, seeds, yield* unreached(options, tally));
}

/** Says with each pause of the work how far all is. */
function* showing<T>(progress: Progress, work: Work<T>): Generator<Progress, T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    yield progress;
  }
}

/** A `sometimes` that some run came to and none fulfilled is a failure of all of them; the first is shown. */
function* unreached(options: ExploreOptions, tally: Tally): Generator<Progress, FailureReport | undefined> {
  const { scenario } = options;
  if (tally.unfinished !== undefined) return undefined;
  const missing = [...tally.assertions.values()].find(({ reached, tested }) => reached === false && tested);
  const found = assertionsIn(scenario.steps).find(({ id }) => id === missing?.id);
  if (!missing || !found) return undefined;
  const spec: RunSpec = {
    seed: runSeed(options.seed, scenario),
    picks: [],
    skip: new Set(),
    times: new Map(),
  };
  const about = { seed: options.seed, found: spec, shrunk: spec, tries: 0, steps: 0 };
  const describing = describeFailure(options, about, (result) => ({
    kind: "unreached",
    place: missing.place,
    id: missing.id,
    message: `in none of ${tally.runs} ${tally.runs === 1 ? "run" : "runs"} ${formatExpression(subjectOf(found.step))} was so`,
    details: [],
    at: result.end,
    objects: objectsIn(subjectOf(found.step), new Map()),
  }));
  return yield* showing({ runs: tally.runs, seed: options.seed, shrinking: true }, describing);
}

/** What all chance in the runs of a scenario comes from: no other scenario changes it. */
export function runSeed(seed: number, { name }: Scenario): number {
  return hash32(`${seed}/${name}`);
}

export function runOptions(options: ExploreOptions, spec: RunSpec): RunOptions {
  const { plan, scenario, instants, mostStates, expired } = options;
  return {
    plan,
    scenario,
    spec,
    ...(instants !== undefined && { instants }),
    ...(mostStates !== undefined && { mostStates }),
    ...(expired && { expired }),
  };
}

/** The path after this one: the last fork that has a choice left takes it, and what comes after it begins anew. */
function nextPicks(forks: readonly ForkTaken[]): readonly number[] | undefined {
  for (let index = forks.length - 1; index >= 0; index--) {
    const { pick, options } = forks[index]!;
    if (pick + 1 < options.length) return [...forks.slice(0, index).map((fork) => fork.pick), pick + 1];
  }
  return undefined;
}

interface Tally {
  runs: number;
  virtual: number;
  states: number;
  readonly assertions: Map<string, AssertionResult>;
  readonly drawn: Map<string, ForkTaken>;
  readonly empty: Map<string, ForkTaken>;
  /** Steps that strike, and whether they have struck anything in some run. */
  readonly strikes: Map<string, { readonly place: Place; readonly text: string; struck: boolean }>;
  hashes: number;
  unfinished?: string;
}

const emptyTally = (): Tally => ({
  runs: 0,
  virtual: 0,
  states: 0,
  assertions: new Map(),
  drawn: new Map(),
  empty: new Map(),
  strikes: new Map(),
  hashes: 0,
});

function add(tally: Tally, result: RunResult): void {
  tally.runs++;
  tally.virtual += result.end;
  tally.states += result.states;
  tally.hashes = hash32(`${tally.hashes}/${result.hash}`);
  for (const [id, assertion] of result.assertions) {
    const before = tally.assertions.get(id);
    tally.assertions.set(id, before ? tighter(before, assertion) : assertion);
  }
  for (const fork of result.forks) {
    if (fork.drawnFrom !== undefined) tally.drawn.set(fork.id, fork);
    if (fork.options.length === 0) tally.empty.set(fork.id, fork);
  }
  for (const { id, place, text, kind, struck } of result.history) {
    if (kind !== "fault") continue;
    const at = id.replace(/#\d+/g, "");
    const before = tally.strikes.get(at)?.struck ?? false;
    tally.strikes.set(at, { place, text, struck: before || struck.length > 0 || /^update /.test(text) });
  }
}

function conclude(
  { scenario }: ExploreOptions,
  tally: Tally,
  seeds: number,
  failed?: FailureReport,
): ScenarioResult {
  const assertions = assertionsIn(scenario.steps).map(
    ({ id, step }): AssertionResult =>
      tally.assertions.get(id) ?? { id, place: step.place, type: step.type, tested: false },
  );
  for (const [id, assertion] of tally.assertions)
    if (!assertions.some((each) => each.id === id)) assertions.push(assertion);
  const untested = failed ? [] : untestedIn(assertions, tally);
  const inconclusive = tally.unfinished !== undefined && seeds === 0;
  return {
    name: scenario.name,
    place: scenario.place,
    verdict: failed ? "fail" : inconclusive ? "inconclusive" : untested.length > 0 ? "vacuous" : "pass",
    runs: tally.runs,
    seeds,
    virtual: tally.virtual,
    states: tally.states,
    assertions,
    untested,
    drawn: [...tally.drawn.values()],
    ...(failed && { failure: failed }),
    ...(tally.unfinished !== undefined && { unfinished: tally.unfinished }),
    hash: tally.hashes.toString(16).padStart(8, "0"),
  };
}

function untestedIn(assertions: readonly AssertionResult[], tally: Tally): readonly Untested[] {
  const missed = [...tally.strikes.values()]
    .filter(({ struck }) => !struck)
    .map(({ place, text }) => ({ place, why: `there was nothing to ${text.replace(/ nothing.*$/, "")}` }));
  const untested = assertions
    .filter(({ tested }) => !tested)
    .map(({ id, place, type }) => {
      const fork = [...tally.empty.values()].find((each) =>
        id.startsWith(`${each.id.replace(/#\d+/g, "")}.`),
      );
      if (fork) return { place, why: `there was nothing to choose \`${fork.variable}\` from` };
      if (!tally.assertions.has(id)) return { place, why: "no run came to it" };
      if (type === "after") return { place, why: "what it waits for never happened" };
      return { place, why: "its end came before its first state" };
    });
  return [...missed, ...untested];
}

/** All assertions of steps, with their ids, as runs give them. */
export function assertionsIn(
  steps: readonly Step[],
  prefix = "",
): readonly { readonly id: string; readonly step: AssertionStep }[] {
  return steps.flatMap((step, index) => {
    const id = `${prefix}${index}`;
    if ("steps" in step) return assertionsIn(step.steps, `${id}.`);
    return isAssertion(step) ? [{ id, step }] : [];
  });
}

/** Makes the failing run smaller and runs that once more, with all that happens written down. */
function* report(
  options: ExploreOptions,
  seed: number,
  spec: RunSpec,
  found: RunResult,
): Work<FailureReport> {
  const { spec: shrunk, tries, result } = yield* shrink(runOptions(options, spec), found);
  const about = { seed, found: spec, shrunk, tries, steps: found.history.length };
  return yield* describeFailure(options, about, () => result.failure);
}

/** Runs it once more with all that happens written down. `failureOf` says what failed where that run by itself did not. */
export function* describeFailure(
  options: ExploreOptions,
  about: Pick<FailureReport, "seed" | "found" | "shrunk" | "tries" | "steps">,
  failureOf: (result: RunResult) => Failure | undefined,
): Work<FailureReport> {
  let happenings: readonly Happening[] = [];
  let picture: Picture = { rcs: [], services: [], nodes: [], pods: [] };
  const { expired: _, ...run } = runOptions(options, about.shrunk);
  const result = yield* runScenario({
    ...run,
    onStart: (simulation) => {
      ({ happenings } = record(simulation));
    },
    onEnd: (simulation) => {
      picture = pictureOf(simulation);
    },
  });
  const failure = result.failure ?? failureOf(result);
  if (!failure) throw new Error("the same run came out otherwise the second time: it is not deterministic");
  const { shown, ...rest } = relevant(happenings, result.history, failure);
  return { ...about, failure, result, timeline: shown, happenings, ...rest, picture };
}
