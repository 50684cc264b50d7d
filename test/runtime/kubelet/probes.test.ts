import { describe, expect, test } from "vitest";
import type { Probe } from "../../../model/core.ts";
import type { SimulatedBehaviour } from "../../../runtime/kubelet/drivers/simulated.ts";
import { container, createWorld, type World } from "./harness.ts";

const check: Probe = { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 10 };

function probed(probes: Parameters<typeof container>[1], behaviour: SimulatedBehaviour = {}) {
  const world = createWorld({ behaviour: () => behaviour });
  world.addNode("node-a");
  const main = container("main", { ports: [{ name: "http", containerPort: 80 }], ...probes });
  const pod = world.createPod("web", { containers: [main] }, "node-a");
  return { world, uid: pod.metadata.uid };
}

const status = (world: World) => world.pod("web")!.status!.containerStatuses![0]!;
const unhealthy = (world: World) => world.events("web").filter((text) => text.includes("Unhealthy"));

describe("a readiness gate", () => {
  const gate = "example.com/balanced";
  const say = (world: World, status: "True" | "False") => {
    const pod = world.pod("web")!;
    const others = pod.status!.conditions!.filter(({ type }) => type !== gate);
    const conditions = [...others, { type: gate, status }];
    world.client.updateStatus<"Pod">({ ...pod, status: { ...pod.status, conditions } });
    world.clock.advance(100);
  };
  const ready = (world: World) => {
    const { status, reason, message } = world
      .pod("web")!
      .status!.conditions!.find(({ type }) => type === "Ready")!;
    return [status, reason, message];
  };

  test("keeps a pod from being ready until somebody says that its condition is true", () => {
    const world = createWorld();
    world.addNode("node-a");
    world.createPod("web", { readinessGates: [{ conditionType: gate }] }, "node-a");
    world.clock.advance(1000);
    expect(status(world).ready).toBe(true);
    expect(ready(world)).toEqual([
      "False",
      "ReadinessGatesNotReady",
      `corresponding condition of pod readiness gate "${gate}" does not exist.`,
    ]);
    say(world, "False");
    expect(ready(world)[2]).toBe(`the status of pod readiness gate "${gate}" is not "True", but False`);
    say(world, "True");
    expect(ready(world)).toEqual(["True", undefined, undefined]);
    say(world, "False");
    expect(ready(world)[0]).toBe("False");
  });
});

describe("a readiness probe", () => {
  test("is asked again soon until it first succeeds, so that a pod is ready when it is ready", () => {
    const { world } = probed({ readinessProbe: check }, { readyDelay: 300 });
    world.clock.advance(290);
    expect(status(world)).toMatchObject({ ready: false, started: true });
    world.clock.advance(400);
    expect(status(world).ready).toBe(true);
    expect(unhealthy(world)).toEqual([]);
    const before = world.commandsOf("probe").length;
    world.clock.advance(30_000);
    expect(world.commandsOf("probe").length - before).toBe(3);
  });

  test("keeps to its period where that is asked for, from the container's start on", () => {
    const world = createWorld({ steadyProbes: true, behaviour: () => ({ readyDelay: 2_000 }) });
    world.addNode("node-a");
    const main = container("main", {
      ports: [{ name: "http", containerPort: 80 }],
      startupProbe: { ...check, failureThreshold: 30 },
      readinessProbe: check,
    });
    world.createPod("web", { containers: [main] }, "node-a");
    world.clock.advance(9_000);
    expect(world.commandsOf("probe")).toHaveLength(1);
    expect(status(world)).toMatchObject({ ready: false, started: false });
    expect(unhealthy(world)).toHaveLength(1);
    world.clock.advance(1_500);
    // Readiness is asked for as soon as the container has started.
    expect(world.commandsOf("probe").map(({ probe }) => probe)).toEqual(["startup", "startup", "readiness"]);
    expect(status(world)).toMatchObject({ ready: true, started: true });
  });

  test("asks the pod's address at the port that answers, by name", () => {
    const { world } = probed({ readinessProbe: { ...check, timeoutSeconds: 3 } });
    world.clock.advance(100);
    expect(world.commandsOf("probe")[0]).toMatchObject({
      address: "127.9.128.2",
      action: { httpGet: { path: "/healthz", port: 10080 } },
      timeoutMilliseconds: 3000,
    });
  });

  test("is told as failed once a period, though it was asked more often", () => {
    const { world } = probed({ readinessProbe: check }, { readyDelay: Number.POSITIVE_INFINITY });
    world.clock.advance(35_000);
    expect(unhealthy(world)).toEqual([
      "Warning Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503",
    ]);
    const [event] = world.client.list("Event").filter(({ reason }) => reason === "Unhealthy");
    expect(event?.count).toBe(3);
  });

  test("waits for its initial delay", () => {
    const { world } = probed({ readinessProbe: { ...check, initialDelaySeconds: 5 } });
    world.clock.advance(4900);
    expect(world.commandsOf("probe")).toEqual([]);
    world.clock.advance(200);
    expect(status(world).ready).toBe(true);
  });

  test("that fails takes a pod out after three failures and back in after one success", () => {
    const { world, uid } = probed({ readinessProbe: check });
    world.clock.advance(1000);
    expect(status(world).ready).toBe(true);
    world.driver.setHealthy(uid, "main", false);
    world.clock.advance(20_000);
    expect(status(world).ready).toBe(true);
    world.clock.advance(10_000);
    expect(status(world).ready).toBe(false);
    world.driver.setHealthy(uid, "main", true);
    world.clock.advance(10_000);
    expect(status(world).ready).toBe(true);
    expect(world.commandsOf("startContainer")).toHaveLength(1);
  });

  test("goes on while the pod is ending", () => {
    const { world, uid } = probed({ readinessProbe: check, livenessProbe: check }, { stopDelay: 25_000 });
    world.clock.advance(1000);
    world.driver.setHealthy(uid, "main", false);
    world.client.delete("Pod", "default", "web");
    world.clock.advance(22_000);
    const after = world.commandsOf("probe").filter(({ at }) => at > 1000);
    expect(after.map(({ probe }) => probe)).toEqual(["readiness", "readiness"]);
  });

  test("that could not be run changes nothing", () => {
    const { world, uid } = probed({ readinessProbe: { httpGet: { port: "none" } } });
    world.clock.advance(60_000);
    expect(status(world).ready).toBe(false);
    expect(unhealthy(world)).toEqual([
      `Warning Unhealthy: Readiness probe errored and resulted in unknown state: couldn't find port: "none"`,
    ]);
    expect(world.driver.running()).toHaveLength(1);
    expect(uid).toBeDefined();
  });

  test("whose answer never comes is asked again", () => {
    const world = createWorld({
      wrap: (driver) => ({
        ...driver,
        onEvent: (handler) =>
          driver.onEvent((event) => {
            if (!(event.type === "probeResult" && event.sequence === 1)) handler(event);
          }),
      }),
    });
    world.addNode("node-a");
    const main = container("main", { readinessProbe: { tcpSocket: { port: 80 } } });
    world.createPod("web", { containers: [main] }, "node-a");
    world.clock.advance(10_000);
    expect(status(world).ready).toBe(false);
    world.clock.advance(2000);
    expect(status(world).ready).toBe(true);
  });
});

