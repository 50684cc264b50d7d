import { describe, expect, test } from "vitest";
import type { Endpoints, Pod, PodSpec } from "../../../model/core.ts";
import { podNamed, serviceNamed } from "../registry/world.ts";
import { type Cluster, createCluster } from "./cluster.ts";

const labels = { app: "web" };

function endpointsOf(cluster: Cluster, name = "web"): Endpoints {
  return cluster.client.get("Endpoints", "default", name)!;
}

/** `ready / not ready : ports` of each subset. */
function shown(cluster: Cluster): string[] {
  return (endpointsOf(cluster).subsets ?? []).map(
    ({ addresses = [], notReadyAddresses = [], ports = [] }) => {
      const names = (list: typeof addresses) => list.map(({ targetRef }) => targetRef?.name).join(" ");
      return `${names(addresses)} / ${names(notReadyAddresses)} : ${ports.map(({ name, port }) => `${name ?? ""}=${port}`).join(" ")}`;
    },
  );
}

function create(
  cluster: Cluster,
  name: string,
  ports: Record<string, number>,
  more: Partial<PodSpec> = {},
): void {
  const containers = [
    {
      name: "server",
      image: name,
      ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
    },
  ];
  cluster.client.create<"Pod">(podNamed(name, labels, { containers, ...more }));
}

describe("the endpoints of a service", () => {
  test("are the addresses of the ready pods that it selects, and of those that are not ready beside them", () => {
    const cluster = createCluster();
    cluster.client.create<"Service">(serviceNamed("web"));
    create(cluster, "one", {});
    create(cluster, "two", {});
    cluster.broken.add("two");
    cluster.client.create<"Pod">(podNamed("other", { app: "db" }));
    cluster.settle();
    expect(shown(cluster)).toEqual(["one / two : =8080"]);
    const { metadata, subsets } = endpointsOf(cluster);
    expect(metadata.labels).toEqual({ "endpoints.kubernetes.io/managed-by": "endpoint-controller" });
    const pod = cluster.client.get("Pod", "default", "one")!;
    expect(subsets?.[0]?.addresses?.[0]).toEqual({
      ip: pod.status?.podIP,
      nodeName: pod.spec.nodeName,
      targetRef: { kind: "Pod", namespace: "default", name: "one", uid: pod.metadata.uid },
    });
  });

  test("lose a pod as soon as it is being deleted, or has ended", () => {
    const cluster = createCluster();
    cluster.client.create<"Service">(serviceNamed("web"));
    create(cluster, "one", {});
    create(cluster, "two", {});
    cluster.settle();
    cluster.client.delete("Pod", "default", "one");
    cluster.clock.advance(0);
    expect(shown(cluster)).toEqual(["two /  : =8080"]);
    const two = cluster.client.get("Pod", "default", "two")!;
    cluster.client.updateStatus<"Pod">({ ...two, status: { ...two.status, phase: "Succeeded" } });
    cluster.clock.advance(0);
    expect(shown(cluster)).toEqual([]);
  });

  test("have a subset for each number that a port's name stands for, and leave out who has none of that name", () => {
    const cluster = createCluster();
    const ports = [
      { name: "http", port: 80, targetPort: "http" },
      { name: "admin", port: 81, targetPort: "admin" },
    ];
    cluster.client.create<"Service">(serviceNamed("web", { ports }));
    create(cluster, "old", { http: 8080, admin: 9000 });
    create(cluster, "new", { http: 8081, admin: 9000 });
    create(cluster, "bare", {});
    cluster.settle();
    expect(shown(cluster)).toEqual(["old new /  : admin=9000", "old /  : http=8080", "new /  : http=8081"]);
  });

  test("of one that publishes them hold all pods, ready or not, also while they end", () => {
    const cluster = createCluster();
    cluster.broken.add("one");
    cluster.client.create<"Service">(serviceNamed("web", { publishNotReadyAddresses: true }));
    create(cluster, "one", {});
    cluster.settle();
    expect(shown(cluster)).toEqual(["one /  : =8080"]);
    cluster.client.delete("Pod", "default", "one");
    cluster.clock.advance(0);
    expect(shown(cluster)).toEqual(["one /  : =8080"]);
  });

  test("of a headless one may have no ports, and name its pods", () => {
    const cluster = createCluster();
    cluster.client.create<"Service">(serviceNamed("web", { clusterIP: "None", ports: [] }));
    create(cluster, "one", {}, { hostname: "first", subdomain: "web" });
    cluster.settle();
    expect(shown(cluster)).toEqual(["one /  : "]);
    expect(endpointsOf(cluster).subsets?.[0]?.addresses?.[0]).toMatchObject({ hostname: "first" });
    expect(endpointsOf(cluster).metadata.labels?.["service.kubernetes.io/headless"]).toBe("");
  });

  test("are the user's own where it has no selector", () => {
    const cluster = createCluster();
    const own: Endpoints = {
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "web" },
      subsets: [{ addresses: [{ ip: "10.1.2.3" }], ports: [{ port: 5432 }] }],
    };
    cluster.client.create<"Endpoints">(own);
    cluster.settle();
    cluster.client.create<"Service">(serviceNamed("web", { selector: {} }));
    cluster.settle();
    expect(endpointsOf(cluster).subsets?.[0]?.addresses).toEqual([{ ip: "10.1.2.3" }]);
    cluster.client.delete("Service", "default", "web");
    cluster.settle();
    expect(endpointsOf(cluster)).toBeUndefined();
  });

  test("come back when somebody changes or deletes them", () => {
    const cluster = createCluster();
    cluster.client.create<"Service">(serviceNamed("web"));
    create(cluster, "one", {});
    cluster.settle();
    const before = endpointsOf(cluster).subsets;
    cluster.client.update<"Endpoints">({ ...endpointsOf(cluster), subsets: [] });
    cluster.settle();
    expect(endpointsOf(cluster).subsets).toEqual(before);
    cluster.client.delete("Endpoints", "default", "web");
    cluster.settle();
    expect(endpointsOf(cluster).subsets).toEqual(before);
  });

  test("are not written where nothing about them has changed", () => {
    const cluster = createCluster();
    cluster.client.create<"Service">(serviceNamed("web"));
    create(cluster, "one", {});
    cluster.settle();
    const { resourceVersion } = endpointsOf(cluster).metadata;
    const pod: Pod = cluster.client.get("Pod", "default", "one")!;
    cluster.client.update<"Pod">({
      ...pod,
      metadata: { ...pod.metadata, labels: { ...labels, more: "yes" } },
    });
    cluster.settle();
    expect(endpointsOf(cluster).metadata.resourceVersion).toBe(resourceVersion);
  });
});
