import fc from "fast-check";
import { expect, test } from "vitest";
import type { Stored } from "../../../model/meta.ts";
import { atRevision, giveRevision, remade } from "../../../runtime/store/version.ts";
import { runs } from "../../runs.ts";

const value = fc.constantFrom("x", 1, Object.freeze({ app: "web" }), Object.freeze([]), undefined);
const metadata = fc.record(
  {
    name: fc.constant("web"),
    namespace: value,
    uid: value,
    resourceVersion: value,
    creationTimestamp: value,
    generation: value,
    generateName: value,
    labels: value,
    ownerReferences: value,
    deletionTimestamp: value,
    deletionGracePeriodSeconds: value,
    annotations: value,
  },
  { requiredKeys: ["name", "namespace", "uid", "creationTimestamp", "generateName", "labels"] },
);
const object = fc.record(
  { apiVersion: value, kind: value, metadata, spec: value, status: value, data: value },
  { requiredKeys: ["apiVersion", "kind", "metadata"] },
);

/** What is there: fields that are undefined are as good as absent. */
const fieldsOf = (given: object) => JSON.parse(JSON.stringify(given));

test("a new version is the object with another revision, whatever fields it has", () => {
  fc.assert(
    fc.property(object, fc.integer({ min: 1 }), (given, revision) => {
      const before = { ...given, metadata: Object.freeze({ ...given.metadata }) } as unknown as Stored;
      const expected = { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } };
      const versions = [atRevision(Object.freeze({ ...before }), revision), giveRevision(before, revision)];
      for (const version of versions) {
        expect(fieldsOf(version)).toEqual(fieldsOf(expected));
        expect(Object.isFrozen(version) && Object.isFrozen(version.metadata)).toBe(true);
      }
    }),
    runs(300),
  );
});

test("an object that is remade differs in what it is given alone", () => {
  fc.assert(
    fc.property(object, value, value, (given, spec, status) => {
      const before = given as unknown as Stored;
      const kept = spec === undefined ? { spec: given.spec } : { spec };
      const next = remade(before, before.metadata, spec, status);
      expect(fieldsOf(next)).toEqual(fieldsOf({ ...given, ...kept, status }));
      expect("status" in next).toBe(status !== undefined);
    }),
    runs(300),
  );
});
