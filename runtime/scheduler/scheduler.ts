import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { Pod } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { isGated, isTerminal } from "../../model/pod.ts";
import { ApiError, type Client, type WatchEvent } from "../client/client.ts";
import { Loop, type RequeueAfter } from "../client/loop.ts";
import { createView } from "./cluster-view.ts";
import type { ClusterView, Profile } from "./framework.ts";
import { Engine } from "./index/engine.ts";
import type { RequestClass } from "./index/request-class.ts";
import { fitError, summary } from "./message.ts";
import { ineligible, Preemption } from "./preemption.ts";
import { defaultProfile } from "./profile.ts";
import { createQueue, type QueuedPod } from "./queue.ts";
import { component, createReporter } from "./report.ts";
import { describePod, type NodeInfo, type PodInfo, priorityOf, Snapshot } from "./snapshot.ts";
import { spreadSelector } from "./spread-constraints.ts";

export interface SchedulerOptions {
  /** Asked at each decision; Kubernetes' own when left out. */
  readonly profile?: () => Profile;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Where the pod was written, e.g. `shop.kdsl:30`; it ends the text of FailedScheduling events. */
  readonly place?: (pod: Pod) => string | undefined;
  /** Hears of each decision before it takes effect. */
  readonly decided?: (decision: Decision) => void;
  readonly onError?: (loop: string, key: string, error: unknown) => void;
}

/** Where a pod is going to stand, and the cluster as it was looked at. */
export interface Decision {
  readonly info: PodInfo;
  readonly cluster: ClusterView;
  readonly profile: Profile;
  /** Undefined: it fits nowhere. */
  readonly node: NodeInfo | undefined;
}

export interface Scheduler {
  stop(): void;
}

const turn = "next";
/** Decisions in one turn of the loop, which counts turns and not what they hold. */
const perTurn = 16;
/** So many classes are remembered as waiting before those are forgotten of which no pod waits any more. */
const mostWaiting = 1000;
/** So many changed pods are left lying while no pod waits. */
const mostChanged = 1000;

