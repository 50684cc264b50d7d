import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineMap } from "../../compiler/source/line-map.ts";
import { memoryFileSystem, normalizePath } from "../../compiler/source/memory.ts";

describe("line map", () => {
  test("lines end at every kind of line end", () => {
    const map = lineMap({ path: "a", text: "a\nbc\r\nd\re" });
    expect(map.starts).toEqual([0, 2, 6, 8]);
    expect([1, 2, 3, 4, 5].map((line) => map.line(line))).toEqual(["a", "bc", "d", "e", ""]);
    expect(map.position(3)).toEqual({ line: 2, column: 2 });
    expect(map.position(99)).toEqual({ line: 4, column: 2 });
    expect(map.offset({ line: 2, column: 99 })).toBe(4);
  });

  test("offset and position undo one another", () => {
    const text = fc
      .array(fc.constantFrom("a", "é", "😀", "\n", "\r\n", "\t"), { maxLength: 40 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.nat(80), (value, at) => {
        const map = lineMap({ path: "a", text: value });
        const offset = Math.min(at, value.length);
        // Between `\r` and `\n` there is no position of its own.
        if (value[offset - 1] === "\r" && value[offset] === "\n") return;
        expect(map.offset(map.position(offset))).toBe(offset);
      }),
    );
  });
});

describe("memory file system", () => {
  const files = memoryFileSystem({ "shop/main.kdsl": "main", "./lib/a.kdsl": "a", "/root/b.kdsl": "b" });

  test("reads what it holds, however the path is spelled", () => {
    expect(files.read("shop/../shop/./main.kdsl")).toBe("main");
    expect(files.read("lib/a.kdsl")).toBe("a");
    expect(files.read("none.kdsl")).toBeUndefined();
  });

  test("resolves relative to the file that asks", () => {
    expect(files.resolve("shop/main.kdsl", "../lib/a.kdsl")).toBe("lib/a.kdsl");
    expect(files.resolve("main.kdsl", "./x.kdsl")).toBe("x.kdsl");
    expect(files.resolve("/root/deep/c.kdsl", "../b.kdsl")).toBe("/root/b.kdsl");
    expect(files.resolve("shop/main.kdsl", "/etc/x")).toBe("/etc/x");
  });

  test("a path never climbs above the root", () => {
    expect(normalizePath("/../../a")).toBe("/a");
    expect(normalizePath("../../a")).toBe("../../a");
    expect(normalizePath("a//b/")).toBe("a/b");
  });
});
