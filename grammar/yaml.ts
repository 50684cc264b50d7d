import type { Edit, Problem } from "./problem.ts";
import * as tokens from "./tokens.ts";
import { closerOf, type Token } from "./tokens.ts";

/** YAML where KDSL should stand: whole manifests, blocks by indentation, lists by `-`, texts by `|`. */

const closers = new Set(closerOf.values());

/** A file that is a Kubernetes manifest, in YAML or JSON: told once, and not read. */
export function findManifest(text: string): Problem | undefined {
  const yaml = /^(?:\ufeff)?(?:[ \t]*(?:#[^\n]*|---[^\n]*)?\r?\n)*(apiVersion|kind)[ \t]*:/.exec(text);
  const json = yaml ?? /^(?:\ufeff)?\s*\{\s*("apiVersion"|"kind")\s*:/.exec(text);
  if (json === null) return undefined;
  const end = json[0].lastIndexOf(json[1]!) + json[1]!.length;
  return {
    kind: "manifest",
    start: end - json[1]!.length,
    end,
    format: yaml === null ? "JSON" : "YAML",
  };
}

/** Whether the text has a line that only ends in `:` before one that begins with `-`, which is no mistake in grammar. */
export function mayHaveList(text: string): boolean {
  return /:[ \t]*\r?\n[ \t]*-[ \t]/.test(text);
}

export function indentAt(text: string, offset: number): number {
  const start = Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1;
  let at = start;
  while (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09) at++;
  return at - start;
}

/** What stands indented below the key at `index`, when that is no value but a block of YAML; `end` is the token after it. */
export function yamlBlock(
  text: string,
  list: readonly Token[],
  index: number,
): { problem: Problem; end: number } | undefined {
  const key = list[index]!;
  const first = list[index + 2];
  const colon = list[index + 1]!;
  if (first === undefined) return undefined;
  if (!first.newline) return textBlock(text, list, index);
  const margin = indentAt(text, key.startOffset);
  const indent = indentAt(text, first.startOffset);
  const second = list[index + 3];
  const third = list[index + 4];
  const dash = isDash(list, index + 2);
  if (dash ? indent < margin : indent <= margin) return undefined;
  const named = second !== undefined && !second.newline && isWord(first) && isWord(second);
  const declares = named && (third?.newline !== false || opens(third));
  if (!dash && first.tokenType !== tokens.Key && !declares) return undefined;
  const end = endOf(text, list, index + 2, margin, dash);
  if (dash && end === index + 4 && second?.literal?.kind === "number") return undefined; // `- 3` is a number
  const place = { start: key.startOffset, end: colon.end };
  if (dash) {
    const items = itemTexts(text, list, index + 2, end);
    const instead = items && `[${items.join(", ")}]`;
    const edits: Edit[] = instead ? [{ start: colon.end, end: list[end - 1]!.end, text: ` ${instead}` }] : [];
    return {
      problem: { kind: "yaml-list", ...place, key: key.image, ...(instead && { instead }), edits },
      end,
    };
  }
  const word = list[index - 1];
  const declared = !key.newline && word !== undefined && isWord(word) && word.newline;
  const title = declared ? `${word.image} ${key.image}` : key.image;
  const edits: Edit[] = declared
    ? [
        { start: key.end, end: colon.end, text: " {" },
        { start: list[end - 1]!.end, end: list[end - 1]!.end, text: `\n${" ".repeat(margin)}}` },
      ]
    : [];
  return { problem: { kind: "yaml-block", ...place, title, declared, edits }, end };
}

/** `key: |` with lines of text below. */
function textBlock(text: string, list: readonly Token[], index: number) {
  const sign = list[index + 2]!;
  if (sign.tokenType !== tokens.Bar && sign.tokenType !== tokens.Greater) return undefined;
  let next = index + 3;
  if (list[next]?.tokenType === tokens.Minus && !list[next]!.newline) next++;
  const margin = indentAt(text, list[index]!.startOffset);
  if (list[next]?.newline === false) return undefined;
  let end = next;
  while (list[end] && !(list[end]!.newline && indentAt(text, list[end]!.startOffset) <= margin)) end++;
  const problem: Problem = {
    kind: "foreign",
    start: sign.startOffset,
    end: list[next - 1]!.end,
    text: sign.image,
    what: "text of several lines",
    instead: '"""',
    edits: [],
  };
  return { problem, end };
}

const isWord = ({ tokenType }: Token) => tokens.wordTypes.has(tokenType) || tokenType === tokens.Key;
const opens = (token: Token | undefined) =>
  token !== undefined && (token.tokenType === tokens.Colon || token.tokenType === tokens.LeftBrace);

/** A `-` that begins a line, with a gap after it. */
function isDash(list: readonly Token[], index: number): boolean {
  const token = list[index]!;
  const next = list[index + 1];
  return (
    token.newline && token.tokenType === tokens.Minus && next !== undefined && next.startOffset > token.end
  );
}

function endOf(text: string, list: readonly Token[], from: number, margin: number, dash: boolean): number {
  let depth = 0;
  let at = from;
  for (; at < list.length; at++) {
    const token = list[at]!;
    if (token.newline && depth === 0) {
      const indent = indentAt(text, token.startOffset);
      if (indent < margin || (indent === margin && !(dash && isDash(list, at)))) break;
    }
    if (closerOf.has(token.tokenType)) depth++;
    else if (closers.has(token.tokenType) && --depth < 0) break;
  }
  return at;
}

/** The items of a list of plain values, as they would be written in KDSL; undefined where an item is more than that. */
function itemTexts(
  text: string,
  list: readonly Token[],
  from: number,
  end: number,
): readonly string[] | undefined {
  const items: string[] = [];
  for (let at = from; at < end; ) {
    if (!isDash(list, at)) return undefined;
    let next = at + 1;
    while (next < end && !list[next]!.newline) next++;
    const parts = list.slice(at + 1, next);
    const [first] = parts;
    const last = parts.at(-1);
    if (!first || !last) return undefined;
    if (parts.some((part, index) => opens(part) && (parts[index + 1]?.startOffset ?? 1e9) > part.end))
      return undefined;
    const literal = parts.length === 1 && first.literal !== undefined;
    const written = text.slice(first.startOffset, last.end);
    items.push(literal ? written : `"${written.replace(/["\\{]/g, "\\$&")}"`);
    at = next;
  }
  return items;
}
