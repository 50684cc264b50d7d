import {
  Alternation,
  Alternative,
  type ILookaheadStrategy,
  type IProduction,
  LLkLookaheadStrategy,
  NonTerminal,
  Option,
  Repetition,
  type Rule,
  Terminal,
  type TokenType,
} from "chevrotain";

/**
 * Decides by the next token alone, from tables that are made when a rule first asks. Chevrotain's own strategy makes
 * all tables, for any number of tokens, while the parser is constructed: a third of that time. Whether one token is
 * always enough is checked with Chevrotain's validations, in a test.
 */
export function nextTokenStrategy(): ILookaheadStrategy {
  const validator = new LLkLookaheadStrategy({ maxLookahead: 1 });
  return {
    validate: (options) => validator.validate(options),
    buildLookaheadForAlternation({ rule, prodOccurrence }) {
      let table: Uint8Array | undefined;
      return function (this: unknown) {
        table ??= alternativesTable(
          find(rule, prodOccurrence, (production) => production instanceof Alternation),
        );
        const found = table[nextType(this)];
        return found === undefined || found === 0 ? undefined : found - 1;
      };
    },
    buildLookaheadForOptional({ rule, prodOccurrence, prodType }) {
      let table: Uint8Array | undefined;
      return function (this: unknown) {
        const kind = prodType === "Option" ? Option : Repetition;
        table ??= optionalTable(find(rule, prodOccurrence, (production) => production instanceof kind));
        return table[nextType(this)] === 1;
      };
    },
  };
}

/** Chevrotain calls what a strategy built as a method of the parser. */
function nextType(parser: unknown): number {
  return (parser as { LA_FAST(ahead: number): { tokenTypeIdx: number } }).LA_FAST(1).tokenTypeIdx;
}

/** The grammar has no other optional productions than `OPTION` and `MANY`. The production of a rule with an occurrence number: `MANY2` is the repetition with the number 2. */
function find(
  rule: Rule,
  occurrence: number,
  wanted: (production: IProduction) => boolean,
): Alternation | Option | Repetition {
  const search = (productions: readonly IProduction[]): IProduction | undefined => {
    for (const production of productions) {
      if (wanted(production) && (production as Option).idx === occurrence) return production;
      const inner = below(production);
      const found = inner === undefined ? undefined : search(inner);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = search(rule.definition);
  if (found === undefined)
    throw new Error(`no production ${occurrence} of this kind in the rule ${rule.name}`);
  return found as Option;
}

function below(production: IProduction): readonly IProduction[] | undefined {
  // A rule that another one calls has a table of its own.
  if (production instanceof NonTerminal || production instanceof Terminal) return undefined;
  return (production as unknown as { definition: IProduction[] }).definition;
}

function alternativesTable(production: Alternation | Option | Repetition): Uint8Array {
  const alternatives = (production as Alternation).definition as Alternative[];
  return table(alternatives.map((alternative) => first(alternative.definition).tokens));
}

function optionalTable(production: Alternation | Option | Repetition): Uint8Array {
  return table([first((production as Option).definition).tokens]);
}

/**
 * What each choice of each rule begins with, as names of token types: by rule, then by production (`OR2`), the
 * alternatives parted by `|`. Of this the tables are made that texts are read quickly by (choices.ts).
 */
export function choicesOf(rules: Readonly<Record<string, Rule>>): Record<string, Record<string, string>> {
  const names = (sequence: readonly IProduction[]) =>
    [...first(sequence).tokens].map((token) => token.name).join(" ");
  const collect = (productions: readonly IProduction[], found: Record<string, string>) => {
    for (const production of productions) {
      const number = (production as Option).idx || "";
      if (production instanceof Alternation) {
        const alternatives = production.definition as Alternative[];
        found[`OR${number}`] = alternatives.map(({ definition }) => names(definition)).join(" | ");
      } else if (production instanceof Option) found[`OPTION${number}`] = names(production.definition);
      else if (production instanceof Repetition) found[`MANY${number}`] = names(production.definition);
      collect(below(production) ?? [], found);
    }
    return found;
  };
  return Object.fromEntries(
    Object.values(rules).map((rule) => [rule.name, collect(rule.definition, {})] as const),
  );
}

/** For each token type the number of the first choice that it begins, from 1; 0 where it begins none. */
function table(choices: readonly ReadonlySet<TokenType>[]): Uint8Array {
  const entries: [number, number][] = [];
  choices.forEach((tokens, index) => {
    for (const token of tokens) {
      for (const type of [token.tokenTypeIdx!, ...(token.categoryMatches ?? [])])
        entries.push([type, index + 1]);
    }
  });
  const result = new Uint8Array(Math.max(...entries.map(([type]) => type)) + 1);
  for (const [type, choice] of entries) if (result[type] === 0) result[type] = choice;
  return result;
}

interface First {
  readonly tokens: ReadonlySet<TokenType>;
  /** Whether the sequence may be empty, so that what follows it counts too. */
  readonly empty: boolean;
}

/** What a sequence may begin with. */
function first(sequence: readonly IProduction[]): First {
  const tokens = new Set<TokenType>();
  for (const production of sequence) {
    const one = firstOf(production);
    for (const token of one.tokens) tokens.add(token);
    if (!one.empty) return { tokens, empty: false };
  }
  return { tokens, empty: true };
}

function firstOf(production: IProduction): First {
  if (production instanceof Terminal) return { tokens: new Set([production.terminalType]), empty: false };
  if (production instanceof NonTerminal) return first(production.referencedRule.definition);
  if (production instanceof Alternation) {
    const all = (production.definition as Alternative[]).map((alternative) => first(alternative.definition));
    return { tokens: new Set(all.flatMap((one) => [...one.tokens])), empty: all.some((one) => one.empty) };
  }
  const inner = first((production as unknown as Option).definition);
  return production instanceof Alternative ? inner : { tokens: inner.tokens, empty: true };
}
