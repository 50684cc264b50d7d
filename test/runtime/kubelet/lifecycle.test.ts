import { describe, expect, test } from "vitest";
import type { PodSpec } from "../../../model/core.ts";
import type { SimulatedBehaviour } from "../../../runtime/kubelet/drivers/simulated.ts";
import { conditionsOf, container, createWorld, type WorldOptions } from "./harness.ts";

function node(options: WorldOptions = {}) {
  const world = createWorld(options);
  world.addNode("node-a");
  return world;
}

describe("a pod that comes to a node", () => {
  test("gets a sandbox with an address, then its containers, and is ready when they run", () => {
    const world = node();
    world.createPod("web", { containers: [container("server"), container("log")] }, "node-a");
    world.clock.advance(0);
    const creating = world.pod("web")!;
    expect(creating.status?.phase).toBe("Pending");
    expect(creating.status?.containerStatuses?.map(({ state }) => state)).toEqual([
      { waiting: { reason: "ContainerCreating" } },
      { waiting: { reason: "ContainerCreating" } },
    ]);
    expect(conditionsOf(creating)).toEqual({
      PodReadyToStartContainers: "False",
      Initialized: "True",
      Ready: "False",
      ContainersReady: "False",
      PodScheduled: "True",
    });
    expect(creating.status?.conditions?.find(({ type }) => type === "Ready")).toMatchObject({
      reason: "ContainersNotReady",
      message: "containers with unready status: [log server]",
    });

    world.clock.advance(100);
    const running = world.pod("web")!;
    expect(running.status).toMatchObject({
      phase: "Running",
      podIP: "127.9.128.2",
      hostIP: "127.9.0.10",
      qosClass: "BestEffort",
    });
    expect(running.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      "PodReadyToStartContainers=True",
      "Initialized=True",
      "Ready=True",
      "ContainersReady=True",
      "PodScheduled=True",
    ]);
    expect(running.status?.containerStatuses?.[1]).toMatchObject({
      name: "server",
      ready: true,
      started: true,
      restartCount: 0,
      containerID: `simulated://${running.metadata.uid}-server-0`,
    });
    expect(world.events("web").sort()).toEqual([
      "Normal Created: Container created",
      "Normal Created: Container created",
      "Normal Started: Container started",
      "Normal Started: Container started",
    ]);
    expect(world.errors).toEqual([]);
  });

  test.each([
    [
      "that starts quickly says how it begins and that it is ready",
      {},
      ["Pending no address", "Running ready"],
    ],
    [
      "says each step that lasts",
      { startDelay: 100, readyDelay: 100 },
      ["Pending no address", "Pending", "Running", "Running ready"],
    ],
    [
      "says at once what goes wrong",
      { readyDelay: 1e6, exitAfter: 10, exitCode: 1 },
      ["Pending no address", "Running exited", "Running restarted"],
    ],
  ])("%s", (_, behaviour, expected) => {
    const world = node({ behaviour: ({ attempt }) => (attempt === 0 ? behaviour : { readyDelay: 1e6 }) });
    const said: string[] = [];
    world.client.watch("Pod", ({ object: { status, metadata } }) => {
      const [main] = status?.containerStatuses ?? [];
      if (!main || metadata.name !== "web") return;
      const ready = main.ready ? " ready" : "";
      const exited = main.state.terminated ? " exited" : "";
      const restarted = main.state.running && main.restartCount > 0 ? " restarted" : "";
      said.push(`${status?.phase}${status?.podIP ? "" : " no address"}${ready}${exited}${restarted}`);
    });
    world.createPod(
      "web",
      { containers: [{ ...container("main"), readinessProbe: { tcpSocket: { port: 1 } } }] },
      "node-a",
    );
    world.clock.advance(1000);
    expect(said).toEqual(expected);
    // Then nothing is left to look at but the node's own beat.
    if (said.at(-1) === "Running ready")
      expect(world.clock.nextAt()).toBeGreaterThan(world.clock.now() + 5000);
  });

  test("runs its init containers one after the other, then all others", () => {
    const world = node({
      behaviour: ({ container: name }) => (name.startsWith("init") ? { exitAfter: 1000 } : {}),
    });
    const initContainers = [container("init-a"), container("init-b")];
    world.createPod("web", { initContainers }, "node-a");
    world.clock.advance(500);
    expect(world.driver.running().map(({ container: name }) => name)).toEqual(["init-a"]);
    expect(world.pod("web")?.status?.containerStatuses?.[0]?.state.waiting?.reason).toBe("PodInitializing");
    expect(world.pod("web")?.status?.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [init-a init-b]",
    });
    world.clock.advance(1000);
    expect(world.driver.running().map(({ container: name }) => name)).toEqual(["init-b"]);
    world.clock.advance(1000);
    expect(world.driver.running().map(({ container: name }) => name)).toEqual(["main"]);
    expect(world.pod("web")?.status?.phase).toBe("Running");
    expect(world.commandsOf("startContainer").map((each) => each.container)).toEqual([
      "init-a",
      "init-b",
      "main",
    ]);
  });

  test("fails for good when an init container fails and nothing may restart", () => {
    const world = node({ behaviour: () => ({ exitAfter: 10, exitCode: 3 }) });
    world.createPod("web", { initContainers: [container("setup")], restartPolicy: "Never" }, "node-a");
    world.clock.advance(1000);
    expect(world.pod("web")?.status?.phase).toBe("Failed");
    expect(world.commandsOf("startContainer")).toHaveLength(1);
    expect(world.driver.sandboxes()).toEqual([]);
  });

  test.each([
    ["Never", 0, "Succeeded", 1],
    ["Never", 2, "Failed", 1],
    ["OnFailure", 0, "Succeeded", 1],
    ["OnFailure", 2, "Running", 2],
    ["Always", 0, "Running", 2],
  ] as const)("with restart policy %s and exit code %i is %s", (restartPolicy, exitCode, phase, starts) => {
    const world = node({ behaviour: () => ({ exitAfter: 100, exitCode }) });
    world.createPod("job", { restartPolicy }, "node-a");
    world.clock.advance(1000);
    const pod = world.pod("job")!;
    expect(pod.status?.phase).toBe(phase);
    expect(world.commandsOf("startContainer")).toHaveLength(starts);
    if (phase === "Succeeded") {
      const reasons = pod.status?.conditions
        ?.filter(({ reason }) => reason)
        .map((each) => `${each.type} ${each.reason}`);
      expect(reasons).toEqual([
        "Initialized PodCompleted",
        "Ready PodCompleted",
        "ContainersReady PodCompleted",
      ]);
    }
  });

  test.each<[string, Partial<PodSpec>, SimulatedBehaviour?]>([
    ["with 0", { restartPolicy: "Never" }, { exitAfter: 100 }],
    ["with 2", { restartPolicy: "Never" }, { exitAfter: 100, exitCode: 2 }],
    ["waiting to be restarted", { activeDeadlineSeconds: 15 }, { exitAfter: 100, exitCode: 2 }],
    ["before it began", { activeDeadlineSeconds: 5 }, { failure: { reason: "ErrImagePull", message: "no" } }],
    ["by its deadline", { activeDeadlineSeconds: 5 }],
    ["as it came", { nodeSelector: { disk: "none" } }],
  ])("that has ended %s stays as it was said when its kubelet begins anew", (_, spec, behaviour = {}) => {
    const world = node({ behaviour: () => behaviour });
    world.createPod("job", spec, "node-a");
    world.clock.advance(20_000);
    const ended = world.pod("job");
    expect(["Succeeded", "Failed"]).toContain(ended?.status?.phase);
    world.kubelets.get("node-a")!.stop();
    world.startKubelet("node-a");
    world.clock.advance(1000);
    expect(world.pod("job")).toBe(ended);
    world.client.delete("Pod", "default", "job");
    world.clock.advance(1000);
    expect(world.pod("job")).toBeUndefined();
    expect(world.errors).toEqual([]);
  });

  test("that others call failed while it still runs is not said to run by a kubelet that finds nothing of it", () => {
    const world = node({ behaviour: () => ({ stopDelay: 2000 }) });
    world.createPod("job", {}, "node-a");
    world.clock.advance(5000);
    const { status, ...pod } = world.pod("job")!;
    world.client.updateStatus<"Pod">({ ...pod, status: { ...status, phase: "Failed" } });
    world.clock.advance(500);
    world.kubelets.get("node-a")!.stop();
    world.clock.advance(2000);
    world.startKubelet("node-a");
    world.clock.advance(1000);
    expect(world.pod("job")?.status?.phase).toBe("Failed");
    expect(world.pod("job")?.status?.containerStatuses?.[0]?.state.running).toBeUndefined();
    expect(world.errors).toEqual([]);
  });

  test("is not failed before its containers have stopped: until then it holds its place on the node", () => {
    const world = node({ behaviour: () => ({ stopDelay: 10_000 }) });
    world.createPod("job", { activeDeadlineSeconds: 5 }, "node-a");
    world.clock.advance(14_000);
    expect(world.pod("job")?.status?.phase).toBe("Running");
    expect(world.pod("job")?.status?.reason).toBeUndefined();
    world.clock.advance(2000);
    expect(world.pod("job")?.status).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded" });
    expect(world.errors).toEqual([]);
  });

  test("has its containers stopped when its active deadline has passed", () => {
    const world = node();
    world.createPod("job", { activeDeadlineSeconds: 20, restartPolicy: "Never" }, "node-a");
    world.clock.advance(19_999);
    expect(world.pod("job")?.status?.phase).toBe("Running");
    world.clock.advance(1000);
    expect(world.pod("job")?.status).toMatchObject({
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
    expect(world.driver.running()).toEqual([]);
  });
});

