import { describe, expect, test } from "vitest";
import { isActive, isReady } from "../../model/pod.ts";
import { createSimulation, type Simulation } from "../../runtime/simulator/simulation.ts";
import { planOf, shop } from "./support.ts";

const plan = planOf(shop);
const minute = 60_000;

function run(simulation: Simulation, milliseconds: number): void {
  const end = simulation.clock.now() + milliseconds;
  while (simulation.step(end));
}

function settle(simulation: Simulation, within: number): void {
  const end = simulation.clock.now() + within;
  while (simulation.unsettled() !== undefined && simulation.step(end));
  expect(simulation.unsettled()).toBe(undefined);
}

const pods = ({ cluster }: Simulation, app: string) =>
  cluster.client.list("Pod").filter((pod) => pod.metadata.labels?.app === app && isActive(pod));
const nodeOf = (simulation: Simulation, app: string) => pods(simulation, app)[0]!.spec.nodeName!;

describe("a plan under virtual time", () => {
  test("converges", () => {
    const simulation = createSimulation({ plan, seed: 1 });
    expect(simulation.unsettled()).toBeDefined();
    settle(simulation, minute);
    expect(pods(simulation, "web").filter(isReady)).toHaveLength(3);
    expect(simulation.serving("Service/default/web")).toBe(1);
    expect(simulation.errors).toEqual([]);
  });

  test("says which gates a pod waits for, which nobody opens", () => {
    const gated = (block: string) =>
      createSimulation({
        plan: planOf(shop.replace("container server {", `${block}\n    container server {`)),
        seed: 1,
      });
    const placed = gated('schedulingGates: ["example.com/quota"]');
    run(placed, minute);
    expect(placed.unsettled()).toMatch(
      /^pod \S+ waits for its scheduling gates to be taken away \(example\.com\/quota\)$/,
    );
    const ready = gated('readinessGates: ["example.com/balanced"]');
    run(ready, minute);
    expect(ready.unsettled()).toMatch(
      /^pod \S+ waits for the conditions of its readiness gates \(example\.com\/balanced\)$/,
    );
    expect(pods(ready, "web").filter(isReady)).toEqual([]);
  });

  test("has init containers that end, and side cars that do not", () => {
    const init =
      'init prepare { image: "x:1" }\n    init mesh { image: "x:1", restart: "always" }\n    container server {';
    const simulation = createSimulation({ plan: planOf(shop.replace("container server {", init)), seed: 1 });
    settle(simulation, minute);
    const statuses = pods(simulation, "web")[0]!.status!.initContainerStatuses!;
    expect(statuses.map(({ name, state }) => [name, Object.keys(state)[0]])).toEqual([
      ["prepare", "terminated"],
      ["mesh", "running"],
    ]);
  });

  test("does the same from the same seed, and something else from another", () => {
    const hash = (seed: number) => {
      const simulation = createSimulation({ plan, seed });
      run(simulation, minute);
      simulation.faults.killNode("w-2");
      run(simulation, 10 * minute);
      return simulation.traceHash();
    };
    expect(hash(7)).toBe(hash(7));
    expect(hash(7)).not.toBe(hash(8));
  });

  test("replaces the pods of a node that dies, and takes the node back", () => {
    const simulation = createSimulation({ plan, seed: 1 });
    settle(simulation, minute);
    const node = nodeOf(simulation, "web");
    simulation.faults.killNode(node);
    expect(simulation.serving("Service/default/web")).toBeLessThan(1);
    expect(simulation.unsettled()).toContain(node);
    settle(simulation, 10 * minute);
    expect(pods(simulation, "web").map(({ spec }) => spec.nodeName)).not.toContain(node);
    simulation.faults.reviveNode(node);
    settle(simulation, 10 * minute);
    expect(simulation.errors).toEqual([]);
  });

  test("evicts from a node that is cut off, whose containers run on until it is back", () => {
    const simulation = createSimulation({ plan, seed: 3 });
    settle(simulation, minute);
    const node = nodeOf(simulation, "web");
    simulation.faults.cutNode(node);
    settle(simulation, 10 * minute);
    expect(pods(simulation, "web")).toHaveLength(3);
    simulation.faults.healNode(node);
    settle(simulation, 10 * minute);
    expect(simulation.cluster.client.list("Pod")).toHaveLength(5);
    expect(simulation.errors).toEqual([]);
  });

  test("acts late on a node whose watches hang", () => {
    const simulation = createSimulation({ plan, seed: 4 });
    settle(simulation, minute);
    const node = nodeOf(simulation, "web");
    simulation.faults.stallNode(node);
    for (const pod of pods(simulation, "web")) {
      simulation.cluster.client.delete("Pod", pod.metadata.namespace, pod.metadata.name);
    }
    run(simulation, 5 * minute);
    expect(simulation.unsettled()).toBeDefined();
    simulation.faults.healNode(node);
    settle(simulation, 10 * minute);
    expect(simulation.errors).toEqual([]);
  });

  test("evicts pod after pod from a node that is short of disk, and takes it again when it is not", () => {
    const simulation = createSimulation({ plan, seed: 9 });
    settle(simulation, minute);
    const node = nodeOf(simulation, "web");
    simulation.faults.fillNode(node, true);
    settle(simulation, 10 * minute);
    const all = simulation.cluster.client.list("Pod");
    expect(all.filter(isActive).map(({ spec }) => spec.nodeName)).not.toContain(node);
    const evicted = all.filter(({ status }) => status?.reason === "Evicted");
    expect(evicted.length).toBeGreaterThan(0);
    expect(evicted[0]!.status).toMatchObject({
      phase: "Failed",
      message: "The node was low on resource: ephemeral-storage. ",
    });
    simulation.faults.fillNode(node, false);
    const found = () => simulation.cluster.client.get("Node", undefined, node)!;
    const pressed = () => found().status?.conditions?.find(({ type }) => type === "DiskPressure")?.status;
    // Kubernetes' `evictionPressureTransitionPeriod`: it is called short of disk for five minutes more.
    run(simulation, 4.5 * minute);
    expect(pressed()).toBe("True");
    run(simulation, minute);
    settle(simulation, minute);
    const { spec } = found();
    expect(pressed()).toBe("False");
    expect(spec.taints ?? []).toEqual([]);
    expect(simulation.errors).toEqual([]);
  });

  test("acts late where the watches of a controller hang, and not twice", () => {
    const simulation = createSimulation({ plan, seed: 8 });
    settle(simulation, minute);
    simulation.faults.stallLoop("replication");
    const { client } = simulation.cluster;
    client.delete("Pod", "default", pods(simulation, "web")[0]!.metadata.name);
    run(simulation, 2 * minute);
    expect(pods(simulation, "web")).toHaveLength(2);
    simulation.faults.healLoop("replication");
    settle(simulation, minute);
    expect(pods(simulation, "web")).toHaveLength(3);
    expect(simulation.broken).toBe(undefined);
    expect(() => simulation.faults.stallLoop("nobody")).toThrow("there is no loop nobody");
  });

  test("empties a node that is drained, and rolls an update", () => {
    const simulation = createSimulation({ plan, seed: 5 });
    settle(simulation, minute);
    simulation.faults.drain("w-1");
    settle(simulation, 5 * minute);
    expect(pods(simulation, "web").map(({ spec }) => spec.nodeName)).not.toContain("w-1");
    const rc = plan.objects.find(
      ({ kind, metadata }) => kind === "ReplicationController" && metadata.name === "web",
    );
    const next = JSON.parse(JSON.stringify(rc).replace("example/web:1", "example/web:2"));
    simulation.faults.update([next], []);
    settle(simulation, 5 * minute);
    expect(pods(simulation, "web").map(({ spec }) => spec.containers[0]!.image)).toEqual(
      Array(3).fill("example/web:2"),
    );
    expect(simulation.errors).toEqual([]);
  });

  test("restarts what crashes, and keeps pods off a full node", () => {
    const simulation = createSimulation({ plan, seed: 6 });
    settle(simulation, minute);
    const [first] = pods(simulation, "web");
    simulation.faults.exhaustMemory(first!.metadata.uid);
    settle(simulation, 5 * minute);
    const status = pods(simulation, "web").find(({ metadata }) => metadata.uid === first!.metadata.uid)!
      .status!;
    expect(status.containerStatuses![0]!.restartCount).toBe(1);
    expect(status.containerStatuses![0]!.lastState?.terminated?.reason).toBe("OOMKilled");
    simulation.faults.fillNode("w-3", true);
    run(simulation, 10_000);
    simulation.faults.scale("ReplicationController/default/web", 9);
    settle(simulation, minute);
    const young = pods(simulation, "web").filter(
      ({ metadata }) => metadata.creationTimestamp! > first!.metadata.creationTimestamp!,
    );
    expect(young.length).toBeGreaterThan(0);
    expect(young.map(({ spec }) => spec.nodeName)).not.toContain("w-3");
  });
});
