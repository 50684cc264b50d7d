import { seededRandom } from "../../base/random.ts";
import type { Node, Pod } from "../../model/core.ts";
import type { Plan } from "../../model/plan.ts";
import { resourceAmount } from "../../model/quantity.ts";
import { createPlacement } from "../../runtime/simulator/placement/place.ts";
import { nodeUses, qualityOf } from "../../runtime/simulator/placement/quality.ts";

/**
 * Traces in the format of OpenB (alibaba/clusterdata, cluster-trace-gpu-v2023): a list of nodes and a list of pods as CSV.
 * Parts of a GPU are counted in thousandths over a whole node, since Kubernetes' extended resources know no single devices.
 */
export interface Trace {
  readonly nodes: readonly Node[];
  /** In the order in which they came. */
  readonly pods: readonly Pod[];
}

const gpu = "example.com/gpu-milli";

/** Throws an `Error` that names the line and what is wrong with it. */
export function readTrace(nodeList: string, podList: string): Trace {
  const nodes = rows(nodeList, "nodes", ["sn", "cpu_milli", "memory_mib", "gpu"]).map((row): Node => {
    const name = row.text("sn").toLowerCase();
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        labels: {
          "kubernetes.io/hostname": name,
          ...(row.maybe("model") ? { model: row.maybe("model") } : {}),
        },
      },
      spec: {},
      status: {
        capacity: {
          cpu: `${row.number("cpu_milli")}m`,
          memory: `${row.number("memory_mib")}Mi`,
          pods: "1000",
          [gpu]: String(1000 * row.number("gpu")),
        },
      },
    };
  });
  const pods = rows(podList, "pods", [
    "name",
    "cpu_milli",
    "memory_mib",
    "num_gpu",
    "gpu_milli",
    "creation_time",
  ])
    .map((row) => ({ row, at: row.number("creation_time") }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => podOf(row));
  return { nodes, pods };
}

function podOf(row: Row): Pod {
  const count = row.number("num_gpu");
  const wanted = count > 1 ? 1000 * count : count * row.number("gpu_milli");
  const models = (row.maybe("gpu_spec") ?? "").split("|").filter((each) => each !== "");
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: "model", operator: "In" as const, values: models }] },
        ],
      },
    },
  };
  const resources = {
    cpu: `${row.number("cpu_milli")}m`,
    memory: `${row.number("memory_mib")}Mi`,
    ...(wanted > 0 ? { [gpu]: String(wanted) } : {}),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: row.text("name").toLowerCase(), namespace: "default" },
    spec: {
      containers: [{ name: "main", image: "task:1", resources: { requests: resources, limits: resources } }],
      ...(models.length > 0 ? { affinity } : {}),
    },
  };
}

interface Row {
  text(column: string): string;
  maybe(column: string): string | undefined;
  number(column: string): number;
}

function rows(csv: string, what: string, needed: readonly string[]): readonly Row[] {
  const [head = "", ...lines] = csv.replace(/^\uFEFF/, "").split(/\r?\n/);
  const columns = head.split(",").map((each) => each.trim());
  const missing = needed.filter((each) => !columns.includes(each));
  if (missing.length > 0) throw new Error(`the list of ${what} has no column ${missing.join(", ")}`);
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const cells = line.split(",");
    const maybe = (column: string) => cells[columns.indexOf(column)]?.trim() || undefined;
    const text = (column: string) => {
      const value = maybe(column);
      if (value === undefined) throw new Error(`line ${index + 2} of the list of ${what} has no ${column}`);
      return value;
    };
    const number = (column: string) => {
      const value = Number(text(column));
      if (!Number.isFinite(value) || value < 0)
        throw new Error(
          `line ${index + 2} of the list of ${what}: ${column} is ${JSON.stringify(text(column))}`,
        );
      return value;
    };
    return [{ text, maybe, number }];
  });
}

/** How a policy has packed a trace: shares from 0 to 1. */
export interface Packing {
  readonly policy: string;
  readonly placed: number;
  readonly usedNodes: number;
  readonly cpu: number;
  readonly gpu: number;
  readonly fragmentation: number;
}

/** The same trace by each policy: the scheduler's two profiles, best fit, and a node at random. */
export function comparePolicies(trace: Trace, seed: number): readonly Packing[] {
  return [
    packed("kdsl, pack", trace, byScheduler(trace, seed, "pack")),
    packed("kdsl, spread", trace, byScheduler(trace, seed, "spread")),
    packed("best fit", trace, byLoop(trace, bestFit)),
    packed("random", trace, byLoop(trace, randomFit(seed))),
  ];
}

function byScheduler({ nodes, pods }: Trace, seed: number, scheduler: "pack" | "spread"): readonly Pod[] {
  const plan = {
    name: "trace",
    version: 1,
    objects: [...nodes, ...pods],
    cluster: { scheduler },
  } as unknown as Plan;
  const placement = createPlacement({ plan, seed });
  placement.settle();
  return placement.pods();
}

interface Bin {
  readonly name: string;
  readonly model: string | undefined;
  readonly room: number[];
}
type Policy = (bins: readonly Bin[], request: readonly number[]) => Bin | undefined;

const resources = ["cpu", "memory", gpu];

function byLoop({ nodes, pods }: Trace, policy: Policy): readonly Pod[] {
  const bins = nodes.map(
    ({ metadata, status }): Bin => ({
      name: metadata.name,
      model: metadata.labels?.model,
      room: resources.map((resource) => resourceAmount(resource, status?.capacity?.[resource])),
    }),
  );
  return pods.map((pod) => {
    const requests = pod.spec.containers[0]!.resources!.requests!;
    const request = resources.map((resource) => resourceAmount(resource, requests[resource]));
    const term =
      pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0];
    const models = term?.matchExpressions?.[0]?.values;
    const fitting = bins.filter(
      ({ room, model }) =>
        request.every((amount, index) => amount <= room[index]!) && (!models || models.includes(model ?? "")),
    );
    const bin = policy(fitting, request);
    if (!bin) return pod;
    for (const [index, amount] of request.entries()) bin.room[index]! -= amount;
    return { ...pod, spec: { ...pod.spec, nodeName: bin.name } };
  });
}

/** The node on which least is left, in shares of what the largest node has. */
const bestFit: Policy = (bins, request) => {
  const scale = request.map((_, index) => Math.max(1, ...bins.map(({ room }) => room[index]!)));
  const left = ({ room }: Bin) =>
    room.reduce((sum, amount, index) => sum + (amount - request[index]!) / scale[index]!, 0);
  let found: Bin | undefined;
  for (const bin of bins) if (!found || left(bin) < left(found)) found = bin;
  return found;
};

const randomFit = (seed: number): Policy => {
  const random = seededRandom(seed);
  return (bins) => (bins.length === 0 ? undefined : bins[random.below(bins.length)]);
};

function packed(policy: string, { nodes }: Trace, pods: readonly Pod[]): Packing {
  const whole = nodes.map((node) => ({
    ...node,
    status: { ...node.status, allocatable: node.status?.capacity ?? {} },
  }));
  const uses = nodeUses(whole, pods);
  const { usedNodes, cpu, fragmentation } = qualityOf(uses, pods);
  const sum = (of: "room" | "used") => uses.reduce((total, use) => total + (use[of][gpu] ?? 0), 0);
  return {
    policy,
    placed: pods.filter(({ spec }) => spec.nodeName).length,
    usedNodes,
    cpu,
    gpu: sum("room") > 0 ? sum("used") / sum("room") : 0,
    fragmentation,
  };
}