describe("a container that ends", () => {
  /** When each instance was commanded to start, in milliseconds. */
  const starts = (world: ReturnType<typeof node>) => world.commandsOf("startContainer").map(({ at }) => at);

  test("starts again at once, then after 10, 20, 40, 80, 160, 300 and 300 seconds from its end", () => {
    const world = node({ behaviour: () => ({ exitAfter: 1000, exitCode: 1 }) });
    world.createPod("web", {}, "node-a");
    world.clock.advance(20 * 60_000);
    const cycle = 1005;
    const at = starts(world);
    const waits = at.slice(1).map((start, index) => start - at[index]! - cycle);
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300].map((seconds) => seconds * 1000));
  });

  test("waits as CrashLoopBackOff with the last end in lastState, and its pod stays Running", () => {
    const world = node({ behaviour: () => ({ exitAfter: 1000, exitCode: 7 }) });
    const { metadata } = world.createPod("web", {}, "node-a");
    world.clock.advance(5000);
    const status = world.pod("web")?.status;
    expect(status?.phase).toBe("Running");
    expect(status?.containerStatuses?.[0]).toMatchObject({
      ready: false,
      restartCount: 1,
      state: {
        waiting: {
          reason: "CrashLoopBackOff",
          message: `back-off 10s restarting failed container=main pod=web_default(${metadata.uid})`,
        },
      },
      lastState: { terminated: { exitCode: 7, reason: "Error" } },
    });
    expect(world.events("web")).toContain(
      `Warning BackOff: Back-off restarting failed container main in pod web_default(${metadata.uid})`,
    );
  });

  test("is back to an immediate restart once it ran for over ten minutes", () => {
    let lives = 0;
    const world = node({
      behaviour: () => ({ exitAfter: ++lives <= 3 ? 1000 : 601_000, exitCode: 1 }),
    });
    world.createPod("web", {}, "node-a");
    world.clock.advance(2000 + 10_000 + 20_000 + 5000 + 601_000);
    const at = starts(world);
    expect(at).toHaveLength(5);
    expect(at[4]! - at[3]!).toBe(601_005);
  });

  test("that is restarted by a user starts at once and is counted, and back-off does not grow", () => {
    const world = node();
    const { metadata } = world.createPod("web", {}, "node-a");
    for (let round = 1; round <= 4; round++) {
      world.clock.advance(1000);
      expect(world.kubelets.get("node-a")!.restartContainer(metadata.uid, "main")).toBe(true);
      world.clock.advance(100);
      expect(world.pod("web")?.status?.containerStatuses?.[0]).toMatchObject({
        restartCount: round,
        ready: true,
      });
    }
    expect(world.kubelets.get("node-a")!.restartContainer(metadata.uid, "none")).toBe(false);
  });

  test("that a user restarts does not wait for a back-off it is in", () => {
    const world = node({ behaviour: ({ attempt }) => (attempt < 3 ? { exitAfter: 10, exitCode: 1 } : {}) });
    const { metadata } = world.createPod("web", {}, "node-a");
    world.clock.advance(15_000);
    expect(world.pod("web")?.status?.containerStatuses?.[0]?.state.waiting?.reason).toBe("CrashLoopBackOff");
    world.kubelets.get("node-a")!.restartContainer(metadata.uid, "main");
    world.clock.advance(100);
    expect(world.pod("web")?.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 3, ready: true });
  });

  test("that cannot be run says so, is tried again with growing delay, and then runs", () => {
    const failure = { reason: "RunContainerError", message: "redis-server: command not found" };
    const world = node({ behaviour: ({ attempt }) => (attempt < 2 ? { failure } : {}) });
    world.createPod("db", {}, "node-a");
    world.clock.advance(5000);
    expect(world.pod("db")?.status?.containerStatuses?.[0]).toMatchObject({
      state: { waiting: failure },
      lastState: { terminated: { exitCode: 128, reason: "StartError", message: failure.message } },
    });
    expect(world.events("db")).toContain("Warning Failed: Error: redis-server: command not found");
    world.clock.advance(40_000);
    expect(starts(world).map((at) => Math.round(at / 1000))).toEqual([0, 10, 30]);
    expect(world.pod("db")?.status?.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 2 });
  });

  test("fails its pod where it cannot be run and may not be restarted", () => {
    const failure = { reason: "RunContainerError", message: "no such file" };
    const world = node({ behaviour: () => ({ failure }) });
    world.createPod("job", { restartPolicy: "Never" }, "node-a");
    world.clock.advance(1000);
    expect(world.pod("job")?.status?.phase).toBe("Failed");
  });
});

