/**
 * A small algebra of layouts, in the manner of Wadler's and Prettier's: a document says where lines may break, and
 * `render` breaks those groups that do not fit. A document knows whether it holds something that must end its line
 * (`hard`), so that the groups around it are broken without looking for it.
 */
export type Doc = string | Part;

type Part =
  | { readonly kind: "concat"; readonly parts: readonly Doc[]; readonly hard: boolean }
  | { readonly kind: "indent"; readonly by: number; readonly content: Doc; readonly hard: boolean }
  | { readonly kind: "group"; readonly content: Doc; readonly hard: boolean }
  /** A line end where the group is broken, else `flat`. */
  | { readonly kind: "line"; readonly flat: string; readonly hard: false }
  | { readonly kind: "newline"; readonly hard: true }
  /** The next line that begins has an empty one before it. */
  | { readonly kind: "blank"; readonly hard: false }
  | { readonly kind: "either"; readonly broken: Doc; readonly flat: Doc; readonly hard: false }
  /** A comment on a line of its own. */
  | { readonly kind: "comment"; readonly text: string; readonly hard: true }
  /** A comment behind code: it goes to the end of its line, and what follows begins another. */
  | { readonly kind: "trailing"; readonly text: string; readonly hard: false }
  /** The groups around it are broken, and behind a comment a line begins. */
  | { readonly kind: "force"; readonly hard: true }
  /** A text over several lines, without the margin that its lines share. */
  | { readonly kind: "lines"; readonly lines: readonly string[]; readonly hard: true };

const step = 2;
const isHard = (doc: Doc) => typeof doc !== "string" && doc.hard;

export const line: Doc = { kind: "line", flat: " ", hard: false };
export const softline: Doc = { kind: "line", flat: "", hard: false };
export const newline: Doc = { kind: "newline", hard: true };
export const blank: Doc = { kind: "blank", hard: false };

export const concat = (...parts: readonly Doc[]): Doc => ({
  kind: "concat",
  parts,
  hard: parts.some(isHard),
});

/** Its lines break all together, or none of them; `broken` where they have to. */
export const group = (content: Doc, broken = false): Doc => ({
  kind: "group",
  content,
  hard: broken || isHard(content),
});

export const indent = (content: Doc, by = step): Doc => ({
  kind: "indent",
  by,
  content,
  hard: isHard(content),
});

export const either = (broken: Doc, flat: Doc): Doc => ({ kind: "either", broken, flat, hard: false });
export const comment = (text: string): Doc => ({ kind: "comment", text, hard: true });
export const trailing = (text: string): Doc => ({ kind: "trailing", text, hard: false });
export const force: Doc = { kind: "force", hard: true };
export const lines = (list: readonly string[]): Doc => ({ kind: "lines", lines: list, hard: true });

interface Command {
  readonly indent: number;
  readonly flat: boolean;
  readonly doc: Doc;
}

/** The text of `doc` in lines of at most `width` columns, where its groups allow it. */
export function render(doc: Doc, width: number): string {
  const page = new Page();
  const stack: Command[] = [{ indent: 0, flat: false, doc }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { indent: margin, flat, doc: current } = next;
    if (typeof current === "string") {
      page.text(margin, current);
      continue;
    }
    switch (current.kind) {
      case "concat":
        for (let index = current.parts.length - 1; index >= 0; index--)
          stack.push({ indent: margin, flat, doc: current.parts[index]! });
        break;
      case "indent":
        stack.push({ indent: margin + current.by, flat, doc: current.content });
        break;
      case "group": {
        const inner = { indent: margin, flat: true, doc: current.content };
        const fitting = !current.hard && (flat || fits(inner, stack, width - page.column(margin)));
        stack.push(fitting ? inner : { ...inner, flat: false });
        break;
      }
      case "either":
        stack.push({ indent: margin, flat, doc: flat ? current.flat : current.broken });
        break;
      case "line":
        if (flat) page.text(margin, current.flat);
        else page.newline();
        break;
      case "newline":
        page.newline();
        break;
      case "blank":
        page.blank();
        break;
      case "comment":
        page.comment(margin, current.text);
        break;
      case "trailing":
        page.trailing(current.text);
        break;
      case "force":
        page.leaveComment();
        break;
      case "lines":
        page.lines(margin, current.lines);
        break;
    }
  }
  return page.finish();
}

