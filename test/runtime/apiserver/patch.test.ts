import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyJsonPatch } from "../../../runtime/apiserver/patch/json-patch.ts";
import { applyMergePatch } from "../../../runtime/apiserver/patch/merge-patch.ts";
import { applyStrategicPatch } from "../../../runtime/apiserver/patch/strategic.ts";
import { ApiError } from "../../../runtime/client/client.ts";

const refused = (act: () => unknown): ApiError => {
  try {
    act();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("JSON patch (the examples of RFC 6902, appendix A)", () => {
  test.each<[string, unknown, unknown[], unknown]>([
    [
      "adding a member",
      { foo: "bar" },
      [{ op: "add", path: "/baz", value: "qux" }],
      { baz: "qux", foo: "bar" },
    ],
    [
      "adding an item",
      { foo: ["bar", "baz"] },
      [{ op: "add", path: "/foo/1", value: "qux" }],
      { foo: ["bar", "qux", "baz"] },
    ],
    ["removing a member", { baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], { foo: "bar" }],
    [
      "removing an item",
      { foo: ["bar", "qux", "baz"] },
      [{ op: "remove", path: "/foo/1" }],
      { foo: ["bar", "baz"] },
    ],
    ["replacing", { baz: "qux" }, [{ op: "replace", path: "/baz", value: "boo" }], { baz: "boo" }],
    [
      "moving a member",
      { foo: { bar: "baz", waldo: "fred" }, qux: { corge: "grault" } },
      [{ op: "move", from: "/foo/waldo", path: "/qux/thud" }],
      { foo: { bar: "baz" }, qux: { corge: "grault", thud: "fred" } },
    ],
    [
      "moving an item",
      { foo: ["all", "grass", "cows", "eat"] },
      [{ op: "move", from: "/foo/1", path: "/foo/3" }],
      { foo: ["all", "cows", "eat", "grass"] },
    ],
    ["testing", { baz: ["a", 2] }, [{ op: "test", path: "/baz/1", value: 2 }], { baz: ["a", 2] }],
    [
      "adding to the end",
      { foo: ["bar"] },
      [{ op: "add", path: "/foo/-", value: ["x"] }],
      { foo: ["bar", ["x"]] },
    ],
    ["escaped names", { "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }], { "/": 9, "~1": 10 }],
    ["copying", { a: [1] }, [{ op: "copy", from: "/a", path: "/b" }], { a: [1], b: [1] }],
    ["the whole document", { a: 1 }, [{ op: "replace", path: "", value: 2 }], 2],
    [
      "order of keys",
      { a: { b: 1, c: 2 } },
      [{ op: "test", path: "/a", value: { c: 2, b: 1 } }],
      { a: { b: 1, c: 2 } },
    ],
  ])("%s", (_, document, patch, expected) => {
    const before = structuredClone(document);
    expect(applyJsonPatch(document, patch)).toEqual(expected);
    expect(document).toEqual(before);
  });

  test("of ten thousand operations on a long list or a wide object is a matter of its length", () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}`);
    const document = { map: Object.fromEntries(keys.map((key) => [key, 0])), list: keys };
    const patch = keys.slice(0, 5000).flatMap((key) => [
      { op: "replace", path: `/map/${key}`, value: 1 },
      { op: "add", path: "/list/-", value: key },
    ]);
    const result = applyJsonPatch(document, patch) as typeof document;
    expect(result.list).toHaveLength(25_000);
    expect(Object.values(result.map).filter((value) => value === 1)).toHaveLength(5000);
    expect(document.list).toHaveLength(20_000);
  });

  test("copies what it copies: a later operation changes one of the two", () => {
    const patch = [
      { op: "copy", from: "/a", path: "/b" },
      { op: "add", path: "/b/x", value: 2 },
      { op: "move", from: "/a", path: "/c" },
      { op: "add", path: "/__proto__", value: 3 },
    ];
    expect(JSON.stringify(applyJsonPatch({ a: { x: 1 } }, patch))).toBe(
      '{"b":{"x":2},"c":{"x":1},"__proto__":3}',
    );
  });

  test.each<[string, unknown, number]>([
    ["no list", {}, 400],
    ["no operation", [7], 400],
    ["an unknown operation", [{ op: "put", path: "/a" }], 400],
    ["no path", [{ op: "remove" }], 400],
    ["a path that is no pointer", [{ op: "remove", path: "a" }], 400],
    ["no value", [{ op: "add", path: "/a" }], 400],
    ["no from", [{ op: "move", path: "/a" }], 400],
    ["a test that fails", [{ op: "test", path: "/a", value: 2 }], 422],
    ["a path that is not there", [{ op: "replace", path: "/b", value: 2 }], 422],
    ["removing what is not there", [{ op: "remove", path: "/b" }], 422],
    ["an index past the end", [{ op: "add", path: "/l/3", value: 2 }], 422],
    ["an index that is none", [{ op: "add", path: "/l/01", value: 2 }], 422],
    ["into itself", [{ op: "move", from: "/l", path: "/l/0" }], 422],
    ["through a number", [{ op: "add", path: "/a/b", value: 2 }], 422],
    ["too many operations", Array(10_001).fill({ op: "test", path: "/a", value: 1 }), 413],
  ])("refuses %s", (_, patch, code) => {
    expect(refused(() => applyJsonPatch({ a: 1, l: [1, 2] }, patch)).code).toBe(code);
  });

  test("refuses copies that double the document again and again", () => {
    const doubling = Array(40).fill({ op: "copy", from: "/l", path: "/l/-" });
    expect(refused(() => applyJsonPatch({ l: ["x".repeat(1000)] }, doubling)).code).toBe(413);
  });

  test("a key such as __proto__ is a key like any other", () => {
    const result = applyJsonPatch({}, [
      { op: "add", path: "/__proto__", value: { polluted: true } },
    ]) as object;
    expect(Object.keys(result)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("merge patch (the examples of RFC 7386, appendix A)", () => {
  test.each<[unknown, unknown, unknown]>([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j is %j", (document, patch, expected) => {
    expect(applyMergePatch(document, patch)).toEqual(expected);
  });

  test("applied twice is applied once", () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>;
    fc.assert(
      fc.property(json, json, (document, patch) => {
        const once = applyMergePatch(document, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
      }),
    );
  });
});

describe("strategic merge patch", () => {
  const server = {
    name: "server",
    image: "a:1",
    env: [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
    ],
  };
  const log = { name: "log", image: "log:1" };
  const podOf = (containers: unknown[], more: object = {}) => ({ spec: { containers, ...more } });
  const patched = (patch: object, document: object = podOf([server, log])) =>
    applyStrategicPatch("Pod", document, patch);

  test("joins containers and variables by name", () => {
    expect(
      patched(
        podOf([
          {
            name: "server",
            image: "a:2",
            env: [
              { name: "B", value: "3" },
              { name: "C", value: "4" },
            ],
          },
        ]),
      ),
    ).toEqual(
      podOf([
        {
          name: "server",
          image: "a:2",
          env: [
            { name: "A", value: "1" },
            { name: "B", value: "3" },
            { name: "C", value: "4" },
          ],
        },
        log,
      ]),
    );
  });

  test("replaces lists that are not joined", () => {
    const document = { spec: { tolerations: [{ key: "a" }], containers: [{ name: "server", args: ["x"] }] } };
    const patch = { spec: { tolerations: [{ key: "b" }], containers: [{ name: "server", args: ["y"] }] } };
    expect(patched(patch, document)).toEqual(patch);
  });

  test("removes by null, and items by $patch: delete", () => {
    expect(
      patched(
        podOf([
          { name: "server", env: null },
          { name: "log", $patch: "delete" },
        ]),
      ),
    ).toEqual(podOf([{ name: "server", image: "a:1" }]));
  });

  test("replaces a list or a map by $patch: replace", () => {
    expect(patched(podOf([{ $patch: "replace" }, { name: "new", image: "x" }]))).toEqual(
      podOf([{ name: "new", image: "x" }]),
    );
    expect(patched({ spec: { $patch: "replace", nodeName: "a" } })).toEqual({ spec: { nodeName: "a" } });
    expect(patched({ spec: { $patch: "delete" } })).toEqual({ spec: {} });
  });

  test("orders by $setElementOrder what it names; what only the server has keeps its place", () => {
    const document = podOf([{ name: "a" }, { name: "injected" }, { name: "b" }]);
    const patch = {
      spec: {
        "$setElementOrder/containers": [{ name: "c" }, { name: "b" }, { name: "a" }],
        containers: [{ name: "c" }],
      },
    };
    expect(patched(patch, document)).toEqual(
      podOf([{ name: "c" }, { name: "injected" }, { name: "b" }, { name: "a" }]),
    );
    const alone = { spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] } };
    expect(patched(alone, podOf([{ name: "a" }, { name: "b" }]))).toEqual(
      podOf([{ name: "b" }, { name: "a" }]),
    );
  });

  test("takes values out of plain lists by $deleteFromPrimitiveList, and adds to those that are sets", () => {
    const document = { metadata: { finalizers: ["a", "b"] } };
    expect(
      patched({ metadata: { "$deleteFromPrimitiveList/finalizers": ["a"], finalizers: ["c"] } }, document),
    ).toEqual({
      metadata: { finalizers: ["c", "b"] },
    });
  });

  test("clears by $retainKeys what it does not name", () => {
    const document = podOf([], { volumes: [{ name: "v", emptyDir: {} }] });
    const patch = {
      spec: { volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], hostPath: { path: "/x" } }] },
    };
    expect(patched(patch, document)).toEqual(
      podOf([], { volumes: [{ name: "v", hostPath: { path: "/x" } }] }),
    );
  });

  test("joins by the key of each type", () => {
    const service = { spec: { ports: [{ port: 80, name: "http" }] } };
    expect(
      applyStrategicPatch("Service", service, {
        spec: { ports: [{ port: 80, nodePort: 30080 }, { port: 443 }] },
      }),
    ).toEqual({
      spec: { ports: [{ port: 80, name: "http", nodePort: 30080 }, { port: 443 }] },
    });
    const status = {
      status: {
        addresses: [{ type: "InternalIP", address: "1" }],
        conditions: [{ type: "Ready", status: "True" }],
      },
    };
    expect(
      applyStrategicPatch("Node", status, {
        status: {
          conditions: [{ type: "Ready", status: "False" }],
          addresses: [{ type: "InternalIP", address: "2" }],
        },
      }),
    ).toEqual({
      status: {
        addresses: [{ type: "InternalIP", address: "2" }],
        conditions: [{ type: "Ready", status: "False" }],
      },
    });
    const mounts = podOf([{ name: "server", volumeMounts: [{ mountPath: "/a", name: "v" }] }]);
    expect(
      patched(podOf([{ name: "server", volumeMounts: [{ mountPath: "/b", name: "v" }] }]), mounts),
    ).toEqual(
      podOf([
        {
          name: "server",
          volumeMounts: [
            { mountPath: "/b", name: "v" },
            { mountPath: "/a", name: "v" },
          ],
        },
      ]),
    );
  });

  test("puts what is new before what it does not know, as Kubernetes does", () => {
    expect(patched(podOf([{ name: "new" }]))).toEqual(podOf([{ name: "new" }, server, log]));
  });

  test("keeps several of the same key, which are one to a patch and several to the server", () => {
    const dns = [
      { containerPort: 53, protocol: "UDP" },
      { containerPort: 53, protocol: "TCP" },
    ];
    const document = podOf([{ name: "server", ports: dns }]);
    const patch = podOf([{ name: "server", ports: [{ containerPort: 80 }] }]);
    expect(patched(patch, document)).toEqual(
      podOf([{ name: "server", ports: [{ containerPort: 80 }, ...dns] }]),
    );
    const named = podOf([{ name: "server", ports: [{ containerPort: 53, name: "dns" }] }]);
    expect(patched(named, document)).toEqual(
      podOf([{ name: "server", ports: [{ ...dns[0], name: "dns" }, dns[1]] }]),
    );
  });

  test("leaves directives out of what is new", () => {
    expect(
      patched(
        {
          spec: {
            securityContext: { $patch: "merge", runAsUser: 1 },
            volumes: [{ name: "v", $retainKeys: ["name"] }],
          },
        },
        podOf([]),
      ),
    ).toEqual(podOf([], { securityContext: { runAsUser: 1 }, volumes: [{ name: "v" }] }));
  });

  test.each<[string, object]>([
    ["an item without its key", podOf([{ image: "x" }])],
    ["an item that is no object", podOf([7])],
    ["an unknown directive", { spec: { $patch: "explode" } }],
    ["an unknown directive of an item", podOf([{ name: "log", $patch: "explode" }])],
    ["to merge a list", podOf([{ name: "log", $patch: "merge" }])],
    ["a deletion without a key", podOf([{ $patch: "delete" }])],
    [
      "what its own order does not name",
      { spec: { "$setElementOrder/containers": [{ name: "log" }], containers: [{ name: "server" }] } },
    ],
    ["an order that is no list", { spec: { "$setElementOrder/containers": 7 } }],
    ["kept keys that leave out what is set", { spec: { $retainKeys: ["nodeName"], hostname: "x" } }],
  ])("refuses %s", (_, patch) => {
    expect(refused(() => patched(patch)).code).toBe(400);
  });

  test("of a document to itself changes nothing", () => {
    const item = fc.record({ name: fc.constantFrom("a", "b", "c", "d"), image: fc.string() });
    const containers = fc.uniqueArray(item, { selector: ({ name }) => name });
    fc.assert(
      fc.property(containers, (list) => {
        expect(patched(podOf(list), podOf(list))).toEqual(podOf(list));
      }),
    );
  });

  test("leads to the list that was wanted, when it is made as kubectl makes it", () => {
    const item = fc.record({
      name: fc.constantFrom("a", "b", "c", "d", "e"),
      image: fc.constantFrom("1", "2"),
    });
    const containers = fc.uniqueArray(item, { selector: ({ name }) => name });
    fc.assert(
      fc.property(containers, containers, (before, after) => {
        const gone = before.filter(({ name }) => !after.some((each) => each.name === name));
        const patch = {
          spec: {
            "$setElementOrder/containers": after.map(({ name }) => ({ name })),
            containers: [...after, ...gone.map(({ name }) => ({ name, $patch: "delete" }))],
          },
        };
        expect(patched(patch, podOf(before))).toEqual(podOf(after));
      }),
    );
  });
});
