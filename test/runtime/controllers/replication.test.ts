import { describe, expect, test } from "vitest";
import type { Pod } from "../../../model/core.ts";
import { controllerOf, type Stored } from "../../../model/meta.ts";
import { ApiError } from "../../../runtime/client/client.ts";
import { Expectations } from "../../../runtime/client/expectations.ts";
import { createReplicationController } from "../../../runtime/controllers/replication.ts";
import { createWorld, podNamed, rcNamed } from "../registry/world.ts";
import { createCluster, eventsOf, readyPods, scale } from "./cluster.ts";

const labels = { app: "web" };

describe("a replication controller", () => {
  test("has as many ready pods as it asks for, named after it and made from its template", () => {
    const cluster = createCluster();
    cluster.client.create<"ReplicationController">(rcNamed("web", 3, labels));
    cluster.settle();
    expect(readyPods(cluster)).toHaveLength(3);
    for (const pod of cluster.pods()) {
      expect(pod.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
      expect(pod.metadata.labels).toEqual(labels);
      expect(controllerOf(pod)).toEqual({
        apiVersion: "v1",
        kind: "ReplicationController",
        name: "web",
        uid: cluster.rc("web").metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      });
    }
    expect(cluster.rc("web").status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 1,
    });
    const created = cluster.pods().map((pod) => `Normal SuccessfulCreate Created pod: ${pod.metadata.name}`);
    expect(eventsOf(cluster, "web").sort()).toEqual(created.sort());
    expect(cluster.errors).toEqual([]);
  });

  test("replaces a pod that is deleted or has failed, and leaves the failed one where it is", () => {
    const cluster = createCluster();
    cluster.client.create<"ReplicationController">(rcNamed("web", 2, labels));
    cluster.settle();
    const [first, second] = cluster.pods();
    cluster.client.delete("Pod", "default", first!.metadata.name);
    cluster.client.updateStatus<"Pod">({ ...second!, status: { ...second!.status, phase: "Failed" } });
    cluster.settle();
    expect(readyPods(cluster)).toHaveLength(2);
    expect(cluster.pods().map((pod) => pod.metadata.name)).toContain(second!.metadata.name);
    expect(cluster.pods()).toHaveLength(3);
  });

  test("adopts what matches and nobody owns, and deletes what is too much of it", () => {
    const cluster = createCluster();
    cluster.client.create<"Pod">(podNamed("stray", labels));
    cluster.settle();
    cluster.client.create<"ReplicationController">(rcNamed("web", 1, labels));
    cluster.settle();
    expect(cluster.active().map((pod) => pod.metadata.name)).toEqual(["stray"]);
    expect(controllerOf(cluster.pods()[0]!)?.name).toBe("web");
    cluster.client.create<"Pod">(podNamed("another", labels));
    cluster.settle();
    expect(cluster.active()).toHaveLength(1);
    expect(eventsOf(cluster, "web")[0]).toMatch(/^Normal SuccessfulDelete Deleted pod: /);
  });

  test("releases a pod whose labels match no more, and makes another", () => {
    const cluster = createCluster();
    cluster.client.create<"ReplicationController">(rcNamed("web", 1, labels));
    cluster.settle();
    const pod = cluster.pods()[0]!;
    cluster.client.update<"Pod">({ ...pod, metadata: { ...pod.metadata, labels: { app: "debug" } } });
    cluster.settle();
    const released = cluster.client.get("Pod", "default", pod.metadata.name)!;
    expect(released.metadata.ownerReferences ?? []).toEqual([]);
    expect(cluster.active()).toHaveLength(2);
  });

  test("leaves alone what another owns", () => {
    const cluster = createCluster();
    cluster.client.create<"ReplicationController">(rcNamed("one", 2, labels));
    cluster.settle();
    cluster.client.create<"ReplicationController">(rcNamed("two", 1, labels));
    cluster.settle();
    const owners = cluster.pods().map((pod) => controllerOf(pod)?.name);
    expect(owners.sort()).toEqual(["one", "one", "two"]);
  });

  test("that is deleted leaves its pods without an owner, or takes them with it when told to", () => {
    const cluster = createCluster();
    cluster.client.create<"ReplicationController">(rcNamed("web", 2, labels));
    cluster.settle();
    cluster.client.delete("ReplicationController", "default", "web");
    cluster.settle();
    expect(cluster.rc("web")).toBeUndefined();
    expect(cluster.active().map((pod) => pod.metadata.ownerReferences ?? [])).toEqual([[], []]);
    cluster.client.create<"ReplicationController">(rcNamed("web", 2, labels));
    cluster.settle();
    cluster.client.delete("ReplicationController", "default", "web", { propagationPolicy: "Background" });
    cluster.settle();
    expect(cluster.pods()).toEqual([]);
  });

  test("that waits for its pods goes after them", () => {
    const cluster = createCluster();
    cluster.client.create<"ReplicationController">(rcNamed("web", 2, labels));
    cluster.settle();
    cluster.client.delete("ReplicationController", "default", "web", { propagationPolicy: "Foreground" });
    cluster.clock.advance(50);
    expect(cluster.rc("web").metadata.finalizers).toEqual(["foregroundDeletion"]);
    expect(cluster.active()).toEqual([]);
    cluster.settle();
    expect(cluster.rc("web")).toBeUndefined();
    expect(cluster.pods()).toEqual([]);
  });

  test("tells when it cannot create, tries few times at once, and clears that when it can", () => {
    const { client, clock } = createWorld();
    const errors: unknown[] = [];
    let tries = 0;
    let refuse = true;
    const create = ((object: Pod) => {
      tries++;
      if (refuse) throw new ApiError(403, "Forbidden", 'pods "web-" is forbidden: no more');
      return client.create<"Pod">(object);
    }) as typeof client.create;
    const controller = createReplicationController(
      { ...client, create },
      {
        clock,
        random: { below: () => 0, fork: () => undefined as never },
        onError: (_loop, _key, error) => errors.push(error),
      },
    );
    client.create<"ReplicationController">(rcNamed("web", 20, labels));
    clock.advance(0);
    expect(tries).toBeLessThan(4);
    const failure = client.get("ReplicationController", "default", "web")?.status?.conditions?.[0];
    expect(failure).toMatchObject({
      type: "ReplicaFailure",
      status: "True",
      reason: "FailedCreate",
      message: 'pods "web-" is forbidden: no more',
    });
    expect(client.list("Event")[0]).toMatchObject({
      type: "Warning",
      reason: "FailedCreate",
      message: 'Error creating: pods "web-" is forbidden: no more',
      source: { component: "replication-controller" },
    });
    expect(errors.length).toBeGreaterThan(0);
    refuse = false;
    clock.advance(60_000);
    expect(client.list("Pod")).toHaveLength(20);
    expect(client.get("ReplicationController", "default", "web")?.status?.conditions).toBeUndefined();
    controller.stop();
  });

  test("counts a pod as available when it has been ready for long enough", () => {
    const cluster = createCluster();
    const rc = rcNamed("web", 2, labels);
    cluster.client.create<"ReplicationController">({ ...rc, spec: { ...rc.spec, minReadySeconds: 30 } });
    cluster.settle(5_000);
    expect(cluster.rc("web").status).toMatchObject({ readyReplicas: 2, availableReplicas: 0 });
    cluster.settle(40_000);
    expect(cluster.rc("web").status).toMatchObject({ readyReplicas: 2, availableReplicas: 2 });
  });

  test("does not touch live pods when its template changes", () => {
    const cluster = createCluster();
    cluster.client.create<"ReplicationController">(rcNamed("web", 2, labels));
    cluster.settle();
    const before = cluster.pods().map((pod) => pod.metadata.name);
    const rc = cluster.rc("web");
    const containers = [{ name: "server", image: "shop/web:2" }];
    const template = { ...rc.spec.template, spec: { ...rc.spec.template.spec, containers } };
    cluster.client.update<"ReplicationController">({ ...rc, spec: { ...rc.spec, template } });
    cluster.settle();
    expect(cluster.pods().map((pod) => pod.metadata.name)).toEqual(before);
  });

  test("in a namespace that is being deleted makes no pods and no noise", () => {
    const cluster = createCluster();
    cluster.client.create<"Namespace">({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    const rc = rcNamed("web", 2, labels);
    const metadata = { name: "web", namespace: "shop", finalizers: ["example.com/hold"] };
    cluster.client.create<"ReplicationController">({ ...rc, metadata });
    cluster.clock.advance(0);
    cluster.client.delete("Namespace", undefined, "shop");
    cluster.clock.advance(3_000);
    expect(cluster.client.list("Pod", { namespace: "shop" })).toEqual([]);
    expect(cluster.client.get("Namespace", undefined, "shop")?.status?.phase).toBe("Terminating");
    const held = cluster.client.get("ReplicationController", "shop", "web")!;
    cluster.client.update({ ...held, metadata: { ...held.metadata, finalizers: [] } } as Stored<typeof rc>);
    cluster.settle();
    expect(cluster.client.get("Namespace", undefined, "shop")).toBeUndefined();
    expect(cluster.errors).toEqual([]);
  });

  test("scales to none and back", () => {
    const cluster = createCluster();
    cluster.client.create<"ReplicationController">(rcNamed("web", 5, labels));
    cluster.settle();
    scale(cluster, "web", 0);
    cluster.settle();
    expect(cluster.pods()).toEqual([]);
    expect(cluster.rc("web").status).toMatchObject({ replicas: 0, observedGeneration: 2 });
    scale(cluster, "web", 2);
    cluster.settle();
    expect(readyPods(cluster)).toHaveLength(2);
  });
});

describe("expectations", () => {
  test("hold a loop back until it has seen what it asked for, or five minutes", () => {
    const { clock } = createWorld();
    const expectations = new Expectations(clock);
    expect(expectations.satisfied("rc")).toBe(true);
    expectations.expectCreations("rc", 2);
    expectations.creationObserved("rc");
    expect(expectations.satisfied("rc")).toBe(false);
    expectations.creationObserved("rc");
    expect(expectations.satisfied("rc")).toBe(true);
    expectations.expectDeletions("rc", ["a", "b"]);
    expectations.deletionObserved("rc", "a");
    expectations.deletionObserved("rc", "a");
    expect(expectations.satisfied("rc")).toBe(false);
    clock.advance(5 * 60_000 + 1);
    expect(expectations.satisfied("rc")).toBe(true);
  });
});
