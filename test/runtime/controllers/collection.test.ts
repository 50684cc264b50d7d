import { describe, expect, test } from "vitest";
import type { ConfigMap } from "../../../model/core.ts";
import type { OwnerReference, Stored } from "../../../model/meta.ts";
import { podNamed, serviceNamed, spec } from "../registry/world.ts";
import { createCluster } from "./cluster.ts";

function config(
  name: string,
  owners: readonly OwnerReference[] = [],
  finalizers?: readonly string[],
): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ownerReferences: owners, ...(finalizers ? { finalizers } : {}) },
    data: {},
  };
}

function ownedBy(owner: Stored<ConfigMap>, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: "v1", kind: "ConfigMap", name: owner.metadata.name, uid: owner.metadata.uid, ...more };
}

const names = (cluster: ReturnType<typeof createCluster>) =>
  cluster.client.list("ConfigMap").map(({ metadata }) => metadata.name);

describe("what has an owner", () => {
  test("goes when its last owner goes, and what it owns goes too", () => {
    const cluster = createCluster();
    const { client } = cluster;
    const one = client.create<"ConfigMap">(config("one"));
    const two = client.create<"ConfigMap">(config("two"));
    const shared = client.create<"ConfigMap">(config("shared", [ownedBy(one), ownedBy(two)]));
    client.create<"ConfigMap">(config("leaf", [ownedBy(shared)]));
    cluster.settle();
    client.delete("ConfigMap", "default", "one");
    cluster.settle();
    expect(names(cluster)).toEqual(["leaf", "shared", "two"]);
    expect(client.get("ConfigMap", "default", "shared")?.metadata.ownerReferences).toEqual([ownedBy(two)]);
    client.delete("ConfigMap", "default", "two");
    cluster.settle();
    expect(names(cluster)).toEqual([]);
  });

  test("goes at once where its owner never was, or is another of that name", () => {
    const cluster = createCluster();
    const one = cluster.client.create<"ConfigMap">(config("one"));
    cluster.client.create<"ConfigMap">(config("stale", [ownedBy(one, { uid: "another" })]));
    cluster.client.create<"ConfigMap">(
      config("foreign", [{ apiVersion: "apps/v1", kind: "Deployment", name: "x", uid: "y" }]),
    );
    cluster.settle();
    expect(names(cluster)).toEqual(["foreign", "one"]);
  });

  test("keeps an owner that waits for it, if it blocks it", () => {
    const cluster = createCluster();
    const { client } = cluster;
    const one = client.create<"ConfigMap">(config("one"));
    client.create<"ConfigMap">(
      config("held", [ownedBy(one, { blockOwnerDeletion: true })], ["example.com/hold"]),
    );
    cluster.settle();
    client.delete("ConfigMap", "default", "one", { propagationPolicy: "Foreground" });
    cluster.settle();
    expect(names(cluster)).toEqual(["held", "one"]);
    const held = client.get("ConfigMap", "default", "held")!;
    expect(held.metadata.deletionTimestamp).toBeDefined();
    client.update<"ConfigMap">({ ...held, metadata: { ...held.metadata, finalizers: [] } });
    cluster.settle();
    expect(names(cluster)).toEqual([]);
  });

  test("stays without an owner where the owner leaves it behind", () => {
    const cluster = createCluster();
    const one = cluster.client.create<"ConfigMap">(config("one"));
    cluster.client.create<"ConfigMap">(config("kept", [ownedBy(one)]));
    cluster.settle();
    cluster.client.delete("ConfigMap", "default", "one", { propagationPolicy: "Orphan" });
    cluster.settle();
    expect(names(cluster)).toEqual(["kept"]);
    expect(cluster.client.get("ConfigMap", "default", "kept")?.metadata).not.toHaveProperty(
      "ownerReferences",
    );
  });
});

describe("a namespace that is deleted", () => {
  test("says what is left in it and what holds that", () => {
    const cluster = createCluster();
    const { client } = cluster;
    client.create<"Namespace">({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    const held = { name: "one", namespace: "shop", finalizers: ["example.com/hold"] };
    client.create<"ConfigMap">({ apiVersion: "v1", kind: "ConfigMap", metadata: held });
    client.delete("Namespace", undefined, "shop");
    cluster.settle();
    const said = Object.fromEntries(
      client.get("Namespace", undefined, "shop")!.status!.conditions!.map((each) => [each.type, each]),
    );
    expect(said.NamespaceContentRemaining).toMatchObject({
      status: "True",
      reason: "SomeResourcesRemain",
      message: "Some resources are remaining: configmaps. has 1 resource instances",
    });
    expect(said.NamespaceFinalizersRemaining!.message).toBe(
      "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
    );
    expect(said.NamespaceDeletionContentFailure).toMatchObject({ status: "False", reason: "ContentDeleted" });
    const one = client.get("ConfigMap", "shop", "one")!;
    client.update<"ConfigMap">({ ...one, metadata: { ...one.metadata, finalizers: [] } });
    cluster.settle();
    expect(client.get("Namespace", undefined, "shop")).toBeUndefined();
  });

  test("ends its pods first, then goes with all that is in it", () => {
    const cluster = createCluster();
    const { client } = cluster;
    client.create<"Namespace">({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    const here = { namespace: "shop" };
    client.create<"Pod">({ ...podNamed("web"), metadata: { name: "web", ...here }, spec });
    client.create<"Service">({ ...serviceNamed("web"), metadata: { name: "web", ...here } });
    cluster.settle();
    client.event(client.get("Pod", "shop", "web")!, "test", "Normal", "Hello", "there");
    client.delete("Namespace", undefined, "shop");
    cluster.clock.advance(100);
    expect(client.get("Pod", "shop", "web")?.metadata.deletionTimestamp).toBeDefined();
    expect(client.get("Service", "shop", "web")).toBeDefined();
    cluster.settle();
    expect(client.get("Namespace", undefined, "shop")).toBeUndefined();
    for (const kind of ["Pod", "Service", "Endpoints", "Event"] as const)
      expect(client.list(kind, here)).toEqual([]);
    expect(cluster.errors).toEqual([]);
  });
});

describe("an event", () => {
  test("is forgotten an hour after it was last seen", () => {
    const cluster = createCluster();
    const pod = cluster.client.create<"Pod">(podNamed("web"));
    const say = () => cluster.client.event(pod, "test", "Normal", "Hello", "there");
    const there = () => cluster.client.list("Event").some(({ reason }) => reason === "Hello");
    say();
    cluster.settle(3_000_000);
    say();
    cluster.settle(3_000_000);
    expect(there()).toBe(true);
    cluster.settle(700_000);
    expect(there()).toBe(false);
    say();
    expect(cluster.client.list("Event").find(({ reason }) => reason === "Hello")?.count).toBe(1);
  });
});
