import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { Condition, Node, Pod } from "../../model/core.ts";
import { type Stored, timestamp } from "../../model/meta.ts";
import { condition, isTerminal } from "../../model/pod.ts";
import { ApiError, type Client } from "../client/client.ts";
import { Loop, type RequeueAfter } from "../client/loop.ts";
import { type Evaluation, type Profile, runFilters, runScores } from "./framework.ts";
import { eventText, fitError } from "./message.ts";
import { defaultProfile } from "./profile.ts";
import { createQueue, type QueuedPod } from "./queue.ts";
import { createSnapshot, demandOf, type NodeInfo, type PodInfo } from "./snapshot.ts";

export interface SchedulerOptions {
  /** Asked at each decision; Kubernetes' own when left out. */
  readonly profile?: () => Profile;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Where the pod was written, e.g. `shop.kdsl:30`; it ends the text of FailedScheduling events. */
  readonly place?: (pod: Pod) => string | undefined;
  readonly onError?: (loop: string, key: string, error: unknown) => void;
}

export interface Scheduler {
  stop(): void;
}

const component = "default-scheduler";
const turn = "next";

/**
 * Puts each pod that has no node on the best of the nodes that take it. One decision at a time, on a snapshot that
 * is brought up to date before it; a pod that fits nowhere waits until something changes that may help it.
 */
export function createScheduler({
  client,
  clock,
  random,
  place,
  onError,
  profile = () => defaultProfile,
}: SchedulerOptions): Scheduler {
  const queue = createQueue();
  const snapshot = createSnapshot();
  const changedNodes = new Set<string>();
  const changedPods = new Map<string, { readonly namespace: string | undefined; readonly name: string }>();
  const specs = new Map<string, Pod>();
  const loop = new Loop("scheduler", clock, () => next(), onError);

  const unwatch = [
    client.watch("Node", ({ object }) => {
      changedNodes.add(object.metadata.name);
      loop.add(turn);
    }),
    client.watch("Pod", ({ object }) => {
      const { namespace, name } = object.metadata;
      changedPods.set(`${namespace}/${name}`, { namespace, name });
      loop.add(turn);
    }),
  ];

  function next(): RequeueAfter | undefined {
    refresh();
    const now = clock.now();
    queue.flush(now);
    const queued = queue.pop(now);
    if (queued) scheduleOne(queued);
    const at = queue.nextAt(clock.now());
    return at === undefined ? undefined : { after: Math.max(0, at - clock.now()) };
  }

  /** Takes what changed since the last decision over into the snapshot and the queue. */
  function refresh(): void {
    const freed = new Set<string>();
    for (const [key, { namespace, name }] of changedPods) {
      const pod = client.get("Pod", namespace, name);
      const node = snapshot.setPod(key, pod);
      if (node) freed.add(node);
      enqueue(key, pod);
    }
    changedPods.clear();
    for (const name of changedNodes) {
      const before = snapshot.node(name)?.node;
      const node = client.get("Node", undefined, name);
      snapshot.setNode(name, node);
      if (node && (!before || mattersToPods(before, node))) freed.add(name);
    }
    changedNodes.clear();
    for (const name of freed) wake(name);
  }

  function enqueue(key: string, pod: Stored<Pod> | undefined): void {
    if (!pod || !isMine(pod)) {
      queue.remove(key);
      specs.delete(key);
      return;
    }
    const known = specs.get(key);
    specs.set(key, pod);
    // What only its status says (that it is unschedulable, for one) is no reason to try again.
    if (known && queue.has(key, pod.metadata.uid) && sameRequest(known, pod)) return;
    queue.add({ key, uid: pod.metadata.uid, priority: pod.spec.priority ?? 0 }, clock.now());
  }

  /** Something got better on this node: tries the pods again that a filter turned away and would take there now. */
  function wake(nodeName: string): void {
    const node = snapshot.node(nodeName);
    if (!node) return;
    queue.move(clock.now(), ({ key, rejectedBy }) => {
      const pod = specs.get(key) as Stored<Pod> | undefined;
      if (!pod || rejectedBy.size === 0) return true;
      const info: PodInfo = { pod, demand: demandOf(pod.spec) };
      return profile().filters.some((plugin) => rejectedBy.has(plugin.name) && !plugin.filter(info, node));
    });
  }

  function scheduleOne(queued: QueuedPod): void {
    const known = specs.get(queued.key);
    const pod = known && client.get("Pod", known.metadata.namespace, known.metadata.name);
    if (!pod || pod.metadata.uid !== queued.uid || !isMine(pod)) {
      queue.remove(queued.key);
      return;
    }
    const info: PodInfo = { pod, demand: demandOf(pod.spec) };
    const evaluation = runFilters(profile(), info, snapshot.nodes());
    const chosen = choose(info, evaluation);
    if (!chosen) {
      const rejected = [...evaluation.rejected.values()];
      queue.failed(queued, clock.now(), new Set(rejected.map(({ plugin }) => plugin)));
      report(pod, "Unschedulable", fitError(rejected));
      return;
    }
    bind(queued, pod, chosen.name);
  }

  /** One of the best nodes, each as likely as the others. */
  function choose(pod: PodInfo, { feasible }: Evaluation): NodeInfo | undefined {
    if (feasible.length < 2) return feasible[0];
    const best = bestNodes(pod, feasible, { nodes: snapshot.nodes(), client }, profile());
    return best[random.below(best.length)];
  }

  function bind(queued: QueuedPod, pod: Stored<Pod>, nodeName: string): void {
    const { namespace, name } = pod.metadata;
    try {
      client.bind(namespace ?? "default", name, nodeName);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      queue.failed(queued, clock.now(), "error");
      const current = client.get("Pod", namespace, name);
      if (current && isMine(current)) report(current, "SchedulerError", `binding rejected: ${error.message}`);
      return;
    }
    queue.remove(queued.key);
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    client.event(pod, component, "Normal", "Scheduled", message);
  }

  function report(pod: Stored<Pod>, reason: string, message: string): void {
    client.event(pod, component, "Warning", "FailedScheduling", eventText(message, place?.(pod)));
    const before = condition(pod.status?.conditions, "PodScheduled");
    if (before?.status === "False" && before.reason === reason && before.message === message) return;
    const since = before?.status === "False" ? before.lastTransitionTime : undefined;
    const scheduled: Condition = {
      type: "PodScheduled",
      status: "False",
      lastProbeTime: null,
      lastTransitionTime: since ?? timestamp(clock.now()),
      reason,
      message,
    };
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
    const conditions = [...others, scheduled];
    client.updateStatus({
      ...pod,
      status: { ...pod.status, phase: pod.status?.phase ?? "Pending", conditions },
    });
  }

  return {
    stop() {
      for (const cancel of unwatch) cancel();
      loop.stop();
    },
  };
}

