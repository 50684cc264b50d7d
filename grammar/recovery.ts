import type { TokenType } from "chevrotain";
import type { Builder } from "./builder.ts";
import { notQuick, type Recovery, RuleEngine } from "./engine.ts";
import type { Place, Problem } from "./problem.ts";
import * as tokens from "./tokens.ts";
import { closerOf, makeToken, type Token } from "./tokens.ts";

/** A node as the parser sees it: only that it lies somewhere. */
export interface Node {
  readonly start: number;
  readonly end: number;
}

/** Thrown where the text does not fit the grammar; one object, since nobody asks where in the parser it happened. */
class Mismatch extends Error {}
const mismatch = new Mismatch("the text does not fit the grammar");

/** Thrown to give up the whole text: nested too deeply, or too many mistakes. The problem has been reported. */
export class GaveUp extends Error {}

/** Rules of the parser within rules. Each takes several frames of the stack; Node's default holds over twice this. */
const depthLimit = 320;
/** How many operators, calls and member accesses one value may be built of, along one path of its tree. */
const chainLimit = 1000;
/** How many mistakes one file may have before the rest of it is not read. */
export const problemLimit = 100;

/** Where reading goes on after a mistake. */
const resumable: ReadonlySet<TokenType> = new Set([
  tokens.EndOfFile,
  tokens.Comma,
  tokens.LeftBrace,
  ...closerOf.values(),
  tokens.Then,
  tokens.Else,
  tokens.For,
  tokens.Arrow,
  tokens.FatArrow,
  tokens.Equals,
]);
const closers: ReadonlySet<TokenType> = new Set(closerOf.values());
/** After these a value has to follow. */
const opening: ReadonlySet<TokenType> = new Set([tokens.Colon, tokens.Equals, tokens.Arrow, tokens.FatArrow]);

/** What is put in where it is missing, so that what stands around it is still understood. */
const insertable: ReadonlySet<TokenType> = new Set([
  tokens.Word,
  tokens.Name,
  tokens.Colon,
  tokens.Equals,
  tokens.Then,
  tokens.Else,
  tokens.In,
  tokens.At,
  tokens.On,
  tokens.FatArrow,
  tokens.StringToken,
]);

/**
 * How the parser goes on after a mistake: one token is put in or left out, or what cannot be read is skipped up to a
 * place where a value or member ends. Chevrotain's own recovery searches follow sets, where any word could begin the
 * next member; here the line and the brackets (known to match) decide, so one mistake costs at most its own member.
 */
export abstract class RecoveringParser extends RuleEngine implements Recovery {
  builder: Builder<Node, Node, Node> = nothing;
  problems: Problem[] = [];
  /** The token of the last mistake: others on its line are likely its consequence and stay unsaid. */
  #lastMistake = -1;
  #chain = 0;
  #origin = 0;

  /** Prepares for a new text that begins at the offset `origin`. `problems` collects what is found. */
  begin(list: Token[], builder: Builder<Node, Node, Node>, problems: Problem[], origin = 0): void {
    this.#origin = origin;
    this.load(list);
    this.builder = builder;
    this.problems = problems;
    this.#lastMistake = -1;
    this.#chain = 0;
  }

  // ── What Chevrotain asks when the text does not fit ─────────────────────────────────────────────────────────

