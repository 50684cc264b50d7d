import { describe, expect, test } from "vitest";
import { call, createWorld, pod, rc, service, type World } from "./world.ts";

const namespaced = "/api/v1/namespaces/default";
const merge = "application/merge-patch+json";
const scale = (replicas: number) => ({
  kind: "Scale",
  apiVersion: "autoscaling/v1",
  metadata: { name: "web" },
  spec: { replicas },
});

function furnished(): World {
  const world = createWorld();
  world.registry.create(rc("web", 2));
  world.registry.create(pod("bare"));
  world.registry.create(service("web"));
  return world;
}

describe("dryRun=All", () => {
  const target = { kind: "Node", name: "a" };
  test.each<[string, string, string, object | undefined, string?]>([
    ["a creation", "POST", `${namespaced}/pods`, pod("new")],
    ["a replacement", "PUT", `${namespaced}/replicationcontrollers/web`, rc("web", 5)],
    ["a replacement that creates", "PUT", `${namespaced}/services/new`, service("new")],
    ["a patch", "PATCH", `${namespaced}/replicationcontrollers/web`, { spec: { replicas: 5 } }, merge],
    ["a status", "PATCH", `${namespaced}/pods/bare/status`, { status: { phase: "Failed" } }, merge],
    ["a scale", "PUT", `${namespaced}/replicationcontrollers/web/scale`, scale(5)],
    ["a patch of a scale", "PATCH", `${namespaced}/replicationcontrollers/web/scale`, scale(5), merge],
    ["a binding", "POST", `${namespaced}/pods/bare/binding`, { metadata: { name: "bare" }, target }],
    ["an eviction", "POST", `${namespaced}/pods/bare/eviction`, { metadata: { name: "bare" } }],
    ["a deletion", "DELETE", `${namespaced}/pods/bare`, undefined],
    ["a deletion of many", "DELETE", `${namespaced}/pods`, undefined],
    ["the end of a namespace", "DELETE", "/api/v1/namespaces/kube-node-lease", undefined],
    [
      "a namespace's finalizers",
      "PUT",
      "/api/v1/namespaces/default/finalize",
      { metadata: { name: "default" } },
    ],
  ])("of %s answers as if, and writes nothing", (_, method, path, body, type) => {
    const world = furnished();
    const before = world.registry.revision;
    const answer = call(world, method, `${path}?dryRun=All`, { body, ...(type && { type }) });
    expect(answer.status).toBeLessThan(300);
    expect(world.registry.revision).toBe(before);
    const real = call(world, method, path, { body, ...(type && { type }) });
    expect(real.status).toBe(answer.status);
    expect(world.registry.revision).toBeGreaterThan(before);
    expect(world.unforeseen).toEqual([]);
  });

  test("is in the options of a deletion, too", () => {
    const world = furnished();
    for (const path of [`${namespaced}/pods/bare`, `${namespaced}/pods`])
      expect(call(world, "DELETE", path, { body: { dryRun: ["All"] } }).status).toBe(200);
    expect(world.registry.get("Pod", "default", "bare")).toBeDefined();
  });

  test("still says what is wrong", () => {
    const world = furnished();
    world.registry.bind("default", "bare", "a");
    const binding = { metadata: { name: "bare" }, target };
    expect(call(world, "POST", `${namespaced}/pods/bare/binding?dryRun=All`, { body: binding }).status).toBe(
      409,
    );
    expect(call(world, "POST", `${namespaced}/pods?dryRun=All`, { body: pod("bare") }).status).toBe(409);
    expect(call(world, "DELETE", `${namespaced}/pods/none?dryRun=All`).status).toBe(404);
    const wrong = call(world, "POST", `${namespaced}/pods?dryRun=Some`, { body: pod("new") });
    expect(wrong.body.message).toContain('dryRun: Unsupported value: "Some"');
  });

  test("gives back the address and the port that it showed", () => {
    const world = createWorld();
    const body = service("one", {
      type: "NodePort",
      ports: [{ port: 80, nodePort: 30_500 }],
      clusterIP: "127.9.16.77",
    });
    expect(call(world, "POST", `${namespaced}/services?dryRun=All`, { body }).body.spec.clusterIP).toBe(
      "127.9.16.77",
    );
    expect(call(world, "POST", `${namespaced}/services`, { body }).status).toBe(201);
    const patch = { spec: { ports: [{ port: 80, nodePort: 30_600 }] } };
    call(world, "PATCH", `${namespaced}/services/one?dryRun=All`, { body: patch, type: merge });
    const other = service("two", { type: "NodePort", ports: [{ port: 80, nodePort: 30_600 }] });
    expect(call(world, "POST", `${namespaced}/services`, { body: other }).status).toBe(201);
  });
});

describe("a replacement", () => {
  test("of what is not there creates the kinds of which Kubernetes says so", () => {
    const world = createWorld();
    expect(call(world, "PUT", `${namespaced}/services/web`, { body: service("web") }).status).toBe(201);
    expect(call(world, "PUT", `${namespaced}/services/web`, { body: service("web") }).status).toBe(200);
    expect(call(world, "PUT", `${namespaced}/pods/web`, { body: pod("web") }).status).toBe(404);
  });

  test("of the revision 0 is one of any revision", () => {
    const world = furnished();
    const body = { ...rc("web", 5), metadata: { name: "web", resourceVersion: "0" } };
    expect(call(world, "PUT", `${namespaced}/replicationcontrollers/web`, { body }).status).toBe(200);
  });

  test("of a lease without a revision is refused, as Kubernetes does", () => {
    const world = createWorld();
    const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "x" } };
    expect(call(world, "PUT", `${leases}/x`, { body }).status).toBe(201);
    expect(call(world, "PUT", `${leases}/x`, { body }).body.message).toBe(
      'Lease.coordination.k8s.io "x" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
  });
});

test("lists and maps with nothing in them are as good as absent", () => {
  const world = createWorld();
  const body = {
    ...pod("web", { tolerations: [], nodeSelector: {}, volumes: [{ name: "v", emptyDir: {} }] }),
  };
  const { spec } = call(world, "POST", `${namespaced}/pods`, { body }).body;
  expect(spec).not.toHaveProperty("nodeSelector");
  expect(spec.volumes).toEqual([{ name: "v", emptyDir: {} }]);
});

test("a namespace's finalizers can be taken away by their own subresource, and then it goes at once", () => {
  const world = createWorld();
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } };
  call(world, "POST", "/api/v1/namespaces", { body });
  call(world, "POST", "/api/v1/namespaces/team/configmaps", {
    body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } },
  });
  const plain = { ...body, spec: { finalizers: [] } };
  expect(call(world, "PUT", "/api/v1/namespaces/team", { body: plain }).body.spec.finalizers).toEqual([
    "kubernetes",
  ]);
  const deleted = call(world, "DELETE", "/api/v1/namespaces/team");
  expect(deleted.body.status.phase).toBe("Terminating");
  expect(call(world, "PUT", "/api/v1/namespaces/team/finalize", { body: plain }).status).toBe(200);
  expect(call(world, "GET", "/api/v1/namespaces/team").status).toBe(404);
});
