import fc from "fast-check";
import { expect, test } from "vitest";
import { createHeap } from "../../../base/heap.ts";
import { Least } from "../../../runtime/scheduler/least.ts";
import { runs } from "../../runs.ts";

test("a heap gives out the least of what is in it, in whatever order things came", () => {
  const step = fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = createHeap<number>((a, b) => a < b);
      let plain: number[] = [];
      for (const given of steps) {
        if (given === undefined) {
          expect(heap.pop()).toBe(plain[0]);
          plain = plain.slice(1);
        } else {
          heap.push(given);
          plain = [...plain, given].sort((a, b) => a - b);
        }
        expect([heap.size, heap.peek()]).toEqual([plain.length, plain[0]]);
      }
    }),
    runs(200),
  );
});

test("of many that change the least is known, and of equals the first", () => {
  const change = fc.tuple(fc.nat(9), fc.option(fc.nat(3), { nil: undefined }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const values: (number | undefined)[] = Array.from({ length: 10 }, () => undefined);
      const least = new Least(10, (a, b) => values[a]! < values[b]!);
      for (const [number, value] of changes) {
        values[number] = value;
        least.set(number, value !== undefined);
        const known = values.filter((each) => each !== undefined);
        expect(least.first).toBe(known.length === 0 ? -1 : values.indexOf(Math.min(...known)));
      }
    }),
    runs(200),
  );
});
