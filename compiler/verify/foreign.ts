import type { KubernetesObject, Labels } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { matches, type Selector } from "../../model/selector.ts";
import { at } from "./json.ts";

/** Kinds that the language does not know may make pods too (a Deployment, say): of these only their labels are seen. */

/** Where an object is: a manifest that does not say goes to the default namespace. */
export const namespaceOf = ({ metadata }: KubernetesObject): string => metadata.namespace ?? "default";

/** The labels of the pods that an object of an unknown kind makes, where it has a pod template in the usual place. */
function templateLabels(object: KubernetesObject): Labels | undefined {
  const labels =
    at(object, "spec", "template", "metadata", "labels") ??
    at(object, "spec", "jobTemplate", "spec", "template", "metadata", "labels");
  if (typeof labels !== "object" || labels === null || Array.isArray(labels)) return undefined;
  return labels as Labels;
}

/** Whether a selector matches pods that these objects of unknown kinds make in its namespace, or that live outside. */
export function foreignPods(
  objects: readonly KubernetesObject[],
  external: Plan["external"] = {},
): (namespace: string, selector: Selector) => boolean {
  const makers = objects.flatMap((object) => {
    const labels = templateLabels(object);
    return labels ? [{ labels, namespace: namespaceOf(object) }] : [];
  });
  for (const [key, { labels }] of Object.entries(external)) {
    const [, namespace = ""] = key.split("/");
    if (labels) makers.push({ labels, namespace });
  }
  return (namespace, selector) =>
    makers.some((maker) => maker.namespace === namespace && matches(selector, maker.labels));
}
