/**
 * How wide text is on a terminal. Columns of a monospaced font: most characters take one, East Asian wide ones and
 * emoji two, marks that combine none.
 */

const zero = /^(?:[\p{Mn}\p{Me}]|[\u200b-\u200f]|[\u2060-\u2064])$/u;

/** Ranges of Unicode's East Asian Width W and F, coarsely: whole blocks. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (zero.test(character)) return 0;
  return wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** One character of a line as it is shown. */
export interface Cell {
  readonly text: string;
  /** Columns, from 0. */
  readonly column: number;
  readonly width: number;
  /** The offset of the character in the line, in UTF-16 code units. */
  readonly offset: number;
}

const tabStop = 4;

/** A line as cells: tabs become spaces up to the next stop, what a terminal might act upon becomes visible. */
export function cellsOf(line: string): Cell[] {
  const cells: Cell[] = [];
  let column = 0;
  let offset = 0;
  for (const character of line) {
    const shown =
      character === "\t"
        ? " ".repeat(tabStop - (column % tabStop))
        : /^[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]$/u.test(character)
          ? "\ufffd"
          : character;
    const width = character === "\t" ? shown.length : characterWidth(shown);
    cells.push({ text: shown, column, width, offset });
    column += width;
    offset += character.length;
  }
  return cells;
}

/** The column at which the character at `offset` of the line is shown; past the end, the width of the line. */
export function columnOf(cells: readonly Cell[], offset: number): number {
  const cell = cells.find((candidate) => candidate.offset >= offset);
  if (cell !== undefined) return cell.column;
  const last = cells.at(-1);
  return last === undefined ? 0 : last.column + last.width;
}
