import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../base/sha256.ts";

fc.configureGlobal({ seed: 1 });

const reference = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

test("the hash is the one that everybody computes, at every length around a block", () => {
  for (let length = 0; length <= 130; length++) {
    const text = "ä".repeat(length % 3) + "x".repeat(length);
    expect(sha256(text)).toBe(reference(text));
  }
});

test("any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => sha256(text) === reference(text)),
  );
});
