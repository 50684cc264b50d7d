import type { Condition, Node } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import type { Client } from "../client/client.ts";
import { equalStructure } from "../client/structure.ts";
import type { Environment } from "../environment.ts";
import { nodeAddress } from "../network/nodes.ts";
import { nodeStatus, withoutHeartbeats } from "./node.ts";

/** How often a status that has not changed is posted all the same (`nodeStatusReportFrequency`). */
export const statusPeriod = 5 * 60_000;

/**
 * Makes the node's object say what the kubelet knows of the node, where it says anything else or `anew` is set. Gives
 * what it wrote.
 */
export function postNodeStatus(
  node: Stored<Node>,
  client: Client,
  environment: Environment,
  anew: boolean,
): Stored<Node> | undefined {
  const now = environment.clock.now();
  const address = addressOf(node, environment);
  const status = nodeStatus(node, environment.machine, address, environment.driver.runtimeVersion, now);
  if (!anew && equalStructure(withoutHeartbeats(status), withoutHeartbeats(node.status))) return undefined;
  return client.updateStatus<"Node">({ ...node, status });
}

/**
 * Labels by which pods choose a machine: a node without them, or with others, gets those of its machine
 * (`updateDefaultLabels`). Gives the node as it is then.
 */
export function labelNode(node: Stored<Node>, client: Client, { machine }: Environment): Stored<Node> {
  const labels: Record<string, string> = {
    ...node.metadata.labels,
    "kubernetes.io/arch": machine.info.architecture,
    "kubernetes.io/os": machine.info.operatingSystem,
  };
  labels["kubernetes.io/hostname"] ??= node.metadata.name;
  if (equalStructure(labels, node.metadata.labels)) return node;
  return client.update<"Node">({ ...node, metadata: { ...node.metadata, labels } });
}

/** What is told when a condition of the node becomes false or true. */
const changes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MemoryPressure: { False: "NodeHasSufficientMemory", True: "NodeHasInsufficientMemory" },
  DiskPressure: { False: "NodeHasNoDiskPressure", True: "NodeHasDiskPressure" },
  PIDPressure: { False: "NodeHasSufficientPID", True: "NodeHasInsufficientPID" },
  Ready: { False: "NodeNotReady", True: "NodeReady" },
};

/** The reasons of the events by which a kubelet tells that its node's conditions have changed. */
export function conditionChanges(
  before: readonly Condition[] = [],
  after: readonly Condition[] = [],
): string[] {
  return after.flatMap(({ type, status }) => {
    const same = before.find((each) => each.type === type)?.status === status;
    return same ? [] : (changes[type]?.[status] ?? []);
  });
}

/** The address of a node, by the block of pod addresses that it has. */
export function addressOf(node: Node, { network }: Pick<Environment, "network">): string | undefined {
  return node.spec.podCIDR === undefined ? undefined : nodeAddress(network, node.spec.podCIDR);
}
