import { entry } from "./entry.ts";

/** KD25xx: scenarios, as they are written. */

export const unknownStep = entry<{ word: string }>({
  code: "KD2501",
  severity: "error",
  message: ({ word }) => `\`${word}\` is no step of a scenario`,
  cause:
    "In a scenario stand steps that act on the cluster (`kill`, `drain`, `scale` …) and assertions that watch it (`expect`, `always`, `eventually` …).",
  fix: "Write one of them; `docs/language.md` has the table of all.",
});

export const stepTarget = entry<{ step: string; expected: string; found: string }>({
  code: "KD2502",
  severity: "error",
  message: ({ step, expected, found }) => `\`${step}\` takes ${expected}, not ${found}`,
  cause: "Each step and each observation is about objects of certain kinds.",
  fix: "Name one of these, or a set of them: `nodes where …`, `pods(web)`, `web.server`.",
});

export const stepClause = entry<{ step: string; problem: string }>({
  code: "KD2503",
  severity: "error",
  message: ({ step, problem }) => `\`${step}\` ${problem}`,
  cause: "The parts of a step after its operand begin with words of their own, and each step has its own.",
  fix: "Write the step in the form that is shown.",
});

export const knownInRun = entry<{ what: string; where: string }>({
  code: "KD2504",
  severity: "error",
  message: ({ what, where }) =>
    `${what} is known only in a run of the scenario, and ${where} is worked out before`,
  cause:
    "What is deployed (`update`, `apply`) and what an `if` decides are worked out when the file is compiled, so that a plan needs no compiler later. What is observed of the cluster, and the variables of forks, are known in the run.",
  fix: "Use what the file itself says: its parameters, `let`s, objects and their fields.",
});

export const notObservable = entry<{ what: string }>({
  code: "KD2505",
  severity: "error",
  message: ({ what }) => `${what} cannot be worked out in a run of a scenario`,
  cause:
    "In a run, what is observed can be compared, computed with and counted: numbers, quantities, Bool, names and labels, and sets of objects.",
  fix: "Say it with observations, comparisons, `any`, `all`, `count`, `min`, `max` and `sum`.",
});

export const scenarioTwice = entry<{ name: string }>({
  code: "KD2506",
  severity: "error",
  message: ({ name }) => `there are two scenarios ${JSON.stringify(name)}`,
  cause: "Reports, filters and seeds go by a scenario's name.",
  fix: 'Give each a name of its own; in a `for` a hole makes them differ: `scenario "zone {z} can be lost"`.',
});

export const unknownFault = entry<{ word: string }>({
  code: "KD2507",
  severity: "error",
  message: ({ word }) => `\`${word}\` is no fault of \`chaos\``,
  cause: "`chaos` brings seeded random faults: `kill`, `crash`, `cut`, `slow` and `drain`.",
  fix: "Write one of them: `kill: 1 per 10min`.",
});

export const scenarioField = entry<{ key: string }>({
  code: "KD2508",
  severity: "error",
  message: ({ key }) => `a scenario has no field \`${key}\``,
  cause: "Beside its steps a scenario has few fields, which say something of the whole.",
  fix: "`converges: false` says that the cluster need not converge at the end.",
});

export const applyHere = entry<{ where: string }>({
  code: "KD2509",
  severity: "error",
  message: ({ where }) => `\`apply\` cannot stand in ${where}`,
  cause:
    "`apply` compiles the file again with other parameters, and only the compiled file itself has parameters from outside.",
  fix: "Write `update` for the objects that the step changes.",
});

export const emptyDurations = entry({
  code: "KD2510",
  severity: "error",
  message: () => "this range of Durations is empty: it ends before it begins",
  cause: "`2s..10s` is every time between both ends, the shorter one first.",
  fix: "Exchange the two.",
});

export const scenarioUnnamed = entry({
  code: "KD2511",
  severity: "error",
  message: () => "the name of this scenario is empty",
  cause: "Reports, filters and seeds go by a scenario's name.",
  fix: 'Say what has to hold: `scenario "a node can be lost"`.',
});
