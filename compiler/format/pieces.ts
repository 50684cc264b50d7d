import { tokenize } from "../../grammar/lexer.ts";

/** A token with the comments around it: every comment of a text belongs to exactly one token, or to its end. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether it is the first on its line. */
  readonly newline: boolean;
  /** Whether empty lines stand before it, after the comments above it. */
  readonly blank: boolean;
  /** Whether white space or a comment stands before it. */
  readonly spaced: boolean;
  /** Comments on lines of their own above it. */
  lead: Comment[];
  /** Comments behind it on its line. */
  trail: string[];
}

export interface Comment {
  readonly text: string;
  /** Whether empty lines stand before it. */
  readonly blank: boolean;
}

/** The tokens of a text that has no mistakes; the last is an empty one at its end. Line ends are `\n`. */
export function piecesOf(text: string): Piece[] {
  const { tokens } = tokenize(text, 0, text.length, []);
  const pieces: Piece[] = [];
  let at = 0;
  for (const { startOffset: start, end, image } of tokens) {
    pieces.push(piece(text, pieces.at(-1), at, start, end, image));
    at = end;
  }
  pieces.push(piece(text, pieces.at(-1), at, text.length, text.length, ""));
  return pieces;
}

function piece(
  text: string,
  before: Piece | undefined,
  from: number,
  start: number,
  end: number,
  image: string,
): Piece {
  const lead: Comment[] = [];
  let lines = before === undefined ? 1 : 0;
  for (const part of text.slice(from, start).match(/\/\/[^\n]*|\n/g) ?? []) {
    if (part === "\n") {
      lines++;
      continue;
    }
    if (lines === 0) before!.trail.push(part.trimEnd());
    else lead.push({ text: part.trimEnd(), blank: lines > 1 });
    lines = 0;
  }
  const newline = lines > 0 || lead.length > 0;
  // The lexer joins `not in`; what stands between the two words goes behind them.
  const joined = /^not\s/.test(image)
    ? (image.match(/\/\/[^\n]*/g) ?? []).map((each) => each.trimEnd())
    : undefined;
  return {
    text: joined ? "not in" : image,
    start,
    end,
    newline,
    blank: lines > 1,
    spaced: start > from,
    lead,
    trail: joined ?? [],
  };
}
