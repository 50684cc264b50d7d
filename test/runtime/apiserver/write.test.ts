import { describe, expect, test } from "vitest";
import { call, createWorld, node, pod, rc, setStatus, table, type World } from "./world.ts";

const pods = "/api/v1/namespaces/default/pods";
const rcs = "/api/v1/namespaces/default/replicationcontrollers";
const merge = "application/merge-patch+json";
const strategic = "application/strategic-merge-patch+json";

function withRc(replicas = 2): World {
  const world = createWorld();
  world.registry.create(rc("web", replicas));
  return world;
}

test("an eviction says in a condition of the pod what it was, and deletes just that pod", () => {
  const world = createWorld();
  const { metadata } = world.registry.create<"Pod">(pod("web"));
  world.registry.bind("default", "web", "a");
  const evict = (preconditions: object) =>
    call(world, "POST", `${pods}/web/eviction`, {
      body: { metadata: { name: "web" }, deleteOptions: { preconditions } },
    }).status;
  const now = () => world.registry.get("Pod", "default", "web")!;
  expect(evict({ resourceVersion: metadata.resourceVersion })).toBe(409);
  expect(now().status?.conditions?.map(({ type }) => type)).toEqual(["PodScheduled"]);
  expect(evict({ uid: metadata.uid, resourceVersion: now().metadata.resourceVersion })).toBe(201);
  expect(now().metadata.deletionTimestamp).toBeDefined();
  expect(now().status?.conditions?.at(-1)).toMatchObject({
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
  });
});

