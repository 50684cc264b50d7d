import { describe, expect, test } from "vitest";
import type { Node, Pod, Taint } from "../../../model/core.ts";
import { condition, isReady } from "../../../model/pod.ts";
import { evictionTime } from "../../../runtime/controllers/taint-eviction.ts";
import { evictionRate, zoneState } from "../../../runtime/controllers/zones.ts";
import { podNamed, rcNamed } from "../registry/world.ts";
import { addNode, type Cluster, createCluster, eventsOf, readyPods } from "./cluster.ts";

const labels = { app: "web" };
const node = (cluster: Cluster, name: string) => cluster.client.get("Node", undefined, name)!;
const taints = (cluster: Cluster, name: string) =>
  (node(cluster, name).spec.taints ?? []).map(({ key, effect }) => `${key.split("/")[1]}:${effect}`).sort();
const podsOn = (cluster: Cluster, name: string) =>
  cluster.active().filter((pod) => pod.spec.nodeName === name);

describe("a node that falls silent", () => {
  test("is unknown after its grace, its pods are not ready, and after 300 s they are made anew elsewhere", () => {
    const cluster = createCluster(["a", "b", "c"]);
    cluster.client.create<"ReplicationController">(rcNamed("web", 6, labels));
    cluster.settle();
    expect(podsOn(cluster, "a")).toHaveLength(2);
    cluster.dead.add("a");
    cluster.settle(40_000);
    expect(isReady(podsOn(cluster, "a")[0]!)).toBe(true);
    cluster.settle(30_000);
    expect(condition(node(cluster, "a").status?.conditions, "Ready")).toMatchObject({
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Kubelet stopped posting node status.",
    });
    expect(condition(node(cluster, "a").status?.conditions, "MemoryPressure")).toMatchObject({
      status: "Unknown",
      reason: "NodeStatusNeverUpdated",
      message: "Kubelet never posted node status.",
    });
    expect(taints(cluster, "a")).toEqual(["unreachable:NoExecute", "unreachable:NoSchedule"]);
    expect(podsOn(cluster, "a").map(isReady)).toEqual([false, false]);
    expect(eventsOf(cluster, "a")).toContain("Normal NodeNotReady Node a status is now: NodeNotReady");
    const stranded = podsOn(cluster, "a")[0]!;
    expect(eventsOf(cluster, stranded.metadata.name)).toContain("Warning NodeNotReady Node is not ready");
    cluster.settle(310_000);
    expect(podsOn(cluster, "a")).toEqual([]);
    expect(readyPods(cluster)).toHaveLength(6);
    const evicted = cluster.client.get("Pod", "default", stranded.metadata.name)!;
    expect(condition(evicted.status?.conditions, "DisruptionTarget")).toMatchObject({
      status: "True",
      reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint",
    });
    expect(eventsOf(cluster, stranded.metadata.name)).toContain(
      `Normal TaintManagerEviction Marking for deletion Pod default/${stranded.metadata.name}`,
    );
    expect(cluster.errors).toEqual([]);
  });

  test("and returns in time keeps its pods", () => {
    const cluster = createCluster(["a", "b", "c"]);
    cluster.client.create<"ReplicationController">(rcNamed("web", 3, labels));
    cluster.settle();
    const before = cluster.pods().map((pod) => pod.metadata.name);
    const stranded = podsOn(cluster, "a")[0]!.metadata.name;
    cluster.dead.add("a");
    cluster.settle(100_000);
    cluster.dead.delete("a");
    cluster.settle(400_000);
    expect(taints(cluster, "a")).toEqual([]);
    expect(cluster.pods().map((pod) => pod.metadata.name)).toEqual(before);
    expect(eventsOf(cluster, stranded)).toContain(
      `Normal TaintManagerEviction Cancelling deletion of Pod default/${stranded}`,
    );
  });

  test("together with all others evicts nobody", () => {
    const cluster = createCluster(["a", "b"]);
    cluster.client.create<"ReplicationController">(rcNamed("web", 2, labels));
    cluster.settle();
    cluster.dead.add("a").add("b");
    cluster.settle(1_000_000);
    expect(taints(cluster, "a")).toEqual(["unreachable:NoSchedule"]);
    expect(cluster.active()).toHaveLength(2);
    cluster.dead.clear();
    cluster.settle(30_000);
    expect(taints(cluster, "a")).toEqual([]);
  });

  test("is tainted for eviction at most every ten seconds with others of its zone", () => {
    const cluster = createCluster(["a", "b", "c", "d", "e"]);
    cluster.settle(20_000);
    cluster.dead.add("a").add("b");
    const added: number[] = [];
    cluster.client.watch("Node", ({ object, previous }) => {
      const has = (each: Node | undefined) => each?.spec.taints?.some(({ effect }) => effect === "NoExecute");
      if (has(object) && !has(previous)) added.push(cluster.clock.now());
    });
    cluster.settle(120_000);
    expect(added).toHaveLength(2);
    expect(added[1]! - added[0]!).toBeGreaterThanOrEqual(10_000);
  });

  test("is heard of by its lease alone", () => {
    const cluster = createCluster([]);
    addNode(cluster.client, cluster.clock, "a");
    cluster.dead.add("a");
    const beat = () => {
      const renewTime = new Date(cluster.clock.now()).toISOString();
      const lease = cluster.client.get("Lease", "kube-node-lease", "a");
      if (lease) cluster.client.update<"Lease">({ ...lease, spec: { ...lease.spec, renewTime } });
      else
        cluster.client.create<"Lease">({
          apiVersion: "coordination.k8s.io/v1",
          kind: "Lease",
          metadata: { name: "a", namespace: "kube-node-lease" },
          spec: { holderIdentity: "a", leaseDurationSeconds: 40, renewTime },
        });
    };
    for (let round = 0; round < 30; round++) {
      beat();
      cluster.settle(10_000);
    }
    expect(condition(node(cluster, "a").status?.conditions, "Ready")?.status).toBe("True");
    cluster.settle(60_000);
    expect(condition(node(cluster, "a").status?.conditions, "Ready")?.status).toBe("Unknown");
  });
});

