import type { Pod } from "../../../model/core.ts";
import type { ObjectKey, Stored } from "../../../model/meta.ts";
import { condition, displayStatus, isActive, isReady, restarts } from "../../../model/pod.ts";
import type { Client } from "../../client/client.ts";
import type { Simulation } from "../simulation.ts";
import { withoutPreemption } from "./timeline.ts";

/** What stands at one instant of a run, as far as a person asks when something is wrong. */
export interface Picture {
  readonly rcs: readonly {
    readonly key: ObjectKey;
    readonly wanted: number;
    readonly ready: number;
    readonly pods: readonly PodPicture[];
  }[];
  readonly services: readonly {
    readonly key: ObjectKey;
    readonly endpoints: number;
    readonly serving: number;
  }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly schedulable: boolean;
    /** What is so of it, whatever the API says. */
    readonly lost?: "dead" | "cut off";
    readonly pods: number;
  }[];
  /** Pods that no rc owns. */
  readonly pods: readonly PodPicture[];
}

export interface PodPicture {
  readonly key: ObjectKey;
  readonly node: string | undefined;
  /** The STATUS of `kdsl get pods`. */
  readonly status: string;
  readonly ready: boolean;
  readonly restarts: number;
  /** Why it has no node, is not ready or has failed; of a ready one, that it does not answer all the same. */
  readonly why?: string;
}

export function pictureOf(simulation: Simulation): Picture {
  const { client } = simulation.cluster;
  const pods = client.list("Pod");
  return {
    rcs: client.list("ReplicationController").map((rc) => {
      const own = pods.filter((pod) =>
        pod.metadata.ownerReferences?.some(({ uid }) => uid === rc.metadata.uid),
      );
      return {
        key: `ReplicationController/${rc.metadata.namespace}/${rc.metadata.name}`,
        wanted: rc.spec.replicas ?? 1,
        ready: own.filter((pod) => isReady(pod) && isActive(pod)).length,
        pods: own.map((pod) => podPicture(simulation, pod)),
      };
    }),
    services: client.list("Service").map(({ metadata }) => {
      const key = `Service/${metadata.namespace}/${metadata.name}`;
      return { key, endpoints: endpointsOf(client, metadata), serving: simulation.serving(key) };
    }),
    nodes: client.list("Node").map((node) => ({
      name: node.metadata.name,
      ready: condition(node.status?.conditions, "Ready")?.status === "True",
      schedulable: node.spec.unschedulable !== true,
      ...lost(simulation, node.metadata.name),
      pods: pods.filter((pod) => pod.spec.nodeName === node.metadata.name && isActive(pod)).length,
    })),
    pods: pods
      .filter(({ metadata }) => (metadata.ownerReferences ?? []).length === 0)
      .map((pod) => podPicture(simulation, pod)),
  };
}

function podPicture(simulation: Simulation, pod: Stored<Pod>): PodPicture {
  const why = isReady(pod) ? whyMute(simulation, pod) : (whyOf(pod) ?? whyUnready(simulation, pod));
  return {
    key: `Pod/${pod.metadata.namespace}/${pod.metadata.name}`,
    node: pod.spec.nodeName,
    status: displayStatus(pod),
    ready: isReady(pod),
    restarts: restarts(pod),
    ...(why !== undefined && { why }),
  };
}

/** A pod that has failed says why only where it is not its own doing: it was evicted, or refused by its node. */
function whyOf({ status }: Parameters<typeof isReady>[0]): string | undefined {
  if (status?.phase === "Failed") return status.message?.replace(/[.\s]+$/, "") ?? status.reason;
  const scheduled = condition(status?.conditions, "PodScheduled");
  const message = scheduled?.status === "False" ? scheduled.message : undefined;
  return message && withoutPreemption(message);
}

/** That services send to a pod which answers nobody: what its users see, and Kubernetes does not. */
function whyMute(
  { answers, runs }: Simulation,
  { metadata: { uid }, spec: { containers }, status }: Stored<Pod>,
): string | undefined {
  if (status?.phase !== "Running" || containers.some(({ name }) => answers(uid, name))) return undefined;
  return !runs(uid) || containers.some(({ readinessProbe }) => readinessProbe)
    ? "it answers nobody"
    : "it answers nobody yet, and without a readiness probe nobody finds out";
}

/** What a pod that runs lacks for being ready: what a probe last said of it, or how its container ended. */
function whyUnready({ cluster }: Simulation, { metadata, status }: Stored<Pod>): string | undefined {
  if (metadata.deletionTimestamp) return undefined;
  const waiting = status?.containerStatuses?.find(({ state }) => /Err/.test(state.waiting?.reason ?? ""));
  if (waiting?.state.waiting?.message) return waiting.state.waiting.message.trimEnd();
  const said = cluster.client
    .list("Event")
    .filter(
      ({ involvedObject, reason, message }) =>
        involvedObject.uid === metadata.uid && (reason === "Unhealthy" || / failed \w+ probe/.test(message)),
    )
    .sort((a, b) => Number(a.reason === "Killing") - Number(b.reason === "Killing"));
  const last = said.at(-1)?.message;
  if (last !== undefined) return last.trimEnd();
  const ended = status?.containerStatuses?.find(({ lastState }) => lastState.terminated);
  const { exitCode, reason } = ended?.lastState.terminated ?? {};
  if (!ended || exitCode === undefined) return undefined;
  return `container ${ended.name} exited with ${exitCode}${reason && reason !== "Error" ? ` (${reason})` : ""}`;
}

function endpointsOf(
  client: Client,
  metadata: { readonly namespace?: string; readonly name: string },
): number {
  const subsets = client.get("Endpoints", metadata.namespace, metadata.name)?.subsets ?? [];
  return new Set(subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip))).size;
}

function lost({ faults }: Simulation, node: string): { readonly lost?: "dead" | "cut off" } {
  if (faults.dead.has(node)) return { lost: "dead" };
  return faults.cut.has(node) ? { lost: "cut off" } : {};
}
