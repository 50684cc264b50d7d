import fc from "fast-check";
import { expect, test } from "vitest";
import { Recency, type Recent } from "../../base/recency.ts";
import { runs } from "../runs.ts";

interface Item extends Recent {
  readonly name: number;
}

test("what was used longest ago is at hand, whatever is used again or taken away", () => {
  const step = fc.record({ act: fc.constantFrom("touch", "delete", "drop"), name: fc.nat(6) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const items = Array.from(
        { length: 7 },
        (_, name): Item => ({ name, older: undefined, newer: undefined }),
      );
      const recency = new Recency<Item>();
      let model: number[] = [];
      for (const { act, name } of steps) {
        const without = model.filter((each) => each !== name);
        if (act === "touch") {
          recency.touch(items[name]!);
          model = [...without, name];
        } else if (act === "delete") {
          recency.delete(items[name]!);
          model = without;
        } else {
          if (recency.oldest) recency.delete(recency.oldest);
          model = model.slice(1);
        }
        expect(recency.size).toBe(model.length);
        expect(recency.oldest?.name).toBe(model[0]);
        expect(items.filter((item) => recency.has(item)).map((item) => item.name)).toEqual(model.toSorted());
      }
      const order: number[] = [];
      for (let item = recency.oldest; item; item = item.newer) order.push(item.name);
      expect(order).toEqual(model);
    }),
    runs(200),
  );
});
