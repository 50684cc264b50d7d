import { isDigit, isLineEnd, isNameStart, lineEnd, nameEnd } from "./characters.ts";
import { scanFigure } from "./figures.ts";
import type { Problem } from "./problem.ts";
import { plainEnd } from "./strings.ts";
import { makeToken, PlainWord, StringToken, type Token, words } from "./tokens.ts";

/**
 * Finds declarations that are written like one before them, but for some literals and names, by comparing their texts:
 * such a one needs neither tokens nor rules. Whatever is not quite alike is read in the ordinary way.
 */

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A member that others may be like, as the builder gives it. */
export interface Likeness<Member> {
  /** Where others may have another literal or name, in the order of the text; each is one token. */
  readonly holes: readonly Range[];
  /** A member of the same form in another place, with other tokens in the holes; `undefined` where it has the same. */
  again(range: Range, tokens: readonly (Token | undefined)[]): Member;
}

/** How many forms of declarations with one word are told apart, and how many are made in vain before it is left. */
const formLimit = 4;
const attempts = 12;

interface Forms<Member> {
  readonly list: Form<Member>[];
  attempts: number;
  /** What was read last: a form of it is made when another with its word follows. */
  last: { readonly member: Member; readonly range: Range } | undefined;
}

/** The forms of the declarations of a text that have been read so far. */
export class Likenesses<Member> {
  readonly #text: string;
  readonly #likenessOf: (member: Member) => Likeness<Member> | undefined;
  readonly #forms = new Map<string, Forms<Member>>();

  constructor(text: string, likenessOf: (member: Member) => Likeness<Member> | undefined) {
    this.#text = text;
    this.#likenessOf = likenessOf;
  }

  /** Notes a member that was read in the ordinary way. */
  note(member: Member, range: Range): void {
    const word = this.#wordAt(range.start);
    const forms = this.#forms.get(word);
    if (forms) forms.last = { member, range };
    else this.#forms.set(word, { list: [], attempts: 0, last: { member, range } });
  }

  /** The member at `start`, where it is like one before it. */
  read(start: number): { readonly member: Member; readonly end: number } | undefined {
    const forms = this.#forms.get(this.#wordAt(start));
    if (!forms) return undefined;
    for (const form of forms.list) {
      const found = form.read(this.#text, start);
      if (found) return found;
    }
    if (!forms.last || forms.attempts >= attempts) return undefined;
    const { member, range } = forms.last;
    forms.last = undefined;
    forms.attempts++;
    const likeness = this.#likenessOf(member);
    if (!likeness) return undefined;
    if (forms.list.length === formLimit) forms.list.shift();
    const form = new Form(this.#text, range, likeness);
    forms.list.push(form);
    return form.read(this.#text, start);
  }

  #wordAt(start: number): string {
    return this.#text.slice(start, nameEnd(this.#text, start));
  }
}

class Form<Member> {
  /** The text before the first hole, and that behind each. */
  readonly #before: string;
  readonly #behind: readonly string[];
  /** What stands in each hole, with the text behind: most declarations have the same in most of them. */
  readonly #same: readonly string[];
  /** The class of the character that each hole begins with: a string takes the place of a string alone. */
  readonly #classes: readonly number[];
  readonly #likeness: Likeness<Member>;

  constructor(text: string, { start, end }: Range, likeness: Likeness<Member>) {
    const { holes } = likeness;
    const next = (index: number) => holes[index + 1]?.start ?? end;
    this.#likeness = likeness;
    this.#classes = holes.map((hole) => classAt(text, hole.start));
    this.#before = text.slice(start, holes[0]?.start ?? end);
    this.#behind = holes.map((hole, index) => text.slice(hole.end, next(index)));
    this.#same = holes.map((hole, index) => text.slice(hole.start, next(index)));
  }

  read(text: string, start: number): { readonly member: Member; readonly end: number } | undefined {
    if (!text.startsWith(this.#before, start)) return undefined;
    const same = this.#same;
    const tokens = new Array<Token | undefined>(same.length);
    let at = start + this.#before.length;
    for (let index = 0; index < same.length; index++) {
      const here = same[index]!;
      if (text.startsWith(here, at)) {
        at += here.length;
        continue;
      }
      const token = classAt(text, at) === this.#classes[index] ? literalAt(text, at) : undefined;
      const behind = this.#behind[index]!;
      if (token === undefined || !text.startsWith(behind, token.end)) return undefined;
      tokens[index] = token;
      at = token.end + behind.length;
    }
    return { member: this.#likeness.again({ start, end: at }, tokens), end: at };
  }
}

function classAt(text: string, start: number): number {
  const code = text.charCodeAt(start);
  return isDigit(code) ? 1 : isNameStart(code) ? 2 : code;
}

/** A string without escapes, a figure, or a name at `start`, as the lexer reads it; undefined for all else. */
function literalAt(text: string, start: number): Token | undefined {
  const code = text.charCodeAt(start);
  if (code === 0x22) {
    const close = plainEnd(text, start + 1);
    // Two quotes and a third are the beginning of a block of text.
    if (close === undefined || (close === start + 1 && text.charCodeAt(close + 1) === 0x22)) return undefined;
    const parts = [text.slice(start + 1, close)];
    return makeToken(StringToken, "", start, close + 1, false, { kind: "string", parts });
  }
  if (isDigit(code)) {
    const problems: Problem[] = [];
    const { type, end, literal } = scanFigure(text, start, problems);
    return problems.length > 0 ? undefined : makeToken(type, "", start, end, false, literal);
  }
  if (!isNameStart(code)) return undefined;
  const end = nameEnd(text, start);
  const image = text.slice(start, end);
  if (words.has(image) || (image === "r" && text.charCodeAt(end) === 0x22)) return undefined;
  return makeToken(PlainWord, image, start, end, false);
}

/** What stands between two members at the top of a text. */
export interface Gap {
  readonly end: number;
  /** Whether a line ends in it. */
  readonly newline: boolean;
  /** Whether `///` stands in it: a text about what follows. */
  readonly documents: boolean;
}

export function gapAt(text: string, start: number): Gap {
  let at = start;
  let newline = false;
  let documents = false;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x09) at++;
    else if (isLineEnd(code)) {
      newline = true;
      at++;
    } else if (code === 0x2f && text.charCodeAt(at + 1) === 0x2f) {
      if (text.charCodeAt(at + 2) === 0x2f) documents = true;
      at = lineEnd(text, at);
    } else return { end: at, newline, documents };
  }
}

/** Whether a word at the beginning of a line always begins a member, and never goes on with what stands above. */
export function beginsMember(text: string, at: number): boolean {
  return isNameStart(text.charCodeAt(at)) && !words.has(text.slice(at, nameEnd(text, at)));
}
