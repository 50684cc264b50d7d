import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deepFreeze, equalStructure, shareStructure } from "../../../runtime/client/structure.ts";
import { runs } from "../../runs.ts";

const key = fc.constantFrom("a", "b", "name", "constructor", "toString", "__proto__");
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<unknown>("x", "y", 1, true, null),
    fc.array(tie("json"), { maxLength: 12 }),
    fc.array(fc.tuple(key, fc.option(tie("json"), { nil: undefined })), { maxLength: 4 }).map(record),
  ),
}));

/** Fields may have any name, and may be there and undefined. */
function record(entries: readonly (readonly [string, unknown])[]): unknown {
  const fields = {};
  for (const [name, value] of entries)
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  return fields;
}

/** What stays of a value when it is written down, with its fields in order: one text for equal values. */
const textOf = (value: unknown) =>
  JSON.stringify(value, (_, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? [
          "fields",
          ...Object.entries(inner)
            .filter(([, field]) => field !== undefined)
            .sort(([one], [other]) => (one < other ? -1 : 1)),
        ]
      : inner,
  );

/** A value with some of what it holds left out, doubled or replaced, and the rest mostly the very same. */
const changed = (before: unknown): fc.Arbitrary<unknown> =>
  Array.isArray(before)
    ? fc
        .tuple(fc.array(fc.nat(12)), json)
        .map(([places, other]) =>
          before.flatMap((item, index) =>
            places.includes(index) ? (index % 2 ? [] : [other, item]) : [item],
          ),
        )
    : json;

describe("sharing of what two versions of an object have in common", () => {
  test("gives what was given, without undefined fields, frozen, and the one before where nothing differs", () => {
    const versions = json.chain((before) => {
      const frozen = deepFreeze(before);
      return changed(frozen).map((next) => ({ frozen, next }));
    });
    fc.assert(
      fc.property(versions, ({ frozen, next }) => {
        const given = textOf(next);
        const shared = shareStructure(frozen, next);
        expect(textOf(next)).toBe(given);
        expect(textOf(shared)).toBe(given);
        expect(isFrozen(shared)).toBe(true);
        expect(shared === frozen).toBe(given === textOf(frozen));
        expect(equalStructure(frozen, next)).toBe(given === textOf(frozen));
        expect(equalStructure(next, frozen)).toBe(given === textOf(frozen));
      }),
      runs(2000),
    );
  });
});

function isFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}
