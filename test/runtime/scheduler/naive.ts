import type { Node, NodeSelectorTerm, Pod, Service } from "../../../model/core.ts";
import { milliValue, wholeValue } from "../../../model/quantity.ts";

/**
 * The scheduler's rules once more, written from the reference alone and as plainly as can be: a whole recount for
 * every pod and node. Only the parsing of quantities is shared with what it checks.
 */

export interface NaiveResult {
  readonly reasons: Readonly<Record<string, readonly string[]>>;
  readonly scores: Readonly<Record<string, number>>;
  readonly best: readonly string[];
}

const amount = (name: string, text: string | undefined) =>
  name === "cpu" ? milliValue(text) : wholeValue(text);
const requestsOf = (pod: Pod, name: string) =>
  pod.spec.containers.reduce((sum, { resources }) => sum + amount(name, resources?.requests?.[name]), 0);
const scoredOf = (pod: Pod, name: "cpu" | "memory") =>
  pod.spec.containers.reduce((sum, { resources }) => {
    const text = resources?.requests?.[name];
    return sum + (text !== undefined ? amount(name, text) : name === "cpu" ? 100 : 209715200);
  }, 0);

const onNode = (pods: readonly Pod[], node: Node) =>
  pods.filter(
    ({ spec, status }) =>
      spec.nodeName === node.metadata.name && status?.phase !== "Succeeded" && status?.phase !== "Failed",
  );

function taintTolerated(pod: Pod, taint: { key: string; value?: string; effect: string }): boolean {
  return (pod.spec.tolerations ?? []).some((toleration) => {
    const effect = !toleration.effect || toleration.effect === taint.effect;
    const key = !toleration.key || toleration.key === taint.key;
    const exists = toleration.operator === "Exists";
    const value = exists || (!!toleration.key && (toleration.value ?? "") === (taint.value ?? ""));
    return effect && key && value;
  });
}

function termMatches(term: NodeSelectorTerm, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const one = (operator: string, values: readonly string[], actual: string | undefined) => {
    if (operator === "In") return actual !== undefined && values.includes(actual);
    if (operator === "NotIn") return actual === undefined || !values.includes(actual);
    if (operator === "Exists") return actual !== undefined;
    if (operator === "DoesNotExist") return actual === undefined;
    return false;
  };
  const expressions = term.matchExpressions ?? [];
  return (
    expressions.length > 0 &&
    expressions.every(({ key, operator, values = [] }) => one(operator, values, labels[key]))
  );
}

function selected(pod: Pod, node: Node): boolean {
  const plain = Object.entries(pod.spec.nodeSelector ?? {}).every(
    ([key, value]) => node.metadata.labels?.[key] === value,
  );
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return plain && (!terms || terms.some((term) => termMatches(term, node)));
}

const portsOf = (pod: Pod) =>
  pod.spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort }) => (hostPort ? [hostPort] : [])),
  );

function reasonsFor(pod: Pod, node: Node, pods: readonly Pod[]): readonly string[] {
  const here = onNode(pods, node);
  const cordon = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
  if (node.spec.unschedulable && !taintTolerated(pod, cordon)) return ["node(s) were unschedulable"];
  const taints = (node.spec.taints ?? []).filter(({ effect }) => effect !== "PreferNoSchedule");
  if (taints.some((taint) => !taintTolerated(pod, taint))) return ["node(s) had untolerated taint(s)"];
  if (!selected(pod, node)) return ["node(s) didn't match Pod's node affinity/selector"];
  const taken = here.flatMap(portsOf);
  if (portsOf(pod).some((port) => taken.includes(port))) {
    return ["node(s) didn't have free ports for the requested pod ports"];
  }
  const reasons: string[] = [];
  const allocatable = node.status?.allocatable ?? {};
  if (here.length + 1 > amount("pods", allocatable.pods)) reasons.push("Too many pods");
  for (const name of ["cpu", "memory"]) {
    const used = here.reduce((sum, other) => sum + requestsOf(other, name), 0);
    const wanted = requestsOf(pod, name);
    if (wanted > 0 && wanted > amount(name, allocatable[name]) - used) reasons.push(`Insufficient ${name}`);
  }
  return reasons;
}

function normalised(values: readonly number[], reverse: boolean): number[] {
  const max = Math.max(...values);
  if (max <= 0) return values.map(() => (reverse ? 100 : 0));
  return values.map((value) =>
    reverse ? 100 - Math.trunc((value * 100) / max) : Math.trunc((value * 100) / max),
  );
}

