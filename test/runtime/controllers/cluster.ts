import type { VirtualClock } from "../../../base/clock.ts";
import { seededRandom } from "../../../base/random.ts";
import type { Node, Pod, PodStatus, ReplicationController } from "../../../model/core.ts";
import { type Stored, timestamp } from "../../../model/meta.ts";
import { isActive, isReady } from "../../../model/pod.ts";
import type { ControllerEnvironment } from "../../../runtime/controllers/controller.ts";
import { controllers } from "../../../runtime/controllers/index.ts";
import type { Registry } from "../../../runtime/registry/registry.ts";
import { createWorld, type World } from "../registry/world.ts";

/** A cluster with all controllers and, in place of scheduler and kubelets, something small that starts pods at once. */
export interface Cluster extends World {
  /** What decisions threw, but for refusals that are part of a test. */
  readonly errors: unknown[];
  /** Pods of these names or of rcs of these names never become ready. */
  readonly broken: Set<string>;
  /** Nodes whose kubelet is dead. */
  readonly dead: Set<string>;
  settle(milliseconds?: number): void;
  pods(): readonly Stored<Pod>[];
  active(): readonly Stored<Pod>[];
  rc(name: string): Stored<ReplicationController>;
  stop(): void;
  restart(): void;
}

export function createCluster(
  nodes: readonly string[] = ["a", "b"],
  seed = 1,
  environment: Pick<ControllerEnvironment, "lostNodes"> = {},
): Cluster {
  const world = createWorld({}, seed);
  const { client, clock } = world;
  const errors: unknown[] = [];
  const broken = new Set<string>();
  const dead = new Set<string>();
  const start = () =>
    Object.values(controllers).map((create) =>
      create(client, {
        ...environment,
        clock,
        random: seededRandom(seed),
        onError: (_loop, _key, error) => errors.push(error),
      }),
    );
  for (const name of nodes) addNode(client, clock, name);
  let running = start();
  const beat = beatingHearts(client, clock, dead);
  runPods(client, clock, { broken, dead });
  return {
    ...world,
    errors,
    broken,
    dead,
    settle: (milliseconds = 2_000) => {
      const end = clock.now() + milliseconds;
      while (clock.now() < end) {
        clock.advanceTo(Math.min(end, clock.now() + 10_000));
        beat();
      }
    },
    pods: () => client.list("Pod"),
    active: () => client.list("Pod").filter(isActive),
    rc: (name) => client.get("ReplicationController", "default", name)!,
    stop: () => {
      for (const each of running) each.stop();
    },
    restart: () => {
      for (const each of running) each.stop();
      running = start();
    },
  };
}

export function addNode(client: Registry, clock: VirtualClock, name: string, labels = {}): Stored<Node> {
  const now = timestamp(clock.now());
  return client.create<"Node">({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    spec: {},
    status: {
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "KubeletReady",
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      ],
    },
  });
}

/** Live kubelets post their status every time it is asked for. */
function beatingHearts(client: Registry, clock: VirtualClock, dead: ReadonlySet<string>): () => void {
  return () => {
    const now = timestamp(clock.now());
    for (const node of client.list("Node")) {
      if (dead.has(node.metadata.name)) continue;
      const conditions = (node.status?.conditions ?? []).map((condition) => ({
        ...condition,
        lastHeartbeatTime: now,
        ...(condition.type === "Ready" && condition.status === "Unknown"
          ? { status: "True" as const, reason: "KubeletReady", lastTransitionTime: now }
          : {}),
      }));
      client.updateStatus<"Node">({ ...node, status: { ...node.status, conditions } });
    }
  };
}

/** Binds pods to the nodes in turn, makes them ready 100 ms later, and ends those that are being deleted after 200 ms. */
function runPods(
  client: Registry,
  clock: VirtualClock,
  { broken, dead }: { broken: ReadonlySet<string>; dead: ReadonlySet<string> },
): void {
  let turn = 0;
  let host = 1;
  const later = (milliseconds: number, uid: string, act: (pod: Stored<Pod>) => void) =>
    clock.schedule(clock.now() + milliseconds, () => {
      const pod = client.list("Pod").find((each) => each.metadata.uid === uid);
      if (pod && !dead.has(pod.spec.nodeName ?? "")) act(pod);
    });
  const isBroken = (pod: Pod) => broken.has(pod.metadata.name) || broken.has(pod.spec.containers[0]!.image);
  client.watch("Pod", ({ type, object, previous }) => {
    const { uid } = object.metadata;
    if (type === "ADDED")
      later(0, uid, (pod) => {
        const usable = client
          .list("Node")
          .filter((node) => !node.spec.unschedulable && !node.spec.taints?.length);
        const node = usable[turn++ % usable.length];
        if (node && !pod.spec.nodeName)
          client.bind(pod.metadata.namespace!, pod.metadata.name, node.metadata.name);
      });
    if (type === "MODIFIED" && !previous?.spec.nodeName && object.spec.nodeName)
      later(100, uid, (pod) => {
        if (pod.status?.phase !== "Pending" || pod.metadata.deletionTimestamp) return;
        const ready = isBroken(pod) ? "False" : "True";
        const now = timestamp(clock.now());
        const status: PodStatus = {
          ...pod.status,
          phase: "Running",
          podIP: `127.8.16.${host++}`,
          conditions: [{ type: "Ready", status: ready, lastTransitionTime: now }],
        };
        client.updateStatus<"Pod">({ ...pod, status });
      });
    if (object.metadata.deletionTimestamp && !previous?.metadata.deletionTimestamp)
      later(200, uid, (pod) =>
        client.delete("Pod", pod.metadata.namespace, pod.metadata.name, { gracePeriodSeconds: 0 }),
      );
  });
}

export const readyPods = (cluster: Cluster) => cluster.active().filter(isReady);

export function scale(cluster: Cluster, name: string, replicas: number): void {
  const rc = cluster.rc(name);
  cluster.client.update<"ReplicationController">({ ...rc, spec: { ...rc.spec, replicas } });
}

export function eventsOf(cluster: Cluster, name: string): string[] {
  return cluster.client
    .list("Event")
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ type, reason, message }) => `${type} ${reason} ${message}`);
}
