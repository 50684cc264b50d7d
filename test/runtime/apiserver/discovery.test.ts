import { describe, expect, test } from "vitest";
import { kindNames } from "../../../model/meta.ts";
import { call, createWorld } from "./world.ts";

const world = createWorld();
const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

describe("discovery", () => {
  test("one request tells a client of today everything", () => {
    const core = call(world, "GET", "/api", { accept: aggregated });
    expect(core.headers["content-type"]).toBe(
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    );
    const resources = core.body.items[0].versions[0].resources;
    const pods = resources.find((each: { resource: string }) => each.resource === "pods");
    expect(pods).toMatchObject({
      responseKind: { group: "", version: "v1", kind: "Pod" },
      scope: "Namespaced",
      singularResource: "pod",
      shortNames: ["po"],
      categories: ["all"],
    });
    expect(pods.subresources.map((each: { subresource: string }) => each.subresource)).toEqual([
      "attach",
      "binding",
      "eviction",
      "exec",
      "log",
      "portforward",
      "proxy",
      "status",
    ]);
  });

  test("the older documents tell of every kind that is kept", () => {
    expect(call(world, "GET", "/api").body.versions).toEqual(["v1"]);
    const groups = call(world, "GET", "/apis").body.groups.map(({ name }: { name: string }) => name);
    expect(groups).toEqual([
      "authentication.k8s.io",
      "authorization.k8s.io",
      "coordination.k8s.io",
      "discovery.k8s.io",
    ]);
    const found = ["/api/v1", "/apis/coordination.k8s.io/v1"].flatMap((path) =>
      call(world, "GET", path).body.resources.map(({ kind }: { kind: string }) => kind),
    );
    for (const name of kindNames) expect(found).toContain(name);
  });

  test("what a client has already is not sent again", () => {
    const get = (headers: Readonly<Record<string, string>>) => {
      const response = world.api.handle({
        method: "GET",
        path: "/apis",
        query: new URLSearchParams(),
        headers,
        body: new Uint8Array(),
      });
      return { status: response.status, headers: response.headers };
    };
    const { etag = "", vary } = get({}).headers;
    expect(etag).toMatch(/^"[0-9A-F]{64}"$/);
    expect(vary).toBe("Accept");
    expect(get({ "if-none-match": etag }).status).toBe(304);
    expect(get({ "if-none-match": etag, accept: aggregated }).status).toBe(200);
  });

  test("the root lists all paths that are no resource's, and each is there", () => {
    const { paths } = call(world, "GET", "/").body;
    expect(paths).toEqual(
      expect.arrayContaining([
        "/api/v1",
        "/apis/coordination.k8s.io",
        "/apis/coordination.k8s.io/v1",
        "/healthz",
      ]),
    );
    for (const path of paths)
      if (path !== "/openapi/v3") expect(call(world, "GET", path).status, path).toBe(200);
  });

  test("drain finds evictions where it looks for them", () => {
    const { resources } = call(world, "GET", "/api/v1").body;
    expect(resources).toContainEqual(
      expect.objectContaining({ name: "pods/eviction", group: "policy", version: "v1", kind: "Eviction" }),
    );
  });

  test("resources stand in the order in which kubectl prints `all`", () => {
    const names: string[] = call(world, "GET", "/api/v1").body.resources.map(
      ({ name }: { name: string }) => name,
    );
    const plain = names.filter((name) => !name.includes("/"));
    expect(plain).toEqual([...plain].sort());
  });

  test("the version is Kubernetes' with ours as build metadata", () => {
    expect(call(world, "GET", "/version").body).toMatchObject({
      major: "1",
      minor: "36",
      gitVersion: "v1.36.2+kdsl.0.1.0",
    });
  });

  test.each(["/healthz", "/livez", "/readyz"])("%s says ok", (path) => {
    expect(call(world, "GET", path)).toMatchObject({ status: 200, body: "ok" });
  });
});
