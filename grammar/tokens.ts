import type { IToken, TokenType } from "chevrotain";

/** A token as the lexer makes it. Chevrotain needs the first four fields; offsets are UTF-16 code units. */
export interface Token extends IToken {
  /** Exclusive. Chevrotain's own `endOffset` is inclusive and left out. */
  readonly end: number;
  /** Whether it is the first token on its line. */
  readonly newline: boolean;
  readonly literal?: Literal;
}

/** What the lexer read out of a literal token, so that nobody reads its text twice. */
export type Literal =
  | { readonly kind: "string"; readonly parts: readonly StringPart[] }
  | { readonly kind: "number"; readonly digits: string }
  | { readonly kind: "quantity"; readonly digits: string; readonly unit: string }
  | { readonly kind: "address"; readonly text: string; readonly cidr: boolean }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "none" }
  /** Reported already; stands for any value. */
  | { readonly kind: "invalid" };

/** Text with its escapes resolved, or a hole: the range between its braces, still to be parsed. */
export type StringPart = string | Hole;
export interface Hole {
  readonly start: number;
  readonly end: number;
}

/** Every token type by name, in the order of definition: the vocabulary that the parser is given. */
export const vocabulary: Record<string, TokenType> = {};

/** What stands behind the last token. Chevrotain numbers its own two types first (thorough.ts). */
export const EndOfFile = tokenType(1, "EOF", "EOF", []);
let nextType = 3;

/** As Chevrotain's `createToken` makes it, without Chevrotain: a text without mistakes is read without loading it. */
function tokenType(tokenTypeIdx: number, name: string, LABEL: string, CATEGORIES: TokenType[]): TokenType {
  const type = {
    name,
    LABEL,
    CATEGORIES,
    tokenTypeIdx,
    categoryMatches: [],
    categoryMatchesMap: {},
    isParent: false,
  };
  for (const category of CATEGORIES) enter(category, tokenTypeIdx);
  return type;
}

function enter(category: TokenType, index: number): void {
  if (category.categoryMatchesMap![index]) return;
  category.categoryMatchesMap![index] = true;
  category.categoryMatches!.push(index);
  category.isParent = true;
  for (const wider of category.CATEGORIES!) enter(wider, index);
}

function define(name: string, label: string, ...categories: TokenType[]): TokenType {
  return (vocabulary[name] = tokenType(nextType++, name, label, categories));
}

// ── Categories: what a position may ask for ────────────────────────────────────────────────────────────────

/** Any word that is not reserved, and one that is where a `:` follows or a `.` goes before. */
export const Word = define("Word", "a name");
/** A word that may be a reference: not one that a `:` follows, for that is always a key. */
export const Name = define("Name", "a name", Word);
/** A word that opens a declaration: not one of those that open another kind of member. */
export const Head = define("Head", "a name", Name);
export const LiteralToken = define("Literal", "a value");
/** What `key: value` begins with. */
export const FieldKey = define("FieldKey", "a key");
/** A word that opens a step of a scenario which goes on with a value. */
export const StepWord = define("StepWord", "a step", Head);
/** A word that opens a part of a step: `within 5min`. */
export const Clause = define("Clause", "a clause", Head);
export const BinaryOperator = define("BinaryOperator", "an operator");
export const PrefixOperator = define("PrefixOperator", "`not` or `-`");

// ── Words ──────────────────────────────────────────────────────────────────────────────────────────────────

export const PlainWord = define("PlainWord", "a name", Head);
/** A word with a `:` right after it. */
export const Key = define("Key", "a key", Word, FieldKey);
/** `has` before a label key: a term of a selection, not a name. */
export const Has = define("Has", "`has`");

const word = (text: string, ...categories: TokenType[]) =>
  define(text[0]!.toUpperCase() + text.slice(1), `\`${text}\``, ...categories);

