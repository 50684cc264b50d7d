import fc from "fast-check";
import { expect, test } from "vitest";
import type { Pod } from "../../../model/core.ts";
import { deepFreeze } from "../../../runtime/client/structure.ts";
import { runs } from "../../runs.ts";
import { createWorld, spec } from "./world.ts";

const owner = { apiVersion: "v1", kind: "ReplicationController", name: "web", uid: "u", controller: true };
const metadata = fc.record(
  {
    name: fc.constant("one"),
    generateName: fc.constant("web-"),
    namespace: fc.constantFrom("default", undefined),
    labels: fc.constantFrom({ app: "web" }, {}),
    annotations: fc.constant({ note: "x" }),
    ownerReferences: fc.constant([owner]),
    finalizers: fc.constant(["example.com/late"]),
    generation: fc.constant(7),
  },
  { requiredKeys: ["generateName"] },
);
const more = fc.constantFrom({}, { status: { phase: "Running" } }, { unknown: "kept" });

test("a pod whose like was found in order becomes what it would have become alone", () => {
  fc.assert(
    fc.property(metadata, more, (given, rest) => {
      const podOf = (shared: boolean) =>
        ({
          apiVersion: "v1",
          kind: "Pod",
          metadata: structuredClone(given),
          spec: shared ? template : structuredClone(spec),
          ...rest,
        }) as unknown as Pod;
      const template = deepFreeze(structuredClone(spec));
      const create = (shared: boolean) => {
        const { client } = createWorld();
        client.create<"Pod">({ ...podOf(shared), metadata: { name: "first" } });
        return client.create<"Pod">(podOf(shared));
      };
      const pod = create(true);
      expect(pod).toStrictEqual(create(false));
      expect(deepFreeze(pod)).toBe(pod);
      expect(Object.isFrozen(pod.metadata)).toBe(true);
    }),
    runs(200),
  );
});
