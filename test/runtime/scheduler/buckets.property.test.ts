import fc from "fast-check";
import { expect, test } from "vitest";
import { Buckets } from "../../../runtime/scheduler/index/buckets.ts";
import { ChangeLog } from "../../../runtime/scheduler/index/change-log.ts";
import { has, slotSet } from "../../../runtime/scheduler/index/slot-sets.ts";
import { runs } from "../../runs.ts";

const nodes = 70;
const cellCount = 3;
const scores = 5;

/** Nodes that are looked at together: each in a cell with a score, or rejected. */
const look = fc.record({
  slot: fc.nat(nodes - 1),
  cell: fc.nat(cellCount - 1),
  value: fc.integer({ min: -2, max: scores - 1 }),
});

test("nodes that move among cells and scores are found where they are", () => {
  fc.assert(
    fc.property(fc.array(fc.array(look, { maxLength: 60 }), { maxLength: 8 }), fc.nat(), (batches, seed) => {
      const buckets = new Buckets(nodes);
      buckets.grow(cellCount);
      const cells = new Int32Array(nodes);
      const model = new Map<number, { readonly cell: number; readonly value: number }>();
      const moves = new ChangeLog();
      for (const batch of batches) {
        const latest = new Map(batch.map((each) => [each.slot, each]));
        const moved = [...latest.values()].filter(({ slot, cell, value }) => {
          const before = model.get(slot);
          const [from, to] = [before && before.value >= 0 ? before.cell : -1, value >= 0 ? cell : -1];
          return from !== to;
        });
        for (const { slot, cell, value } of latest.values()) {
          cells[slot] = cell;
          model.set(slot, { cell, value });
        }
        const slots = Int32Array.from(latest.keys());
        const values = Int32Array.from(latest.values(), ({ value }) => value);
        const position = moves.end;
        buckets.put({ slots, values, size: slots.length }, cells, moves);
        const told = new Int32Array(nodes);
        const size = moves.slotsSince(position, told, slotSet(nodes));
        expect([...told.subarray(0, size)]).toEqual(moved.map(({ slot }) => slot).sort((a, b) => a - b));
        check(buckets, model, seed);
      }
    }),
    runs(200),
  );
});

function check(
  buckets: Buckets,
  model: ReadonlyMap<number, { readonly cell: number; readonly value: number }>,
  seed: number,
) {
  const standing = [...model].sort(([a], [b]) => a - b).filter(([, { value }]) => value >= 0);
  for (let cell = 0; cell < cellCount; cell++) {
    const here = standing.filter(([, each]) => each.cell === cell);
    expect(buckets.size(cell)).toBe(here.length);
    const topScore = Math.max(-1, ...here.map(([, { value }]) => value));
    expect(buckets.top(cell)).toBe(topScore);
    if (topScore < 0) continue;
    const best = here.filter(([, { value }]) => value === topScore).map(([slot]) => slot);
    expect(buckets.count(cell, topScore)).toBe(best.length);
    const nth = seed % best.length;
    expect(buckets.pick([{ cell, own: undefined, topScore }], slotSet(nodes), nth)).toBe(best[nth]);
    const set = buckets.set(cell, topScore);
    expect(Array.from({ length: nodes }, (_, slot) => slot).filter((slot) => has(set, slot))).toEqual(best);
  }
  const rejected = new Map<number, number>();
  for (const { value } of model.values())
    if (value < 0) rejected.set(-value, (rejected.get(-value) ?? 0) + 1);
  expect(buckets.rejections()).toEqual(rejected);
}

test("what changed since a position is told in order, each once", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(nodes - 1)), fc.array(fc.nat(nodes - 1)), (before, since) => {
      const log = new ChangeLog(256);
      for (const slot of before) log.add(slot);
      const position = log.end;
      for (const slot of since) log.add(slot);
      const seen = slotSet(nodes);
      const into = new Int32Array(nodes);
      const size = log.slotsSince(position, into, seen);
      expect([...into.subarray(0, size)]).toEqual([...new Set(since)].sort((a, b) => a - b));
      expect(seen.every((word) => word === 0)).toBe(true);
    }),
    runs(200),
  );
});
