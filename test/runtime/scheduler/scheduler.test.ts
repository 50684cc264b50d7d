import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../base/random.ts";
import { ApiError, type Client } from "../../../runtime/client/client.ts";
import { createScheduler } from "../../../runtime/scheduler/scheduler.ts";
import { createWorld, requesting } from "./harness.ts";

const preemption = (text: string) => ` no new claims to deallocate, preemption: ${text}`;

describe("a pod that fits", () => {
  test("is bound, and an event says where", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.addPod("web");
    world.clock.advance(0);
    expect(world.nodeOf("web")).toBe("node-a");
    expect(world.events("web")).toEqual(["Normal Scheduled: Successfully assigned default/web to node-a"]);
    expect(world.errors).toEqual([]);
  });

  test("goes to the emptier node, and pods of one service spread", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.addNode("node-b");
    world.addPod("big", requesting("3"), { app: "big" });
    world.clock.advance(0);
    world.client.create<"Service">({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", namespace: "default" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    });
    for (const name of ["web-1", "web-2", "web-3", "web-4"]) world.addPod(name, requesting("100m"));
    world.clock.advance(0);
    const nodes = ["web-1", "web-2", "web-3", "web-4"].map((name) => world.nodeOf(name));
    expect(nodes[0]).not.toBe(world.nodeOf("big"));
    expect(nodes.filter((name) => name === "node-a")).toHaveLength(2);
  });

  test("is placed by what others took and gave back while no pod waited", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.addNode("node-b");
    world.addPod("long", { ...requesting("3"), schedulerName: "other" });
    world.addPod("short", { ...requesting("3"), schedulerName: "other" });
    world.client.bind("default", "long", "node-a");
    world.client.bind("default", "short", "node-b");
    world.clock.advance(1000);
    world.client.delete("Pod", "default", "short", { gracePeriodSeconds: 0 });
    world.clock.advance(1000);
    world.addPod("web", requesting("3"));
    world.clock.advance(0);
    expect(world.nodeOf("web")).toBe("node-b");
  });

  test("comes after those that were there before it, though one of its name was there earlier", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.addPod("again", requesting("3"));
    world.clock.advance(0);
    world.client.delete("Pod", "default", "again", { gracePeriodSeconds: 0 });
    world.clock.advance(1000);
    world.addPod("first", requesting("3"));
    world.addPod("again", requesting("3"));
    world.clock.advance(0);
    expect([world.nodeOf("first"), world.nodeOf("again")]).toEqual(["node-a", undefined]);
  });

  test("of higher priority goes first", () => {
    const world = createWorld();
    world.addPod("low", { ...requesting("3"), priority: 1 });
    world.addPod("high", { ...requesting("3"), priority: 10 });
    world.clock.advance(1000);
    world.addNode("node-a");
    world.clock.advance(20_000);
    expect([world.nodeOf("low"), world.nodeOf("high")]).toEqual([undefined, "node-a"]);
  });

  test("is left to the scheduler that it names", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.addPod("web", { schedulerName: "other" });
    world.clock.advance(1000);
    expect(world.nodeOf("web")).toBeUndefined();
    expect(world.events("web")).toEqual([]);
  });

  test("waits for its gates without a try, and is placed once the last one is taken away", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.addPod("web", { schedulingGates: [{ name: "example.com/quota" }, { name: "example.com/arch" }] });
    world.clock.advance(400_000);
    expect(world.nodeOf("web")).toBeUndefined();
    expect(world.events("web")).toEqual([]);
    const openUntil = (left: readonly string[]) => {
      const pod = world.pod("web")!;
      world.client.update<"Pod">({
        ...pod,
        spec: { ...pod.spec, schedulingGates: left.map((name) => ({ name })) },
      });
      world.clock.advance(0);
    };
    openUntil(["example.com/arch"]);
    expect(world.nodeOf("web")).toBeUndefined();
    openUntil([]);
    expect(world.nodeOf("web")).toBe("node-a");
    expect(world.pod("web")!.status!.conditions).toMatchObject([{ type: "PodScheduled", status: "True" }]);
  });

  test("among equal nodes each is taken about as often, and the same seed takes the same", () => {
    const pick = (seed: number) => {
      const world = createWorld({ seed });
      for (const name of ["node-a", "node-b", "node-c"]) world.addNode(name);
      world.addPod("web");
      world.clock.advance(0);
      return world.nodeOf("web")!;
    };
    const picks = Array.from({ length: 150 }, (_, seed) => pick(seed));
    for (const name of ["node-a", "node-b", "node-c"]) {
      expect(picks.filter((picked) => picked === name).length).toBeGreaterThan(30);
    }
    expect(pick(42)).toBe(pick(42));
  });
});