describe("admission", () => {
  const requesting = (cpu: string) => ({
    containers: [container("main", { resources: { requests: { cpu } } })],
  });

  test("rejects what the node has no room for", () => {
    const world = node();
    world.createPod("a", requesting("3"), "node-a");
    world.createPod("b", requesting("2"), "node-a");
    world.clock.advance(100);
    expect(world.pod("a")?.status?.phase).toBe("Running");
    const message = "Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000";
    expect(world.pod("b")?.status).toMatchObject({
      phase: "Failed",
      reason: "OutOfcpu",
      message: `Pod was rejected: ${message}`,
    });
    expect(world.events("b")).toEqual([`Warning OutOfcpu: ${message}`]);
  });

  test("takes time to reject many, so that whoever makes another for each does not turn in a circle at one instant", () => {
    const world = node();
    const names = Array.from({ length: 8 }, (_, index) => `p-${index}`);
    for (const name of names) world.createPod(name, requesting("5"), "node-a");
    const failed = () => names.filter((name) => world.pod(name)?.status?.phase === "Failed").length;
    world.clock.advance(100);
    expect(failed()).toBe(5);
    world.clock.advance(1000);
    expect(failed()).toBe(8);
  });

  test("gives the room of a pod that has ended to the next", () => {
    const world = node({ behaviour: () => ({ exitAfter: 100 }) });
    world.createPod("a", { ...requesting("3"), restartPolicy: "Never" }, "node-a");
    world.clock.advance(1000);
    world.createPod("b", { ...requesting("3"), restartPolicy: "Never" }, "node-a");
    world.clock.advance(1000);
    expect(world.pod("b")?.status?.phase).toBe("Succeeded");
  });

  test("rejects a host port that is taken, a selector that does not fit, and one pod too many", () => {
    const world = createWorld();
    world.addNode("node-a", { status: { capacity: { pods: "2" } } });
    const port = { containers: [container("main", { ports: [{ containerPort: 80, hostPort: 8080 }] })] };
    world.createPod("a", port, "node-a");
    world.createPod("b", port, "node-a");
    world.createPod("c", { nodeSelector: { disk: "ssd" } }, "node-a");
    world.createPod("d", {}, "node-a");
    world.createPod("e", {}, "node-a");
    world.clock.advance(100);
    expect(["a", "b", "c", "d", "e"].map((name) => world.pod(name)?.status?.reason)).toEqual([
      undefined,
      "NodePorts",
      "NodeAffinity",
      undefined,
      "OutOfpods",
    ]);
  });
});

