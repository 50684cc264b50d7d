import type { TokenType } from "chevrotain";
import { beginsMember, gapAt } from "./alike.ts";
import { isDigit, isNameStart, lineEnd, nameEnd } from "./characters.ts";
import { scanFigure } from "./figures.ts";
import type { Problem } from "./problem.ts";
import { scanSign } from "./signs.ts";
import { scanString } from "./strings.ts";
import * as tokens from "./tokens.ts";
import { makeToken, type Token } from "./tokens.ts";

/**
 * The lexer, written by hand: Chevrotain's own takes more than half the time of a parse, and a string with nested
 * holes is no regular expression.
 */
export interface Lexed {
  readonly tokens: Token[];
  /** The text of the `///` lines right before a token, by the token's offset. */
  readonly help: ReadonlyMap<number, string>;
}

/**
 * Splits `text` between `start` and `end` into tokens. What is no token is reported and left out. Brackets are not
 * balanced here (see brackets.ts).
 */
export function tokenize(text: string, start: number, end: number, problems: Problem[]): Lexed {
  return new Scan(text, start, end, problems).run();
}

/**
 * The tokens from `start` up to the end of the first block of the text that ends there and after which a line begins
 * with a member, or up to the end of the text.
 */
export function tokenizeBlock(text: string, start: number, problems: Problem[]): Lexed {
  return new Scan(text, start, text.length, problems).runBlock();
}

/** Signs that begin no other sign, of ours or of another language. */
const singles: ReadonlyMap<number, TokenType> = new Map(
  [
    tokens.RightBrace,
    tokens.LeftBracket,
    tokens.RightBracket,
    tokens.LeftParenthesis,
    tokens.RightParenthesis,
    tokens.Comma,
    tokens.Colon,
  ].map((type) => [type.LABEL!.charCodeAt(1), type]),
);

class Scan {
  readonly #text: string;
  readonly #end: number;
  readonly #problems: Problem[];
  readonly #tokens: Token[] = [];
  readonly #help = new Map<number, string>();
  #at: number;
  #newline = true;
  /** Whether a comment stands on the line so far. */
  #commented = false;
  #pendingHelp: string[] = [];

  constructor(text: string, start: number, end: number, problems: Problem[]) {
    this.#text = text;
    this.#at = start;
    this.#end = end;
    this.#problems = problems;
  }

