import { describe, expect, test } from "vitest";
import type { Container } from "../../../model/core.ts";
import { displayStatus } from "../../../model/pod.ts";
import type { SimulatedBehaviour } from "../../../runtime/kubelet/drivers/simulated.ts";
import { conditionsOf, container, createWorld, type World } from "./harness.ts";

const sidecar = (name: string, more: Partial<Container> = {}) =>
  container(name, { restartPolicy: "Always", ...more });

function node(behaviours: Readonly<Record<string, SimulatedBehaviour>>): World {
  const world = createWorld({ behaviour: ({ container: name }) => behaviours[name] ?? {} });
  world.addNode("node-a");
  return world;
}

const running = ({ driver }: World) => driver.running().map(({ container: name }) => name);
const started = (world: World) => world.commandsOf("startContainer").map((each) => each.container);
/** The signals that were sent, with the milliseconds after the deletion at 1 s. */
const signals = (world: World) =>
  world
    .commandsOf("signalContainer")
    .map(({ container: name, signal, at }) => `${name} ${signal} ${at - 1000}`);
const probe = { httpGet: { path: "/", port: 80 }, periodSeconds: 1, failureThreshold: 30 };

describe("a side car", () => {
  test("starts in its turn and goes on beside what comes after it", () => {
    const world = node({ prepare: { exitAfter: 1000 }, after: { exitAfter: 1000 } });
    const initContainers = [container("prepare"), sidecar("mesh"), container("after")];
    world.createPod("web", { initContainers }, "node-a");
    world.clock.advance(500);
    expect(running(world)).toEqual(["prepare"]);
    world.clock.advance(1000);
    expect(running(world)).toEqual(["mesh", "after"]);
    expect(world.pod("web")?.status?.phase).toBe("Pending");
    expect(displayStatus(world.pod("web")!)).toBe("Init:2/3");
    world.clock.advance(1000);
    expect(running(world)).toEqual(["mesh", "main"]);
    const pod = world.pod("web")!;
    expect(pod.status?.phase).toBe("Running");
    expect(displayStatus(pod)).toBe("Running");
    expect(conditionsOf(pod)).toMatchObject({ Initialized: "True", Ready: "True" });
    expect(pod.status?.initContainerStatuses?.[1]).toMatchObject({
      name: "mesh",
      started: true,
      ready: true,
    });
    expect(world.errors).toEqual([]);
  });

  test("lets nothing begin before its startup probe has succeeded", () => {
    const world = node({ mesh: { readyDelay: 5000 } });
    world.createPod("web", { initContainers: [sidecar("mesh", { startupProbe: probe })] }, "node-a");
    world.clock.advance(4000);
    expect(started(world)).toEqual(["mesh"]);
    expect(world.pod("web")?.status?.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({
      status: "False",
      message: "containers with incomplete status: [mesh]",
    });
    world.clock.advance(3000);
    expect(started(world)).toEqual(["mesh", "main"]);
  });

  test("counts for the readiness of its pod", () => {
    const world = node({ mesh: { readyDelay: 5000 } });
    world.createPod("web", { initContainers: [sidecar("mesh", { readinessProbe: probe })] }, "node-a");
    world.clock.advance(2000);
    expect(running(world)).toEqual(["mesh", "main"]);
    expect(world.pod("web")?.status?.conditions?.find(({ type }) => type === "Ready")).toMatchObject({
      status: "False",
      message: "containers with unready status: [mesh]",
    });
    world.clock.advance(5000);
    expect(conditionsOf(world.pod("web")!)).toMatchObject({ Ready: "True" });
  });

  test.each(["Always", "OnFailure", "Never"] as const)(
    "restarts always, in a pod with restart policy %s",
    (restartPolicy) => {
      const world = node({ mesh: { exitAfter: 2000 } });
      world.createPod("web", { initContainers: [sidecar("mesh")], restartPolicy }, "node-a");
      world.clock.advance(3000);
      expect(started(world)).toEqual(["mesh", "main", "mesh"]);
      world.clock.advance(2000);
      const pod = world.pod("web")!;
      expect(pod.status?.phase).toBe("Running");
      expect(displayStatus(pod)).toBe("Init:CrashLoopBackOff");
      expect(conditionsOf(pod)).toMatchObject({ Initialized: "True", Ready: "False" });
      expect(pod.status?.initContainerStatuses?.[0]).toMatchObject({
        restartCount: 1,
        state: { waiting: { reason: "CrashLoopBackOff" } },
      });
      expect(running(world)).toEqual(["main"]);
    },
  );

  test("ends when the main containers have done their work, which alone says how the pod has ended", () => {
    const world = node({ main: { exitAfter: 2000 } });
    world.createPod("job", { initContainers: [sidecar("mesh")], restartPolicy: "Never" }, "node-a");
    world.clock.advance(1000);
    expect(world.pod("job")?.status?.phase).toBe("Running");
    world.clock.advance(3000);
    const pod = world.pod("job")!;
    expect(pod.status?.phase).toBe("Succeeded");
    expect(pod.status?.initContainerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 143 });
    expect(displayStatus(pod)).toBe("Completed");
    expect(world.driver.sandboxes()).toEqual([]);
  });

  test("is terminated when nothing needs it any more: after the main containers, the last one first", () => {
    const world = node({ main: { stopDelay: 3000 }, logs: { stopDelay: 2000 } });
    world.createPod("web", { initContainers: [sidecar("mesh"), sidecar("logs")] }, "node-a");
    world.clock.advance(1000);
    world.client.delete("Pod", "default", "web");
    world.clock.advance(60_000);
    expect(signals(world)).toEqual(["main SIGTERM 0", "logs SIGTERM 3000", "mesh SIGTERM 5000"]);
    expect(world.pod("web")).toBeUndefined();
  });

  test("waits for no init container that has not come to its end", () => {
    const world = node({ after: { stopDelay: 3000 } });
    world.createPod("web", { initContainers: [sidecar("mesh"), container("after")] }, "node-a");
    world.clock.advance(1000);
    world.client.delete("Pod", "default", "web");
    world.clock.advance(100);
    expect(signals(world)).toEqual(["mesh SIGTERM 0", "after SIGTERM 0"]);
  });

  test("gets its end at the end of the grace, however long the others take", () => {
    const world = node({ main: { stopDelay: Number.POSITIVE_INFINITY } });
    const spec = { initContainers: [sidecar("mesh")], terminationGracePeriodSeconds: 5 };
    world.createPod("web", spec, "node-a");
    world.clock.advance(1000);
    world.client.delete("Pod", "default", "web");
    world.clock.advance(60_000);
    expect(signals(world)).toEqual(["main SIGTERM 0", "mesh SIGTERM 5000", "main SIGKILL 5000"]);
  });
});

