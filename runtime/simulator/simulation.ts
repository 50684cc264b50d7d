import type { VirtualClock } from "../../base/clock.ts";
import type { KubernetesObject, ObjectKey } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import type { Cluster } from "../cluster.ts";

/** One run of a plan: the runtime itself under virtual time. The same plan, seed and faults give the same trace. */
export interface Simulation {
  readonly clock: VirtualClock;
  readonly cluster: Cluster;
  /** When the run began: nodes ready, objects just created. */
  readonly startedAt: number;
  readonly faults: Faults;
  /** Decisions of loops that threw: defects of ours. */
  readonly errors: readonly {
    readonly at: number;
    readonly loop: string;
    readonly key: string;
    readonly error: unknown;
  }[];
  /**
   * Runs what is due next, all of one task, and gives whether there was anything due up to `limit` (milliseconds since
   * the epoch); where there was none the clock stands at `limit`. After each call what stands is a state.
   */
  step(limit: number): boolean;
  /**
   * Why the cluster has not yet converged, in the user's words; undefined: nothing is left to do, and what the API says
   * of nodes and containers is so (a node that has died and is still called ready is not settled).
   */
  unsettled(): string | undefined;
  /**
   * Whether this container runs now, past its start and not in an unready spell, on a node that packets from clients
   * reach: the truth, whatever the API says.
   */
  answers(podUid: string, container: string): boolean;
  /** Grows whenever what `answers` says may have changed: while it stands, so does every answer. */
  readonly answersVersion: number;
  /** A hash over every store write and driver event so far, as 16 hex digits. */
  traceHash(): string;
  stop(): void;
}

/** What can happen to a cluster. Each is at once; names that are not there are refused by a RangeError. */
export interface Faults {
  /** A node dies: all that runs on it is gone and nobody says so. */
  killNode(name: string): void;
  /** A dead node comes back, with nothing on it. */
  reviveNode(name: string): void;
  /** A node's kubelet is started anew; its containers live on. */
  restartKubelet(name: string): void;
  /** The node can neither reach the API nor be reached by it. */
  cutNode(name: string): void;
  healNode(name: string): void;
  /** Packets between these two nodes are lost: their pods do not reach each other. */
  cutBetween(a: string, b: string): void;
  healBetween(a: string, b: string): void;
  cordon(name: string, on: boolean): void;
  /** Cordons, then evicts every pod that an rc owns, as `kubectl drain` does. */
  drain(name: string): void;
  /** The containers exit by themselves; without a name all of the pod. */
  crash(podUid: string, container?: string): void;
  /** A node reports DiskPressure until healed; a container runs out of memory (OOMKilled). */
  fillNode(name: string, on: boolean): void;
  exhaustMemory(podUid: string, container?: string): void;
  /** Starts on the node take so many milliseconds longer; 0 ends it. */
  slowNode(name: string, milliseconds: number): void;
  slowPod(podUid: string, milliseconds: number): void;
  scale(rc: ObjectKey, replicas: number): void;
  /** The plan with these objects in it and those gone is applied. */
  update(objects: readonly KubernetesObject[], removed: readonly ObjectKey[]): void;
}

export interface SimulationOptions {
  readonly plan: Plan;
  readonly seed: number;
}

export type CreateSimulation = (options: SimulationOptions) => Simulation;
