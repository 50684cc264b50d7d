import { entry } from "./entry.ts";

/** KD351x: scenarios that could not say what they are to say. */

export const nothingRuns = entry<{ name: string }>({
  code: "KD3510",
  severity: "error",
  message: ({ name }) => `the scenario ${JSON.stringify(name)} has nothing to watch: no pod is declared`,
  cause:
    "A run begins with the objects of the file. Without an rc or a pod there is nothing that could fail.",
  fix: "Declare what is to run, or bring it in with `use`.",
});

export const impossibleBound = entry<{ what: string; most: string; wanted: string }>({
  code: "KD3511",
  severity: "error",
  message: ({ what, most, wanted }) => `${what} is ${most}, and never ${wanted}`,
  cause: "The assertion asks for more than there can be, so that it fails whatever happens.",
  fix: "Correct the number, or let a step before it make more (`scale x to n`, `update`).",
});

export const noTime = entry<{ word: string }>({
  code: "KD3512",
  severity: "error",
  message: ({ word }) => `\`${word}\` gives no time`,
  cause: "What is to happen in time, or to last, needs a Duration above zero.",
  fix: "Write how long it may take: `within 5min`. What holds now is said by `expect`.",
});

export const conditionDecided = entry<{ holds: boolean }>({
  code: "KD3513",
  severity: "warning",
  message: ({ holds }) => `this condition is ${holds ? "true" : "false"} whatever the steps do`,
  cause: "It reads nothing of the cluster, so that no step can test it.",
  fix: "Observe something: `ready(web)`, `serving(web)`, `pending`. What the file itself says is checked by `assert`.",
});

export const tooFew = entry<{ wanted: number; there: number }>({
  code: "KD3514",
  severity: "error",
  message: ({ wanted, there }) => `${wanted} cannot be chosen from ${there}`,
  cause: "`for any n x in xs` has one run for each choice of n different ones.",
  fix: "Choose fewer, or declare more.",
});

export const strikesNothing = entry<{ what: string; terms: string }>({
  code: "KD3515",
  severity: "warning",
  message: ({ what, terms }) => `no ${what} that is declared has ${terms}`,
  cause: "A selector that matches nothing makes a step or an observation of nothing.",
  fix: "Correct the labels, or give them to what is meant.",
});

export const nothingTested = entry<{ name: string }>({
  code: "KD3516",
  severity: "warning",
  message: ({ name }) => `the scenario ${JSON.stringify(name)} tests nothing`,
  cause: "It asserts nothing, settles nowhere, and says that the cluster need not converge.",
  fix: "Say what must hold (`always`, `eventually` …), or take `converges: false` away.",
});

export const endsAtOnce = entry<{ word: string }>({
  code: "KD3518",
  severity: "warning",
  message: ({ word }) => `this \`${word}\` ends at once: no step after it lets time pass`,
  cause:
    "When the steps are done faults stop: cuts heal, slowness ends, full disks are emptied. Assertions hold nothing up, so that what only they follow lasts for no time.",
  fix: "Write `wait 10min` or `settle` at the end, behind the assertions that are to watch it.",
});

export const watchesTooLate = entry<{ word: string }>({
  code: "KD3517",
  severity: "warning",
  message: ({ word }) => `this \`${word}\` begins to watch when the chaos before it is over`,
  cause:
    "Steps are done one after the other, and `chaos during D` takes D. An assertion watches from where it stands.",
  fix: "Write it before `chaos`, or a step between the two (`settle`) where it is about what comes afterwards.",
});