describe("the node", () => {
  test("keeps what was declared to be allocatable, and addresses beside its own", () => {
    const world = createWorld();
    const addresses = [{ type: "ExternalIP" as const, address: "203.0.113.7" }];
    const declared = { capacity: { cpu: "4" }, allocatable: { cpu: "3", memory: "1000Gi" }, addresses };
    world.addNode("node-a", { status: declared });
    const status = world.client.get("Node", undefined, "node-a")?.status;
    expect(status?.allocatable).toEqual({ ...status?.capacity, cpu: "3" });
    expect(status?.addresses).toEqual([
      { type: "InternalIP", address: "127.9.0.10" },
      { type: "Hostname", address: "node-a" },
      ...addresses,
    ]);
  });

  test("says what it is and has, its own capacity first", () => {
    const world = createWorld();
    world.addNode("node-a", { status: { capacity: { cpu: "2" } } });
    const status = world.client.get("Node", undefined, "node-a")?.status;
    expect(status?.phase).toBe("Running");
    expect(status?.capacity).toEqual({ cpu: "2", memory: "8Gi", "ephemeral-storage": "10Gi", pods: "110" });
    expect(status?.allocatable).toEqual(status?.capacity);
    expect(status?.addresses).toEqual([
      { type: "InternalIP", address: "127.9.0.10" },
      { type: "Hostname", address: "node-a" },
    ]);
    expect(status?.nodeInfo).toMatchObject({
      kernelVersion: "6.1.0",
      containerRuntimeVersion: "simulated://1.0.0",
      kubeletVersion: "v1.36.2+kdsl.1.0.0",
    });
    expect(status?.conditions?.map(({ type, status: is, reason }) => `${type} ${is} ${reason}`)).toEqual([
      "MemoryPressure False KubeletHasSufficientMemory",
      "DiskPressure False KubeletHasNoDiskPressure",
      "PIDPressure False KubeletHasSufficientPID",
      "Ready True KubeletReady",
    ]);
  });

  test("renews its lease every 10 s and posts an unchanged status every 5 min", () => {
    const world = createWorld();
    world.addNode("node-a");
    const renewals: string[] = [];
    let posts = 0;
    world.client.watch("Lease", ({ object }) => renewals.push(object.spec.renewTime!));
    world.client.watch("Node", () => posts++);
    posts = 0;
    world.clock.advance(60_000);
    expect(renewals.map((time) => time.slice(17, 26))).toEqual([
      "00.000000",
      "10.000000",
      "20.000000",
      "30.000000",
      "40.000000",
      "50.000000",
      "00.000000",
    ]);
    expect(world.client.get("Lease", "kube-node-lease", "node-a")?.spec).toMatchObject({
      holderIdentity: "node-a",
      leaseDurationSeconds: 40,
    });
    expect(posts).toBe(0);
    world.clock.advance(5 * 60_000);
    expect(posts).toBe(1);
  });

  test("is registered by its kubelet where no one has declared it", () => {
    const world = createWorld();
    world.startKubelet("node-z");
    expect(world.client.get("Node", undefined, "node-z")).toMatchObject({
      metadata: { labels: { "kubernetes.io/hostname": "node-z" } },
      status: { phase: "Running" },
    });
  });

  test("has the labels of its machine, beside its own", () => {
    const world = createWorld();
    world.addNode("node-a", {
      metadata: { name: "node-a", labels: { zone: "x", "kubernetes.io/os": "plan9" } },
    });
    expect(world.client.get("Node", undefined, "node-a")?.metadata.labels).toEqual({
      zone: "x",
      "kubernetes.io/hostname": "node-a",
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
    });
  });

  test("tells of its start, of its conditions, and whether it takes pods; one that goes on tells nothing", () => {
    const world = createWorld();
    world.addNode("node-a");
    const told = () =>
      world.client
        .list("Event", { fields: { "involvedObject.kind": "Node" } })
        .filter(({ source }) => source?.component === "kubelet")
        .map(({ reason, message, source }) => `${source?.host} ${reason}: ${message}`);
    const status = (reason: string) => `node-a ${reason}: Node node-a status is now: ${reason}`;
    const first = [
      "node-a Starting: Starting kubelet.",
      ...["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID", "NodeReady"].map(
        status,
      ),
    ];
    expect(told().toSorted()).toEqual(first.toSorted());
    const schedulable = (unschedulable: boolean) => {
      const node = world.client.get("Node", undefined, "node-a")!;
      world.client.update({ ...node, spec: { ...node.spec, unschedulable } });
      world.clock.advance(1);
    };
    schedulable(true);
    world.kubelets.get("node-a")!.stop();
    world.startKubelet("node-a");
    world.clock.advance(1);
    schedulable(false);
    expect(told().toSorted()).toEqual(
      [...first, status("NodeNotSchedulable"), status("NodeSchedulable")].toSorted(),
    );
  });

  test("takes everything down with it when it is taken away", () => {
    const world = node();
    world.createPod("web", {}, "node-a");
    world.clock.advance(100);
    world.kubelets.get("node-a")!.stop({ removePods: true });
    world.clock.advance(100);
    expect(world.driver.sandboxes()).toEqual([]);
  });
});
