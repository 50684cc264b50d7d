import type { Node } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { ApiError, type Client } from "../client/client.ts";
import { equalStructure } from "../client/structure.ts";
import type { Environment } from "../environment.ts";
import { nodeAddress } from "../network/nodes.ts";
import { nodeStatus, withoutHeartbeats } from "./node.ts";

/** How long a lease holds, and how often it is renewed (Kubernetes' `nodeLeaseDurationSeconds` and a quarter of it). */
const leaseSeconds = 40;
export const leasePeriod = 10_000;
const leaseNamespace = "kube-node-lease";
/** How often a status that has not changed is posted all the same (`nodeStatusReportFrequency`). */
export const statusPeriod = 5 * 60_000;

/**
 * Makes the node's object say what the kubelet knows of the node: when something has changed, or when `posted` (the
 * instant of the last post) is five minutes ago. Gives the instant of the last post.
 */
export function syncNodeStatus(
  node: Stored<Node>,
  client: Client,
  environment: Environment,
  posted: number,
): number {
  const now = environment.clock.now();
  const address = addressOf(node, environment);
  const status = nodeStatus(node, environment.machine, address, environment.driver.runtimeVersion, now);
  const same = equalStructure(withoutHeartbeats(status), withoutHeartbeats(node.status));
  if (same && now < posted + statusPeriod) return posted;
  client.updateStatus({ ...node, status });
  return now;
}

/** The address of a node, by the block of pod addresses that it has. */
export function addressOf(node: Node, { network }: Pick<Environment, "network">): string | undefined {
  return node.spec.podCIDR === undefined ? undefined : nodeAddress(network, node.spec.podCIDR);
}

/** Says that the kubelet is alive. A lease that is missing is made, and its namespace before it. */
export function renewLease(node: Stored<Node>, client: Client, now: number): void {
  const { name, uid } = node.metadata;
  const renewTime = microTimestamp(now);
  const lease = client.get("Lease", leaseNamespace, name);
  if (lease) {
    client.update({ ...lease, spec: { ...lease.spec, holderIdentity: name, renewTime } });
    return;
  }
  if (!client.get("Namespace", undefined, leaseNamespace)) {
    try {
      client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: leaseNamespace } });
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === "AlreadyExists")) throw error;
    }
  }
  client.create({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name,
      namespace: leaseNamespace,
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime },
  });
}

/** RFC 3339 with microseconds, as Kubernetes writes `metav1.MicroTime`. */
function microTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "000Z");
}
