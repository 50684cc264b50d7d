import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Service } from "../../../model/core.ts";
import { controllerOf, type Stored } from "../../../model/meta.ts";
import { isActive, isReady } from "../../../model/pod.ts";
import { mapMatches } from "../../../model/selector.ts";
import { runs } from "../../runs.ts";
import { podNamed, rcNamed, serviceNamed } from "../registry/world.ts";
import { type Cluster, createCluster, scale } from "./cluster.ts";

const rcNames = ["one", "two"] as const;
const apps = ["one", "two", "none"] as const;

/** What the user may do, by the number of a pod among those there are. */
const action = fc.oneof(
  fc.record({
    type: fc.constant("scale"),
    rc: fc.constantFrom(...rcNames),
    replicas: fc.integer({ min: 0, max: 6 }),
  }),
  fc.record({ type: fc.constant("kill"), pod: fc.nat(), grace: fc.constantFrom(undefined, 0) }),
  fc.record({ type: fc.constant("fail"), pod: fc.nat() }),
  fc.record({ type: fc.constant("unready"), pod: fc.nat() }),
  fc.record({ type: fc.constant("relabel"), pod: fc.nat(), app: fc.constantFrom(...apps) }),
  fc.record({ type: fc.constant("orphan"), pod: fc.nat() }),
  fc.record({ type: fc.constant("stray"), app: fc.constantFrom(...apps) }),
  fc.record({
    type: fc.constant("delete"),
    rc: fc.constantFrom(...rcNames),
    policy: fc.constantFrom("Background", "Orphan", "Foreground"),
  }),
  fc.record({
    type: fc.constant("create"),
    rc: fc.constantFrom(...rcNames),
    replicas: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({ type: fc.constant("service"), app: fc.constantFrom(...apps), node: fc.boolean() }),
  fc.record({ type: fc.constant("restart") }),
  fc.record({ type: fc.constant("wait"), milliseconds: fc.integer({ min: 0, max: 400 }) }),
);
type Action = { type: string; rc?: string; pod?: number; app?: string; replicas?: number } & Record<
  string,
  unknown
>;

let strays = 0;

function act(cluster: Cluster, given: Action, addresses: Map<string, string>): void {
  const { client } = cluster;
  const pods = client.list("Pod");
  const pod = given.pod === undefined ? undefined : pods[given.pod % Math.max(1, pods.length)];
  const rc = given.rc === undefined ? undefined : client.get("ReplicationController", "default", given.rc);
  const gone = rc?.metadata.deletionTimestamp !== undefined;
  switch (given.type) {
    case "scale":
      if (rc) scale(cluster, rc.metadata.name, given.replicas!);
      break;
    case "create":
      if (!rc)
        client.create<"ReplicationController">(rcNamed(given.rc!, given.replicas!, { app: given.rc! }));
      break;
    case "delete":
      if (rc && !gone)
        client.delete("ReplicationController", "default", rc.metadata.name, {
          propagationPolicy: given.policy as "Orphan",
        });
      break;
    case "kill":
      if (pod)
        client.delete(
          "Pod",
          "default",
          pod.metadata.name,
          given.grace === 0 ? { gracePeriodSeconds: 0 } : {},
        );
      break;
    case "fail":
      if (pod) client.updateStatus<"Pod">({ ...pod, status: { ...pod.status, phase: "Failed" } });
      break;
    case "unready":
      if (pod?.status?.podIP)
        client.updateStatus<"Pod">({
          ...pod,
          status: { ...pod.status, conditions: [{ type: "Ready", status: "False" }] },
        });
      break;
    case "relabel":
      if (pod) client.update<"Pod">({ ...pod, metadata: { ...pod.metadata, labels: { app: given.app! } } });
      break;
    case "orphan":
      if (pod) client.update<"Pod">({ ...pod, metadata: { ...pod.metadata, ownerReferences: [] } });
      break;
    case "stray":
      client.create<"Pod">(podNamed(`stray-${strays++}`, { app: given.app! }));
      break;
    case "service": {
      const name = given.app!;
      const live = client.get("Service", "default", name);
      const type = given.node ? "NodePort" : "ClusterIP";
      if (live) client.update<"Service">({ ...live, spec: { ...live.spec, type } });
      else addresses.set(name, client.create<"Service">(serviceNamed(name, { type })).spec.clusterIP!);
      break;
    }
    case "restart":
      cluster.restart();
      break;
    default:
      cluster.clock.advance(given.milliseconds as number);
  }
}

describe("under any sequence of scaling, killing, failing, relabelling, orphaning, deleting and restarting", () => {
  test("the cluster comes to what its objects ask for", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
        const cluster = createCluster(["a", "b"]);
        const addresses = new Map<string, string>();
        for (const name of rcNames)
          cluster.client.create<"ReplicationController">(rcNamed(name, 2, { app: name }));
        for (const each of actions) act(cluster, each as Action, addresses);
        cluster.settle(15_000);
        expect(cluster.errors.filter((error) => !String(error).includes("modified"))).toEqual([]);
        checkReplicas(cluster);
        checkOwners(cluster);
        checkEndpoints(cluster);
        checkAddresses(cluster, addresses);
        checkQuiet(cluster);
        cluster.stop();
      }),
      runs(150),
    );
  });
});

