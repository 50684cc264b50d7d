import type { KubernetesObject, ObjectKey } from "./meta.ts";
import type { Place, UpdateStrategy } from "./plan.ts";
import type { Selector } from "./selector.ts";

/**
 * What a scenario is when it stands in a plan: steps and assertions as data, so that whoever runs it needs no compiler.
 *
 * Times are whole milliseconds, memory is bytes, CPU is cores, a percentage is a fraction of 1. Everything that can be
 * known when the file is compiled is a literal; what remains is evaluated against a state of the simulated cluster.
 */
export interface Scenario {
  /** As written; unique in the plan, since seeds and filters go by it. */
  readonly name: string;
  readonly place: Place;
  readonly steps: readonly Step[];
  /** False where the scenario says that the cluster need not converge after the last step. */
  readonly converges: boolean;
}

export type Step = { readonly place: Place } & (Act | Fork | Assertion);

/** What is done to the cluster. A target that is a set is struck at one instant. */
export type Act =
  | { readonly type: "settle"; readonly within: Expression }
  | { readonly type: "wait"; readonly duration: Expression }
  /**
   * `kill`: a node dies, or a pod's containers die at once; `revive`: a dead node returns; `drain` is a cordon and the
   * eviction of every pod; `crash`: containers exit by themselves; `fill`: a node's disk, or a container's memory.
   */
  | {
      readonly type: "kill" | "revive" | "cordon" | "uncordon" | "drain" | "crash" | "fill";
      readonly target: Expression;
    }
  /** Starts on a node, or of containers, take longer by `by`, until the steps end. */
  | { readonly type: "slow"; readonly target: Expression; readonly by: Expression }
  /** No messages between nodes and what is named by `from`: other nodes, or the API where absent. `heal` undoes it. */
  | { readonly type: "cut" | "heal"; readonly target: Expression; readonly from?: Expression }
  | { readonly type: "scale"; readonly target: Expression; readonly to: Expression }
  /**
   * The objects as they are to be from now on, and those that go: `update rc x { … }` and `apply { … }`. Only what the
   * step changes is among them; what earlier steps changed, and set with `scale`, is in force in them.
   */
  | {
      readonly type: "update";
      readonly objects: readonly KubernetesObject[];
      readonly removed: readonly ObjectKey[];
      /** How containers of these objects behave from now on, where that changes too. Absent: as before. */
      readonly behaviour?: Readonly<Record<ObjectKey, Readonly<Record<string, ContainerBehaviour>>>>;
      /** How these rcs roll from now on, where that changes. Absent: as before. */
      readonly updates?: Readonly<Record<ObjectKey, UpdateStrategy>>;
    }
  /** Reads a value now, for the steps and expressions after it. */
  | { readonly type: "let"; readonly variable: string; readonly value: Expression }
  /** Seeded faults, each `count` times per `per` on the average, for `during`. */
  | { readonly type: "chaos"; readonly during: Expression; readonly faults: readonly ChaosFault[] };

export interface ChaosFault {
  readonly fault: "kill" | "crash" | "cut" | "slow" | "drain";
  readonly count: number;
  readonly per: number;
  /** Absent: all nodes, or all containers for `crash`. */
  readonly target?: Expression;
  /** How long a killed node stays dead, a cut lasts, slowness takes. Absent: until the steps end. */
  readonly lasting?: number;
  /** Of `slow`: by how much. */
  readonly by?: number;
}

/**
 * One run for each choice, from the state reached here to the end of the scenario, what follows the block included.
 * `repeat` is one run.
 */
export type Fork =
  | {
      readonly type: "forEach";
      readonly variable: string;
      readonly over: Expression;
      readonly steps: readonly Step[];
    }
  /** For each set of `count` members, bound to `variable` as a set. */
  | {
      readonly type: "forAny";
      readonly count: Expression;
      readonly variable: string;
      readonly over: Expression;
      readonly steps: readonly Step[];
    }
  /** `variable` counts from 1. */
  | {
      readonly type: "repeat";
      readonly count: Expression;
      readonly variable?: string;
      readonly steps: readonly Step[];
    };

