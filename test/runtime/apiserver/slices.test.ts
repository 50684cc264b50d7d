import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EndpointSubset, KindMap } from "../../../model/core.ts";
import { call, createWorld, open, service, table, type World } from "./world.ts";

/** EndpointSlices are a view of the Endpoints: whoever reads or watches them must not be able to tell. */

const all = "/apis/discovery.k8s.io/v1/endpointslices";
const path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";

const subset = (ready: readonly string[], port = 8080, notReady: readonly string[] = []): EndpointSubset => ({
  ...(ready.length > 0 && { addresses: ready.map((ip) => ({ ip, nodeName: "a" })) }),
  ...(notReady.length > 0 && { notReadyAddresses: notReady.map((ip) => ({ ip })) }),
  ports: [{ name: "http", port, protocol: "TCP" }],
});

/** Writes Endpoints as their controller does. */
function put(
  world: World,
  name: string,
  subsets: readonly EndpointSubset[],
  labels: Record<string, string> = { "endpoints.kubernetes.io/managed-by": "endpoint-controller" },
): void {
  const found = world.registry.get("Endpoints", "default", name);
  const object: KindMap["Endpoints"] = {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { ...found?.metadata, name, namespace: "default", labels },
    subsets,
  };
  if (found) world.registry.update(object);
  else world.registry.create(object);
}

// biome-ignore lint/suspicious/noExplicitAny: what a test expects of a JSON document is in the test
const items = (world: World, query = ""): any[] => call(world, "GET", `${path}${query}`).body.items;

describe("what a slice holds", () => {
  const world = createWorld();
  world.registry.create(service("web"));
  put(world, "web", [subset(["127.9.129.2"], 8080, ["127.9.129.3"])], {
    "endpoints.kubernetes.io/managed-by": "endpoint-controller",
    tier: "front",
  });
  put(world, "by-hand", [subset(["127.9.129.9"])], {});
  put(world, "nobody", []);

  test("addresses with their conditions, ports, and whose they are", () => {
    const [slice] = items(world, "?labelSelector=kubernetes.io/service-name%3Dweb");
    expect(slice).toMatchObject({
      kind: "EndpointSlice",
      apiVersion: "discovery.k8s.io/v1",
      addressType: "IPv4",
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
      endpoints: [
        {
          addresses: ["127.9.129.2"],
          nodeName: "a",
          conditions: { ready: true, serving: true, terminating: false },
        },
        { addresses: ["127.9.129.3"], conditions: { ready: false, serving: false, terminating: false } },
      ],
    });
    expect(slice.metadata).toMatchObject({
      name: expect.stringMatching(/^web-[b-z2-9]{5}$/),
      labels: {
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": "web",
        tier: "front",
      },
      ownerReferences: [{ kind: "Service", name: "web", controller: true }],
      resourceVersion: world.registry.get("Endpoints", "default", "web")!.metadata.resourceVersion,
    });
    expect(call(world, "GET", `${path}/${slice.metadata.name}`).body).toEqual(slice);
  });

  test("endpoints that nobody selects are mirrored, and none are an empty slice", () => {
    const [hand] = items(world, "?labelSelector=kubernetes.io/service-name%3Dby-hand");
    expect(hand.metadata.labels["endpointslice.kubernetes.io/managed-by"]).toBe(
      "endpointslicemirroring-controller.k8s.io",
    );
    expect(hand.metadata.ownerReferences).toBeUndefined();
    expect(items(world, "?labelSelector=kubernetes.io/service-name%3Dnobody")).toMatchObject([
      { endpoints: [], ports: [] },
    ]);
  });

  test("selectors, pages, tables", () => {
    const names = items(world).map(({ metadata }) => metadata.name);
    expect(names).toEqual([...names].sort());
    expect(items(world, `?fieldSelector=metadata.name%3D${names[1]}`)).toHaveLength(1);
    expect(call(world, "GET", `${path}?fieldSelector=spec.x%3D1`).status).toBe(400);
    const first = call(world, "GET", `${all}?limit=2`).body;
    const rest = call(world, "GET", `${all}?limit=2&continue=${first.metadata.continue}`).body;
    expect([...first.items, ...rest.items].map(({ metadata }) => metadata.name)).toEqual(names);
    const rows = table(world, path).map((row) => [row[0]!.replace(/-\w+$/, ""), ...row.slice(1, 4)]);
    expect(rows[0]).toEqual(["Name", "AddressType", "Ports", "Endpoints"]);
    expect(rows).toContainEqual(["web", "IPv4", "8080", "127.9.129.2,127.9.129.3"]);
    expect(rows).toContainEqual(["nobody", "IPv4", "<unset>", "<unset>"]);
  });

  test("they are not written", () => {
    const [name] = items(world).map(({ metadata }) => metadata.name);
    for (const method of ["PUT", "PATCH", "DELETE"])
      expect(call(world, method, `${path}/${name}`, { body: {} }).status).toBe(405);
    expect(call(world, "POST", path, { body: {} }).status).toBe(405);
    expect(call(world, "DELETE", path).status).toBe(405);
    expect(call(world, "GET", `${path}/nothing`).body.message).toBe(
      'endpointslices.discovery.k8s.io "nothing" not found',
    );
    expect(world.unforeseen).toEqual([]);
  });
});

