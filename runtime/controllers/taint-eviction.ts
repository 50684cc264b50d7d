import type { Pod, Taint } from "../../model/core.ts";
import { parseTimestamp, type Stored } from "../../model/meta.ts";
import { tolerates } from "../../model/placement.ts";
import { condition, isTerminal } from "../../model/pod.ts";
import type { Client } from "../client/client.ts";
import { setCondition } from "../client/conditions.ts";
import { Loop, type RequeueAfter } from "../client/loop.ts";
import { equalStructure } from "../client/structure.ts";
import {
  type Controller,
  type ControllerEnvironment,
  ifThere,
  queueKey,
  splitKey,
  stopAll,
} from "./controller.ts";
import { taintsWith } from "./taints.ts";

const COMPONENT = "taint-eviction-controller";

/**
 * Deletes the pods that do not tolerate a NoExecute taint of their node, each after the time it tolerates it
 * (`pkg/controller/tainteviction`). The time runs from when both were there, so that who comes to a node that was tainted long ago has
 * all of it; a restart changes nothing where the taint says when it was added.
 */
export function createTaintEvictionController(
  client: Client,
  environment: ControllerEnvironment,
): Controller {
  const { clock, onError } = environment;
  /** Of pods that are waiting for their time, since when each taint has been seen there, in milliseconds. */
  const waiting = new Map<string, ReadonlyMap<string, number>>();

  const loop = new Loop(
    COMPONENT,
    clock,
    (key) => {
      const pod = client.get("Pod", ...splitKey(key));
      if (pod && pod.metadata.deletionTimestamp === undefined && !isTerminal(pod)) return check(key, pod);
      waiting.delete(key);
    },
    onError,
  );

  function check(key: string, pod: Stored<Pod>): RequeueAfter | undefined {
    const node = pod.spec.nodeName ? client.get("Node", undefined, pod.spec.nodeName) : undefined;
    const taints = node ? taintsWith(node, "NoExecute") : [];
    const known = waiting.get(key);
    const seen = new Map(taints.map((taint) => [idOf(taint), known?.get(idOf(taint)) ?? clock.now()]));
    const at = evictionTime(pod, taints, (taint) => seen.get(idOf(taint))!);
    if (at === undefined) {
      if (waiting.delete(key))
        client.event(pod, COMPONENT, "Normal", "TaintManagerEviction", `Cancelling deletion of Pod ${key}`);
      return undefined;
    }
    const after = at - clock.now();
    if (after > 0) {
      waiting.set(key, seen);
      return { after };
    }
    waiting.delete(key);
    evict(key, pod);
    return undefined;
  }

  function evict(key: string, pod: Stored<Pod>): void {
    client.event(pod, COMPONENT, "Normal", "TaintManagerEviction", `Marking for deletion Pod ${key}`);
    const conditions = setCondition(
      pod.status?.conditions,
      {
        type: "DisruptionTarget",
        status: "True",
        reason: "DeletionByTaintManager",
        message: "Taint manager: deleting due to NoExecute taint",
      },
      clock.now(),
    );
    const { namespace, name, uid } = pod.metadata;
    ifThere(() => {
      client.updateStatus<"Pod">({ ...pod, status: { ...pod.status, conditions } });
      client.delete("Pod", namespace, name, { preconditions: { uid } });
    });
  }

  const stops = [
    client.watch("Node", ({ type, object, previous }) => {
      if (type === "MODIFIED" && equalStructure(object.spec.taints, previous?.spec.taints)) return;
      for (const pod of client.list("Pod", { fields: { "spec.nodeName": object.metadata.name } }))
        loop.add(queueKey(pod));
    }),
    client.watch("Pod", ({ type, object, previous }) => {
      if (type === "DELETED") {
        waiting.delete(queueKey(object));
        return;
      }
      const same =
        previous?.spec.nodeName === object.spec.nodeName &&
        previous?.spec.tolerations === object.spec.tolerations;
      const node =
        same || !object.spec.nodeName ? undefined : client.get("Node", undefined, object.spec.nodeName);
      if (node && taintsWith(node, "NoExecute").length > 0) loop.add(queueKey(object));
    }),
  ];
  return {
    name: loop.name,
    stop: () => {
      loop.stop();
      stopAll(stops);
    },
  };
}

const idOf = ({ key, value = "" }: Taint) => `${key}=${value}`;

/**
 * When a pod has to leave a node with these NoExecute taints, in milliseconds: at once where it does not tolerate one,
 * never (undefined) where it tolerates all for good, else when the first toleration runs out. `seenAt`: since when a taint was
 * seen there, which matters where it does not say since when it is there.
 */
export function evictionTime(
  pod: Pod,
  taints: readonly Taint[],
  seenAt: (taint: Taint) => number,
): number | undefined {
  const scheduled = condition(pod.status?.conditions, "PodScheduled")?.lastTransitionTime;
  const bound = parseTimestamp(scheduled ?? pod.metadata.creationTimestamp) ?? 0;
  let first: number | undefined;
  for (const taint of taints) {
    const matching = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return Number.NEGATIVE_INFINITY;
    const limits = matching.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
    if (limits.length === 0) continue;
    const seconds = Math.max(0, Math.min(...limits));
    const seen = seenAt(taint);
    const together = Math.max(parseTimestamp(taint.timeAdded) ?? seen, bound);
    const at = Math.min(seen, together) + seconds * 1000;
    if (first === undefined || at < first) first = at;
  }
  return first;
}
