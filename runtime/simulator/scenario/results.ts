import type { ObjectKey } from "../../../model/meta.ts";
import type { Place } from "../../../model/plan.ts";
import type { Nearest } from "./measures.ts";
import type { Margin } from "./monitors.ts";

/** What came of one run of a scenario, and all that is needed to run it again. */

/** Which run: the same plan, scenario and `RunSpec` give the same run. */
export interface RunSpec {
  readonly seed: number;
  /** The choice taken at each fork, in the order in which they are met; 0 past the end. */
  readonly picks: readonly number[];
  /** Steps, by their ids, and chaos events that are left out: how a failure is made smaller. */
  readonly skip: ReadonlySet<string>;
  /** Other durations, in milliseconds, of `wait` and `chaos` steps, by id. */
  readonly times: ReadonlyMap<string, number>;
}

export interface RunResult {
  readonly verdict: "pass" | "fail" | "inconclusive";
  readonly failure?: Failure;
  /** Why it is inconclusive. */
  readonly unfinished?: string;
  readonly forks: readonly ForkTaken[];
  readonly history: readonly Performed[];
  /** By the id of the assertion's step. */
  readonly assertions: ReadonlyMap<string, AssertionResult>;
  /** Virtual time, in milliseconds since the run began. */
  readonly end: number;
  readonly states: number;
  readonly hash: string;
}

export type FailureKind =
  | "assertion"
  | "settle"
  | "convergence"
  | "invariant"
  | "evaluation"
  /** The API takes an object of the plan for none. */
  | "refused"
  /** No run came to what `sometimes` asks for. */
  | "unreached"
  /** A loop of the runtime threw. */
  | "defect";

export interface Failure {
  readonly kind: FailureKind;
  readonly place: Place;
  /** What tells it from other failures: the step's id, the invariant's name. */
  readonly id: string;
  /** One line without a full stop. */
  readonly message: string;
  /** What was seen then: `ready(web) is 1`. */
  readonly details: readonly string[];
  readonly at: number;
  readonly objects: readonly ObjectKey[];
  /** What was waited for was true in no state: the steps are meant to bring it about, and none is needless. */
  readonly never?: true;
}

export interface ForkTaken {
  readonly id: string;
  readonly place: Place;
  readonly variable: string;
  readonly options: readonly string[];
  readonly pick: number;
  /** Of so many sets only those in `options` are tried. */
  readonly drawnFrom?: number;
  /** Of a `for any` of several: the members of the set that was taken. */
  readonly members?: readonly string[];
}

export interface Performed {
  readonly id: string;
  readonly place: Place;
  readonly at: number;
  /** `kill worker-b`. */
  readonly text: string;
  /** What the shrinking may leave out. */
  readonly kind: "fault" | "wait" | "settle";
  readonly struck: readonly ObjectKey[];
  /** It takes back what an earlier step did to the same: without it that would be another failure. */
  readonly heals?: true;
  /** The store's revision before it: what was written later came after it. */
  readonly revision: number;
  /** Of a `wait` or `chaos`. */
  readonly duration?: number;
}

export interface AssertionResult {
  readonly id: string;
  readonly place: Place;
  readonly type: string;
  readonly tested: boolean;
  /** Of `sometimes`. */
  readonly reached?: boolean;
  readonly margin?: Margin;
  readonly nearest?: Nearest;
}
