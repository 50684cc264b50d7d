import type { ParserMethod } from "chevrotain";
import type { TypeField } from "./builder.ts";
import { ExpressionParser } from "./expressions.ts";
import type { Node } from "./recovery.ts";
import type { Token } from "./tokens.ts";
import * as tokens from "./tokens.ts";

interface RecordParts {
  readonly fields: TypeField<Node>[];
  values?: Node;
}

/** The rules of types. */
export abstract class TypeParser extends ExpressionParser {
  readonly type: ParserMethod<[], Node> = this.RULE(
    "type",
    () => {
      this.checkDepth();
      const options = [this.SUBRULE(this.typeOption)];
      this.MANY(() => {
        this.CONSUME(tokens.Bar);
        options.push(this.SUBRULE2(this.typeOption));
      });
      const type = options.length === 1 ? options[0]! : this.builder.unionType(options);
      const predicate = this.OPTION(() => {
        this.CONSUME(tokens.Where);
        return this.SUBRULE(this.expression);
      });
      return predicate === undefined ? type : this.builder.refinedType(type, predicate);
    },
    { recoveryValueFunc: () => this.builder.missingType(this.end()) },
  );

  readonly typeOption: ParserMethod<[], Node> = this.RULE(
    "typeOption",
    () => {
      this.checkLine("a type");
      let type = this.OR({
        DEF: [
          { ALT: () => this.SUBRULE(this.namedType) },
          {
            ALT: () =>
              this.builder.literalType(this.builder.literal(this.CONSUME(tokens.LiteralToken) as Token)),
          },
          { ALT: () => this.SUBRULE(this.negativeType) },
          { ALT: () => this.SUBRULE(this.listType) },
          { ALT: () => this.SUBRULE(this.recordType) },
        ],
        ERR_MSG: "a type",
      });
      this.MANY(() => {
        this.CONSUME(tokens.Question);
        type = this.builder.optionalType(type, this.end());
      });
      return type;
    },
    { resyncEnabled: false },
  );

  readonly namedType: ParserMethod<[], Node> = this.RULE(
    "namedType",
    () => {
      const path = [this.CONSUME(tokens.Name) as Token];
      this.MANY(() => {
        this.CONSUME(tokens.Dot);
        path.push(this.CONSUME(tokens.Word) as Token);
      });
      const argument = this.OPTION(() => {
        this.CONSUME(tokens.LeftParenthesis);
        const value = this.SUBRULE(this.expression);
        this.CONSUME(tokens.RightParenthesis);
        return value;
      });
      return this.builder.namedType(path, argument, this.end());
    },
    { resyncEnabled: false },
  );

  /** A negative number as a type. */
  readonly negativeType: ParserMethod<[], Node> = this.RULE(
    "negativeType",
    () => {
      const minus = this.CONSUME(tokens.Minus) as Token;
      const value = this.builder.literal(this.CONSUME(tokens.Figure) as Token);
      return this.builder.literalType(this.builder.unary(minus, value));
    },
    { resyncEnabled: false },
  );

  readonly listType: ParserMethod<[], Node> = this.RULE(
    "listType",
    () => {
      const open = this.CONSUME(tokens.LeftBracket) as Token;
      const element = this.SUBRULE(this.type);
      this.CONSUME(tokens.RightBracket);
      return this.builder.listType(open, element, this.end());
    },
    { resyncEnabled: false },
  );

  readonly recordType: ParserMethod<[], Node> = this.RULE(
    "recordType",
    () => {
      const open = this.CONSUME(tokens.LeftBrace) as Token;
      const parts: RecordParts = { fields: [] };
      this.MANY(() =>
        this.OR([
          { ALT: () => void this.CONSUME(tokens.Comma) },
          { ALT: () => this.#values(parts) },
          { ALT: () => this.#typeField(parts) },
        ]),
      );
      this.CONSUME(tokens.RightBrace);
      return this.builder.recordType(open, parts.fields, parts.values, this.end());
    },
    { resyncEnabled: false },
  );

  /** `[String]: T` */
  #values(parts: RecordParts): void {
    this.checkSeparator(parts.fields.length > 0);
    this.CONSUME(tokens.LeftBracket);
    // What stands here is always `String`; the checker says so where it is not.
    this.SUBRULE(this.type);
    this.CONSUME(tokens.RightBracket);
    this.CONSUME(tokens.Colon);
    parts.values = this.SUBRULE2(this.type);
  }

  #typeField(parts: RecordParts): void {
    this.checkSeparator(parts.fields.length > 0);
    const name = this.CONSUME(tokens.Word) as Token;
    const optional = this.OPTION(() => this.CONSUME(tokens.Question)) !== undefined;
    this.CONSUME2(tokens.Colon);
    parts.fields.push({ name, optional, type: this.SUBRULE3(this.type) });
  }
}
