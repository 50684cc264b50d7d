import type { Node, Pod } from "../../../model/core.ts";
import { type KindInfo, type Stored, timestamp } from "../../../model/meta.ts";
import { formatMemory, parseQuantity } from "../../../model/quantity.ts";
import { column, nameColumn, type RowTable } from "../tables/table.ts";
import type { ContainerUsage, Measurement } from "./usage.ts";

/** `NodeMetrics` and `PodMetrics` of `metrics.k8s.io/v1beta1`, as metrics-server makes them. */

export const metricsVersion = { group: "metrics.k8s.io", version: "v1beta1" } as const;
const apiVersion = "metrics.k8s.io/v1beta1";

export interface ResourceUsage {
  /** In billionths of a core: `12345678n`, or in a larger unit that says the same. */
  readonly cpu: string;
  /** In kibibytes: `5120Ki`, or in a larger unit that says the same. */
  readonly memory: string;
}

interface Measured {
  readonly apiVersion: typeof apiVersion;
  readonly metadata: Stored["metadata"];
  /** The end of the window. */
  readonly timestamp: string;
  /** A duration as Go writes it: `15.01s`. */
  readonly window: string;
}

export interface NodeMetrics extends Measured {
  readonly kind: "NodeMetrics";
  readonly usage: ResourceUsage;
}

export interface PodMetrics extends Measured {
  readonly kind: "PodMetrics";
  readonly containers: readonly { readonly name: string; readonly usage: ResourceUsage }[];
}

export const metricsKinds = {
  nodes: metricsInfo("NodeMetrics", "nodes", false),
  pods: metricsInfo("PodMetrics", "pods", true),
} as const;

function metricsInfo(kind: string, plural: string, namespaced: boolean): KindInfo {
  return { kind, apiVersion, plural, singular: "", shortNames: [], namespaced, categories: [] };
}

/** `measurement` is of its containers alone; of one that does not run there is nothing in it. */
export function podMetrics(pod: Stored<Pod>, measurement: Measurement, now: number): PodMetrics {
  const order = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ name }) => name);
  return {
    kind: "PodMetrics",
    ...measured(pod, widest(measurement), now),
    containers: measurement.containers
      .toSorted((a, b) => order.indexOf(a.container) - order.indexOf(b.container))
      .map((usage) => ({ name: usage.container, usage: resourceUsage([usage]) })),
  };
}

/** What its pods use: a node here is a part of a machine, and has no processes beside theirs. */
export function nodeMetrics(node: Stored<Node>, measurement: Measurement, now: number): NodeMetrics {
  return {
    kind: "NodeMetrics",
    ...measured(node, measurement, now),
    usage: resourceUsage(measurement.containers),
  };
}

/** A container that was started meanwhile has been measured for a shorter time than all. */
function widest({ containers, ...whole }: Measurement): Omit<Measurement, "containers"> {
  const [first, ...others] = containers;
  if (!first) return whole;
  return others.reduce((a, b) => (b.windowMilliseconds > a.windowMilliseconds ? b : a), first);
}

function measured(
  object: Stored,
  { at, windowMilliseconds }: Omit<Measurement, "containers">,
  now: number,
): Measured {
  const { name, namespace, labels } = object.metadata;
  return {
    apiVersion,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      creationTimestamp: timestamp(now),
      ...(labels && { labels }),
    } as Stored["metadata"],
    timestamp: timestamp(at),
    window: goDuration(windowMilliseconds),
  };
}

function resourceUsage(usages: readonly ContainerUsage[]): ResourceUsage {
  const total = (of: (usage: ContainerUsage) => number) => usages.reduce((sum, each) => sum + of(each), 0);
  return {
    cpu: formatNanocores(total(({ nanocores }) => nanocores)),
    memory: formatMemory(Math.ceil(total(({ memoryBytes }) => memoryBytes) / 1024) * 1024),
  };
}

/** The largest decimal unit that divides it, as `resource.Quantity` is written. */
export function formatNanocores(nanocores: number): string {
  for (const [unit, size] of [
    ["", 1e9],
    ["m", 1e6],
    ["u", 1e3],
  ] as const)
    if (nanocores % size === 0) return `${nanocores / size}${unit}`;
  return `${nanocores}n`;
}

/** Go's `time.Duration.String` of whole milliseconds: `850ms`, `1.02s`, `1m2.5s`, `1h0m0s`. */
export function goDuration(milliseconds: number): string {
  if (milliseconds === 0) return "0s";
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = `${(milliseconds % 60_000) / 1000}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

const usageColumns = [
  { ...column("cpu", "The processor time that is used, in cores."), format: "quantity" },
  { ...column("memory", "The memory that is used."), format: "quantity" },
  { ...column("Window", "The time over which the processor was measured."), format: "duration" },
] as const;

export const nodeMetricsTable: RowTable<NodeMetrics> = {
  columns: [nameColumn, ...usageColumns],
  row: ({ metadata, usage, window }) => [metadata.name, usage.cpu, usage.memory, window],
};

export const podMetricsTable: RowTable<PodMetrics> = {
  columns: [nameColumn, ...usageColumns],
  row: ({ metadata, containers, window }) => {
    const total = (of: keyof ResourceUsage) =>
      containers.reduce((sum, { usage }) => sum + (parseQuantity(usage[of]) ?? 0n), 0n);
    return [
      metadata.name,
      formatNanocores(Number(total("cpu"))),
      formatMemory(Number(total("memory") / 1_000_000_000n)),
      window,
    ];
  },
};
