import type { TokenType } from "chevrotain";
import type { Problem } from "./problem.ts";
import * as tokens from "./tokens.ts";
import { closerOf, makeToken, type Token } from "./tokens.ts";

/**
 * Makes brackets match before the parser sees them, so that a missing one is one mistake with its place and no cascade.
 * Strict matching finds that something is wrong; which bracket is to blame is read from the indentation.
 */

/** How many blames are tried before what is left is closed at the end of the file. */
const attempts = 20;

const closers: ReadonlySet<TokenType> = new Set(closerOf.values());

/** Whether every bracket has its partner, and how deep they nest. */
export function scanBrackets(list: readonly Token[]): { balanced: boolean; depth: number } {
  const stack: TokenType[] = [];
  let depth = 0;
  for (const { tokenType, image } of list) {
    // Most tokens are no brackets, and their length says so sooner than a look-up.
    if (image.length !== 1) continue;
    const closer = closerOf.get(tokenType);
    if (closer !== undefined) {
      stack.push(closer);
      if (stack.length > depth) depth = stack.length;
    } else if (closers.has(tokenType) && stack.pop() !== tokenType) return { balanced: false, depth };
  }
  return { balanced: stack.length === 0, depth };
}

/** The same tokens with closers put in and stray closers left out, each reported. */
export function balanceBrackets(text: string, list: readonly Token[], problems: Problem[]): Token[] {
  let current = [...list];
  for (let attempt = 0; attempt < attempts; attempt++) {
    const atEnd = (problem: Problem) => problem.kind === "unclosed-bracket" && problem.by === text.length;
    const blame = findBlame(text, current);
    if (blame === undefined) return current;
    // Of what a file leaves open at its end, the innermost tells enough.
    if (!(atEnd(blame.problem) && problems.some(atEnd))) problems.push(blame.problem);
    current = blame.repaired;
  }
  return closeAll(current);
}

interface Blame {
  readonly problem: Problem;
  readonly repaired: Token[];
}

interface Suspects {
  /** An opener whose closer stands further left than the opener's line: probably the closer of an outer one. */
  opener?: { opener: number; closer: number };
  /** A closer that stands further right than its opener's line: probably the closer of an opener that is missing. */
  closer?: number;
}

/** The first bracket without a partner, with the bracket that indentation blames for it. */
function findBlame(text: string, list: readonly Token[]): Blame | undefined {
  const stack: number[] = [];
  const suspects: Suspects = {};
  for (const [index, token] of list.entries()) {
    if (closerOf.has(token.tokenType)) stack.push(index);
    if (!closers.has(token.tokenType)) continue;
    const opens = (at: number) => closerOf.get(list[at]!.tokenType) === token.tokenType;
    const top = stack.at(-1);
    if (top !== undefined && opens(top)) {
      stack.pop();
      suspect(text, list, top, index, suspects);
    } else if (top !== undefined && balancesWith(list, index, closerOf.get(list[top]!.tokenType)!)) {
      return mixed(list, top, index);
    } else if (stack.some(opens)) {
      return unclosed(text, list, top!, index);
    } else {
      return stray(text, list, suspects.closer ?? index);
    }
  }
  if (stack.length === 0) return undefined;
  const { opener } = suspects;
  return opener === undefined
    ? unclosed(text, list, stack.at(-1)!, list.length)
    : unclosed(text, list, opener.opener, opener.closer);
}

/** Whether all brackets match when the one at `index` is of another type. */
function balancesWith(list: readonly Token[], index: number, type: TokenType): boolean {
  return scanBrackets(list.with(index, retyped(list[index]!, type))).balanced;
}

function retyped(token: Token, type: TokenType): Token {
  return makeToken(type, type.LABEL!.slice(1, -1), token.startOffset, token.end, token.newline);
}

/** A pair of two kinds, `[ cpu: 200m }`: what stands first within tells which of the two was meant. */
function mixed(list: readonly Token[], opener: number, closer: number): Blame {
  const [open, close] = [list[opener]!, list[closer]!];
  const holdsFields = list[opener + 1]!.tokenType === tokens.Key;
  const wrongOpener = close.tokenType === tokens.RightBrace && holdsFields;
  const wrong = wrongOpener ? opener : closer;
  const partner = wrongOpener ? close : open;
  const type = wrongOpener ? tokens.LeftBrace : closerOf.get(open.tokenType)!;
  const { startOffset: start, end } = list[wrong]!;
  return {
    problem: {
      kind: "mixed-brackets",
      start,
      end,
      opener: open.image,
      closer: close.image,
      instead: type.LABEL!.slice(1, -1),
      partner: { start: partner.startOffset, end: partner.end, text: partner.image },
    },
    repaired: list.with(wrong, retyped(list[wrong]!, type)),
  };
}

function suspect(
  text: string,
  list: readonly Token[],
  opener: number,
  closer: number,
  found: Suspects,
): void {
  const token = list[closer]!;
  if (!token.newline) return;
  const inner = indentAt(text, list[opener]!.startOffset);
  const outer = indentAt(text, token.startOffset);
  if (outer < inner) found.opener ??= { opener, closer };
  if (outer > inner) found.closer ??= closer;
}

