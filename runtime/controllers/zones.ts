import type { Node } from "../../model/core.ts";
import { condition } from "../../model/pod.ts";

/** How many nodes of one zone are tainted for eviction, and how fast (`node_lifecycle_controller.go`). */
export type ZoneState = "Normal" | "PartialDisruption" | "FullDisruption";

/** Nodes per second: `--node-eviction-rate` and `--secondary-node-eviction-rate`. */
const RATE = 0.1;
const SECONDARY_RATE = 0.01;
/** A zone of at most so many nodes is left alone in a partial disruption (`--large-cluster-size-threshold`). */
const LARGE_ZONE = 50;
/** The part of a zone's nodes that makes a disruption (`--unhealthy-zone-threshold`). */
const UNHEALTHY = 0.55;

/** Region and zone of a node, as one text (`GetZoneKey`). */
export function zoneOf(node: Node): string {
  const { labels = {} } = node.metadata;
  const region = labels["topology.kubernetes.io/region"] ?? "";
  const zone = labels["topology.kubernetes.io/zone"] ?? "";
  return region === "" && zone === "" ? "" : `${region}:${zone}`;
}

export function isNodeReady(node: Node): boolean {
  return condition(node.status?.conditions, "Ready")?.status === "True";
}

export function zoneState(nodes: readonly Node[]): ZoneState {
  const ready = nodes.filter(isNodeReady).length;
  const notReady = nodes.length - ready;
  if (ready === 0 && notReady > 0) return "FullDisruption";
  return notReady > 2 && notReady / nodes.length >= UNHEALTHY ? "PartialDisruption" : "Normal";
}

/** How many nodes of a zone may be tainted per second, while not all zones are down. */
export function evictionRate(state: ZoneState, nodes: number): number {
  if (state !== "PartialDisruption") return RATE;
  return nodes > LARGE_ZONE ? SECONDARY_RATE : 0;
}

/** One permission at a time, refilled at a rate: a token bucket of size one. */
export class RateLimiter {
  readonly rate: number;
  #next = Number.NEGATIVE_INFINITY;

  constructor(rate: number) {
    this.rate = rate;
  }

  /** Takes the permission if it is there; else gives in how many milliseconds it will be (never: infinity). */
  take(now: number): true | number {
    if (this.rate === 0) return Number.POSITIVE_INFINITY;
    if (now < this.#next) return this.#next - now;
    this.#next = now + 1000 / this.rate;
    return true;
  }
}
