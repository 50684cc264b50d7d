import type { Node, PodSpec, ResourceList } from "../../model/core.ts";
import { hostPorts, matchesNodeAffinity, portsConflict } from "../../model/placement.ts";
import { podRequests } from "../../model/pod.ts";
import { resourceAmount } from "../../model/quantity.ts";

export interface Rejected {
  readonly reason: string;
  readonly message: string;
}

/** The pods that stand on a node, and what they ask for together. */
export interface Standing {
  readonly pods: PodSpec[];
  readonly requests: Record<string, number>;
}

export function addStanding(standing: Standing, spec: PodSpec): void {
  standing.pods.push(spec);
  const requests = podRequests(spec);
  for (const resource in requests)
    standing.requests[resource] = (standing.requests[resource] ?? 0) + requests[resource]!;
}

/**
 * Whether the node takes the pod that was bound to it (Kubernetes' `lifecycle/predicate.go`): the scheduler may have
 * decided on an older view, and a pod may name its node itself.
 */
export function admit(
  spec: PodSpec,
  { pods, requests }: Standing,
  node: Node,
  allocatable: ResourceList,
): Rejected | undefined {
  const capacity = (resource: string) => resourceAmount(resource, allocatable[resource]);
  if (pods.length + 1 > capacity("pods")) return lacks("pods", 1, pods.length, capacity("pods"));
  const requestedNow = podRequests(spec);
  for (const resource in requestedNow) {
    const requested = requestedNow[resource]!;
    if (requested === 0) continue;
    const used = requests[resource] ?? 0;
    if (requested > capacity(resource) - used) return lacks(resource, requested, used, capacity(resource));
  }
  if (!matchesNodeAffinity(spec, node)) {
    return predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
  }
  const wanted = hostPorts(spec);
  const taken = wanted.length > 0 ? pods.flatMap(hostPorts) : [];
  if (wanted.some((port) => taken.some((other) => portsConflict(port, other)))) {
    return predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports");
  }
  return undefined;
}

function lacks(resource: string, requested: number, used: number, capacity: number): Rejected {
  return {
    reason: `OutOf${resource}`,
    message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  };
}

function predicate(name: string, message: string): Rejected {
  return { reason: name, message: `Predicate ${name} failed: ${message}` };
}

/** So many pods that the node does not take are said to have failed at one instant; others later. */
const refusalsAtOnce = 5;
const refusalDelay = 1_000;

/**
 * When a refusal is said. A controller makes another pod at once, which a scheduler that has not heard of the node's
 * reason sends here again: what goes on like that must take time. (In Kubernetes it takes what each of these writes does.)
 */
export function createRefusals(): { sayBy(now: number): number } {
  let at = Number.NaN;
  let count = 0;
  return {
    /** Infinity: at once. */
    sayBy(now) {
      count = at === now ? count + 1 : 1;
      at = now;
      return count > refusalsAtOnce ? now + refusalDelay : Number.POSITIVE_INFINITY;
    },
  };
}
