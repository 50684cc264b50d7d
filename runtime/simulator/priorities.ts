import type { Pod, PodSpec, ReplicationController } from "../../model/core.ts";
import { isServed, type KubernetesObject } from "../../model/meta.ts";

/** What a PriorityClass says, by its name; "" is what pods without one have (`globalDefault`). */
export type PriorityClasses = ReadonlyMap<string, Pick<PodSpec, "priority" | "preemptionPolicy">>;

interface PriorityClass extends KubernetesObject {
  readonly value?: number;
  readonly globalDefault?: boolean;
  readonly preemptionPolicy?: PodSpec["preemptionPolicy"];
}

/** The classes among objects, and those that every cluster has. */
export function priorityClasses(objects: readonly KubernetesObject[]): PriorityClasses {
  const classes = new Map<string, Pick<PodSpec, "priority" | "preemptionPolicy">>([
    ["system-cluster-critical", { priority: 2_000_000_000 }],
    ["system-node-critical", { priority: 2_000_001_000 }],
  ]);
  for (const object of objects) {
    if (object.kind !== "PriorityClass" || object.apiVersion !== "scheduling.k8s.io/v1") continue;
    const { metadata, value, globalDefault, preemptionPolicy } = object as PriorityClass;
    if (typeof value !== "number") continue;
    const said = { priority: value, ...(preemptionPolicy && { preemptionPolicy }) };
    classes.set(metadata.name, said);
    if (globalDefault) classes.set("", said);
  }
  return classes;
}

/** A pod or an rc whose pods have the priority of the class that they name, as admission gives it; others as they are. */
export function withPriority<T extends KubernetesObject>(object: T, classes: PriorityClasses): T {
  if (!isServed(object)) return object;
  if (object.kind === "Pod") {
    const pod = object as unknown as Pod;
    const spec = prioritized(pod.spec, classes);
    return spec === pod.spec ? object : { ...object, spec };
  }
  if (object.kind !== "ReplicationController") return object;
  const rc = object as unknown as ReplicationController;
  const spec = prioritized(rc.spec.template.spec, classes);
  if (spec === rc.spec.template.spec) return object;
  return { ...object, spec: { ...rc.spec, template: { ...rc.spec.template, spec } } };
}

function prioritized(spec: PodSpec, classes: PriorityClasses): PodSpec {
  if (spec.priority !== undefined) return spec;
  const { priorityClassName = "" } = spec as PodSpec & { readonly priorityClassName?: string };
  const said = classes.get(priorityClassName);
  return said ? { ...spec, ...said } : spec;
}