describe("a node", () => {
  test("that is taken away leaves its pods to be made anew elsewhere within seconds", () => {
    const cluster = createCluster(["a", "b"]);
    cluster.client.create<"ReplicationController">(rcNamed("web", 4, labels));
    cluster.settle();
    cluster.dead.add("a");
    cluster.client.delete("Node", undefined, "a");
    cluster.settle(3_000);
    expect(readyPods(cluster)).toHaveLength(4);
    expect(cluster.pods().every((pod) => pod.spec.nodeName === "b")).toBe(true);
  });

  test("that is gone is looked for every 20 s and given 40 s where that is how it is, as in Kubernetes", () => {
    const cluster = createCluster(["a", "b"], 1, { lostNodes: { period: 20_000, grace: 40_000 } });
    cluster.client.create<"ReplicationController">(rcNamed("web", 4, labels));
    cluster.settle();
    cluster.dead.add("a");
    cluster.client.delete("Node", undefined, "a");
    const gone = cluster.clock.now();
    const there = () => cluster.pods().some((pod) => pod.spec.nodeName === "a");
    cluster.settle(59_000);
    expect(there()).toBe(true);
    cluster.settle(21_000);
    expect(there()).toBe(false);
    expect(readyPods(cluster)).toHaveLength(4);
    expect(cluster.clock.now() - gone).toBe(80_000);
  });

  test("that is replaced within a moment keeps them", () => {
    const cluster = createCluster(["a"]);
    cluster.client.create<"Pod">(podNamed("web"));
    cluster.settle();
    cluster.client.delete("Node", undefined, "a");
    addNode(cluster.client, cluster.clock, "a");
    cluster.settle(5_000);
    expect(cluster.pods()).toHaveLength(1);
  });

  test("is not for scheduling until it is ready, and then running", () => {
    const cluster = createCluster([]);
    cluster.client.create<"Node">({ apiVersion: "v1", kind: "Node", metadata: { name: "a" }, spec: {} });
    cluster.settle(5_000);
    expect(taints(cluster, "a")).toEqual(["not-ready:NoSchedule"]);
    expect(node(cluster, "a").status?.phase).toBe("Pending");
    const ready = { type: "Ready", status: "True" } as const;
    cluster.client.updateStatus<"Node">({ ...node(cluster, "a"), status: { conditions: [ready] } });
    cluster.settle(1_000);
    expect(taints(cluster, "a")).toEqual([]);
    expect(node(cluster, "a").status?.phase).toBe("Running");
  });

  test("that is cordoned or under pressure says so with a taint, and its pods stay", () => {
    const cluster = createCluster(["a"]);
    cluster.client.create<"Pod">(podNamed("web"));
    cluster.settle();
    const current = node(cluster, "a");
    cluster.client.update<"Node">({ ...current, spec: { ...current.spec, unschedulable: true } });
    cluster.settle();
    expect(taints(cluster, "a")).toEqual(["unschedulable:NoSchedule"]);
    const conditions = [
      ...node(cluster, "a").status!.conditions!,
      { type: "DiskPressure", status: "True" } as const,
    ];
    cluster.client.updateStatus<"Node">({ ...node(cluster, "a"), status: { conditions } });
    cluster.settle();
    expect(taints(cluster, "a")).toEqual(["disk-pressure:NoSchedule", "unschedulable:NoSchedule"]);
    const cordoned = node(cluster, "a");
    cluster.client.update<"Node">({ ...cordoned, spec: { ...cordoned.spec, unschedulable: false } });
    cluster.settle();
    expect(taints(cluster, "a")).toEqual(["disk-pressure:NoSchedule"]);
    expect(readyPods(cluster)).toHaveLength(1);
  });
});

