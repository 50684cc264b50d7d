import type { LabelSelector, Pod, ReplicationController } from "../../model/core.ts";
import { controllerOf, type KubernetesObject, type Stored } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { isReady } from "../../model/pod.ts";
import { labelSelector, matches } from "../../model/selector.ts";
import { partOf } from "../../model/workloads.ts";
import type { Client } from "../client/client.ts";

/** A PodDisruptionBudget as far as it decides about evictions. */
interface Budget extends KubernetesObject {
  readonly spec: {
    readonly selector?: LabelSelector;
    readonly minAvailable?: number | string;
    readonly maxUnavailable?: number | string;
    readonly unhealthyPodEvictionPolicy?: "AlwaysAllow" | "IfHealthyBudget";
  };
}

/**
 * Why a pod may not be evicted now, as the API answers with 429; undefined: it may
 * (`pkg/registry/core/pod/storage/eviction.go`, `pkg/controller/disruption`).
 */
export function evictionRefused(client: Client, { objects }: Plan, pod: Stored<Pod>): string | undefined {
  if (pod.status?.phase !== "Running" || pod.metadata.deletionTimestamp) return undefined;
  const budgets = objects.filter(isBudget).filter((budget) => covers(budget, pod));
  const [budget] = budgets;
  if (!budget) return undefined;
  const names = budgets.map(({ metadata }) => metadata.name).join(" and ");
  if (budgets.length > 1) return `it has more than one PodDisruptionBudget: ${names}`;
  const { healthy, desired, expected } = stateOf(client, budget);
  const allowed = expected > 0 ? healthy - desired : 0;
  if (!isReady(pod)) {
    if (budget.spec.unhealthyPodEvictionPolicy === "AlwaysAllow") return undefined;
    if (desired > 0 && healthy >= desired) return undefined;
  }
  if (allowed > 0) return undefined;
  return `PodDisruptionBudget ${names} wants ${desired} healthy, and ${healthy} ${healthy === 1 ? "is" : "are"}`;
}

const isBudget = (object: KubernetesObject): object is Budget =>
  object.kind === "PodDisruptionBudget" && object.apiVersion === "policy/v1" && "spec" in object;

/** Without a selector a budget is about no pod, with an empty one about all of its namespace. */
function covers({ metadata, spec }: Budget, pod: Pod): boolean {
  const selector = labelSelector(spec.selector);
  return (
    selector !== undefined &&
    (metadata.namespace ?? "default") === pod.metadata.namespace &&
    matches(selector, pod.metadata.labels)
  );
}

function stateOf(client: Client, budget: Budget) {
  const { minAvailable, maxUnavailable } = budget.spec;
  const namespace = budget.metadata.namespace ?? "default";
  const pods = client.list("Pod", { namespace }).filter((pod) => covers(budget, pod));
  const healthy = pods.filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp).length;
  if (maxUnavailable === undefined && typeof minAvailable === "number")
    return { healthy, desired: minAvailable, expected: pods.length };
  const expected = expectedOf(client, pods);
  const desired =
    maxUnavailable === undefined
      ? partOf(minAvailable ?? 0, expected, Math.ceil)
      : Math.max(0, expected - partOf(maxUnavailable, expected, Math.ceil));
  return { healthy, desired, expected };
}

/** How many pods those who own these want together; 0 where one has no owner, since then nobody can say. */
function expectedOf(client: Client, pods: readonly Stored<Pod>[]): number {
  const owners = new Map<string, ReplicationController | undefined>();
  for (const pod of pods) {
    const { uid = "", name = "" } = controllerOf(pod) ?? {};
    owners.set(uid, client.get("ReplicationController", pod.metadata.namespace, name));
  }
  let sum = 0;
  for (const rc of owners.values()) {
    if (!rc) return 0;
    sum += rc.spec.replicas ?? 1;
  }
  return sum;
}
