import { expect, test } from "vitest";
import { createSimulation, type Simulation } from "../../runtime/simulator/simulation.ts";
import { planOf, shop } from "./support.ts";

const plan = planOf(shop);

function settle(simulation: Simulation): void {
  const end = simulation.clock.now() + 600_000;
  while (simulation.unsettled() !== undefined && simulation.step(end));
  expect(simulation.unsettled()).toBe(undefined);
  expect(simulation.checkSettled()).toBe(undefined);
  expect(simulation.errors).toEqual([]);
}

const containers = ({ cluster }: Simulation) =>
  cluster.client
    .list("Pod")
    .flatMap(({ status }) => (status?.containerStatuses ?? []).map(({ containerID }) => containerID))
    .sort();

test.each([
  ["a kubelet", ({ faults }: Simulation) => faults.restartKubelet("w-2")],
  ["the whole cluster", ({ faults }: Simulation) => faults.restartCluster()],
])("the restart of %s starts no container anew and writes nothing but what it has to", (_, restart) => {
  const simulation = createSimulation({ plan, seed: 1 });
  settle(simulation);
  const before = containers(simulation);
  expect(before).toHaveLength(5);
  restart(simulation);
  simulation.clock.advance(120_000);
  settle(simulation);
  expect(containers(simulation)).toEqual(before);
});

test("what ended while no kubelet looked is found to have ended", () => {
  const simulation = createSimulation({ plan, seed: 2 });
  settle(simulation);
  const { client } = simulation.cluster;
  const pod = client.list("Pod").find(({ metadata }) => metadata.labels?.app === "web")!;
  simulation.cluster.stopKubelet(pod.spec.nodeName!);
  simulation.faults.crash(pod.metadata.uid, "server", 3);
  simulation.clock.advance(5_000);
  simulation.cluster.startKubelet(pod.spec.nodeName!);
  settle(simulation);
  const [status] = client.get("Pod", "default", pod.metadata.name)!.status!.containerStatuses!;
  expect(status).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 3 } } });
});

test("what was deleted while no kubelet looked is taken away", () => {
  const simulation = createSimulation({ plan, seed: 3 });
  settle(simulation);
  const { client } = simulation.cluster;
  const pod = client.list("Pod").find(({ metadata }) => metadata.labels?.app === "worker")!;
  simulation.cluster.stopKubelet(pod.spec.nodeName!);
  client.delete("Pod", "default", pod.metadata.name, { gracePeriodSeconds: 0 });
  simulation.clock.advance(5_000);
  expect(simulation.unsettled()).toContain("still runs");
  simulation.cluster.startKubelet(pod.spec.nodeName!);
  settle(simulation);
});
