import type { Pod } from "../../model/core.ts";
import { parseTimestamp, type Stored } from "../../model/meta.ts";
import { isTerminal } from "../../model/pod.ts";
import type { Client } from "../client/client.ts";
import { setCondition } from "../client/conditions.ts";
import { Loop } from "../client/loop.ts";
import { type Controller, type ControllerEnvironment, ifThere, stopAll } from "./controller.ts";

/**
 * How long a node must be gone before its pods go, in milliseconds. Kubernetes looks every 20 s and waits 40 s, and so does
 * a simulation (`lostNodes`); where nobody can be late in saying that the node is there, a moment is enough, in which it
 * may be replaced.
 */
const QUARANTINE = 1_000;
/** How many ended pods may lie about (`--terminated-pod-gc-threshold`). */
const MOST_TERMINATED = 12_500;
/** The key of the ended pods; no node can have this name. */
const TERMINATED = "/terminated";

/** When the pods of a node go that is gone since then: at the look after the grace, which begins with a look. */
function dueAt(since: number, look: ControllerEnvironment["lostNodes"]): number {
  if (!look) return since + QUARANTINE;
  const next = (instant: number) => (Math.floor(instant / look.period) + 1) * look.period;
  return next(next(since) + look.grace);
}

/** Removes pods that nobody looks after any more (`pkg/controller/podgc`): those of nodes that are gone, and too many ended ones. */
export function createPodCollector(client: Client, environment: ControllerEnvironment): Controller {
  const { clock, onError, lostNodes } = environment;
  const missingSince = new Map<string, number>();
  let terminated = 0;

  /** The names of the nodes that there are. */
  const nodes = new Set<string>();

  const loop = new Loop(
    "pod-garbage-collector",
    clock,
    (key) => {
      if (key === TERMINATED) return collectTerminated();
      const pods = client.get("Node", undefined, key)
        ? []
        : client.list("Pod", { fields: { "spec.nodeName": key } });
      if (pods.length === 0) {
        missingSince.delete(key);
        return undefined;
      }
      const since = missingSince.get(key) ?? clock.now();
      missingSince.set(key, since);
      const left = dueAt(since, lostNodes) - clock.now();
      if (left > 0) return { after: left };
      missingSince.delete(key);
      for (const pod of pods) removeOrphaned(pod);
      return undefined;
    },
    onError,
  );

  /** Failed first, for whoever counts: nothing has ended it properly. */
  function removeOrphaned(pod: Stored<Pod>): void {
    const condition = {
      type: "DisruptionTarget",
      status: "True",
      reason: "DeletionByPodGC",
      message: "PodGC: node no longer exists",
    } as const;
    const conditions = setCondition(pod.status?.conditions, condition, clock.now());
    if (!isTerminal(pod))
      ifThere(() =>
        client.updateStatus<"Pod">({ ...pod, status: { ...pod.status, phase: "Failed", conditions } }),
      );
    forceDelete(pod);
  }

  function forceDelete(pod: Stored<Pod>): void {
    const { namespace, name, uid } = pod.metadata;
    ifThere(() => client.delete("Pod", namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } }));
  }

  function collectTerminated(): undefined {
    if (terminated <= MOST_TERMINATED) return;
    const oldestFirst = client
      .list("Pod")
      .filter(isTerminal)
      .sort(
        (left, right) =>
          parseTimestamp(left.metadata.creationTimestamp) - parseTimestamp(right.metadata.creationTimestamp),
      );
    for (const pod of oldestFirst.slice(0, oldestFirst.length - MOST_TERMINATED)) forceDelete(pod);
  }

  const stops = [
    client.watch("Node", ({ type, object }) => {
      if (type === "MODIFIED") return;
      const { name } = object.metadata;
      if (type === "ADDED") nodes.add(name);
      else nodes.delete(name);
      loop.add(name);
    }),
    client.watch("Pod", ({ type, object, previous }) => {
      const { nodeName } = object.spec;
      if (nodeName && previous?.spec.nodeName !== nodeName && !nodes.has(nodeName)) loop.add(nodeName);
      const before = previous !== undefined && isTerminal(previous);
      const after = type !== "DELETED" && isTerminal(object);
      if (before === after) return;
      terminated += after ? 1 : -1;
      if (terminated > MOST_TERMINATED) loop.add(TERMINATED);
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
