import type {
  EmbeddedActionsParser,
  IOrAlt,
  IParserConfig,
  IRuleConfig,
  IToken,
  ParserMethod,
  TokenType,
} from "chevrotain";
import { choices } from "./choices.ts";
import { makeThorough } from "./thorough.ts";
import { EndOfFile, type Token, vocabulary } from "./tokens.ts";

/**
 * Runs the rules in one of two ways. Chevrotain knows the grammar, looks for ambiguities in it, and reads texts with
 * mistakes. Most texts have none: they are read *quickly*, by the same rules and from tables of what each choice
 * begins with (choices.ts), without the records that only recovery needs and without Chevrotain's analysis of the
 * grammar, which takes longer than to read a file of ordinary size. Whatever a quick reading does not expect ends it,
 * and the text is read again by Chevrotain.
 */

/** Thrown where a quick reading ends. */
export const notQuick = new Error("not to be read quickly");

type Alternatives<Result> = IOrAlt<Result>[] | { DEF: IOrAlt<Result>[]; ERR_MSG?: string };

/** What the rules use of Chevrotain, and what it hides in its type declarations (version 11.2). */
interface Chevrotain {
  input: IToken[];
  readonly tokVector: IToken[];
  readonly RECORDING_PHASE: boolean;
  readonly RULE_STACK_IDX: number;
  readonly currIdx: number;
  LA(ahead: number): IToken;
  consumeToken(): void;
  performSelfAnalysis(): void;
  getGAstProductions: EmbeddedActionsParser["getGAstProductions"];
  RULE<Result>(
    name: string,
    implementation: () => Result,
    config?: IRuleConfig<Result>,
  ): ParserMethod<[], Result>;
  subrule<Result>(occurrence: number, rule: ParserMethod<[], Result>): Result;
  consume(occurrence: number, type: TokenType): IToken;
  or<Result>(occurrence: number, alternatives: Alternatives<Result>): Result;
  option<Result>(occurrence: number, action: () => Result): Result | undefined;
  many(occurrence: number, action: () => void): void;
}

/** What Chevrotain asks when the text does not fit. */
export interface Recovery {
  onMismatch(expected: TokenType): never;
  onMissing(expected: TokenType, error: unknown): Token;
  onNoChoice(expected: string | undefined): never;
  onFailedRule(error: unknown, resumes: boolean, substitute: () => unknown): unknown;
}

const endOfFile = {
  tokenType: EndOfFile,
  tokenTypeIdx: EndOfFile.tokenTypeIdx!,
  image: "",
  startOffset: Number.NaN,
} as Token;

/** The tables of one rule, by the number of the production in it (`OR2` has 2). */
interface RuleTables {
  readonly or: (Uint8Array | undefined)[];
  readonly option: (Uint8Array | undefined)[];
  readonly many: (Uint8Array | undefined)[];
}

export abstract class RuleEngine {
  /** Undefined in a quick parser. */
  readonly #thorough: Chevrotain | undefined;
  #list: readonly Token[] = [];
  #at = -1;
  #depth = -1;
  #tables: RuleTables = { or: [], option: [], many: [] };

  /** With a configuration for Chevrotain a thorough parser, without one a quick one. */
  constructor(config: IParserConfig | undefined) {
    if (config === undefined) return;
    this.#thorough = makeThorough(config, this as unknown as Recovery) as unknown as Chevrotain;
  }

  /** To be called when all rules are defined. */
  protected analyse(): void {
    this.#thorough?.performSelfAnalysis();
  }

  get quick(): boolean {
    return this.#thorough === undefined;
  }

  getGAstProductions(): ReturnType<EmbeddedActionsParser["getGAstProductions"]> {
    return this.#thorough?.getGAstProductions() ?? {};
  }