describe("watch", () => {
  test("tells what is there, what changes, and what goes", () => {
    const world = createWorld();
    put(world, "web", [subset(["127.9.129.2"])]);
    const watching = open(world, `${path}?watch=true&labelSelector=kubernetes.io/service-name%3Dweb`);
    put(world, "db", [subset(["127.9.129.7"])]);
    put(world, "web", [subset(["127.9.129.2"]), subset(["127.9.129.3"], 9090)]);
    put(world, "web", [subset(["127.9.129.3"], 9090)]);
    world.registry.delete("Endpoints", "default", "web");
    const seen = watching.events().map(({ type, object }) => [type, object.ports[0].port]);
    expect(seen).toEqual([
      ["ADDED", 8080],
      ["MODIFIED", 8080],
      ["ADDED", 9090],
      ["DELETED", 8080],
      ["MODIFIED", 9090],
      ["DELETED", 9090],
    ]);
    watching.stop();
  });

  test("from any revision on, it leads from the list of then to the list of now", () => {
    const change = fc.record({
      name: fc.constantFrom("web", "web-2", "db"),
      subsets: fc.array(
        fc.tuple(
          fc.uniqueArray(fc.integer({ min: 2, max: 5 }), { minLength: 1 }),
          fc.integer({ min: 80, max: 82 }),
        ),
        { maxLength: 2 },
      ),
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.nat(12), (changes, at) => {
        const world = createWorld();
        const lists: { revision: string; names: Map<string, unknown> }[] = [];
        const note = () => {
          const { metadata, items: found } = call(world, "GET", all).body;
          lists.push({
            revision: metadata.resourceVersion,
            names: new Map(
              found.map((slice: { metadata: { name: string } }) => [slice.metadata.name, slice]),
            ),
          });
        };
        note();
        for (const { name, subsets, gone } of changes) {
          if (gone && world.registry.get("Endpoints", "default", name))
            world.registry.delete("Endpoints", "default", name);
          else
            put(
              world,
              name,
              subsets.map(([ips, port]) =>
                subset(
                  ips.map((ip) => `127.9.129.${ip}`),
                  port,
                ),
              ),
            );
          note();
        }
        const start = lists[at % lists.length]!;
        const watching = open(world, `${all}?watch=true&resourceVersion=${start.revision}`);
        const state = new Map(start.names);
        for (const { type, object } of watching.events()) {
          const { name } = object.metadata;
          expect(state.has(name)).toBe(type !== "ADDED");
          if (type === "DELETED") state.delete(name);
          else state.set(name, object);
        }
        watching.stop();
        expect(Object.fromEntries(state)).toEqual(Object.fromEntries(lists.at(-1)!.names));
      }),
    );
  });
});
