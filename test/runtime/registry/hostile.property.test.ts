import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KindMap } from "../../../model/core.ts";
import type { Kind } from "../../../model/meta.ts";
import { ApiError } from "../../../runtime/client/client.ts";
import { runs } from "../../runs.ts";
import { createWorld, podNamed, rcNamed, serviceNamed } from "../registry/world.ts";

const whole: readonly KindMap[Kind][] = [
  podNamed("pod", { app: "x" }),
  rcNamed("rc", 2, { app: "x" }),
  serviceNamed("service", { type: "NodePort" }),
  {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "node" },
    spec: { taints: [{ key: "a", effect: "NoSchedule" }] },
  },
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "namespace" } },
  { apiVersion: "v1", kind: "Secret", metadata: { name: "secret" }, stringData: { a: "b" } },
  {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "endpoints" },
    subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 1 }] }],
  },
];

/** Every path into a value. */
function paths(value: unknown, prefix: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [prefix];
  const inner = Object.entries(value).flatMap(([key, each]) => paths(each, [...prefix, key]));
  return [prefix, ...inner];
}

function replaceAt(value: unknown, [key, ...rest]: readonly (string | number)[], next: unknown): unknown {
  if (key === undefined) return next;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  (copy as Record<string | number, unknown>)[key] = replaceAt(
    (value as Record<string, unknown>)[key],
    rest,
    next,
  );
  return copy;
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    0,
    -1,
    7.5,
    "",
    "x",
    true,
    [],
    {},
    [null],
    [7],
    [{}],
    { a: null },
    "9".repeat(400),
    { toString: "" },
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

describe("whatever stands wherever in an object that is written", () => {
  test("is stored or refused, and a refusal leaves all as it was", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...whole),
        fc.nat(),
        odd,
        fc.boolean(),
        fc.boolean(),
        (object, at, value, update, status) => {
          const { client, store } = createWorld();
          const live = update ? client.create<Kind>(object) : object;
          const all = paths(live).filter((path) => path.length > 0);
          const broken = replaceAt(live, all[at % all.length]!, value) as KindMap[Kind];
          const before = store.revision;
          try {
            if (!update) client.create<Kind>(broken);
            else if (status) client.updateStatus<Kind>(broken);
            else client.update<Kind>(broken);
          } catch (error) {
            expect(error).toBeInstanceOf(ApiError);
            expect((error as ApiError).code).toBeLessThan(500);
            expect(store.revision).toBe(before);
          }
        },
      ),
      runs(3000),
    );
  });
});
