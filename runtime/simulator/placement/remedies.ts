import { formatAmount } from "../../../model/quantity.ts";
import { nodeRejecter } from "../../scheduler/framework.ts";
import { suppose } from "../../scheduler/index/engine.ts";
import type { Decision } from "../../scheduler/scheduler.ts";
import type { NodeInfo, PodInfo } from "../../scheduler/snapshot.ts";

/** Changes each of which, alone, would place a pod that waits. Each was tried. The smallest comes first. */
export function remedies(decision: Decision): readonly string[] {
  const found = decision.cluster.nodes
    .map((node) => attempt(decision, node))
    .filter((each) => each !== undefined)
    .sort((a, b) => a.cost - b.cost);
  const texts = found.slice(0, 1).flatMap(({ texts: each }) => each);
  const like = decision.cluster.nodes.find((node) => takesEmpty(decision, node));
  if (like) texts.push(`add one more node like ${like.name}`);
  return texts;
}

interface Attempt {
  /** How much is asked: one for each rule that has to give way, and the share of a node that is missing. */
  readonly cost: number;
  readonly texts: string[];
}

/** What would have to be otherwise for this node to take the pod; undefined where that is nothing simple. */
function attempt({ info, cluster, profile }: Decision, node: NodeInfo): Attempt | undefined {
  let changed = node;
  let pod = info;
  const pods: string[] = [];
  const nodes: string[] = [];
  let cost = 0;
  // Each rule that refuses is answered in turn, until none does or one has no answer.
  for (let step = 0; step < profile.filters.length; step++) {
    const rejection = nodeRejecter(profile, pod, cluster)(changed);
    if (!rejection)
      return {
        cost,
        texts: pods.length === 1 && nodes.length === 1 ? [pods[0]!, nodes[0]!] : [join(pods, nodes)],
      };
    const answer = answers[rejection.plugin]?.(pod, changed);
    if (!answer) return undefined;
    cost += answer.cost;
    changed = answer.node ?? changed;
    pod = answer.pod ?? pod;
    if (answer.ofPod) pods.push(answer.ofPod);
    nodes.push(answer.ofNode);
  }
  return undefined;
}

const join = (pods: readonly string[], nodes: readonly string[]) =>
  (pods.length === nodes.length ? pods : nodes).join(", and ");

interface Answer {
  readonly cost: number;
  readonly node?: NodeInfo;
  readonly pod?: PodInfo;
  /** The change of the pod, where there is one; and of the node. */
  readonly ofPod?: string;
  readonly ofNode: string;
}

const answers: Readonly<Record<string, (pod: PodInfo, node: NodeInfo) => Answer | undefined>> = {
  NodeUnschedulable: (_, node) => ({
    cost: 1,
    node: { ...node, node: { ...node.node, spec: { ...node.node.spec, unschedulable: false } } },
    ofNode: `uncordon ${node.name}`,
  }),
  TaintToleration: (pod, node) => {
    const taints = node.node.spec.taints ?? [];
    const text = taints
      .map(({ key, value, effect }) => `${key}${value ? `=${value}` : ""}:${effect}`)
      .join(", ");
    const tolerations = [...(pod.pod.spec.tolerations ?? []), { operator: "Exists" as const }];
    return {
      cost: 1,
      pod: withSpec(pod, { tolerations }),
      ofPod: `tolerate ${text}, as ${node.name} has it`,
      ofNode: `take the taint ${text} from ${node.name}`,
    };
  },
  NodeAffinity: (pod, node) => {
    const { nodeSelector = {}, affinity } = pod.pod.spec;
    if (affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution) return undefined;
    const { metadata } = node.node;
    const missing = Object.entries(nodeSelector).filter(([key, value]) => metadata.labels?.[key] !== value);
    const labels = { ...metadata.labels, ...nodeSelector };
    return {
      cost: 1 + missing.length,
      node: { ...node, node: { ...node.node, metadata: { ...metadata, labels } } },
      ofNode: `label ${node.name} with ${missing.map(([key, value]) => `${key}=${value}`).join(" and ")}`,
    };
  },
  NodeResourcesFit: moreRoom,
  NodePorts: (pod, node) => {
    const others = [...node.pods.values()].filter(({ demand }) => demand.ports.length > 0);
    const wanted = pod.demand.ports.map(({ port }) => port).join(", ");
    return {
      cost: 2,
      node: suppose(node, [], others),
      ofNode: `free host port ${wanted} on ${node.name}`,
    };
  },
  PodTopologySpread: (pod, node) => {
    const constraints = pod.pod.spec.topologySpreadConstraints ?? [];
    const hard = constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule");
    if (hard.some(({ topologyKey }) => node.node.metadata.labels?.[topologyKey] === undefined))
      return undefined;
    const keys = hard.map(({ topologyKey }) => topologyKey).join(", ");
    return {
      cost: 3,
      pod: withSpec(pod, { topologySpreadConstraints: constraints.filter((each) => !hard.includes(each)) }),
      ofPod: `let it be spread unevenly over ${keys} (a larger maxSkew, or ScheduleAnyway)`,
      ofNode: `let it be spread unevenly over ${keys} (a larger maxSkew, or ScheduleAnyway)`,
    };
  },
};

