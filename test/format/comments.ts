import { tokenize } from "../../grammar/lexer.ts";

/** The comments of a text, `///` too, in their order, without the spaces around them. */
export function comments(text: string): string[] {
  const found: string[] = [];
  let at = 0;
  for (const { startOffset, end } of tokenize(text, 0, text.length, []).tokens) {
    found.push(...(text.slice(at, startOffset).match(/\/\/.*/g) ?? []));
    // `not in` is one token, whatever stands between the words.
    const image = text.slice(startOffset, end);
    if (/^not\s/.test(image)) found.push(...(image.match(/\/\/.*/g) ?? []));
    at = end;
  }
  found.push(...(text.slice(at).match(/\/\/.*/g) ?? []));
  // What is no help may lose the slash that would make it one where it comes to stand.
  return found.map((comment) => comment.replace(/^\/\/\/(?!\/)/, "//").trim());
}
