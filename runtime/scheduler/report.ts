import type { Clock } from "../../base/clock.ts";
import type { Pod } from "../../model/core.ts";
import { type Stored, timestamp } from "../../model/meta.ts";
import { condition } from "../../model/pod.ts";
import { ApiError, type Client } from "../client/client.ts";
import { setCondition } from "../client/conditions.ts";
import { eventText } from "./message.ts";

export const component = "default-scheduler";

/** What the scheduler writes of pods that it did not place, and of those that have to make room. */
export interface Reporter {
  /** Says in an event and a condition why the pod has no node; `nominated` is the node where room is made for it. */
  failed(pod: Stored<Pod>, reason: string, message: string, nominated?: string): void;
  /** Deletes a pod, gracefully, for the sake of another. */
  preempt(victim: Stored<Pod>, preemptor: Stored<Pod>, node: string): void;
  /** The room that was held for this pod is now another's. */
  unnominate(pod: Stored<Pod>): void;
}

export function createReporter({
  client,
  clock,
  place,
}: {
  readonly client: Client;
  readonly clock: Clock;
  readonly place?: (pod: Pod) => string | undefined;
}): Reporter {
  function failed(pod: Stored<Pod>, reason: string, message: string, nominated?: string): void {
    client.event(pod, component, "Warning", "FailedScheduling", eventText(message, place?.(pod)));
    const current = client.get("Pod", pod.metadata.namespace, pod.metadata.name);
    if (current?.metadata.uid !== pod.metadata.uid || current.spec.nodeName) return;
    const before = condition(current.status?.conditions, "PodScheduled");
    const same = before?.status === "False" && before.reason === reason && before.message === message;
    if (same && current.status?.nominatedNodeName === nominated) return;
    const since = before?.status === "False" ? before.lastTransitionTime : undefined;
    const scheduled = {
      type: "PodScheduled",
      status: "False" as const,
      lastProbeTime: null,
      lastTransitionTime: since ?? timestamp(clock.now()),
      reason,
      message,
    };
    const others = (current.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
    const { nominatedNodeName: _, ...status } = current.status ?? {};
    client.updateStatus({
      ...current,
      status: {
        ...status,
        phase: status.phase ?? "Pending",
        conditions: [...others, scheduled],
        ...(nominated === undefined ? {} : { nominatedNodeName: nominated }),
      },
    });
  }

  function preempt(victim: Stored<Pod>, preemptor: Stored<Pod>, node: string): void {
    const { namespace, name, uid } = victim.metadata;
    const current = client.get("Pod", namespace, name);
    // One that is being deleted already makes room as it is.
    if (current?.metadata.uid !== uid || current.metadata.deletionTimestamp !== undefined) return;
    const target = {
      type: "DisruptionTarget",
      status: "True" as const,
      reason: "PreemptionByScheduler",
      message: `${preemptor.spec.schedulerName ?? component}: preempting to accommodate a higher priority pod`,
    };
    const conditions = setCondition(current.status?.conditions, target, clock.now());
    client.updateStatus({ ...current, status: { ...current.status, conditions } });
    client.delete("Pod", namespace, name, { preconditions: { uid } });
    const text = `Preempted by pod ${preemptor.metadata.uid} on node ${node}`;
    client.event(victim, component, "Normal", "Preempted", text);
  }

  function unnominate(pod: Stored<Pod>): void {
    const current = client.get("Pod", pod.metadata.namespace, pod.metadata.name);
    if (current?.metadata.uid !== pod.metadata.uid || current.status?.nominatedNodeName === undefined) return;
    const { nominatedNodeName: _, ...status } = current.status;
    client.updateStatus({ ...current, status });
  }

  return {
    failed: (...given) => whileThere(() => failed(...given)),
    preempt: (...given) => whileThere(() => preempt(...given)),
    unnominate: (pod) => whileThere(() => unnominate(pod)),
  };
}

/** What is gone meanwhile needs nothing more. */
function whileThere(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ApiError && (error.reason === "NotFound" || error.reason === "Conflict")))
      throw error;
  }
}
