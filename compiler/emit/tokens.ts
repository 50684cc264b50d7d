import { tokenize } from "../../grammar/lexer.ts";
import type { Token } from "../../grammar/tokens.ts";
import { lineMap } from "../source/line-map.ts";
import type { SourceFile } from "../source/source.ts";

/** What stands between tokens and is kept by no phase: comments, each with its line end left out. */
export interface Comment {
  readonly start: number;
  readonly end: number;
}

/** The tokens of a file in their order; a string with holes is one. */
export function tokensOf(file: SourceFile): readonly Token[] {
  return tokenize(file.text, 0, file.text.length, []).tokens;
}

/** The comments between two offsets, where no token stands. */
export function commentsBetween({ text }: SourceFile, start: number, end: number): readonly Comment[] {
  return [...text.slice(start, end).matchAll(/\/\/[^\r\n]*/g)].map((match) => ({
    start: start + match.index,
    end: start + match.index + match[0].length,
  }));
}

/** `--emit tokens`: one token a line, with its place, its type and its text; comments too. */
export function emitTokens(file: SourceFile): string {
  const lines: string[] = [];
  const say = (offset: number, type: string, text: string) => {
    const { line, column } = lineMap(file).position(offset);
    lines.push(`${`${line}:${column}`.padEnd(8)} ${type.padEnd(18)} ${JSON.stringify(text)}`);
  };
  let at = 0;
  for (const token of tokensOf(file)) {
    for (const { start, end } of commentsBetween(file, at, token.startOffset))
      say(start, "Comment", file.text.slice(start, end));
    say(token.startOffset, token.tokenType.name, file.text.slice(token.startOffset, token.end));
    at = token.end;
  }
  for (const { start, end } of commentsBetween(file, at, file.text.length))
    say(start, "Comment", file.text.slice(start, end));
  return lines.map((line) => `${line}\n`).join("");
}
