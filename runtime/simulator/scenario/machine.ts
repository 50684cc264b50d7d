import type { Pod, ReplicationController } from "../../../model/core.ts";
import type { Plan } from "../../../model/plan.ts";
import type { Act, Step } from "../../../model/scenario.ts";
import { strike, struck } from "./acts.ts";
import { isAssertion, watch } from "./assertions.ts";
import { chaos } from "./chaos.ts";
import { formatDuration } from "./durations.ts";
import { evaluate, everything } from "./expressions.ts";
import { choose } from "./forks.ts";
import type { Failure, RunResult } from "./results.ts";
import {
  beginRun,
  checkSettled,
  decide,
  Ended,
  endOf,
  liftAll,
  look,
  note,
  numberAt,
  type Run,
  type RunOptions,
  runUntil,
  type Work,
} from "./run.ts";
import { type Environment, EvaluationError, type Value } from "./values.ts";
import { objectsNamed, parts } from "./view.ts";

/** How long, in virtual time, a cluster has to converge after the last step: nodes are given up after some 6 minutes, and back-offs are up to 5. */
const convergence = 3_600_000;
/** What has not moved for so long will not: longer than any back-off. Nodes move without end: they say that they live. */
const quiet = 600_000;

/** Runs one path of a scenario from its start to its end. The same options give the same result. */
export function* runScenario(options: RunOptions): Work<RunResult> {
  let run: Run | undefined;
  let ended: Ended | undefined;
  try {
    run = beginRun(options);
    look(run);
    yield* takeSteps(run);
    yield* finish(run);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    ended = error;
  }
  if (run) {
    for (const watched of run.watched) note(run, watched);
    options.onEnd?.(run.simulation, run.view);
  }
  const result: RunResult = {
    verdict: ended?.failure ? "fail" : ended ? "inconclusive" : "pass",
    ...(ended?.failure && { failure: ended.failure }),
    ...(ended?.unfinished !== undefined && { unfinished: ended.unfinished }),
    forks: run?.forks ?? [],
    history: run?.history ?? [],
    assertions: run?.assertions ?? new Map(),
    end: run?.view.now() ?? 0,
    states: run?.states ?? 0,
    hash: run?.simulation.traceHash() ?? "",
  };
  run?.view.stop();
  run?.simulation.stop();
  return result;
}

/** Steps that are being taken: of the scenario itself, or of a block in it. */
interface Frame {
  readonly steps: readonly Step[];
  readonly prefix: string;
  /** `let` adds to it. */
  environment: Environment;
  index: number;
  /** Of a `repeat`: how often after this time, and what the next time is like. */
  readonly again?: (() => Frame | undefined) | undefined;
}

function* takeSteps(run: Run): Work<void> {
  const frames: Frame[] = [
    { steps: run.options.scenario.steps, prefix: "", environment: new Map(), index: 0 },
  ];
  for (;;) {
    const frame = frames.at(-1);
    if (!frame) return;
    const step = frame.steps[frame.index];
    if (!step) {
      frames.pop();
      const next = frame.again?.();
      if (next) frames.push(next);
      continue;
    }
    const id = `${frame.prefix}${frame.index}`;
    frame.index++;
    try {
      if (step.type === "let") {
        const value = evaluate(run.view, step.value, frame.environment);
        frame.environment = bind(frame.environment, step.variable, value);
      } else {
        const block = yield* takeStep(run, id, step, frame.environment);
        if (block) frames.push(block);
      }
    } catch (error) {
      throw endOf(run, id, step.place, error);
    }
  }
}

/** Takes a step; of one with a block gives the frame that is to be gone through next. */
function* takeStep(
  run: Run,
  id: string,
  step: Exclude<Step, { readonly type: "let" }>,
  environment: Environment,
): Work<Frame | undefined> {
  if (isAssertion(step)) {
    run.watched.add(watch(run.view, id, step, environment));
    look(run);
    return undefined;
  }
  switch (step.type) {
    case "forEach":
    case "forAny": {
      const value = choose(run, id, step, environment);
      if (value === undefined) return undefined;
      return {
        steps: step.steps,
        prefix: `${id}.`,
        environment: bind(environment, step.variable, value),
        index: 0,
      };
    }
    case "repeat": {
      const count = numberAt(run, step.count, environment);
      const iteration = (number: number): Frame | undefined =>
        number > count
          ? undefined
          : {
              steps: step.steps,
              prefix: `${id}#${number}.`,
              environment: step.variable ? bind(environment, step.variable, number) : environment,
              index: 0,
              again: () => iteration(number + 1),
            };
      return iteration(1);
    }
    default:
      yield* perform(run, id, step, environment);
      return undefined;
  }
}

const bind = (environment: Environment, name: string, value: Value): Environment =>
  new Map(environment).set(name, value);

function* perform(
  run: Run,
  id: string,
  step: Step & Exclude<Act, { readonly type: "let" }>,
  environment: Environment,
): Work<void> {
  const { spec } = run.options;
  if (spec.skip.has(id)) return;
  const at = run.view.now();
  const { revision } = run.simulation.cluster.store;
  const passing = (text: string, kind: "wait" | "settle", duration?: number) =>
    run.history.push({
      revision,
      id,
      place: step.place,
      at,
      text,
      kind,
      struck: [],
      ...(duration !== undefined && { duration }),
    });
  switch (step.type) {
    case "settle":
      passing("settle", "settle");
      yield* settle(run, id, step, numberAt(run, step.within, environment));
      return;
    case "wait": {
      const duration = spec.times.get(id) ?? numberAt(run, step.duration, environment);
      passing(`wait ${formatDuration(duration)}`, "wait", duration);
      yield* runUntil(run, at + duration);
      return;
    }
    case "chaos": {
      const during = spec.times.get(id) ?? numberAt(run, step.during, environment);
      passing(`chaos for ${formatDuration(during)}`, "wait", during);
      yield* chaos(run, id, step, during, environment);
      return;
    }
    default:
      yield* instant(run, id, step);
      try {
        const before = run.simulation.cluster.store.revision;
        struck(run, step, id, before, strike(run, step, environment));
      } catch (error) {
        // What the cluster has no such thing of.
        if (!(error instanceof RangeError)) throw error;
        throw new EvaluationError(error.message, step.place);
      }
  }
}

