import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Stored } from "../../../model/meta.ts";
import { runs } from "../../runs.ts";
import { call, createWorld, node, pod, setStatus, type World } from "./world.ts";

const pods = "/api/v1/namespaces/default/pods";
const names = (world: World, target: string): string[] =>
  call(world, "GET", target).body.items.map((item: { metadata: { name: string } }) => item.metadata.name);

function withPods(...list: string[]): World {
  const world = createWorld();
  for (const name of list) world.registry.create(pod(name));
  return world;
}

describe("get", () => {
  test("gives the object as it is stored", () => {
    const world = withPods("web");
    const { status, body } = call(world, "GET", `${pods}/web`);
    expect(status).toBe(200);
    expect(body).toEqual(JSON.parse(JSON.stringify(world.registry.get("Pod", "default", "web"))));
  });

  test("what is not there is a whole Status", () => {
    expect(call(withPods(), "GET", `${pods}/web`)).toMatchObject({
      status: 404,
      body: {
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        reason: "NotFound",
        message: 'pods "web" not found',
        details: { name: "web", kind: "pods" },
        code: 404,
      },
    });
  });

  test("a client of metadata gets metadata", () => {
    const accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    const { body } = call(withPods("web"), "GET", `${pods}/web`, { accept });
    expect(body.kind).toBe("PartialObjectMetadata");
    expect(body.metadata.name).toBe("web");
    expect(body.spec).toBeUndefined();
  });
});

describe("list", () => {
  test("over one namespace or over all", () => {
    const world = withPods("a", "b");
    world.registry.create<"Namespace">({ apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } });
    world.registry.create<"Pod">({ ...pod("c"), metadata: { name: "c", namespace: "other" } });
    expect(names(world, pods)).toEqual(["a", "b"]);
    expect(names(world, "/api/v1/pods")).toEqual(["a", "b", "c"]);
    expect(call(world, "GET", pods).body).toMatchObject({
      kind: "PodList",
      apiVersion: "v1",
      metadata: { resourceVersion: String(world.registry.revision) },
    });
  });

  test.each([
    ["labelSelector=app%3Da", ["a"]],
    ["labelSelector=app!%3Da", ["b", "c"]],
    ["labelSelector=app%20in%20(a,c)", ["a", "c"]],
    ["labelSelector=!app", []],
    ["fieldSelector=metadata.name%3Db", ["b"]],
    ["fieldSelector=metadata.name!%3Db", ["a", "c"]],
    ["fieldSelector=status.phase%3DPending,metadata.name!%3Da", ["b", "c"]],
    ["fieldSelector=metadata.name%3Da,metadata.name%3Db", []],
    ["fieldSelector=metadata.name%3Da,metadata.name%3Da", ["a"]],
    ["fieldSelector=spec.nodeName%3D", ["a", "b", "c"]],
    ["resourceVersion=0", ["a", "b", "c"]],
  ])("selects by %s", (query, expected) => {
    expect(names(withPods("a", "b", "c"), `${pods}?${query}`)).toEqual(expected);
  });

  test("in pages that are all of the first one's revision", () => {
    const world = withPods("a", "b", "c", "d", "e");
    const first = call(world, "GET", `${pods}?limit=2`).body;
    expect(first.metadata.remainingItemCount).toBe(3);
    world.registry.delete("Pod", "default", "d");
    world.registry.create(pod("bb"));
    const second = `${pods}?limit=2&continue=${first.metadata.continue}`;
    expect(names(world, second)).toEqual(["c", "d"]);
    const rest = call(world, "GET", second).body.metadata;
    expect(rest.resourceVersion).toBe(first.metadata.resourceVersion);
    const last = call(world, "GET", `${pods}?limit=2&continue=${rest.continue}`).body;
    expect(last.items).toHaveLength(1);
    expect(last.metadata.continue).toBeUndefined();
  });

  test("a page that is asked for too late is expired, with a token that goes on all the same", () => {
    const world = createWorld({ historySize: 4 });
    for (const name of ["a", "b", "c"]) world.registry.create(pod(name));
    const { metadata } = call(world, "GET", `${pods}?limit=1`).body;
    for (const name of ["d", "e", "f", "g", "h"]) world.registry.create(pod(name));
    const late = call(world, "GET", `${pods}?limit=1&continue=${metadata.continue}`);
    expect(late).toMatchObject({ status: 410, body: { reason: "Expired" } });
    expect(late.body.message).toMatch(/^The provided continue parameter is too old/);
    const rest = call(world, "GET", `${pods}?limit=1&continue=${late.body.metadata.continue}`).body;
    expect(rest.items[0].metadata.name).toBe("b");
    // From here on it is consistent again.
    world.registry.delete("Pod", "default", "c");
    expect(names(world, `${pods}?limit=1&continue=${rest.metadata.continue}`)).toEqual(["c"]);
  });

  test("at a revision is as it was then, or it is said that it is forgotten", () => {
    const names = ["a", "b", "c", "d"];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(2), fc.constantFrom("x", "y")), {
          maxLength: 30,
        }),
        (steps) => {
          const world = createWorld({ historySize: 12 });
          const then = new Map<number, string[]>();
          const look = (query = "") =>
            call(world, "GET", `${pods}?labelSelector=app%3Dx${query}`).body.items?.map(
              ({ metadata }: Stored) => `${metadata.name}@${metadata.resourceVersion}`,
            );
          for (const [name, what, app] of steps) {
            const found = world.registry.get("Pod", "default", name);
            if (!found) world.registry.create(pod(name, {}, { app }));
            else if (what === 0) world.registry.delete("Pod", "default", name);
            else world.registry.update<"Pod">({ ...found, metadata: { ...found.metadata, labels: { app } } });
            then.set(world.registry.revision, look());
          }
          const oldest = [...then.keys()].at(-12) ?? 0;
          for (const [revision, objects] of then) {
            for (const how of ["&resourceVersionMatch=Exact", "&limit=9"]) {
              const answer = call(
                world,
                "GET",
                `${pods}?labelSelector=app%3Dx&resourceVersion=${revision}${how}`,
              );
              if (answer.status === 410) {
                expect(answer.body.message).toBe("The resourceVersion for the provided list is too old.");
                expect(revision).toBeLessThan(oldest);
              } else {
                expect(answer.body.metadata.resourceVersion).toBe(String(revision));
                expect(look(`&resourceVersion=${revision}${how}`)).toEqual(objects);
              }
            }
            const newest = call(
              world,
              "GET",
              `${pods}?resourceVersion=${revision}&resourceVersionMatch=NotOlderThan`,
            );
            expect(newest.body.metadata.resourceVersion).toBe(String(world.registry.revision));
          }
        },
      ),
      runs(40),
    );
  });

  test("a revision that has not come to be is refused", () => {
    expect(call(withPods(), "GET", `${pods}?resourceVersion=99999`)).toMatchObject({
      status: 504,
      body: { reason: "Timeout", message: expect.stringContaining("Too large resource version: 99999") },
    });
  });

  test("node fields select nodes", () => {
    const world = createWorld();
    setStatus(world, world.registry.create(node("a")), {});
    world.registry.create(node("b", { spec: { unschedulable: true } }));
    expect(names(world, "/api/v1/nodes?fieldSelector=spec.unschedulable%3Dtrue")).toEqual(["b"]);
  });
});
