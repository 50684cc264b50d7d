import type { Condition, Node, NodeStatus, ResourceList } from "../../model/core.ts";
import { timestamp } from "../../model/meta.ts";
import { resourceAmount } from "../../model/quantity.ts";
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
const pressed = {
  MemoryPressure: ["KubeletHasInsufficientMemory", "kubelet has insufficient memory available"],
  DiskPressure: ["KubeletHasDiskPressure", "kubelet has disk pressure"],
  PIDPressure: ["KubeletHasInsufficientPID", "kubelet has insufficient PID available"],
} as const;

/**
 * What a kubelet says of its node. Capacity is what the node's object declares, and the machine's for the rest; all
 * of it can be allocated unless the object declares less. Heartbeat times are those of `now`.
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
    allocatable: allocatableOf(capacity, node.status?.allocatable),
    conditions: nodeConditions(node.status?.conditions ?? [], machine.pressure?.() ?? [], now),
    addresses: addressesOf(node, address),
    nodeInfo: {
      ...machine.info,
      containerRuntimeVersion: runtimeVersion,
      kubeletVersion: version,
    },
  };
}

function allocatableOf(capacity: ResourceList, declared: ResourceList = {}): ResourceList {
  const least = (name: string, all: string) => {
    const own = declared[name];
    return own !== undefined && resourceAmount(name, own) < resourceAmount(name, all) ? own : all;
  };
  return Object.fromEntries(Object.entries(capacity).map(([name, all]) => [name, least(name, all)]));
}

/** Where the node is reached from inside is the kubelet's to say; other addresses are those that were declared. */
function addressesOf(node: Node, address: string | undefined): NonNullable<NodeStatus["addresses"]> {
  const declared = (node.status?.addresses ?? []).filter(({ type }) => type !== "InternalIP");
  const named = declared.some(({ type }) => type === "Hostname");
  return [
    ...(address === undefined ? [] : [{ type: "InternalIP" as const, address }]),
    ...(named ? [] : [{ type: "Hostname" as const, address: node.metadata.name }]),
    ...declared,
  ];
}

function nodeConditions(
  previous: readonly Condition[],
  pressure: readonly (keyof typeof pressed)[],
  now: number,
): readonly Condition[] {
  const own = healthy.map(([type, well, goodReason, goodMessage]): Condition => {
    const short = pressure.find((each) => each === type);
    const status = short ? "True" : well;
    const [reason, message] = short ? pressed[short] : [goodReason, goodMessage];
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