/** Cpu, memory and all else of which there is too little: as much less is asked for, or as much more is there. */
function moreRoom({ demand, pod, terms }: PodInfo, node: NodeInfo): Answer {
  const allocatable: Record<string, number> = { ...node.allocatable };
  const lacking: string[] = [];
  const asking: string[] = [];
  const requests: Record<string, number> = { ...demand.requests };
  let cost = 0;
  for (const [resource, request] of Object.entries(demand.requests)) {
    const room = node.allocatable[resource] ?? 0;
    const left = Math.max(0, room - (node.requested[resource] ?? 0));
    if (request === 0 || request <= left) continue;
    allocatable[resource] = room + request - left;
    requests[resource] = left;
    lacking.push(`${formatAmount(resource, request - left)} more ${resource}`);
    asking.push(`${formatAmount(resource, left)} ${resource}`);
    cost += (request - left) / Math.max(room, request);
  }
  const crowded = node.pods.size + 1 > (node.allocatable.pods ?? 0);
  if (crowded) {
    allocatable.pods = node.pods.size + 1;
    lacking.push(`room for ${node.pods.size + 1} pods`);
    cost += 1;
  }
  const possible = !crowded && asking.length > 0 && !asking.some((each) => each.startsWith("0 "));
  return {
    cost,
    node: { ...node, allocatable },
    pod: { demand, pod, terms },
    ...(possible
      ? { ofPod: `request at most ${asking.join(" and ")}, as much as ${node.name} has left` }
      : {}),
    ofNode: `give ${node.name} ${lacking.join(" and ")}`,
  };
}

function withSpec(info: PodInfo, change: Partial<PodInfo["pod"]["spec"]>): PodInfo {
  return { ...info, pod: { ...info.pod, spec: { ...info.pod.spec, ...change } } };
}

/** Whether a new node that is like this one, with nothing on it, would take the pod. */
function takesEmpty({ info, cluster, profile }: Decision, like: NodeInfo): boolean {
  const name = `${like.name}-new`;
  const labels = { ...like.node.metadata.labels, "kubernetes.io/hostname": name };
  const fresh: NodeInfo = {
    ...like,
    slot: cluster.nodes.length,
    name,
    node: {
      ...like.node,
      metadata: { ...like.node.metadata, name, labels },
      spec: { ...like.node.spec, unschedulable: false },
    },
    pods: new Map(),
    requested: {},
    scoredCpu: 0,
    scoredMemory: 0,
    nominated: new Map(),
  };
  const larger = { ...cluster, nodes: [...cluster.nodes, fresh], spreadSelector: cluster.spreadSelector };
  return nodeRejecter(profile, info, larger)(fresh) === undefined;
}
