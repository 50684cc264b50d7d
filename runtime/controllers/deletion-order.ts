import type { ContainerStatus, Pod } from "../../model/core.ts";
import { parseTimestamp, type Stored } from "../../model/meta.ts";
import { isReady, isSidecar } from "../../model/pod.ts";
import { readySince } from "./availability.ts";

/** The annotation by which a pod says how dear it is; those with less are deleted first. A 32-bit number, 0 by default. */
export const POD_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

type Comparison = (left: Stored<Pod>, right: Stored<Pod>, now: number) => number;

/**
 * The eight rules by which an rc chooses the pods to delete, each deciding where those before it do not: what comes
 * first goes first (`ActivePodsWithRanks` of `pkg/controller/controller_utils.go`). The fifth, more siblings on the
 * same node first, ranks pods of sets that share an owner; an rc has none, so it never decides.
 */
const rules: readonly Comparison[] = [
  (left, right) => Number(Boolean(left.spec.nodeName)) - Number(Boolean(right.spec.nodeName)),
  (left, right) => phaseRank(left) - phaseRank(right),
  (left, right) => Number(isReady(left)) - Number(isReady(right)),
  (left, right) => deletionCost(left) - deletionCost(right),
  (left, right, now) => {
    const [one, other] = [readySince(left), readySince(right)];
    return one === undefined || other === undefined ? 0 : newerFirst(left, right, one, other, now);
  },
  (left, right) => maxRestarts(right, false) - maxRestarts(left, false),
  (left, right) => maxRestarts(right, true) - maxRestarts(left, true),
  (left, right, now) => newerFirst(left, right, createdAt(left), createdAt(right), now),
];

/** Pods in the order in which an rc deletes them, first first. `now` in milliseconds. */
export function inDeletionOrder(pods: readonly Stored<Pod>[], now: number): Stored<Pod>[] {
  return [...pods].sort((left, right) => {
    for (const rule of rules) {
      const difference = rule(left, right, now);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

function phaseRank(pod: Pod): number {
  switch (pod.status?.phase) {
    case "Pending":
      return 0;
    case "Unknown":
      return 1;
    case "Running":
      return 2;
    default:
      return 0;
  }
}

/** The cost a pod names; 0 where it names none or what is no 32-bit number. */
export function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[POD_DELETION_COST];
  if (text === undefined || !/^(0|-?[1-9]\d{0,9})$/.test(text)) return 0;
  const cost = Number(text);
  return cost >= -2_147_483_648 && cost <= 2_147_483_647 ? cost : 0;
}

/** The most restarts of any one of the pod's containers; of its sidecars where `sidecars`. */
function maxRestarts(pod: Pod, sidecars: boolean): number {
  const highest = (statuses: readonly ContainerStatus[] = []) =>
    statuses.reduce((most, { restartCount }) => Math.max(most, restartCount), 0);
  if (!sidecars) return highest(pod.status?.containerStatuses);
  const names = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  return highest(pod.status?.initContainerStatuses?.filter(({ name }) => names.has(name)));
}

const createdAt = (pod: Stored<Pod>) => parseTimestamp(pod.metadata.creationTimestamp);

/**
 * The younger first, by powers of two: ages within the same power are the same age, and then the smaller uid decides,
 * so that not always the youngest are hit (KEP-2185).
 */
function newerFirst(left: Stored<Pod>, right: Stored<Pod>, one: number, other: number, now: number): number {
  if (one === other) return 0;
  const difference = magnitude(now - one) - magnitude(now - other);
  if (difference !== 0) return difference;
  return left.metadata.uid < right.metadata.uid ? -1 : 1;
}

/** ⌊log₂⌋ of an age in nanoseconds; -1 for none. `milliseconds` is whole, so halving is exact. */
function magnitude(milliseconds: number): number {
  if (milliseconds <= 0) return -1;
  let rest = milliseconds * 1_000_000;
  let power = 0;
  while (rest >= 2) {
    rest /= 2;
    power++;
  }
  return power;
}
