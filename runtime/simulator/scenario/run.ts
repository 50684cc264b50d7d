import type { Place, Plan } from "../../../model/plan.ts";
import type { Expression, Scenario } from "../../../model/scenario.ts";
import type { Broken } from "../invariants/index.ts";
import { createSimulation, type LoopError, type Simulation } from "../simulation.ts";
import { named, objectsOf, resultOf, seenIn, subjectOf, type Watched } from "./assertions.ts";
import { formatDuration } from "./durations.ts";
import { evaluate, wantNumber } from "./expressions.ts";
import { type Margin, type Outcome, show } from "./monitors.ts";
import type { AssertionResult, Failure, ForkTaken, Performed, RunSpec } from "./results.ts";
import { type Environment, EvaluationError } from "./values.ts";
import { createView, type View } from "./view.ts";

export interface RunOptions {
  readonly plan: Plan;
  readonly scenario: Scenario;
  readonly spec: RunSpec;
  /** States after which a run is given up as inconclusive. */
  readonly mostStates?: number;
  /** Asked now and then: why the run is to be given up now, as the beginning of a sentence; undefined: it goes on. */
  readonly expired?: () => string | undefined;
  /** At how many states after the first each fault is tried as well; 0 where absent. */
  readonly instants?: number;
  /** Called with the simulation before its first step: to write down what happens. */
  readonly onStart?: (simulation: Simulation) => void;
  /** Called at the end, when all is still as it was then. */
  readonly onEnd?: (simulation: Simulation, view: View) => void;
}

/** What a run carries from step to step. */
export interface Run {
  readonly options: RunOptions;
  readonly simulation: Simulation;
  readonly view: View;
  readonly watched: Set<Watched>;
  readonly assertions: Map<string, AssertionResult>;
  readonly history: Performed[];
  readonly forks: ForkTaken[];
  /** What ends by itself at an instant, or when the steps end (`at` is infinite). */
  readonly lifts: { readonly at: number; readonly lift: () => void }[];
  states: number;
  /** What ended the run in the midst of a task, to be told when that is over. */
  ended: Ended | undefined;
}

/** Work that pauses now and then, so that whoever drives it comes to something else in between. */
export type Work<T> = Generator<void, T>;

/** Does work in one go. */
export function finished<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Ends a run from within. */
export class Ended {
  readonly failure: Failure | undefined;
  readonly unfinished: string | undefined;

  constructor(end: { failure?: Failure; unfinished?: string }) {
    this.failure = end.failure;
    this.unfinished = end.unfinished;
  }
}

/** Makes the cluster. Throws `Ended` where the API refuses an object of the plan. */
export function beginRun(options: RunOptions): Run {
  const simulation = begin(options);
  options.onStart?.(simulation);
  const run: Run = {
    options,
    simulation,
    view: createView(simulation, () => lookWithin(run)),
    watched: new Set(),
    assertions: new Map(),
    history: [],
    forks: [],
    lifts: [],
    states: 0,
    ended: undefined,
  };
  return run;
}

function begin({ plan, spec, scenario }: RunOptions): Simulation {
  try {
    return createSimulation({ plan, seed: spec.seed });
  } catch (error) {
    const refused = error instanceof Error && /^(\S+) is refused by the API: /.exec(error.message);
    if (!refused) throw error;
    const key = refused[1]!;
    const place = plan.provenance[key]?.[""] ?? scenario.place;
    const failure: Failure = {
      kind: "refused",
      place,
      id: key,
      message: error.message,
      details: [],
      at: 0,
      objects: [key],
    };
    throw new Ended({ failure });
  }
}

const mostStates = 5_000_000;

/**
 * Lets time pass up to and with `limit` (milliseconds since the run began), or until `done`, which is asked in each
 * state. Gives whether it was done.
 */
export function* runUntil(run: Run, limit: number, done?: () => boolean): Work<boolean> {
  const { simulation, view } = run;
  for (;;) {
    if (done?.()) return true;
    lift(run);
    let next = limit;
    for (const { at } of run.lifts) next = Math.min(next, at);
    for (const { monitor } of run.watched) next = Math.min(next, monitor.deadline() ?? next);
    const moved = simulation.step(simulation.startedAt + next);
    if (countState(run)) yield;
    look(run);
    if (moved) continue;
    const now = view.now();
    for (const watched of [...run.watched]) {
      const deadline = watched.monitor.deadline();
      if (deadline !== undefined && deadline <= now) decide(run, watched, watched.monitor.expire());
    }
    if (now >= limit) return done?.() ?? false;
  }
}

/** Gives whether it is time for a pause. */
function countState(run: Run): boolean {
  run.states++;
  const { mostStates: most = mostStates, expired } = run.options;
  const at = () => formatDuration(run.view.now());
  if (run.states >= most) throw new Ended({ unfinished: `it was given up after ${most} states, at ${at()}` });
  if ((run.states & 1023) !== 0) return false;
  const why = expired?.();
  if (why !== undefined) throw new Ended({ unfinished: `${why} at ${at()} of a run` });
  return true;
}

/** What was to last until now ends. */
function lift(run: Run): void {
  const now = run.view.now();
  const due = run.lifts.filter(({ at }) => at <= now);
  if (due.length === 0) return;
  for (const each of due) run.lifts.splice(run.lifts.indexOf(each), 1);
  for (const each of due) each.lift();
  run.view.struck();
  look(run);
}

