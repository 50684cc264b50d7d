import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../base/random.ts";
import type { PodEvent } from "../../../runtime/environment.ts";
import { withFaults } from "../../../runtime/kubelet/drivers/faults.ts";
import type { SimulatedDriver } from "../../../runtime/kubelet/drivers/simulated.ts";
import { runs } from "../../runs.ts";
import { container, createWorld, type World } from "./harness.ts";

/** Keeps answers from arriving, and lets them be given later by hand. */
function withholding(hold: (event: PodEvent) => boolean) {
  const held: PodEvent[] = [];
  let handler: (event: PodEvent) => void = () => {};
  const wrap = (driver: SimulatedDriver): SimulatedDriver => ({
    ...driver,
    onEvent(next) {
      handler = next;
      driver.onEvent((event) => (hold(event) ? void held.push(event) : next(event)));
    },
  });
  return { held, wrap, give: (event: PodEvent) => handler(event) };
}

describe("an answer that never comes", () => {
  test("to the making of a sandbox: what was begun is cleared away and made again", () => {
    let lost = 1;
    const world = createWorld(withholding((event) => event.type === "sandboxReady" && lost-- > 0));
    world.addNode("node-a");
    world.createPod("web", {}, "node-a");
    world.clock.advance(119_000);
    expect(world.pod("web")?.status?.phase).toBe("Pending");
    world.clock.advance(3000);
    expect(world.pod("web")?.status?.phase).toBe("Running");
    expect(world.events("web")[0]).toBe(
      "Warning FailedCreatePodSandBox: Failed to create pod sandbox: context deadline exceeded",
    );
    expect(world.driver.sandboxes()).toHaveLength(1);
  });

  test("to a start: the instance is killed, another is started, and the late answer changes nothing", () => {
    let lost = 1;
    const faults = withholding((event) => event.type === "containerStarted" && lost-- > 0);
    const world = createWorld(faults);
    world.addNode("node-a");
    world.createPod("web", {}, "node-a");
    world.clock.advance(140_000);
    expect(world.driver.running().map(({ attempt }) => attempt)).toEqual([1]);
    expect(world.pod("web")?.status?.containerStatuses?.[0]?.ready).toBe(true);
    faults.give(faults.held[0]!);
    world.clock.advance(1000);
    expect(world.commandsOf("signalContainer").map(({ attempt }) => attempt)).toEqual([0, 0]);
    expect(world.driver.running().map(({ attempt }) => attempt)).toEqual([1]);
  });

  test("to one start after the other: each is given up in its turn", () => {
    let lost = 2;
    const world = createWorld(withholding((event) => event.type === "containerStarted" && lost-- > 0));
    world.addNode("node-a");
    world.createPod("web", {}, "node-a");
    world.clock.advance(300_000);
    expect(world.driver.running().map(({ attempt }) => attempt)).toEqual([2]);
    expect(world.pod("web")?.status?.phase).toBe("Running");
  });

  test("to KILL: it is killed again, then the sandbox goes with what is left in it", () => {
    const world = createWorld(withholding(({ type }) => type === "containerExited"));
    world.addNode("node-a");
    world.createPod("web", { terminationGracePeriodSeconds: 5 }, "node-a");
    world.clock.advance(1000);
    world.client.delete("Pod", "default", "web");
    world.clock.advance(60_000);
    expect(world.commandsOf("signalContainer").map(({ signal }) => signal)).toEqual([
      "SIGTERM",
      "SIGKILL",
      "SIGKILL",
      "SIGKILL",
    ]);
    expect(world.pod("web")).toBeUndefined();
  });

  test("to the removal of a sandbox: it is asked for again, and the address stays taken until then", () => {
    let lost = 2;
    const world = createWorld({
      ...withholding((event) => event.type === "sandboxRemoved" && lost-- > 0),
      network: { podCIDR: "127.9.128.0/29" },
    });
    world.addNode("node-a");
    for (const name of ["a", "b", "c", "d", "e"]) world.createPod(name, {}, "node-a");
    world.clock.advance(1000);
    world.createPod("f", {}, "node-a");
    world.client.delete("Pod", "default", "a");
    world.clock.advance(20_000);
    expect(world.pod("f")?.status?.phase).toBe("Pending");
    expect(world.events("f")[0]).toContain("no free address in 127.9.128.0/29");
    world.clock.advance(60_000);
    expect(world.pod("a")).toBeUndefined();
    expect(world.pod("f")?.status).toMatchObject({ phase: "Running", podIP: "127.9.128.2" });
  });
});

