import { hash32, seededRandom } from "../../../base/random.ts";
import type { Fork, Step } from "../../../model/scenario.ts";
import { evaluate, labelOfValue, membersOf, wantNumber } from "./expressions.ts";
import type { Run } from "./run.ts";
import { type Environment, EvaluationError, isSet, memberName, type Value } from "./values.ts";

export type Branching = Step & Extract<Fork, { readonly type: "forEach" | "forAny" }>;

/** Of the sets of a `for any` at most so many are tried. */
const mostSets = 100;

/**
 * What a fork's variable stands for in this run; undefined where there is nothing to choose from. Which of the choices
 * it is stands in the run's spec, and all of them in its record.
 */
export function choose(run: Run, id: string, fork: Branching, environment: Environment): Value | undefined {
  const members = membersOf(evaluate(run.view, fork.over, environment));
  const { options, drawnFrom } = optionsOf(run, id, fork, members, environment);
  const pick = run.options.spec.picks[run.forks.length] ?? 0;
  const chosen = options[pick];
  const taken = fork.type === "forAny" ? membersIn(chosen) : [];
  run.forks.push({
    id,
    place: fork.place,
    variable: fork.variable,
    options: options.map(labelOfValue),
    pick,
    ...(drawnFrom !== undefined && { drawnFrom }),
    ...(taken.length > 1 && { members: taken }),
  });
  if (options.length === 0) return undefined;
  if (chosen === undefined)
    throw new EvaluationError(`there is no choice ${pick + 1} among ${options.length}`, fork.place);
  return reduced(run, id, chosen);
}

const membersIn = (value: Value | undefined): readonly string[] =>
  value !== undefined && value !== null && typeof value === "object" && isSet(value)
    ? value.members.map(memberName)
    : [];

/** The set without the members that are left out to make a failure smaller. */
function reduced(run: Run, id: string, chosen: Value): Value {
  const { skip } = run.options.spec;
  if (skip.size === 0 || chosen === null || typeof chosen !== "object" || !isSet(chosen)) return chosen;
  const members = chosen.members.filter((member) => !skip.has(`${id}~${memberName(member)}`));
  return members.length > 0 ? { type: "set", members } : chosen;
}

function optionsOf(
  run: Run,
  id: string,
  fork: Branching,
  members: readonly Value[],
  environment: Environment,
): { readonly options: readonly Value[]; readonly drawnFrom?: number } {
  if (fork.type === "forEach") return { options: members };
  const count = wantNumber(evaluate(run.view, fork.count, environment));
  if (!Number.isInteger(count) || count < 1)
    throw new EvaluationError(`\`for any\` takes a whole number of members, and not ${count}`, fork.place);
  if (count > members.length)
    throw new EvaluationError(`there are ${members.length} to choose ${count} from`, fork.place);
  const all = binomial(members.length, count);
  const sets =
    all <= mostSets
      ? combinations(members.length, count)
      : drawn(members.length, count, hash32(`${run.options.spec.seed}/${id}`));
  const options = sets.map((indexes) => bundle(indexes.map((index) => members[index]!)));
  return all <= mostSets ? { options } : { options, drawnFrom: all };
}

function bundle(values: readonly Value[]): Value {
  return values.every((value) => value !== null && typeof value === "object" && isSet(value))
    ? { type: "set", members: values.flatMap((value) => (value as Extract<Value, { type: "set" }>).members) }
    : values;
}

/** How many sets of `count` there are among `size`; a number too large to be exact is only large. */
export function binomial(size: number, count: number): number {
  let result = 1;
  for (let index = 1; index <= count; index++) result = (result * (size - count + index)) / index;
  return Math.round(result);
}

/** All sets of `count` indexes below `size`, in order. */
export function combinations(size: number, count: number): readonly (readonly number[])[] {
  const found: number[][] = [];
  const extend = (start: number, chosen: readonly number[]) => {
    if (chosen.length === count) found.push([...chosen]);
    else for (let index = start; index < size; index++) extend(index + 1, [...chosen, index]);
  };
  extend(0, []);
  return found;
}

/** Different sets drawn from a seed, each as likely as any other. */
function drawn(size: number, count: number, seed: number): readonly (readonly number[])[] {
  const random = seededRandom(seed);
  const found = new Map<string, readonly number[]>();
  while (found.size < mostSets) {
    const chosen = new Set<number>();
    // Floyd's way of drawing without repetition.
    for (let top = size - count; top < size; top++) {
      const index = random.below(top + 1);
      chosen.add(chosen.has(index) ? top : index);
    }
    const indexes = [...chosen].sort((a, b) => a - b);
    found.set(indexes.join(","), indexes);
  }
  return [...found.values()];
}