export type Assertion =
  | { readonly type: "expect"; readonly condition: Expression }
  /** At every state from here to the end, or while (`during`), or until. */
  | {
      readonly type: "always" | "never";
      readonly condition: Expression;
      readonly during?: Expression;
      readonly until?: Expression;
    }
  | { readonly type: "eventually"; readonly condition: Expression; readonly within: Expression }
  /** Whenever `trigger` becomes true, `condition` is true at some state within the time. */
  | {
      readonly type: "after";
      readonly trigger: Expression;
      readonly condition: Expression;
      readonly within: Expression;
    }
  /** Becomes true, within `within` where that is said, and then holds for `during`. */
  | {
      readonly type: "stays";
      readonly condition: Expression;
      readonly during: Expression;
      readonly within?: Expression;
    }
  /** A state in which it holds is reached at all. */
  | { readonly type: "sometimes"; readonly condition: Expression }
  /**
   * No window of length `per` sees more than `count`. A Bool counts how often it becomes true; a number (`restarts(web)`)
   * counts by how much it grows.
   */
  | {
      readonly type: "atMost";
      readonly count: Expression;
      readonly of: Expression;
      readonly per: Expression;
    };

/** Evaluated against one state. A value is a number, a text, a Bool, none (null), a list of values, or a set of objects. */
export type Expression = { readonly place?: Place } & (
  | { readonly type: "literal"; readonly value: number | string | boolean | null }
  | { readonly type: "list"; readonly items: readonly Expression[] }
  | { readonly type: "variable"; readonly name: string }
  /** Declared objects, also where they do not exist at this moment. */
  | { readonly type: "objects"; readonly keys: readonly ObjectKey[] }
  /** All there are of a kind at this moment, in order of namespace and name. */
  | {
      readonly type: "all";
      readonly kind: "Node" | "Pod" | "Service" | "ReplicationController";
      readonly namespace?: string;
      readonly selector?: Selector;
    }
  /** The containers of this name in pods (of an rc, of a service, of a node, or pods themselves). */
  | { readonly type: "containers"; readonly of: Expression; readonly name: string }
  | { readonly type: "observe"; readonly observation: Observation; readonly of?: Expression }
  /** A member of one object: `name`, `namespace`, or the value of a label. */
  | { readonly type: "member"; readonly of: Expression; readonly name: "name" | "namespace" }
  | { readonly type: "label"; readonly of: Expression; readonly key: string }
  | { readonly type: "operator"; readonly operator: Operator; readonly operands: readonly Expression[] }
  | {
      readonly type: "if";
      readonly condition: Expression;
      readonly then: Expression;
      readonly else: Expression;
    }
  | {
      readonly type: "call";
      readonly function: "any" | "all" | "count" | "min" | "max" | "sum";
      readonly arguments: readonly Expression[];
    }
  /** `[give for variable in over if where]` */
  | {
      readonly type: "comprehension";
      readonly variable: string;
      readonly over: Expression;
      readonly where?: Expression;
      readonly give: Expression;
    }
);

export type Operator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "and"
  | "or"
  | "not"
  | "in"
  | "??"
  | "negate";

/** What can be seen of a cluster. `of` is an rc, pods, a service, nodes, as far as it makes sense. */
export type Observation =
  /** How many pods are ready, as the API says; of nodes: how many are Ready. */
  | "ready"
  /** The share, of the requests that a client would send to a service now, that reach a live, ready container: 0 to 1. */
  | "serving"
  /** The pods: of an rc those it owns, of a service those it selects, of a node those bound to it. */
  | "pods"
  /** How many pods have no node; of all, or of `of`. */
  | "pending"
  /** How many addresses a service's endpoints hold. */
  | "endpoints"
  /** In how many zones (`topology.kubernetes.io/zone`) the running pods are. */
  | "zones"
  /** The nodes that they are on: a set. */
  | "nodes"
  /** How often containers were started again, by the sum over the pods. */
  | "restarts"
  /** The node of a pod; none while it has none. */
  | "node"
  /** Milliseconds since the run began. */
  | "time";

/** How a container behaves in simulation. It stands in the plan beside the objects, and in no object. */
export interface ContainerBehaviour {
  /** From the command to start it until it runs. Absent: the driver's own few milliseconds. */
  readonly start?: Span;
  /** From then until its probes succeed. Absent: at once. `never`: they do not. */
  readonly ready?: Span | "never";
  /** From its start until it exits by itself with `exitCode` (0 where absent). Absent: it runs on. */
  readonly run?: Span;
  readonly exitCode?: number;
  /** Of starts, the fraction that fails. */
  readonly startFails?: number;
  /** From TERM until it has exited. `never`: only KILL ends it. */
  readonly stop?: Span | "never";
  /** Now and then its probes fail: `every` so long, `lasting` so long. */
  readonly unready?: { readonly every: Span; readonly lasting: Span };
}

/** A time drawn anew for each instance, in whole milliseconds. */
export type Span =
  | number
  /** Every value between both ends as likely. */
  | { readonly from: number; readonly to: number }
  /** Exponential, cut at twenty times the mean. */
  | { readonly mean: number };
