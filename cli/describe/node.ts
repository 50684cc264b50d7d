import type { Event, Lease, Node, Pod, ResourceList } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { podLimits, podRequests } from "../../model/pod.ts";
import { formatAmount, resourceAmount } from "../../model/quantity.ts";
import { ageOf } from "../../runtime/apiserver/tables/age.ts";
import { nodeRoles } from "../../runtime/apiserver/tables/nodes.ts";
import { writeEvents } from "./events.ts";
import { type DescriptionWriter, longTime, writeAnnotations, writeList, writeMap } from "./writer.ts";

/** What `kubectl describe node` shows. */
export interface NodeDescription {
  readonly node: Stored<Node>;
  readonly lease?: Lease;
  /** Those on the node that have not ended. */
  readonly pods: readonly Stored<Pod>[];
  readonly events: readonly Event[];
}

export function describeNode(
  writer: DescriptionWriter,
  { node, lease, pods, events }: NodeDescription,
  now: number,
): void {
  const { metadata, spec, status = {} } = node;
  writer.line(0, "Name:", metadata.name);
  writer.line(0, "Roles:", nodeRoles(node).join(",") || "<none>");
  writeMap(writer, 0, "Labels:", metadata.labels);
  writeAnnotations(writer, 0, "Annotations:", metadata.annotations);
  writer.line(0, "CreationTimestamp:", longTime(metadata.creationTimestamp));
  const taints = (spec.taints ?? []).map(
    ({ key, value, effect }) => `${key}${value ? `=${value}` : ""}:${effect}`,
  );
  writeList(writer, 0, "Taints:", taints);
  writer.line(0, "Unschedulable:", String(spec.unschedulable ?? false));
  writeLease(writer, lease);
  writeConditions(writer, node);
  writeAddresses(writer, node);
  writeResources(writer, "Capacity:", status.capacity);
  writeResources(writer, "Allocatable:", status.allocatable);
  writeSystemInfo(writer, node);
  if (spec.podCIDR) {
    writer.line(0, "PodCIDR:", spec.podCIDR);
    writer.line(0, "PodCIDRs:", (spec.podCIDRs ?? [spec.podCIDR]).join(","));
  }
  if (spec.providerID) writer.line(0, "ProviderID:", spec.providerID);
  writePods(writer, node, pods, now);
  writeAllocated(writer, node, pods);
  writeEvents(writer, events, now);
}

function writeLease(writer: DescriptionWriter, lease: Lease | undefined): void {
  writer.line(0, "Lease:");
  writer.line(1, "HolderIdentity:", lease?.spec.holderIdentity ?? "<unset>");
  writer.line(1, "AcquireTime:", longTime(lease?.spec.acquireTime));
  writer.line(1, "RenewTime:", longTime(lease?.spec.renewTime));
}

function writeConditions(writer: DescriptionWriter, { status }: Node): void {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return;
  const titles = ["Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message"];
  writer.line(0, "Conditions:");
  writer.line(1, ...titles);
  writer.line(1, ...titles.map((title) => "-".repeat(title.length)));
  for (const each of conditions) {
    const times = [each.lastHeartbeatTime, each.lastTransitionTime].map(longTime);
    // kubectl sets a blank after each of these, which widens the columns.
    const cells = [each.type, each.status, ...times, each.reason ?? ""].map((cell) => `${cell} `);
    writer.line(1, ...cells, each.message ?? "");
  }
}

function writeAddresses(writer: DescriptionWriter, { status }: Node): void {
  const addresses = status?.addresses ?? [];
  if (addresses.length === 0) return;
  writer.line(0, "Addresses:");
  for (const { type, address } of addresses) writer.line(1, `${type}:`, address);
}

function writeResources(writer: DescriptionWriter, title: string, resources: ResourceList = {}): void {
  const names = Object.keys(resources).sort();
  if (names.length === 0) return;
  writer.line(0, title);
  for (const name of names) writer.line(1, `${name}:`, resources[name]!);
}

function writeSystemInfo(writer: DescriptionWriter, { status }: Node): void {
  const info = status?.nodeInfo;
  writer.line(0, "System Info:");
  const rows: [string, string | undefined][] = [
    ["Machine ID", info?.machineID],
    ["System UUID", info?.systemUUID],
    ["Boot ID", info?.bootID],
    ["Kernel Version", info?.kernelVersion],
    ["OS Image", info?.osImage],
    ["Operating System", info?.operatingSystem],
    ["Architecture", info?.architecture],
    ["Container Runtime Version", info?.containerRuntimeVersion],
    ["Kubelet Version", info?.kubeletVersion],
    ["Kube-Proxy Version", info?.kubeProxyVersion],
  ];
  for (const [title, value] of rows) writer.line(1, `${title}:`, value ?? "");
}

/** `250m (6%)`: an amount and its share of what the node has to give, cut to whole percents. */
function share(node: Node, resource: string, amount: number): string {
  const whole = resourceAmount(resource, allocatable(node)[resource]);
  const percent = whole > 0 ? Math.trunc((amount / whole) * 100) : 0;
  return `${formatAmount(resource, amount)} (${percent}%)`;
}

function allocatable({ status }: Node): ResourceList {
  const resources = status?.allocatable ?? {};
  return Object.keys(resources).length > 0 ? resources : (status?.capacity ?? {});
}

function writePods(writer: DescriptionWriter, node: Node, pods: readonly Stored<Pod>[], now: number): void {
  writer.line(0, "Non-terminated Pods:", `(${pods.length} in total)`);
  const titles = ["CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age"];
  writer.line(1, "Namespace", "Name", ...withoutFirstTab(titles));
  writer.line(1, "---------", "----", ...withoutFirstTab(titles.map((title) => "-".repeat(title.length))));
  for (const pod of pods) {
    const requests = podRequests(pod.spec);
    const limits = podLimits(pod.spec);
    const columns = ["cpu", "memory"].flatMap((resource) => [
      share(node, resource, requests[resource] ?? 0),
      share(node, resource, limits[resource] ?? 0),
    ]);
    writer.line(
      1,
      pod.metadata.namespace ?? "",
      pod.metadata.name,
      ...withoutFirstTab([...columns, ageOf(pod.metadata.creationTimestamp, now)]),
    );
  }
}

/** kubectl sets two tabs between the names and the numbers: an empty column. */
function withoutFirstTab(cells: readonly string[]): readonly string[] {
  return ["", ...cells];
}

function writeAllocated(writer: DescriptionWriter, node: Node, pods: readonly Stored<Pod>[]): void {
  writer.line(0, "Allocated resources:");
  writer.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
  writer.line(1, "Resource", "Requests", "Limits");
  writer.line(1, "--------", "--------", "------");
  const sum = (of: (spec: Pod["spec"]) => Record<string, number>, resource: string) =>
    pods.reduce((total, pod) => total + (of(pod.spec)[resource] ?? 0), 0);
  const others = Object.keys(allocatable(node)).filter(
    (name) => !["cpu", "memory", "ephemeral-storage", "pods"].includes(name),
  );
  for (const resource of ["cpu", "memory", "ephemeral-storage", ...others.sort()]) {
    const requests = sum(podRequests, resource);
    const limits = sum(podLimits, resource);
    const plain = others.includes(resource);
    writer.line(
      1,
      resource,
      plain ? formatAmount(resource, requests) : share(node, resource, requests),
      plain ? formatAmount(resource, limits) : share(node, resource, limits),
    );
  }
}
