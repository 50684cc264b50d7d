import type { Node } from "../../model/core.ts";
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
 * whether it wrote.
 */
export function postNodeStatus(
  node: Stored<Node>,
  client: Client,
  environment: Environment,
  anew: boolean,
): boolean {
  const now = environment.clock.now();
  const address = addressOf(node, environment);
  const status = nodeStatus(node, environment.machine, address, environment.driver.runtimeVersion, now);
  if (!anew && equalStructure(withoutHeartbeats(status), withoutHeartbeats(node.status))) return false;
  client.updateStatus({ ...node, status });
  return true;
}

/** The address of a node, by the block of pod addresses that it has. */
export function addressOf(node: Node, { network }: Pick<Environment, "network">): string | undefined {
  return node.spec.podCIDR === undefined ? undefined : nodeAddress(network, node.spec.podCIDR);
}
