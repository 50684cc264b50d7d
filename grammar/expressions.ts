import type { IOrAlt, ParserMethod, TokenType } from "chevrotain";
import type { Argument, Arm, Block, ForClause, Item } from "./builder.ts";
import { type Node, RecoveringParser } from "./recovery.ts";
import * as tokens from "./tokens.ts";
import { precedence, type Token } from "./tokens.ts";

type Alternatives<Result> = { DEF: IOrAlt<Result>[]; ERR_MSG: string };

/** What a value may go on with. */
const goesOn: ReadonlySet<TokenType> = new Set([
  ...precedence.keys(),
  tokens.Where,
  tokens.Dot,
  tokens.LeftBracket,
  tokens.LeftParenthesis,
]);

const comparison = precedence.get(tokens.EqualsEquals)!;
const range = precedence.get(tokens.DotDot)!;

/** The rules of values. Operators are read as a flat list and then grouped by the table of precedence. */
export abstract class ExpressionParser extends RecoveringParser {
  abstract readonly block: ParserMethod<[], Block<Node>>;

  readonly #missing = { recoveryValueFunc: () => this.builder.missing(this.end()) };
  readonly #strict = { resyncEnabled: false };

  /** What stands in a hole of a string: one value and nothing more. */
  readonly hole: ParserMethod<[], Node> = this.RULE(
    "hole",
    () => {
      const value = this.SUBRULE(this.expression);
      this.skipStranger("`}`");
      return value;
    },
    this.#missing,
  );

  readonly expression: ParserMethod<[], Node> = this.RULE(
    "expression",
    () => {
      this.checkDepth();
      const plain = this.#plain();
      if (plain !== undefined) return plain;
      const outer = this.beginChain();
      const first = this.SUBRULE(this.operand);
      let operands: Node[] | undefined;
      let operators: Token[] | undefined;
      this.MANY(() => {
        (operators ??= []).push(this.CONSUME(tokens.BinaryOperator) as Token);
        (operands ??= [first]).push(this.SUBRULE2(this.operand));
      });
      let value = first;
      if (operators !== undefined) {
        value = this.#group(operands!, operators);
        this.lengthenChain(operators.length);
      }
      this.OPTION(() => {
        this.CONSUME(tokens.Where);
        value = this.builder.where(value, this.SUBRULE(this.expression));
      });
      this.endChain(outer);
      return value;
    },
    this.#missing,
  );

