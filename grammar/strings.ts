import { isLineEnd, isNamePart, lineEnd } from "./characters.ts";
import type { Problem } from "./problem.ts";
import type { StringPart } from "./tokens.ts";

/**
 * Strings are scanned by hand as one token: `"…{hole}…"`, `"""…"""` with its common indent taken off, and both raw
 * (`r"…"`). A hole may hold strings with holes of their own; here only its extent is found, its text is parsed later.
 */
export interface ScannedString {
  readonly end: number;
  readonly parts: readonly StringPart[];
  /** Whether its closing quotes were found. */
  readonly closed: boolean;
}

/** How deep strings may stand in holes of strings. */
export const holeLimit = 8;

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Scans the string whose first quote stands at `start`; `raw` when an `r` went before. */
export function scanString(text: string, start: number, raw: boolean, problems: Problem[]): ScannedString {
  if (isTriple(text, start)) return scanBlock(text, start, raw, problems);
  const plain = plainEnd(text, start + 1);
  if (plain !== undefined) return { end: plain + 1, parts: [text.slice(start + 1, plain)], closed: true };
  const segments = new Segments(text, start + 1);
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      return { end: at + 1, parts: raw ? [text.slice(start + 1, at)] : segments.finish(at), closed: true };
    }
    if (Number.isNaN(code) || isLineEnd(code)) {
      const close = laterClose(text, at);
      if (close !== undefined) {
        const edits = [start, close].map((offset) => ({ start: offset, end: offset + 1, text: '"""' }));
        problems.push({ kind: "several-lines", start, end: at, edits });
        return { end: close + 1, parts: [text.slice(start + 1, close)], closed: false };
      }
      problems.push({ kind: "unclosed-string", start, end: at, closer: '"' });
      return { end: at, parts: raw ? [text.slice(start + 1, at)] : segments.finish(at), closed: false };
    }
    at = raw ? at + 1 : segments.step(at, code, false, problems);
  }
}

/**
 * The quote that ends, lines below, a string which does not end on its line: the next one there is, when it is one too
 * many on its line and opens nothing itself. Where braces end a line in between, the string more likely lacks its own.
 */
