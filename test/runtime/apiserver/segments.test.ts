import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Stored } from "../../../model/meta.ts";
import { createListEncoder } from "../../../runtime/apiserver/read/segments.ts";

const named = (name: string, version: number) =>
  ({ kind: "Pod", metadata: { name, version, text: "é".repeat(20) } }) as unknown as Stored;

describe("a list in parts", () => {
  test("is what the list is in one, whatever lists were encoded before, and however little is kept", () => {
    const decoder = new TextDecoder();
    fc.assert(
      fc.property(
        fc.constantFrom(0, 5000, 50_000_000),
        fc.array(fc.tuple(fc.nat(130), fc.nat(130), fc.option(fc.nat(129))), { maxLength: 12 }),
        (most, steps) => {
          const encode = createListEncoder(most);
          const objects = Array.from({ length: 130 }, (_, index) => named(`pod-${index}`, 0));
          for (const [from, length, changed] of steps) {
            if (changed !== null) objects[changed] = named(`pod-${changed}`, from);
            const list = objects.slice(from, from + length);
            const text = encode(list)
              .map((part) => decoder.decode(part))
              .join("");
            expect(JSON.parse(`[${text}]`)).toEqual(list);
          }
        },
      ),
    );
  });

  test("encodes again only the part in which an object is another", () => {
    const encode = createListEncoder();
    const objects = Array.from({ length: 200 }, (_, index) => named(`pod-${index}`, 0));
    const before = encode(objects);
    objects[120] = named("pod-120", 1);
    const after = encode(objects);
    expect(after.map((part, index) => part === before[index])).toEqual([
      true,
      true,
      true,
      true,
      false,
      true,
      true,
    ]);
  });
});
