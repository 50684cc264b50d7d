import type { SourceFile } from "./source.ts";

/** A place as editors count: lines and columns from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where the lines of a text begin. Made on demand only: phases work with offsets. */
export interface LineMap {
  /** The offset at which each line begins; the first is 0, or 1 after a byte order mark. A line ends at `\n`, `\r\n` or `\r`. */
  readonly starts: readonly number[];
  /** The position of an offset; one past the end of the text counts as the end. */
  position(offset: number): Position;
  /** The offset of a position; what lies outside the text becomes the nearest place in it. */
  offset(position: Position): number;
  /** A line's text without its line end; "" for a line that does not exist. Lines count from 1. */
  line(line: number): string;
}

const maps = new WeakMap<SourceFile, LineMap>();

/** The line map of a file, made at the first call. */
export function lineMap(file: SourceFile): LineMap {
  let map = maps.get(file);
  if (map === undefined) maps.set(file, (map = makeLineMap(file.text)));
  return map;
}

function makeLineMap(text: string): LineMap {
  // A byte order mark is no character of the first line.
  const starts = [text.startsWith("\ufeff") ? 1 : 0];
  for (const match of text.matchAll(/\r\n?|\n/g)) starts.push(match.index + match[0].length);
  const lineOf = (offset: number) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const line = (number: number) => {
    const start = starts[number - 1];
    if (start === undefined) return "";
    return text.slice(start, starts[number] ?? text.length).replace(/\r\n?$|\n$/, "");
  };
  return {
    starts,
    position(offset) {
      const at = Math.min(Math.max(offset, 0), text.length);
      const index = lineOf(at);
      return { line: index + 1, column: Math.max(at - starts[index]!, 0) + 1 };
    },
    offset(position) {
      const number = Math.min(Math.max(position.line, 1), starts.length);
      const column = Math.min(Math.max(position.column, 1), line(number).length + 1);
      return starts[number - 1]! + column - 1;
    },
    line,
  };
}
