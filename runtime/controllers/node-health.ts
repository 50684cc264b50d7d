import type { Condition, Node, Pod } from "../../model/core.ts";
import { parseTimestamp, type Stored, timestamp } from "../../model/meta.ts";
import { condition } from "../../model/pod.ts";
import { setCondition } from "../client/conditions.ts";

/** How long a node may be silent, in milliseconds; before it was ever heard of, longer. */
const GRACE = 50_000;
const STARTUP_GRACE = 60_000;
/** Silence is looked for at multiples of this (`NodeMonitorPeriod`), in milliseconds. */
const MONITOR_PERIOD = 5_000;

const monitored = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/** When a node that is heard of no more at `heard` is called unknown: the first look after its grace. In milliseconds. */
export function deadline(node: Node, heard: number): number {
  const grace = condition(node.status?.conditions, "Ready") ? GRACE : STARTUP_GRACE;
  return heard + Math.ceil((grace + 1) / MONITOR_PERIOD) * MONITOR_PERIOD;
}

/** Conditions of a node whose kubelet is silent: Unknown, each with why. `now` in milliseconds. */
export function silentConditions(node: Stored<Node>, now: number): readonly Condition[] {
  let conditions = node.status?.conditions ?? [];
  for (const type of monitored) {
    const before = condition(conditions, type);
    if (before?.status === "Unknown") continue;
    const [reason, message] = before
      ? ["NodeStatusUnknown", "Kubelet stopped posting node status."]
      : ["NodeStatusNeverUpdated", "Kubelet never posted node status."];
    const lastHeartbeatTime = before?.lastHeartbeatTime ?? node.metadata.creationTimestamp;
    conditions = setCondition(
      conditions,
      { type, status: "Unknown", reason, message, lastHeartbeatTime },
      now,
    );
  }
  return conditions;
}

/** Conditions of a pod on a node that is not ready: not ready either; undefined where nothing changes. */
export function unreadyConditions(pod: Pod, now: number): readonly Condition[] | undefined {
  const conditions = pod.status?.conditions ?? [];
  const index = conditions.findIndex(({ type }) => type === "Ready");
  const ready = conditions[index];
  if (!ready || ready.status === "False") return undefined;
  return conditions.with(index, { ...ready, status: "False", lastTransitionTime: timestamp(now) });
}

/** What changes when a kubelet posts: the newest heartbeat in a node's conditions, in milliseconds. */
export function lastHeartbeat(node: Node): number {
  const times = (node.status?.conditions ?? []).map(
    ({ lastHeartbeatTime }) => parseTimestamp(lastHeartbeatTime) ?? 0,
  );
  return Math.max(0, ...times);
}
