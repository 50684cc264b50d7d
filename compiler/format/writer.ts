import {
  blank,
  comment,
  concat,
  type Doc,
  either,
  force,
  group,
  indent,
  line,
  lines,
  newline,
  softline,
  trailing,
  withoutHelp,
} from "./layout.ts";
import type { Piece } from "./pieces.ts";

/** How one part of a sentence is written, once its first token has been reached. */
export type Write = () => Doc;

/** What a run of tokens holds that is more than words. */
export interface Sentence {
  /** By the offset at which they begin: values, types and members. */
  readonly parts?: ReadonlyMap<number, Write>;
  /** What stands in brackets that begin no part, in the order of the text. */
  readonly braces?: readonly Write[];
  readonly brackets?: readonly Write[];
  readonly parentheses?: readonly Write[];
  /** Words before which a long line may break. */
  readonly breaks?: readonly string[];
}

export interface Enclosed<Item> {
  readonly items: readonly Item[];
  readonly write: (item: Item) => Doc;
  /** Members stand on lines or between commas; items always have commas. */
  readonly style: "members" | "items";
  /** Whether a comma that was written behind this member has to stay where it ends its line. */
  readonly keepComma?: (item: Item) => boolean;
  /** Whether the one item of a list holds brackets that may break in place of the list's own. */
  readonly hugs?: boolean;
  /** What stands behind the last item: the `for` of a list. */
  readonly tail?: Write;
  /** Without spaces inside the braces. */
  readonly tight?: boolean;
}

interface Closing {
  /** The opening bracket. */
  readonly text: string;
  readonly end: number;
  /** Where that ends which the brackets hold. */
  readonly inner: number;
}

const openers = "([{";
const closers = ")]}";

