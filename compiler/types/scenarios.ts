import type { Type } from "./type.ts";

/** What steps of scenarios take, and what can be observed in them: one table for the checker, completion and the docs. */

export const duration: Type = { kind: "quantity", dimension: "duration" };
const boolean: Type = { kind: "boolean" };
const count: Type = { kind: "number", integer: true, minimum: 0 };
const number: Type = { kind: "number", integer: false };

/** What a step strikes or an observation sees, by the words of its kinds. */
export type Words = readonly string[];

/** An object of one of these kinds, or a set of them. */
export function setOf(words: Words): Type {
  const object: Type = { kind: "object", words };
  const options: Type[] = [object, { kind: "list", element: object }];
  if (words.includes("pod")) options.push({ kind: "selection", of: "pods" });
  if (words.includes("node")) options.push({ kind: "selection", of: "nodes" });
  return { kind: "union", options };
}

export interface ClauseSchema {
  /** A type, or the kinds of what it names. */
  readonly type?: Type;
  readonly words?: Words;
  readonly required?: true;
}

export interface StepSchema {
  /** What follows the word: a set of objects of these kinds, or a value. */
  readonly words?: Words;
  readonly operand?: Type;
  /** What follows that, in `after` and `at most`. */
  readonly condition?: Type;
  readonly clauses: Readonly<Record<string, ClauseSchema>>;
  readonly asserts?: true;
  readonly form: string;
  readonly help: string;
}

const time: ClauseSchema = { type: duration };
const needed: ClauseSchema = { type: duration, required: true };
const scope: StepSchema["clauses"] = { during: time, until: { type: boolean } };

export const steps: Readonly<Record<string, StepSchema>> = {
  settle: {
    clauses: { within: needed },
    form: "settle within D",
    help: "Runs until nothing is left to do, or fails.",
  },
  wait: { operand: duration, clauses: {}, form: "wait D", help: "Lets time pass." },
  kill: {
    words: ["node", "pod", "container"],
    clauses: {},
    form: "kill X",
    help: "A node dies and takes no part in anything; of a pod all containers are killed at once.",
  },
  revive: { words: ["node"], clauses: {}, form: "revive X", help: "A dead node returns." },
  cordon: { words: ["node"], clauses: {}, form: "cordon X", help: "The node takes no more pods." },
  uncordon: { words: ["node"], clauses: {}, form: "uncordon X", help: "The node takes pods again." },
  drain: {
    words: ["node"],
    clauses: {},
    form: "drain X",
    help: "Cordons the node, and evicts every pod from it, as its disruption budgets let it.",
  },
  crash: {
    words: ["container", "pod"],
    clauses: {},
    form: "crash X",
    help: "Containers exit by themselves; of a pod all of them.",
  },
  fill: {
    words: ["node", "container"],
    clauses: {},
    form: "fill X",
    help: "The disk of a node, or the memory of a container, is used up.",
  },
  slow: {
    words: ["node", "pod", "container"],
    clauses: { by: needed },
    form: "slow X by D",
    help: "Starts take longer, until the steps end.",
  },
  cut: {
    words: ["node"],
    clauses: { from: { words: ["node"] } },
    form: "cut X [from Y]",
    help: "No messages between nodes and other nodes; without `from`, between them and the cluster's API.",
  },
  heal: {
    words: ["node"],
    clauses: { from: { words: ["node"] } },
    form: "heal X [from Y]",
    help: "Undoes a `cut`.",
  },
  scale: {
    words: ["rc"],
    clauses: { to: { type: count, required: true } },
    form: "scale X to N",
    help: "Sets how many pods an rc is to have.",
  },
  expect: { operand: boolean, clauses: {}, asserts: true, form: "expect E", help: "It holds now." },
  always: {
    operand: boolean,
    clauses: scope,
    asserts: true,
    form: "always E [until E | during D]",
    help: "It holds at every state, from here to the end of the scenario.",
  },
  never: {
    operand: boolean,
    clauses: scope,
    asserts: true,
    form: "never E [until E | during D]",
    help: "It holds at no state, from here to the end of the scenario.",
  },
  eventually: {
    operand: boolean,
    clauses: { within: needed },
    asserts: true,
    form: "eventually E within D",
    help: "It holds at some state in time. What holds at first shows nothing: once it does not, it has to hold again in time.",
  },
  after: {
    operand: boolean,
    condition: boolean,
    clauses: { within: needed },
    asserts: true,
    form: "after E: E within D",
    help: "Whenever the first becomes true, the second is true at some state in time.",
  },
  stays: {
    operand: boolean,
    clauses: { during: needed, within: time },
    asserts: true,
    form: "stays E during D [within D]",
    help: "It becomes true and holds for so long; where there is a time for it to become true, what is interrupted may begin again.",
  },
  sometimes: {
    operand: boolean,
    clauses: {},
    asserts: true,
    form: "sometimes E",
    help: "A state in which it holds is reached at all.",
  },
  "at most": {
    operand: count,
    condition: { kind: "union", options: [boolean, number] },
    clauses: { per: needed },
    asserts: true,
    form: "at most N E per D",
    help: "No window of this length sees it become true, or grow, more often.",
  },
};

