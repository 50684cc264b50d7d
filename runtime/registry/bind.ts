import type { Pod } from "../../model/core.ts";
import { type Stored, timestamp } from "../../model/meta.ts";
import { isGated } from "../../model/pod.ts";
import { setCondition } from "../client/conditions.ts";
import { deepFreeze } from "../client/structure.ts";
import { remade } from "../store/version.ts";
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
  if (isGated(pod.spec)) throw refused(`pod ${name} has non-empty .spec.schedulingGates`);
  if (options.dryRun) return pod;
  // A field that comes before the spread is cheaper to add than one behind it.
  const spec = { nodeName: node, ...pod.spec };
  spec.nodeName = node;
  const { status = noStatus } = pod;
  const now = context.clock.now();
  const next = status.conditions ? boundAgain(status, now) : boundAtFirst(status, now);
  return context.store.write<Pod>(pod, remade<Pod>(pod, pod.metadata, Object.freeze(spec), next));
}

type Status = NonNullable<Pod["status"]>;
const noStatus: Status = Object.freeze({});
const scheduled = { type: "PodScheduled", status: "True" } as const;

/** Pods that were just made share their status, and so do those of them that are bound within one second. */
const bound = new WeakMap<Status, { readonly at: string; readonly status: Status }>();

function boundAtFirst(status: Status, now: number): Status {
  const known = bound.get(status);
  const at = timestamp(now);
  if (known?.at === at) return known.status;
  const next = boundAgain(status, now);
  bound.set(status, { at, status: next });
  return next;
}

function boundAgain(before: Status, now: number): Status {
  // The room that was held for it, there or elsewhere, is needed no more (`ClearingNominatedNodeNameAfterBinding`).
  const { nominatedNodeName: _, ...status } = before;
  const conditions = setCondition(status.conditions, scheduled, now).map(withoutCause);
  return deepFreeze({ ...status, conditions });
}

/** A pod that was unschedulable is so no more: the reason and the message go with it. */
function withoutCause<T extends { type: string; reason?: string; message?: string }>(condition: T): T {
  if (condition.type !== "PodScheduled") return condition;
  const { reason: _reason, message: _message, ...rest } = condition;
  return rest as T;
}
