import type { TokenType } from "chevrotain";
import { Cursor, closers, openers } from "./cursor.ts";
import { scanFigure } from "./figures.ts";
import { habitAt, memberEnd } from "./habits.ts";
import type { Problem } from "./problem.ts";
import { readStepHabits } from "./step-habits.ts";
import * as tokens from "./tokens.ts";
import { makeToken, type Token } from "./tokens.ts";
import { isUnit, nearestUnit } from "./units.ts";
import { readUseHabits } from "./use-habits.ts";
import { indentAt, yamlBlock } from "./yaml.ts";

/**
 * What people bring along from YAML and from other languages, seen in the tokens of a text that has mistakes: each is
 * one problem with its fix, and is read as what was meant. Texts without mistakes never come here.
 */
export function readForeign(text: string, list: readonly Token[], problems: Problem[]): Token[] | undefined {
  const said = problems.length;
  const steps = list.some(({ tokenType }) => tokenType === tokens.Scenario);
  const uses = readUseHabits(text, list, problems);
  const reader = new Reader(text, steps ? readStepHabits(uses, problems) : uses, problems);
  const result = reader.run();
  return reader.changed || problems.length > said ? result : undefined;
}

/** Words that declare a value elsewhere. */
const letWords: ReadonlySet<string> = new Set(["var", "const", "val", "def", "set", "local"]);
/** After these stands a value. */
const beforeValue: ReadonlySet<TokenType> = new Set([
  tokens.Colon,
  tokens.At,
  tokens.LeftParenthesis,
  tokens.LeftBracket,
  tokens.Equals,
]);

class Reader extends Cursor {
  changed = false;

  run(): Token[] {
    while (this.at < this.list.length) {
      if (this.#foreign()) {
        this.changed = true;
        continue;
      }
      const token = this.list[this.at++]!;
      this.track(token);
      this.out.push(token);
    }
    return this.out;
  }

  /** Reads something foreign here, if it stands here, and moves past it. */
  #foreign(): boolean {
    if (
      this.startsMember() &&
      (this.#habit() ||
        this.#keySign() ||
        this.#mount() ||
        this.#typedValue() ||
        this.#equals() ||
        this.#declaration() ||
        this.#dottedKey())
    )
      return true;
    if (this.#argumentEquals() || this.#comparison() || this.#sign() || this.#foreignValue()) return true;
    return this.#readonly() || this.#block() || this.#unitApart() || this.#dots() || this.#unquoted();
  }

  /** A member of another language: it is left out, with whatever else is wrong in it. */
  #habit(): boolean {
    const first = this.token(0)!;
    const found = habitAt(this.text, first.startOffset);
    if (found === undefined) return false;
    const { startOffset: start } = first;
    let to = memberEnd(this.list, this.at, (offset) => indentAt(this.text, offset));
    if (this.list[to]?.tokenType === tokens.Comma) to++; // a `;` that ends it belongs to the habit
    const end = this.list[to - 1]!.end;
    for (let at = this.problems.length - 1; at >= 0; at--) {
      const { start: place } = this.problems[at]!;
      if (place >= start && place < end) this.problems.splice(at, 1);
    }
    this.say(start, start + found.length, found.what, found.instead, []);
    if (found.declares !== undefined) {
      const word = (type: TokenType, image: string, newline: boolean, literal?: tokens.Literal) =>
        makeToken(type, image, start, end, newline, literal);
      this.out.push(word(tokens.Let, "let", true), word(tokens.PlainWord, found.declares, false));
      this.out.push(word(tokens.Equals, "=", false), word(tokens.Invalid, "", false, { kind: "invalid" }));
    }
    this.at = to;
    return true;
  }

