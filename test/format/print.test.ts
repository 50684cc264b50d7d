import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { format, layOut } from "../../compiler/format/format.ts";
import { print } from "../../compiler/format/print.ts";
import { sameTree } from "../../compiler/format/same-tree.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { runs } from "../runs.ts";
import { corpus } from "./corpus.ts";
import { module } from "./trees.ts";

/** Printing a tree and reading it again gives the tree. */

const read = (text: string) => parse({ path: "main.kdsl", text });

test("print, then parse: the same tree", () => {
  fc.assert(
    fc.property(module, (tree) => {
      const text = print(tree);
      const { module: again, diagnostics } = read(text);
      expect(
        diagnostics.map(({ message }) => message),
        text,
      ).toEqual([]);
      if (!sameTree(tree, again)) expect(again, text).toEqual(tree);
    }),
    runs(150),
  );
});

test("what is printed is laid out as the formatter does it, without falling back", () => {
  fc.assert(
    fc.property(module, (tree) => {
      const text = print(tree);
      const again = read(text);
      expect(layOut(again.module)).toBe(text);
      expect(format({ path: "main.kdsl", text }).text).toBe(text);
    }),
    runs(80),
  );
});

describe("every text of the repository, printed from its tree", () => {
  test.each(corpus)("$name", ({ text }) => {
    const { module: tree } = read(text);
    expect(sameTree(tree, read(print(tree)).module), print(tree)).toBe(true);
  });
});