  protected load(list: Token[]): void {
    if (this.#thorough) this.#thorough.input = list;
    this.#list = list;
    this.#at = -1;
    this.#depth = -1;
  }

  /** Lets go of what was read: tokens take more room than the tree, and the parser stays. */
  release(): void {
    this.load([]);
  }

  /** Reads what was loaded. */
  read<Result>(rule: ParserMethod<[], Result>): Result {
    return rule.call(this.#thorough);
  }

  // ── Where reading stands ─────────────────────────────────────────────────────────────────────────────────

  protected get RECORDING_PHASE(): boolean {
    return this.#thorough?.RECORDING_PHASE ?? false;
  }

  protected token(ahead: number): Token {
    if (this.#thorough) {
      const next = this.#thorough.LA(ahead) as Token;
      return next.tokenTypeIdx === endOfFile.tokenTypeIdx ? endOfFile : next;
    }
    return this.#list[this.#at + ahead] ?? endOfFile;
  }

  protected get loaded(): readonly Token[] {
    return this.#list;
  }

  /** The index of the token read last. */
  protected index(): number {
    return this.#thorough ? this.#thorough.currIdx : this.#at;
  }

  /** How many rules are under way within the first one. */
  protected depth(): number {
    return this.#thorough ? this.#thorough.RULE_STACK_IDX : this.#depth;
  }

  protected advance(): void {
    if (this.#thorough) this.#thorough.consumeToken();
    else this.#at++;
  }

  // ── What rules are made of ───────────────────────────────────────────────────────────────────────────────

  protected RULE<Result>(
    name: string,
    implementation: () => Result,
    config?: IRuleConfig<Result>,
  ): ParserMethod<[], Result> {
    if (this.#thorough) return this.#thorough.RULE(name, implementation, config);
    let tables: RuleTables | undefined;
    return () => {
      const outer = this.#tables;
      this.#tables = tables ??= tablesOf(name);
      this.#depth++;
      const result = implementation();
      this.#depth--;
      this.#tables = outer;
      return result;
    };
  }

  protected SUBRULE<Result>(rule: ParserMethod<[], Result>): Result {
    return this.#thorough ? this.#thorough.subrule(0, rule) : rule();
  }

  protected SUBRULE2<Result>(rule: ParserMethod<[], Result>): Result {
    return this.#thorough ? this.#thorough.subrule(2, rule) : rule();
  }

  protected SUBRULE3<Result>(rule: ParserMethod<[], Result>): Result {
    return this.#thorough ? this.#thorough.subrule(3, rule) : rule();
  }

  protected SUBRULE4<Result>(rule: ParserMethod<[], Result>): Result {
    return this.#thorough ? this.#thorough.subrule(4, rule) : rule();
  }

  protected CONSUME(type: TokenType): Token {
    return this.#consume(0, type);
  }

  protected CONSUME2(type: TokenType): Token {
    return this.#consume(2, type);
  }

  protected CONSUME3(type: TokenType): Token {
    return this.#consume(3, type);
  }

  protected CONSUME4(type: TokenType): Token {
    return this.#consume(4, type);
  }

  #consume(occurrence: number, type: TokenType): Token {
    if (this.#thorough) return this.#thorough.consume(occurrence, type) as Token;
    const next = this.#list[this.#at + 1];
    if (
      next === undefined ||
      (next.tokenType !== type && type.categoryMatchesMap?.[next.tokenTypeIdx] !== true)
    )
      throw notQuick;
    this.#at++;
    return next;
  }

  protected OR<Result>(alternatives: Alternatives<Result>): Result {
    return this.#or(0, alternatives);
  }

  protected OR2<Result>(alternatives: Alternatives<Result>): Result {
    return this.#or(2, alternatives);
  }

  #or<Result>(occurrence: number, alternatives: Alternatives<Result>): Result {
    if (this.#thorough) return this.#thorough.or(occurrence, alternatives);
    const choice = this.#choose(this.#tables.or[occurrence]);
    if (choice === 0) throw notQuick;
    return ("DEF" in alternatives ? alternatives.DEF : alternatives)[choice - 1]!.ALT();
  }

  /** Which alternative the next token begins, from 1; 0 for none. */
  #choose(table: Uint8Array | undefined): number {
    const next = this.#list[this.#at + 1];
    return next === undefined ? 0 : (table?.[next.tokenTypeIdx] ?? 0);
  }

  protected OPTION<Result>(action: () => Result): Result | undefined {
    return this.#option(0, action);
  }

  protected OPTION2<Result>(action: () => Result): Result | undefined {
    return this.#option(2, action);
  }

  protected OPTION3<Result>(action: () => Result): Result | undefined {
    return this.#option(3, action);
  }

  protected OPTION4<Result>(action: () => Result): Result | undefined {
    return this.#option(4, action);
  }

  protected OPTION5<Result>(action: () => Result): Result | undefined {
    return this.#option(5, action);
  }

  protected OPTION6<Result>(action: () => Result): Result | undefined {
    return this.#option(6, action);
  }

  protected OPTION7<Result>(action: () => Result): Result | undefined {
    return this.#option(7, action);
  }

  #option<Result>(occurrence: number, action: () => Result): Result | undefined {
    if (this.#thorough) return this.#thorough.option(occurrence, action);
    return this.#choose(this.#tables.option[occurrence]) === 0 ? undefined : action();
  }

  protected MANY(action: () => void): void {
    this.#many(0, action);
  }

  protected MANY2(action: () => void): void {
    this.#many(2, action);
  }

  #many(occurrence: number, action: () => void): void {
    if (this.#thorough) {
      this.#thorough.many(occurrence, action);
      return;
    }
    const table = this.#tables.many[occurrence];
    while (this.#choose(table) !== 0) action();
  }
}

const kinds = { OR: "or", OPTION: "option", MANY: "many" } as const;

/** A table says by the type of a token which choice it begins: see choices.ts. */
function tablesOf(rule: string): RuleTables {
  const tables: RuleTables = { or: [], option: [], many: [] };
  for (const [production, alternatives] of Object.entries(choices[rule] ?? {})) {
    const [, kind = "", occurrence = ""] = /^([A-Z]+)(\d*)$/.exec(production)!;
    tables[kinds[kind as keyof typeof kinds]][Number(occurrence)] = tableOf(alternatives);
  }
  return tables;
}

const typeCount = Math.max(...Object.values(vocabulary).map((type) => type.tokenTypeIdx!)) + 1;

function tableOf(alternatives: string): Uint8Array {
  const table = new Uint8Array(typeCount);
  alternatives.split(" | ").forEach((names, index) => {
    for (const name of names.split(" ")) {
      const type = vocabulary[name];
      if (type === undefined) continue;
      for (const one of [type.tokenTypeIdx!, ...(type.categoryMatches ?? [])]) table[one] ||= index + 1;
    }
  });
  return table;
}