function checkReplicas(cluster: Cluster): void {
  for (const rc of cluster.client.list("ReplicationController")) {
    expect(rc.metadata.deletionTimestamp).toBeUndefined();
    const own = cluster.active().filter((pod) => controllerOf(pod)?.uid === rc.metadata.uid);
    expect(own).toHaveLength(rc.spec.replicas!);
    expect(rc.status).toMatchObject({
      replicas: own.length,
      readyReplicas: own.filter(isReady).length,
      observedGeneration: rc.metadata.generation,
    });
  }
}

/** A controller owns exactly the active pods that its selector matches and that no other owns. */
function checkOwners(cluster: Cluster): void {
  const rcs = cluster.client.list("ReplicationController");
  for (const pod of cluster.active()) {
    const owner = rcs.find((rc) => rc.metadata.uid === controllerOf(pod)?.uid);
    const matching = rcs.filter((rc) => mapMatches(rc.spec.selector, pod.metadata.labels));
    expect(owner?.metadata.name).toBe(matching[0]?.metadata.name);
    if (!owner) expect(controllerOf(pod)).toBeUndefined();
  }
}

function checkEndpoints(cluster: Cluster): void {
  const { client } = cluster;
  expect(client.list("Endpoints").map(nameOf)).toEqual(client.list("Service").map(nameOf));
  for (const service of client.list("Service")) {
    const [subset, ...others] = client.get("Endpoints", "default", service.metadata.name)!.subsets ?? [];
    expect(others).toEqual([]);
    const expected = (ready: boolean) =>
      cluster
        .pods()
        .filter((pod) => isActive(pod) && pod.status?.podIP && isReady(pod) === ready)
        .filter((pod) => mapMatches(service.spec.selector, pod.metadata.labels))
        .map((pod) => pod.status!.podIP)
        .sort();
    expect((subset?.addresses ?? []).map(({ ip }) => ip).sort()).toEqual(expected(true));
    expect((subset?.notReadyAddresses ?? []).map(({ ip }) => ip).sort()).toEqual(expected(false));
  }
}

function checkAddresses(cluster: Cluster, addresses: ReadonlyMap<string, string>): void {
  const services: readonly Stored<Service>[] = cluster.client.list("Service");
  for (const service of services) expect(service.spec.clusterIP).toBe(addresses.get(service.metadata.name));
  const ports = services.flatMap(({ spec }) => spec.ports?.flatMap((port) => port.nodePort ?? []) ?? []);
  expect(new Set([...addresses.values()]).size).toBe(addresses.size);
  expect(new Set(ports).size).toBe(ports.length);
}

/** What has settled is written no more, but for the nodes' heartbeats. */
function checkQuiet(cluster: Cluster): void {
  const writes: string[] = [];
  const stop = cluster.store.subscribe(({ kind }) => writes.push(kind));
  cluster.restart();
  cluster.settle(10_000);
  stop();
  expect(writes.filter((kind) => kind !== "Node")).toEqual([]);
}

const nameOf = (object: { metadata: { name: string } }) => object.metadata.name;
