import type { Node, Pod } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import { condition, isActive, isReady, restarts } from "../../../model/pod.ts";
import type { Observation } from "../../../model/scenario.ts";
import { EvaluationError, kindOf, type ObjectSet, type Value } from "./values.ts";
import { objectOf, parts, podsOf, type View } from "./view.ts";

const podParts = parts.Pod | parts.ReplicationController | parts.Service;

/** What an observation is made of. */
export const observationParts: Readonly<Record<Observation, number>> = {
  ready: podParts | parts.Node,
  serving: parts.truth | parts.Endpoints | parts.Service,
  pods: podParts,
  pending: podParts,
  endpoints: parts.Endpoints | parts.Service,
  zones: podParts | parts.Node,
  nodes: podParts,
  restarts: podParts,
  node: parts.Pod,
  time: parts.time,
};

/** What is seen of `of`; of the whole cluster where it is absent. Throws `EvaluationError` where that makes no sense. */
export function observe(view: View, observation: Observation, of: ObjectSet | undefined): Value {
  switch (observation) {
    case "time":
      return view.now();
    case "pods":
      return { type: "set", members: allPods(view, of).map((pod) => ({ key: podKey(pod) })) };
    case "ready":
      return readyCount(view, of);
    case "pending":
      if (!of) return view.pending();
      return allPods(view, of).filter((pod) => !pod.spec.nodeName && isActive(pod)).length;
    case "restarts":
      return restartCount(view, of);
    case "zones":
      return zonesOf(view, of).size;
    case "nodes":
      return { type: "set", members: [...nodesOf(view, of)].sort().map((name) => ({ key: `Node/${name}` })) };
    case "endpoints":
      return services(of, "endpoints").reduce((sum, key) => sum + endpointCount(view, key), 0);
    case "serving":
      return serving(view, services(of, "serving"));
    case "node":
      return nodeOf(view, of);
  }
}

const podKey = (pod: Stored<Pod>) => `Pod/${pod.metadata.namespace}/${pod.metadata.name}`;

/** Each pod once, in order of namespace and name for each member. */
function allPods(view: View, of: ObjectSet | undefined): readonly Stored<Pod>[] {
  if (!of) return view.client.list("Pod");
  if (of.members.length === 1) return podsOf(view, of.members[0]!.key);
  const seen = new Map<string, Stored<Pod>>();
  for (const { key } of of.members) for (const pod of podsOf(view, key)) seen.set(pod.metadata.uid, pod);
  return [...seen.values()];
}

function readyCount(view: View, of: ObjectSet | undefined): number {
  const kinds = new Set(of?.members.map(({ key }) => kindOf(key)));
  if (of && kinds.size === 1 && kinds.has("Node"))
    return of.members.filter(({ key }) => isNodeReady(objectOf(view, key) as Node | undefined)).length;
  if (of && kinds.size === 1 && kinds.has("ReplicationController"))
    return of.members.reduce(
      (sum, { key }) => sum + view.readyOf(objectOf(view, key)?.metadata.uid ?? ""),
      0,
    );
  return allPods(view, of).filter((pod) => isReady(pod) && isActive(pod)).length;
}

/** Of pods all their containers, of containers their own. */
function restartCount(view: View, of: ObjectSet | undefined): number {
  const named = of?.members.filter(({ container }) => container !== undefined) ?? [];
  if (named.length === 0) return allPods(view, of).reduce((sum, pod) => sum + restarts(pod), 0);
  return named.reduce((sum, { key, container }) => {
    const statuses = (objectOf(view, key) as Pod | undefined)?.status?.containerStatuses ?? [];
    return sum + (statuses.find(({ name }) => name === container)?.restartCount ?? 0);
  }, 0);
}

function isNodeReady(node: Node | undefined): boolean {
  return condition(node?.status?.conditions, "Ready")?.status === "True";
}

function nodesOf(view: View, of: ObjectSet | undefined): Set<string> {
  return new Set(
    allPods(view, of).flatMap((pod) => (pod.spec.nodeName && isActive(pod) ? [pod.spec.nodeName] : [])),
  );
}

function zonesOf(view: View, of: ObjectSet | undefined): Set<string> {
  const zones = new Set<string>();
  for (const pod of allPods(view, of)) {
    if (pod.status?.phase !== "Running" || !isActive(pod) || !pod.spec.nodeName) continue;
    const labels = view.client.get("Node", undefined, pod.spec.nodeName)?.metadata.labels;
    const zone = labels?.["topology.kubernetes.io/zone"];
    if (zone !== undefined) zones.add(zone);
  }
  return zones;
}

function services(of: ObjectSet | undefined, observation: Observation): readonly string[] {
  const wrong = of?.members.find(({ key }) => kindOf(key) !== "Service");
  if (!of || wrong)
    throw new EvaluationError(
      `${observation} is about a service${wrong ? `, and ${wrong.key} is none` : ""}`,
      undefined,
    );
  return of.members.map(({ key }) => key);
}

function endpointCount(view: View, key: string): number {
  const service = objectOf(view, key);
  if (!service) return 0;
  const endpoints = view.client.get("Endpoints", service.metadata.namespace, service.metadata.name);
  return new Set((endpoints?.subsets ?? []).flatMap((subset) => (subset.addresses ?? []).map(({ ip }) => ip)))
    .size;
}

/** Over several services, the mean. */
function serving(view: View, keys: readonly string[]): number {
  if (keys.length === 0) return 0;
  return keys.reduce((sum, key) => sum + view.serving(key), 0) / keys.length;
}

function nodeOf(view: View, of: ObjectSet | undefined): Value {
  const [only] = of?.members ?? [];
  if (!of || !only || of.members.length !== 1 || kindOf(only.key) !== "Pod")
    throw new EvaluationError("node is about one pod", undefined);
  const name = (objectOf(view, only.key) as Pod | undefined)?.spec.nodeName;
  return name ? { type: "set", members: [{ key: `Node/${name}` }] } : null;
}
