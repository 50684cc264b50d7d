import { describe, expect, test } from "vitest";
import type { Pod, Service } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { invariants, watchInvariants } from "../../runtime/simulator/invariants/index.ts";
import { createSimulation } from "../../runtime/simulator/simulation.ts";
import { planOf, shop } from "./support.ts";

/** Each invariant is shown a cluster that breaks it, made past all rules by writes to the store. */
const plan = planOf(shop);

function converged() {
  const simulation = createSimulation({ plan, seed: 1 });
  const end = simulation.clock.now() + 60_000;
  while (simulation.unsettled() !== undefined && simulation.step(end));
  const { client, store } = simulation.cluster;
  const pods = client.list("Pod").filter(({ metadata }) => metadata.labels?.app === "web");
  return { simulation, client, store, pods, service: client.get("Service", "default", "web")! };
}

const cases: Readonly<Record<string, (world: ReturnType<typeof converged>) => void>> = {
  "no node holds more than it has": ({ store, pods: [pod] }) => {
    const container = { ...pod!.spec.containers[0]!, resources: { requests: { cpu: "3" } } };
    const name = "large";
    store.put({
      ...pod!,
      metadata: { ...pod!.metadata, name, uid: name },
      spec: { ...pod!.spec, containers: [container] },
    } as Stored<Pod>);
  },
  "a pod is bound to one node, once": ({ store, pods: [pod] }) => {
    store.put({ ...pod!, spec: { ...pod!.spec, nodeName: "elsewhere" } } as Stored<Pod>);
  },
  "no two services have one node port": ({ store, service }) => {
    for (const name of ["one", "two"]) {
      const ports = [{ port: 80, nodePort: 30_001 }];
      store.put({
        ...service,
        metadata: { ...service.metadata, name, uid: name },
        spec: { ...service.spec, ports },
      } as Stored<Service>);
    }
  },
  "the virtual address of a service never changes": ({ store, service }) => {
    store.put({ ...service, spec: { ...service.spec, clusterIP: "10.96.0.99" } } as Stored<Service>);
  },
  "no rc makes more pods than it wants": ({ store, pods: [pod] }) => {
    store.put({ ...pod!, metadata: { ...pod!.metadata, name: "extra", uid: "extra" } } as Stored<Pod>);
  },
  "a service's endpoints are its ready pods": ({ store, client, simulation }) => {
    store.put({ ...client.get("Endpoints", "default", "web")!, subsets: [] });
    simulation.checkSettled();
  },
};

describe("an invariant that is broken is told", () => {
  test.each(Object.keys(cases))("%s", (name) => {
    const world = converged();
    expect(world.simulation.broken).toBe(undefined);
    cases[name]!(world);
    expect(world.simulation.broken?.invariant).toBe(name);
  });

  test("no two pods have one address", () => {
    const { client, pods } = converged();
    const sandbox = (podUid: string) => ({
      podUid,
      pod: pods[0]!,
      nodeName: "w-1",
      address: "10.128.0.9",
      volumes: [],
    });
    const watch = watchInvariants({ client: () => client, sandbox, container: () => undefined }, () => 0);
    watch.answer({ type: "sandboxReady", podUid: "a" });
    expect(watch.broken).toBe(undefined);
    watch.answer({ type: "sandboxReady", podUid: "b" });
    expect(watch.broken?.invariant).toBe("no two pods have one address");
  });

  test("containers share volumes only within their pod", () => {
    const { client, pods, simulation } = converged();
    const sandbox = (podUid: string) => ({
      podUid,
      pod: pods[0]!,
      nodeName: "w-1",
      address: "10.128.0.9",
      volumes: [],
    });
    const mounts = [{ volume: "foreign", path: "/data", readOnly: false }];
    const command = {
      type: "startContainer",
      podUid: "a",
      container: "server",
      attempt: 0,
      image: "i",
      command: [],
      env: () => [],
      ports: [],
      mounts,
      limits: {},
      secretNames: [],
    } as const;
    const container = () => ({
      podUid: "a",
      container: "server",
      attempt: 0,
      nodeName: "w-1",
      address: "10.128.0.9",
      command,
    });
    const watch = watchInvariants({ client: () => client, sandbox, container }, () => simulation.clock.now());
    watch.answer({
      type: "containerStarted",
      podUid: "a",
      container: "server",
      attempt: 0,
      containerId: "c",
    });
    expect(watch.broken?.invariant).toBe("containers share volumes only within their pod");
  });

  test("nothing that was acknowledged is lost when the store is restarted", () => {
    const first = converged();
    const second = converged();
    second.store.remove("Pod", "default", second.pods[0]!.metadata.name);
    const watch = watchInvariants(
      { client: () => first.client, sandbox: () => undefined, container: () => undefined },
      () => 0,
    );
    watch.restarted(first.store, second.store);
    expect(watch.broken?.message).toContain(first.pods[0]!.metadata.name);
  });

  test("each has its case here", () => {
    const elsewhere = 3;
    expect(Object.keys(cases).length + elsewhere).toBe(invariants.length);
  });
});