  /** A literal or a name alone, as most values are: read without asking for all that could go on from it. */
  #plain(): Node | undefined {
    if (!this.quick || goesOn.has(this.token(2).tokenType)) return undefined;
    const next = this.token(1);
    if (next.literal !== undefined) return this.builder.literal(this.CONSUME(tokens.LiteralToken) as Token);
    if (next.tokenType !== tokens.PlainWord || next.newline) return undefined;
    return this.builder.reference(this.CONSUME(tokens.Name) as Token);
  }

  readonly operand: ParserMethod<[], Node> = this.RULE(
    "operand",
    () => {
      let prefix: Token[] | undefined;
      this.MANY(() => {
        (prefix ??= []).push(this.CONSUME(tokens.PrefixOperator) as Token);
      });
      this.checkLine("a value");
      let value = this.OR(
        (this.#primary ??= {
          DEF: [
            { ALT: () => this.builder.literal(this.CONSUME(tokens.LiteralToken) as Token) },
            { ALT: () => this.builder.reference(this.CONSUME(tokens.Name) as Token) },
            { ALT: () => this.SUBRULE(this.parenthesised) },
            { ALT: () => this.SUBRULE(this.list) },
            { ALT: () => this.builder.record(this.SUBRULE(this.block)) },
            { ALT: () => this.SUBRULE(this.conditional) },
            { ALT: () => this.SUBRULE(this.match) },
            { ALT: () => this.SUBRULE(this.has) },
          ],
          ERR_MSG: "a value",
        }),
      );
      let links = prefix?.length ?? 0;
      this.MANY2(() => {
        links++;
        value = this.OR2([
          { ALT: () => this.#member(value) },
          { ALT: () => this.builder.index(value, this.SUBRULE(this.indices), this.end()) },
          { ALT: () => this.builder.call(value, this.SUBRULE(this.arguments), this.end()) },
        ]);
      });
      if (links > 0) this.lengthenChain(links);
      while (prefix !== undefined && prefix.length > 0) value = this.builder.unary(prefix.pop()!, value);
      return value;
    },
    this.#strict,
  );
  #primary?: Alternatives<Node>;

  #member(object: Node): Node {
    this.CONSUME(tokens.Dot);
    return this.builder.member(object, this.CONSUME(tokens.Word) as Token);
  }

  readonly has: ParserMethod<[], Node> = this.RULE(
    "has",
    () => this.builder.has(this.CONSUME(tokens.Has) as Token, this.CONSUME(tokens.Word) as Token),
    this.#strict,
  );

  readonly parenthesised: ParserMethod<[], Node> = this.RULE(
    "parenthesised",
    () => {
      const open = this.CONSUME(tokens.LeftParenthesis);
      const value = this.SUBRULE(this.expression);
      this.CONSUME(tokens.RightParenthesis);
      return this.builder.parenthesised(value, open.startOffset, this.end());
    },
    this.#strict,
  );

  readonly list: ParserMethod<[], Node> = this.RULE(
    "list",
    () => {
      const open = this.CONSUME(tokens.LeftBracket) as Token;
      const items: Item<Node>[] = [];
      this.separated("items of a list", () =>
        this.MANY(() =>
          this.OR([
            { ALT: () => this.comma(this.CONSUME(tokens.Comma) as Token) },
            {
              ALT: () => {
                this.item();
                const spread = this.OPTION(() => this.CONSUME(tokens.Spread)) !== undefined;
                items.push({ spread, value: this.SUBRULE(this.expression) });
              },
            },
          ]),
        ),
      );
      const comprehension = this.OPTION2(() => this.SUBRULE(this.forClause));
      this.CONSUME(tokens.RightBracket);
      if (comprehension !== undefined && (items.length !== 1 || items[0]!.spread)) {
        this.problems.push({ kind: "comprehension", start: open.startOffset, end: this.end() });
      }
      return this.builder.list(open, items, comprehension, this.end());
    },
    this.#strict,
  );

  /** `for x in xs if c`, in a list and as a member. */
  readonly forClause: ParserMethod<[], ForClause<Node>> = this.RULE(
    "forClause",
    () => {
      this.CONSUME(tokens.For);
      const variables = [this.CONSUME(tokens.Word) as Token];
      this.OPTION(() => {
        this.CONSUME(tokens.Comma);
        variables.push(this.CONSUME2(tokens.Word) as Token);
      });
      this.CONSUME(tokens.In);
      const over = this.SUBRULE(this.expression);
      const condition = this.OPTION2(() => {
        this.CONSUME(tokens.If);
        return this.SUBRULE2(this.expression);
      });
      return condition === undefined ? { variables, over } : { variables, over, condition };
    },
    this.#strict,
  );

  readonly conditional: ParserMethod<[], Node> = this.RULE(
    "conditional",
    () => {
      const first = this.CONSUME(tokens.If) as Token;
      const condition = this.SUBRULE(this.expression);
      this.CONSUME(tokens.Then);
      const then = this.SUBRULE2(this.expression);
      this.CONSUME(tokens.Else);
      const otherwise = this.SUBRULE3(this.expression);
      return this.builder.conditional(first, condition, then, otherwise);
    },
    this.#strict,
  );

  readonly match: ParserMethod<[], Node> = this.RULE(
    "match",
    () => {
      const first = this.CONSUME(tokens.Match) as Token;
      const subject = this.SUBRULE(this.expression);
      this.CONSUME(tokens.LeftBrace);
      const arms: Arm<Node>[] = [];
      this.MANY(() =>
        this.OR([
          { ALT: () => this.CONSUME(tokens.Comma) },
          {
            ALT: () => {
              this.checkSeparator(arms.length > 0);
              const pattern = this.SUBRULE2(this.expression);
              this.CONSUME(tokens.FatArrow);
              const value = this.SUBRULE3(this.expression);
              if (!this.RECORDING_PHASE) arms.push({ pattern, value, start: pattern.start, end: this.end() });
            },
          },
        ]),
      );
      this.CONSUME(tokens.RightBrace);
      return this.builder.match(first, subject, arms, this.end());
    },
    this.#strict,
  );

  readonly indices: ParserMethod<[], Node[]> = this.RULE(
    "indices",
    () => {
      const values: Node[] = [];
      this.CONSUME(tokens.LeftBracket);
      this.separated("indices", () =>
        this.MANY(() =>
          this.OR([
            { ALT: () => this.comma(this.CONSUME(tokens.Comma) as Token) },
            {
              ALT: () => {
                this.item();
                values.push(this.SUBRULE(this.expression));
              },
            },
          ]),
        ),
      );
      this.CONSUME(tokens.RightBracket);
      return values;
    },
    this.#strict,
  );

  readonly arguments: ParserMethod<[], Argument<Node>[]> = this.RULE(
    "arguments",
    () => {
      const values: Argument<Node>[] = [];
      this.CONSUME(tokens.LeftParenthesis);
      this.separated("arguments", () =>
        this.MANY(() =>
          this.OR([
            { ALT: () => this.comma(this.CONSUME(tokens.Comma) as Token) },
            {
              ALT: () => {
                this.item();
                const start = this.token(1).startOffset;
                const name = this.OPTION(() => {
                  const key = this.CONSUME(tokens.Key) as Token;
                  this.CONSUME(tokens.Colon);
                  return key;
                });
                const value = this.SUBRULE(this.expression);
                // Where the value is missing, what was read last may lie before the argument.
                const end = Math.max(start, this.end());
                values.push({ ...(name === undefined ? {} : { name }), value, start, end });
              },
            },
          ]),
        ),
      );
      this.CONSUME(tokens.RightParenthesis);
      return values;
    },
    this.#strict,
  );

  // ── Separators: checked on what was read, never needed to read it ────────────────────────────────────────

  /** What the last thing read in the list around was; saved where lists nest. */
  #after: "start" | "item" | "comma" = "start";
  #among = "";

  /** Reads items and commas in any order; `item` and `comma` say what is wrong with the order. */
  protected separated(among: string, read: () => void): void {
    const [after, outer] = [this.#after, this.#among];
    this.#after = "start";
    this.#among = among;
    try {
      read();
    } finally {
      this.#after = after;
      this.#among = outer;
    }
  }

  protected item(): void {
    if (this.#after === "item") {
      const next = this.token(1);
      this.report({ kind: "missing-comma", start: this.end(), end: next.startOffset, among: this.#among });
    }
    this.#after = "item";
  }

  protected comma(token: Token): void {
    if (this.#after !== "item") this.reportExtraComma(token);
    this.#after = "comma";
  }

  protected reportExtraComma(token: Token): void {
    if (this.RECORDING_PHASE) return;
    this.problems.push({ kind: "extra-comma", start: token.startOffset, end: token.end });
  }

  /** Members and arms stand on lines of their own, or commas stand between them. */
  protected checkSeparator(second: boolean): void {
    const next = this.token(1);
    if (!second || next.newline || this.token(0).tokenType === tokens.Comma) return;
    this.report({ kind: "missing-separator", start: this.end(), end: next.end });
  }

  // ── Grouping ─────────────────────────────────────────────────────────────────────────────────────────────

  #group(operands: readonly Node[], operators: readonly Token[]): Node {
    let at = 0;
    const climb = (tightest: number): Node => {
      let left = operands[at]!;
      let last: TokenType | undefined;
      let lastBinding = 0;
      for (;;) {
        const operator = operators[at];
        const binding = operator === undefined ? 0 : (precedence.get(operator.tokenType) ?? 0);
        if (operator === undefined || binding < tightest) return left;
        if (binding === lastBinding && (binding === comparison || binding === range)) {
          const { startOffset: start, end, image } = operator;
          this.problems.push({ kind: "chained", start, end, first: last!.LABEL!, second: `\`${image}\`` });
        }
        last = operator.tokenType;
        lastBinding = binding;
        at++;
        left = this.builder.binary(operator, left, climb(binding + 1));
      }
    };
    return this.RECORDING_PHASE ? operands[0]! : climb(1);
  }
}
