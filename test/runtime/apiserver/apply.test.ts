import { describe, expect, test } from "vitest";
import { withJsonBody } from "../../../runtime/apiserver/yaml.ts";
import { type Answer, call, createWorld, pod, rc, service, type World } from "./world.ts";

const rcs = "/api/v1/namespaces/default/replicationcontrollers";
const type = "application/apply-patch+yaml";

/** Server-side apply of what is given of the rc `web`. */
function apply(world: World, manager: string, body: object, query = ""): Answer {
  const whole = { apiVersion: "v1", kind: "ReplicationController", metadata: { name: "web" }, ...body };
  return call(world, "PATCH", `${rcs}/web?fieldManager=${manager}${query}`, { body: whole, type });
}

const withContainer = (container: object) => ({
  spec: { template: { spec: { containers: [{ name: "server", ...container }] } } },
});

/** `manager:operation[/subresource]` and the JSON of what it has set. */
const owners = ({ body }: Answer): Record<string, unknown> =>
  Object.fromEntries(
    (body.metadata.managedFields ?? []).map(
      ({ manager, operation, subresource, fieldsV1 }: Record<string, string>) => [
        `${manager}:${operation}${subresource ? `/${subresource}` : ""}`,
        fieldsV1,
      ],
    ),
  );

function created(): World {
  const world = createWorld();
  call(world, "POST", `${rcs}?fieldManager=kubectl-create`, { body: rc("web", 2) });
  return world;
}

describe("who has set which fields", () => {
  test("a creation sets what it says, with its defaults, and not what the server decides", () => {
    const world = createWorld();
    const { body } = call(world, "POST", "/api/v1/namespaces/default/services?fieldManager=me", {
      body: service("web"),
    });
    expect(body.spec.clusterIP).toMatch(/^127\./);
    expect(body.metadata.managedFields).toEqual([
      {
        manager: "me",
        operation: "Update",
        apiVersion: "v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:spec": {
            "f:internalTrafficPolicy": {},
            "f:ports": {
              ".": {},
              'k:{"port":80,"protocol":"TCP"}': {
                ".": {},
                "f:name": {},
                "f:port": {},
                "f:protocol": {},
                "f:targetPort": {},
              },
            },
            "f:selector": {},
            "f:sessionAffinity": {},
            "f:type": {},
          },
        },
      },
    ]);
  });

  test("without a name it is the first word of the user agent", () => {
    const world = createWorld();
    const answer = world.api.handle({
      method: "POST",
      path: "/api/v1/namespaces/default/pods",
      query: new URLSearchParams(),
      headers: { "content-type": "application/json", "user-agent": "curl/8.5 (linux)" },
      body: new TextEncoder().encode(JSON.stringify(pod("web"))),
    });
    const text = "body" in answer ? answer.body : "";
    expect(JSON.parse(text).metadata.managedFields[0].manager).toBe("curl");
  });

  test("an update takes what it changes from whoever had it, and leaves the rest", () => {
    const world = created();
    world.clock.advance(5000);
    const answer = call(world, "PATCH", `${rcs}/web?fieldManager=kubectl-scale`, {
      body: { spec: { replicas: 3 }, metadata: { labels: { app: "web" } } },
      type: "application/merge-patch+json",
    });
    expect(owners(answer)["kubectl-scale:Update"]).toEqual({ "f:spec": { "f:replicas": {} } });
    expect(owners(answer)["kubectl-create:Update"]).not.toHaveProperty(["f:spec", "f:replicas"]);
    expect(answer.body.metadata.managedFields.map(({ time }: { time: string }) => time)).toEqual([
      "2026-01-01T00:00:00Z",
      "2026-01-01T00:00:05Z",
    ]);
  });

  test("an update that changes nothing changes no owner and no time", () => {
    const world = created();
    const before = call(world, "GET", `${rcs}/web`).body;
    world.clock.advance(5000);
    expect(call(world, "PUT", `${rcs}/web?fieldManager=other`, { body: before }).body).toEqual(before);
  });

  test("a status and a scale are entries of their own", () => {
    const world = created();
    call(world, "PATCH", `${rcs}/web/status?fieldManager=me`, {
      body: { status: { replicas: 2 }, spec: { replicas: 9 } },
      type: "application/merge-patch+json",
    });
    call(world, "PUT", `${rcs}/web/scale?fieldManager=me`, {
      body: { kind: "Scale", apiVersion: "autoscaling/v1", metadata: { name: "web" }, spec: { replicas: 4 } },
    });
    const found = owners(call(world, "GET", `${rcs}/web`));
    expect(found["me:Update/status"]).toEqual({ "f:status": { "f:replicas": {} } });
    expect(found["me:Update/scale"]).toEqual({ "f:spec": { "f:replicas": {} } });
  });

  test("what loops write is nobody's, and an object of theirs is kept no account of", () => {
    const world = createWorld();
    world.registry.create(rc("web", 1));
    const answer = call(world, "PATCH", `${rcs}/web?fieldManager=me`, {
      body: { spec: { replicas: 3 } },
      type: "application/merge-patch+json",
    });
    expect(answer.body.metadata).not.toHaveProperty("managedFields");
    const kept = created();
    const live = kept.registry.get("ReplicationController", "default", "web")!;
    kept.registry.update({
      ...live,
      metadata: { name: "web", namespace: "default" },
      spec: { ...live.spec, replicas: 7 },
    });
    expect(kept.registry.get("ReplicationController", "default", "web")!.metadata.managedFields).toEqual(
      live.metadata.managedFields,
    );
  });

  test("a client may take the account away, and not with less than all of it", () => {
    const world = created();
    const empty = call(world, "PATCH", `${rcs}/web`, {
      body: { metadata: { managedFields: [] } },
      type: "application/merge-patch+json",
    });
    expect(empty.body.metadata.managedFields).toHaveLength(1);
    const reset = call(world, "PATCH", `${rcs}/web`, {
      body: { metadata: { managedFields: [{}] } },
      type: "application/merge-patch+json",
    });
    expect(reset.body.metadata).not.toHaveProperty("managedFields");
  });

  test("of many who have updated, the oldest become one", () => {
    const world = created();
    for (let index = 0; index < 14; index++) {
      world.clock.advance(1000);
      call(world, "PATCH", `${rcs}/web?fieldManager=m${index}`, {
        body: { metadata: { labels: { [`l${index}`]: "x" } } },
        type: "application/merge-patch+json",
      });
    }
    const names = Object.keys(owners(call(world, "GET", `${rcs}/web`)));
    expect(names).toHaveLength(10);
    expect(names).toContain("ancient-changes:Update");
    expect(names).toContain("m13:Update");
  });
});