  /** `a:: 1` and `a+: 1` of Jsonnet, `["a"] = 1` of Pkl. */
  #keySign(): boolean {
    const first = this.token(0)!;
    const inBrackets = this.is(0, tokens.LeftBracket) && this.is(2, tokens.RightBracket);
    const length = inBrackets ? 3 : 1;
    const key = inBrackets ? this.token(1)! : first;
    const name = this.isWord(inBrackets ? 1 : 0);
    if (!name && key.tokenType !== tokens.StringToken) return false;
    let next = length;
    while (this.is(next, tokens.Colon, tokens.Plus, tokens.Equals) && this.sameLine(next)) next++;
    const written = this.text.slice(first.startOffset, this.token(next - 1)!.end);
    if (!inBrackets && !/^[^:+]*(?:::+|\+::*)$/.test(written)) return false;
    if (next === length) return false;
    const { image } = key;
    const meant = inBrackets && name ? `"{${image}}"` : image;
    const edits = [{ start: first.startOffset, end: this.token(next - 1)!.end, text: `${meant}:` }];
    const joined = written.includes("+");
    this.say(
      first.startOffset,
      this.token(next - 1)!.end,
      joined ? "what is added to a record" : "a field",
      joined ? `${meant}: { ...OTHER, … }` : `${meant}: …`,
      joined ? [] : edits,
    );
    const colon = makeToken(tokens.Colon, ":", key.end, key.end, false);
    this.out.push(name ? makeToken(tokens.Key, image, key.startOffset, key.end, first.newline) : key, colon);
    this.at += next;
    return true;
  }

  /** `fn f(a: Int): Int => a`, `fn f(a: Int) -> Int = a`, `fn f(a: Int): Int { a }`. */
  #sign(): boolean {
    if (!this.is(0, tokens.FatArrow, tokens.Arrow, tokens.LeftBrace) || this.open.length > 0) return false;
    let from = this.out.length - 1;
    while (from > 0 && !this.out[from]!.newline) from--;
    if (this.out[from]?.tokenType !== tokens.Fn || !this.sameLine(0)) return false;
    const { startOffset: start, end, tokenType } = this.token(0)!;
    if (tokenType === tokens.LeftBrace) {
      const opened = this.out.slice(from).some((token) => token.tokenType === tokens.Equals);
      if (opened || !tokens.wordTypes.has(this.out.at(-1)!.tokenType)) return false;
      const to = memberEnd(this.list, this.at, () => 0);
      this.say(start, end, "what a function gives", "= …", [], "{ … }");
      this.out.push(makeToken(tokens.Equals, "=", start, start, false));
      this.out.push(makeToken(tokens.Invalid, "", start, this.list[to - 1]!.end, false, { kind: "invalid" }));
      this.at = to;
      return true;
    }
    const result = tokenType === tokens.Arrow;
    const edits = [{ start: result ? this.out.at(-1)!.end : start, end, text: result ? ":" : "=" }];
    if (result) this.say(start, end, "the type of a result", ":", edits);
    else this.say(start, end, "what a function gives", "=", edits);
    this.out.push(makeToken(result ? tokens.Colon : tokens.Equals, result ? ":" : "=", start, end, false));
    this.at++;
    return true;
  }

  /** `new {}`, `*base`, `.Values.x` where a value stands. */
  #foreignValue(): boolean {
    const before = this.out.at(-1)?.tokenType;
    const first = this.token(0)!;
    if (before === undefined || !beforeValue.has(before) || first.newline) return false;
    const { startOffset: start } = first;
    if (first.image === "new" && (this.is(1, tokens.LeftBrace) || this.is(2, tokens.LeftBrace))) {
      const length = this.is(1, tokens.LeftBrace) ? 1 : 2;
      const brace = this.token(length)!.startOffset;
      this.say(start, this.token(length - 1)!.end, "a record", "{ … }", [{ start, end: brace, text: "" }]);
      this.at += length;
      return true;
    }
    if (!this.is(0, tokens.Star, tokens.Dot) || !this.joined(1)) return false;
    let length = 1;
    while (this.token(length) && this.joined(length) && !this.is(length, ...closers, tokens.Comma)) length++;
    const { end } = this.token(length - 1)!;
    const written = this.text.slice(start, end);
    const name = /[\w-]+$/.exec(written)?.[0] ?? "NAME";
    if (first.tokenType === tokens.Dot) {
      if (!/^\.[A-Z]/.test(written)) return false;
      this.say(start, end, "a value from outside", `param ${name}: TYPE`, []);
    } else if (/^\*[\d"]/.test(written))
      this.say(start, end, "a value that stands by default", "param NAME: TYPE = …", []);
    else this.say(start, end, "a value that is used again", name, [{ start, end, text: name }]);
    this.out.push(makeToken(tokens.Invalid, written, start, end, false, { kind: "invalid" }));
    this.at += length;
    return true;
  }

  /** `var x: Int = 2` */
  #typedValue(): boolean {
    const [first, name] = [this.token(0)!, this.token(1)];
    if (!letWords.has(first.image) || !this.is(1, tokens.Key) || !this.is(2, tokens.Colon)) return false;
    if (!this.isWord(0) || name!.newline) return false;
    let ahead = 3;
    while (this.token(ahead) !== undefined && this.sameLine(ahead) && !this.is(ahead, tokens.Equals)) ahead++;
    if (!this.is(ahead, tokens.Equals) || !this.sameLine(ahead)) return false;
    const { startOffset: start, end } = first;
    this.say(
      start,
      end,
      "a value",
      `let ${name!.image}: TYPE = …`,
      [{ start, end, text: "let" }],
      first.image,
    );
    this.out.push(retyped(first, tokens.Let), retyped(name!, tokens.PlainWord));
    this.at += 2;
    return true;
  }

  /** `key = value`, `port http = 8080`, and `rc web = {`. */
  #equals(): boolean {
    const names = this.isWord(0) && this.isWord(1) && this.sameLine(1) ? 2 : 1;
    const key = this.token(names - 1)!;
    const equals = this.token(names);
    const first = this.token(0)!;
    if (!this.isWord(0) && !this.is(0, tokens.StringToken)) return false;
    if (equals?.tokenType !== tokens.Equals || equals.newline) return false;
    if (tokens.memberWords.has(first.image)) return false;
    const written = this.text.slice(first.startOffset, key.end);
    if (names === 1 && this.open.length === 0 && this.isWord(0)) {
      const { startOffset: start } = first;
      const edits = [{ start, end: start, text: "let " }];
      this.say(start, equals.end, "a value", `let ${written} = …`, edits, `${written} = …`);
      this.out.push(makeToken(tokens.Let, "let", start, start, true), retyped(key, tokens.PlainWord), equals);
    } else if (names === 2 && letWords.has(first.image)) {
      this.say(
        first.startOffset,
        first.end,
        "a value",
        `let ${key.image} = …`,
        [{ start: first.startOffset, end: first.end, text: "let" }],
        `${written} = …`,
      );
      this.out.push(retyped(first, tokens.Let), key, equals);
    } else if (names === 2 && this.is(names + 1, tokens.LeftBrace)) {
      this.say(
        equals.startOffset,
        equals.end,
        "a block",
        `${written} {`,
        [{ start: key.end, end: equals.end, text: "" }],
        `${written} = {`,
      );
      this.out.push(first, key);
    } else {
      this.say(
        equals.startOffset,
        equals.end,
        "a field",
        `${written}: …`,
        [{ start: key.end, end: equals.end, text: ":" }],
        `${written} = …`,
      );
      if (names === 2) this.out.push(first);
      this.out.push(key.tokenType === tokens.StringToken ? key : retyped(key, tokens.Key));
      this.out.push(makeToken(tokens.Colon, ":", equals.startOffset, equals.end, false));
    }
    this.at += names + 1;
    return true;
  }

  /** `mount cache: "/path"`, `mount cache -> "/path"`, `mount cache to "/path"` */
  #mount(): boolean {
    if (!this.isWord(1) || !this.is(3, tokens.StringToken)) return false;
    const [first, name, sign] = [this.token(0)!, this.token(1)!, this.token(2)!];
    if (
      first.tokenType === tokens.PlainWord &&
      sign.tokenType === tokens.At &&
      !name.newline &&
      !sign.newline
    ) {
      const { startOffset: start, end } = first;
      const written = `mount ${name.image} at …`;
      this.say(
        start,
        end,
        "a mount",
        written,
        [{ start, end, text: "mount" }],
        `${first.image} ${name.image} at …`,
      );
      this.out.push(retyped(first, tokens.Mount), retyped(name, tokens.PlainWord), sign);
      this.at += 3;
      return true;
    }
    if (first.tokenType !== tokens.Mount || sign.tokenType === tokens.At || name.newline || sign.newline)
      return false;
    const spelt = this.is(2, tokens.Colon, tokens.Equals, tokens.Arrow, tokens.FatArrow, tokens.PlainWord);
    if (!spelt && !this.is(2, tokens.On, tokens.As)) return false;
    this.say(
      sign.startOffset,
      sign.end,
      "a mount",
      `mount ${name.image} at …`,
      [{ start: name.end, end: sign.end, text: " at" }],
      `mount ${name.image}${sign.image === ":" ? "" : " "}${sign.image} …`,
    );
    const at = makeToken(tokens.At, "at", sign.startOffset, sign.end, false);
    this.out.push(first, retyped(name, tokens.PlainWord), at);
    this.at += 3;
    return true;
  }

  /** `mount cache at "/path" ro` */
  #readonly(): boolean {
    const { image, newline, startOffset: start, end } = this.token(0)!;
    if (newline || !/^(?:ro|readOnly|read-only|read_only)$/.test(image)) return false;
    if (this.out.at(-1)?.tokenType !== tokens.StringToken || this.out.at(-2)?.tokenType !== tokens.At)
      return false;
    this.say(start, end, "a mount that is only read", "readonly", [{ start, end, text: "readonly" }]);
    this.out.push(makeToken(tokens.Readonly, "readonly", start, end, false));
    this.at++;
    return true;
  }

  /** `http(web, every = 2s)` */
  #argumentEquals(): boolean {
    const around = this.open.at(-1);
    if (around?.type !== tokens.LeftParenthesis || around.parameters) return false;
    const before = this.out.at(-1)?.tokenType;
    const name = this.token(0)!;
    const equals = this.token(1);
    if (before !== tokens.LeftParenthesis && before !== tokens.Comma) return false;
    if (!this.isWord(0) || equals?.tokenType !== tokens.Equals) return false;
    this.say(
      equals.startOffset,
      equals.end,
      "an argument",
      `${name.image}: …`,
      [{ start: name.end, end: equals.end, text: ":" }],
      `${name.image} = …`,
    );
    this.out.push(retyped(name, tokens.Key));
    this.out.push(makeToken(tokens.Colon, ":", equals.startOffset, equals.end, false));
    this.at += 2;
    return true;
  }

  /** `pods where app = "web"` */
  #comparison(): boolean {
    if (!this.is(0, tokens.Equals) || !this.sameLine(0)) return false;
    const from = this.out.findLastIndex(
      ({ tokenType, newline }) => newline || tokenType === tokens.Where || openers.has(tokenType),
    );
    if (this.out[from]?.tokenType !== tokens.Where) return false;
    const { startOffset: start, end } = this.token(0)!;
    this.say(start, end, "a comparison", "==", [{ start, end, text: "==" }]);
    this.out.push(makeToken(tokens.EqualsEquals, "==", start, end, false));
    this.at++;
    return true;
  }

  /** `import { a } from "x"`. */
  #declaration(): boolean {
    const first = this.token(0)!;
    if (first.tokenType === tokens.Template && this.is(1, tokens.LeftBrace)) {
      this.out.push(retyped(first, tokens.PlainWord)); // Kubernetes' field of an rc: the checker says so
      this.at++;
      return true;
    }
    if (first.image !== "import" || !this.is(1, tokens.LeftBrace)) return false;
    let close = 2;
    while (this.token(close) !== undefined && !this.is(close, tokens.RightBrace)) close++;
    const from = this.token(close + 1);
    const path = this.token(close + 2);
    if (from?.image !== "from" || path?.tokenType !== tokens.StringToken) return false;
    const names = this.list.slice(this.at + 1, this.at + close + 1);
    const inner = this.text.slice(path.startOffset + 1, path.end - 1);
    const library = /^std\/[\w-]+$/.test(inner);
    const written = `use ${library ? inner : `"${inner}"`} ${this.text.slice(names[0]!.startOffset, names.at(-1)!.end)}`;
    this.say(first.startOffset, first.end, "bringing in names", written, [
      { start: first.startOffset, end: path.end, text: written },
    ]);
    const word = (image: string) => makeToken(tokens.PlainWord, image, path.startOffset, path.end, false);
    const slash = makeToken(tokens.Slash, "/", path.startOffset, path.end, false);
    const [std = "", module = ""] = inner.split("/");
    this.out.push(retyped(first, tokens.Use));
    this.out.push(...(library ? [word(std), slash, word(module)] : [path]), ...names);
    this.at += close + 3;
    return true;
  }

  /** `nginx.conf: …`, `app.kubernetes.io/name: …`: a key that is no name stands in quotes. */
  #dottedKey(): boolean {
    if (!this.isWord(0)) return false;
    let length = 1;
    while (
      this.is(length, tokens.Dot, tokens.Slash) &&
      this.isWord(length + 1) &&
      this.joined(length) &&
      this.joined(length + 1)
    )
      length += 2;
    const last = this.token(length - 1)!;
    if (length === 1 || last.tokenType !== tokens.Key) return false;
    const { startOffset: start, newline } = this.token(0)!;
    this.out.push(this.#quote(start, last.end, newline, "key"));
    this.at += length;
    return true;
  }

  #quote(start: number, end: number, newline: boolean, what: "key" | "value"): Token {
    const inner = this.text.slice(start, end);
    const fixed = `"${inner.replace(/"$/, "").replace(/["\\{]/g, "\\$&")}"`;
    this.problems.push({ kind: "unquoted", start, end, text: inner, what, instead: fixed });
    return makeToken(tokens.StringToken, inner, start, end, newline, { kind: "string", parts: [inner] });
  }

  /** What the lexer said of a quote that only ends a text is part of this mistake. */
  #forget(start: number): void {
    const at = this.problems.findIndex((problem) => problem.start === start);
    if (at >= 0) this.problems.splice(at, 1);
  }

  /** `key:` with what belongs to it indented below, as in YAML. */
  #block(): boolean {
    if (!this.is(0, tokens.Key) || !this.is(1, tokens.Colon)) return false;
    const found = yamlBlock(this.text, this.list, this.at);
    if (found === undefined) return false;
    this.problems.push(found.problem);
    const [first, last] = [this.list[this.at + 2]!, this.list[found.end - 1]!];
    this.out.push(this.token(0)!, this.token(1)!);
    const { startOffset: start } = first;
    this.out.push(
      makeToken(tokens.Invalid, this.text.slice(start, last.end), start, last.end, false, {
        kind: "invalid",
      }),
    );
    this.at = found.end;
    return true;
  }

  /** `64 Mi` */
  #unitApart(): boolean {
    if (!this.is(0, tokens.NumberToken) || !this.is(1, tokens.PlainWord) || !this.sameLine(1)) return false;
    const [number, unit] = [this.token(0)!, this.token(1)!];
    if (number.end === unit.startOffset) return false;
    const after = this.token(2);
    if (after && !after.newline && !this.is(2, tokens.Comma, ...closers)) return false;
    const written = `${number.image}${unit.image}`;
    const { startOffset: start, newline } = number;
    const meant = isUnit(unit.image) ? unit.image : nearestUnit(unit.image);
    if (meant === undefined) {
      const { image } = unit;
      this.problems.push({
        kind: "unknown-unit",
        start,
        end: unit.end,
        digits: `${number.image} `,
        unit: image,
      });
      this.take(makeToken(tokens.Invalid, written, start, unit.end, newline, { kind: "invalid" }));
    } else {
      const instead = `${number.image}${meant}`;
      this.say(start, unit.end, "a quantity", instead, [{ start, end: unit.end, text: instead }]);
      const { type, literal } = scanFigure(instead, 0, []);
      this.take(makeToken(type, instead, start, unit.end, newline, literal));
    }
    this.at += 2;
    return true;
  }

  /** `1...3` */
  #dots(): boolean {
    if (!this.is(0, tokens.Spread) || !this.sameLine(0)) return false;
    const before = this.out.at(-1)?.tokenType;
    if (before === undefined || openers.has(before) || before === tokens.Comma) return false;
    const { startOffset: start, end } = this.token(0)!;
    this.say(start, end, "a range", "..", [{ start, end, text: ".." }]);
    this.take(makeToken(tokens.DotDot, "..", start, end, false));
    this.at++;
    return true;
  }

  /** `nginx:1.25`, `shop/web:1.0`, `/var/cache`, `./web`: text without quotes where a value stands. */
  #unquoted(): boolean {
    const before = this.out.at(-1)?.tokenType;
    const value =
      before !== undefined && (beforeValue.has(before) || (before === tokens.Comma && !this.startsMember()));
    const first = this.token(0)!;
    if (!value || first.newline) return false;
    const path =
      this.is(0, tokens.Slash) || (this.is(0, tokens.Dot, tokens.DotDot) && this.is(1, tokens.Slash));
    if (!path && !this.is(0, tokens.Key, tokens.PlainWord)) return false;
    let length = 1;
    let telling = path;
    while (this.joined(length) && !this.is(length, tokens.Comma, ...openers, ...closers)) {
      if (this.is(length, tokens.Colon)) telling = true;
      length++;
    }
    const isKey =
      before === tokens.LeftParenthesis || before === tokens.Comma || before === tokens.LeftBracket;
    // `name: value` among arguments: a named one.
    if (isKey && this.is(0, tokens.Key)) return false;
    if (!telling || (length === 2 && this.is(1, tokens.Colon))) return false;
    const last = this.token(length - 1)!;
    if (last.tokenType === tokens.StringToken && last.image === '"') this.#forget(last.startOffset);
    this.out.push(this.#quote(first.startOffset, last.end, false, "value"));
    this.at += length;
    return true;
  }
}

const retyped = (token: Token, type: TokenType): Token =>
  makeToken(type, token.image, token.startOffset, token.end, token.newline);
