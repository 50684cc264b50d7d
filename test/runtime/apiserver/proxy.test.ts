import { describe, expect, test } from "vitest";
import { createWorld, network, pod, service, setStatus } from "./world.ts";

/** Where requests through the API to pods and services go; that they arrive is tested with kubectl (`test/e2e`). */

const world = createWorld();
const web = world.registry.create(
  pod("web", { nodeName: "a", containers: [{ name: "main", image: "x", ports: [{ containerPort: 8080 }] }] }),
);
setStatus<"Pod">(world, web as never, { phase: "Running", podIP: "127.9.128.2" });
world.registry.create(pod("waiting"));
world.registry.create(
  service("web", {
    ports: [
      { name: "http", port: 80, targetPort: 8080 },
      { name: "low", port: 90, targetPort: 443 },
    ],
  }),
);
world.registry.create(service("idle"));
world.registry.create({
  apiVersion: "v1",
  kind: "Endpoints",
  metadata: { name: "web", namespace: "default" },
  subsets: [
    {
      addresses: [{ ip: "127.9.128.2" }, { ip: "127.9.128.3" }],
      ports: [
        { name: "http", port: 8080 },
        { name: "low", port: 443 },
      ],
    },
  ],
});

const target = (path: string) =>
  world.api.proxy!({
    path,
    method: "GET",
    query: new URLSearchParams(),
    headers: {},
    body: new Uint8Array(),
  });
const base = "/api/v1/namespaces/default";

describe("a request through the API", () => {
  test.each([
    ["services/web:http", "http", ["127.9.128.2:8080", "127.9.128.3:8080"]],
    ["services/web:80", "http", ["127.9.128.2:8080", "127.9.128.3:8080"]],
    ["services/https:web:http", "https", ["127.9.128.2:8080", "127.9.128.3:8080"]],
    [
      "services/web:low",
      "http",
      [`127.9.128.2:${network.openPort(443)}`, `127.9.128.3:${network.openPort(443)}`],
    ],
    ["pods/web", "http", ["127.9.128.2:8080"]],
    ["pods/http:web:9000", "http", ["127.9.128.2:9000"]],
  ])("to %s goes to %s://%s", (id, scheme, addresses) => {
    const found = target(`${base}/${id}/proxy/some%20path/`)!;
    expect(found).toMatchObject({ scheme, path: "/some%20path/", prefix: `${base}/${id}/proxy` });
    expect(found.addresses.map(({ host, port }) => `${host}:${port}`)).toEqual(addresses);
  });

  test.each([
    ["services/web", 503, 'no endpoints available for service "web"'],
    ["services/idle:http", 503, 'no endpoints available for service "idle:http"'],
    ["services/web:81", 503, 'no service port 81 found for service "web"'],
    ["services/nobody:80", 404, 'services "nobody" not found'],
    ["services/ftp:web:80", 400, 'invalid service request "ftp:web:80"'],
    ["services/a:b:c:d", 400, 'invalid service request "a:b:c:d"'],
    ["pods/nobody", 404, 'pods "nobody" not found'],
    ["pods/web:http", 400, 'invalid pod request "web:http"'],
    ["pods/waiting", 400, "address not allowed"],
  ])("to %s is refused (%i)", (id, code, message) => {
    expect(() => target(`${base}/${id}/proxy/`)).toThrow(expect.objectContaining({ code, message }));
  });

  test("other paths are the API's own", () => {
    for (const path of [`${base}/pods/web/log`, `${base}/services/proxy`, "/api/v1/nodes/a/proxy"])
      expect(target(path)).toBeUndefined();
  });

  test("another user may not", () => {
    const request = {
      path: `${base}/pods/web/proxy/`,
      method: "GET",
      query: new URLSearchParams(),
      body: new Uint8Array(),
    };
    const headers = { "impersonate-user": "bob" };
    expect(() => world.api.proxy!({ ...request, headers })).toThrow(/cannot get resource "pods\/proxy"/);
    expect(() => world.api.connect!({ ...request, headers, path: `${base}/pods/web/exec` })).toThrow(
      /pods\/exec/,
    );
  });
});