describe("a liveness probe", () => {
  test("that fails three times has the container ended and started again", () => {
    const { world, uid } = probed({ livenessProbe: check });
    world.clock.advance(1000);
    world.driver.setHealthy(uid, "main", false);
    world.clock.advance(29_500);
    expect(status(world).restartCount).toBe(1);
    expect(status(world).lastState.terminated?.exitCode).toBe(143);
    expect(world.events("web")).toContain(
      "Normal Killing: Container main failed liveness probe, will be restarted",
    );
    expect(world.events("web")).toContain(
      "Warning Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 503",
    );
  });

  test("gives the grace that it declares itself", () => {
    const livenessProbe = { ...check, failureThreshold: 1, terminationGracePeriodSeconds: 4 };
    const { world, uid } = probed({ livenessProbe }, { stopDelay: Number.POSITIVE_INFINITY });
    world.clock.advance(1000);
    world.driver.setHealthy(uid, "main", false);
    world.clock.advance(20_000);
    const [term, kill] = world.commandsOf("signalContainer");
    expect([term?.signal, kill?.signal, kill!.at - term!.at]).toEqual(["SIGTERM", "SIGKILL", 4000]);
  });
});

describe("a startup probe", () => {
  test("holds the others back until it has succeeded, and then is asked no more", () => {
    const probes = { startupProbe: check, readinessProbe: check, livenessProbe: check };
    const { world } = probed(probes, { readyDelay: 3000 });
    world.clock.advance(2500);
    expect(new Set(world.commandsOf("probe").map(({ probe }) => probe))).toEqual(new Set(["startup"]));
    expect(status(world)).toMatchObject({ started: false, ready: false });
    world.clock.advance(4000);
    expect(status(world)).toMatchObject({ started: true, ready: true });
    const asked = world.commandsOf("probe").filter(({ probe }) => probe === "startup").length;
    world.clock.advance(60_000);
    expect(world.commandsOf("probe").filter(({ probe }) => probe === "startup")).toHaveLength(asked);
  });

  test("leaves a container its threshold times its period before it is ended", () => {
    const startupProbe = { ...check, periodSeconds: 2, failureThreshold: 5 };
    const { world } = probed({ startupProbe }, { readyDelay: Number.POSITIVE_INFINITY });
    world.clock.advance(9900);
    expect(world.commandsOf("signalContainer")).toEqual([]);
    world.clock.advance(300);
    expect(world.commandsOf("signalContainer")).toHaveLength(1);
    expect(world.events("web")).toContain(
      "Normal Killing: Container main failed startup probe, will be restarted",
    );
  });
});
