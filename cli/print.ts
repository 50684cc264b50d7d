/** Text in columns, as kubectl prints it. */

/** Displayed columns of a text: wide characters of East Asian scripts and emoji take two. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x20 || (code >= 0x300 && code < 0x370)) continue;
    const wide =
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0x1f300 && code <= 0x1faff) ||
      code >= 0x20000;
    columns += wide ? 2 : 1;
  }
  return columns;
}

/** What a program wrote into the cluster must not steer the terminal: control characters are shown escaped. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (character) => JSON.stringify(character).slice(1, -1));
}

/** A table whose columns keep their widths from one print to the next, as a watch needs it. */
export class TablePrinter {
  #widths: number[] = [];

  /** Three spaces between columns, none after the last (kubectl's tab writer: at least six for a column). */
  print(rows: readonly (readonly string[])[]): string {
    const safe = rows.map((row) => row.map(printable));
    for (const row of safe)
      for (const [index, cell] of row.slice(0, -1).entries())
        this.#widths[index] = Math.max(this.#widths[index] ?? 6, width(cell) + 3);
    return safe
      .map((row) =>
        row
          .map((cell, index) => (index === row.length - 1 ? cell : this.#pad(cell, index)))
          .join("")
          .trimEnd(),
      )
      .map((line) => `${line}\n`)
      .join("");
  }

  #pad(cell: string, index: number): string {
    return cell + " ".repeat(Math.max(0, (this.#widths[index] ?? 0) - width(cell)));
  }
}

/**
 * Aligns cells that end in tabs, as Go's `text/tabwriter` does with a padding of two: a column is what stands between
 * tabs in lines that follow each other, and is as wide as its widest cell. What follows a line's last tab is no cell.
 */
export function alignTabs(text: string): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const widths: number[][] = lines.map(() => []);
  const fill = (from: number, to: number, column: number) => {
    for (let start = from; start < to; start++) {
      if (lines[start]!.length - 1 <= column) continue;
      let end = start;
      let widest = 0;
      for (; end < to && lines[end]!.length - 1 > column; end++)
        widest = Math.max(widest, width(lines[end]![column]!));
      for (let line = start; line < end; line++) widths[line]![column] = widest + 2;
      fill(start, end, column + 1);
      start = end - 1;
    }
  };
  fill(0, lines.length, 0);
  return lines
    .map((cells, line) =>
      cells
        .map((cell, column) =>
          column === cells.length - 1 ? cell : cell + " ".repeat(widths[line]![column]! - width(cell)),
        )
        .join(""),
    )
    .join("\n");
}