describe("create", () => {
  test("gives the object with its defaults", () => {
    const { status, body } = call(createWorld(), "POST", pods, { body: pod("web") });
    expect(status).toBe(201);
    expect(body.spec.restartPolicy).toBe("Always");
    expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("makes a name from generateName", () => {
    const { body } = call(createWorld(), "POST", pods, {
      body: { ...pod(""), metadata: { generateName: "web-" } },
    });
    expect(body.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test("twice is a conflict", () => {
    const world = createWorld();
    call(world, "POST", pods, { body: pod("web") });
    expect(call(world, "POST", pods, { body: pod("web") })).toMatchObject({
      status: 409,
      body: { reason: "AlreadyExists", message: 'pods "web" already exists' },
    });
  });

  test("as a dry run writes nothing", () => {
    const world = createWorld();
    expect(call(world, "POST", `${pods}?dryRun=All`, { body: pod("web") }).status).toBe(201);
    expect(world.registry.list("Pod")).toEqual([]);
    expect(call(world, "POST", `${pods}?dryRun=Some`, { body: pod("web") }).status).toBe(422);
  });

  test("tells of fields that do not exist, or refuses them, as is asked", () => {
    const body = { ...pod("web"), spec: { ...pod("web").spec, bogus: 1 } };
    const warned = call(createWorld(), "POST", pods, { body });
    expect(warned.headers.warning).toBe('299 - "unknown field \\"spec.bogus\\""');
    expect(warned.body.spec.bogus).toBeUndefined();
    expect(
      call(createWorld(), "POST", `${pods}?fieldValidation=Ignore`, { body }).headers.warning,
    ).toBeUndefined();
    expect(call(createWorld(), "POST", `${pods}?fieldValidation=Strict`, { body })).toMatchObject({
      status: 400,
      body: { message: 'strict decoding error: unknown field "spec.bogus"' },
    });
  });

  test("reads null and the empty text as absent, numbers of quantities as text", () => {
    const server = { name: "server", image: "x", resources: { requests: { cpu: 1 } } };
    const { body } = call(createWorld(), "POST", pods, {
      body: {
        metadata: { name: "web", creationTimestamp: null, uid: "" },
        spec: { containers: [server] },
        status: {},
      },
    });
    expect(body.spec.containers[0].resources.requests.cpu).toBe("1");
  });

  test("is refused by validation with all its causes", () => {
    const { status, body } = call(createWorld(), "POST", pods, {
      body: { metadata: { name: "Web" }, spec: {} },
    });
    expect(status).toBe(422);
    expect(body.reason).toBe("Invalid");
    const fields = body.details.causes.map(({ field }: { field: string }) => field);
    expect(fields).toContain("metadata.name");
    expect(fields).toContain("spec.containers");
  });
});

describe("replace", () => {
  test("with the revision that was read", () => {
    const world = withRc();
    const { body } = call(world, "GET", `${rcs}/web`);
    body.spec.replicas = 5;
    expect(call(world, "PUT", `${rcs}/web`, { body }).body).toMatchObject({
      spec: { replicas: 5 },
      metadata: { generation: 2 },
    });
    expect(
      call(world, "PUT", `${rcs}/web`, { body: { ...body, spec: { ...body.spec, replicas: 6 } } }),
    ).toMatchObject({
      status: 409,
      body: { reason: "Conflict", message: expect.stringContaining("the object has been modified") },
    });
  });

  test("of something else than the path names", () => {
    const world = withRc();
    const { body } = call(world, "GET", `${rcs}/web`);
    const missing = { ...body, metadata: { name: "db" } };
    expect(call(world, "PUT", `${rcs}/db`, { body: missing }).status).toBe(404);
    world.registry.create(rc("db", 1));
    expect(call(world, "PUT", `${rcs}/db`, { body }).body.message).toContain(
      "does not match the name on the URL",
    );
    const elsewhere = { ...body, metadata: { ...body.metadata, namespace: "other" } };
    expect(call(world, "PUT", `${rcs}/web`, { body: elsewhere }).status).toBe(400);
  });

  test("of a status leaves the spec alone, and the other way round", () => {
    const world = withRc();
    const { body } = call(world, "GET", `${rcs}/web`);
    body.spec.replicas = 9;
    body.status = { replicas: 1 };
    expect(call(world, "PUT", `${rcs}/web/status`, { body }).body).toMatchObject({
      spec: { replicas: 2 },
      status: { replicas: 1 },
    });
  });
});

describe("patch", () => {
  test("a label, an annotation", () => {
    const world = withRc();
    const body = { metadata: { labels: { tier: "web" }, annotations: { note: "x" } } };
    expect(call(world, "PATCH", `${rcs}/web`, { body, type: merge }).body.metadata).toMatchObject({
      labels: { app: "web", tier: "web" },
      annotations: { note: "x" },
    });
  });

  test("an image, by container", () => {
    const world = withRc();
    const body = { spec: { template: { spec: { containers: [{ name: "server", image: "x:2" }] } } } };
    const { spec } = call(world, "PATCH", `${rcs}/web`, { body, type: strategic }).body;
    expect(spec.template.spec.containers).toMatchObject([{ name: "server", image: "x:2" }]);
  });

  test("is bound to a revision only where it names one", () => {
    const world = withRc();
    const body = { metadata: { resourceVersion: "1" }, spec: { replicas: 3 } };
    expect(call(world, "PATCH", `${rcs}/web`, { body, type: merge }).status).toBe(409);
    expect(call(world, "PATCH", `${rcs}/web`, { body: { spec: { replicas: 3 } }, type: merge }).status).toBe(
      200,
    );
  });

  test("that changes nothing writes nothing", () => {
    const world = withRc();
    const before = world.registry.revision;
    call(world, "PATCH", `${rcs}/web`, { body: { spec: { replicas: 2 } }, type: merge });
    expect(world.registry.revision).toBe(before);
  });

  test.each<[string, string, unknown, number]>([
    ["a name", merge, { metadata: { name: "db" } }, 400],
    ["a kind", merge, { kind: "Pod" }, 400],
    ["a wrong type", merge, { spec: { replicas: "many" } }, 400],
    ["an invalid value", merge, { spec: { replicas: -1 } }, 422],
    ["all of it away", merge, null, 400],
    ["an unknown form", "application/xml", {}, 415],
    ["an unnamed field manager", "application/apply-patch+yaml", {}, 422],
  ])("of %s is refused", (_, type, body, status) => {
    const world = withRc();
    expect(
      call(world, "PATCH", `${rcs}/web`, { type, raw: new TextEncoder().encode(JSON.stringify(body)) })
        .status,
    ).toBe(status);
    expect(world.registry.get("ReplicationController", "default", "web")!.spec.replicas).toBe(2);
    expect(world.unforeseen).toEqual([]);
  });
});

describe("delete", () => {
  test("a pod on a node is given its grace, and is shown", () => {
    const world = createWorld();
    world.registry.create(pod("web"));
    world.registry.bind("default", "web", "worker-a");
    const body = { gracePeriodSeconds: 7, propagationPolicy: "Background" };
    expect(call(world, "DELETE", `${pods}/web`, { body }).body).toMatchObject({
      kind: "Pod",
      metadata: { deletionGracePeriodSeconds: 7, deletionTimestamp: "2026-01-01T00:00:07Z" },
    });
    expect(call(world, "DELETE", `${pods}/web?gracePeriodSeconds=0`).status).toBe(200);
    expect(world.registry.get("Pod", "default", "web")).toBeUndefined();
  });

  test("other objects answer with what has gone", () => {
    const world = createWorld();
    const { uid } = world.registry.create(node("a")).metadata;
    expect(call(world, "DELETE", "/api/v1/nodes/a").body).toMatchObject({
      kind: "Status",
      status: "Success",
      details: { name: "a", kind: "nodes", uid },
    });
  });

  test("of an rc without a policy orphans its pods, as the v1 API does", () => {
    const { metadata } = call(withRc(), "DELETE", `${rcs}/web`).body;
    expect(metadata.finalizers).toEqual(["orphan"]);
    const background = call(withRc(), "DELETE", `${rcs}/web`, { body: { propagationPolicy: "Background" } });
    expect(background.body.status).toBe("Success");
  });

  test("under a condition that does not hold is refused", () => {
    const world = withRc();
    const body = { preconditions: { uid: "another" } };
    expect(call(world, "DELETE", `${rcs}/web`, { body }).status).toBe(409);
  });

  test("as a dry run deletes nothing", () => {
    const world = withRc();
    call(world, "DELETE", `${rcs}/web`, { body: { dryRun: ["All"], propagationPolicy: "Background" } });
    expect(world.registry.get("ReplicationController", "default", "web")).toBeDefined();
  });

  test("of a collection deletes what its selectors name", () => {
    const world = createWorld();
    for (const name of ["a", "b", "c"]) world.registry.create(pod(name));
    const { body } = call(world, "DELETE", `${pods}?labelSelector=app%20in%20(a,b)`);
    expect(body.items).toHaveLength(2);
    expect(
      table(world, pods)
        .slice(1)
        .map(([name]) => name),
    ).toEqual(["c"]);
  });

  test.each([
    { propagationPolicy: "Sometimes" },
    { propagationPolicy: "Orphan", orphanDependents: true },
    { gracePeriodSeconds: "soon" },
  ])("with options %j is refused", (body) => {
    const world = withRc();
    expect(call(world, "DELETE", `${rcs}/web`, { body }).status).toBeGreaterThanOrEqual(400);
    expect(world.registry.get("ReplicationController", "default", "web")).toBeDefined();
  });
});

describe("scale", () => {
  test("is read, replaced and patched", () => {
    const world = withRc();
    setStatus(world, world.registry.get("ReplicationController", "default", "web")!, { replicas: 1 });
    const { body } = call(world, "GET", `${rcs}/web/scale`);
    expect(body).toMatchObject({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      spec: { replicas: 2 },
      status: { replicas: 1, selector: "app=web" },
    });
    // kubectl sends a scale without a type.
    const raw = new TextEncoder().encode(JSON.stringify({ ...body, spec: { replicas: 4 } }));
    expect(call(world, "PUT", `${rcs}/web/scale`, { raw }).body.spec.replicas).toBe(4);
    expect(call(world, "PUT", `${rcs}/web/scale`, { raw }).status).toBe(409);
    const patch = { spec: { replicas: 0 } };
    expect(call(world, "PATCH", `${rcs}/web/scale`, { body: patch, type: merge }).body.spec.replicas).toBe(0);
    expect(world.registry.get("ReplicationController", "default", "web")!.spec.replicas).toBe(0);
  });

  test("to less than nothing is refused", () => {
    const body = { spec: { replicas: -1 } };
    expect(call(withRc(), "PATCH", `${rcs}/web/scale`, { body, type: merge }).status).toBe(422);
  });
});

describe("pods", () => {
  test("are bound once", () => {
    const world = createWorld();
    world.registry.create(pod("web"));
    const body = {
      kind: "Binding",
      apiVersion: "v1",
      metadata: { name: "web" },
      target: { kind: "Node", name: "a" },
    };
    expect(call(world, "POST", `${pods}/web/binding`, { body }).status).toBe(201);
    expect(world.registry.get("Pod", "default", "web")!.spec.nodeName).toBe("a");
    expect(call(world, "POST", `${pods}/web/binding`, { body }).status).toBe(409);
    expect(call(world, "POST", `${pods}/web/binding`, { body: { target: {} } }).status).toBe(400);
  });

  test("are evicted with the grace that is asked for", () => {
    const world = createWorld();
    world.registry.create(pod("web"));
    world.registry.bind("default", "web", "a");
    const body = {
      kind: "Eviction",
      apiVersion: "policy/v1",
      metadata: { name: "web", namespace: "default" },
      deleteOptions: { gracePeriodSeconds: 3 },
    };
    expect(call(world, "POST", `${pods}/web/eviction`, { body })).toMatchObject({
      status: 201,
      body: { status: "Success" },
    });
    expect(world.registry.get("Pod", "default", "web")!.metadata.deletionGracePeriodSeconds).toBe(3);
    expect(call(world, "POST", `${pods}/nope/eviction`, { body: {} }).status).toBe(404);
  });
});