describe("server-side apply", () => {
  test("creates what is not there", () => {
    const world = createWorld();
    const { spec, metadata } = rc("web", 2);
    const answer = apply(world, "me", { metadata: { name: "web", labels: metadata.labels }, spec });
    expect(answer.status).toBe(201);
    expect(owners(answer)).toEqual({
      "me:Apply": {
        "f:metadata": { "f:labels": { "f:app": {} } },
        "f:spec": {
          "f:replicas": {},
          "f:selector": {},
          "f:template": {
            "f:metadata": { "f:labels": { "f:app": {} } },
            "f:spec": {
              "f:containers": { 'k:{"name":"server"}': { ".": {}, "f:image": {}, "f:name": {} } },
            },
          },
        },
      },
    });
  });

  test("of a status needs the object to be there", () => {
    const world = createWorld();
    const body = { apiVersion: "v1", kind: "ReplicationController", metadata: { name: "web" } };
    expect(call(world, "PATCH", `${rcs}/web/status?fieldManager=me`, { body, type }).status).toBe(404);
  });

  test("says whose fields it would change, all of them", () => {
    const world = created();
    const one = apply(world, "me", { spec: { replicas: 3 } });
    expect(one.body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      reason: "Conflict",
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "kubectl-create" using v1: .spec.replicas',
      details: {
        causes: [
          {
            reason: "FieldManagerConflict",
            message: 'conflict with "kubectl-create" using v1',
            field: ".spec.replicas",
          },
        ],
      },
    });
    const { spec } = withContainer({ image: "shop/server:2" });
    const two = apply(world, "me", { spec: { ...spec, replicas: 3 } });
    expect(two.body.message).toBe(
      [
        'Apply failed with 2 conflicts: conflicts with "kubectl-create" using v1:',
        "- .spec.replicas",
        '- .spec.template.spec.containers[name="server"].image',
      ].join("\n"),
    );
    expect(call(world, "GET", `${rcs}/web`).body.spec.replicas).toBe(2);
  });

  test("by force takes the fields over, and no others", () => {
    const world = created();
    const answer = apply(world, "me", { spec: { replicas: 3 } }, "&force=true");
    expect(answer.body.spec.replicas).toBe(3);
    expect(owners(answer)["me:Apply"]).toEqual({ "f:spec": { "f:replicas": {} } });
    expect(owners(answer)["kubectl-create:Update"]).toMatchObject({ "f:spec": { "f:selector": {} } });
    expect(owners(answer)["kubectl-create:Update"]).not.toHaveProperty(["f:spec", "f:replicas"]);
  });

  test("takes away what it set with the defaults that the server had put into it", () => {
    const world = created();
    const probe = { httpGet: { port: 80 } };
    const both = apply(world, "a", {
      spec: {
        template: {
          spec: {
            containers: [
              { name: "server", livenessProbe: probe, readinessProbe: probe },
              { name: "log", image: "log:1" },
            ],
          },
        },
      },
    });
    expect(both.body.spec.template.spec.containers[0].livenessProbe.httpGet.path).toBe("/");
    const kept = withContainer({ readinessProbe: { ...probe, periodSeconds: 5 } });
    const { body } = apply(world, "a", kept);
    expect(body.spec.template.spec.containers).toHaveLength(1);
    expect(body.spec.template.spec.containers[0]).not.toHaveProperty("livenessProbe");
    expect(body.spec.template.spec.containers[0].readinessProbe).toMatchObject({
      periodSeconds: 5,
      failureThreshold: 3,
    });
  });

  test("leaves of what it takes away what somebody else has set in it", () => {
    const world = created();
    const probe = (more: object) => withContainer({ livenessProbe: { httpGet: { port: 80 }, ...more } });
    apply(world, "a", probe({ periodSeconds: 5, timeoutSeconds: 2 }));
    apply(world, "b", probe({ periodSeconds: 5 }));
    const { body } = apply(world, "a", { metadata: { name: "web" } });
    expect(body.spec.template.spec.containers[0].livenessProbe).toMatchObject({
      httpGet: { port: 80 },
      periodSeconds: 5,
      timeoutSeconds: 1,
    });
  });

  test("of the same values shares them", () => {
    const world = created();
    const answer = apply(world, "me", { spec: { replicas: 2 } });
    expect(answer.status).toBe(200);
    expect(owners(answer)["me:Apply"]).toEqual({ "f:spec": { "f:replicas": {} } });
    expect(owners(answer)["kubectl-create:Update"]).toHaveProperty(["f:spec", "f:replicas"]);
  });

  test("takes away what it set before and sets no more, but what somebody else has set too", () => {
    const world = created();
    apply(world, "a", { metadata: { name: "web", labels: { x: "1", y: "1" } } });
    apply(world, "b", { metadata: { name: "web", labels: { y: "1" } } });
    const answer = apply(world, "a", { metadata: { name: "web" } });
    expect(answer.body.metadata.labels).toEqual({ app: "web", y: "1" });
    expect(owners(answer)).not.toHaveProperty("a:Apply");
  });

  test("joins lists by their keys, and takes an item away with what it had set in it", () => {
    const world = created();
    const env = (...names: string[]) => withContainer({ env: names.map((name) => ({ name, value: name })) });
    apply(world, "a", env("A", "B"));
    const both = apply(world, "b", env("C"));
    const [server] = both.body.spec.template.spec.containers;
    expect(server.env.map(({ name }: { name: string }) => name)).toEqual(["A", "B", "C"]);
    const less = apply(world, "a", env("B"));
    expect(less.body.spec.template.spec.containers[0].env).toEqual([
      { name: "B", value: "B" },
      { name: "C", value: "C" },
    ]);
    const none = apply(world, "b", { metadata: { name: "web" } });
    expect(none.body.spec.template.spec.containers[0].env).toEqual([{ name: "B", value: "B" }]);
    expect(none.body.spec.template.spec.containers[0].image).toBe("shop/server:1");
  });

  test("knows a port without a protocol for one of TCP", () => {
    const world = created();
    apply(world, "a", withContainer({ ports: [{ containerPort: 80, name: "http" }] }));
    const answer = apply(world, "b", withContainer({ ports: [{ containerPort: 80, protocol: "UDP" }] }));
    expect(answer.body.spec.template.spec.containers[0].ports).toEqual([
      { containerPort: 80, name: "http", protocol: "TCP" },
      { containerPort: 80, protocol: "UDP" },
    ]);
  });

  test("of a list that is owned as a whole replaces it", () => {
    const world = created();
    apply(world, "a", withContainer({ args: ["x", "y"] }));
    expect(apply(world, "b", withContainer({ args: ["z"] })).body.message).toContain(
      'conflict with "a": .spec.template.spec.containers[name="server"].args',
    );
  });

  test("adds to a set of texts and takes only its own away", () => {
    const world = created();
    const finalizers = (...names: string[]) => ({ metadata: { name: "web", finalizers: names } });
    apply(world, "a", finalizers("x.io/a"));
    expect(apply(world, "b", finalizers("x.io/b")).body.metadata.finalizers).toEqual(["x.io/a", "x.io/b"]);
    expect(apply(world, "a", finalizers()).body.metadata.finalizers).toEqual(["x.io/b"]);
  });

  test("of an object that nobody was kept account of finds all of it set before", () => {
    const world = createWorld();
    world.registry.create(rc("web", 1));
    expect(apply(world, "me", { spec: { replicas: 3 } }).body.message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .spec.replicas',
    );
  });

  test("that changes nothing writes nothing", () => {
    const world = created();
    apply(world, "me", { spec: { replicas: 2 } });
    const before = world.registry.revision;
    world.clock.advance(5000);
    apply(world, "me", { spec: { replicas: 2 } });
    expect(world.registry.revision).toBe(before);
  });

  test("of a status and of a scale touches nothing else", () => {
    const world = created();
    const status = call(world, "PATCH", `${rcs}/web/status?fieldManager=me`, {
      body: {
        apiVersion: "v1",
        kind: "ReplicationController",
        metadata: { name: "web", labels: { no: "no" } },
        spec: { replicas: 8 },
        status: { replicas: 2 },
      },
      type,
    });
    expect(status.body).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 2 } });
    expect(owners(status)["me:Apply/status"]).toEqual({ "f:status": { "f:replicas": {} } });
    const scale = {
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name: "web" },
      spec: { replicas: 5 },
    };
    const refused = call(world, "PATCH", `${rcs}/web/scale?fieldManager=me`, { body: scale, type });
    expect(refused.body.message).toContain('conflict with "kubectl-create" using v1: .spec.replicas');
    const forced = call(world, "PATCH", `${rcs}/web/scale?fieldManager=me&force=true`, { body: scale, type });
    expect(forced.body.spec.replicas).toBe(5);
  });

  test("takes over what kubectl had applied by itself", () => {
    const world = createWorld();
    const { spec } = rc("web", 2);
    const config = { apiVersion: "v1", kind: "ReplicationController", metadata: { name: "web" }, spec };
    const annotation = "kubectl.kubernetes.io/last-applied-configuration";
    const annotations = { [annotation]: JSON.stringify(config) };
    call(world, "POST", `${rcs}?fieldManager=kubectl-client-side-apply`, {
      body: { ...config, metadata: { name: "web", annotations } },
    });
    const changed = { spec: { ...spec, replicas: 5 } };
    expect(apply(world, "other", changed).status).toBe(409);
    const answer = apply(world, "kubectl", changed);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.metadata.annotations[annotation]).spec.replicas).toBe(5);
  });

  test.each<[string, object, string, number, string]>([
    ["an unknown field", { spec: { bogus: 1 } }, "", 500, ".spec.bogus: field not declared in schema"],
    [
      "a wrong type",
      { spec: { replicas: "x" } },
      "",
      500,
      "failed to create typed patch object (default/web; /v1, Kind=ReplicationController): .spec.replicas: expected numeric",
    ],
    [
      "an item twice",
      { spec: { template: { spec: { containers: [{ name: "a" }, { name: "a" }] } } } },
      "",
      500,
      'duplicate entries for key [name="a"]',
    ],
    [
      "an item without its key",
      { spec: { template: { spec: { containers: [{}] } } } },
      "",
      500,
      'omits key field "name"',
    ],
    ["another kind", { kind: "Pod" }, "", 400, "invalid object type: /v1, Kind=Pod"],
    ["another name", { metadata: { name: "db" } }, "", 400, "does not match the name on the URL"],
    [
      "an account of managers",
      { metadata: { name: "web", managedFields: [] } },
      "",
      400,
      "metadata.managedFields must be nil",
    ],
    [
      "an old revision",
      { metadata: { name: "web", resourceVersion: "1" } },
      "",
      409,
      "the object has been modified",
    ],
    ["an invalid value", { spec: { replicas: -1 } }, "&force=true", 422, "spec.replicas"],
  ])("of %s is refused", (_, body, query, status, text) => {
    const world = created();
    const before = call(world, "GET", `${rcs}/web`).body;
    const answer = apply(world, "me", body, query);
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(text)]);
    expect(call(world, "GET", `${rcs}/web`).body).toEqual(before);
    expect(world.unforeseen).toEqual([]);
  });

  test.each([
    [
      "PATCH",
      "",
      type,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      "PATCH",
      "?fieldManager=me&force=true",
      "application/merge-patch+json",
      "force: Forbidden: may not be specified for non-apply patch",
    ],
    [
      "PATCH",
      `?fieldManager=${"x".repeat(129)}`,
      type,
      "fieldManager: Too long: may not be more than 128 bytes",
    ],
    ["PATCH", "?fieldManager=%00", type, 'fieldManager: Invalid value: "\\u0000"'],
  ])("%s of web%s as %s is refused", (method, query, mediaType, text) => {
    const answer = call(created(), method, `${rcs}/web${query}`, { body: {}, type: mediaType });
    expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining(text)]);
  });

  test("as a dry run writes nothing", () => {
    const world = created();
    const before = world.registry.revision;
    expect(apply(world, "me", { spec: { replicas: 3 } }, "&force=true&dryRun=All").body.spec.replicas).toBe(
      3,
    );
    expect(world.registry.revision).toBe(before);
    const empty = createWorld();
    expect(apply(empty, "me", { spec: rc("web", 1).spec }, "&dryRun=All").status).toBe(201);
    expect(empty.registry.get("ReplicationController", "default", "web")).toBeUndefined();
  });
});

