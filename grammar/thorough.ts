import { createToken, EmbeddedActionsParser, type IParserConfig, Lexer, type TokenType } from "chevrotain";
import type { Recovery } from "./engine.ts";
import { nextTokenStrategy } from "./lookahead.ts";
import { type Token, vocabulary } from "./tokens.ts";

/** Chevrotain, which reads texts with mistakes. The command loads this module when there is one (vite.config.ts). */
export function makeThorough(config: IParserConfig, recovery: Recovery): EmbeddedActionsParser {
  return new Thorough(config, recovery);
}

/** The types of our tokens (tokens.ts) as Chevrotain knows them. It compares numbers alone: these have the same. */
function register(): Record<string, TokenType> {
  const registered: Record<string, TokenType> = {};
  for (const { name, tokenTypeIdx, CATEGORIES } of Object.values(vocabulary)) {
    const categories = CATEGORIES!.map((category) => registered[category.name]!);
    const type = (registered[name] = createToken({ name, pattern: Lexer.NA, categories }));
    if (type.tokenTypeIdx !== tokenTypeIdx)
      throw new Error(`Chevrotain numbers ${name} ${type.tokenTypeIdx}`);
  }
  return registered;
}

const registered = register();

/** Chevrotain's parser with its hooks led to `Recovery`. */
class Thorough extends EmbeddedActionsParser {
  readonly #recovery: Recovery;

  constructor(config: IParserConfig, recovery: Recovery) {
    super(registered, {
      maxLookahead: 1,
      recoveryEnabled: false,
      lookaheadStrategy: nextTokenStrategy(),
      ...config,
    });
    this.#recovery = recovery;
  }

  /** Chevrotain would report what is left over; `members` and `hole` have read everything or said why not. */
  onAfterParse(): void {
    (this as unknown as { tokVector: Token[] }).tokVector.length = 0;
  }

  consumeInternalError(expected: TokenType): never {
    return this.#recovery.onMismatch(expected);
  }

  consumeInternalRecovery(expected: TokenType, _index: number, error: unknown): Token {
    return this.#recovery.onMissing(expected, error);
  }

  raiseNoAltException(_occurrence: number, expected: string | undefined): never {
    return this.#recovery.onNoChoice(expected);
  }

  invokeRuleCatch(error: unknown, resumes: boolean, substitute: () => unknown): unknown {
    return this.#recovery.onFailedRule(error, resumes, substitute);
  }
}