/** All faults that were to last until the steps end do so. */
export function liftAll(run: Run): void {
  const all = run.lifts.splice(0);
  for (const { lift: end } of all) end();
  run.view.struck();
  if (all.length > 0) look(run);
}

/** Shows the present state to all that watch. */
export function look(run: Run): void {
  if (run.ended) throw run.ended;
  const [defect] = run.simulation.errors;
  if (defect) throw new Ended({ failure: defectFailure(run, defect) });
  const { broken } = run.simulation;
  if (broken) throw new Ended({ failure: brokenFailure(run, broken) });
  lookAtState(run);
}

/** As `look`, from within a task of the cluster, which must not be torn. */
function lookWithin(run: Run): void {
  if (run.ended) return;
  try {
    lookAtState(run);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    run.ended = error;
  }
}

function lookAtState(run: Run): void {
  const time = run.view.now();
  for (const watched of [...run.watched]) {
    const outcome = guarded(run, watched.id, watched.step.place, () => {
      const shown = show(watched.monitor, time);
      if (!shown) watched.measure?.look();
      return shown;
    });
    decide(run, watched, outcome);
  }
}

/** What has to hold when nothing is left to do. */
export function checkSettled(run: Run): void {
  const broken = run.simulation.checkSettled();
  if (broken) throw new Ended({ failure: brokenFailure(run, broken) });
}

function brokenFailure(run: Run, { invariant, message, objects, at }: Broken): Failure {
  return {
    kind: "invariant",
    place: run.options.scenario.place,
    id: invariant,
    message: `${invariant}: ${message}`,
    details: [],
    at: at - run.simulation.startedAt,
    objects,
  };
}

/** Does what evaluates expressions; what has no value ends the run with its place. */
export function guarded<T>(run: Run, id: string, place: Place, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw endOf(run, id, place, error);
  }
}

/** What is thrown on for what was thrown by an evaluation. */
export function endOf(run: Run, id: string, place: Place, error: unknown): unknown {
  if (!(error instanceof EvaluationError)) return error;
  return new Ended({
    failure: {
      kind: "evaluation",
      place: error.place ?? place,
      id,
      message: error.message,
      details: [],
      at: run.view.now(),
      objects: [],
    },
  });
}

export const numberAt = (run: Run, expression: Expression, environment: Environment): number =>
  wantNumber(evaluate(run.view, expression, environment));

/** Takes note of what became of an assertion; a failure ends the run. */
export function decide(run: Run, watched: Watched, outcome: Outcome | undefined): void {
  if (!outcome) return;
  run.watched.delete(watched);
  note(run, watched, outcome.margin);
  if (outcome.verdict === "fail") throw new Ended({ failure: assertionFailure(run, watched, outcome) });
}

/** Of an assertion that is met several times, in a `repeat`, the tightest result stands. */
export function note(run: Run, watched: Watched, margin?: Margin): void {
  const result: AssertionResult = { ...resultOf(watched), ...(margin && { margin }) };
  const { id } = result;
  const staticId = id.replace(/#\d+/g, "");
  const before = run.assertions.get(staticId);
  run.assertions.set(
    staticId,
    before ? tighter(before, { ...result, id: staticId }) : { ...result, id: staticId },
  );
}

/** Of two results of one assertion what holds of both. */
export function tighter(left: AssertionResult, right: AssertionResult): AssertionResult {
  const margin = smaller(left.margin, right.margin);
  const nearest =
    left.nearest && right.nearest
      ? Math.abs(left.nearest.value - left.nearest.bound) <=
        Math.abs(right.nearest.value - right.nearest.bound)
        ? left.nearest
        : right.nearest
      : (left.nearest ?? right.nearest);
  return {
    ...left,
    tested: left.tested || right.tested,
    ...((left.reached !== undefined || right.reached !== undefined) && {
      reached: (left.reached ?? false) || (right.reached ?? false),
    }),
    ...(margin && { margin }),
    ...(nearest && { nearest }),
  };
}

function smaller(left: Margin | undefined, right: Margin | undefined): Margin | undefined {
  if (!left || !right) return left ?? right;
  if (left.type === "throughout") return right;
  if (right.type === "throughout") return left;
  if (left.type === "count" && right.type === "count") return left.most >= right.most ? left : right;
  if (left.type === "time" && right.type === "time") return left.spare <= right.spare ? left : right;
  return left;
}

function assertionFailure(run: Run, watched: Watched, outcome: Outcome): Failure {
  const { step, environment, id } = watched;
  const subject = subjectOf(step);
  return {
    kind: "assertion",
    place: step.place,
    id,
    message: `${named(subject, environment)} ${outcome.why ?? "does not hold"}`,
    details: seenIn(run.view, subject, environment),
    at: run.view.now(),
    objects: objectsOf(run.view, watched),
    ...(outcome.never && { never: true }),
  };
}

function defectFailure(run: Run, { loop, key, error }: LoopError): Failure {
  return {
    kind: "defect",
    place: run.options.scenario.place,
    id: loop,
    message: `${loop} could not decide about ${key}: ${error instanceof Error ? error.message : String(error)}`,
    details: error instanceof Error && error.stack ? [error.stack] : [],
    at: run.view.now(),
    objects: [],
  };
}
