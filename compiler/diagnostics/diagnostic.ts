import type { Span } from "../source/source.ts";

export type Severity = "error" | "warning";

/** A place in a file with what is to be said about it. */
export interface Label {
  readonly span: Span;
  readonly text?: string;
}

/** A change of the text that mends a mistake: applied as it is by an editor. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

export interface Fix {
  /** What the user reads after `help:`, e.g. "did you mean `http`?". */
  readonly title: string;
  readonly edits: readonly Edit[];
  /**
   * What was meant can be read in one way only, so that a machine may apply it unasked (`kdsl fix`). Else it is a guess
   * (a name that is near, a unit, where a bracket belongs), and a person has to agree.
   */
  readonly safe?: true;
}

/** One mistake, as data. Made only through the catalog (`catalog.ts`), which owns every code and message. */
export interface Diagnostic {
  /** `KD` and four digits; the first digit is the phase (see the catalog). */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly primary: Label;
  readonly secondary: readonly Label[];
  /** Causes and arithmetic, one sentence each (`= note:`). */
  readonly notes: readonly string[];
  /** Ways out (`= help:`). */
  readonly fixes: readonly Fix[];
}