describe("a pod that fits nowhere", () => {
  test("says so in Kubernetes' words, with the line of the file in the event alone", () => {
    const world = createWorld({ place: () => "shop.kdsl:30" });
    world.addNode("node-a", { spec: { taints: [{ key: "gpu", effect: "NoSchedule" }] } });
    world.addNode("node-b");
    world.addNode("node-c", { allocatable: { memory: "32Mi" } });
    world.addPod("big", requesting("5"));
    world.clock.advance(0);
    const message =
      "0/3 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), 2 Insufficient cpu." +
      preemption("0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
    expect(world.events("big")).toEqual([`Warning FailedScheduling: ${message} (shop.kdsl:30)`]);
    expect(world.pod("big")?.status).toMatchObject({
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
    });
  });

  test("says that there are no victims where removing pods would make room", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.addPod("a", requesting("3"));
    world.addPod("b", requesting("3"));
    world.clock.advance(0);
    expect(world.events("b")).toEqual([
      "Warning FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu." +
        preemption("0/1 nodes are available: 1 No preemption victims found for incoming pod."),
    ]);
  });

  test("says when there are no nodes at all", () => {
    const world = createWorld();
    world.addPod("web");
    world.clock.advance(0);
    expect(world.events("web")).toEqual(["Warning FailedScheduling: no nodes available to schedule pods"]);
    world.addNode("node-a");
    world.clock.advance(0);
    expect(world.nodeOf("web")).toBe("node-a");
  });

  test("cuts the event at 1024 characters but neither the condition nor the place", () => {
    const world = createWorld({ place: () => "shop.kdsl:30" });
    const containers = Array.from({ length: 60 }, (_, index) => ({
      name: `c${index}`,
      image: "host",
      command: ["run"],
      resources: {
        requests: { [`example.com/resource-${index}`]: "1" },
        limits: { [`example.com/resource-${index}`]: "1" },
      },
    }));
    world.addNode("node-a");
    world.addPod("web", { containers });
    world.clock.advance(0);
    const [event] = world.client.list("Event");
    expect(event?.message).toHaveLength(1024);
    expect(event?.message.endsWith(" ... (shop.kdsl:30)")).toBe(true);
    expect(world.pod("web")?.status?.conditions?.[0]?.message?.endsWith("for scheduling.")).toBe(true);
  });

  test.each([
    ["another node", (world: ReturnType<typeof createWorld>) => void world.addNode("node-b")],
    [
      "the pod that is in its way",
      (world: ReturnType<typeof createWorld>) =>
        world.client.delete("Pod", "default", "a", { gracePeriodSeconds: 0 }),
    ],
    [
      "an end of that pod",
      (world: ReturnType<typeof createWorld>) => {
        const pod = world.pod("a")!;
        world.client.updateStatus<"Pod">({ ...pod, status: { ...pod.status, phase: "Succeeded" } });
      },
    ],
    [
      "more room on the node",
      (world: ReturnType<typeof createWorld>) => {
        const node = world.client.get("Node", undefined, "node-a")!;
        world.client.updateStatus<"Node">({
          ...node,
          status: { ...node.status, allocatable: { cpu: "8", memory: "8Gi", pods: "110" } },
        });
      },
    ],
  ])("is placed at once when there is %s", (_what, change) => {
    const world = createWorld();
    world.addNode("node-a");
    world.addPod("a", requesting("3"));
    world.clock.advance(0);
    world.addPod("b", requesting("3"));
    world.clock.advance(5000);
    expect(world.nodeOf("b")).toBeUndefined();
    change(world);
    world.clock.advance(0);
    expect(world.nodeOf("b")).toBeDefined();
    expect(world.errors).toEqual([]);
  });

  test("waits for a cordoned node to be opened, and tolerates a taint that is taken away", () => {
    const world = createWorld();
    world.addNode("node-a", { spec: { unschedulable: true } });
    world.addPod("web");
    world.clock.advance(0);
    expect(world.events("web")[0]).toContain("1 node(s) were unschedulable.");
    world.updateNode("node-a", { unschedulable: false, taints: [{ key: "k", effect: "NoExecute" }] });
    world.clock.advance(0);
    expect(world.nodeOf("web")).toBeUndefined();
    world.updateNode("node-a", { taints: [] });
    world.clock.advance(0);
    expect(world.nodeOf("web")).toBe("node-a");
  });

  test("is not tried again for what cannot help it", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.addPod("big", requesting("100"));
    world.clock.advance(0);
    for (let index = 0; index < 5; index++) {
      world.addNode(`small-${index}`);
      world.addPod(`pod-${index}`, requesting("100m"));
      world.clock.advance(1000);
    }
    const [event] = world.client.list("Event").filter(({ involvedObject }) => involvedObject.name === "big");
    expect(event?.count ?? 1).toBe(1);
  });

  test("is tried again after five minutes all the same", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.addPod("big", requesting("100"));
    world.clock.advance(4 * 60_000);
    const count = () => world.client.list("Event").reduce((sum, event) => sum + (event.count ?? 1), 0);
    expect(count()).toBe(1);
    world.clock.advance(2 * 60_000);
    expect(count()).toBe(2);
  });

  test("is forgotten when it is deleted", () => {
    const world = createWorld();
    world.addPod("web");
    world.clock.advance(0);
    world.client.delete("Pod", "default", "web");
    world.addNode("node-a");
    world.clock.advance(10 * 60_000);
    expect(world.errors).toEqual([]);
    expect(world.clock.nextAt()).toBeUndefined();
    expect(world.events("web")).toHaveLength(1);
  });
});

