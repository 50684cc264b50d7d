import { entry } from "./entry.ts";

/** KD60xx: what `kdsl test` says of scenarios. The compiler says none of these. */

type InScenario = { scenario: string; what: string };

export const assertionFails = entry<InScenario>({
  code: "KD6001",
  severity: "error",
  message: ({ scenario, what }) => `scenario \`${scenario}\` fails: ${what}`,
  cause:
    "In a simulated run there is a state in which the assertion does not hold, or none in which it comes true in time. What is shown below it is the shortest history found that leads there; the same seed leads there again.",
  fix: "Change the cluster so that it holds (more copies, a spread over nodes, room on the nodes that are left), or the assertion, where it asks for more than is wanted.",
});

export const doesNotSettle = entry<InScenario>({
  code: "KD6002",
  severity: "error",
  message: ({ scenario, what }) => `scenario \`${scenario}\` fails: ${what}`,
  cause:
    "`settle` lets time pass until nothing is left to do: every pod that is wanted is there and ready, and nothing is on its way out. What was left then stands below.",
  fix: "Give it more time, or take away what keeps the cluster from coming to rest: a container that exits, a probe that never succeeds, a pod without room.",
});

export const doesNotConverge = entry<InScenario>({
  code: "KD6003",
  severity: "error",
  message: ({ scenario, what }) => `scenario \`${scenario}\` fails: ${what}`,
  cause:
    "After the last step all faults stop: cuts heal, chaos and slowness end; what was killed stays so. Then everything has to converge: every rc has its pods, and they are ready. What is left undone stands below.",
  fix: "Make room for what has to move (nodes, smaller requests, fewer constraints), or end the scenario with what brings back what was killed; a scenario that need not converge can say so.",
});

export const invariantBroken = entry<InScenario>({
  code: "KD6004",
  severity: "error",
  message: ({ scenario, what }) => `scenario \`${scenario}\` breaks what has to hold in every run: ${what}`,
  cause:
    "Each run is watched for what a cluster must never do, whatever a file says: a node holding more than it has, an address used twice, a pod bound twice, endpoints that are not the ready pods.",
  fix: "This is a defect of kdsl's runtime and not of the file: please report it with the seed.",
});

export const notEvaluated = entry<InScenario>({
  code: "KD6005",
  severity: "error",
  message: ({ scenario, what }) => `scenario \`${scenario}\` cannot be worked out here: ${what}`,
  cause:
    "Expressions of scenarios are worked out against a state of the cluster. In this state one has no value: an object that is not there, a division by zero, the smallest of nothing.",
  fix: "Ask first whether there is what the expression needs (`settle` before it, `if count(…) > 0`).",
});

export const runtimeDefect = entry<InScenario>({
  code: "KD6006",
  severity: "error",
  message: ({ scenario, what }) => `scenario \`${scenario}\` met a defect of kdsl: ${what}`,
  cause: "A loop of the runtime failed where it had to decide.",
  fix: "This is a defect of kdsl's runtime and not of the file: please report it with the seed.",
});

export const refusedByCluster = entry<InScenario>({
  code: "KD6007",
  severity: "error",
  message: ({ scenario, what }) => `scenario \`${scenario}\` cannot start: ${what}`,
  cause: "A simulated cluster takes what a real one takes. An object of the plan is refused by its API.",
  fix: "Write the object as the message asks for it.",
});

export const neverReached = entry<InScenario>({
  code: "KD6008",
  severity: "error",
  message: ({ scenario, what }) => `scenario \`${scenario}\` fails: ${what}`,
  cause:
    "`sometimes` demands that a state in which its condition holds is reached at all, in some run. In none of the runs it was.",
  fix: "Add what leads there, run it from more seeds (`--seeds 100`), or take the assertion away.",
});

export const vacuous = entry<InScenario>({
  code: "KD6009",
  severity: "warning",
  message: ({ scenario, what }) => `scenario \`${scenario}\` shows nothing here: ${what}`,
  cause:
    "An assertion passed because it was never put to the test: what it waits for never happened, no run came to it, or a step was to strike what nothing is like. Such a scenario is vacuous.",
  fix: "Add the step that puts it to the test, name what is there, or take the assertion away.",
});

export const inconclusive = entry<InScenario>({
  code: "KD6010",
  severity: "warning",
  message: ({ scenario, what }) => `scenario \`${scenario}\` came to no end: ${what}`,
  cause:
    "The runs that a scenario needs, one for each choice of its forks, did not come to an end in the time that there was.",
  fix: "Give it more time (`--time 5min`), or fewer choices.",
});
