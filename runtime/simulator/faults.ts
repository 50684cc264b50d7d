import type { Clock } from "../../base/clock.ts";
import type { Pod } from "../../model/core.ts";
import { type Kind, type KubernetesObject, keyOf, type ObjectKey, type Stored } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import type { ApplyResult } from "../apply.ts";
import type { Cluster } from "../cluster.ts";
import type { SimulatedDriver } from "../kubelet/drivers/simulated.ts";
import type { Absences } from "./absences.ts";
import { evictionRefused } from "./disruption.ts";
import type { SimulatedLinks } from "./links.ts";
import type { View } from "./view.ts";
import { DAEMON_ANNOTATION } from "./workloads.ts";

/**
 * What can happen to a cluster, and what an operator does to it. Each is at once. What is not there is refused by a
 * RangeError; what is so already (a dead node that is killed) changes nothing.
 */
export interface Faults {
  /** A node dies: all that runs on it is gone and nobody says so. */
  killNode(name: string): void;
  /** A dead node comes back, with nothing on it. */
  reviveNode(name: string): void;
  /** A node's kubelet ends and is started anew; its containers run on and are found by it. */
  restartKubelet(name: string): void;
  /** The API, its store, all loops and kubelets end and are started anew from what the store had written; containers run on. */
  restartCluster(): void;
  /** The node can neither reach the API nor be reached by it; what runs on it runs on. */
  cutNode(name: string): void;
  /** The node's watches hang: it acts on what it saw. */
  stallNode(name: string): void;
  /** The watches of a controller, the "scheduler" or the "proxy" hang, or only that of one kind: it acts on what it saw. */
  stallLoop(name: string, kind?: Kind): void;
  healLoop(name: string): void;
  /** Undoes a cut or a stall. */
  healNode(name: string): void;
  /** Packets between two nodes are lost: pods on the one do not reach pods on the other. */
  cutBetween(a: string, b: string): void;
  healBetween(a: string, b: string): void;
  cordon(name: string, on: boolean): void;
  /**
   * Cordons, then deletes every pod on the node gracefully, as `kubectl drain --force --ignore-daemonsets` evicts them:
   * what a disruption budget keeps is tried again every 5 s, until the node takes pods again.
   */
  drain(name: string): void;
  /** Pods that a drain has not been allowed to evict, by node, each with why. */
  readonly kept: ReadonlyMap<string, readonly { readonly pod: string; readonly why: string }[]>;
  /** A pod's containers exit by themselves with `exitCode` (1); or the one that is named. */
  crash(podUid: string, container?: string, exitCode?: number): void;
  /** A pod's containers are ended by the kernel for want of memory; or the one that is named. */
  exhaustMemory(podUid: string, container?: string): void;
  /** The node is short of disk, until it is emptied by `on` false. */
  fillNode(name: string, on: boolean): void;
  /** Starts on the node take so many milliseconds longer; 0 ends it. */
  slowNode(name: string, milliseconds: number): void;
  /** Starts of the pod's containers take so many milliseconds longer; 0 ends it. */
  slowPod(podUid: string, milliseconds: number): void;
  /** Sets the number of replicas of an rc, as `kubectl scale` does. */
  scale(rc: ObjectKey, replicas: number): void;
  /** The plan with these objects in it and those gone is applied; what is not named is left as it is. */
  update(objects: readonly KubernetesObject[], removed: readonly ObjectKey[], beside?: Beside): ApplyResult;
  /** From now on the driver's answers come at once and once. */
  mendAnswers(): void;
  readonly dead: ReadonlySet<string>;
  readonly cut: ReadonlySet<string>;
  /** Whether packets pass between two nodes. */
  reaches(a: string, b: string): boolean;
}

export interface FaultsOptions {
  /** The cluster of now: a restart makes another. */
  readonly cluster: () => Cluster;
  readonly clock: Clock;
  readonly restart: () => void;
  readonly driver: SimulatedDriver;
  readonly links: SimulatedLinks;
  readonly views: ReadonlyMap<string, View>;
  readonly loopViews: ReadonlyMap<string, View>;
  /** Nodes that are short of disk. */
  readonly full: Set<string>;
  /** Nodes that are dead or cut off, and loops whose watches hang. */
  readonly nodes: Absences;
  readonly loops: Absences;
  readonly mendAnswers: () => void;
  readonly plan: () => Plan;
  readonly apply: (plan: Plan) => ApplyResult;
}

