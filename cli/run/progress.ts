import type { ContainerStatus, Event, Pod, Service } from "../../model/core.ts";
import { controllerOf, ROLLOUT_ANNOTATION, type Stored } from "../../model/meta.ts";
import { condition, displayStatus, isReady } from "../../model/pod.ts";
import type { Client } from "../../runtime/client/client.ts";
import type { Cluster } from "../../runtime/cluster.ts";
import type { NetworkPlan } from "../../runtime/environment.ts";

/** What a person wants to know of a pod, in a few words; `settled` when nothing is being waited for. */
export interface PodState {
  readonly text: string;
  readonly settled: boolean;
  readonly bad: boolean;
}

export function podState(pod: Pod): PodState {
  const node = pod.spec.nodeName;
  if (pod.metadata.deletionTimestamp) return { text: "stopping", settled: false, bad: false };
  if (pod.status?.phase === "Succeeded") return { text: "succeeded", settled: true, bad: false };
  if (pod.status?.phase === "Failed")
    return { text: withReason("failed", pod.status.message ?? failure(pod)), settled: true, bad: true };
  if (!node) {
    const scheduled = condition(pod.status?.conditions, "PodScheduled");
    // What preemption has to say after it helps nobody here.
    const reason = scheduled?.message?.replace(/ (no new claims to deallocate, )?preemption: .*$/, "");
    return reason
      ? { text: `pending: ${reason}`, settled: false, bad: true }
      : { text: "pending", settled: false, bad: false };
  }
  const trouble = failure(pod);
  if (isReady(pod)) return { text: "ready", settled: true, bad: false };
  if (trouble) return { text: `${displayStatus(pod)}: ${trouble}`, settled: false, bad: true };
  const ready = condition(pod.status?.conditions, "Ready");
  if (ready?.reason === "ReadinessGatesNotReady")
    return { text: withReason("running, not ready yet", ready.message), settled: false, bad: false };
  return {
    text: pod.status?.phase === "Running" ? "running, not ready yet" : "starting",
    settled: false,
    bad: false,
  };
}

/** Warnings that tell more than the state of their object does. */
const tellingReasons = new Set([
  "FailedCreatePodSandBox",
  "FailedMount",
  "FailedCreate",
  "FailedToListen",
  "LogsLost",
]);

/** Whether a person should hear of this event as it happens. */
export function isTelling(event: Event): boolean {
  return event.type === "Warning" && tellingReasons.has(event.reason);
}

/** What stands in the way of a pod that does not even start, from its events. */
function obstacle(client: Client, pod: Stored<Pod>): string | undefined {
  const events = client.list("Event", { namespace: pod.metadata.namespace ?? "default" });
  return events.find((event) => event.involvedObject.uid === pod.metadata.uid && isTelling(event))?.message;
}

function withReason(text: string, reason: string | undefined): string {
  return reason ? `${text}: ${reason}` : text;
}

/** The first container that is in trouble, with what is known of it. */
function failure(pod: Pod): string | undefined {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const status of statuses) {
    const text = containerFailure(status);
    if (text) return `${status.name}: ${text}`;
  }
  return undefined;
}

function containerFailure({ state, lastState }: ContainerStatus): string | undefined {
  const ended = state.terminated ?? (state.running ? undefined : lastState.terminated);
  if (state.waiting?.reason && !["ContainerCreating", "PodInitializing"].includes(state.waiting.reason)) {
    return ended ? describeExit(ended) : (state.waiting.message ?? state.waiting.reason);
  }
  return state.terminated && state.terminated.exitCode !== 0 ? describeExit(state.terminated) : undefined;
}

/** "exit code 1", "killed by signal 9", with the driver's explanation where there is one. */
export function describeExit(ended: { exitCode: number; signal?: number; message?: string }): string {
  const how = ended.signal ? `killed by signal ${ended.signal}` : `exit code ${ended.exitCode}`;
  return ended.message ? `${how} (${ended.message.trim()})` : how;
}

/** Where a service answers. */
export interface ServiceAddress {
  readonly service: Stored<Service>;
  /** Inside: `address:port` for each port; empty for a headless service. */
  readonly inside: readonly string[];
  /** Outside: on localhost and every node. */
  readonly outside: readonly string[];
  readonly ready: number;
  readonly all: number;
}