/** Whether `first`, and what follows it up to the next possible line end, has room in `room` columns. */
function fits(first: Command, rest: readonly Command[], room: number): boolean {
  let left = room;
  let below = rest.length;
  const stack: Command[] = [first];
  while (left >= 0) {
    const next = stack.pop() ?? rest[--below];
    if (next === undefined) return true;
    const { flat, doc } = next;
    if (typeof doc === "string") {
      left -= doc.length;
      continue;
    }
    switch (doc.kind) {
      case "concat":
        for (let index = doc.parts.length - 1; index >= 0; index--)
          stack.push({ ...next, doc: doc.parts[index]! });
        break;
      case "indent":
        stack.push({ ...next, doc: doc.content });
        break;
      case "group":
        stack.push({ ...next, flat: flat && !doc.hard, doc: doc.content });
        break;
      case "either":
        stack.push({ ...next, doc: flat ? doc.flat : doc.broken });
        break;
      case "line":
        if (!flat) return true;
        left -= doc.flat.length;
        break;
      case "lines":
        return left >= doc.lines[0]!.length;
      case "newline":
      case "comment":
        return true;
    }
  }
  return false;
}

/** A comment that is no help, and would become that of what it then stands above. */
export const withoutHelp = (text: string) => (/^\/\/\/(?!\/)/.test(text) ? text.slice(1) : text);

interface Line {
  indent: number;
  code: string;
  readonly comments: string[];
  /** It begins within a text over several lines, and stays as it is. */
  readonly inText: boolean;
}

/** Lines with code up to this column have their comments one below the other. */
const alignmentLimit = 60;

/** The lines as they are written. */
class Page {
  readonly #lines: Line[] = [];
  #line: Line = { indent: 0, code: "", comments: [], inText: false };
  /** Nothing stands on the line yet. */
  #fresh = true;
  #blank = false;
  /** A comment stands on the line: whatever comes has to go to the next. */
  #full = false;

  column(margin: number): number {
    return this.#fresh ? margin : this.#line.indent + this.#line.code.length;
  }

  text(margin: number, text: string): void {
    if (text === "") return;
    if (this.#full) this.newline();
    if (this.#fresh) this.#begin(margin);
    this.#line.code += text;
  }

  newline(): void {
    if (this.#fresh) return;
    this.#settle();
    this.#lines.push(this.#line);
    this.#line = { indent: 0, code: "", comments: [], inText: false };
    this.#fresh = true;
    this.#full = false;
  }

  blank(): void {
    this.#blank = true;
  }

  comment(margin: number, text: string): void {
    this.newline();
    this.#begin(margin);
    this.#line.code = text;
    this.#full = true;
  }

  trailing(text: string): void {
    this.#line.comments.push(text);
  }

  /** Begins a line where a comment ends this one. */
  leaveComment(): void {
    if (this.#line.comments.length > 0) this.newline();
  }

  lines(margin: number, list: readonly string[]): void {
    this.text(margin, list[0]!);
    const inner = " ".repeat(margin + step);
    for (const each of list.slice(1)) {
      const { comments } = this.#line;
      this.#lines.push({ ...this.#line, comments: [] });
      this.#line = { indent: 0, code: each === "" ? "" : inner + each, comments, inText: true };
    }
  }

  finish(): string {
    this.newline();
    this.#align();
    const text = this.#lines.map(({ indent: margin, code, comments }, index) => {
      const kept = this.#lines[index + 1]?.inText === true ? code : code.trimEnd();
      const said = comments.length === 0 ? "" : comments.join(" ");
      return kept === "" && said === "" ? "" : `${" ".repeat(margin)}${kept}${said}`;
    });
    return text.length === 0 ? "" : `${text.join("\n")}\n`;
  }

  #begin(margin: number): void {
    if (this.#blank && this.#lines.length > 0)
      this.#lines.push({ indent: 0, code: "", comments: [], inText: false });
    this.#blank = false;
    this.#line.indent = margin;
    this.#fresh = false;
  }

  /** A line has room for one comment; others that would come together on it go above it. */
  #settle(): void {
    const { comments, indent: margin, inText } = this.#line;
    if (comments.length < 2 || inText) return;
    for (const text of comments.splice(0, comments.length - 1))
      this.#lines.push({ indent: margin, code: withoutHelp(text), comments: [], inText: false });
  }

  /** Puts comments of lines that follow each other at one margin below each other. */
  #align(): void {
    const end = (each: Line) => each.indent + each.code.trimEnd().length;
    for (let from = 0; from < this.#lines.length; ) {
      const first = this.#lines[from]!;
      if (first.comments.length === 0) {
        from++;
        continue;
      }
      let to = from + 1;
      const joins = (each: Line | undefined) =>
        each !== undefined && each.comments.length > 0 && each.indent === first.indent;
      while (joins(this.#lines[to])) to++;
      const run = this.#lines.slice(from, to);
      const column = Math.max(...run.map(end).filter((width) => width <= alignmentLimit), 0);
      for (const each of run)
        each.code = each.code.trimEnd() + " ".repeat(Math.max(column - end(each), 0) + 2);
      for (const each of run) each.code += each.comments.splice(0).join(" ");
      from = to;
    }
  }
}
