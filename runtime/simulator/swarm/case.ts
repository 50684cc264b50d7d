import type { ContainerBehaviour, Span } from "../../../model/scenario.ts";

/**
 * One drawn history: a cluster, what runs on it and what befalls it, as plain data, so that it can be made smaller piece
 * by piece, kept in a file and replayed. Times are milliseconds, CPU is thousandths of a core, memory is mebibytes.
 */
export interface SwarmCase {
  /** Of the simulation; the case itself does not follow from it once it has been made smaller. */
  readonly seed: number;
  readonly nodes: readonly SwarmNode[];
  readonly workloads: readonly SwarmWorkload[];
  readonly events: readonly SwarmEvent[];
  readonly driver: DriverFaults;
}

export interface SwarmNode {
  readonly cpu: number;
  readonly memory: number;
  readonly zone: number;
  /** How far its clock is ahead. */
  readonly skew: number;
}

export interface SwarmWorkload {
  readonly replicas: number;
  readonly cpu: number;
  readonly memory: number;
  /** Seconds. */
  readonly grace: number;
  readonly readiness: boolean;
  readonly liveness: boolean;
  readonly behaviour: ContainerBehaviour;
  /** How long an init container runs; absent: there is none. */
  readonly init?: Span;
  /** How a side car behaves; absent: there is none. */
  readonly sidecar?: ContainerBehaviour;
  readonly service: "none" | "internal" | "nodePort";
  /** How it rolls; absent: its pods are left alone when its template changes. */
  readonly update?: { readonly surge: number; readonly unavailable: number };
}

/** The answers of the driver that come late, twice or not at all: percentages, and the most that one is late. */
export interface DriverFaults {
  readonly late: number;
  readonly doubled: number;
  readonly lost: number;
}

/** Something that happens `at` so long after the start; nodes, workloads and pods are counted round their lists. */
export interface SwarmEvent {
  readonly at: number;
  readonly type: EventType;
  readonly target: number;
  /** How many replicas, how long starts take, which pod of a workload. */
  readonly amount: number;
}

export const eventTypes = [
  "kill",
  "revive",
  "cut",
  "stall",
  "heal",
  "cordon",
  "uncordon",
  "drain",
  "fill",
  "empty",
  "slow",
  "crash",
  "exhaust",
  "scale",
  "update",
  "delete",
  "expose",
  "restartKubelet",
  "restartCluster",
  "lag",
] as const;
export type EventType = (typeof eventTypes)[number];
