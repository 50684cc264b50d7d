import { lineMap } from "../source/line-map.ts";
import type { SourceFile } from "../source/source.ts";
import type { Diagnostic, Label } from "./diagnostic.ts";
import { ansiStyle, plainStyle, type Style } from "./style.ts";
import { type Cell, cellsOf, columnOf } from "./width.ts";

export interface RenderOptions {
  readonly color?: boolean;
  /** Columns of the terminal; longer lines of source are cut around what is marked. 120 where unknown. */
  readonly width?: number;
}

/**
 * Diagnostics as text for people: header, the lines with their marks, notes and ways out; a blank line between two.
 * The result ends with a line end unless it is empty.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  const style = options.color ? ansiStyle : plainStyle;
  const width = Math.max(options.width ?? 120, 40);
  return diagnostics.map((diagnostic) => `${renderOne(diagnostic, style, width).join("\n")}\n`).join("\n");
}

/** What is marked on one line. Offsets are into the line. */
interface Mark {
  readonly start: number;
  readonly end: number;
  readonly primary: boolean;
  readonly text?: string;
}

interface MarkedLine {
  readonly file: SourceFile;
  readonly line: number;
  readonly marks: Mark[];
  /** Whether lines between this one and the one before belong to the same mark. */
  readonly continues?: boolean;
}

function renderOne(diagnostic: Diagnostic, style: Style, width: number): string[] {
  const { severity, code, message, primary } = diagnostic;
  const lines = markedLines(diagnostic);
  const gutter = Math.max(...lines.map(({ line }) => String(line).length));
  const margin = " ".repeat(gutter);
  const out = [`${style.severity(severity, `${severity}[${code}]`)}${style.message(`: ${message}`)}`];
  const bar = `${margin}${style.gutter("│")}`;
  let file: SourceFile | undefined;
  for (const marked of lines) {
    if (marked.file !== file) {
      if (file !== undefined) out.push(bar);
      file = marked.file;
      const at =
        file === primary.span.file
          ? primary.span.start
          : offsetOf(marked, Math.min(...marked.marks.map((m) => m.start)));
      const { line, column } = lineMap(file).position(at);
      out.push(`${margin}${style.gutter("┌─")} ${file.path}:${line}:${column}`, bar);
    } else if (marked.continues === true) out.push(`${margin}${style.gutter("·")}`);
    else out.push(bar);
    out.push(...renderLine(marked, diagnostic, style, gutter, width));
  }
  const dressed = (word: string, text: string) => {
    const [first = "", ...more] = text.split("\n");
    const indent = " ".repeat(gutter + 4 + word.length);
    return [
      `${margin}${style.gutter("=")} ${style.note(`${word}:`)} ${first}`,
      ...more.map((line) => indent + line),
    ];
  };
  for (const note of diagnostic.notes) out.push(...dressed("note", note));
  for (const fix of diagnostic.fixes) out.push(...dressed("help", fix.title));
  return out;
}