export const True = word("true", LiteralToken);
export const False = word("false", LiteralToken);
export const None = word("none", LiteralToken);
export const If = word("if");
export const Then = word("then");
export const Else = word("else");
export const For = word("for");
export const In = word("in", BinaryOperator);
export const Match = word("match");
export const And = word("and", BinaryOperator);
export const Or = word("or", BinaryOperator);
export const Not = word("not", PrefixOperator);
/** `not in`, joined by the lexer. */
export const NotIn = define("NotIn", "`not in`", BinaryOperator);
export const Where = word("where");

/** Words that are never names, except before `:` and after `.`. */
export const reservedWords: ReadonlyMap<string, TokenType> = new Map([
  ["if", If],
  ["then", Then],
  ["else", Else],
  ["for", For],
  ["in", In],
  ["match", Match],
  ["and", And],
  ["or", Or],
  ["not", Not],
  ["where", Where],
  ["has", Has],
  ["true", True],
  ["false", False],
  ["none", None],
]);

export const Use = word("use", Name);
export const Param = word("param", Name);
export const Let = word("let", Name);
export const Fn = word("fn", Name);
export const Type = word("type", Name);
export const Label = word("label", Name);
export const Template = word("template", Name);
export const Extend = word("extend", Name);
export const Drop = word("drop", Name);
export const External = word("external", Name);
export const Mount = word("mount", Name);
export const Require = word("require", Name);
export const Assert = word("assert", Name);
export const Policy = word("policy", Name);
export const Scenario = word("scenario", Name);

/** Words that open a member of their own shape. Elsewhere they are names. */
export const memberWords: ReadonlyMap<string, TokenType> = new Map([
  ["use", Use],
  ["param", Param],
  ["let", Let],
  ["fn", Fn],
  ["type", Type],
  ["label", Label],
  ["template", Template],
  ["extend", Extend],
  ["drop", Drop],
  ["external", External],
  ["mount", Mount],
  ["require", Require],
  ["assert", Assert],
  ["policy", Policy],
  ["scenario", Scenario],
]);

export const As = word("as", Head);
export const With = word("with", Head);
export const At = word("at", Head);
export const Readonly = word("readonly", Head);
export const On = define("On", "`on`", Clause);

/** What opens a part of a step. */
export const clauseWords: readonly string[] = [
  ...["within", "during", "until", "by", "from", "to", "per", "on", "lasting"],
];

/** Words that stand within a member. Elsewhere they are names. */
export const innerWords: ReadonlyMap<string, TokenType> = new Map([
  ["as", As],
  ["with", With],
  ["at", At],
  ["readonly", Readonly],
  ...clauseWords.map((text) => [text, text === "on" ? On : word(text, Clause)] as const),
]);

/** Words that open a step of a scenario with a shape of its own. */
export const Settle = word("settle", Head);
export const After = word("after", Head);
export const Update = word("update", Head);
export const Apply = word("apply", Head);
export const Repeat = word("repeat", Head);
export const Chaos = word("chaos", Head);

/** What opens a step that goes on with a value: what is done, then what is asserted. */
export const sentences: readonly string[] = [
  ...[
    "kill",
    "revive",
    "cordon",
    "uncordon",
    "drain",
    "crash",
    "fill",
    "slow",
    "cut",
    "heal",
    "scale",
    "wait",
  ],
  ...["expect", "always", "never", "eventually", "stays", "sometimes"],
];

/** Words that open a step of a scenario. Elsewhere they are names. */
export const stepWords: ReadonlyMap<string, TokenType> = new Map([
  ["settle", Settle],
  ...sentences.map((text) => [text, word(text, StepWord)] as const),
  ["after", After],
  ["update", Update],
  ["apply", Apply],
  ["repeat", Repeat],
  ["chaos", Chaos],
]);

export const Each = word("each", Head);
export const Any = word("any", Head);
export const Most = word("most", Head);

/** Every word of the language with its token type: one look-up for the lexer. */
export const words: ReadonlyMap<string, TokenType> = new Map([
  ...reservedWords,
  ...memberWords,
  ...innerWords,
  ...stepWords,
  ["each", Each],
  ["any", Any],
  ["most", Most],
]);