  onMismatch(expected: TokenType): never {
    const label = expected.LABEL ?? expected.name;
    const next = this.token(1);
    if (next.newline && this.index() >= 0 && !closers.has(expected))
      this.#failAtLineEnd(label, this.#began(expected));
    else this.fail(label, this.#began(expected));
    throw mismatch;
  }

  onMissing(expected: TokenType, error: unknown): Token {
    if (error !== mismatch) throw error;
    const found = this.token(1);
    if (closers.has(expected)) return this.#skipTo(expected);
    const bracket = closers.has(found.tokenType) || closerOf.has(found.tokenType);
    if (
      !found.newline &&
      !bracket &&
      found.tokenType !== tokens.EndOfFile &&
      this.#matches(this.token(2), expected)
    ) {
      this.advance();
      this.advance();
      return this.token(0);
    }
    const blockInstead = expected === tokens.Colon && found.tokenType === tokens.LeftBrace;
    const branch = expected === tokens.Then || expected === tokens.Else;
    const lineEnds = branch && found.newline && this.#matches(found, tokens.Name);
    if (!insertable.has(expected) || blockInstead || lineEnds) throw mismatch;
    const at = this.end();
    return makeToken(expected, "", at, at, false);
  }

  onNoChoice(expected: string | undefined): never {
    this.failValue(expected ?? "something else");
    throw mismatch;
  }

  onFailedRule(error: unknown, resumes: boolean, substitute: () => unknown): unknown {
    if (error !== mismatch || !resumes) throw error;
    while (!this.#resumesAt(this.token(1))) this.#skip();
    return substitute();
  }

  // ── For the rules ────────────────────────────────────────────────────────────────────────────────────────

  /** The offset after what has been read. */
  protected end(): number {
    return this.token(0).end ?? this.#origin;
  }

  /**
   * Whether a value or type should stand here while the next line begins another member. Only a text that is wrong
   * either way is judged by its lines: no value is a word that another word or a string follows.
   */
  protected checkLine(expected: string): void {
    const next = this.token(1);
    if (!next.newline || this.RECORDING_PHASE || !this.#matches(next, tokens.Name)) return;
    const second = this.token(2);
    const word =
      second.tokenType === tokens.StringToken ||
      (this.#matches(second, tokens.Word) && !tokens.innerWords.has(second.image));
    const field =
      this.token(0).tokenType === tokens.Colon &&
      (this.token(-1).newline || this.token(-2).tokenType === tokens.Comma);
    if (second.newline || !(word || (field && second.tokenType === tokens.LeftBrace))) return;
    this.failValue(expected);
    throw mismatch;
  }

  /** Reports that a value or type is missing: at what it belongs to when its line ends there, else at what is found. */
  protected failValue(expected: string): void {
    const previous = this.token(0);
    const next = this.token(1);
    const ends = next.newline || next.tokenType === tokens.EndOfFile || resumable.has(next.tokenType);
    if (!opening.has(previous.tokenType) || !ends) {
      const lineEnds = next.newline && this.index() >= 0 && !closers.has(next.tokenType);
      if (lineEnds) this.#failAtLineEnd(expected, undefined);
      else this.fail(expected, this.#began(next.tokenType));
      return;
    }
    const key = previous.tokenType === tokens.Colon ? this.token(-1) : undefined;
    const after = key === undefined ? previous.image : `${key.image}:`;
    this.report({ kind: "missing-value", start: (key ?? previous).startOffset, end: previous.end, after });
  }

  /** Whether something stands here that begins no member, before the end of the block. It is reported and skipped. */
  protected skipStranger(expected: string): boolean {
    const next = this.token(1);
    if (this.RECORDING_PHASE || next.tokenType === tokens.EndOfFile || closers.has(next.tokenType))
      return false;
    const meantColon = next.tokenType === tokens.Equals && this.#matches(this.token(0), tokens.Word);
    this.fail(expected, undefined, meantColon ? (this.#inCheck() ? "==" : ":") : undefined);
    do this.#skip();
    while (!this.#resumesAt(this.token(1)) || this.token(1).tokenType === tokens.LeftBrace);
    return true;
  }

  /** Whether this line began with `assert` or `require`: after these `=` compares. */
  #inCheck(): boolean {
    let at = this.index();
    while (at > 0 && !this.loaded[at]!.newline) at--;
    const type = this.loaded[at]?.tokenType;
    return type === tokens.Assert || type === tokens.Require;
  }

  /** As `skipStranger`, among the steps of a scenario. */
  protected skipStrangeStep(): boolean {
    const next = this.token(1);
    if (this.RECORDING_PHASE || next.tokenType === tokens.EndOfFile || closers.has(next.tokenType))
      return false;
    const { startOffset: start, end, image } = next;
    if (this.#matches(next, tokens.Word)) this.report({ kind: "unknown-step", start, end, word: image });
    else this.fail("a step of the scenario");
    do this.#skip();
    while (!this.#resumesAt(this.token(1)) || this.token(1).tokenType === tokens.LeftBrace);
    return true;
  }

  /** Reads the word before the colon of `after a < b: c` as a name, though a word before a colon is a key elsewhere. */
  protected beginTrigger(): void {
    if (this.RECORDING_PHASE) return;
    let depth = 0;
    for (let at = this.index() + 1; at < this.loaded.length; at++) {
      const token = this.loaded[at]!;
      if (closerOf.has(token.tokenType)) depth++;
      else if (closers.has(token.tokenType) && --depth < 0) return;
      if (depth === 0 && token.tokenType === tokens.Colon) return; // behind a bracket: keys of later lines are theirs
      if (token.tokenType !== tokens.Key || depth > 0) continue;
      if (this.loaded[at - 1]!.tokenType === tokens.Dot) return; // a member's name may be any word
      const { image, startOffset, end, newline } = token;
      const type = tokens.words.get(image) ?? tokens.PlainWord;
      Object.assign(token, makeToken(type, image, startOffset, end, newline, tokens.wordLiterals.get(image)));
      return;
    }
  }

  /** Reports that the next token is not what should stand there, unless its line has a mistake already. */
  protected fail(expected: string, began?: Place, instead?: string): void {
    const { startOffset, end, image, tokenType } = this.#nextOrEnd();
    this.report({
      kind: "unexpected",
      start: startOffset,
      end,
      found: tokenType === tokens.EndOfFile ? "" : image,
      expected,
      ...(began === undefined ? {} : { began }),
      ...(instead === undefined ? {} : { instead }),
    });
  }

  /** As `fail`, but what is missing is missing at the end of the line before. */
  #failAtLineEnd(expected: string, began: Place | undefined): void {
    const at = this.end();
    this.report({
      kind: "unexpected",
      start: at,
      end: at,
      found: "\n",
      expected,
      ...(began === undefined ? {} : { began }),
    });
  }

  /** Reports a mistake at the next token, unless its line has one already. */
  protected report(problem: Problem): void {
    if (this.RECORDING_PHASE) return;
    if (this.quick) throw notQuick;
    // What is missing at the end of a line is a mistake of that line, though the next token is the one after it.
    const index = this.index() + (problem.start < this.token(1).startOffset ? 0 : 1);
    let known = this.#lastMistake >= 0;
    for (let at = this.#lastMistake + 1; known && at <= index; at++) {
      const token = this.loaded[at];
      if (token === undefined || token.newline) known = false;
    }
    const atEnd = index >= this.loaded.length;
    if (known || (atEnd && this.#lastMistake >= index)) return;
    this.#lastMistake = index;
    this.problems.push(problem);
    if (this.problems.length < problemLimit) return;
    this.problems.push({ kind: "too-many", start: problem.start, end: problem.end, limit: problemLimit });
    throw new GaveUp();
  }

  /** To be called where rules nest: gives up before the stack does. */
  protected checkDepth(): void {
    if (this.depth() > depthLimit) this.#giveUp();
  }

  /** Begins a value; what it returns is given back to `endChain`. */
  protected beginChain(): number {
    const outer = this.#chain;
    this.#chain = 0;
    return outer;
  }

  protected lengthenChain(links: number): void {
    this.#chain += links;
    if (this.#chain > chainLimit && !this.RECORDING_PHASE) this.#giveUp();
  }

  protected endChain(outer: number): void {
    if (outer > this.#chain) this.#chain = outer;
  }

  #giveUp(): never {
    if (this.quick) throw notQuick;
    const { startOffset, end } = this.#nextOrEnd();
    this.problems.push({ kind: "too-deep", start: startOffset, end });
    throw new GaveUp();
  }

  #nextOrEnd(): Token {
    const next = this.token(1);
    if (next.tokenType !== tokens.EndOfFile) return next;
    const at = this.end();
    return makeToken(tokens.EndOfFile, "", at, at, false);
  }

  #matches(token: Token, type: TokenType): boolean {
    return token.tokenType === type || type.categoryMatchesMap?.[token.tokenTypeIdx] === true;
  }

  #skip(): void {
    const opener = closerOf.has(this.token(1).tokenType);
    this.advance();
    if (!opener) return;
    for (let depth = 1; depth > 0 && this.token(1).tokenType !== tokens.EndOfFile; this.advance()) {
      const { tokenType } = this.token(1);
      if (closerOf.has(tokenType)) depth++;
      else if (closers.has(tokenType)) depth--;
    }
  }

  #resumesAt(token: Token): boolean {
    return resumable.has(token.tokenType) || (token.newline && beginsMember(token.tokenType));
  }

  /** Skips to the closer of the brackets that are open here and takes it. */
  #skipTo(closer: TokenType): Token {
    while (!closers.has(this.token(1).tokenType)) {
      if (this.token(1).tokenType === tokens.EndOfFile) throw mismatch;
      this.#skip();
    }
    const found = this.token(1);
    if (found.tokenType !== closer) throw mismatch;
    this.advance();
    return found;
  }

  /** The bracket or `if` that the expected token belongs to, when it began on an earlier line. */
  #began(expected: TokenType): Place | undefined {
    const conditional = expected === tokens.Then || expected === tokens.Else;
    if (!conditional && !closers.has(expected)) return undefined;
    let depth = 0;
    let newline = false;
    for (let index = this.index(); index >= 0; index--) {
      const token = this.loaded[index]!;
      if (closers.has(token.tokenType)) depth++;
      const opens = closerOf.get(token.tokenType);
      const found = conditional
        ? token.tokenType === tokens.If && depth === 0
        : opens !== undefined && depth === 0;
      if (found) {
        return newline || conditional
          ? { start: token.startOffset, end: token.end, text: token.image }
          : undefined;
      }
      if (opens !== undefined && --depth < 0) return undefined;
      newline ||= token.newline;
    }
    return undefined;
  }
}

function beginsMember(type: TokenType): boolean {
  return (
    type === tokens.If ||
    type === tokens.For ||
    type === tokens.Spread ||
    type === tokens.StringToken ||
    tokens.Word.categoryMatchesMap?.[type.tokenTypeIdx!] === true
  );
}

/** The builder while Chevrotain records the grammar: every call gives nothing. */
const nothing = new Proxy({} as Builder<Node, Node, Node>, { get: () => () => undefined });
