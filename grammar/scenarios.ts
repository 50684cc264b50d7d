import type { IOrAlt, ParserMethod } from "chevrotain";
import type { Block, ChaosFault, Clause } from "./builder.ts";
import { DeclarationParser } from "./declarations.ts";
import type { Node } from "./recovery.ts";
import type { Token } from "./tokens.ts";
import * as tokens from "./tokens.ts";

type Member = Node | undefined;

/** The rules of scenarios: steps are sentences, told apart by the word that each begins with. */
export abstract class ScenarioParser extends DeclarationParser {
  abstract readonly field: ParserMethod<[], Member>;

  readonly scenario: ParserMethod<[], Member> = this.RULE(
    "scenario",
    () => {
      const first = this.CONSUME(tokens.Scenario) as Token;
      const title = this.CONSUME(tokens.StringToken) as Token;
      return this.builder.scenario(first, title, this.SUBRULE(this.stepBlock));
    },
    this.lost,
  );

  readonly stepBlock: ParserMethod<[], Block<Node>> = this.RULE(
    "stepBlock",
    () => {
      this.checkDepth();
      const open = this.CONSUME(tokens.LeftBrace);
      const members = this.SUBRULE(this.steps);
      this.CONSUME(tokens.RightBrace);
      return { members, start: open.startOffset, end: this.end() };
    },
    { resyncEnabled: false },
  );

  #step?: IOrAlt<Member>[];

