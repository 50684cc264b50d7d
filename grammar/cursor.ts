import type { TokenType } from "chevrotain";
import type { Edit, Problem } from "./problem.ts";
import * as tokens from "./tokens.ts";
import { closerOf, type Token } from "./tokens.ts";

export const openers: ReadonlySet<TokenType> = new Set(closerOf.keys());
export const closers: ReadonlySet<TokenType> = new Set(closerOf.values());

/** A place in a list of tokens, with what has been read of it and the brackets around. */
export class Cursor {
  protected readonly text: string;
  protected readonly list: readonly Token[];
  protected readonly problems: Problem[];
  protected readonly out: Token[] = [];
  /** The brackets around, with whether they hold parameters (where `=` gives a default). */
  protected readonly open: { type: TokenType; parameters: boolean }[] = [];
  protected at = 0;

  constructor(text: string, list: readonly Token[], problems: Problem[]) {
    this.text = text;
    this.list = list;
    this.problems = problems;
  }

  protected track(token: Token): void {
    if (openers.has(token.tokenType)) {
      const before = this.list[this.at - 3]?.tokenType;
      const parameters = before === tokens.Fn || before === tokens.Template;
      this.open.push({ type: token.tokenType, parameters });
    } else if (closers.has(token.tokenType)) this.open.pop();
  }

  protected token(ahead: number): Token | undefined {
    return this.list[this.at + ahead];
  }

  protected is(ahead: number, ...types: readonly TokenType[]): boolean {
    const token = this.token(ahead);
    return token !== undefined && types.includes(token.tokenType);
  }

  protected isWord(ahead: number): boolean {
    const type = this.token(ahead)?.tokenType;
    return type !== undefined && (tokens.wordTypes.has(type) || type === tokens.Key);
  }

  protected sameLine(ahead: number): boolean {
    return this.token(ahead)?.newline === false;
  }

  protected startsMember(): boolean {
    const token = this.list[this.at]!;
    const around = this.open.at(-1)?.type;
    if (around !== undefined && around !== tokens.LeftBrace) return false;
    const before = this.out.at(-1)?.tokenType;
    return token.newline || before === undefined || before === tokens.LeftBrace || before === tokens.Comma;
  }

  protected say(
    start: number,
    end: number,
    what: string,
    instead: string,
    edits: readonly Edit[],
    text?: string,
  ) {
    this.problems.push({
      kind: "foreign",
      start,
      end,
      text: text ?? this.text.slice(start, end),
      what,
      instead,
      edits,
    });
  }

  protected take(token: Token): void {
    this.track(token);
    this.out.push(token);
  }

  protected joined(ahead: number): boolean {
    return this.token(ahead)?.startOffset === this.token(ahead - 1)?.end;
  }
}