export function serviceAddresses(client: Client, network: NetworkPlan): ServiceAddress[] {
  return client.list("Service").map((service) => {
    const { clusterIP, ports = [] } = service.spec;
    const subsets = client.get("Endpoints", service.metadata.namespace, service.metadata.name)?.subsets ?? [];
    const ready = new Set(subsets.flatMap((subset) => (subset.addresses ?? []).map((address) => address.ip)));
    const waiting = new Set(
      subsets.flatMap((subset) => (subset.notReadyAddresses ?? []).map((address) => address.ip)),
    );
    const virtual = clusterIP && clusterIP !== "None" ? clusterIP : undefined;
    return {
      service,
      inside: virtual ? ports.map((port) => `${virtual}:${network.openPort(port.port)}`) : [],
      outside: ports.flatMap((port) => (port.nodePort ? [`localhost:${port.nodePort}`] : [])),
      ready: ready.size,
      all: new Set([...ready, ...waiting]).size,
    };
  });
}

/** What is not there yet: a line for each rc and pod that is not as it should be. Empty when all is ready. */
export function unready({ client, held }: Pick<Cluster, "client" | "held">): string[] {
  const lines = held().map((key) => `${key}: waits for what it comes after`);
  for (const rc of client.list("ReplicationController")) {
    const want = rc.spec.replicas ?? 1;
    const have = rc.status?.readyReplicas ?? 0;
    const rolling = rc.metadata.annotations?.[ROLLOUT_ANNOTATION] !== undefined;
    const observed = (rc.status?.observedGeneration ?? 0) >= (rc.metadata.generation ?? 1);
    if (have !== want || !observed || (rc.status?.replicas ?? 0) !== want)
      lines.push(`rc ${rc.metadata.name}: ${have} of ${want} pods ready`);
    else if (rolling) lines.push(`rc ${rc.metadata.name}: rolling out`);
  }
  for (const pod of client.list("Pod")) {
    const state = podState(pod);
    if (state.settled && !state.bad) continue;
    const reason = state.text === "starting" ? obstacle(client, pod) : undefined;
    lines.push(`pod ${pod.metadata.name}: ${withReason(state.text, reason)}`);
  }
  for (const service of client.list("Service")) {
    const selector = service.spec.selector;
    if (!selector || Object.keys(selector).length === 0) continue;
    const endpoints = client.get("Endpoints", service.metadata.namespace, service.metadata.name);
    if (!endpoints?.subsets?.some((subset) => subset.addresses?.length)) {
      const wanted = client.list("Pod", { namespace: service.metadata.namespace ?? "default" }).length;
      if (wanted > 0) lines.push(`service ${service.metadata.name}: no endpoint yet`);
    }
  }
  return lines;
}

/** Whether something has failed that nothing will start again: a pod of its own that is not to be restarted. */
export function hopeless(client: Client): boolean {
  return client.list("Pod").some((pod) => pod.status?.phase === "Failed" && controllerOf(pod) === undefined);
}

/** The variables that tell a program where the services answer: Kubernetes' own, and `NAME_NODE_PORT` for node ports. */
export function serviceVariables(client: Client, network: NetworkPlan): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const service of client.list("Service")) {
    const { clusterIP, ports = [] } = service.spec;
    const prefix = service.metadata.name.toUpperCase().replaceAll("-", "_").replaceAll(".", "_");
    const first = ports[0];
    if (!clusterIP || clusterIP === "None" || !first) continue;
    variables[`${prefix}_SERVICE_HOST`] = clusterIP;
    variables[`${prefix}_SERVICE_PORT`] = String(network.openPort(first.port));
    for (const port of ports) {
      const suffix = port.name ? `_${port.name.toUpperCase().replaceAll("-", "_")}` : "";
      if (suffix) variables[`${prefix}_SERVICE_PORT${suffix}`] = String(network.openPort(port.port));
      if (port.nodePort)
        variables[`${prefix}_NODE_PORT${ports.length > 1 ? suffix : ""}`] = String(port.nodePort);
    }
  }
  return variables;
}
