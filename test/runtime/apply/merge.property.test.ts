import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threeWayMerge } from "../../../runtime/merge.ts";

/** What an application of a plan makes of an object that others have changed meanwhile. */

const container = (name: string, image: string, env: Readonly<Record<string, string>> = {}) => ({
  name,
  image,
  env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
});

const pod = (...containers: readonly unknown[]) => ({ spec: { containers } });
const type = { form: "object", type: "Pod" } as const;

describe("an edit of the file", () => {
  test("changes what it says and keeps what kubectl set beside it, in the same container too", () => {
    const before = pod(container("server", "web:1", { MODE: "fast" }));
    const after = pod(container("server", "web:2", { MODE: "fast" }));
    const live = pod(
      container("server", "web:1", { MODE: "slow", DEBUG: "1" }),
      container("sidecar", "spy:1"),
    );
    expect(threeWayMerge(live, before, after, { type })).toEqual(
      pod(container("server", "web:2", { MODE: "slow", DEBUG: "1" }), container("sidecar", "spy:1")),
    );
  });

  test("takes away what it had and has no longer, and nothing else", () => {
    const before = pod(container("server", "web:1", { A: "1", B: "2" }), container("helper", "help:1"));
    const after = pod(container("server", "web:1", { A: "1" }));
    const live = pod(container("server", "web:1", { A: "1", B: "2", C: "3" }), container("helper", "help:1"));
    expect(threeWayMerge(live, before, after, { type })).toEqual(
      pod(container("server", "web:1", { A: "1", C: "3" })),
    );
  });

  test("replaces a list whose merge key does not tell its items apart", () => {
    const port = (protocol: string, nodePort: number) => ({ port: 53, protocol, nodePort });
    const service = (...ports: readonly unknown[]) => ({ spec: { ports } });
    const after = service(port("TCP", 30001), port("UDP", 30002));
    const merged = threeWayMerge(service(port("TCP", 30000)), service(port("TCP", 30000)), after, {
      type: { form: "object", type: "Service" },
    });
    expect(merged).toEqual(after);
  });
});

describe("applying again", () => {
  test("undoes what others changed of what the file says, and keeps what they added", () => {
    const said = pod(container("server", "web:1", { MODE: "fast" }));
    const live = pod(container("server", "web:9", { MODE: "slow", DEBUG: "1" }));
    expect(threeWayMerge(live, said, said, { type, enforce: true })).toEqual(
      pod(container("server", "web:1", { MODE: "fast", DEBUG: "1" })),
    );
    expect(threeWayMerge(live, said, said, { type })).toBe(live);
  });

  test("a quantity that is only written otherwise is left as it is", () => {
    const of = (cpu: string) => ({ spec: { containers: [{ name: "a", resources: { requests: { cpu } } }] } });
    const merged = threeWayMerge(of("1000m"), of("1"), of("1"), { type, enforce: true });
    expect(merged).toEqual(of("1000m"));
    expect(threeWayMerge(of("900m"), of("1"), of("1"), { type, enforce: true })).toEqual(of("1"));
  });
});

/** Objects of which a few fields, labels and containers with variables are there or not. */
const values = fc.constantFrom("a", "b", "c");
const map = fc.dictionary(fc.constantFrom("x", "y", "z"), values, { noNullPrototype: true });
const containers = fc.uniqueArray(
  fc.record({ name: fc.constantFrom("one", "two", "three"), image: values, env: map }),
  { selector: ({ name }) => name, maxLength: 3 },
);
const objects = fc
  .record({ labels: map, grace: fc.option(fc.nat(2), { nil: undefined }), containers })
  .map(({ labels, grace, containers: list }) => ({
    metadata: { labels },
    spec: {
      ...(grace !== undefined && { terminationGracePeriodSeconds: grace }),
      containers: list.map(({ name, image, env }) => container(name, image, env)),
    },
  }));

type Leaves = ReadonlyMap<string, unknown>;

/** Every plain value under its path, items of lists under their names. */
function leaves(value: unknown, path = "", found = new Map<string, unknown>()): Leaves {
  if (Array.isArray(value)) for (const item of value) leaves(item, `${path}[${item.name}]`, found);
  else if (typeof value === "object" && value !== null)
    for (const [key, each] of Object.entries(value)) leaves(each, `${path}.${key}`, found);
  else found.set(path, value);
  return found;
}

describe("for any object, what the file said before, and what it says now", () => {
  test("enforced: what the file says holds, and what neither has is as it was", () => {
    fc.assert(
      fc.property(objects, objects, objects, (live, before, after) => {
        const merged = leaves(threeWayMerge(live, before, after, { type, enforce: true }));
        const [had, old, wanted] = [leaves(live), leaves(before), leaves(after)];
        for (const [path, value] of wanted) expect([path, merged.get(path)]).toEqual([path, value]);
        for (const [path, value] of merged) {
          if (wanted.has(path)) continue;
          expect([path, had.get(path), old.has(path)]).toEqual([path, value, false]);
        }
        const again = threeWayMerge(
          threeWayMerge(live, before, after, { type, enforce: true }),
          after,
          after,
          { type, enforce: true },
        );
        expect(leaves(again)).toEqual(merged);
      }),
    );
  });

  test("an edit: what it changed holds, and what it did not change is as it was", () => {
    fc.assert(
      fc.property(objects, objects, objects, (live, before, after) => {
        const merged = leaves(threeWayMerge(live, before, after, { type }));
        const [had, old, wanted] = [leaves(live), leaves(before), leaves(after)];
        for (const [path, value] of wanted)
          if (old.get(path) !== value) expect([path, merged.get(path)]).toEqual([path, value]);
        for (const [path, value] of merged) {
          if (old.get(path) !== wanted.get(path)) continue;
          // What the edit puts in anew, such as a container that others had deleted, comes whole.
          expect([value]).toContainEqual(had.has(path) ? had.get(path) : wanted.get(path));
        }
      }),
    );
  });

  test("a file that says the same as before changes nothing", () => {
    fc.assert(
      fc.property(objects, objects, (live, said) => {
        expect(threeWayMerge(live, said, structuredClone(said), { type })).toBe(live);
      }),
    );
  });
});