describe("a NoExecute taint", () => {
  const at = "2026-01-01T00:00:00Z";
  const taint = (key: string, timeAdded = at): Taint => ({ key, effect: "NoExecute", timeAdded });
  const pod = (tolerations: Pod["spec"]["tolerations"]) => podNamed("web", {}, { tolerations: tolerations! });

  test("evicts at once, in time, or never, as the pod tolerates it", () => {
    const time = Date.parse(at);
    const seen = () => time + 5_000;
    expect(evictionTime(pod([]), [], seen)).toBeUndefined();
    expect(evictionTime(pod([]), [taint("x")], seen)).toBe(Number.NEGATIVE_INFINITY);
    expect(evictionTime(pod([{ key: "x", operator: "Exists" }]), [taint("x")], seen)).toBeUndefined();
    expect(evictionTime(pod([{ operator: "Exists", tolerationSeconds: 60 }]), [taint("x")], seen)).toBe(
      time + 60_000,
    );
    expect(evictionTime(pod([{ operator: "Exists", tolerationSeconds: -3 }]), [taint("x")], seen)).toBe(time);
    expect(evictionTime(pod([{ key: "x", operator: "Equal", value: "no" }]), [taint("x")], seen)).toBe(
      Number.NEGATIVE_INFINITY,
    );
    expect(
      evictionTime(pod([{ key: "x", operator: "Exists", effect: "NoSchedule" }]), [taint("x")], seen),
    ).toBe(Number.NEGATIVE_INFINITY);
    const both = pod([
      { key: "x", operator: "Exists", tolerationSeconds: 60 },
      { key: "y", operator: "Exists", tolerationSeconds: 30 },
    ]);
    expect(evictionTime(both, [taint("x"), taint("y", "2026-01-01T00:00:10Z")], seen)).toBe(time + 35_000);
  });

  test("counts from when the pod came, where the taint was there before, and from when it was seen, where it says nothing of that", () => {
    const tolerations = [
      { key: "x", operator: "Exists" as const, effect: "NoExecute" as const, tolerationSeconds: 60 },
    ];
    for (const timeAdded of [at, undefined]) {
      const cluster = createCluster(["a"]);
      cluster.settle(120_000);
      const taints = [{ key: "x", effect: "NoExecute" as const, ...(timeAdded ? { timeAdded } : {}) }];
      cluster.client.update<"Node">({ ...node(cluster, "a"), spec: { ...node(cluster, "a").spec, taints } });
      cluster.settle(120_000);
      cluster.client.create<"Pod">(podNamed("web", labels, { tolerations, nodeName: "a" }));
      cluster.settle(50_000);
      expect(cluster.active()).toHaveLength(1);
      cluster.settle(20_000);
      expect(cluster.active()).toHaveLength(0);
    }
  });
});

describe("a zone", () => {
  const nodes = (ready: number, notReady: number) =>
    Array.from(
      { length: ready + notReady },
      (_, index): Node => ({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: `n${index}` },
        spec: {},
        status: { conditions: [{ type: "Ready", status: index < ready ? "True" : "Unknown" }] },
      }),
    );

  test("is disrupted in part from 55 % and three nodes on, and wholly when none is ready", () => {
    expect(zoneState(nodes(3, 0))).toBe("Normal");
    expect(zoneState(nodes(0, 1))).toBe("FullDisruption");
    expect(zoneState(nodes(1, 2))).toBe("Normal");
    expect(zoneState(nodes(2, 3))).toBe("PartialDisruption");
    expect(zoneState(nodes(9, 11))).toBe("PartialDisruption");
    expect(zoneState(nodes(10, 10))).toBe("Normal");
    expect([
      evictionRate("Normal", 10),
      evictionRate("PartialDisruption", 50),
      evictionRate("PartialDisruption", 51),
    ]).toEqual([0.1, 0, 0.01]);
  });
});