/**
 * Where faults are tried at several instants, lets so many states pass first as this run's path says. Where nothing is
 * left to do there is one instant: the next state would come when a node says that it lives, and be like this one.
 */
function* instant(run: Run, id: string, step: Step): Work<void> {
  const { instants = 0, spec } = run.options;
  if (instants === 0 || run.simulation.unsettled() === undefined) return;
  const pick = spec.picks[run.forks.length] ?? 0;
  const options = Array.from({ length: instants + 1 }, (_, index) =>
    index === 0 ? "at once" : `${index} ${index === 1 ? "state" : "states"} later`,
  );
  run.forks.push({ id: `${id}!instant`, place: step.place, variable: "the instant", options, pick });
  const { store } = run.simulation.cluster;
  let { revision } = store;
  let passed = 0;
  if (pick === 0) return;
  yield* runUntil(run, run.view.now() + convergence, () => {
    if (store.revision !== revision) passed++;
    ({ revision } = store);
    return passed >= pick;
  });
}

function* settle(run: Run, id: string, step: Step, within: number): Work<void> {
  const start = run.view.now();
  let why: string | undefined;
  const isSettled = settled(run, (reason) => (why = reason));
  if (yield* runUntil(run, start + within, isSettled)) {
    checkSettled(run);
    run.assertions.set(staticId(id), {
      id: staticId(id),
      place: step.place,
      type: "settle",
      tested: true,
      margin: { type: "time", spare: start + within - run.view.now(), allowed: within },
    });
    return;
  }
  throw new Ended({
    failure: {
      kind: "settle",
      place: step.place,
      id,
      message: `it did not settle within ${formatDuration(within)}`,
      details: why === undefined ? [] : [why],
      at: run.view.now(),
      objects: objectsNamed(run.view, why ?? ""),
    },
  });
}

const staticId = (id: string) => id.replace(/#\d+/g, "");

/**
 * Whether nothing is left to do. Asked at the end of an instant, and again where something has changed or a second has
 * passed since: the answer may cost as much as the cluster is large. `tell` hears what is left.
 */
function settled(run: Run, tell: (why: string | undefined) => void): () => boolean {
  const { simulation } = run;
  let asked = "";
  let askedAt = 0;
  let why: string | undefined = "";
  return () => {
    if (simulation.clock.nextAt() === simulation.clock.now()) return false;
    const state = `${simulation.cluster.store.revision}/${simulation.answersVersion}`;
    if (state === asked && run.view.now() - askedAt < 1000) return why === undefined;
    asked = state;
    askedAt = run.view.now();
    why = simulation.unsettled();
    tell(why);
    return why === undefined;
  };
}

/** After the last step: faults end, all converges, and what is watched within a time is waited for. */
function* finish(run: Run): Work<void> {
  liftAll(run);
  if (run.options.scenario.converges) yield* converge(run);
  yield* awaitDeadlines(run);
  for (const watched of [...run.watched]) decide(run, watched, watched.monitor.end());
}

function* converge(run: Run): Work<void> {
  const patience = longestToleration(run.options.plan);
  const start = run.view.now();
  const end = start + convergence + patience;
  let why: string | undefined;
  const isSettled = settled(run, (reason) => (why = reason));
  const moving = everything & ~parts.Node;
  for (;;) {
    const before = run.view.version(moving);
    const until = Math.min(end, run.view.now() + quiet + patience);
    if (yield* runUntil(run, until, isSettled)) {
      checkSettled(run);
      return;
    }
    if (until < end && run.view.version(moving) !== before) continue;
    const since =
      until < end
        ? `: nothing has moved for ${formatDuration(quiet + patience)}`
        : ` within ${formatDuration(end - start)} after the last step`;
    throw new Ended({ failure: unconverged(run, since, why) });
  }
}

function unconverged(run: Run, since: string, why: string | undefined): Failure {
  return {
    kind: "convergence",
    place: run.options.scenario.place,
    id: "",
    message: `it does not converge${since}`,
    details: why === undefined ? [] : [why],
    at: run.view.now(),
    objects: objectsNamed(run.view, why ?? ""),
  };
}

/** How long pods put up with a node that is lost, where that is longer than the 5 minutes that are usual. Milliseconds. */
function longestToleration({ objects }: Plan): number {
  let longest = 0;
  for (const object of objects) {
    const { kind } = object;
    const spec =
      kind === "Pod"
        ? (object as Pod).spec
        : kind === "ReplicationController"
          ? (object as ReplicationController).spec.template.spec
          : undefined;
    for (const { tolerationSeconds = 0 } of spec?.tolerations ?? [])
      longest = Math.max(longest, tolerationSeconds);
  }
  return longest <= 300 ? 0 : longest * 1000;
}

/** What has a time to come true in has it after the last step too. What begins anew each time is not waited for without end. */
function* awaitDeadlines(run: Run): Work<void> {
  for (let round = 0; round < 3; round++) {
    const deadlines = [...run.watched].flatMap(({ monitor }) => monitor.deadline() ?? []);
    if (deadlines.length === 0) return;
    yield* runUntil(run, Math.max(...deadlines));
  }
}