function laterClose(text: string, from: number): number | undefined {
  const close = text.indexOf('"', from);
  if (close < 0 || close - from > 4000) return undefined;
  const between = text.slice(from, close);
  const before = between.slice(Math.max(between.lastIndexOf("\n"), between.lastIndexOf("\r")) + 1);
  const rest = text.slice(close, lineEnd(text, close));
  const even = (rest.match(/"/g) ?? []).length % 2 === 0;
  if (even || /[:[(,=]\s*$|^\s*$|(?:^|\s)(?:at|use|label|r)\s*$/.test(before)) return undefined;
  return /[{}]\s*[\n\r]/.test(between) ? undefined : close;
}

/** The offset of the closing quote of a string without escapes and holes, as most are; undefined for all others. */
export function plainEnd(text: string, start: number): number | undefined {
  for (let at = start; ; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash || code === openBrace || isLineEnd(code) || Number.isNaN(code)) return undefined;
  }
}

function scanBlock(text: string, start: number, raw: boolean, problems: Problem[]): ScannedString {
  const segments = new Segments(text, start + 3);
  let at = start + 3;
  for (;;) {
    const code = text.charCodeAt(at);
    const closed = code === quote && isTriple(text, at);
    if (closed || Number.isNaN(code)) {
      if (!closed) problems.push({ kind: "unclosed-string", start, end: start + 3, closer: '"""' });
      return { end: closed ? at + 3 : at, parts: segments.finishBlock(at, raw), closed };
    }
    at = raw ? at + 1 : segments.step(at, code, true, problems);
  }
}

function isTriple(text: string, at: number): boolean {
  return text.startsWith('"""', at);
}

/** `{{ .Values.tag }}` at `at`, as template engines for text have them; undefined where none stands. */
export function placeholderAt(text: string, at: number): string | undefined {
  if (text.charCodeAt(at + 1) !== openBrace) return undefined;
  const found = /^\{\{[^{}\n\r]*\}\}/.exec(text.slice(at, at + 400))?.[0];
  return found !== undefined && /^\{\{-?\s*[.$a-zA-Z]/.test(found) && !/^\{\{\s*"?[\w-]+"?\s*:/.test(found)
    ? found
    : undefined;
}

/**
 * How many holes of a string may lack their end. Each is looked for up to the end of the line or file, which would take
 * a time that grows with the square of a string of braces; only the first of a line is told anyway.
 */
const openHoleLimit = 16;

/** The raw pieces of a string between its holes, while it is scanned. */
class Segments {
  readonly #text: string;
  readonly #pieces: StringPart[] = [];
  #from: number;
  #openHoles = 0;
  #escapes = false;

  constructor(text: string, from: number) {
    this.#text = text;
    this.#from = from;
  }

  /** Takes what stands at `at`: a character, an escape or a hole. Returns the offset after it. */
  step(at: number, code: number, multiline: boolean, problems: Problem[]): number {
    if (code === backslash) {
      this.#escapes = true;
      return checkEscape(this.#text, at, problems);
    }
    if (code !== openBrace) return at + 1;
    const placeholder = placeholderAt(this.#text, at);
    if (placeholder !== undefined) {
      problems.push({ kind: "placeholder", start: at, end: at + placeholder.length, text: placeholder });
      return at + placeholder.length;
    }
    if (this.#openHoles >= openHoleLimit) return at + 1;
    const end = holeEnd(this.#text, at + 1, multiline, 0);
    if (typeof end === "string") {
      this.#openHoles++;
      const to = multiline ? at + 1 : lineEnd(this.#text, at);
      problems.push({ kind: "bad-hole", start: at, end: Math.min(to, at + 1), why: end });
      return at + 1;
    }
    if (at > this.#from && this.#text[at - 1] === "$" && this.#text[at - 2] !== "$") {
      const inner = this.#text.slice(at + 1, end);
      problems.push({ kind: "dollar", start: at - 1, end: end + 1, inner });
    }
    this.#pieces.push(this.#text.slice(this.#from, at), { start: at + 1, end });
    this.#from = end + 1;
    return end + 1;
  }

  finish(at: number): StringPart[] {
    this.#pieces.push(this.#text.slice(this.#from, at));
    return compact(this.#pieces.map((piece) => this.#cook(piece)));
  }

  finishBlock(at: number, raw: boolean): StringPart[] {
    this.#pieces.push(this.#text.slice(this.#from, at));
    const flat = dedent(this.#pieces);
    return compact(raw ? flat : flat.map((piece) => this.#cook(piece)));
  }

  #cook(piece: StringPart): StringPart {
    return this.#escapes && typeof piece === "string" ? unescapeText(piece) : piece;
  }
}

/** Drops empty texts; a string without any part stays one empty text. */
function compact(parts: StringPart[]): StringPart[] {
  return parts.length === 1 ? parts : parts.filter((part) => part !== "");
}

/**
 * The offset of the `}` that closes the hole whose text begins at `from`, or why there is none. Strings inside are
 * skipped whole, so that a brace in them closes nothing.
 */
function holeEnd(
  text: string,
  from: number,
  multiline: boolean,
  depth: number,
): number | "unclosed" | "too-deep" {
  if (depth >= holeLimit) return "too-deep";
  let braces = 0;
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === openBrace) braces++;
    else if (code === closeBrace && braces-- === 0) return at;
    else if (!multiline && isLineEnd(code)) return "unclosed";
    else if (code === quote) {
      const raw = text.charCodeAt(at - 1) === 0x72 && !isNamePart(text.charCodeAt(at - 2));
      const end = skipString(text, at, raw, multiline, depth);
      if (typeof end === "string") return end;
      at = end;
      continue;
    }
    at++;
  }
  return "unclosed";
}

/** The offset after the string at `start`, which stands in a hole. */
function skipString(
  text: string,
  start: number,
  raw: boolean,
  multiline: boolean,
  depth: number,
): number | "unclosed" | "too-deep" {
  // Within `"""` a quote inside a hole opens a string of one line, never a block: the block's own end must stay visible.
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (isLineEnd(code)) return "unclosed";
    if (raw) at++;
    else if (code === backslash) at += 2;
    else if (code === openBrace) {
      const end = holeEnd(text, at + 1, multiline, depth + 1);
      if (typeof end === "string") return end;
      at = end + 1;
    } else at++;
  }
  return "unclosed";
}

const simpleEscapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  '"': '"',
  "{": "{",
  "}": "}",
};
const escapePattern = /\\(?:u\{([0-9A-Fa-f]{1,6})\}|([\s\S]))/y;
const allEscapes = new RegExp(escapePattern.source, "g");

function isScalar(digits: string): boolean {
  const code = Number.parseInt(digits, 16);
  return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
}

function checkEscape(text: string, at: number, problems: Problem[]): number {
  escapePattern.lastIndex = at;
  const match = escapePattern.exec(text);
  if (match === null || isLineEnd(text.charCodeAt(at + 1))) {
    problems.push({ kind: "unknown-escape", start: at, end: at + 1, escape: "\\" });
    return at + 1;
  }
  const [whole, scalar, simple] = match;
  if (scalar === undefined ? !Object.hasOwn(simpleEscapes, simple!) : !isScalar(scalar)) {
    problems.push({ kind: "unknown-escape", start: at, end: at + whole.length, escape: whole });
  }
  return at + whole.length;
}

function unescapeText(text: string): string {
  return text.replace(allEscapes, (whole, scalar: string | undefined, simple: string) => {
    if (scalar === undefined) return simpleEscapes[simple] ?? whole;
    return isScalar(scalar) ? String.fromCodePoint(Number.parseInt(scalar, 16)) : whole;
  });
}

/**
 * Takes the common indent off the lines of a `"""` string. A line end right after the opening quotes does not count;
 * lines of white space alone become empty; the white space before the closing quotes counts as an indent, so that
 * the quotes can say where the margin is. Line ends become `\n`, whatever the file uses.
 */
function dedent(pieces: readonly StringPart[]): StringPart[] {
  const lines = /\r\n?|\n/g;
  const flat = pieces.map((piece) => (typeof piece === "string" ? piece.replace(lines, "\n") : piece));
  let margin: string | undefined;
  for (const piece of flat) {
    if (typeof piece !== "string") continue;
    for (const match of piece.matchAll(/\n([ \t]*)(?=([^\n]?))/g)) {
      const beforeHoleOrQuotes = match.index + match[0].length === piece.length;
      if (match[2] !== "" || beforeHoleOrQuotes) margin = commonStart(margin, match[1]!);
    }
  }
  const indent = margin ?? "";
  const cut = flat.map((piece, index) => {
    if (typeof piece !== "string") return piece;
    const last = index === flat.length - 1;
    return piece.replace(/\n([ \t]*)(?=(\n?))/g, (whole, space: string, next: string, offset: number) => {
      const blank = next === "\n" || (last && offset + whole.length === piece.length);
      return blank ? "\n" : `\n${space.slice(indent.length)}`;
    });
  });
  const first = cut[0];
  if (typeof first === "string") cut[0] = first.replace(/^[ \t]*\n/, "");
  return cut;
}

function commonStart(left: string | undefined, right: string): string {
  if (left === undefined) return right;
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return left.slice(0, length);
}
