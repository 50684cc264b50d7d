import { describe, expect, test } from "vitest";
import type { SimulatedBehaviour } from "../../../runtime/kubelet/drivers/simulated.ts";
import { container, createWorld, type World } from "./harness.ts";

function running(behaviour: SimulatedBehaviour, spec: Parameters<World["createPod"]>[1] = {}) {
  const world = createWorld({ behaviour: () => behaviour });
  world.addNode("node-a");
  world.createPod("web", spec, "node-a");
  world.clock.advance(1000);
  return world;
}

/** The signals that were sent, with the seconds after the deletion at 1 s. */
const signals = (world: World) =>
  world.commandsOf("signalContainer").map(({ signal, at }) => `${signal} ${(at - 1000) / 1000}`);

const preStop = (delay: number) => ({
  behaviour: { answerDelay: delay, stopDelay: Number.POSITIVE_INFINITY },
  spec: { containers: [container("main", { lifecycle: { preStop: { exec: { command: ["drain"] } } } })] },
});

describe("a pod that is deleted", () => {
  test("has its containers terminated, then its sandbox removed, and only then is gone", () => {
    const world = running({ stopDelay: 500 });
    world.client.delete("Pod", "default", "web");
    world.clock.advance(100);
    expect(world.pod("web")?.metadata.deletionTimestamp).toBeDefined();
    expect(world.driver.running()).toHaveLength(1);
    expect(world.events("web")).toContain("Normal Killing: Stopping container main");
    world.clock.advance(1000);
    expect(world.pod("web")).toBeUndefined();
    expect(world.driver.sandboxes()).toEqual([]);
    expect(signals(world)).toEqual(["SIGTERM 0"]);
    expect(world.errors).toEqual([]);
  });

  test("is not restarted when its container ends", () => {
    const world = running({ stopDelay: 500 });
    world.client.delete("Pod", "default", "web");
    world.clock.advance(60_000);
    expect(world.commandsOf("startContainer")).toHaveLength(1);
  });

  test.each([
    [undefined, 30],
    [5, 5],
    [1, 2],
  ])("with a grace of %s s that ignores TERM is killed after %i s", (grace, killed) => {
    const world = running({ stopDelay: Number.POSITIVE_INFINITY });
    const options = grace === undefined ? {} : { gracePeriodSeconds: grace };
    world.client.delete("Pod", "default", "web", options);
    world.clock.advance(60_000);
    expect(signals(world)).toEqual(["SIGTERM 0", `SIGKILL ${killed}`]);
    expect(world.pod("web")).toBeUndefined();
  });

  test("gives its preStop hook the grace and TERM what is left", () => {
    const { behaviour, spec } = preStop(4000);
    const world = running(behaviour, { ...spec, terminationGracePeriodSeconds: 10 });
    world.client.delete("Pod", "default", "web");
    world.clock.advance(60_000);
    expect(signals(world)).toEqual(["SIGTERM 4", "SIGKILL 10"]);
  });

  test("cuts a preStop hook off when the grace is used up, and leaves 2 s to TERM", () => {
    const { behaviour, spec } = preStop(60_000);
    const world = running(behaviour, { ...spec, terminationGracePeriodSeconds: 10 });
    world.client.delete("Pod", "default", "web");
    world.clock.advance(60_000);
    expect(signals(world)).toEqual(["SIGTERM 10", "SIGKILL 12"]);
  });

  test("ends sooner when it is deleted again with a shorter grace", () => {
    const world = running({ stopDelay: Number.POSITIVE_INFINITY });
    world.client.delete("Pod", "default", "web");
    world.clock.advance(3000);
    world.client.delete("Pod", "default", "web", { gracePeriodSeconds: 5 });
    world.clock.advance(60_000);
    expect(signals(world)).toEqual(["SIGTERM 0", "SIGKILL 5"]);
  });

  test("by force leaves nothing behind, and its name may be used again meanwhile", () => {
    const world = running({ stopDelay: Number.POSITIVE_INFINITY });
    world.client.delete("Pod", "default", "web", { gracePeriodSeconds: 0 });
    const next = world.createPod("web", {}, "node-a");
    world.clock.advance(500);
    expect(world.driver.running()).toHaveLength(2);
    world.clock.advance(10_000);
    expect(world.driver.running().map(({ podUid }) => podUid)).toEqual([next.metadata.uid]);
    expect(world.pod("web")?.status?.phase).toBe("Running");
  });

  test("while its sandbox is being made is gone as soon as that is cleared away", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.createPod("web", {}, "node-a");
    world.clock.advance(0);
    world.client.delete("Pod", "default", "web");
    world.clock.advance(100);
    expect(world.pod("web")).toBeUndefined();
    expect(world.driver.sandboxes()).toEqual([]);
  });

  test("while its container is being started ends with it", () => {
    const world = createWorld({ behaviour: () => ({ startDelay: 2000 }) });
    world.addNode("node-a");
    world.createPod("web", {}, "node-a");
    world.clock.advance(100);
    world.client.delete("Pod", "default", "web");
    world.clock.advance(5000);
    expect(world.pod("web")).toBeUndefined();
    expect(world.driver.running()).toEqual([]);
  });

  test("after it has ended is gone at once", () => {
    const world = running({ exitAfter: 10 }, { restartPolicy: "Never" });
    expect(world.pod("web")?.status?.phase).toBe("Succeeded");
    world.client.delete("Pod", "default", "web");
    world.clock.advance(10);
    expect(world.pod("web")).toBeUndefined();
  });
});

describe("a postStart hook", () => {
  const spec = {
    containers: [container("main", { lifecycle: { postStart: { exec: { command: ["warm"] } } } })],
  };

  test("that succeeds leaves the container alone", () => {
    const world = running({}, spec);
    expect(world.commandsOf("hook").map(({ hook }) => hook)).toEqual(["postStart"]);
    expect(world.driver.running()).toHaveLength(1);
  });

  test("that fails has the container killed and started again", () => {
    const world = running({ hookFails: true }, spec);
    expect(world.events("web")).toContain("Warning FailedPostStartHook: PostStartHook failed");
    expect(world.events("web")).toContain("Normal Killing: FailedPostStartHook");
    expect(world.commandsOf("startContainer").length).toBeGreaterThan(1);
  });
});
