import type { Expression, Member, Name, NodeBase, StringExpression } from "./ast.ts";

/** What stands in scenarios. */

/** `scenario "…" { … }`. Its members are steps, `let`s, `if`s over steps, and fields that say something of the whole. */
export interface ScenarioDeclaration extends NodeBase {
  readonly kind: "scenario";
  readonly title: StringExpression;
  readonly body: readonly Member[];
  readonly help?: string;
}

/**
 * A step that is a sentence: a word, what it is about, and clauses.
 *
 * `kill x` · `settle within 30s` · `slow x by 2s` · `always e until e` · `after operand: condition within 1min` ·
 * `at most operand condition per 1h` (whose word is `at most`).
 */
export interface Step extends NodeBase {
  readonly kind: "step";
  readonly word: Name;
  readonly operand?: Expression;
  readonly condition?: Expression;
  readonly clauses: readonly Clause[];
}

/** `within 5min` */
export interface Clause extends NodeBase {
  readonly word: Name;
  readonly value: Expression;
}

/** `update rc x { … }`: as an `extend`, from this step on. */
export interface UpdateStep extends NodeBase {
  readonly kind: "update";
  readonly word: Name;
  readonly path: Expression;
  readonly body: readonly Member[];
}

/** `apply { param: value }` */
export interface ApplyStep extends NodeBase {
  readonly kind: "apply";
  readonly body: readonly Member[];
}

/** `for each x in xs { … }` · with `count`, `for any 2 x in xs { … }` */
export interface ForkStep extends NodeBase {
  readonly kind: "fork";
  readonly count?: Expression;
  readonly variable: Name;
  readonly over: Expression;
  readonly body: readonly Member[];
}

/** `repeat 3 { … }` · `repeat 3 as i { … }` */
export interface RepeatStep extends NodeBase {
  readonly kind: "repeat";
  readonly count: Expression;
  readonly variable?: Name;
  readonly body: readonly Member[];
}

/** `chaos during 1h { kill: 1 per 10min }` */
export interface ChaosStep extends NodeBase {
  readonly kind: "chaos";
  readonly clauses: readonly Clause[];
  readonly faults: readonly ChaosFault[];
}

export interface ChaosFault extends NodeBase {
  readonly fault: Name;
  readonly count: Expression;
  readonly clauses: readonly Clause[];
}
