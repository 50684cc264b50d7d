import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyStrategicPatch } from "../../../runtime/apiserver/patch/strategic.ts";
import { runs } from "../../runs.ts";

/**
 * Strategic merge patches as kubectl makes them of two versions of an object, held against what they are for: they lead
 * from the one to the other, and leave what somebody else has put in as it is. The maker of patches below knows nothing
 * of how they are applied.
 */

type Json = Record<string, unknown>;

const letters = fc.constantFrom("a", "b", "c", "d", "e");
const text = fc.constantFrom("1", "2", "3");
const map = fc.dictionary(letters, text, { maxKeys: 4 });

const variables = fc.uniqueArray(fc.record({ name: letters, value: text }, { requiredKeys: ["name"] }), {
  selector: ({ name }) => name,
});
const containers = fc.uniqueArray(
  fc.record(
    { name: letters, image: text, env: variables, args: fc.array(text, { maxLength: 2 }) },
    { requiredKeys: ["name"] },
  ),
  { selector: ({ name }) => name },
);
const pods: fc.Arbitrary<Json> = fc.record({
  metadata: fc.record({ labels: map, finalizers: fc.uniqueArray(letters) }, { requiredKeys: [] }),
  spec: fc.record(
    { containers, nodeSelector: map, hostname: text, tolerations: fc.array(fc.record({ key: letters })) },
    { requiredKeys: ["containers"] },
  ),
});

/** By which field the items of a list are joined; "" for plain values. */
const mergeKeys: Readonly<Record<string, string>> = { containers: "name", env: "name", finalizers: "" };

const isMap = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The patch from one version to another. */
function difference(before: Json, after: Json): Json {
  const patch: Json = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [one, other] = [before[key], after[key]];
    if (same(one, other)) continue;
    if (other === undefined) patch[key] = null;
    else if (isMap(one) && isMap(other)) patch[key] = difference(one, other);
    else if (Array.isArray(one) && Array.isArray(other) && mergeKeys[key] !== undefined)
      Object.assign(patch, listDifference(key, mergeKeys[key], one, other));
    else patch[key] = other;
  }
  return patch;
}

function listDifference(name: string, key: string, before: unknown[], after: unknown[]): Json {
  if (key === "") {
    const gone = before.filter((item) => !after.includes(item));
    const added = after.filter((item) => !before.includes(item));
    return {
      [`$setElementOrder/${name}`]: after,
      ...(gone.length > 0 && { [`$deleteFromPrimitiveList/${name}`]: gone }),
      ...(added.length > 0 && { [name]: added }),
    };
  }
  const [one, other] = [before as Json[], after as Json[]];
  const items = other.flatMap((item) => {
    const old = one.find((each) => each[key] === item[key]);
    if (!old) return [item];
    return same(old, item) ? [] : [{ ...difference(old, item), [key]: item[key] }];
  });
  const gone = one.filter((item) => !other.some((each) => each[key] === item[key]));
  return {
    [`$setElementOrder/${name}`]: other.map((item) => ({ [key]: item[key] })),
    ...(items.length + gone.length > 0 && {
      [name]: [...items, ...gone.map((item) => ({ [key]: item[key], $patch: "delete" }))],
    }),
  };
}

/** What somebody else puts in: names that no version of ours has. */
interface Foreign {
  readonly container?: number;
  readonly variable?: number;
  readonly finalizer?: number;
  readonly label: boolean;
}
const places = fc.option(fc.nat({ max: 5 }), { nil: undefined });
const foreign: fc.Arbitrary<Foreign> = fc.record({
  container: places,
  variable: places,
  finalizer: places,
  label: fc.boolean(),
}) as fc.Arbitrary<Foreign>;

const inserted = (list: readonly unknown[] = [], place: number | undefined, item: unknown) =>
  place === undefined ? list : list.toSpliced(Math.min(place, list.length), 0, item);

/** `document` with what somebody else has put into lists and maps that it has. */
function withForeign(document: Json, { container, variable, finalizer, label }: Foreign): Json {
  const { metadata, spec } = document as { metadata: Json; spec: Json };
  const own = (spec.containers as Json[]).map((each, index) =>
    index === 0 && each.env
      ? { ...each, env: inserted(each.env as Json[], variable, { name: "foreign" }) }
      : each,
  );
  return {
    metadata: {
      ...metadata,
      ...(metadata.finalizers !== undefined && {
        finalizers: inserted(metadata.finalizers as string[], finalizer, "foreign"),
      }),
      ...(metadata.labels !== undefined &&
        label && { labels: { ...(metadata.labels as Json), foreign: "1" } }),
    },
    spec: { ...spec, containers: inserted(own, container, { name: "foreign", image: "9" }) },
  };
}

function withoutForeign(value: unknown): unknown {
  if (Array.isArray(value))
    return value
      .filter((item) => item !== "foreign" && !(isMap(item) && item.name === "foreign"))
      .map(withoutForeign);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "foreign")
      .map(([key, inner]) => [key, withoutForeign(inner)]),
  );
}

const count = (value: unknown) => JSON.stringify(value).split('"foreign"').length - 1;

describe("a strategic merge patch made of two versions", () => {
  test("leads from the one to the other", () => {
    fc.assert(
      fc.property(pods, pods, (before, after) => {
        expect(applyStrategicPatch("Pod", before, difference(before, after))).toEqual(after);
      }),
      runs(500),
    );
  });

  test("leaves what somebody else has put in where it is not taken away with what it lies in", () => {
    fc.assert(
      fc.property(pods, pods, foreign, (before, after, others) => {
        const live = withForeign(before, others);
        const result = applyStrategicPatch("Pod", live, difference(before, after));
        expect(withoutForeign(result)).toEqual(after);
        // A list or map that both versions have, and a container that both have, keep the strangers in them.
        const stays = (read: (pod: Json) => unknown) =>
          read(before) !== undefined && read(after) !== undefined;
        const containersThere = (result as { spec: { containers: Json[] } }).spec.containers;
        if (others.container !== undefined)
          expect(containersThere).toContainEqual({ name: "foreign", image: "9" });
        const finalizersOf = (pod: Json) => (pod.metadata as Json).finalizers;
        if (others.finalizer !== undefined && stays(finalizersOf))
          expect(finalizersOf(result as Json)).toContain("foreign");
        expect(count(result)).toBeLessThanOrEqual(count(live));
      }),
      runs(500),
    );
  });

  test("does the same a second time", () => {
    fc.assert(
      fc.property(pods, pods, foreign, (before, after, others) => {
        const patch = difference(before, after);
        const once = applyStrategicPatch("Pod", withForeign(before, others), patch);
        expect(applyStrategicPatch("Pod", once, patch)).toEqual(once);
      }),
      runs(300),
    );
  });
});
