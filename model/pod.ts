import type { Condition, Container, ContainerStatus, Pod, PodSpec, ResourceList } from "./core.ts";
import { resourceAmount } from "./quantity.ts";

export function condition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  if (!conditions) return undefined;
  // By index: whatever iterates is slow on a frozen list, and this is asked again and again.
  for (let index = 0; index < conditions.length; index++)
    if (conditions[index]!.type === type) return conditions[index];
  return undefined;
}

export function isReady(pod: Pod): boolean {
  return condition(pod.status?.conditions, "Ready")?.status === "True";
}

/** Whether the pod's containers have all ended for good. */
export function isTerminal(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** Counts for its rc: neither ended nor being deleted (Kubernetes' `IsPodActive`). */
export function isActive(pod: Pod): boolean {
  return !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Whether it waits for others to take its gates away, before it may be placed. */
export function isGated({ schedulingGates }: PodSpec): boolean {
  return (schedulingGates?.length ?? 0) > 0;
}

/** Whether an init container goes on running beside the pod's containers. */
export function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === "Always";
}

/**
 * What a pod asks of a node: its overhead and the larger of containers with sidecars, and the largest init container with
 * the sidecars before it (Kubernetes' `PodRequests`). A sidecar is an init container that restarts always. In
 * `resourceAmount` units.
 */
export function podRequests(spec: PodSpec): Readonly<Record<string, number>> {
  const known = requests.get(spec.containers);
  if (known && known.init === spec.initContainers && known.overhead === spec.overhead) return known.sum;
  const sum = sumRequests(spec);
  // Pods of one template share their frozen containers, so each shape is summed up once.
  if (Object.isFrozen(spec.containers))
    requests.set(spec.containers, { init: spec.initContainers, overhead: spec.overhead, sum });
  return sum;
}

const requests = new WeakMap<
  readonly Container[],
  {
    readonly init: readonly Container[] | undefined;
    readonly overhead: ResourceList | undefined;
    readonly sum: Readonly<Record<string, number>>;
  }
>();

/** `absent`: what a container counts with that does not say what it requests; nothing where left out. */
export function sumRequests(
  { containers, initContainers = [], overhead }: PodSpec,
  absent: ResourceList = {},
): Record<string, number> {
  const total: Record<string, number> = {};
  for (const container of containers) add(total, { ...absent, ...container.resources?.requests });
  const sidecars: Record<string, number> = {};
  const peak: Record<string, number> = {};
  for (const { resources, restartPolicy } of initContainers) {
    const atOnce = { ...sidecars };
    add(atOnce, { ...absent, ...resources?.requests });
    if (restartPolicy === "Always") Object.assign(sidecars, atOnce);
    for (const [resource, amount] of Object.entries(atOnce))
      peak[resource] = Math.max(peak[resource] ?? 0, amount);
  }
  for (const [resource, amount] of Object.entries(sidecars))
    total[resource] = (total[resource] ?? 0) + amount;
  for (const [resource, amount] of Object.entries(peak))
    total[resource] = Math.max(total[resource] ?? 0, amount);
  add(total, overhead);
  return total;
}

/** The sum of the limits of a pod's containers, in `resourceAmount` units. */
export function podLimits(spec: PodSpec): Record<string, number> {
  const total: Record<string, number> = {};
  for (const container of spec.containers) {
    for (const [resource, quantity] of Object.entries(container.resources?.limits ?? {})) {
      total[resource] = (total[resource] ?? 0) + resourceAmount(resource, quantity);
    }
  }
  return total;
}

function add(total: Record<string, number>, amounts: ResourceList = {}): void {
  for (const [resource, quantity] of Object.entries(amounts)) {
    total[resource] = (total[resource] ?? 0) + resourceAmount(resource, quantity);
  }
}

/** Quality of service (Kubernetes' `GetPodQOS`): over cpu and memory of all containers. */
export function qosClass(spec: PodSpec): "Guaranteed" | "Burstable" | "BestEffort" {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  let any = false;
  let guaranteed = true;
  for (const { resources } of containers) {
    for (const resource of ["cpu", "memory"]) {
      const limit = resourceAmount(resource, resources?.limits?.[resource]);
      const request = resourceAmount(resource, resources?.requests?.[resource]);
      if (limit > 0 || request > 0) any = true;
      if (limit === 0 || (request !== 0 && request !== limit)) guaranteed = false;
    }
  }
  return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}

/** What the containers say that run beside each other: side cars first, as `kubectl get pods` counts them. */
export function lastingStatuses({ spec, status }: Pod): readonly ContainerStatus[] {
  const main = status?.containerStatuses ?? [];
  if (!spec.initContainers) return main;
  const names = new Set(spec.initContainers.filter(isSidecar).map(({ name }) => name));
  return [...(status?.initContainerStatuses ?? []).filter(({ name }) => names.has(name)), ...main];
}

/** How often the pod's containers were restarted, all together. */
export function restarts(pod: Pod): number {
  return lastingStatuses(pod).reduce((sum, status) => sum + status.restartCount, 0);
}

/**
 * The STATUS column of `kubectl get pods` (Kubernetes' `printPod`): the most telling of phase, reason, and the
 * containers' waiting and terminated reasons.
 */
export function displayStatus(pod: Pod): string {
  const gated = condition(pod.status?.conditions, "PodScheduled")?.reason === "SchedulingGated";
  let text = gated ? "SchedulingGated" : pod.status?.reason || pod.status?.phase || "Pending";
  const { initContainers = [] } = pod.spec;
  let initializing = false;
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const { terminated, waiting } = status.state;
    if (terminated?.exitCode === 0) continue;
    if (status.started && initContainers.some((each) => each.name === status.name && isSidecar(each)))
      continue;
    if (terminated)
      text = `Init:${terminated.reason ?? (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)}`;
    else if (waiting?.reason && waiting.reason !== "PodInitializing") text = `Init:${waiting.reason}`;
    else text = `Init:${index}/${initContainers.length}`;
    initializing = true;
    break;
  }
  if (!initializing || condition(pod.status?.conditions, "Initialized")?.status === "True")
    text = mainStatus(pod.status?.containerStatuses ?? [], text, isReady(pod));
  if (pod.metadata.deletionTimestamp === undefined) return text;
  if (pod.status?.reason === "NodeLost") return "Unknown";
  return isTerminal(pod) ? text : "Terminating";
}

function mainStatus(statuses: readonly ContainerStatus[], phase: string, ready: boolean): string {
  let text = phase;
  let running = false;
  for (const { state, ready: containerReady } of [...statuses].reverse()) {
    if (state.waiting?.reason) text = state.waiting.reason;
    else if (state.terminated?.reason) text = state.terminated.reason;
    else if (state.terminated)
      text = state.terminated.signal
        ? `Signal:${state.terminated.signal}`
        : `ExitCode:${state.terminated.exitCode}`;
    else if (state.running && containerReady) running = true;
  }
  return text === "Completed" && running ? (ready ? "Running" : "NotReady") : text;
}