describe("a hook that sleeps", () => {
  test("before the stop delays TERM by its time, at most by the grace", () => {
    for (const [seconds, grace, at] of [
      [3, 30, 3000],
      [60, 5, 5000],
    ] as const) {
      const world = node({});
      const containers = [container("main", { lifecycle: { preStop: { sleep: { seconds } } } })];
      world.createPod("web", { containers, terminationGracePeriodSeconds: grace }, "node-a");
      world.clock.advance(1000);
      world.client.delete("Pod", "default", "web");
      world.clock.advance(30_000);
      expect(signals(world)).toEqual([`main SIGTERM ${at}`]);
      expect(world.events("web").filter((each) => each.startsWith("Warning"))).toEqual([]);
    }
  });

  test("sleeps no longer where the grace is shortened meanwhile", () => {
    const world = node({});
    const containers = [container("main", { lifecycle: { preStop: { sleep: { seconds: 3 } } } })];
    world.createPod("web", { containers, terminationGracePeriodSeconds: 30 }, "node-a");
    world.clock.advance(1000);
    world.client.delete("Pod", "default", "web");
    world.clock.advance(1000);
    world.client.delete("Pod", "default", "web", { gracePeriodSeconds: 20 });
    world.clock.advance(30_000);
    expect(signals(world)).toEqual(["main SIGTERM 3000"]);
  });

  test("after the start holds up the side car's successors, and is no failure", () => {
    const world = node({});
    const mesh = sidecar("mesh", { lifecycle: { postStart: { sleep: { seconds: 4 } } } });
    world.createPod("web", { initContainers: [mesh] }, "node-a");
    world.clock.advance(3000);
    expect(started(world)).toEqual(["mesh"]);
    world.clock.advance(2000);
    expect(started(world)).toEqual(["mesh", "main"]);
    expect(world.events("web").filter((each) => each.startsWith("Warning"))).toEqual([]);
  });
});
