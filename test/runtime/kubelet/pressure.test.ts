import { describe, expect, test } from "vitest";
import type { PodSpec } from "../../../model/core.ts";
import type { Shortage } from "../../../runtime/kubelet/eviction.ts";
import { container, createWorld } from "./harness.ts";

/** A node that is told what it is short of. */
function pressed(shortage: Shortage) {
  const now: { shortage: Shortage } = { shortage: [] };
  const world = createWorld({ pressure: () => now.shortage });
  const kubelet = world.addNode("node-a");
  const set = (next: Shortage) => {
    now.shortage = next;
    kubelet.refreshNode();
    world.clock.advance(0);
  };
  const says = (type: string) =>
    world.client.get("Node", undefined, "node-a")?.status?.conditions?.find((each) => each.type === type)
      ?.status;
  return { world, says, begin: () => set(shortage), end: () => set([]) };
}

const asking = (requests: Record<string, string>, more: Partial<PodSpec> = {}): Partial<PodSpec> => ({
  containers: [container("main", { resources: { requests } })],
  ...more,
});

describe("a node that is short of memory", () => {
  const reasons = (world: ReturnType<typeof createWorld>, names: readonly string[]) =>
    names.map((name) => world.pod(name)?.status?.reason);

  test("evicts first who requested nothing, then the lowest priority, one pod in ten seconds", () => {
    const { world, begin } = pressed(["MemoryPressure"]);
    world.createPod("low", asking({ memory: "1Gi" }), "node-a");
    world.createPod("high", asking({ memory: "1Gi" }, { priority: 10 }), "node-a");
    world.createPod("careless", asking({ cpu: "1" }, { priority: 100 }), "node-a");
    world.createPod("critical", asking({}, { priorityClassName: "system-node-critical" }), "node-a");
    world.clock.advance(1000);
    begin();
    const names = ["careless", "low", "high", "critical"];
    world.clock.advance(9000);
    expect(reasons(world, names)).toEqual(["Evicted", undefined, undefined, undefined]);
    world.clock.advance(10_000);
    expect(reasons(world, names)).toEqual(["Evicted", "Evicted", undefined, undefined]);
    world.clock.advance(60_000);
    expect(reasons(world, names)).toEqual(["Evicted", "Evicted", "Evicted", undefined]);
    expect(world.pod("low")?.status).toMatchObject({
      phase: "Failed",
      message: "The node was low on resource: memory. ",
    });
  });

  test("gives a second to end, whatever the pod asks for", () => {
    const { world, begin } = pressed(["MemoryPressure"]);
    const deaf = container("main", { lifecycle: { preStop: { sleep: { seconds: 60 } } } });
    world.createPod("slow", { containers: [deaf], terminationGracePeriodSeconds: 600 }, "node-a");
    world.clock.advance(1000);
    begin();
    world.clock.advance(4000);
    expect(world.pod("slow")?.status).toMatchObject({ phase: "Failed", reason: "Evicted" });
  });

  test("says so for five minutes after it has passed", () => {
    const { world, says, begin, end } = pressed(["MemoryPressure"]);
    begin();
    expect(says("MemoryPressure")).toBe("True");
    world.clock.advance(15_000);
    end();
    world.clock.advance(285_000);
    expect(says("MemoryPressure")).toBe("True");
    world.clock.advance(15_000);
    expect(says("MemoryPressure")).toBe("False");
  });

  test("takes no pod that requested nothing, unless it tolerates that", () => {
    const { world, begin, end } = pressed(["MemoryPressure"]);
    begin();
    end();
    const key = "node.kubernetes.io/memory-pressure";
    world.createPod("careless", asking({}), "node-a");
    world.createPod("enduring", asking({}, { tolerations: [{ key, operator: "Exists" }] }), "node-a");
    world.createPod("careful", asking({ memory: "1Gi" }), "node-a");
    world.clock.advance(1000);
    expect(reasons(world, ["careless", "enduring", "careful"])).toEqual(["Evicted", undefined, undefined]);
    expect(world.pod("careless")?.status?.message).toBe(
      "Pod was rejected: The node had condition: [MemoryPressure]. ",
    );
  });
});

test("a node that is short of disk takes only what keeps it going", () => {
  const { world, begin, end } = pressed(["DiskPressure"]);
  begin();
  end();
  world.createPod("careful", asking({ memory: "1Gi" }), "node-a");
  world.createPod("critical", asking({}, { priorityClassName: "system-cluster-critical" }), "node-a");
  world.clock.advance(1000);
  expect(world.pod("careful")?.status).toMatchObject({
    phase: "Failed",
    reason: "Evicted",
    message: "Pod was rejected: The node had condition: [DiskPressure]. ",
  });
  expect(world.pod("critical")?.status?.phase).toBe("Running");
});