export function createFaults(options: FaultsOptions): Faults {
  const {
    cluster,
    clock,
    driver,
    links,
    views,
    full,
    nodes,
    loops,
    plan,
    apply,
    mendAnswers,
    restart,
    loopViews,
  } = options;
  const client = () => cluster().client;
  const dead = new Set<string>();
  const cut = new Set<string>();
  const apart = new Set<string>();
  const drains = new Map<string, object>();
  const kept = new Map<string, readonly { readonly pod: string; readonly why: string }[]>();
  const pair = (a: string, b: string) => (a < b ? `${a} ${b}` : `${b} ${a}`);
  const relate = (name: string) => nodes.set(name, dead.has(name) || cut.has(name));
  const node = (name: string) => {
    const found = client().get("Node", undefined, name);
    if (!found) throw new RangeError(`there is no node ${name}`);
    return found;
  };
  const loopView = (name: string) => {
    const view = loopViews.get(name);
    if (!view) throw new RangeError(`there is no loop ${name}`);
    return view;
  };
  const containers = (podUid: string, named: string | undefined) =>
    driver
      .running()
      .filter((each) => each.podUid === podUid && (named === undefined || each.container === named));

  /** One round of a drain; what may not go yet is tried again for as long as it is still this drain. */
  const evict = (name: string, drain: object) => {
    if (drains.get(name) !== drain) return;
    const left: { pod: string; why: string }[] = [];
    for (const pod of podsOn(cluster(), name)) {
      const { namespace, name: podName, deletionTimestamp, annotations } = pod.metadata;
      if (deletionTimestamp || annotations?.[DAEMON_ANNOTATION] !== undefined) continue;
      const why = evictionRefused(client(), plan(), pod);
      if (why === undefined) client().delete("Pod", namespace, podName);
      else left.push({ pod: podName, why });
    }
    if (left.length === 0) {
      drains.delete(name);
      kept.delete(name);
      return;
    }
    kept.set(name, left);
    clock.schedule(clock.now() + evictAgain, () => evict(name, drain));
  };

  return {
    dead,
    cut,
    kept,
    mendAnswers,
    killNode(name) {
      node(name);
      if (dead.has(name)) return;
      dead.add(name);
      relate(name);
      cluster().stopKubelet(name);
      driver.killNode(name);
    },
    reviveNode(name) {
      node(name);
      if (!dead.delete(name)) return;
      relate(name);
      driver.reviveNode(name);
      cluster().startKubelet(name);
    },
    restartKubelet(name) {
      node(name);
      if (dead.has(name)) return;
      cluster().stopKubelet(name);
      cluster().startKubelet(name);
    },
    restartCluster() {
      restart();
      for (const name of dead) cluster().stopKubelet(name);
    },
    cutNode(name) {
      node(name);
      cut.add(name);
      relate(name);
      views.get(name)?.cut();
      links.cut(name);
    },
    stallNode(name) {
      node(name);
      views.get(name)?.stall();
    },
    stallLoop(name, kind) {
      loopView(name).stall(kind);
      loops.set(name, true);
    },
    healLoop(name) {
      loopView(name).restore();
      loops.set(name, false);
    },
    healNode(name) {
      node(name);
      cut.delete(name);
      relate(name);
      views.get(name)?.restore();
      links.mend(name);
    },
    cutBetween(a, b) {
      node(a);
      node(b);
      if (a !== b) apart.add(pair(a, b));
    },
    healBetween: (a, b) => void apart.delete(pair(a, b)),
    reaches: (a, b) => apart.size === 0 || !apart.has(pair(a, b)),
    cordon(name, on) {
      const found = node(name);
      if (!on) {
        drains.delete(name);
        kept.delete(name);
      }
      if ((found.spec.unschedulable ?? false) === on) return;
      const { unschedulable: _, ...spec } = found.spec;
      client().update<"Node">({ ...found, spec: on ? { ...spec, unschedulable: true } : spec });
    },
    drain(name) {
      this.cordon(name, true);
      const drain = {};
      drains.set(name, drain);
      evict(name, drain);
    },
    crash(podUid, container, exitCode = 1) {
      for (const each of containers(podUid, container)) driver.crash(podUid, each.container, exitCode);
    },
    exhaustMemory(podUid, container) {
      for (const each of containers(podUid, container)) driver.exhaustMemory(podUid, each.container);
    },
    fillNode(name, on) {
      node(name);
      if (on) full.add(name);
      else full.delete(name);
      cluster().refreshNode(name);
    },
    slowNode: (name, milliseconds) => {
      node(name);
      driver.slowNode(name, milliseconds);
    },
    slowPod: (podUid, milliseconds) => driver.slowPod(podUid, milliseconds),
    scale(key, replicas) {
      const rc = client()
        .list("ReplicationController")
        .find((each) => keyOf(each) === key);
      if (!rc) throw new RangeError(`there is no ${key}`);
      client().update<"ReplicationController">({ ...rc, spec: { ...rc.spec, replicas } });
    },
    update: (objects, removed, { behaviour, updates } = {}) => {
      const next = replaceObjects(plan(), objects, removed);
      return apply({
        ...next,
        ...(behaviour && { behaviour: { ...next.behaviour, ...behaviour } }),
        ...(updates && { updates: { ...next.updates, ...updates } }),
      });
    },
  };
}

/** How long `kubectl drain` waits before it asks again for an eviction that was refused. */
const evictAgain = 5000;

/** What of a plan stands beside its objects and changes with them. */
export type Beside = Partial<Pick<Plan, "behaviour" | "updates">>;

function podsOn(cluster: Cluster, node: string): readonly Stored<Pod>[] {
  return cluster.client.list("Pod", { fields: { "spec.nodeName": node } });
}

/** New objects stand behind those that were there, in the order in which they are given. */
function replaceObjects(
  plan: Plan,
  objects: readonly KubernetesObject[],
  removed: readonly ObjectKey[],
): Plan {
  const next = new Map(plan.objects.map((object) => [keyOf(object), object]));
  for (const object of objects) next.set(keyOf(object), object);
  for (const key of removed) next.delete(key);
  return { ...plan, objects: [...next.values()] };
}
