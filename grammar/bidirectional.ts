import { tokenize } from "./lexer.ts";
import type { Edit, Problem } from "./problem.ts";
import type { Token } from "./tokens.ts";

/**
 * Controls of the direction of text, which make an editor show another order of characters than the one that is read:
 * what looks like a comment may be code ("Trojan Source"). Letters of right-to-left scripts need none of them.
 */
const control = /[\u202a-\u202e\u2066-\u2069]/;

/** Those in strings and comments, one problem for each string or comment; elsewhere they are no tokens at all. */
export function findBidirectional(text: string): Problem[] {
  if (!control.test(text)) return [];
  const { tokens } = tokenize(text, 0, text.length, []);
  const found = new Map<number, Problem & { kind: "bidirectional"; edits: Edit[] }>();
  let at = 0;
  for (const { index: start, 0: character } of text.matchAll(new RegExp(control, "g"))) {
    while (at < tokens.length && tokens[at]!.end <= start) at++;
    const place = placeOf(text, tokens, at, start);
    if (place === undefined) continue;
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    const end = start + 1;
    const edit = { start, end, text: place.where === "string" ? `\\u{${code}}` : "" };
    const known = found.get(place.start);
    if (known !== undefined) known.edits.push(edit);
    else
      found.set(place.start, { kind: "bidirectional", start, end, code, where: place.where, edits: [edit] });
    if (found.size === mostPlaces) break;
  }
  return [...found.values()];
}

const mostPlaces = 20;

/** The string or comment that holds `offset`; `next` is the first token that does not end before it. */
function placeOf(
  text: string,
  tokens: readonly Token[],
  next: number,
  offset: number,
): { readonly where: "comment" | "string" | "raw"; readonly start: number } | undefined {
  const token = tokens[next];
  if (token !== undefined && token.startOffset <= offset) {
    if (token.literal?.kind !== "string") return undefined;
    return { where: token.image.startsWith("r") ? "raw" : "string", start: token.startOffset };
  }
  const from = Math.max(tokens[next - 1]?.end ?? 0, text.lastIndexOf("\n", offset) + 1);
  const slashes = text.slice(from, offset).indexOf("//");
  return slashes < 0 ? undefined : { where: "comment", start: from + slashes };
}