/** The lines to show: the primary place first, then the others by file and place; marks of one line stand together. */
function markedLines(diagnostic: Diagnostic): MarkedLine[] {
  const lines: MarkedLine[] = [];
  const home = diagnostic.primary.span.file;
  const add = (label: Label, primary: boolean) => {
    const fresh: MarkedLine[] = [];
    for (const { line, mark, continues } of marksOf(label, primary)) {
      const known = lines.find((other) => other.file === label.span.file && other.line === line);
      if (known !== undefined) known.marks.push(mark);
      else fresh.push({ file: label.span.file, line, marks: [mark], ...(continues && { continues }) });
    }
    lines.push(...fresh);
  };
  const paths = (label: Label) => (label.span.file === home ? "" : `1${label.span.file.path}`);
  const secondary = diagnostic.secondary
    .map((label, index) => ({ label, index }))
    .sort(
      (a, b) =>
        compare(paths(a.label), paths(b.label)) ||
        a.label.span.start - b.label.span.start ||
        a.index - b.index,
    );
  add(diagnostic.primary, true);
  for (const { label } of secondary) add(label, false);
  return lines;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A label's marks: one, or for a span of several lines one on its first line and one, with the text, on its last. */
function marksOf(
  { span, text }: Label,
  primary: boolean,
): { line: number; mark: Mark; continues?: boolean }[] {
  const map = lineMap(span.file);
  const from = map.position(span.start);
  // A span that ends right after a line end is one that ends on the line before.
  const to = map.position(span.end > span.start ? span.end - 1 : span.end);
  const said = text === undefined ? {} : { text };
  if (from.line === to.line) {
    const end = from.column - 1 + Math.max(span.end - span.start, 0);
    return [{ line: from.line, mark: { start: from.column - 1, end, primary, ...said } }];
  }
  const last = map.line(to.line);
  const indent = last.length - last.trimStart().length;
  return [
    { line: from.line, mark: { start: from.column - 1, end: map.line(from.line).length, primary } },
    {
      line: to.line,
      mark: { start: Math.min(indent, to.column - 1), end: to.column, primary, ...said },
      continues: true,
    },
  ];
}

function offsetOf(marked: MarkedLine, inLine: number): number {
  return lineMap(marked.file).offset({ line: marked.line, column: inLine + 1 });
}

interface Placed extends Mark {
  readonly from: number;
  readonly to: number;
}

function renderLine(
  marked: MarkedLine,
  diagnostic: Diagnostic,
  style: Style,
  gutter: number,
  width: number,
): string[] {
  const line = lineMap(marked.file).line(marked.line);
  const all = cellsOf(line.length > 100_000 ? around(line, marked.marks) : line);
  const marks = marked.marks
    .map((mark): Placed => {
      const from = columnOf(all, mark.start);
      return { ...mark, from, to: Math.max(columnOf(all, mark.end), from + 1) };
    })
    .sort((a, b) => a.from - b.from || Number(b.primary) - Number(a.primary));
  const { cells, shift } = cut(all, marks, width - gutter - 2);
  const number = String(marked.line).padStart(gutter);
  const text = cells.map((cell) => cell.text).join("");
  const bar = `${" ".repeat(gutter)}${style.gutter("│")}`;
  const shown = text.trimEnd() === "" ? "" : ` ${text.trimEnd()}`;
  const rows = markRows(
    marks.map((mark) => ({ ...mark, from: mark.from - shift, to: mark.to - shift })),
    diagnostic,
    style,
  );
  return [`${style.gutter(`${number}│`)}${shown}`, ...rows.map((row) => `${bar} ${row}`)];
}

/** A line too long to be laid out: nothing before the first mark is kept but its place is. */
function around(line: string, marks: readonly Mark[]): string {
  const first = Math.min(...marks.map((mark) => mark.start));
  return line.slice(0, Math.min(first + 10_000, line.length));
}

/** Cuts a line that is wider than `width` so that its first mark can be seen. `shift`: how far columns move left. */
function cut(
  cells: readonly Cell[],
  marks: readonly Placed[],
  width: number,
): { cells: Cell[]; shift: number } {
  const last = cells.at(-1);
  const total = last === undefined ? 0 : last.column + last.width;
  if (total <= width) return { cells: [...cells], shift: 0 };
  const focus = marks.find((mark) => mark.primary) ?? marks[0]!;
  const needed = Math.min(focus.to - focus.from, Math.floor(width / 2));
  const from = Math.max(0, Math.min(focus.from - Math.floor((width - needed) / 2), total - width));
  const ellipsis = (column: number): Cell => ({ text: "…", column, width: 1, offset: 0 });
  const kept = cells.filter((cell) => {
    const low = from === 0 ? 0 : from + 1;
    const high = from + width >= total ? total : from + width - 1;
    return cell.column >= low && cell.column + cell.width <= high;
  });
  const result = [
    ...(from === 0 ? [] : [ellipsis(from), ...gap((kept[0]?.column ?? from + 1) - from - 1)]),
    ...kept,
    ...(from + width >= total ? [] : [ellipsis(from + width - 1)]),
  ];
  return { cells: result, shift: from };
}

/** Fills what half of a wide character left at the cut. */
function gap(width: number): Cell[] {
  return width > 0 ? [{ text: " ".repeat(width), column: 0, width, offset: 0 }] : [];
}

/** The rows under a line: all marks with the last one's text, then the other texts from right to left. */
function markRows(marks: readonly Placed[], diagnostic: Diagnostic, style: Style): string[] {
  const dress = (mark: Placed, text: string) =>
    mark.primary ? style.primary(diagnostic.severity, text) : style.secondary(text);
  const visible = marks.filter((mark) => mark.to > 0);
  const last = visible.at(-1);
  if (last === undefined) return [];
  const pieces: string[] = [];
  let column = 0;
  for (const mark of visible) {
    const from = Math.max(mark.from, column);
    const to = Math.max(mark.to, from);
    pieces.push(" ".repeat(from - column), dress(mark, (mark.primary ? "^" : "-").repeat(to - from)));
    column = to;
  }
  const rows = [`${pieces.join("")}${last.text === undefined ? "" : ` ${dress(last, last.text)}`}`];
  const rest = visible.slice(0, -1).filter((mark) => mark.text !== undefined);
  for (let index = rest.length - 1; index >= 0; index--) {
    const mark = rest[index]!;
    const left = rest.slice(0, index).filter((other) => other.from < mark.from);
    rows.push(
      `${connectors(left, dress)}${" ".repeat(mark.from - (left.at(-1)?.from ?? -1) - 1)}${dress(mark, mark.text!)}`,
    );
  }
  return rows;
}

function connectors(marks: readonly Placed[], dress: (mark: Placed, text: string) => string): string {
  let row = "";
  let column = 0;
  for (const mark of marks) {
    if (mark.from < column) continue;
    row += " ".repeat(mark.from - column) + dress(mark, "│");
    column = mark.from + 1;
  }
  return row;
}
