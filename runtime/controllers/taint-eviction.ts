import type { Pod, Taint } from "../../model/core.ts";
import { parseTimestamp, type Stored } from "../../model/meta.ts";
import { tolerates } from "../../model/placement.ts";
import { isTerminal } from "../../model/pod.ts";
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
 * (`pkg/controller/tainteviction`). The time runs from when the taint was added, so that a restart changes nothing.
 */
export function createTaintEvictionController(
  client: Client,
  environment: ControllerEnvironment,
): Controller {
  const { clock, onError } = environment;
  /** Pods that are waiting for their time, for the event when they need not any more. */
  const marked = new Set<string>();

  const loop = new Loop(
    COMPONENT,
    clock,
    (key) => {
      const pod = client.get("Pod", ...splitKey(key));
      if (pod && pod.metadata.deletionTimestamp === undefined && !isTerminal(pod)) return check(key, pod);
      marked.delete(key);
    },
    onError,
  );

  function check(key: string, pod: Stored<Pod>): RequeueAfter | undefined {
    const node = pod.spec.nodeName ? client.get("Node", undefined, pod.spec.nodeName) : undefined;
    const at = node ? evictionTime(pod, taintsWith(node, "NoExecute")) : undefined;
    if (at === undefined) {
      if (marked.delete(key))
        client.event(pod, COMPONENT, "Normal", "TaintManagerEviction", `Cancelling deletion of Pod ${key}`);
      return undefined;
    }
    const after = at - clock.now();
    if (after > 0) {
      marked.add(key);
      return { after };
    }
    marked.delete(key);
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
      if (type === "DELETED") return;
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

/**
 * When a pod has to leave a node with these NoExecute taints, in milliseconds: at once where it does not tolerate one,
 * never (undefined) where it tolerates all for good, else when the first toleration runs out.
 */
export function evictionTime(pod: Pod, taints: readonly Taint[]): number | undefined {
  let first: number | undefined;
  for (const taint of taints) {
    const matching = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return Number.NEGATIVE_INFINITY;
    const limits = matching.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
    if (limits.length === 0) continue;
    const seconds = Math.max(0, Math.min(...limits));
    const at = (parseTimestamp(taint.timeAdded) ?? 0) + seconds * 1000;
    if (first === undefined || at < first) first = at;
  }
  return first;
}