  readonly steps: ParserMethod<[], Node[]> = this.RULE(
    "steps",
    () => {
      const list: Node[] = [];
      let after: "start" | "step" | "comma" = "start";
      const read = () => {
        if (this.token(1).tokenType === tokens.Comma) {
          if (after !== "step") this.reportExtraComma(this.token(1));
          after = "comma";
        } else {
          this.checkSeparator(after === "step");
          after = "step";
        }
        const step = this.OR(
          (this.#step ??= [
            { ALT: () => this.SUBRULE(this.act) },
            { ALT: () => this.SUBRULE(this.change) },
            { ALT: () => this.SUBRULE(this.fork) },
            { ALT: () => this.SUBRULE(this.repeat) },
            { ALT: () => this.SUBRULE(this.chaos) },
            { ALT: () => this.SUBRULE(this.ifStep) },
            { ALT: () => this.SUBRULE(this.let) },
            { ALT: () => this.SUBRULE(this.field) },
            { ALT: () => void this.CONSUME(tokens.Comma) },
          ]),
        );
        if (step !== undefined) list.push(step);
      };
      do this.MANY(read);
      while (this.skipStrangeStep());
      return list;
    },
    { resyncEnabled: false },
  );

  /** What is done to the cluster, and what is asserted of it. */
  readonly act: ParserMethod<[], Member> = this.RULE(
    "act",
    () => {
      const first = this.token(1);
      let operand: Node | undefined;
      let condition: Node | undefined;
      this.OR([
        { ALT: () => void this.CONSUME(tokens.Settle) },
        {
          ALT: () => {
            this.CONSUME(tokens.StepWord);
            operand = this.SUBRULE(this.expression);
          },
        },
        {
          ALT: () => {
            this.CONSUME(tokens.After);
            this.beginTrigger();
            operand = this.SUBRULE2(this.expression);
            this.CONSUME(tokens.Colon);
            condition = this.SUBRULE3(this.expression);
          },
        },
        {
          ALT: () => {
            this.CONSUME(tokens.At);
            this.CONSUME(tokens.Most);
            operand = this.SUBRULE(this.amount);
            condition = this.SUBRULE4(this.expression);
          },
        },
      ]);
      const clauses = this.SUBRULE(this.clauses);
      return this.builder.step(first, { operand, condition, clauses }, this.end());
    },
    this.lost,
  );

  /** A number before a value: what brackets follow belongs to that value. */
  readonly amount: ParserMethod<[], Node> = this.RULE(
    "amount",
    () =>
      this.OR<Node>({
        DEF: [
          { ALT: () => this.builder.literal(this.CONSUME(tokens.Figure) as Token) },
          { ALT: () => this.builder.reference(this.CONSUME(tokens.Name) as Token) },
          { ALT: () => this.SUBRULE(this.parenthesised) },
        ],
        ERR_MSG: "a number, a name or a value in parentheses",
      }),
    { resyncEnabled: false },
  );

  readonly clauses: ParserMethod<[], Clause<Node>[]> = this.RULE(
    "clauses",
    () => {
      const list: Clause<Node>[] = [];
      this.MANY(() => {
        const word = this.CONSUME(tokens.Clause) as Token;
        list.push({ word, value: this.SUBRULE(this.expression), end: this.end() });
      });
      return list;
    },
    { resyncEnabled: false },
  );

  /** What is deployed: it is worked out when the file is compiled. */
  readonly change: ParserMethod<[], Member> = this.RULE(
    "change",
    () =>
      this.OR<Member>([
        {
          ALT: () => {
            const first = this.CONSUME(tokens.Update) as Token;
            const word = this.CONSUME(tokens.Word) as Token;
            return this.builder.update(first, word, this.SUBRULE(this.operand), this.SUBRULE(this.block));
          },
        },
        {
          ALT: () => {
            const first = this.CONSUME(tokens.Apply) as Token;
            return this.builder.apply(first, this.SUBRULE2(this.block));
          },
        },
      ]),
    this.lost,
  );

  /** `for each x in xs`, `for any 2 x in xs`: runs that part here; `for x in xs`: one after the other. */
  readonly fork: ParserMethod<[], Member> = this.RULE(
    "fork",
    () => {
      const first = this.CONSUME(tokens.For) as Token;
      let forks = true;
      let count: Node | undefined;
      let variable = first;
      this.OR({
        DEF: [
          {
            ALT: () => {
              this.CONSUME(tokens.Each);
              variable = this.CONSUME(tokens.Word) as Token;
            },
          },
          {
            ALT: () => {
              this.CONSUME(tokens.Any);
              count = this.SUBRULE(this.operand);
              variable = this.CONSUME2(tokens.Word) as Token;
            },
          },
          {
            ALT: () => {
              variable = this.CONSUME(tokens.PlainWord) as Token;
              forks = false;
            },
          },
        ],
        ERR_MSG: "`each`, `any` or a name",
      });
      this.CONSUME(tokens.In);
      const over = this.SUBRULE(this.expression);
      const body = this.SUBRULE(this.stepBlock);
      if (!forks) return this.builder.forMember(first, { variables: [variable], over }, body);
      return this.builder.fork(first, count, variable, over, body);
    },
    this.lost,
  );

  readonly repeat: ParserMethod<[], Member> = this.RULE(
    "repeat",
    () => {
      const first = this.CONSUME(tokens.Repeat) as Token;
      const count = this.SUBRULE(this.operand);
      const variable = this.OPTION(() => {
        this.CONSUME(tokens.As);
        return this.CONSUME(tokens.Word) as Token;
      });
      return this.builder.repeat(first, count, variable, this.SUBRULE(this.stepBlock));
    },
    this.lost,
  );

  readonly chaos: ParserMethod<[], Member> = this.RULE(
    "chaos",
    () => {
      const first = this.CONSUME(tokens.Chaos) as Token;
      const clauses = this.SUBRULE(this.clauses);
      this.CONSUME(tokens.LeftBrace);
      const faults: ChaosFault<Node>[] = [];
      this.MANY(() =>
        this.OR([
          { ALT: () => void this.CONSUME(tokens.Comma) },
          {
            ALT: () => {
              this.checkSeparator(faults.length > 0);
              const key = this.CONSUME(tokens.Key) as Token;
              this.CONSUME(tokens.Colon);
              const count = this.SUBRULE(this.expression);
              faults.push({ key, count, clauses: this.SUBRULE2(this.clauses), end: this.end() });
            },
          },
        ]),
      );
      this.CONSUME(tokens.RightBrace);
      return this.builder.chaos(first, clauses, faults, this.end());
    },
    this.lost,
  );

  readonly ifStep: ParserMethod<[], Member> = this.RULE(
    "ifStep",
    () => {
      this.checkDepth();
      const first = this.CONSUME(tokens.If) as Token;
      const condition = this.SUBRULE(this.expression);
      const then = this.SUBRULE(this.stepBlock);
      const otherwise = this.OPTION(() => {
        this.CONSUME(tokens.Else);
        return this.OR<Block<Node> | Member>([
          { ALT: () => this.SUBRULE2(this.stepBlock) },
          { ALT: () => this.SUBRULE(this.ifStep) },
        ]);
      });
      return this.builder.ifMember(first, condition, then, otherwise, this.end());
    },
    this.lost,
  );
}