/**
 * Puts each pod that has no node on the best of the nodes that take it. One decision at a time, on a snapshot that
 * is brought up to date before it; a pod that fits nowhere drives out others of lower priority, or waits until something
 * changes that may help it.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { client, clock, random, decided, onError, profile = () => defaultProfile } = options;
  const queue = createQueue();
  const namespaceLabels = (name: string) => client.get("Namespace", undefined, name)?.metadata.labels ?? {};
  const snapshot = new Snapshot(namespaceLabels);
  const { view, selectors } = createView(snapshot, (pod) => spreadSelector(pod, client));
  const changedNodes = new Set<string>();
  const changedPods = new Map<string, Stored<Pod> | undefined>();
  /** The pod that was bound last, and how it came back from the store: that is taken over without looking for it. */
  let bound: Bound | undefined;
  /** Classes with pods that wait. */
  const waiting = new Map<string, RequestClass>();
  const loop = new Loop("scheduler", clock, () => next(), onError);
  const report = createReporter(options);
  let engine = new Engine(profile(), snapshot, view, selectors);
  let preemption = new Preemption(engine);

  const unwatch = watchAll();

  function watchAll(): readonly (() => void)[] {
    return [
      client.watch("Node", ({ object }) => {
        changedNodes.add(object.metadata.name);
        loop.add(turn);
      }),
      client.watch("Pod", ({ type, object }) => {
        if (bound && isBound(bound, type, object) && changedPods.size === 0) bound.pod = object;
        else noteChange(type, object);
        // While no pod waits nobody asks what else has changed: it is taken over when one comes.
        if (queue.size > 0 || isMine(object) || changedPods.size >= mostChanged) loop.add(turn);
      }),
      client.watch("Service", ({ object, previous, type }) => {
        if (type !== "MODIFIED" || object.spec.selector !== previous?.spec.selector)
          selectors.forget(object.metadata.namespace);
      }),
      client.watch("ReplicationController", ({ object, previous, type }) => {
        if (type !== "MODIFIED" || object.spec.selector !== previous?.spec.selector)
          selectors.forget(object.metadata.namespace);
      }),
      client.watch("Namespace", ({ object, previous, type }) => {
        if (type === "MODIFIED" && object.metadata.labels !== previous?.metadata.labels)
          snapshot.invalidate();
      }),
    ];
  }

  /** In the order in which they came: one that has the name of one that is gone comes anew. */
  function noteChange(type: WatchEvent<Pod>["type"], pod: Stored<Pod>): void {
    const key = keyOf(pod);
    if (type === "ADDED") changedPods.delete(key);
    changedPods.set(key, type === "DELETED" ? undefined : pod);
  }

  function next(): RequeueAfter | undefined {
    for (let count = 0; count < perTurn; count++) {
      refresh();
      const now = clock.now();
      queue.flush(now);
      const queued = queue.pop(now);
      if (!queued) break;
      scheduleOne(queued);
    }
    const at = queue.nextAt(clock.now());
    return at === undefined ? undefined : { after: Math.max(0, at - clock.now()) };
  }

  /** Takes what changed since the last decision over into the snapshot and the queue. */
  function refresh(): void {
    let moved = false;
    if (bound?.pod) {
      snapshot.setPod(bound.key, bound.pod, bound.info);
      moved = true;
    }
    bound = undefined;
    if (changedPods.size > 0 || changedNodes.size > 0) catchUp(moved);
    else if (moved) wakeByDomains();
  }

  function catchUp(movedBefore: boolean): void {
    const freed = new Set<string>();
    let moved = movedBefore;
    for (const [key, pod] of changedPods) {
      const before = snapshot.changes.end;
      const node = snapshot.setPod(key, pod);
      if (node) freed.add(node);
      moved ||= snapshot.changes.end !== before;
      nominate(key, pod, freed);
      enqueue(key, pod);
    }
    changedPods.clear();
    for (const name of changedNodes)
      if (snapshot.setNode(name, client.get("Node", undefined, name))) freed.add(name);
    changedNodes.clear();
    for (const name of freed) wake(name);
    if (moved || freed.size > 0) wakeByDomains();
  }

  /** Room that was held for a pod and is not any more is room that was freed. */
  function nominate(key: string, pod: Stored<Pod> | undefined, freed: Set<string>): void {
    const wanted = pod && isMine(pod) ? pod.status?.nominatedNodeName : undefined;
    if (wanted === undefined && snapshot.nominatedNode(key) === undefined) return;
    const before = snapshot.setNomination(key, pod, wanted);
    if (before && before !== wanted && pod?.spec.nodeName !== before) freed.add(before);
  }

  function enqueue(key: string, pod: Stored<Pod> | undefined): void {
    if (!pod || !isMine(pod)) {
      queue.remove(key, clock.now());
      return;
    }
    const known = queue.get(key);
    // What only its status says (that it is unschedulable, for one) is no reason to try again.
    if (known && known.pod.metadata.uid === pod.metadata.uid && sameRequest(known.pod, pod)) known.pod = pod;
    else queue.add(key, pod, clock.now());
  }

  /** Something got better on this node: tries pods again that would be taken there now. */
  function wake(nodeName: string): void {
    const node = snapshot.node(nodeName);
    if (!node) return;
    const now = clock.now();
    for (const { pod } of node.nominated.values()) queue.wake(keyOf(pod), now);
    queue.move(now, (group) => {
      const found = waiting.get(group);
      found?.refresh();
      return found === undefined || found.takes(node.slot);
    });
  }

  /** Pods came or went somewhere: tries pods again whose rules look at domains. */
  function wakeByDomains(): void {
    if (waiting.size === 0) return;
    queue.move(clock.now(), (group) => (waiting.get(group)?.filters.length ?? 0) > 0);
  }

  function scheduleOne(queued: QueuedPod): void {
    const { pod } = queued;
    if (profile() !== engine.profile) {
      engine = new Engine(profile(), snapshot, view, selectors);
      preemption = new Preemption(engine);
    }
    const info = describePod(pod);
    // The room that is held for this pod is its own.
    const nominated = snapshot.nominatedNode(queued.key);
    if (nominated !== undefined) snapshot.setNomination(queued.key, undefined, undefined);
    const of = engine.classOf(info);
    const slot = choose(of, nominated);
    const node = typeof slot === "number" ? snapshot.columns.nodes[slot] : undefined;
    decided?.({ info, cluster: view, profile: engine.profile, node });
    if (typeof slot === "number") {
      bind(queued, info, node!.name);
      return;
    }
    if (nominated !== undefined) snapshot.setNomination(queued.key, pod, nominated);
    queue.failed(queued, clock.now(), of.key);
    if (waiting.size > mostWaiting)
      for (const key of waiting.keys()) if (!queue.waits(key)) waiting.delete(key);
    waiting.set(of.key, of);
    fail(info, of, slot, nominated);
  }

  /** The node that is held for the pod, where it takes it; else one of the best. Or how often which rejection met it. */
  function choose(of: RequestClass, nominated: string | undefined): number | ReadonlyMap<number, number> {
    const held = nominated === undefined ? undefined : snapshot.node(nominated);
    if (held && of.rejectionAt(held.slot) === 0) return held.slot;
    const decision = of.decide(random);
    return decision.slot ?? decision.rejections;
  }

  function bind(queued: QueuedPod, info: PodInfo, nodeName: string): void {
    const { pod } = queued;
    const { namespace, name } = pod.metadata;
    bound = { key: queued.key, info, pod: undefined };
    try {
      client.bind(namespace ?? "default", name, nodeName);
    } catch (error) {
      // Something else went wrong once it was bound.
      if (bound.pod) changedPods.set(bound.key, bound.pod);
      bound = undefined;
      if (!(error instanceof ApiError)) throw error;
      snapshot.setNomination(queued.key, pod, pod.status?.nominatedNodeName);
      queue.failed(queued, clock.now(), "error");
      const current = client.get("Pod", namespace, name);
      if (current && isMine(current))
        report.failed(current, "SchedulerError", `binding rejected: ${error.message}`);
      return;
    }
    // What a watch that lags has yet to say is taken for granted (Kubernetes' `AssumePod`).
    if (!changedPods.has(queued.key)) bound.pod ??= { ...pod, spec: { ...pod.spec, nodeName } };
    queue.remove(queued.key, clock.now());
    client.event(
      pod,
      component,
      "Normal",
      "Scheduled",
      `Successfully assigned ${namespace}/${name} to ${nodeName}`,
    );
  }

  /** Makes room for the pod where that can be, and says why it has none. */
  function fail(
    info: PodInfo,
    of: RequestClass,
    rejections: ReadonlyMap<number, number>,
    nominated: string | undefined,
  ): void {
    const nodes = snapshot.columns.nodes.length;
    const rejected = [...rejections].map(([id, count]) => [of.describe(id), count] as const);
    const held = nominated === undefined ? undefined : snapshot.node(nominated);
    const resolvable = held === undefined || !of.describe(of.rejectionAt(held.slot))?.unresolvable;
    const refused = ineligible(info.pod, held, resolvable);
    if (refused !== undefined || nodes === 0) {
      report.failed(info.pod, "Unschedulable", fitError(nodes, rejected, refused), nominated);
      return;
    }
    const found = preemption.find(of);
    if (!found.node) {
      const text = fitError(nodes, rejected, summary(nodes, found.reasons));
      report.failed(info.pod, "Unschedulable", text);
      return;
    }
    const { name } = found.node;
    const losers = [...found.node.nominated.values()].filter(({ pod }) => priorityOf(pod) < of.priority);
    for (const { pod } of found.victims) report.preempt(pod, info.pod, name);
    for (const { pod } of losers) report.unnominate(pod);
    report.failed(info.pod, "Unschedulable", fitError(nodes, rejected), name);
  }

  return {
    stop() {
      for (const cancel of unwatch) cancel();
      loop.stop();
    },
  };
}

interface Bound {
  readonly key: string;
  readonly info: PodInfo;
  /** Undefined until it is seen. */
  pod: Stored<Pod> | undefined;
}

function isBound({ info, pod }: Bound, type: string, object: Stored<Pod>): boolean {
  return (
    pod === undefined &&
    type === "MODIFIED" &&
    object.metadata.uid === info.pod.metadata.uid &&
    object.spec.nodeName !== undefined
  );
}

const keyOf = ({ metadata }: Pod) => `${metadata.namespace}/${metadata.name}`;

function isMine(pod: Pod): boolean {
  return (
    !pod.spec.nodeName &&
    pod.metadata.deletionTimestamp === undefined &&
    !isTerminal(pod) &&
    !isGated(pod.spec) &&
    (pod.spec.schedulerName ?? component) === component
  );
}

function sameRequest(a: Pod, b: Pod): boolean {
  return (
    (a.spec === b.spec || JSON.stringify(a.spec) === JSON.stringify(b.spec)) &&
    (a.metadata.labels === b.metadata.labels ||
      JSON.stringify(a.metadata.labels) === JSON.stringify(b.metadata.labels))
  );
}
