import type { Clock } from "../../base/clock.ts";
import type { PodSpec } from "../../model/core.ts";
import { tolerates } from "../../model/placement.ts";
import { podRequests, qosClass } from "../../model/pod.ts";
import type { Machine } from "../environment.ts";
import type { Rejected } from "./admission.ts";
import { hasEnded } from "./sync.ts";
import type { PodWorker } from "./worker.ts";

/** How often a node that is short of something looks again (Kubernetes' eviction manager), in milliseconds. */
export const evictionPeriod = 10_000;
/** Pods of this priority and above keep the node itself going (`SystemCriticalPriority`) and are never evicted. */
const criticalPriority = 2_000_000_000;

/** How long a node goes on saying that it is short of something when it is so no more (`evictionPressureTransitionPeriod`). */
const transitionPeriod = 5 * 60_000;

/** What a node is short of, by the conditions that say so. */
export type Shortage = ReturnType<NonNullable<Machine["pressure"]>>;

export interface Pressure {
  /** What the node is short of now, which is kept in mind. */
  readonly observe: () => Shortage;
  /** What its conditions say that it is short of. */
  readonly said: () => Shortage;
  /** In how many milliseconds the conditions may say less, if nothing else happens; undefined for never. */
  readonly changesIn: () => number | undefined;
}

/** A shortage is said for a while after it has passed, so that pods do not come back to where they were just evicted. */
export function createPressure({ pressure: present = () => [] }: Machine, clock: Clock): Pressure {
  const seen = new Map<Shortage[number], number>();
  const observe = () => {
    const now = present();
    for (const type of now) seen.set(type, clock.now());
    return now;
  };
  /** What has passed and is said still, with when it was seen last. */
  const passing = () => {
    const now = present();
    return [...seen].filter(([type, at]) => !now.includes(type) && clock.now() - at < transitionPeriod);
  };
  const said = () => [...present(), ...passing().map(([type]) => type)];
  const changesIn = () => {
    const times = passing().map(([, at]) => at + transitionPeriod - clock.now());
    return times.length === 0 ? undefined : Math.min(...times);
  };
  return { observe, said, changesIn };
}

const memoryPressure = { key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" } as const;

/**
 * A node that is short of something takes only what keeps it going; short of memory alone, also pods that have requested
 * what they need, and those that tolerate it (the eviction manager's `Admit`).
 */
export function admitUnderPressure(spec: PodSpec, shortage: Shortage): Rejected | undefined {
  if (shortage.length === 0 || (spec.priority ?? 0) >= criticalPriority) return undefined;
  const memoryAlone = shortage.every((type) => type === "MemoryPressure");
  const enduring = (spec.tolerations ?? []).some((toleration) => tolerates(toleration, memoryPressure));
  if (memoryAlone && (qosClass(spec) !== "BestEffort" || enduring)) return undefined;
  return { reason: "Evicted", message: `The node had condition: [${shortage.join(" ")}]. ` };
}

const resources = {
  MemoryPressure: "memory",
  DiskPressure: "ephemeral-storage",
  PIDPressure: "pids",
} as const;

/** The pod that has to go now, and what is said of it. */
export interface Eviction {
  readonly worker: PodWorker;
  readonly message: string;
}

/**
 * Which pod a node that is short of something evicts next (`rankMemoryPressure`): first those that use more than they
 * requested, of these the lowest priority, then who uses the most over it. What pods use is not known here: whoever
 * requested nothing uses more than that, all others are taken to keep to their requests, and the youngest goes first.
 */
export function nextEviction(
  workers: Iterable<PodWorker>,
  pressure: ReturnType<NonNullable<Machine["pressure"]>>,
): Eviction | undefined {
  const [first] = pressure;
  if (!first) return undefined;
  let chosen: PodWorker | undefined;
  for (const worker of workers) {
    if (worker.ending || worker.vanished || hasEnded(worker)) continue;
    if ((worker.pod.spec.priority ?? 0) >= criticalPriority) continue;
    if (!chosen || goesBefore(worker, chosen, resources[first])) chosen = worker;
  }
  return chosen && { worker: chosen, message: `The node was low on resource: ${resources[first]}. ` };
}

function goesBefore(a: PodWorker, b: PodWorker, resource: string): boolean {
  const within = (worker: PodWorker) => Boolean(podRequests(worker.pod.spec)[resource]);
  if (within(a) !== within(b)) return within(b);
  const byPriority = (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0);
  if (byPriority !== 0) return byPriority < 0;
  return a.startedAt === b.startedAt ? a.uid < b.uid : a.startedAt > b.startedAt;
}
