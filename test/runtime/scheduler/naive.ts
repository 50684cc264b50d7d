import type { LabelSelector, Node, NodeSelectorTerm, Pod, Service } from "../../../model/core.ts";
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

function reasonsFor(pod: Pod, node: Node, nodes: readonly Node[], pods: readonly Pod[]): readonly string[] {
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
  if (reasons.length > 0) return reasons;
  const skewed = tooSkewed(pod, node, nodes, pods);
  return skewed.length > 0 ? skewed : badCompany(pod, node, nodes, pods);
}

function normalised(values: readonly number[], reverse: boolean): number[] {
  const max = Math.max(...values);
  if (max <= 0) return values.map(() => (reverse ? 100 : 0));
  return values.map((value) =>
    reverse ? 100 - Math.trunc((value * 100) / max) : Math.trunc((value * 100) / max),
  );
}

interface Rule {
  readonly key: string;
  readonly skew: number;
  readonly domains: number;
  readonly matches: (pod: Pod) => boolean;
  readonly counts: (node: Node) => boolean;
}

const labelOf = (node: Node, key: string) => node.metadata.labels?.[key];
const hostname = "kubernetes.io/hostname";
const zone = "topology.kubernetes.io/zone";

function selects(selector: LabelSelector | undefined, pod: Pod): boolean {
  if (!selector) return false;
  const labels = pod.metadata.labels ?? {};
  const exact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    exact &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const has = labels[key] !== undefined;
      if (operator === "In") return has && values.includes(labels[key]!);
      if (operator === "NotIn") return !has || !values.includes(labels[key]!);
      return operator === "Exists" ? has : !has;
    })
  );
}

function ownRules(pod: Pod, action: string): readonly Rule[] {
  const all = (pod.spec.topologySpreadConstraints ?? []).filter((each) => each.whenUnsatisfiable === action);
  const keys = all.map(({ topologyKey }) => topologyKey);
  return all.map((each) => ({
    key: each.topologyKey,
    skew: each.maxSkew,
    domains: each.minDomains ?? 1,
    matches: (other) =>
      other.metadata.namespace === pod.metadata.namespace && selects(each.labelSelector, other),
    counts: (node) =>
      keys.every((key) => labelOf(node, key) !== undefined) &&
      (each.nodeAffinityPolicy === "Ignore" || selected(pod, node)) &&
      (each.nodeTaintsPolicy !== "Honor" ||
        (node.spec.taints ?? []).every(
          (taint) => taint.effect === "PreferNoSchedule" || taintTolerated(pod, taint),
        )),
  }));
}

function defaultRules(pod: Pod, services: readonly Service[]): readonly Rule[] {
  const selector: Record<string, string> = {};
  for (const { spec, metadata } of services) {
    const entries = Object.entries(spec.selector ?? {});
    const mine = entries.every(([key, value]) => pod.metadata.labels?.[key] === value);
    if (metadata.namespace === pod.metadata.namespace && mine) Object.assign(selector, spec.selector);
  }
  if (Object.keys(selector).length === 0) return [];
  const matches = (other: Pod) =>
    other.metadata.namespace === pod.metadata.namespace && selects({ matchLabels: selector }, other);
  const counts = (node: Node) => selected(pod, node);
  return [
    { key: hostname, skew: 3, domains: 1, matches, counts },
    { key: zone, skew: 5, domains: 1, matches, counts },
  ];
}

const countOn = (rule: Rule, pods: readonly Pod[], nodes: readonly Node[]) =>
  nodes
    .flatMap((node) => onNode(pods, node))
    .filter((other) => !other.metadata.deletionTimestamp && rule.matches(other)).length;

function tooSkewed(pod: Pod, node: Node, nodes: readonly Node[], pods: readonly Pod[]): readonly string[] {
  for (const rule of ownRules(pod, "DoNotSchedule")) {
    const value = labelOf(node, rule.key);
    const text = "node(s) didn't match pod topology spread constraints";
    if (value === undefined) return [`${text} (missing required label)`];
    const part = nodes.filter(rule.counts);
    const of = (wanted: string | undefined) =>
      countOn(
        rule,
        pods,
        part.filter((each) => labelOf(each, rule.key) === wanted),
      );
    const values = [...new Set(part.map((each) => labelOf(each, rule.key)))];
    const least = values.length < rule.domains ? 0 : Math.min(...values.map(of));
    if (of(value) + (rule.matches(pod) ? 1 : 0) - least > rule.skew) return [text];
  }
  return [];
}

