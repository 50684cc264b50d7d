/** When a text may stand in YAML without quotes, and how it is quoted where it may not. */

/** What a YAML 1.1 or 1.2 reader would take for something else than text: booleans, nulls, numbers, times, merges. */
const ambiguous = new RegExp(
  [
    "^(?:y|yes|n|no|true|false|on|off|null|~|<<|=)?$",
    // Numbers in any base, with underscores, exponents and sexagesimal groups; infinities and not-a-number.
    "^[-+]?0x[\\da-f_]*$",
    "^[-+]?0[bo][\\d_]*$",
    "^[-+]?[\\d_.]*(?:e[-+]?\\d*)?$",
    "^[-+]?[\\d_]+(?::[0-5]?\\d)+(?:\\.[\\d_]*)?$",
    "^[-+]?\\.(?:inf|nan)$",
    // Timestamps and dates.
    "^\\d{4}-\\d{1,2}-\\d{1,2}(?:$|[Tt ].*)",
  ].join("|"),
  "i",
);

/** What means something at the start of a plain scalar; a `-` before a letter does not. */
const leading = /^(?!--?[A-Za-z])[-?:,[\]{}#&*!|>'"%@`]/;
/** Inside: what would end a plain scalar or begin a comment; and all that is not plainly printable. */
const inner = /: |:$| #|[\n\r\t\u0085\u2028\u2029\ufeff]/;
const printable = /^[\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

/** Whether the text reads back as itself without quotes. */
export function isPlain(text: string): boolean {
  if (text.trim() !== text || text.startsWith("---") || text.startsWith("...")) return false;
  return !ambiguous.test(text) && !leading.test(text) && !inner.test(text) && printable.test(text);
}

/** The text as a plain or double-quoted scalar on one line. */
export function scalar(text: string): string {
  return isPlain(text) ? text : quoted(text);
}

/** JSON's escapes are YAML's; what JSON leaves as it is and YAML would fold or refuse is escaped too. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]/g,
    (character, offset: number, whole: string) =>
      isPaired(whole, offset) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Whether the code unit is half of a surrogate pair, and so one readable character with the other. */
function isPaired(text: string, offset: number): boolean {
  const unit = text.charCodeAt(offset);
  const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;
  const isLow = (code: number) => code >= 0xdc00 && code <= 0xdfff;
  return isHigh(unit)
    ? isLow(text.charCodeAt(offset + 1))
    : isLow(unit) && isHigh(text.charCodeAt(offset - 1));
}

/**
 * The text as lines of a literal block (`|`), with the header; undefined where it must be quoted instead: one line
 * only, lines that end in blanks, or characters that a block cannot hold.
 */
export function literalBlock(text: string): { header: string; lines: string[] } | undefined {
  if (!text.includes("\n") || /[ \t]\n|[ \t]$/.test(text)) return undefined;
  const lines = text.split("\n");
  if (!lines.every((line) => printable.test(line.replaceAll("\t", " ")))) return undefined;
  // The first line that is not empty tells the indent: one that begins with a blank would mislead, as would none.
  const first = lines.find((line) => line !== "");
  if (first === undefined || /^[ \t]/.test(first)) return undefined;
  const trailing = /\n*$/.exec(text)![0].length;
  const body = trailing > 0 ? lines.slice(0, -1) : lines;
  return { header: trailing === 0 ? "|-" : trailing === 1 ? "|" : "|+", lines: body };
}
