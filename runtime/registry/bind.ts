import type { Pod } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { setCondition } from "../client/conditions.ts";
import { deepFreeze } from "../client/structure.ts";
import type { Context, WriteOptions } from "./context.ts";
import { conflict, notFound } from "./errors.ts";

/** The binding subresource (`pkg/registry/core/pod/storage`): a pod's node is set once, with PodScheduled True. */
export function bindPod(
  context: Context,
  namespace: string,
  name: string,
  node: string,
  options: WriteOptions = {},
): Stored<Pod> {
  const pod = context.store.get("Pod", namespace, name);
  if (!pod) throw notFound("Pod", name);
  const refused = (message: string) => conflict("Pod", name, message, "/binding");
  if (pod.metadata.deletionTimestamp !== undefined)
    throw refused(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) throw refused(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if (options.dryRun) return pod;
  const conditions = setCondition(
    pod.status?.conditions,
    { type: "PodScheduled", status: "True" },
    context.clock.now(),
  );
  // The room that was held for it, there or elsewhere, is needed no more (`ClearingNominatedNodeNameAfterBinding`).
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  // A field that comes before the spread is cheaper to add than one behind it.
  const spec = { nodeName: node, ...pod.spec };
  spec.nodeName = node;
  return context.store.write<Pod>(pod, {
    ...pod,
    spec: Object.freeze(spec),
    status: deepFreeze({ ...status, conditions: conditions.map(withoutCause) }),
  });
}

/** A pod that was unschedulable is so no more: the reason and the message go with it. */
function withoutCause<T extends { type: string; reason?: string; message?: string }>(condition: T): T {
  if (condition.type !== "PodScheduled") return condition;
  const { reason: _reason, message: _message, ...rest } = condition;
  return rest as T;
}
