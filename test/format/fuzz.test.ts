import fc from "fast-check";
import { expect, test } from "vitest";
import { format, layOut } from "../../compiler/format/format.ts";
import { print } from "../../compiler/format/print.ts";
import { sameTree } from "../../compiler/format/same-tree.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { tokenize } from "../../grammar/lexer.ts";
import { runs } from "../runs.ts";
import { comments } from "./comments.ts";
import { corpus, mistaken } from "./corpus.ts";
import { module } from "./trees.ts";

const read = (text: string) => parse({ path: "main.kdsl", text });
const texts = fc.constantFrom(...corpus.map(({ text }) => text));

/** A text with line ends, comments and empty lines between its tokens, where it is still read as the same. */
const strewn = fc
  .tuple(
    fc.oneof(texts, module.map(print)),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(" // c\n", "\n// own\n", "\n\n\n", "\n", "  ", "\n/// help\n\n", "\n// a\n\n// b\n"),
      ),
      {
        minLength: 1,
        maxLength: 12,
      },
    ),
  )
  .map(([text, inserts]) => {
    const places = tokenize(text, 0, text.length, []).tokens.map(({ startOffset }) => startOffset);
    if (places.length === 0) return text;
    const chosen = new Map(inserts.map(([at, what]) => [places[at % places.length]!, what]));
    return [...chosen]
      .sort(([a], [b]) => b - a)
      .reduce((all, [at, what]) => all.slice(0, at) + what + all.slice(at), text);
  })
  .filter((text) => read(text).diagnostics.length === 0);

test("comments and line ends may stand between any two tokens", () => {
  fc.assert(
    fc.property(strewn, (text) => {
      const tree = read(text).module;
      const once = layOut(tree);
      expect(sameTree(tree, read(once).module), `${text}\n────\n${once}`).toBe(true);
      expect(comments(once).sort(), `${text}\n────\n${once}`).toEqual(comments(text).sort());
      expect(layOut(read(once).module), `${text}\n────\n${once}`).toBe(once);
    }),
    runs(150),
  );
});

test("whatever the text is, nothing is thrown, and what is given can be read", () => {
  const all = fc.constantFrom(...[...corpus, ...mistaken].map(({ text }) => text));
  const piece = fc.constantFrom(
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    '"',
    '"""',
    "//",
    "\n",
    "\r",
    "\0",
    "\u202e",
    "=",
    ".",
    "-",
    "if ",
    "é",
    "\ud800",
    "?",
  );
  const broken = fc
    .tuple(all, fc.nat(), fc.nat({ max: 20 }), fc.oneof(piece, fc.string({ maxLength: 5 })))
    .map(([text, at, length, other]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + other + text.slice(start + length);
    });
  fc.assert(
    fc.property(fc.oneof(broken, fc.string(), fc.string({ unit: "binary" })), (text) => {
      const result = format({ path: "main.kdsl", text });
      if (result.text === undefined) return;
      expect(read(result.text).diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(format({ path: "main.kdsl", text: result.text }).text).toBe(result.text);
    }),
    runs(300),
  );
});
