import { describe, expect, test } from "vitest";
import type { PodSpec } from "../../../model/core.ts";
import { createWorld, requesting } from "./harness.ts";

type World = ReturnType<typeof createWorld>;

/** Pods that stand, with the priority and what they request; they have run since the given second. */
function stand(
  world: World,
  pods: readonly { name: string; priority: number; cpu: string; since?: number }[],
) {
  for (const { name, priority, cpu, since = 0 } of pods) {
    world.addPod(name, { ...requesting(cpu), priority });
    world.clock.advance(0);
    const pod = world.pod(name)!;
    const startTime = new Date(since * 1000).toISOString();
    world.client.updateStatus<"Pod">({ ...pod, status: { ...pod.status, phase: "Running", startTime } });
  }
}

/** What a kubelet does with pods that are being deleted. */
function end(world: World): readonly string[] {
  const ended = world.client.list("Pod").filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  for (const { metadata } of ended)
    world.client.delete("Pod", "default", metadata.name, { gracePeriodSeconds: 0 });
  return ended.map(({ metadata }) => metadata.name);
}

const important = (cpu: string, more: Partial<PodSpec> = {}) => ({
  ...requesting(cpu),
  priority: 10,
  ...more,
});

describe("a pod of higher priority that fits nowhere", () => {
  test("has room made for it, says so, and takes it when it is there", () => {
    const world = createWorld();
    world.addNode("node-a");
    stand(world, [{ name: "low", priority: 0, cpu: "3" }]);
    world.addPod("high", important("2"));
    world.clock.advance(0);
    const victim = world.pod("low")!;
    expect(victim.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
    expect(victim.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: "DisruptionTarget",
        status: "True",
        reason: "PreemptionByScheduler",
        message: "default-scheduler: preempting to accommodate a higher priority pod",
      }),
    );
    const { uid } = world.pod("high")!.metadata;
    expect(world.events("low")).toContain(`Normal Preempted: Preempted by pod ${uid} on node node-a`);
    expect(world.pod("high")?.status?.nominatedNodeName).toBe("node-a");
    expect(world.events("high")).toEqual([
      "Warning FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.",
    ]);
    world.clock.advance(5000);
    expect(world.nodeOf("high")).toBeUndefined();
    expect(end(world)).toEqual(["low"]);
    world.clock.advance(10_000);
    expect(world.nodeOf("high")).toBe("node-a");
    expect(world.pod("high")?.status?.nominatedNodeName).toBeUndefined();
    expect(world.errors).toEqual([]);
  });

  test("drives out no more than it must, and the least important first", () => {
    const world = createWorld();
    world.addNode("node-a");
    stand(world, [
      { name: "older", priority: 1, cpu: "1", since: 1 },
      { name: "newer", priority: 1, cpu: "1", since: 2 },
      { name: "dearer", priority: 5, cpu: "1" },
      { name: "higher", priority: 20, cpu: "500m" },
    ]);
    world.addPod("high", important("1500m"));
    world.clock.advance(0);
    expect(end(world)).toEqual(["newer"]);
  });

  test.each([
    ["the lowest priority", [[5], [3, 3, 3]], "b"],
    [
      "the lowest sum of priorities",
      [
        [3, 3],
        [3, 1],
      ],
      "b",
    ],
    ["the fewest victims", [[-(2 ** 31), 3], [3]], "b"],
    ["the latest start", [[3], [3]], "b"],
  ] as const)("chooses the node with %s", (_what, [a, b], expected) => {
    const world = createWorld();
    for (const [name, priorities] of [
      ["a", a],
      ["b", b],
    ] as const) {
      world.addNode(`node-${name}`);
      const cpu = `${Math.floor(3900 / priorities.length)}m`;
      stand(
        world,
        priorities.map((priority, index) => ({
          name: `${name}-${index}`,
          priority,
          cpu,
          since: name === "a" ? 1 : 2,
        })),
      );
    }
    world.addPod("high", important("3900m"));
    world.clock.advance(0);
    expect(world.pod("high")?.status?.nominatedNodeName).toBe(`node-${expected}`);
  });

  test("does not where it may not, or where it would not help, and says why", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.addNode("node-b", { spec: { unschedulable: true } });
    stand(world, [{ name: "low", priority: 0, cpu: "3" }]);
    world.addPod("meek", important("2", { preemptionPolicy: "Never" }));
    world.addPod("huge", important("100"));
    stand(world, [{ name: "same", priority: 10, cpu: "900m" }]);
    world.addPod("wide", important("3500m"));
    world.clock.advance(0);
    const text = (name: string) => world.events(name)[0]?.split("preemption: ")[1];
    expect(text("meek")).toBe("not eligible due to preemptionPolicy=Never.");
    expect(text("huge")).toBe("0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
    expect(text("wide")).toBe(
      "0/2 nodes are available: 1 Insufficient cpu, 1 Preemption is not helpful for scheduling.",
    );
    expect(end(world)).toEqual([]);
  });

  test("waits for those who are on their way out, and others do not take its room", () => {
    const world = createWorld();
    world.addNode("node-a");
    stand(world, [{ name: "low", priority: 0, cpu: "3" }]);
    world.addPod("high", important("3"));
    world.clock.advance(0);
    world.addPod("late", requesting("2"));
    const pod = world.pod("high")!;
    world.client.update<"Pod">({ ...pod, metadata: { ...pod.metadata, labels: { app: "touched" } } });
    world.clock.advance(2000);
    expect(world.events("high").at(-1)).toContain(
      "not eligible due to a terminating pod on the nominated node.",
    );
    end(world);
    world.clock.advance(20_000);
    expect([world.nodeOf("high"), world.nodeOf("late")]).toEqual(["node-a", undefined]);
    expect(world.errors).toEqual([]);
  });

  test("takes over room that is held for a pod of lower priority", () => {
    const world = createWorld();
    world.addNode("node-a");
    stand(world, [{ name: "low", priority: 0, cpu: "3" }]);
    world.addPod("middle", { ...requesting("3"), priority: 5 });
    world.clock.advance(0);
    world.addPod("high", important("3"));
    world.clock.advance(0);
    expect(world.pod("high")?.status?.nominatedNodeName).toBe("node-a");
    expect(world.pod("middle")?.status?.nominatedNodeName).toBeUndefined();
    end(world);
    world.clock.advance(20_000);
    expect([world.nodeOf("high"), world.nodeOf("middle")]).toEqual(["node-a", undefined]);
  });

  test("drives out those whose company it does not bear", () => {
    const world = createWorld();
    world.addNode("node-a");
    stand(world, [{ name: "low", priority: 0, cpu: "100m" }]);
    const apart = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } },
        ],
      },
    };
    world.addPod("high", important("100m", { affinity: apart }), { app: "db" });
    world.clock.advance(0);
    expect(end(world)).toEqual(["low"]);
    world.clock.advance(20_000);
    expect(world.nodeOf("high")).toBe("node-a");
    expect(world.errors).toEqual([]);
  });
});