function spread(
  pod: Pod,
  feasible: readonly Node[],
  nodes: readonly Node[],
  pods: readonly Pod[],
  services: readonly Service[],
): readonly number[] {
  const own = (pod.spec.topologySpreadConstraints ?? []).length > 0;
  const rules = own ? ownRules(pod, "ScheduleAnyway") : defaultRules(pod, services);
  if (rules.length === 0) return feasible.map(() => 0);
  const judged = feasible.filter(
    (node) => !own || rules.every(({ key }) => labelOf(node, key) !== undefined),
  );
  const raw = judged.map((node) => {
    let sum = 0;
    for (const rule of rules) {
      const value = labelOf(node, rule.key);
      if (value === undefined) continue;
      const alike = nodes.filter((each) => labelOf(each, rule.key) === value && rule.counts(each));
      const count = rule.key === hostname ? countOn(rule, pods, [node]) : countOn(rule, pods, alike);
      const size =
        rule.key === hostname
          ? judged.length
          : new Set(judged.map((each) => labelOf(each, rule.key) ?? "")).size;
      sum += count * Math.log(size + 2) + rule.skew - 1;
    }
    return Math.round(sum);
  });
  const max = Math.max(0, ...raw);
  const min = Math.min(...raw);
  return feasible.map((node) => {
    const at = judged.indexOf(node);
    if (at < 0) return 0;
    return max === 0 ? 100 : Math.trunc((100 * (max + min - raw[at]!)) / max);
  });
}

interface NaiveTerm {
  readonly key: string;
  readonly weight: number;
  readonly matches: (pod: Pod) => boolean;
}

function termsOf(
  pod: Pod,
  which: "podAffinity" | "podAntiAffinity",
  required: boolean,
): readonly NaiveTerm[] {
  const rules = pod.spec.affinity?.[which];
  const sign = which === "podAffinity" ? 1 : -1;
  const list = required
    ? (rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => ({ term, weight: 1 }))
    : (rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) => ({
        term: each.podAffinityTerm,
        weight: sign * each.weight,
      }));
  return list.map(({ term, weight }) => ({
    key: term.topologyKey,
    weight,
    matches: (other) =>
      (term.namespaces ?? [pod.metadata.namespace]).includes(other.metadata.namespace!) &&
      selects(term.labelSelector, other),
  }));
}

function badCompany(pod: Pod, node: Node, nodes: readonly Node[], pods: readonly Pod[]): readonly string[] {
  const near = termsOf(pod, "podAffinity", true);
  const far = termsOf(pod, "podAntiAffinity", true);
  const standing = nodes.flatMap((each) => onNode(pods, each).map((other) => ({ other, at: each })));
  const together = (key: string, at: Node) =>
    labelOf(at, key) !== undefined && labelOf(at, key) === labelOf(node, key);
  const all = (other: Pod) => near.every(({ matches }) => matches(other));
  if (near.length > 0) {
    const labelled = near.every(({ key }) => labelOf(node, key) !== undefined);
    const met = near.every(({ key }) => standing.some(({ other, at }) => all(other) && together(key, at)));
    const any = standing.some(
      ({ other, at }) => all(other) && near.some(({ key }) => labelOf(at, key) !== undefined),
    );
    if (!labelled || (!met && (any || !all(pod)))) return ["node(s) didn't match pod affinity rules"];
  }
  if (far.some(({ key, matches }) => standing.some(({ other, at }) => matches(other) && together(key, at))))
    return ["node(s) didn't match pod anti-affinity rules"];
  const refused = standing.some(({ other, at }) =>
    termsOf(other, "podAntiAffinity", true).some(({ key, matches }) => matches(pod) && together(key, at)),
  );
  return refused ? ["node(s) didn't satisfy existing pods anti-affinity rules"] : [];
}

function company(pod: Pod, feasible: readonly Node[], nodes: readonly Node[], pods: readonly Pod[]) {
  const standing = nodes.flatMap((at) => onNode(pods, at).map((other) => ({ other, at })));
  const both = (of: Pod) => [...termsOf(of, "podAffinity", false), ...termsOf(of, "podAntiAffinity", false)];
  const sums = feasible.map((node) => {
    let sum = 0;
    for (const { other, at } of standing) {
      const mine = both(pod).filter(({ matches }) => matches(other));
      const theirs = [...both(other), ...termsOf(other, "podAffinity", true)].filter(({ matches }) =>
        matches(pod),
      );
      for (const { key, weight } of [...mine, ...theirs])
        if (labelOf(at, key) !== undefined && labelOf(at, key) === labelOf(node, key)) sum += weight;
    }
    return sum;
  });
  const [min, max] = [Math.min(...sums), Math.max(...sums)];
  return sums.map((sum) => (max === min ? 0 : Math.trunc(100 * ((sum - min) / (max - min)))));
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
      .map((node) => [node.metadata.name, reasonsFor(pod, node, nodes, pods)] as const)
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
  const near = company(pod, feasible, nodes, pods);
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
    return (
      3 * taints[index]! + 2 * affinity[index]! + least + 2 * spreading[index]! + 2 * near[index]! + balanced
    );
  });
  const best = Math.max(...scores);
  return {
    reasons,
    scores: Object.fromEntries(feasible.map(({ metadata }, index) => [metadata.name, scores[index]!])),
    best: feasible.filter((_, index) => scores[index] === best).map(({ metadata }) => metadata.name),
  };
}
