import type { Pod } from "../../model/core.ts";
import { controllerOf, keyOf, type ObjectKey, objectKey } from "../../model/meta.ts";

/** The object of the plan that a pod comes from: its rc, or the pod itself. */
export function ownerOf(pod: Pod): ObjectKey {
  const owner = controllerOf(pod);
  return owner ? objectKey(owner.kind, pod.metadata.namespace, owner.name) : keyOf(pod);
}
