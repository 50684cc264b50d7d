import type { ParserMethod } from "chevrotain";
import type { Parameter, UseParts } from "./builder.ts";
import type { Node } from "./recovery.ts";
import type { Token } from "./tokens.ts";
import * as tokens from "./tokens.ts";
import { TypeParser } from "./types.ts";

type Mutable<Parts> = { -readonly [Key in keyof Parts]: Parts[Key] };
type Member = Node | undefined;

/** The rules of what declares values: modules, parameters, functions, types and labels. */
export abstract class DeclarationParser extends TypeParser {
  /** Where a member could not be read, the block goes on without it. */
  protected readonly lost = { recoveryValueFunc: () => undefined as unknown as Node };

  readonly use: ParserMethod<[], Member> = this.RULE(
    "use",
    () => {
      const first = this.CONSUME(tokens.Use) as Token;
      const path: Token[] = [];
      this.OR({
        DEF: [
          { ALT: () => path.push(this.CONSUME(tokens.StringToken) as Token) },
          {
            ALT: () => {
              path.push(this.CONSUME(tokens.Word) as Token);
              this.MANY(() => {
                this.CONSUME(tokens.Slash);
                path.push(this.CONSUME2(tokens.Word) as Token);
              });
            },
          },
        ],
        ERR_MSG: 'a library module (`std/probe`) or a file (`"./file.kdsl"`)',
      });
      const parts: Mutable<UseParts<Node>> = { path, names: [] };
      this.OPTION(() => {
        parts.names = this.SUBRULE(this.useNames);
      });
      this.OPTION2(() => {
        this.CONSUME(tokens.As);
        parts.alias = this.CONSUME3(tokens.Word) as Token;
      });
      this.OPTION3(() => {
        this.CONSUME(tokens.With);
        parts.with = this.builder.record(this.SUBRULE(this.block));
      });
      return this.builder.use(first, parts, this.end());
    },
    this.lost,
  );

  readonly useNames: ParserMethod<[], { name: Token; alias?: Token }[]> = this.RULE(
    "useNames",
    () => {
      const names: { name: Token; alias?: Token }[] = [];
      this.CONSUME(tokens.LeftBrace);
      this.MANY(() =>
        this.OR([
          { ALT: () => void this.CONSUME(tokens.Comma) },
          {
            ALT: () => {
              this.checkSeparator(names.length > 0);
              const name = this.CONSUME(tokens.Word) as Token;
              const alias = this.OPTION(() => {
                this.CONSUME(tokens.As);
                return this.CONSUME2(tokens.Word) as Token;
              });
              names.push(alias === undefined ? { name } : { name, alias });
            },
          },
        ]),
      );
      this.CONSUME(tokens.RightBrace);
      return names;
    },
    { resyncEnabled: false },
  );

  readonly param: ParserMethod<[], Member> = this.RULE(
    "param",
    () => {
      const first = this.CONSUME(tokens.Param) as Token;
      return this.builder.param(first, this.SUBRULE(this.parameter), this.end());
    },
    this.lost,
  );

  readonly parameter: ParserMethod<[], Parameter<Node, Node>> = this.RULE(
    "parameter",
    () => {
      const name = this.CONSUME(tokens.Word) as Token;
      const type = this.OPTION(() => this.SUBRULE(this.annotation));
      const value = this.OPTION2(() => {
        this.CONSUME(tokens.Equals);
        return this.SUBRULE(this.expression);
      });
      return { name, end: this.end(), ...(type && { type }), ...(value && { value }) };
    },
    { resyncEnabled: false },
  );

  /** `: T` */
  readonly annotation: ParserMethod<[], Node> = this.RULE(
    "annotation",
    () => {
      this.CONSUME(tokens.Colon);
      return this.SUBRULE(this.type);
    },
    { resyncEnabled: false },
  );

  readonly parameters: ParserMethod<[], Parameter<Node, Node>[]> = this.RULE(
    "parameters",
    () => {
      const list: Parameter<Node, Node>[] = [];
      this.CONSUME(tokens.LeftParenthesis);
      this.separated("parameters", () =>
        this.MANY(() =>
          this.OR([
            { ALT: () => this.comma(this.CONSUME(tokens.Comma) as Token) },
            {
              ALT: () => {
                this.item();
                list.push(this.SUBRULE(this.parameter));
              },
            },
          ]),
        ),
      );
      this.CONSUME(tokens.RightParenthesis);
      return list;
    },
    { resyncEnabled: false },
  );

  readonly let: ParserMethod<[], Member> = this.RULE(
    "let",
    () => {
      const first = this.CONSUME(tokens.Let) as Token;
      const name = this.CONSUME(tokens.Word) as Token;
      const type = this.OPTION(() => this.SUBRULE(this.annotation));
      this.CONSUME(tokens.Equals);
      return this.builder.let(first, name, type, this.SUBRULE(this.expression), this.end());
    },
    this.lost,
  );

  readonly fn: ParserMethod<[], Member> = this.RULE(
    "fn",
    () => {
      const first = this.CONSUME(tokens.Fn) as Token;
      const name = this.CONSUME(tokens.Word) as Token;
      const parameters = this.SUBRULE(this.parameters);
      const result = this.OPTION(() => this.SUBRULE(this.annotation));
      this.CONSUME(tokens.Equals);
      const value = this.SUBRULE(this.expression);
      return this.builder.function(first, name, parameters, result, value, this.end());
    },
    this.lost,
  );

  readonly typeDeclaration: ParserMethod<[], Member> = this.RULE(
    "typeDeclaration",
    () => {
      const first = this.CONSUME(tokens.Type) as Token;
      const name = this.CONSUME(tokens.Word) as Token;
      this.CONSUME(tokens.Equals);
      return this.builder.type(first, name, this.SUBRULE(this.type), this.end());
    },
    this.lost,
  );

  readonly label: ParserMethod<[], Member> = this.RULE(
    "label",
    () => {
      const first = this.CONSUME(tokens.Label) as Token;
      let alias: Token | undefined;
      const key = this.OR({
        DEF: [
          { ALT: () => this.CONSUME(tokens.Word) as Token },
          {
            ALT: () => {
              const name = this.CONSUME(tokens.StringToken) as Token;
              this.CONSUME(tokens.As);
              alias = this.CONSUME2(tokens.Word) as Token;
              return name;
            },
          },
        ],
        ERR_MSG: "a label key",
      });
      const type = this.OPTION(() => this.SUBRULE(this.annotation));
      return this.builder.label(first, key, alias, type, this.end());
    },
    this.lost,
  );
}