/** `opener` has no closer before `limit`; one is put where a line returns to the opener's margin, else at `limit`. */
function unclosed(text: string, list: readonly Token[], opener: number, limit: number): Blame {
  const open = list[opener]!;
  const margin = indentAt(text, open.startOffset);
  const braces = open.tokenType === tokens.LeftBrace;
  let at = opener + 1;
  for (let depth = 0; at < limit; at++) {
    const token = list[at]!;
    // A block after a list or call that is still open: it ends before the block's brace.
    if (!braces && depth === 0 && token.tokenType === tokens.LeftBrace && endsValue(list[at - 1]!)) break;
    if (closerOf.has(token.tokenType)) depth++;
    else if (closers.has(token.tokenType)) depth--;
    if (!token.newline || closers.has(token.tokenType)) continue;
    if (indentAt(text, token.startOffset) <= margin) break;
    // Within `[` and `(` a line that begins with `key:` belongs to the block around.
    if (!braces && token.tokenType === tokens.Key && open.tokenType === tokens.LeftBracket) break;
  }
  const closerType = closerOf.get(open.tokenType)!;
  const closer = closerType.LABEL!.slice(1, -1);
  const place = list[at - 1]!.end;
  const virtual = makeToken(closerType, closer, place, place, false);
  const lines = braces && text.slice(open.startOffset, place).includes("\n");
  return {
    problem: {
      kind: "unclosed-bracket",
      start: open.startOffset,
      end: open.end,
      opener: open.image,
      closer,
      by: list[at]?.startOffset ?? text.length,
      edit: { start: place, end: place, text: lines ? `\n${" ".repeat(margin)}${closer}` : closer },
    },
    repaired: [...list.slice(0, at), virtual, ...list.slice(at)],
  };
}

function endsValue(token: Token): boolean {
  return (
    token.tokenType !== tokens.Comma && token.tokenType !== tokens.Colon && !closerOf.has(token.tokenType)
  );
}

function stray(text: string, list: readonly Token[], closer: number): Blame {
  const token = list[closer]!;
  const line = openedBy(text, list, closer);
  if (line !== undefined && token.tokenType === tokens.RightBrace && declares(list, line.index)) {
    const { start, end, index } = line;
    let last = index;
    while (list[last + 1] && !list[last + 1]!.newline) last++;
    const virtual = makeToken(tokens.LeftBrace, "{", end, end, false);
    return {
      problem: { kind: "missing-opener", start, end, title: line.text },
      repaired: [...list.slice(0, last + 1), virtual, ...list.slice(last + 1)],
    };
  }
  return {
    problem: {
      kind: "stray-bracket",
      start: token.startOffset,
      end: token.end,
      closer: token.image,
      ...(line === undefined ? {} : { suspect: { start: line.start, end: line.end, text: line.text } }),
    },
    repaired: [...list.slice(0, closer), ...list.slice(closer + 1)],
  };
}

/** Whether a line is `word name` or a word alone: a declaration without its block. */
function declares(list: readonly Token[], index: number): boolean {
  let length = 1;
  while (list[index + length] && !list[index + length]!.newline) length++;
  const words = list.slice(index, index + length);
  return length <= 2 && words.every(({ tokenType }) => tokens.wordTypes.has(tokenType));
}

/** The last line before a closer that stands at its margin and opens nothing: where the opener may be missing. */
function openedBy(text: string, list: readonly Token[], closer: number) {
  if (!list[closer]!.newline) return undefined;
  const margin = indentAt(text, list[closer]!.startOffset);
  for (let index = closer - 1; index >= 0; index--) {
    const token = list[index]!;
    if (!token.newline || indentAt(text, token.startOffset) > margin) continue;
    let last = index;
    while (last + 1 < closer && !list[last + 1]!.newline) last++;
    const end = list[last]!;
    return closerOf.has(end.tokenType) || closers.has(token.tokenType)
      ? undefined
      : { start: token.startOffset, end: end.end, text: text.slice(token.startOffset, end.end), index };
  }
  return undefined;
}

/** Closes what is open and drops what closes nothing, without a word. */
function closeAll(list: readonly Token[]): Token[] {
  const result: Token[] = [];
  const stack: TokenType[] = [];
  const end = list.at(-1)?.end ?? 0;
  const close = (type: TokenType, at: number) =>
    result.push(makeToken(type, type.LABEL!.slice(1, -1), at, at, false));
  for (const token of list) {
    const closer = closerOf.get(token.tokenType);
    if (closer !== undefined) stack.push(closer);
    if (!closers.has(token.tokenType)) {
      result.push(token);
      continue;
    }
    if (!stack.includes(token.tokenType)) continue;
    while (stack.at(-1) !== token.tokenType) close(stack.pop()!, token.startOffset);
    stack.pop();
    result.push(token);
  }
  for (const type of stack.reverse()) close(type, end);
  return result;
}

/** The width of the white space that begins the line of `offset`. */
function indentAt(text: string, offset: number): number {
  const start = Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1;
  let at = start;
  while (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09) at++;
  return at - start;
}
