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
  /** A label by which workloads may select it. */
  readonly pool?: Pool;
}

export type Pool = "a" | "b";

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
  readonly priority?: number;
  /** It waits rather than drive out others. */
  readonly polite?: boolean;
  /** Seconds for which a pod is ready before it is available. */
  readonly minReady?: number;
  /** A port of the node that each of its pods takes. */
  readonly hostPort?: number;
  /** Nodes of this pool alone (`hard`), or rather them. */
  readonly pool?: { readonly name: Pool; readonly hard: boolean };
  /** Tolerates the taint that is drawn, for so many seconds; null: for good. */
  readonly tolerates?: number | null;
  readonly company?: readonly Company[];
  /** How far its pods may lie apart in number, by host or zone. */
  readonly spread?: { readonly skew: number; readonly over: Topology; readonly hard: boolean };
  readonly volume?: "scratch" | "claim" | "settings";
  /** Seconds that pass before it is asked to end. */
  readonly preStop?: number;
}

export type Topology = "host" | "zone";

/** Which workload's pods it wants to be with or apart from; counted round the list, and often its own. */
export interface Company {
  readonly with: number;
  readonly apart: boolean;
  readonly over: Topology;
  readonly hard: boolean;
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
  "label",
  "taint",
  "untaint",
  "replace",
  "overtake",
] as const;
export type EventType = (typeof eventTypes)[number];