describe("an answer that comes twice or out of order", () => {
  test("an end that overtakes its start is an end", () => {
    const faults = withholding(({ type }) => type === "containerStarted");
    const world = createWorld({ ...faults, behaviour: () => ({ exitAfter: 10, exitCode: 0 }) });
    world.addNode("node-a");
    world.createPod("job", { restartPolicy: "Never" }, "node-a");
    world.clock.advance(1000);
    expect(world.pod("job")?.status?.phase).toBe("Succeeded");
    faults.give(faults.held[0]!);
    world.clock.advance(1000);
    expect(world.pod("job")?.status?.phase).toBe("Succeeded");
  });

  test("a doubled end does not end the next instance", () => {
    const faults = withholding(() => false);
    const world = createWorld({
      ...faults,
      behaviour: ({ attempt }) => (attempt === 0 ? { exitAfter: 10, exitCode: 1 } : {}),
    });
    world.addNode("node-a");
    const { metadata } = world.createPod("web", {}, "node-a");
    world.clock.advance(1000);
    faults.give({
      type: "containerExited",
      podUid: metadata.uid,
      container: "main",
      attempt: 0,
      exitCode: 1,
    });
    faults.give({ type: "sandboxReady", podUid: metadata.uid });
    faults.give({ type: "sandboxRemoved", podUid: metadata.uid });
    faults.give({ type: "containerExited", podUid: "unknown", container: "main", attempt: 0, exitCode: 1 });
    faults.give({
      type: "containerExited",
      podUid: metadata.uid,
      container: "unknown",
      attempt: 0,
      exitCode: 1,
    });
    world.clock.advance(1000);
    expect(world.pod("web")?.status?.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 1 });
    expect(world.commandsOf("createSandbox")).toHaveLength(1);
    expect(world.errors).toEqual([]);
  });
});

describe("under any sequence of events", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("create" as const), pod: fc.nat(7) }),
    fc.record({ do: fc.constant("delete" as const), pod: fc.nat(7), grace: fc.constantFrom(0, 1, 30) }),
    fc.record({ do: fc.constant("crash" as const), pod: fc.nat(7), code: fc.nat(2) }),
    fc.record({ do: fc.constant("restart" as const), pod: fc.nat(7) }),
    fc.record({ do: fc.constant("unhealthy" as const), pod: fc.nat(7) }),
    fc.record({ do: fc.constant("wait" as const), milliseconds: fc.nat(40_000) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function apply(world: World, action: Step): void {
    if (action.do === "wait") world.clock.advance(action.milliseconds);
    if (action.do === "wait") return;
    const name = `pod-${action.pod}`;
    const pod = world.pod(name);
    if (action.do === "create" && !pod) {
      const livenessProbe = { tcpSocket: { port: 80 } };
      const main = container("main", { readinessProbe: livenessProbe, livenessProbe });
      world.createPod(name, { containers: [main, container("side")] }, "node-a");
    }
    if (!pod) return;
    const { uid } = pod.metadata;
    if (action.do === "delete")
      world.client.delete("Pod", "default", name, { gracePeriodSeconds: action.grace });
    if (action.do === "crash") world.driver.crash(uid, "main", action.code);
    if (action.do === "restart") world.kubelets.get("node-a")!.restartContainer(uid, "main");
    if (action.do === "unhealthy") world.driver.setHealthy(uid, "main", false);
  }

  function noAddressTwice(world: World): void {
    const addresses = world.driver.sandboxes().map(({ address }) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
  }

  test("pods come to run, deleted ones leave nothing, and no address is used twice", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(), (steps, seed) => {
        const world = createWorld({
          seed,
          jitter: 30,
          wrap: (driver, clock) =>
            withFaults(driver, {
              clock,
              random: seededRandom(seed).fork("faults"),
              doubled: 20,
              late: 200,
              lost: 5,
              // The end of a container that nobody asked for cannot be found out in any other way.
              mayLose: ({ type }) => type !== "containerExited",
            }),
        });
        world.addNode("node-a");
        for (const action of steps) {
          apply(world, action);
          noAddressTwice(world);
        }
        world.clock.advance(20 * 60_000);
        noAddressTwice(world);
        expect(world.errors).toEqual([]);
        const pods = world.client.list("Pod");
        expect(pods.filter(({ metadata }) => metadata.deletionTimestamp)).toEqual([]);
        expect(
          world.driver
            .sandboxes()
            .map(({ podUid }) => podUid)
            .sort(),
        ).toEqual(pods.map(({ metadata }) => metadata.uid).sort());
        for (const pod of pods) {
          expect(pod.status?.phase).toBe("Running");
          expect(pod.status?.containerStatuses?.map(({ ready }) => ready)).toEqual([true, true]);
          const running = world.driver.running().filter(({ podUid }) => podUid === pod.metadata.uid);
          expect(running.map((each) => each.container).sort()).toEqual(["main", "side"]);
        }
      }),
      runs(60),
    );
  });

  test("the same seed gives the same history", () => {
    const history = () => {
      const world = createWorld({ seed: 7, jitter: 50, behaviour: () => ({ exitAfter: 3000, exitCode: 1 }) });
      world.addNode("node-a");
      for (let index = 0; index < 5; index++) world.createPod(`pod-${index}`, {}, "node-a");
      world.clock.advance(120_000);
      return JSON.stringify(world.commands);
    };
    expect(history()).toBe(history());
  });
});
