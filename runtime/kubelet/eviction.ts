import type { Machine } from "../environment.ts";
import { hasEnded } from "./sync.ts";
import type { PodWorker } from "./worker.ts";

/** How often a node that is short of something looks again (Kubernetes' eviction manager), in milliseconds. */
export const evictionPeriod = 10_000;
/** Pods of this priority and above keep the node itself going (`SystemCriticalPriority`) and are never evicted. */
const criticalPriority = 2_000_000_000;

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
 * Which pod a node that is short of something evicts next: of the lowest priority, and of these the youngest. What
 * pods use is not known here, so that Kubernetes' first criterion, who uses more than it asked for, is left out.
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
    if (!chosen || goesBefore(worker, chosen)) chosen = worker;
  }
  return chosen && { worker: chosen, message: `The node was low on resource: ${resources[first]}. ` };
}

function goesBefore(a: PodWorker, b: PodWorker): boolean {
  const byPriority = (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0);
  if (byPriority !== 0) return byPriority < 0;
  return a.startedAt === b.startedAt ? a.uid < b.uid : a.startedAt > b.startedAt;
}
