/**
 * What the lexer and the parser find wrong, as data without words: the compiler's diagnostics catalog says it in the
 * user's language. Offsets are UTF-16 code units into the text that was read.
 */
export type Problem = {
  readonly start: number;
  readonly end: number;
} & Detail;

export type Detail =
  /** `found` ("" at the end of the file, "\n" at the end of a line) stands where `expected` (a phrase: "a value", "`=`") should. `began`: the opener or keyword it belongs to. */
  | {
      readonly kind: "unexpected";
      readonly found: string;
      readonly expected: string;
      readonly began?: Place;
      /** The text that mends it when put in place of the found one. */
      readonly instead?: string;
    }
  | { readonly kind: "missing-value"; readonly after: string }
  | {
      readonly kind: "unclosed-bracket";
      readonly opener: string;
      readonly closer: string;
      readonly by: number;
      /** Puts the closer where it was taken to be. */
      readonly edit: Edit;
    }
  | { readonly kind: "stray-bracket"; readonly closer: string; readonly suspect?: Place }
  /** A bracket whose partner is of another kind: `instead` stands in its place, `partner` is the other one. */
  | {
      readonly kind: "mixed-brackets";
      readonly opener: string;
      readonly closer: string;
      readonly instead: string;
      readonly partner: Place;
    }
  | { readonly kind: "unclosed-string"; readonly closer: string }
  | { readonly kind: "bad-hole"; readonly why: "empty" | "unclosed" | "unreadable" | "too-deep" }
  | { readonly kind: "plain-string"; readonly role: string }
  | { readonly kind: "unknown-escape"; readonly escape: string }
  | {
      readonly kind: "unknown-unit";
      readonly digits: string;
      readonly unit: string;
      readonly nearest?: string;
    }
  | { readonly kind: "malformed-number"; readonly text: string }
  | { readonly kind: "malformed-address"; readonly text: string; readonly why: string }
  | { readonly kind: "unexpected-character"; readonly text: string }
  /** A spelling of another language, with ours. `edits` mend it; without them `instead` is put in place of it. */
  | {
      readonly kind: "foreign";
      readonly text: string;
      readonly what: string;
      readonly instead: string;
      readonly edits?: readonly Edit[];
      /** How many more there are of the same kind in the text; the edits mend them too. */
      readonly more?: number;
    }
  /** Text without quotes: as a value, or as a key that is no name. */
  | {
      readonly kind: "unquoted";
      readonly text: string;
      readonly what: "key" | "value";
      readonly instead: string;
    }
  | { readonly kind: "manifest"; readonly format: "YAML" | "JSON" }
  /** A block by indentation. `declared`: a word and a name stand before it, not a key. */
  | {
      readonly kind: "yaml-block";
      readonly title: string;
      readonly declared: boolean;
      readonly edits: readonly Edit[];
    }
  | {
      readonly kind: "yaml-list";
      readonly key: string;
      readonly instead?: string;
      readonly edits: readonly Edit[];
    }
  /** `more`: how many others stand in the text. */
  | { readonly kind: "placeholder"; readonly text: string; readonly more?: number }
  | { readonly kind: "dollar"; readonly inner: string }
  | { readonly kind: "several-lines"; readonly edits: readonly Edit[] }
  | { readonly kind: "missing-opener"; readonly title: string }
  /** A word that opens no step, where one of a scenario should stand. */
  | { readonly kind: "unknown-step"; readonly word: string }
  | { readonly kind: "missing-separator" }
  | { readonly kind: "missing-comma"; readonly among: string }
  | { readonly kind: "extra-comma" }
  | { readonly kind: "chained"; readonly first: string; readonly second: string }
  | { readonly kind: "pattern" }
  | { readonly kind: "comprehension" }
  | { readonly kind: "too-deep" }
  | { readonly kind: "too-many"; readonly limit: number }
  /** A control of the direction of text, by its code; `edits` write or take away all of the same string or comment. */
  | {
      readonly kind: "bidirectional";
      readonly code: string;
      readonly where: "comment" | "string" | "raw";
      readonly edits: readonly Edit[];
    }
  | { readonly kind: "not-text"; readonly what: string }
  | { readonly kind: "too-large"; readonly limit: number };

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Place {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