/** The faults of `chaos`, with what they strike. */
export const faults: Readonly<Record<string, Words>> = {
  kill: ["node", "pod"],
  crash: ["container", "pod"],
  cut: ["node"],
  slow: ["node", "container"],
  drain: ["node"],
};

/** What follows the `count` of a fault. */
export const faultClauses = (fault: string): Readonly<Record<string, ClauseSchema>> => ({
  per: needed,
  on: { words: faults[fault] ?? [] },
  lasting: time,
  ...(fault === "slow" ? { by: needed } : {}),
});

export interface ObservationSchema {
  /** The kinds of what it sees. Of several objects of one name, the first of these kinds is meant. */
  readonly words?: Words;
  readonly optional?: true;
  readonly result: Type;
  readonly form: string;
  readonly help: string;
}

const percent: Type = { kind: "quantity", dimension: "percent" };
const listOf = (word: string): Type => ({ kind: "list", element: { kind: "object", words: [word] } });
const running: Words = ["rc", "pod", "service", "node"];

export const observations: Readonly<Record<string, ObservationSchema>> = {
  ready: {
    words: ["rc", "pod", "node", "service"],
    result: count,
    form: "ready(x)",
    help: "How many pods are ready, of an rc, a service or a set of pods; of nodes, how many are Ready.",
  },
  serving: {
    words: ["service"],
    result: percent,
    form: "serving(service)",
    help: "The share of the requests sent now that reach a live, ready container.",
  },
  pods: {
    words: running,
    result: listOf("pod"),
    form: "pods(x)",
    help: "The pods that an rc owns, that a service selects, that are bound to a node.",
  },
  pending: {
    words: running,
    optional: true,
    result: count,
    form: "pending · pending(x)",
    help: "How many pods have no node.",
  },
  endpoints: {
    words: ["service"],
    result: count,
    form: "endpoints(service)",
    help: "How many addresses its endpoints hold.",
  },
  zones: {
    words: running,
    result: count,
    form: "zones(x)",
    help: "In how many zones (`topology.kubernetes.io/zone` of their nodes) the pods are.",
  },
  nodes: {
    words: ["rc", "pod", "service"],
    result: listOf("node"),
    form: "nodes(x)",
    help: "The nodes that the pods are on.",
  },
  restarts: {
    words: ["rc", "pod", "container", "service", "node"],
    result: count,
    form: "restarts(x)",
    help: "How often containers were started again.",
  },
  node: {
    words: ["pod"],
    result: { kind: "optional", type: { kind: "object", words: ["node"] } },
    form: "node(pod)",
    help: "The node that a pod is on; `none` while it has none.",
  },
};

/** What stands without parentheses, with its type. */
export const bareObservations: Readonly<Record<string, Type>> = { pending: count, time: duration };

/** Fields of a scenario that say something of the whole. */
export const scenarioFields: Readonly<Record<string, { readonly type: Type; readonly help: string }>> = {
  converges: {
    type: boolean,
    help: "Whether everything must converge once the steps are done. `true` where nothing is said.",
  },
};

/** The kinds whose plural is all there are of them at a moment of a run. */
export const observedWords: ReadonlySet<string> = new Set(["node", "pod", "service", "rc"]);
