import type { IOrAlt, IParserConfig, ParserMethod } from "chevrotain";
import type { Block, DeclarationParts, FamilyPart } from "./builder.ts";
import type { Node } from "./recovery.ts";
import { ScenarioParser } from "./scenarios.ts";
import type { Token } from "./tokens.ts";
import * as tokens from "./tokens.ts";

type Mutable<Parts> = { -readonly [Key in keyof Parts]: Parts[Key] };
type Member = Node | undefined;

/** The whole language. Rules of members stand here; values, types and the declarations of values are inherited. */
export class KdslParser extends ScenarioParser {
  constructor(config?: IParserConfig) {
    super(config);
    this.analyse();
  }

  readonly module: ParserMethod<[], Node[]> = this.RULE("module", () => this.SUBRULE(this.members), {
    recoveryValueFunc: () => [],
  });

  readonly block: ParserMethod<[], Block<Node>> = this.RULE(
    "block",
    () => {
      this.checkDepth();
      const open = this.CONSUME(tokens.LeftBrace);
      const members = this.SUBRULE(this.members);
      this.CONSUME(tokens.RightBrace);
      return { members, start: open.startOffset, end: this.end() };
    },
    { resyncEnabled: false },
  );

  #member?: IOrAlt<Member>[];

  readonly members: ParserMethod<[], Node[]> = this.RULE(
    "members",
    () => {
      const list: Node[] = [];
      const top = this.token(0).tokenType !== tokens.LeftBrace;
      let after: "start" | "member" | "comma" = "start";
      const read = () => {
        if (this.token(1).tokenType === tokens.Comma) {
          if (after !== "member") this.reportExtraComma(this.token(1));
          after = "comma";
        } else {
          this.checkSeparator(after === "member");
          after = "member";
        }
        const member = this.OR(
          (this.#member ??= [
            { ALT: () => this.SUBRULE(this.field) },
            { ALT: () => this.SUBRULE(this.declaration) },
            { ALT: () => void this.CONSUME(tokens.Comma) },
            { ALT: () => this.SUBRULE(this.ifMember) },
            { ALT: () => this.SUBRULE(this.forMember) },
            { ALT: () => this.SUBRULE(this.spread) },
            { ALT: () => this.SUBRULE(this.mount) },
            { ALT: () => this.SUBRULE(this.use) },
            { ALT: () => this.SUBRULE(this.param) },
            { ALT: () => this.SUBRULE(this.let) },
            { ALT: () => this.SUBRULE(this.fn) },
            { ALT: () => this.SUBRULE(this.typeDeclaration) },
            { ALT: () => this.SUBRULE(this.label) },
            { ALT: () => this.SUBRULE(this.template) },
            { ALT: () => this.SUBRULE(this.extend) },
            { ALT: () => this.SUBRULE(this.drop) },
            { ALT: () => this.SUBRULE(this.check) },
            { ALT: () => this.SUBRULE(this.policy) },
            { ALT: () => this.SUBRULE(this.scenario) },
          ]),
        );
        if (member !== undefined) list.push(member);
      };
      const expected = top ? "a declaration" : "a member of the block";
      do this.MANY(read);
      while (this.skipStranger(expected));
      return list;
    },
    { resyncEnabled: false },
  );

  readonly field: ParserMethod<[], Member> = this.RULE(
    "field",
    () => {
      const key = this.CONSUME(tokens.FieldKey) as Token;
      this.CONSUME(tokens.Colon);
      return this.builder.field(key, this.SUBRULE(this.expression), this.end());
    },
    this.lost,
  );

  readonly declaration: ParserMethod<[], Member> = this.RULE(
    "declaration",
    () => {
      const external = this.OPTION7(() => this.CONSUME(tokens.External) as Token);
      const parts: Mutable<DeclarationParts<Node, Node>> = { word: this.CONSUME(tokens.Head) as Token };
      if (external) parts.external = external;
      this.OPTION(() =>
        this.OR([
          { ALT: () => this.#named(parts) },
          { ALT: () => this.#aliased(parts) },
          { ALT: () => this.#qualified(parts) },
          { ALT: () => void (parts.value = this.builder.literal(this.CONSUME(tokens.Figure) as Token)) },
        ]),
      );
      this.OPTION3(() => {
        parts.family = this.SUBRULE(this.family);
      });
      this.OPTION4(() => {
        this.CONSUME(tokens.Colon);
        parts.value = this.SUBRULE(this.expression);
      });
      this.OPTION5(() => {
        this.CONSUME(tokens.Arrow);
        parts.target = this.SUBRULE2(this.expression);
      });
      this.OPTION6(() => {
        parts.body = this.SUBRULE(this.block);
      });
      return this.builder.declaration(parts, this.end());
    },
    this.lost,
  );

  #named(parts: Mutable<DeclarationParts<Node, Node>>): void {
    const next = this.token(1);
    if (next.newline && next.tokenType === tokens.Key) {
      // A word alone on its line before `key: …` has lost its value; it does not declare `key`.
      this.report({
        kind: "missing-value",
        start: parts.word.startOffset,
        end: parts.word.end,
        after: `${parts.word.image}:`,
      });
    }
    parts.name = this.CONSUME(tokens.Word) as Token;
  }

  /** `web.WebApp shop`: a template of a module. */
  #qualified(parts: Mutable<DeclarationParts<Node, Node>>): void {
    this.CONSUME(tokens.Dot);
    parts.qualifier = parts.word;
    parts.word = this.CONSUME3(tokens.Word) as Token;
    parts.name = this.CONSUME4(tokens.Word) as Token;
  }

  #aliased(parts: Mutable<DeclarationParts<Node, Node>>): void {
    parts.name = this.CONSUME(tokens.StringToken) as Token;
    this.OPTION2(() => {
      this.CONSUME(tokens.As);
      parts.alias = this.CONSUME2(tokens.Word) as Token;
    });
  }

  readonly family: ParserMethod<[], FamilyPart<Node>[]> = this.RULE(
    "family",
    () => {
      const variables: FamilyPart<Node>[] = [];
      this.CONSUME(tokens.LeftBracket);
      this.separated("family variables", () =>
        this.MANY(() =>
          this.OR([
            { ALT: () => this.comma(this.CONSUME(tokens.Comma) as Token) },
            {
              ALT: () => {
                this.item();
                const variable = this.CONSUME(tokens.Word) as Token;
                this.CONSUME(tokens.In);
                variables.push({ variable, over: this.SUBRULE(this.expression), end: this.end() });
              },
            },
          ]),
        ),
      );
      this.CONSUME(tokens.RightBracket);
      return variables;
    },
    { resyncEnabled: false },
  );

  readonly template: ParserMethod<[], Member> = this.RULE(
    "template",
    () => {
      const first = this.CONSUME(tokens.Template) as Token;
      const name = this.CONSUME(tokens.Word) as Token;
      const parameters = this.SUBRULE(this.parameters);
      return this.builder.template(first, name, parameters, this.SUBRULE(this.block), this.end());
    },
    this.lost,
  );

  readonly extend: ParserMethod<[], Member> = this.RULE(
    "extend",
    () => {
      const first = this.CONSUME(tokens.Extend) as Token;
      const word = this.CONSUME(tokens.Word) as Token;
      return this.builder.extend(first, word, this.SUBRULE(this.operand), this.SUBRULE(this.block));
    },
    this.lost,
  );

  readonly drop: ParserMethod<[], Member> = this.RULE(
    "drop",
    () => {
      const first = this.CONSUME(tokens.Drop) as Token;
      const word = this.CONSUME(tokens.Word) as Token;
      const name = this.OR([
        { ALT: () => this.CONSUME2(tokens.Word) as Token },
        { ALT: () => this.CONSUME(tokens.StringToken) as Token },
        { ALT: () => this.CONSUME(tokens.Figure) as Token },
      ]);
      return this.builder.drop(first, word, name);
    },
    this.lost,
  );

  readonly mount: ParserMethod<[], Member> = this.RULE(
    "mount",
    () => {
      const first = this.CONSUME(tokens.Mount) as Token;
      const volume = this.SUBRULE(this.expression);
      this.CONSUME(tokens.At);
      const path = this.SUBRULE2(this.expression);
      const readonly = this.OPTION(() => this.CONSUME(tokens.Readonly)) !== undefined;
      const body = this.OPTION2(() => this.SUBRULE(this.block));
      return this.builder.mount(first, volume, path, readonly, body, this.end());
    },
    this.lost,
  );

  readonly spread: ParserMethod<[], Member> = this.RULE(
    "spread",
    () => {
      const first = this.CONSUME(tokens.Spread) as Token;
      return this.builder.spread(first, this.SUBRULE(this.expression), this.end());
    },
    this.lost,
  );

  /** `require` and `assert`. */
  readonly check: ParserMethod<[], Member> = this.RULE(
    "check",
    () => {
      const first = this.OR([
        { ALT: () => this.CONSUME(tokens.Require) as Token },
        { ALT: () => this.CONSUME(tokens.Assert) as Token },
      ]);
      const condition = this.SUBRULE(this.expression);
      const message = this.OPTION(() => {
        this.CONSUME(tokens.Else);
        return this.SUBRULE2(this.expression);
      });
      return this.builder.check(first, condition, message, this.end());
    },
    this.lost,
  );

  readonly policy: ParserMethod<[], Member> = this.RULE(
    "policy",
    () => {
      const first = this.CONSUME(tokens.Policy) as Token;
      const title = this.CONSUME(tokens.StringToken) as Token;
      this.CONSUME(tokens.On);
      const word = this.CONSUME(tokens.Word) as Token;
      const variable = this.CONSUME2(tokens.Word) as Token;
      const where = this.OPTION(() => {
        this.CONSUME(tokens.Where);
        return this.SUBRULE(this.expression);
      });
      return this.builder.policy(first, title, word, variable, where, this.SUBRULE(this.block));
    },
    this.lost,
  );

  readonly ifMember: ParserMethod<[], Member> = this.RULE(
    "ifMember",
    () => {
      this.checkDepth();
      const first = this.CONSUME(tokens.If) as Token;
      const condition = this.SUBRULE(this.expression);
      const then = this.SUBRULE(this.block);
      const otherwise = this.OPTION(() => {
        this.CONSUME(tokens.Else);
        return this.OR<Block<Node> | Member>([
          { ALT: () => this.SUBRULE2(this.block) },
          { ALT: () => this.SUBRULE(this.ifMember) },
        ]);
      });
      return this.builder.ifMember(first, condition, then, otherwise, this.end());
    },
    this.lost,
  );

  readonly forMember: ParserMethod<[], Member> = this.RULE(
    "forMember",
    () => {
      const first = this.token(1);
      return this.builder.forMember(first, this.SUBRULE(this.forClause), this.SUBRULE(this.block));
    },
    this.lost,
  );
}
