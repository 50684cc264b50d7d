import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../base/clock.ts";
import { seededRandom } from "../../../base/random.ts";
import type { PodSpec } from "../../../model/core.ts";
import { controllerOf } from "../../../model/meta.ts";
import { isActive, isReady, podRequests } from "../../../model/pod.ts";
import { createCluster } from "../../../runtime/cluster.ts";
import {
  createSimulatedDriver,
  type SimulatedBehaviour,
} from "../../../runtime/kubelet/drivers/simulated.ts";
import { runs } from "../../runs.ts";
import { container, machine, network } from "./harness.ts";

/** All loops together over a simulated driver: from the rc to the endpoints. */
function createSimulation({
  seed = 1,
  nodes = 3,
  behaviour,
}: {
  seed?: number;
  nodes?: number;
  behaviour?: () => SimulatedBehaviour;
} = {}) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const driver = createSimulatedDriver({
    clock,
    random: random.fork("driver"),
    jitter: 20,
    ...(behaviour ? { behaviour } : {}),
  });
  const errors: unknown[] = [];
  const cluster = createCluster({
    environment: { clock, random, driver, proxy: { apply: () => {}, onEvent: () => {} }, machine, network },
    readSecret: () => undefined,
    fileDirectory: "/project",
    onError: (loop, key, error) => errors.push([loop, key, error]),
  });
  const { client } = cluster;
  const addNode = (name: string) =>
    client.create<"Node">({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels: { "kubernetes.io/hostname": name } },
      spec: {},
      status: { capacity: { cpu: "2", memory: "2Gi" } },
    });
  for (let index = 0; index < nodes; index++) addNode(`node-${index}`);
  clock.advance(10_000);
  const readinessProbe = { httpGet: { path: "/", port: 8080 } };
  const resources = { requests: { cpu: "500m", memory: "128Mi" } };
  const spec: PodSpec = {
    containers: [container("server", { ports: [{ containerPort: 8080 }], readinessProbe, resources })],
  };
  client.create<"ReplicationController">({
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name: "web", namespace: "default" },
    spec: { replicas: 3, selector: { app: "web" }, template: { metadata: { labels: { app: "web" } }, spec } },
  });
  client.create<"Service">({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  const pods = () => client.list("Pod");
  return {
    clock,
    cluster,
    client,
    driver,
    errors,
    addNode,
    pods,
    mine: () => pods().filter((pod) => isActive(pod) && controllerOf(pod)?.name === "web"),
    scale(replicas: number) {
      const rc = client.get("ReplicationController", "default", "web")!;
      client.update<"ReplicationController">({ ...rc, spec: { ...rc.spec, replicas } });
    },
    endpoints: () =>
      (client.get("Endpoints", "default", "web")?.subsets ?? []).flatMap(({ addresses = [] }) =>
        addresses.map(({ ip }) => ip),
      ),
  };
}
type Simulation = ReturnType<typeof createSimulation>;

const readyAddresses = (world: Simulation) =>
  world
    .pods()
    .filter((pod) => isActive(pod) && isReady(pod) && pod.metadata.labels?.app === "web")
    .map((pod) => pod.status!.podIP!);

describe("a cluster in virtual time", () => {
  test("brings an rc to ready endpoints, one pod on each node, in less than a second", () => {
    const world = createSimulation();
    world.clock.advance(900);
    expect(world.endpoints().sort()).toEqual(readyAddresses(world).sort());
    expect(world.endpoints()).toHaveLength(3);
    expect(new Set(world.pods().map(({ spec }) => spec.nodeName)).size).toBe(3);
    expect(world.errors).toEqual([]);
  });

  test("replaces a pod that is deleted by one of another name and address", () => {
    const world = createSimulation();
    world.clock.advance(2000);
    const [first] = world.mine();
    const service = world.client.get("Service", "default", "web")!.spec.clusterIP;
    world.client.delete("Pod", "default", first!.metadata.name);
    world.clock.advance(2000);
    expect(world.mine()).toHaveLength(3);
    expect(world.mine().map(({ metadata }) => metadata.uid)).not.toContain(first!.metadata.uid);
    expect(world.endpoints()).not.toContain(first!.status!.podIP);
    expect(world.endpoints()).toHaveLength(3);
    expect(world.client.get("Service", "default", "web")!.spec.clusterIP).toBe(service);
  });

  test("keeps a pod that fits nowhere Pending and runs it as soon as a node is added", () => {
    const world = createSimulation({ nodes: 1 });
    world.scale(5);
    world.clock.advance(5000);
    expect(world.mine().filter((pod) => pod.status?.phase === "Pending")).toHaveLength(1);
    expect(world.endpoints()).toHaveLength(4);
    world.addNode("node-9");
    world.clock.advance(6000);
    expect(world.endpoints()).toHaveLength(5);
  });

  test("makes the pods of a node that is taken away anew on the others", () => {
    const world = createSimulation();
    world.clock.advance(2000);
    world.client.delete("Node", undefined, "node-0");
    world.clock.advance(5000);
    expect(world.endpoints()).toHaveLength(3);
    expect(world.pods().map(({ spec }) => spec.nodeName)).not.toContain("node-0");
    expect(world.driver.sandboxes().map(({ nodeName }) => nodeName)).not.toContain("node-0");
  });

  test("the same seed gives the same history to the last byte", () => {
    const history = () => {
      const world = createSimulation({ seed: 5, behaviour: () => ({ exitAfter: 7000, exitCode: 1 }) });
      world.clock.advance(120_000);
      return JSON.stringify([world.pods(), world.client.list("Event")]);
    };
    expect(history()).toBe(history());
  });
});

const step = fc.oneof(
  fc.record({ do: fc.constant("scale" as const), to: fc.nat(10) }),
  fc.record({ do: fc.constant("crash" as const), index: fc.nat(10), code: fc.nat(2) }),
  fc.record({ do: fc.constant("unready" as const), index: fc.nat(10) }),
  fc.record({ do: fc.constant("delete" as const), index: fc.nat(10), grace: fc.constantFrom(0, 1, 30) }),
  fc.record({ do: fc.constant("relabel" as const), index: fc.nat(10), app: fc.constantFrom("web", "other") }),
  fc.record({ do: fc.constant("lose" as const), node: fc.nat(3) }),
  fc.record({ do: fc.constant("add" as const), node: fc.nat(3) }),
  fc.record({ do: fc.constant("wait" as const), milliseconds: fc.nat(30_000) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe("under any sequence of events", () => {
  function act(world: Simulation, action: Step): void {
    const pods = world.pods();
    const pod = "index" in action ? pods[action.index % Math.max(1, pods.length)] : undefined;
    const node = "node" in action ? `node-${action.node}` : "";
    if (action.do === "wait") world.clock.advance(action.milliseconds);
    if (action.do === "scale") world.scale(action.to);
    if (action.do === "lose" && world.client.get("Node", undefined, node))
      world.client.delete("Node", undefined, node);
    if (action.do === "add" && !world.client.get("Node", undefined, node)) world.addNode(node);
    if (!pod) return;
    const { uid, name } = pod.metadata;
    if (action.do === "crash") world.driver.crash(uid, "server", action.code);
    if (action.do === "unready") world.driver.setHealthy(uid, "server", false);
    if (action.do === "delete")
      world.client.delete("Pod", "default", name, { gracePeriodSeconds: action.grace });
    if (action.do === "relabel") {
      world.client.update<"Pod">({ ...pod, metadata: { ...pod.metadata, labels: { app: action.app } } });
    }
  }

  /** What must hold at every instant. */
  function check(world: Simulation): void {
    for (const node of world.client.list("Node")) {
      const here = world
        .pods()
        .filter((pod) => pod.spec.nodeName === node.metadata.name && pod.status?.phase !== "Failed");
      const cpu = here.reduce((sum, { spec }) => sum + (podRequests(spec).cpu ?? 0), 0);
      expect(cpu).toBeLessThanOrEqual(2000);
    }
    const addresses = world.driver.sandboxes().map(({ address }) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
  }

  test("replicas converge, endpoints are the ready pods, and nothing is left of what is gone", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.nat(1000), (steps, seed) => {
        const world = createSimulation({ seed });
        const { clusterIP } = world.client.get("Service", "default", "web")!.spec;
        for (const action of steps) {
          act(world, action);
          world.clock.advance(100);
          check(world);
        }
        // What is left has room, and time to come back from the longest back-off.
        for (let index = 0; index < 4; index++) act(world, { do: "add", node: index });
        for (const { podUid } of world.driver.running()) world.driver.setHealthy(podUid, "server", true);
        world.clock.advance(12 * 60_000);
        check(world);
        expect(world.errors).toEqual([]);
        const wanted = world.client.get("ReplicationController", "default", "web")!.spec.replicas;
        expect(world.mine()).toHaveLength(wanted!);
        for (const pod of world.mine()) expect(pod.metadata.labels?.app).toBe("web");
        expect(world.endpoints().sort()).toEqual(readyAddresses(world).sort());
        const alive = world.pods().filter(isActive);
        const left = new Set(world.driver.sandboxes().map(({ podUid }) => podUid));
        expect([...left].sort()).toEqual(
          alive
            .filter(({ spec }) => spec.nodeName)
            .map(({ metadata }) => metadata.uid)
            .sort(),
        );
        if (alive.length <= 16) expect(readyAddresses(world)).toHaveLength(world.mine().length);
        expect(world.client.get("Service", "default", "web")!.spec.clusterIP).toBe(clusterIP);
      }),
      runs(60),
    );
  });
});
