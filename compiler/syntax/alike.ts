import { plainEnd } from "../../grammar/strings.ts";
import type { Token } from "../../grammar/tokens.ts";
import type { Range } from "../source/source.ts";
import type { CallExpression, Declaration, Expression, IndexExpression, Member, Name } from "./ast.ts";

/**
 * Declarations that are written alike, word by word, but for literals and names: many applications in one file are.
 * The grammar finds them by their text (grammar/alike.ts); here is how one is made from the one before it. What stands
 * in its block is a copy, made when somebody looks: as long as nobody does, only the literals are there.
 */

/** An expression in which declarations alike may differ: a plain literal, a name alone, or `name[…]` with one of these. */
export interface Hole {
  readonly expression: Expression;
  /** The literal or name, which is one token. */
  readonly token: Range;
  /** The calls that it is an argument of, from the outside inwards. */
  readonly calls: readonly CallExpression[];
}

/** A declaration with what may stand otherwise in others that are alike. */
export class Pattern {
  readonly first: Declaration;
  /** The tokens of its name: one, or a string with its alias. */
  readonly names: readonly Name[];
  readonly holes: readonly Hole[];
  readonly expressions: readonly Expression[];
  /** What may stand otherwise, in the order of the text. */
  readonly tokens: readonly Range[];
  /** What a later phase concluded of all that are written so; each phase has one. */
  readonly known = new WeakMap<object, unknown>();

  constructor(first: Declaration, names: readonly Name[], holes: readonly Hole[]) {
    this.first = first;
    this.names = names;
    this.holes = holes;
    this.expressions = holes.map(({ expression }) => expression);
    this.tokens = [...names, ...holes.map(({ token }) => token)];
  }
}

/** The pattern of a declaration of an object, where it can have one. */
export function patternOf(text: string, member: Member): Pattern | undefined {
  if (member.kind !== "declaration" || !member.name || !member.body || !member.bodyRange) return undefined;
  const { word, name, objectName, start, help } = member;
  if (member.value || member.target || member.external || member.qualifier || member.family) return undefined;
  if (help !== undefined || word.start !== start || objectName === undefined) return undefined;
  const names = [name];
  if (text.charCodeAt(word.end + 1) === quote) {
    const end = plainEnd(text, word.end + 2);
    // Without an alias, the text decides whether the file can refer to it.
    if (end === undefined || name.start <= end) return undefined;
    names.unshift({ ...name, start: word.end + 1, end: end + 1 });
  }
  return new Pattern(member, names, holesIn(text, member));
}

const quote = 0x22;

/** The expressions of a declaration's block in which others alike may differ, in the order of the text. */
export function holesIn(text: string, declaration: Declaration): Hole[] {
  const found: Hole[] = [];
  const visit = (value: Expression, calls: readonly CallExpression[]): void => {
    if (value.kind === "record") {
      for (const member of value.members) if (member.kind === "field") visit(member.value, calls);
    } else if (value.kind === "list") {
      if (value.comprehension) return;
      for (const item of value.items) if (!item.spread) visit(item.value, calls);
    } else if (value.kind === "call") {
      for (const argument of value.arguments) visit(argument.value, [...calls, value]);
    } else {
      const token = value.kind === "index" ? indexOf(value) : value;
      if (token && isPlain(text, token)) found.push({ expression: value, token, calls });
    }
  };
  const within = (members: readonly Member[]): void => {
    for (const member of members) {
      if (member.kind === "field") visit(member.value, []);
      else if (member.kind === "declaration" && !member.family) {
        if (member.value) visit(member.value, []);
        if (member.target) visit(member.target, []);
        if (member.body) within(member.body);
      } else if (member.kind === "mount") {
        visit(member.volume, []);
        visit(member.path, []);
        if (member.body) within(member.body);
      }
    }
  };
  within(declaration.body ?? []);
  return found;
}

const indexOf = ({ object, indices }: IndexExpression): Expression | undefined =>
  object.kind === "reference" && indices.length === 1 ? indices[0] : undefined;

/** Whether an expression is one token: parentheses, escapes and blocks of text are more than their literal. */
function isPlain(text: string, { kind, start, end, ...rest }: Expression): boolean {
  if (kind === "string") return text.charCodeAt(start) === quote && plainEnd(text, start + 1) === end - 1;
  if (kind === "reference") return (rest as { name?: string }).name === text.slice(start, end);
  return (kind === "number" || kind === "quantity" || kind === "address") && text[start] !== "(";
}

/** A declaration that is written like the first of its pattern. */
export class AlikeDeclaration implements Declaration {
  readonly kind = "declaration";
  readonly start: number;
  readonly end: number;
  readonly word: Name;
  readonly objectName: string;
  readonly name: Name;
  readonly bodyRange: { readonly start: number; readonly end: number };
  declare readonly body: readonly Member[];
  readonly #details: Details;

  constructor(range: Range, details: Details, objectName: string) {
    const { pattern, names } = details;
    const { word, bodyRange } = pattern.first;
    const name = names.at(-1)!;
    this.#details = details;
    this.start = range.start;
    this.end = range.end;
    this.word = named(range.start, word.end + range.start - word.start, word.text);
    this.objectName = objectName;
    this.name = name;
    this.bodyRange = { start: bodyRange!.start + name.end - pattern.names.at(-1)!.end, end: range.end };
    // A property of its own, as that of any declaration, so that whoever goes through all of them finds it.
    Object.defineProperty(this, "body", bodyProperty);
  }