function spread(
  pod: Pod,
  feasible: readonly Node[],
  nodes: readonly Node[],
  pods: readonly Pod[],
  services: readonly Service[],
) {
  const selector: Record<string, string> = {};
  for (const { spec, metadata } of services) {
    const entries = Object.entries(spec.selector ?? {});
    const mine = entries.every(([key, value]) => pod.metadata.labels?.[key] === value);
    if (metadata.namespace === pod.metadata.namespace && mine) Object.assign(selector, spec.selector);
  }
  if (Object.keys(selector).length === 0) return feasible.map(() => 0);
  const count = (node: Node) =>
    onNode(pods, node).filter(
      ({ metadata }) =>
        metadata.namespace === pod.metadata.namespace &&
        !metadata.deletionTimestamp &&
        Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value),
    ).length;
  const zoneOf = (node: Node) => node.metadata.labels?.["topology.kubernetes.io/zone"];
  const zones = new Set(feasible.map((node) => zoneOf(node) ?? ""));
  const raw = feasible.map((node) => {
    let sum = 0;
    if (node.metadata.labels?.["kubernetes.io/hostname"] !== undefined)
      sum += count(node) * Math.log(feasible.length + 2) + 2;
    const zone = zoneOf(node);
    if (zone !== undefined) {
      const inZone = nodes.filter((other) => zoneOf(other) === zone && selected(pod, other));
      sum += inZone.reduce((total, other) => total + count(other), 0) * Math.log(zones.size + 2) + 4;
    }
    return Math.round(sum);
  });
  const max = Math.max(...raw);
  const min = Math.min(...raw);
  return raw.map((value) => (max === 0 ? 100 : Math.trunc((100 * (max + min - value)) / max)));
}

function balance(node: Node, cpu: number, memory: number): number {
  const allocatable = node.status?.allocatable ?? {};
  const shares = [
    [cpu, amount("cpu", allocatable.cpu)] as const,
    [memory, amount("memory", allocatable.memory)] as const,
  ]
    .filter(([, room]) => room > 0)
    .map(([used, room]) => Math.min(1, used / room));
  const deviation = shares.length === 2 ? Math.abs(shares[0]! - shares[1]!) / 2 : 0;
  return Math.trunc((1 - deviation) * 100);
}

export function naiveSchedule(
  pod: Pod,
  nodes: readonly Node[],
  pods: readonly Pod[],
  services: readonly Service[],
): NaiveResult {
  const reasons = Object.fromEntries(
    nodes
      .map((node) => [node.metadata.name, reasonsFor(pod, node, pods)] as const)
      .filter(([, why]) => why.length > 0),
  );
  const feasible = nodes.filter(({ metadata }) => !(metadata.name in reasons));
  const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const taints = normalised(
    feasible.map(
      ({ spec }) =>
        (spec.taints ?? []).filter(
          (taint) => taint.effect === "PreferNoSchedule" && !taintTolerated(pod, taint),
        ).length,
    ),
    true,
  );
  const affinity = normalised(
    feasible.map((node) =>
      preferred.reduce((sum, each) => sum + (termMatches(each.preference, node) ? each.weight : 0), 0),
    ),
    false,
  );
  const spreading = spread(pod, feasible, nodes, pods, services);
  const scores = feasible.map((node, index) => {
    const here = onNode(pods, node);
    const allocatable = node.status?.allocatable ?? {};
    const free = (["cpu", "memory"] as const).flatMap((name) => {
      const room = amount(name, allocatable[name]);
      const used = [...here, pod].reduce((sum, other) => sum + scoredOf(other, name), 0);
      if (room === 0) return [];
      return used > room ? 0 : Math.trunc(((room - used) * 100) / room);
    });
    const least = free.length === 0 ? 0 : Math.trunc(free.reduce((sum, each) => sum + each, 0) / free.length);
    const used = (name: string) => here.reduce((sum, other) => sum + requestsOf(other, name), 0);
    const [cpu, memory] = [requestsOf(pod, "cpu"), requestsOf(pod, "memory")];
    const before = balance(node, used("cpu"), used("memory"));
    const after = balance(node, used("cpu") + cpu, used("memory") + memory);
    const balanced = cpu === 0 && memory === 0 ? 0 : 50 + Math.trunc((50 + after - before) / 2);
    return 3 * taints[index]! + 2 * affinity[index]! + least + 2 * spreading[index]! + balanced;
  });
  const best = Math.max(...scores);
  return {
    reasons,
    scores: Object.fromEntries(feasible.map(({ metadata }, index) => [metadata.name, scores[index]!])),
    best: feasible.filter((_, index) => scores[index] === best).map(({ metadata }) => metadata.name),
  };
}
