import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical, canonicalText, planHash } from "../../compiler/plan/canonical.ts";
import { diffObjects } from "../../compiler/plan/diff.ts";
import { child, item, parent } from "../../compiler/plan/paths.ts";
import { cpuText, decimalText, memoryText } from "../../compiler/plan/quantities.ts";
import { parseQuantity } from "../../model/quantity.ts";
import { lowered, rc } from "./builders.ts";

fc.configureGlobal({ seed: 1 });

const fraction = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.bigInt({ min: 1n, max: 10n ** 6n }))
  .map(([numerator, denominator]) => ({ numerator, denominator }));

describe("amounts", () => {
  test.each([
    [0n, "0"],
    [64n << 20n, "64Mi"],
    [1n << 30n, "1Gi"],
    [10n ** 9n, "1G"],
    [1536n << 20n, "1536Mi"],
    [8n * 10n ** 9n, "8G"],
    [134217729n, "134217729"],
    [125n << 20n, "125Mi"],
  ])("%d bytes are %s", (bytes, text) =>
    expect(memoryText({ numerator: bytes, denominator: 1n })).toEqual({ text, rounded: false }),
  );

  test("are what Kubernetes reads, never less than what was written, and less than one unit more", () => {
    fc.assert(
      fc.property(fraction, ({ numerator, denominator }) => {
        for (const [form, perUnit] of [
          [cpuText, 1000n],
          [memoryText, 1n],
        ] as const) {
          const { text, rounded } = form({ numerator, denominator });
          const billionths = parseQuantity(text)!;
          const excess = billionths * denominator - numerator * 1_000_000_000n;
          expect(excess >= 0n && excess * perUnit < denominator * 1_000_000_000n).toBe(true);
          expect(rounded).toBe(excess !== 0n);
        }
      }),
    );
  });

  test("decimals are exact or none", () => {
    const decimal = (numerator: bigint, denominator: bigint) => decimalText({ numerator, denominator });
    expect(decimal(1n, 2n)).toBe("0.5");
    expect(decimal(-5n, 4n)).toBe("-1.25");
    expect(decimal(7n, 1n)).toBe("7");
    expect(decimal(1n, 1000n)).toBe("0.001");
    expect(decimal(1n, 3n)).toBeUndefined();
  });
});

describe("canonical JSON", () => {
  test("has Kubernetes' customary order, else the order of code units", () => {
    const object = {
      status: {},
      spec: { b: 1, a: 2, name: 3 },
      metadata: { labels: {}, name: "x" },
      kind: "K",
      apiVersion: "v1",
    };
    expect(JSON.stringify(canonical(object))).toBe(
      '{"apiVersion":"v1","kind":"K","metadata":{"name":"x","labels":{}},"spec":{"name":3,"a":2,"b":1},"status":{}}',
    );
  });

  test("does not depend on how the value was built", () => {
    const reverse = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reverse)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, each]) => [key, reverse(each)]),
            )
          : value;
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(canonical(value));
        expect(JSON.stringify(canonical(reverse(value)))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("written at once is what is printed of the ordered value", () => {
    const key = fc.string().filter((text) => !/^(?:0|[1-9]\d*)$/.test(text) && text !== "__proto__");
    const { value: any } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: "binary" }),
        fc.double(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(key, fc.option(tie("value"), { nil: undefined }), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(any, fc.constantFrom(0, 2), (value, width) => {
        expect(canonicalText(value, width)).toBe(JSON.stringify(canonical(value), null, width));
      }),
    );
  });

  test("the hash is over everything but itself", () => {
    const { plan } = lowered(rc("web", { app: "x" }));
    expect(planHash({ ...plan, hash: "x" } as typeof plan)).toBe(planHash(plan));
    expect(planHash({ ...plan, name: "other" })).not.toBe(planHash(plan));
  });
});

describe("differences", () => {
  test("equal quantities are none; equal-looking labels are", () => {
    const object = (cpu: string, label: string) => ({
      metadata: { labels: { size: label } },
      spec: { containers: [{ resources: { requests: { cpu, "example.com/gpu": cpu } } }] },
    });
    expect(diffObjects(object("1000m", "1"), object("1", "1"))).toEqual([]);
    expect(diffObjects(object("1", "1000m"), object("1", "1"))).toEqual([
      { path: "metadata.labels.size", before: "1000m", after: "1" },
    ]);
    expect(diffObjects(object("1", "a"), object("2", "a")).map(({ path }) => path)).toEqual([
      "spec.containers[0].resources.requests.cpu",
      "spec.containers[0].resources.requests[example.com/gpu]",
    ]);
  });

  test("fields and items that come or go", () => {
    expect(diffObjects({ a: 1, l: [1] }, { b: 2, l: [1, 2] })).toEqual([
      { path: "a", before: 1, after: undefined },
      { path: "l[1]", before: undefined, after: 2 },
      { path: "b", before: undefined, after: 2 },
    ]);
  });

  test("a value never differs from its copy", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(diffObjects(value, structuredClone(value))).toEqual([]);
      }),
    );
  });
});

test("a field's parent is what it was made from", () => {
  expect(parent(child("spec", "ports"))).toBe("spec");
  expect(parent(child("metadata.labels", "a.b/c"))).toBe("metadata.labels");
  expect(parent(item("spec.ports", 3))).toBe("spec.ports");
  expect(parent("spec")).toBe("");
  expect(parent("")).toBeUndefined();
});