describe("bodies in YAML", () => {
  const read = async (text: string, type: string) => {
    const request = {
      method: "PATCH",
      path: "/",
      query: new URLSearchParams(),
      headers: { "content-type": type },
      body: new TextEncoder().encode(text),
    };
    const { body, headers } = await withJsonBody(request);
    return [headers["content-type"], new TextDecoder().decode(body)];
  };

  test("become JSON, read as Kubernetes reads YAML", async () => {
    const text = "a: yes\nb: 2001-01-01\nc: 1:30\nd: [1, ~]\n";
    const json = '{"a":true,"b":"2001-01-01","c":"1:30","d":[1,null]}';
    expect(await read(text, type)).toEqual([type, json]);
    expect(await read(text, "application/yaml")).toEqual(["application/json", json]);
  });

  test("that are JSON stay as they are, as other types do", async () => {
    expect(await read('{ "a": 1 }', type)).toEqual([type, '{ "a": 1 }']);
    expect(await read("a: 1", "application/json")).toEqual(["application/json", "a: 1"]);
  });

  test("that are neither are refused", async () => {
    await expect(read("a: [", type)).rejects.toMatchObject({ code: 400 });
    await expect(read("a: &a [*a, *b]", type)).rejects.toMatchObject({ code: 400 });
    await expect(read("a: &a [*a]", type)).rejects.toMatchObject({ code: 400 });
  });
});
