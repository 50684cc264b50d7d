import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTimestamp, timestamp } from "../../model/meta.ts";
import { runs } from "../runs.ts";

const instants = fc.integer({
  min: Date.parse("1900-01-01T00:00:00Z"),
  max: Date.parse("2500-01-01T00:00:00Z"),
});
/** Far apart, and such that one comes soon after the other, as those that are written do. */
const many = fc.tuple(instants, fc.array(fc.oneof(instants, fc.integer({ min: -100_000, max: 100_000 }))));

test("a timestamp is the instant in whole seconds, and is read as such", () => {
  fc.assert(
    fc.property(many, ([first, others]) => {
      for (const other of [0, ...others]) {
        const instant = Math.abs(other) <= 100_000 ? first + other : other;
        const text = `${new Date(instant).toISOString().slice(0, 19)}Z`;
        expect(timestamp(instant)).toBe(text);
        expect(parseTimestamp(text)).toBe(Math.floor(instant / 1000) * 1000);
        expect(parseTimestamp(text.replace("Z", "+01:00"))).toBe(Date.parse(text) - 3_600_000);
      }
    }),
    runs(100),
  );
});
