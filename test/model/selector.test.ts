import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Labels } from "../../model/meta.ts";
import {
  equalitySelector,
  formatLabels,
  mapMatches,
  matches,
  type Requirement,
  type Selector,
} from "../../model/selector.ts";
import { parseSelector } from "../../model/selector-parser.ts";

// Few keys and values, so that they meet.
const key = fc.constantFrom("app", "tier", "example.com/team", "constructor");
const value = fc.constantFrom("a", "b", "10", "9", "-3");
const labels: fc.Arbitrary<Labels> = fc.dictionary(key, value);

const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom("In" as const, "NotIn" as const),
    values: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    key,
    operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const),
    values: fc.constant([]),
  }),
  fc.record({
    key,
    operator: fc.constantFrom("Gt" as const, "Lt" as const),
    values: fc.tuple(fc.constantFrom("0", "5", "10")),
  }),
);

/** As kubectl writes it. */
function write({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "In":
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(",")})`;
    case "NotIn":
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(", ")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "Gt":
      return `${key}>${values[0]}`;
    case "Lt":
      return `${key}<${values[0]}`;
  }
}

/** Kubernetes' table, read off line by line over a plain list of pairs. */
const table: Readonly<
  Record<Requirement["operator"], (found: string | undefined, values: readonly string[]) => boolean>
> = {
  In: (found, values) => values.some((each) => each === found),
  NotIn: (found, values) => !values.some((each) => each === found),
  Exists: (found) => found !== undefined,
  DoesNotExist: (found) => found === undefined,
  Gt: (found, [bound]) => Number.isInteger(Number(found)) && Number(found) > Number(bound),
  Lt: (found, [bound]) => Number.isInteger(Number(found)) && Number(found) < Number(bound),
};

function naive(selector: Selector, labels: Labels): boolean {
  const pairs = new Map(Object.entries(labels));
  return selector.every(({ key, operator, values }) => table[operator](pairs.get(key), values));
}

describe("selectors", () => {
  test("match as Kubernetes' table says", () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), labels, (selector, of) => {
        expect(matches(selector, of)).toBe(naive(selector, of));
      }),
    );
  });

  test("are read back as they were written", () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), (given) => {
        // Objects cannot have it as a value, and so selectors cannot ask for it.
        const selector = given.filter(({ values }) => !values.includes("-3"));
        expect(parseSelector(selector.map(write).join(","))).toEqual(selector);
      }),
    );
  });

  test("an equality map and its selector agree, but for the empty one", () => {
    fc.assert(
      fc.property(labels, labels, (map, of) => {
        const empty = Object.keys(map).length === 0;
        expect(mapMatches(map, of)).toBe(!empty && matches(equalitySelector(map), of));
      }),
    );
    expect(matches([], { app: "a" })).toBe(true);
    expect(mapMatches({}, { app: "a" })).toBe(false);
    expect(mapMatches(undefined, { app: "a" })).toBe(false);
  });

  test.each([
    ["a", [{ key: "a", operator: "Exists", values: [] }]],
    [
      " ! a , b ",
      [
        { key: "a", operator: "DoesNotExist", values: [] },
        { key: "b", operator: "Exists", values: [] },
      ],
    ],
    ["in in (in,notin)", [{ key: "in", operator: "In", values: ["in", "notin"] }]],
    ["a in ()", [{ key: "a", operator: "In", values: [""] }]],
    ["a notin (x,,y)", [{ key: "a", operator: "NotIn", values: ["x", "", "y"] }]],
    [
      "a=,b==c",
      [
        { key: "a", operator: "In", values: [""] },
        { key: "b", operator: "In", values: ["c"] },
      ],
    ],
    ["a>-1", 'unable to parse requirement: values[0][a]: Invalid value: "-1": a valid label must be'],
    ["a<5", [{ key: "a", operator: "Lt", values: ["5"] }]],
    ["", []],
    [" ", []],
    // The words of Kubernetes' own parser.
    ["app=a,(b)", "found '(', expected: identifier after ','"],
    ["a,", "found '', expected: identifier after ','"],
    ["=a", "found '=', expected: !, identifier, or 'end of string'"],
    ["a==b=c", "found '=', expected: ',' or 'end of string'"],
    ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ["a in x", "unable to parse requirement: found 'x' expected: '('"],
    ["a in (x", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    ["a=(b)", "unable to parse requirement: found '(', expected: identifier"],
    ["!!a", "unable to parse requirement: found '!', expected: identifier"],
    [
      "a>x",
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    ["-a=b", 'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of'],
    ["a/b/c", 'unable to parse requirement: <nil>: Invalid value: "a/b/c": a qualified name must consist of'],
    ["a=b@c", 'unable to parse requirement: values[0][a]: Invalid value: "b@c": a valid label must be'],
  ])("%s is read as Kubernetes reads it", (text, expected) => {
    const read = parseSelector(text);
    if (typeof expected === "string") expect(read).toContain(expected);
    else expect(read).toEqual(expected);
  });

  test("any text is read or refused", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = parseSelector(text);
        expect(typeof read === "string" || Array.isArray(read)).toBe(true);
      }),
    );
  });

  test("labels are printed sorted", () => {
    expect(formatLabels({ tier: "web", app: "shop" })).toBe("app=shop,tier=web");
    expect(formatLabels({})).toBe("<none>");
  });
});
