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
    }
  | { readonly kind: "stray-bracket"; readonly closer: string; readonly suspect?: Place }
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
  /** A spelling of another language, with ours. */
  | { readonly kind: "foreign"; readonly text: string; readonly what: string; readonly instead: string }
  | { readonly kind: "missing-separator" }
  | { readonly kind: "missing-comma"; readonly among: string }
  | { readonly kind: "extra-comma" }
  | { readonly kind: "chained"; readonly first: string; readonly second: string }
  | { readonly kind: "pattern" }
  | { readonly kind: "comprehension" }
  | { readonly kind: "too-deep" }
  | { readonly kind: "too-many"; readonly limit: number }
  | { readonly kind: "not-text"; readonly what: string }
  | { readonly kind: "too-large"; readonly limit: number };

export interface Place {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