  run(): Lexed {
    while (this.#at < this.#end) this.#step();
    return { tokens: this.#tokens, help: this.#help };
  }

  runBlock(): Lexed {
    const text = this.#text;
    for (let depth = 0; this.#at < this.#end; ) {
      const code = text.charCodeAt(this.#at);
      this.#step();
      if (code === 0x7b) depth++;
      else if (code === 0x7d && --depth === 0) {
        const { end, newline } = gapAt(text, this.#at);
        if (newline && beginsMember(text, end)) break;
      }
    }
    return { tokens: this.#tokens, help: this.#help };
  }

  /** Takes what stands at the place, and goes on behind it. */
  #step(): void {
    const text = this.#text;
    const code = text.charCodeAt(this.#at);
    if (code === 0x20 || code === 0x09) this.#at++;
    else if (code === 0x0a || code === 0x0d) this.#lineEnd(code);
    else if (isNameStart(code)) this.#word();
    else if (isDigit(code)) this.#figure();
    else if (code === 0x22) this.#string(this.#at, false);
    else if (code === 0x2f && text.charCodeAt(this.#at + 1) === 0x2f) this.#comment();
    else this.#sign();
  }

  /** An empty line parts the `///` lines above it from what stands below: they are about the file. */
  #lineEnd(code: number): void {
    if (this.#newline && !this.#commented) this.#pendingHelp = [];
    this.#newline = true;
    this.#commented = false;
    this.#at += code === 0x0d && this.#text.charCodeAt(this.#at + 1) === 0x0a ? 2 : 1;
  }

  #push(type: TokenType, image: string, end: number, literal?: tokens.Literal): void {
    if (this.#pendingHelp.length > 0) {
      this.#help.set(this.#at, this.#pendingHelp.join("\n"));
      this.#pendingHelp = [];
    }
    this.#tokens.push(makeToken(type, image, this.#at, end, this.#newline, literal));
    this.#newline = false;
    this.#at = end;
  }

  /** Puts a token of another type in place of the last one. */
  #replaceLast(type: TokenType, end: number): void {
    const last = this.#tokens.at(-1)! as { -readonly [Key in keyof Token]: Token[Key] };
    if (last.end === end) {
      last.tokenType = type;
      last.tokenTypeIdx = type.tokenTypeIdx!;
      last.literal = undefined!;
      return;
    }
    this.#tokens.pop();
    const image = this.#text.slice(last.startOffset, end);
    this.#tokens.push(makeToken(type, image, last.startOffset, end, last.newline));
  }

  #word(): void {
    const end = Math.min(nameEnd(this.#text, this.#at), this.#end);
    const image = this.#text.slice(this.#at, end);
    if (image === "r" && this.#text.charCodeAt(end) === 0x22) {
      this.#string(end, true);
      return;
    }
    const type = tokens.words.get(image) ?? tokens.PlainWord;
    const last = this.#tokens.at(-1)?.tokenType;
    if (last === tokens.Dot && tokens.reservedWords.has(image)) this.#push(tokens.PlainWord, image, end);
    else if (type === tokens.In && last === tokens.Not) {
      this.#at = end;
      this.#replaceLast(tokens.NotIn, end);
    } else if (type === tokens.True || type === tokens.False) {
      this.#push(type, image, end, { kind: "boolean", value: type === tokens.True });
    } else if (type === tokens.None) this.#push(type, image, end, { kind: "none" });
    else this.#push(type, image, end);
  }

  #figure(): void {
    const { type, end, literal } = scanFigure(this.#text, this.#at, this.#problems);
    this.#push(type, this.#text.slice(this.#at, end), end, literal);
  }

  #string(quote: number, raw: boolean): void {
    const { end, parts } = scanString(this.#text, quote, raw, this.#problems);
    this.#push(tokens.StringToken, this.#text.slice(this.#at, end), end, { kind: "string", parts });
  }

  #comment(): void {
    const text = this.#text;
    const end = Math.min(lineEnd(text, this.#at), this.#end);
    this.#commented = true;
    const documents = text.charCodeAt(this.#at + 2) === 0x2f && text.charCodeAt(this.#at + 3) !== 0x2f;
    if (documents && this.#newline) {
      const from = text.charCodeAt(this.#at + 3) === 0x20 ? 4 : 3;
      this.#pendingHelp.push(text.slice(this.#at + from, end).trimEnd());
    }
    this.#at = end;
  }

  #sign(): void {
    const single = singles.get(this.#text.charCodeAt(this.#at));
    if (single === tokens.Colon) {
      this.#colon(this.#at + 1);
      return;
    }
    if (single !== undefined) {
      this.#push(single, single.LABEL!.charAt(1), this.#at + 1);
      return;
    }
    const sign = scanSign(this.#text, this.#at, this.#end, this.#problems);
    if (sign.type === undefined) this.#at = sign.end;
    else if (sign.type === tokens.Colon) this.#colon(sign.end);
    else if (sign.type === tokens.StringToken) {
      const parts = [this.#text.slice(this.#at + 1, Math.max(sign.end - 1, this.#at + 1))];
      this.#push(sign.type, sign.image, sign.end, { kind: "string", parts });
    } else if (sign.type === tokens.Invalid) this.#push(sign.type, sign.image, sign.end, { kind: "invalid" });
    else this.#push(sign.type, sign.image, sign.end);
  }

  /** Any word before `:` is a key, reserved ones too; before `?:` (a field of a record type) it is at least a name. */
  #colon(end: number): void {
    const last = this.#tokens.at(-1);
    if (last !== undefined && tokens.wordTypes.has(last.tokenType)) {
      this.#replaceLast(tokens.Key, last.end);
    } else if (last?.tokenType === tokens.Question) {
      const before = this.#tokens.at(-2);
      if (before !== undefined && tokens.reservedWords.has(before.image)) {
        this.#tokens.pop();
        this.#replaceLast(tokens.PlainWord, before.end);
        this.#tokens.push(last);
      }
    }
    this.#push(tokens.Colon, ":", end);
  }
}
