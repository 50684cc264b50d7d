import type { PodSpec } from "../../model/core.ts";
import type { KubernetesObject } from "../../model/meta.ts";

/**
 * Kubernetes lets nobody choose a pod's priority as a number: it is that of a PriorityClass. So the numbers that a
 * plan uses become classes of that value, and pods name them.
 */

/** One class for each priority in the objects, in ascending order; 0 is what a pod without a class has. */
export function priorityClasses(objects: readonly KubernetesObject[]): unknown[] {
  const numbers = new Set(objects.map((object) => podSpec(object)?.priority ?? 0));
  numbers.delete(0);
  return [...numbers]
    .sort((left, right) => left - right)
    .map((value) => ({
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: className(value) },
      value,
    }));
}

/** The object with its pods' priority named instead of counted. */
export function withPriorityClass<T extends KubernetesObject>(object: T): T {
  const spec = podSpec(object);
  if (spec?.priority === undefined) return object;
  const { priority, ...rest } = spec;
  const named = priority === 0 ? rest : { priorityClassName: className(priority), ...rest };
  const outer = (object as unknown as { spec: object }).spec;
  if (object.kind === "Pod") return { ...object, spec: named };
  const { template } = outer as { template: object };
  return { ...object, spec: { ...outer, template: { ...template, spec: named } } };
}

const className = (value: number) => `kdsl-priority-${value < 0 ? "minus-" : ""}${Math.abs(value)}`;

function podSpec(object: KubernetesObject): PodSpec | undefined {
  const { spec } = object as { spec?: PodSpec & { template?: { spec?: PodSpec } } };
  if (object.apiVersion !== "v1") return undefined;
  if (object.kind === "Pod") return spec;
  return object.kind === "ReplicationController" ? spec?.template?.spec : undefined;
}
