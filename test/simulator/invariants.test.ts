import { describe, expect, test } from "vitest";
import type { Pod, Service } from "../../model/core.ts";
import { type Stored, timestamp } from "../../model/meta.ts";
import type { SimulatedContainer } from "../../runtime/kubelet/drivers/simulated.ts";
import { invariants, watchInvariants } from "../../runtime/simulator/invariants/index.ts";
import { createSimulation } from "../../runtime/simulator/simulation.ts";
import { planOf, shop } from "./support.ts";

/** Each invariant is shown a cluster that breaks it, made past all rules by writes to the store. */
const plan = planOf(shop);

/** A run in which nobody is behind and nothing runs. */
const idle = {
  sandbox: () => undefined,
  container: () => undefined,
  askedToEnd: () => undefined,
  failing: () => undefined,
  rules: () => [],
  behind: () => false,
  loopAbsence: () => undefined,
  lostNodes: new Set<string>(),
  nodeAbsence: () => undefined,
  kubeletSince: () => 0,
  clusterSince: () => 0,
  actor: () => undefined,
  now: () => 0,
};

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
  "a pod is put only on a node that takes it": ({ store, client, pods: [pod] }) => {
    const node = client.get("Node", undefined, "w-2")!;
    store.put({ ...node, spec: { ...node.spec, unschedulable: true } });
    const { nodeName: _, ...spec } = pod!.spec;
    const metadata = { ...pod!.metadata, name: "late", uid: "late", ownerReferences: [] };
    const waiting = store.put({ ...pod!, metadata, spec } as Stored<Pod>);
    store.put({ ...waiting, spec: { ...spec, nodeName: "w-2" } } as Stored<Pod>);
  },
  "a pod stays on a tainted node for as long as it tolerates that": ({ store, client, pods: [pod] }) => {
    const node = client.get("Node", undefined, pod!.spec.nodeName!)!;
    const taint = { key: "node.kubernetes.io/unreachable", effect: "NoExecute" as const };
    const timeAdded = pod!.metadata.creationTimestamp;
    store.put({ ...node, spec: { ...node.spec, taints: [{ ...taint, timeAdded }] } });
    const why = { type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager" };
    const conditions = [...(pod!.status!.conditions ?? []), why];
    const metadata = { ...pod!.metadata, deletionTimestamp: timeAdded };
    store.put({ ...pod!, metadata, status: { ...pod!.status, conditions } } as Stored<Pod>);
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
        spec: { ...service.spec, clusterIP: name, ports },
      } as Stored<Service>);
    }
  },
  "no two services have one virtual address": ({ store, service }) => {
    store.put({ ...service, metadata: { ...service.metadata, name: "two", uid: "two" } } as Stored<Service>);
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
    const watch = watchInvariants({ ...idle, client: () => client, sandbox });
    watch.answer({ type: "sandboxReady", podUid: "a" });
    expect(watch.broken).toBe(undefined);
    watch.answer({ type: "sandboxReady", podUid: "b" });
    expect(watch.broken?.invariant).toBe("no two pods have one address");
  });

  test("containers share volumes only within their pod", () => {
    const { client, pods } = converged();
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
    const watch = watchInvariants({ ...idle, client: () => client, sandbox, container });
    watch.answer({
      type: "containerStarted",
      podUid: "a",
      container: "server",
      attempt: 0,
      containerId: "c",
    });
    expect(watch.broken?.invariant).toBe("containers share volumes only within their pod");
  });

  test("a pod that is deleted has all of its grace", () => {
    const { client, store, pods, simulation } = converged();
    const now = simulation.clock.now();
    const metadata = { ...pods[0]!.metadata, deletionTimestamp: timestamp(now + 30_000) };
    store.put({ ...pods[0]!, metadata } as Stored<Pod>);
    const podUid = metadata.uid;
    const initContainers = [{ name: "aside", image: "i", restartPolicy: "Always" as const }];
    const withAside = { ...pods[0]!, metadata, spec: { ...pods[0]!.spec, initContainers } };
    const sandbox = () => ({ podUid, pod: pods[0]!, nodeName: "w-1", address: "10.128.0.9", volumes: [] });
    const exit = { type: "containerExited", podUid, container: "server", attempt: 0 } as const;
    const run = { ...idle, client: () => client, sandbox, now: () => now + 5000 };
    const patient = watchInvariants({ ...run, askedToEnd: () => now - 25_000 });
    patient.answer({ ...exit, exitCode: 137, signal: 9 });
    expect(patient.broken).toBe(undefined);
    const starting = watchInvariants({ ...run, askedToEnd: () => now + 1000 });
    starting.answer({ ...exit, type: "containerStarted", containerId: "c" });
    starting.answer({ ...exit, exitCode: 137, signal: 9 });
    expect(starting.broken).toBe(undefined);
    const evicted = watchInvariants({
      ...run,
      askedToEnd: (_, name) => (name === "aside" ? now - 500 : now + 1000),
      client: () => ({ ...client, get: () => withAside as never }),
    });
    evicted.answer({ ...exit, exitCode: 137, signal: 9 });
    expect(evicted.broken).toBe(undefined);
    const watch = watchInvariants({ ...run, askedToEnd: () => now });
    watch.answer({ ...exit, exitCode: 143, signal: 15 });
    watch.answer({ ...exit, exitCode: 137, signal: 9, reason: "OOMKilled" });
    expect(watch.broken).toBe(undefined);
    watch.answer({ ...exit, exitCode: 137, signal: 9 });
    expect(watch.broken?.invariant).toBe("a pod that is deleted has all of its grace");
  });

  test("the proxies send to all endpoints of a service and to nobody else", () => {
    const { client, service } = converged();
    const told = { service: "Service/default/web", portName: "http", purpose: "clusterIP" } as const;
    const ready = client.get("Endpoints", "default", "web")!.subsets![0]!.addresses!;
    const all = ready.map(({ ip }) => ({ address: ip, port: 8080 }));
    const broken = (backends: typeof all) => {
      const rules = () => [{ ...told, address: service.spec.clusterIP!, port: 80, backends }];
      const watch = watchInvariants({ ...idle, client: () => client, rules });
      watch.settled();
      return watch.broken?.invariant;
    };
    expect(broken(all)).toBe(undefined);
    expect(broken(all.slice(1))).toBe("the proxies send to all endpoints of a service and to nobody else");
  });

  test("an init container has ended before what comes after it runs", () => {
    const { client, pods } = converged();
    const initContainers = [{ name: "first", image: "i" }];
    const pod = { ...pods[0]!, spec: { ...pods[0]!.spec, initContainers } };
    const podUid = pod.metadata.uid;
    const sandbox = () => ({ podUid, pod, nodeName: "w-1", address: "10.128.0.9", volumes: [] });
    const running = new Set(["server"]);
    const container = (_: string, name: string) =>
      running.has(name) ? ({ command: { mounts: [] } } as unknown as SimulatedContainer) : undefined;
    const watch = watchInvariants({ ...idle, client: () => client, sandbox, container });
    const started = { type: "containerStarted", podUid, attempt: 0, containerId: "c" } as const;
    watch.answer({ ...started, container: "server" });
    expect(watch.broken).toBe(undefined);
    running.add("first");
    watch.answer({ ...started, container: "server" });
    expect(watch.broken?.message).toContain("runs beside init container first");
  });

  test("a service sends to nobody who is not ready, at any moment", () => {
    const { simulation, client, store, pods } = converged();
    const ready = client.get("Endpoints", "default", "web")!;
    const metadata = { ...pods[0]!.metadata, deletionTimestamp: timestamp(simulation.clock.now()) };
    store.put({ ...pods[0]!, metadata } as Stored<Pod>);
    expect(simulation.broken).toBe(undefined);
    store.put({ ...ready, metadata: { ...ready.metadata, annotations: { a: "b" } } });
    expect(simulation.broken?.message).toContain("which is being deleted");
  });

  test("nothing that was acknowledged is lost when the store is restarted", () => {
    const first = converged();
    const second = converged();
    second.store.remove("Pod", "default", second.pods[0]!.metadata.name);
    const watch = watchInvariants({ ...idle, client: () => first.client });
    watch.restarted(first.store, second.store);
    expect(watch.broken?.message).toContain(first.pods[0]!.metadata.name);
  });

  test("each has its case here", () => {
    const elsewhere = 11;
    expect(Object.keys(cases).length + elsewhere).toBe(invariants.length);
  });
});
