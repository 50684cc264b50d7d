import type { Node } from "../../../model/core.ts";
import { condition } from "../../../model/pod.ts";
import { ageOf } from "./age.ts";
import { ageColumn, column, type KindTable, nameColumn } from "./table.ts";

export const nodeTable: KindTable<"Node"> = {
  columns: [
    nameColumn,
    column("Status", "Whether the node is ready, and whether it takes new pods."),
    column("Roles", "The roles of the node."),
    ageColumn,
    column("Version", "The version of the node's kubelet."),
    column("Internal-IP¹", "The address of the node inside of the cluster."),
    column("External-IP¹", "The address of the node from outside."),
    column("OS-Image¹", "The operating system of the node."),
    column("Kernel-Version¹", "The version of the node's kernel."),
    column("Container-Runtime¹", "What runs the containers of the node, and its version."),
  ],
  row: (node, { now }) => [
    node.metadata.name,
    statusText(node),
    nodeRoles(node).join(",") || "<none>",
    ageOf(node.metadata.creationTimestamp, now),
    node.status?.nodeInfo?.kubeletVersion ?? "",
    addressOf(node, "InternalIP"),
    addressOf(node, "ExternalIP"),
    node.status?.nodeInfo?.osImage || "<unknown>",
    node.status?.nodeInfo?.kernelVersion || "<unknown>",
    node.status?.nodeInfo?.containerRuntimeVersion || "<unknown>",
  ],
};

function statusText(node: Node): string {
  const ready = condition(node.status?.conditions, "Ready");
  const status = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return node.spec.unschedulable ? `${status},SchedulingDisabled` : status;
}

/** From the labels `node-role.kubernetes.io/ROLE` and `kubernetes.io/role: ROLE`, sorted. */
export function nodeRoles(node: Node): string[] {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith("node-role.kubernetes.io/")) roles.add(key.slice("node-role.kubernetes.io/".length));
    else if (key === "kubernetes.io/role" && value !== "") roles.add(value);
  }
  roles.delete("");
  return [...roles].sort();
}

function addressOf(node: Node, type: "InternalIP" | "ExternalIP"): string {
  return node.status?.addresses?.find((address) => address.type === type)?.address ?? "<none>";
}