  static readonly body = {
    get(this: AlikeDeclaration): readonly Member[] {
      return this.#details.bodyAt(this.start);
    },
    enumerable: true,
  };

  /** What a declaration has in the holes of its pattern; undefined where it has none. */
  static detailsOf(declaration: Declaration): Details | undefined {
    return #details in declaration ? declaration.#details : undefined;
  }
}

const bodyProperty = AlikeDeclaration.body;

/** How a declaration differs from others that are written alike. */
export class Details {
  readonly pattern: Pattern;
  readonly names: readonly Name[];
  /** What stands in each hole; `undefined` where it is the same as in the first, as long as nobody has looked at the block. */
  readonly holes: (Expression | undefined)[];
  #body: readonly Member[] | undefined;
  #whenRead: (() => void) | undefined;

  constructor(pattern: Pattern, names: readonly Name[], holes: (Expression | undefined)[]) {
    this.pattern = pattern;
    this.names = names;
    this.holes = holes;
  }

  /** Whether somebody has looked at the block. */
  get isRead(): boolean {
    return this.#body !== undefined;
  }

  /** Does something when somebody looks at the block for the first time; at once where somebody has. */
  whenRead(action: () => void): void {
    if (this.isRead) action();
    else this.#whenRead = action;
  }

  /** The block of the declaration, which begins at `start`. */
  bodyAt(start: number): readonly Member[] {
    if (this.#body) return this.#body;
    this.#body = copied(this, start);
    this.#whenRead?.();
    return this.#body;
  }
}

/** How much further than in the first of the pattern something stands, before its first token and behind each. */
function shiftsOf({ pattern, names, holes }: Details, start: number): number[] {
  const shifts = [start - pattern.first.start];
  for (let index = 0; index < names.length; index++)
    shifts.push(names[index]!.end - pattern.names[index]!.end);
  for (let index = 0; index < holes.length; index++) {
    const own = holes[index];
    shifts.push(own ? own.end - pattern.expressions[index]!.end : shifts.at(-1)!);
  }
  return shifts;
}

/** The block of the first with other literals, and places moved as these are longer or shorter; all holes are filled then. */
function copied(details: Details, start: number): readonly Member[] {
  const { pattern, holes } = details;
  const { first, tokens, expressions } = pattern;
  const shifts = shiftsOf(details, start);
  let hole = 0;
  let behind = 0;
  const moved = (place: number): number => {
    while (behind < tokens.length && tokens[behind]!.end <= place) behind++;
    while (behind > 0 && tokens[behind - 1]!.end > place) behind--;
    return place + shifts[behind]!;
  };
  const copy = <Part>(part: Part): Part => {
    if (typeof part !== "object" || part === null) return part;
    if ((part as object) !== expressions[hole])
      return Array.isArray(part) ? (part.map(copy) as Part) : copyNode(part);
    const number = hole++;
    return (holes[number] ??= copyNode(expressions[number]!)) as Part;
  };
  const copyNode = <Part extends object>(part: Part): Part => {
    const node = part as unknown as Member | Expression;
    // The most frequent ones in the same form as the builder makes them; all others property by property.
    if (node.kind === "field" && node.key.kind === "name") {
      const { key, value, end } = node;
      const name = named(moved(key.start), moved(key.end), key.text);
      return {
        kind: "field",
        start: name.start,
        end: moved(end),
        key: name,
        value: copy(value),
      } as unknown as Part;
    }
    if (node.kind === "record") {
      const { start, end, members } = node;
      return {
        kind: "record",
        start: moved(start),
        end: moved(end),
        members: members.map(copy),
      } as unknown as Part;
    }
    const made: Record<string, unknown> = {};
    for (const key in part) {
      const value: unknown = part[key];
      made[key] = key === "start" || key === "end" ? moved(value as number) : copy(value);
    }
    return made as Part;
  };
  return first.body!.map(copy);
}

/** A declaration like the first of a pattern, from the tokens in its holes; `literal` makes expressions of these. */
export function declarationAlike(
  pattern: Pattern,
  range: Range,
  tokens: readonly (Token | undefined)[],
  literal: (token: Token) => Expression,
): Declaration {
  const count = pattern.names.length;
  const names: Name[] = [];
  let shift = range.start - pattern.first.start;
  for (let index = 0; index < count; index++) {
    const first = pattern.names[index]!;
    const token = tokens[index];
    const name = token
      ? named(token.startOffset, token.end, token.image)
      : named(first.start + shift, first.end + shift, first.text);
    shift = name.end - first.end;
    names.push(name);
  }
  const holes = new Array<Expression | undefined>(tokens.length - count);
  for (let index = count; index < tokens.length; index++) {
    const token = tokens[index];
    if (token) holes[index - count] = inHole(pattern.holes[index - count]!, literal(token));
  }
  const [own] = tokens;
  const objectName = own
    ? own.literal?.kind === "string"
      ? String(own.literal.parts[0])
      : own.image
    : pattern.first.objectName!;
  return new AlikeDeclaration(range, new Details(pattern, names, holes), objectName);
}

/** An expression that is written like that of a hole, about another literal. */
function inHole({ expression, token }: Hole, literal: Expression): Expression {
  if (expression.kind !== "index" || expression.object.kind !== "reference") return literal;
  const { object } = expression;
  const before = literal.start - token.start;
  return {
    kind: "index",
    start: expression.start + before,
    end: expression.end + literal.end - token.end,
    object: { kind: "reference", start: object.start + before, end: object.end + before, name: object.name },
    indices: [literal],
  };
}

const named = (start: number, end: number, text: string): Name => ({ kind: "name", start, end, text });
