import { runScenario } from "./machine.ts";
import type { Failure, RunResult, RunSpec } from "./results.ts";
import type { RunOptions, Work } from "./run.ts";

/** A failing run made smaller: fewer faults, shorter waits, the same failure. */
export interface Shrunk {
  readonly spec: RunSpec;
  readonly result: RunResult;
  /** How many runs it took. */
  readonly tries: number;
}

const mostTries = 200;

/**
 * Leaves out of a failing run what its failure does not need: steps, events of chaos and members of chosen sets, as
 * many at once as possible (delta debugging), then shortens what waits. What settles stays, since a failure of a
 * cluster that has not started yet is another one. Deterministic; at most 200 runs, and within the user's time.
 */
export function* shrink(options: RunOptions, found: RunResult): Work<Shrunk> {
  const { failure } = found;
  if (failure?.never) return { spec: options.spec, result: found, tries: 0 };
  const search: Search = { options, failure: failure!, spec: options.spec, result: found, tries: 0 };
  // What is left out may let other things happen, which may be left out in turn.
  for (let before = -1; before !== search.spec.skip.size; ) {
    before = search.spec.skip.size;
    yield* withoutNeedless(search, removable(search.result, search.failure));
  }
  yield* shortened(search);
  return { spec: search.spec, result: search.result, tries: search.tries };
}

interface Search {
  readonly options: RunOptions;
  readonly failure: Failure;
  spec: RunSpec;
  result: RunResult;
  tries: number;
}

/** Runs with another spec; keeps it when the failure is the same. */
function* attempt(search: Search, spec: RunSpec): Work<boolean> {
  if (search.tries >= mostTries || search.options.expired?.() !== undefined) return false;
  search.tries++;
  const result = yield* runScenario({ ...search.options, spec });
  if (!isSame(result.failure, search.failure)) return false;
  // Leaving one thing out can let others happen: what is longer, or as long and later, is no better.
  const more = result.history.length - search.result.history.length;
  if (more > 0 || (more === 0 && result.end > search.result.end)) return false;
  search.spec = spec;
  search.result = result;
  return true;
}

function isSame(one: Failure | undefined, other: Failure): boolean {
  return one !== undefined && one.kind === other.kind && one.id === other.id;
}

/**
 * The ids of what may be left out. Waits only once something was struck or what fails watches, for before that they are
 * the cluster's start; of what settles only what follows another such step, which has left it nothing to do. What takes
 * back an earlier step stays as long as that does.
 */
function removable(result: RunResult, { id: watching }: Failure): readonly string[] {
  const starting = startOf(result, watching);
  let before: string | undefined;
  const ids: string[] = [];
  const struckBefore = new Set<string>();
  for (const { id, kind, heals, struck } of result.history) {
    const needed = heals && struck.some((key) => struckBefore.has(key));
    if (!heals) for (const key of struck) struckBefore.add(key);
    if (needed) continue;
    if (
      kind === "fault" ||
      (kind === "wait" && !starting.has(id)) ||
      (kind === "settle" && before === "settle")
    )
      ids.push(id);
    before = kind;
  }
  for (const { id, members } of result.forks) for (const member of members ?? []) ids.push(`${id}~${member}`);
  return ids;
}

/**
 * The ids of the steps that bring the cluster to where something begins: those before the first fault and before the
 * assertion with this id stands, or none does yet.
 */
function startOf({ history }: RunResult, watching: string): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { id, kind } of history) {
    if (kind === "fault" || (watching !== "" && comesAfter(id, watching))) break;
    ids.add(id);
  }
  return ids;
}

/** Whether the step of one id stands behind that of the other: `2#1.0`, of the first time of a repetition, behind `1`. */
function comesAfter(one: string, other: string): boolean {
  const [a, b] = [one, other].map((id) => id.split(/[^0-9]+/).map(Number));
  for (const [index, number] of a!.entries()) {
    if (number !== (b![index] ?? -1)) return number > (b![index] ?? -1);
  }
  return false;
}

/** Delta debugging: takes away parts of the list, the whole first, then halves, quarters, … down to single ones. */
function* withoutNeedless(search: Search, ids: readonly string[]): Work<void> {
  let left = ids;
  for (let size = left.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < left.length; ) {
      const part = left.slice(start, start + size);
      const skip = new Set([...search.spec.skip, ...part]);
      if (yield* attempt(search, { ...search.spec, skip })) left = left.filter((id) => !part.includes(id));
      else start += size;
    }
  }
}

/** Each wait that may be left out as short as halving makes it; at most to a second. */
function* shortened(search: Search): Work<void> {
  const starting = startOf(search.result, search.failure.id);
  for (const { id, duration } of search.result.history) {
    if (starting.has(id)) continue;
    for (let time = duration ?? 0; time > 1000; ) {
      time = Math.ceil(time / 2000) * 1000;
      const times = new Map(search.spec.times).set(id, time);
      if (!(yield* attempt(search, { ...search.spec, times }))) break;
      if (time === 1000) break;
    }
  }
}