/** The nodes with the highest total score, in order of name. */
export function bestNodes(
  pod: PodInfo,
  feasible: readonly NodeInfo[],
  cluster: { readonly nodes: readonly NodeInfo[]; readonly client: Pick<Client, "get" | "list"> },
  profile: Profile = defaultProfile,
): readonly NodeInfo[] {
  const scores = runScores(profile, pod, feasible, cluster);
  const best = Math.max(...scores);
  return feasible.filter((_, index) => scores[index] === best);
}

function isMine(pod: Pod): boolean {
  return (
    !pod.spec.nodeName &&
    pod.metadata.deletionTimestamp === undefined &&
    !isTerminal(pod) &&
    (pod.spec.schedulerName ?? component) === component
  );
}

function sameRequest(a: Pod, b: Pod): boolean {
  return (
    (a.spec === b.spec || JSON.stringify(a.spec) === JSON.stringify(b.spec)) &&
    JSON.stringify(a.metadata.labels) === JSON.stringify(b.metadata.labels)
  );
}

/** Whether a change of a node may let a pod in; heartbeats do not. */
function mattersToPods(before: Node, after: Node): boolean {
  const view = ({ metadata, spec, status }: Node) =>
    JSON.stringify([metadata.labels, spec.taints, spec.unschedulable ?? false, status?.allocatable]);
  return view(before) !== view(after);
}
