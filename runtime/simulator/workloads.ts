import type { Affinity, Node, NodeSelectorTerm, Pod, PodSpec, Toleration } from "../../model/core.ts";
import { withDefaults } from "../../model/defaults.ts";
import { isServed, type KubernetesObject, keyOf, type ObjectKey } from "../../model/meta.ts";
import { matchesNodeAffinity, toleratesAny } from "../../model/placement.ts";
import type { Plan, UpdateStrategy } from "../../model/plan.ts";
import type { Scenario, Step } from "../../model/scenario.ts";
import { isReplicated, isWorkload, rcOf, sortOf, updateOf, type Workload } from "../../model/workloads.ts";

/**
 * Workloads of Kubernetes that this runtime does not have, as what it has: a Deployment rolls as an rc with its surge
 * does, a ReplicaSet and a StatefulSet keep pods as an rc does, a DaemonSet is a pod on each of its nodes.
 */

/** The plan to simulate, and which of its objects are in it as something else, or not at all. */
export interface Translated {
  readonly plan: Plan;
  /** What is simulated as an rc of its name. */
  readonly asRcs: readonly KubernetesObject[];
  /** DaemonSets; `daemonPods` makes their pods. */
  readonly onNodes: readonly KubernetesObject[];
  /** What would have a say in a cluster, and has none here. */
  readonly left: readonly KubernetesObject[];
}

/** Pods of DaemonSets have it: a drain leaves them where they are. */
export const DAEMON_ANNOTATION = "kdsl.dev/daemon-set";

const silent = new Set([
  "batch/v1 Job",
  "batch/v1 CronJob",
  "autoscaling/v1 HorizontalPodAutoscaler",
  "autoscaling/v2 HorizontalPodAutoscaler",
  "v1 ResourceQuota",
  "v1 LimitRange",
]);

const isDaemonSet = (object: KubernetesObject): object is Workload =>
  sortOf(object) === "apps/v1 DaemonSet" && isWorkload(object);

export function withWorkloads(plan: Plan): Translated {
  const taken = new Set(plan.objects.map(keyOf));
  const names = new Map<ObjectKey, string>();
  const updates: Record<ObjectKey, UpdateStrategy> = {};
  const provenance = { ...plan.provenance };
  const asRcs: KubernetesObject[] = [];
  const translate = (object: KubernetesObject): KubernetesObject => {
    if (!isReplicated(object)) return object;
    const name = names.get(keyOf(object)) ?? object.metadata.name;
    const rc = withDefaults(rcOf(object, name));
    updates[keyOf(rc)] = updateOf(object);
    return rc;
  };
  for (const object of plan.objects) {
    if (!isReplicated(object)) continue;
    const { name } = object.metadata;
    const free = !taken.has(keyOf(rcOf(object, name)));
    const named = rcOf(object, free ? name : `${name}-${object.kind.toLowerCase()}`);
    taken.add(keyOf(named));
    names.set(keyOf(object), named.metadata.name);
    provenance[keyOf(named)] = plan.provenance[keyOf(object)] ?? {};
    asRcs.push(object);
  }
  const objects = plan.objects.map(translate);
  const { scenarios } = plan;
  return {
    plan: {
      ...plan,
      objects,
      provenance,
      updates: { ...plan.updates, ...updates },
      ...(scenarios && { scenarios: scenarios.map((scenario) => translated(scenario, translate)) }),
    },
    asRcs,
    onNodes: plan.objects.filter(isDaemonSet),
    left: plan.objects.filter((object) => silent.has(sortOf(object))),
  };
}

/** A scenario in which what is deployed by an `update` or `apply` is translated too. */
function translated(scenario: Scenario, translate: (object: KubernetesObject) => KubernetesObject): Scenario {
  const inSteps = (steps: readonly Step[]): readonly Step[] =>
    steps.map((step) => {
      if (step.type === "update") return { ...step, objects: step.objects.map(translate) };
      return "steps" in step ? { ...step, steps: inSteps(step.steps) } : step;
    });
  return { ...scenario, steps: inSteps(scenario.steps) };
}

/** What the DaemonSet controller lets its pods put up with (`AddOrUpdateDaemonPodTolerations`). */
const tolerated: readonly Toleration[] = [
  ["not-ready", "NoExecute"] as const,
  ["unreachable", "NoExecute"] as const,
  ["disk-pressure", "NoSchedule"] as const,
  ["memory-pressure", "NoSchedule"] as const,
  ["pid-pressure", "NoSchedule"] as const,
  ["unschedulable", "NoSchedule"] as const,
].map(([name, effect]) => ({ key: `node.kubernetes.io/${name}`, operator: "Exists", effect }));

/** The pods that the plan's DaemonSets have on its nodes, in the order of the sets, then of the nodes. */
export function daemonPods(plan: Plan): readonly Pod[] {
  const sets = plan.objects.filter(isDaemonSet);
  if (sets.length === 0) return [];
  const nodes = plan.objects.filter((each): each is Node => each.kind === "Node" && isServed(each));
  return sets.flatMap((set) =>
    nodes
      .filter((node) => runsOn(set.spec.template.spec, node))
      .map((node) => daemonPod(set, node.metadata.name)),
  );
}

function runsOn(spec: PodSpec, node: Node): boolean {
  const tolerations = [...(spec.tolerations ?? []), ...tolerated];
  return (
    matchesNodeAffinity(spec, node) &&
    (node.spec.taints ?? []).every(
      (taint) => taint.effect === "PreferNoSchedule" || toleratesAny(tolerations, taint),
    )
  );
}

function daemonPod({ metadata, spec: { template } }: Workload, node: string): Pod {
  const { namespace = "default", name } = metadata;
  const { affinity = {}, tolerations = [] } = template.spec;
  const here: NodeSelectorTerm = {
    matchFields: [{ key: "metadata.name", operator: "In", values: [node] }],
  };
  const bound: Affinity = {
    ...affinity,
    nodeAffinity: {
      ...affinity.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [here] },
    },
  };
  return withDefaults<Pod>({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${name}-${node}`,
      namespace,
      labels: template.metadata?.labels ?? {},
      annotations: { ...template.metadata?.annotations, [DAEMON_ANNOTATION]: name },
    },
    spec: { ...template.spec, affinity: bound, tolerations: [...tolerations, ...tolerated] },
  });
}

/** The plan with the pods of its DaemonSets as objects of their own: a run makes them with all others. */
export function withDaemonPods(plan: Plan): Plan {
  const pods = daemonPods(plan);
  return pods.length === 0 ? plan : { ...plan, objects: [...plan.objects, ...pods] };
}