test("a pod that another has bound meanwhile is left alone", () => {
  const world = createWorld();
  world.addNode("node-a");
  world.addNode("node-b");
  world.addPod("web");
  world.client.bind("default", "web", "node-b");
  world.clock.advance(1000);
  expect(world.nodeOf("web")).toBe("node-b");
  expect(world.events("web")).toEqual([]);
});

test("a pod whose binding is refused is tried again after its back-off", () => {
  const world = createWorld();
  world.scheduler.stop();
  let refused = 0;
  const client: Client = {
    ...world.client,
    bind(namespace, name, node) {
      if (refused++ < 2) throw new ApiError(500, "InternalError", "no room in the journal");
      world.client.bind(namespace, name, node);
    },
  };
  const scheduler = createScheduler({ client, clock: world.clock, random: seededRandom(1) });
  world.addNode("node-a");
  world.addPod("web");
  world.clock.advance(0);
  expect(world.pod("web")?.status?.conditions?.[0]).toMatchObject({
    status: "False",
    reason: "SchedulerError",
    message: "binding rejected: no room in the journal",
  });
  world.clock.advance(2999);
  expect(world.nodeOf("web")).toBeUndefined();
  world.clock.advance(1);
  expect(world.nodeOf("web")).toBe("node-a");
  scheduler.stop();
});

test("a stopped scheduler places nothing", () => {
  const world = createWorld();
  world.addNode("node-a");
  world.scheduler.stop();
  world.addPod("web");
  world.clock.advance(1000);
  expect(world.nodeOf("web")).toBeUndefined();
});