/** What the words that are values stand for. */
export const wordLiterals: ReadonlyMap<string, Literal> = new Map([
  ["true", { kind: "boolean", value: true }],
  ["false", { kind: "boolean", value: false }],
  ["none", { kind: "none" }],
]);

export const wordTypes: ReadonlySet<TokenType> = new Set([PlainWord, ...words.values()]);

// ── Literals ───────────────────────────────────────────────────────────────────────────────────────────────

export const StringToken = define("String", "a string", LiteralToken, FieldKey);
/** A number that is not a word or a string: what may stand as `port 8080`. */
export const Figure = define("Figure", "a number", LiteralToken);
export const NumberToken = define("Number", "a number", Figure);
export const Quantity = define("Quantity", "a quantity", Figure);
export const Address = define("Address", "an address", Figure);
export const Invalid = define("Invalid", "a value", Figure);

// ── Signs ──────────────────────────────────────────────────────────────────────────────────────────────────

const sign = (name: string, text: string, ...categories: TokenType[]) =>
  define(name, `\`${text}\``, ...categories);

export const LeftBrace = sign("LeftBrace", "{");
export const RightBrace = sign("RightBrace", "}");
export const LeftBracket = sign("LeftBracket", "[");
export const RightBracket = sign("RightBracket", "]");
export const LeftParenthesis = sign("LeftParenthesis", "(");
export const RightParenthesis = sign("RightParenthesis", ")");
export const Comma = sign("Comma", ",");
export const Colon = sign("Colon", ":");
export const Equals = sign("Equals", "=");
export const Arrow = sign("Arrow", "->");
export const FatArrow = sign("FatArrow", "=>");
export const Spread = sign("Spread", "...");
export const Dot = sign("Dot", ".");
export const Bar = sign("Bar", "|");
export const Question = sign("Question", "?");
export const Star = sign("Star", "*", BinaryOperator);
export const Slash = sign("Slash", "/", BinaryOperator);
export const Plus = sign("Plus", "+", BinaryOperator);
export const Minus = sign("Minus", "-", BinaryOperator, PrefixOperator);
export const DotDot = sign("DotDot", "..", BinaryOperator);
export const EqualsEquals = sign("EqualsEquals", "==", BinaryOperator);
export const NotEquals = sign("NotEquals", "!=", BinaryOperator);
export const Less = sign("Less", "<", BinaryOperator);
export const LessEquals = sign("LessEquals", "<=", BinaryOperator);
export const Greater = sign("Greater", ">", BinaryOperator);
export const GreaterEquals = sign("GreaterEquals", ">=", BinaryOperator);
export const Coalesce = sign("Coalesce", "??", BinaryOperator);

/** The closer of each opener, by token type. */
export const closerOf: ReadonlyMap<TokenType, TokenType> = new Map([
  [LeftBrace, RightBrace],
  [LeftBracket, RightBracket],
  [LeftParenthesis, RightParenthesis],
]);

/** Tight binds first. Ranges and comparisons do not chain. */
export const precedence: ReadonlyMap<TokenType, number> = new Map([
  [Star, 8],
  [Slash, 8],
  [Plus, 7],
  [Minus, 7],
  [DotDot, 6],
  [EqualsEquals, 5],
  [NotEquals, 5],
  [Less, 5],
  [LessEquals, 5],
  [Greater, 5],
  [GreaterEquals, 5],
  [In, 5],
  [NotIn, 5],
  [Coalesce, 4],
  [And, 3],
  [Or, 2],
]);

export function makeToken(
  tokenType: TokenType,
  image: string,
  start: number,
  end: number,
  newline: boolean,
  literal?: Literal,
): Token {
  return {
    image,
    startOffset: start,
    end,
    tokenTypeIdx: tokenType.tokenTypeIdx!,
    tokenType,
    newline,
    literal: literal!,
  };
}
