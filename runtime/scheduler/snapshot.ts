import type { Node, Pod, PodSpec } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { type HostPort, hostPorts } from "../../model/placement.ts";
import { isTerminal, podRequests } from "../../model/pod.ts";
import { resourceAmount } from "../../model/quantity.ts";

/** What the scheduler knows of a pod: its spec, summed up once. Amounts as `resourceAmount` counts them. */
export interface PodInfo {
  readonly pod: Stored<Pod>;
  readonly demand: Demand;
}

export interface Demand {
  readonly requests: Readonly<Record<string, number>>;
  /** For scoring only: containers that request nothing count as 100m and 200 MiB (Kubernetes' `GetNonzeroRequests`). */
  readonly scoredCpu: number;
  readonly scoredMemory: number;
  readonly ports: readonly HostPort[];
}

/** A node with what stands on it, kept up to date one pod at a time. */
export interface NodeInfo {
  readonly name: string;
  readonly node: Stored<Node>;
  readonly allocatable: Readonly<Record<string, number>>;
  readonly pods: ReadonlyMap<string, PodInfo>;
  readonly requested: Readonly<Record<string, number>>;
  readonly scoredCpu: number;
  readonly scoredMemory: number;
}

interface Entry {
  readonly name: string;
  node: Stored<Node> | undefined;
  allocatable: Record<string, number>;
  readonly pods: Map<string, PodInfo>;
  readonly requested: Record<string, number>;
  scoredCpu: number;
  scoredMemory: number;
}

const defaultMilliCpu = 100;
const defaultMemory = 200 * 1024 * 1024;

/** Pods of one template share their spec, so each shape is summed up once. */
const demands = new WeakMap<PodSpec, Demand>();

export function demandOf(spec: PodSpec): Demand {
  const known = demands.get(spec);
  if (known) return known;
  const demand: Demand = {
    requests: podRequests(spec),
    scoredCpu: scored(spec, "cpu", defaultMilliCpu),
    scoredMemory: scored(spec, "memory", defaultMemory),
    ports: hostPorts(spec),
  };
  demands.set(spec, demand);
  return demand;
}

function scored(spec: PodSpec, resource: string, absent: number): number {
  const of = (container: PodSpec["containers"][number]) => {
    const request = container.resources?.requests?.[resource];
    return request === undefined ? absent : resourceAmount(resource, request);
  };
  const sum = spec.containers.reduce((total, container) => total + of(container), 0);
  return (spec.initContainers ?? []).reduce((peak, container) => Math.max(peak, of(container)), sum);
}

/** All nodes with the pods on them. A pod counts while it is bound and has not ended. */
export interface Snapshot {
  /** In order of name. */
  nodes(): readonly NodeInfo[];
  node(name: string): NodeInfo | undefined;
  /** Takes over what stands in the store now; undefined where there is no such node any more. */
  setNode(name: string, node: Stored<Node> | undefined): void;
  /** Takes over what stands in the store now under this key; gives the name of a node on which room was freed. */
  setPod(key: string, pod: Stored<Pod> | undefined): string | undefined;
}

export function createSnapshot(): Snapshot {
  const entries = new Map<string, Entry>();
  const placed = new Map<string, { readonly node: string; readonly info: PodInfo }>();
  let sorted: readonly NodeInfo[] | undefined;

  function entry(name: string): Entry {
    let found = entries.get(name);
    if (!found) {
      const pods = new Map<string, PodInfo>();
      found = { name, node: undefined, allocatable: {}, pods, requested: {}, scoredCpu: 0, scoredMemory: 0 };
      entries.set(name, found);
    }
    return found;
  }

  function count(node: string, info: PodInfo, sign: 1 | -1): void {
    const target = entry(node);
    if (sign > 0) target.pods.set(info.pod.metadata.uid, info);
    else target.pods.delete(info.pod.metadata.uid);
    for (const [resource, amount] of Object.entries(info.demand.requests)) {
      target.requested[resource] = (target.requested[resource] ?? 0) + sign * amount;
    }
    target.scoredCpu += sign * info.demand.scoredCpu;
    target.scoredMemory += sign * info.demand.scoredMemory;
    if (!target.node && target.pods.size === 0) entries.delete(node);
  }

  return {
    nodes() {
      sorted ??= [...entries.values()]
        .filter((each): each is Entry & { node: Stored<Node> } => each.node !== undefined)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      return sorted;
    },
    node(name) {
      const found = entries.get(name);
      return found?.node ? (found as NodeInfo) : undefined;
    },
    setNode(name, node) {
      const target = entry(name);
      if ((target.node === undefined) !== (node === undefined)) sorted = undefined;
      target.node = node;
      target.allocatable = {};
      for (const [resource, quantity] of Object.entries(node?.status?.allocatable ?? {})) {
        target.allocatable[resource] = resourceAmount(resource, quantity);
      }
      if (!node && target.pods.size === 0) entries.delete(name);
    },
    setPod(key, pod) {
      const before = placed.get(key);
      const node = pod && !isTerminal(pod) ? pod.spec.nodeName : undefined;
      if (before) count(before.node, before.info, -1);
      if (pod && node) {
        const info: PodInfo = { pod, demand: demandOf(pod.spec) };
        placed.set(key, { node, info });
        count(node, info, 1);
      } else {
        placed.delete(key);
      }
      const stays =
        before !== undefined && before.node === node && before.info.pod.metadata.uid === pod?.metadata.uid;
      return before && !stays ? before.node : undefined;
    },
  };
}