/** Writes tokens in their order, each with its comments; none is ever left out but commas that line ends stand for. */
export class Writer {
  readonly #pieces: readonly Piece[];
  /** The end of the bracket that closes each opening one, by where this begins. */
  readonly #closes = new Map<number, Closing>();
  #at = 0;
  #last = "";
  /** A comment stands behind the last token, so that a line has to end before the next. */
  #behindComment = false;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
    const open: Piece[] = [];
    for (const [index, piece] of pieces.entries()) {
      if (piece.text === "") continue;
      if (openers.includes(piece.text)) open.push(piece);
      else if (closers.includes(piece.text)) {
        const { start = -1, text = "" } = open.pop() ?? {};
        this.#closes.set(start, { text, end: piece.end, inner: pieces[index - 1]?.end ?? 0 });
      }
    }
  }

  get next(): Piece {
    return this.#pieces[this.#at]!;
  }

  /** Where the bracket that opens at `start` ends. */
  closing(start: number): Closing | undefined {
    return this.#closes.get(start);
  }

  /** Whether parentheses stand around a value. */
  isWrapped({ start, end }: { readonly start: number; readonly end: number }): boolean {
    const close = this.#closes.get(start);
    return close?.text === "(" && close.end === end;
  }

  /** The tokens up to `end` without any space. */
  tight(end: number): Doc {
    const docs: Doc[] = [];
    while (this.next.start < end) {
      // Two `?` without a space would be another sign.
      const space = this.#last === "?" && this.next.text === "?" ? " " : "";
      docs.push(space, this.take());
    }
    return concat(...docs);
  }

  /** The comments above the next token, which are then no longer its own. */
  lead(): Doc {
    const { next } = this;
    const docs = next.lead.map(({ text, blank: spaced }, index) =>
      spaced && index > 0 ? concat(blank, comment(text)) : comment(text),
    );
    if (docs.length > 0 && next.blank) docs.push(blank);
    next.lead = [];
    const behind = this.#behindComment ? [force] : [];
    this.#behindComment = false;
    return concat(...behind, ...docs);
  }

  /** Whether an empty line stands before the next token and the comments above it. */
  blankBefore(): boolean {
    return this.next.lead[0]?.blank ?? this.next.blank;
  }

  take(): Doc {
    const piece = this.next;
    const lead = piece.lead.map(({ text }) => comment(text));
    if (this.#behindComment) lead.push(force);
    this.#behindComment = piece.trail.length > 0;
    this.#at++;
    this.#last = piece.text;
    const text = piece.text.includes("\n") ? lines(withoutMargin(piece.text)) : piece.text;
    if (lead.length === 0 && piece.trail.length === 0) return text;
    return concat(...lead, text, ...piece.trail.map(trailing));
  }

  /** The tokens up to `end`, with spaces by what they are; what `sentence` names is written in its own way. */
  words(end: number, sentence: Sentence = {}): Doc {
    const { parts, breaks = [] } = sentence;
    const queues = new Map([
      ["{", [...(sentence.braces ?? [])]],
      ["[", [...(sentence.brackets ?? [])]],
      ["(", [...(sentence.parentheses ?? [])]],
    ]);
    const docs: Doc[] = [];
    while (this.next.start < end) {
      const { text, start } = this.next;
      const first = docs.length === 0;
      const part = parts?.get(start);
      const enclosed = part === undefined ? queues.get(text)?.shift() : undefined;
      const glued = first || (enclosed !== undefined && text !== "{");
      const space = glued ? "" : spaceBetween(this.#last, text);
      const from = this.#at;
      const written = part?.() ?? enclosed?.() ?? (text === "{" ? this.asWritten() : this.take());
      const breakable = breaks.includes(text) && !first && this.#at === from + 1;
      docs.push(
        breakable ? indent(concat(line, written, ...this.#after(end, parts))) : concat(space, written),
      );
    }
    return breaks.length === 0 ? concat(...docs) : group(concat(...docs));
  }

  /** What follows a word that a line broke before. */
  #after(end: number, parts: Sentence["parts"]): Doc[] {
    const part = this.next.start < end ? parts?.get(this.next.start) : undefined;
    return part === undefined ? [] : [" ", part()];
  }

  /** A bracket with what it holds. */
  enclosed<Item>(what: Enclosed<Item>): Doc {
    const { style, items, tail } = what;
    const open = this.take();
    const gap = style === "members" && !what.tight ? line : softline;
    const inner: Doc[] = [];
    let broken = false;
    let hugged: Doc | undefined;
    for (const [index, item] of items.entries()) {
      const { newline: begins, lead } = this.next;
      if (begins && (style === "members" || index === 0)) broken = true;
      const empty = index > 0 && this.blankBefore();
      const above = this.lead();
      const written = what.write(item);
      const hugs = what.hugs === true && items.length === 1 && lead.length === 0;
      const commas = this.commas();
      if (hugs && this.next.lead.length === 0) hugged = written;
      if (index > 0) inner.push(either(empty ? blank : "", ""), line);
      const last = index === items.length - 1;
      inner.push(above, written, this.#separator(what, item, last, commas.had), commas.behind);
    }
    if (tail !== undefined) inner.push(line, tail());
    const below = this.#below(items.length > 0);
    if (hugged !== undefined && tail === undefined) return concat(open, hugged, this.take());
    if (inner.length === 0 && below === undefined) return group(concat(open, softline, this.take()));
    const content = concat(
      ...(inner.length > 0 ? [gap, ...inner] : []),
      ...(below === undefined ? [] : [below]),
    );
    return group(concat(open, indent(content), gap, this.take()), broken);
  }

  #separator<Item>(what: Enclosed<Item>, item: Item, last: boolean, had: boolean): Doc {
    if (what.style === "items") return last ? (what.tail ? "" : either(",", "")) : ",";
    // What begins with one of these would go on with the value before it.
    const continues = /^[([-]$/.test(this.next.text);
    const kept = had && (continues || what.keepComma?.(item) === true);
    return last ? "" : either(kept ? "," : "", ",");
  }

  /** The comments before a closing bracket. */
  #below(spaced: boolean): Doc | undefined {
    const { next } = this;
    if (next.lead.length === 0) return undefined;
    const docs = next.lead.map((each, index) =>
      each.blank && (index > 0 || spaced) ? concat(blank, comment(each.text)) : comment(each.text),
    );
    next.lead = [];
    return concat(...docs);
  }

  /** Takes the commas that stand next; their comments go to what is before and after them. */
  commas(): { had: boolean; behind: Doc } {
    const behind: Doc[] = [];
    let had = false;
    while (this.next.text === ",") {
      had = true;
      const { lead, trail } = this.next;
      this.#at++;
      this.next.lead.unshift(...lead.map((each) => ({ ...each, text: withoutHelp(each.text) })));
      behind.push(...trail.map(trailing));
      if (trail.length > 0) this.#behindComment = true;
    }
    return { had, behind: concat(...behind) };
  }

  /** A bracket whose lines stay as they are; only their margin is set anew. */
  asWritten(end = this.#closes.get(this.next.start)?.end ?? this.next.end): Doc {
    const docs: Doc[] = [];
    let depth = 0;
    for (let first = true; this.next.start < end && this.next.text !== ""; first = false) {
      const { text, newline: begins, spaced, lead } = this.next;
      const opens = text !== "" && openers.includes(text);
      const closes = text !== "" && closers.includes(text);
      const empty = !first && this.blankBefore() && !(closes && lead.length === 0) && this.#last !== "{";
      if (!first && begins) docs.push(empty ? blank : "", newline);
      if (lead.length > 0) docs.push(indent(this.lead(), depth * 2));
      if (closes) depth--;
      docs.push(indent(concat(!begins && spaced && !first ? " " : "", this.take()), depth * 2));
      if (opens) depth++;
    }
    if (this.next.text === "" && end > this.next.end) docs.push(this.blankBefore() ? blank : "", this.lead());
    return concat(...docs);
  }
}

/** What stands between two tokens, where nothing else says so. */
function spaceBetween(last: string, next: string): string {
  return /^[,:.?)\]]$/.test(next) || /^(?:\.|\.\.\.|\(|\[)$/.test(last) ? "" : " ";
}

/** The lines of a string over several lines; from the second on without the white space that all of them begin with. */
function withoutMargin(text: string): string[] {
  const [first = "", ...rest] = text.split("\n");
  const last = rest.length - 1;
  let margin: string | undefined;
  for (const [index, each] of rest.entries()) {
    const space = /^[ \t]*/.exec(each)![0];
    if (space.length === each.length && index !== last) continue;
    if (margin === undefined) margin = space;
    let shared = 0;
    while (shared < margin.length && margin[shared] === space[shared]) shared++;
    margin = margin.slice(0, shared);
  }
  const width = margin?.length ?? 0;
  return [first, ...rest.map((each) => (/^[ \t]*$/.test(each) ? "" : each.slice(width)))];
}
