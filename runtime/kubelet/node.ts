import type { Condition, Node, NodeStatus, ResourceList } from "../../model/core.ts";
import { timestamp } from "../../model/meta.ts";
import type { Machine } from "../environment.ts";

/** The version of Kubernetes whose rules this kubelet keeps. */
export const kubernetesVersion = "v1.36.2";
/** The most pods of a node that does not say (Kubernetes' `maxPods`). */
const maximumPods = "110";

const healthy = [
  ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
] as const;

/**
 * What a kubelet says of its node. Capacity is what the node's object declares, and the machine's for the rest; all
 * of it can be allocated. Heartbeat times are those of `now`.
 */
export function nodeStatus(
  node: Node,
  machine: Machine,
  address: string | undefined,
  runtimeVersion: string,
  now: number,
): NodeStatus {
  const capacity: ResourceList = { pods: maximumPods, ...machine.capacity, ...node.status?.capacity };
  const version = `${kubernetesVersion}+kdsl.${runtimeVersion.split("://")[1] ?? runtimeVersion}`;
  return {
    ...node.status,
    phase: "Running",
    capacity,
    allocatable: capacity,
    conditions: nodeConditions(node.status?.conditions ?? [], now),
    addresses: [
      ...(address === undefined ? [] : [{ type: "InternalIP" as const, address }]),
      { type: "Hostname", address: node.metadata.name },
    ],
    nodeInfo: {
      ...machine.info,
      containerRuntimeVersion: runtimeVersion,
      kubeletVersion: version,
    },
  };
}

function nodeConditions(previous: readonly Condition[], now: number): readonly Condition[] {
  const own = healthy.map(([type, status, reason, message]): Condition => {
    const known = previous.find((each) => each.type === type);
    const since = known?.status === status ? known.lastTransitionTime : undefined;
    return {
      type,
      status,
      lastHeartbeatTime: timestamp(now),
      lastTransitionTime: since ?? timestamp(now),
      reason,
      message,
    };
  });
  return [...previous.filter(({ type }) => !healthy.some(([name]) => name === type)), ...own];
}

/** Whether two statuses say the same, heartbeat times aside. */
export function withoutHeartbeats(status: NodeStatus | undefined): NodeStatus | undefined {
  return (
    status && {
      ...status,
      conditions: (status.conditions ?? []).map(({ lastHeartbeatTime: _, ...rest }) => rest),
    }
  );
}
