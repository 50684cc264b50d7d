import {
  type ModuleSymbols,
  type ObjectSymbol,
  type ProfileSymbol,
  type Site,
  span as spanIn,
  type TemplateSymbol,
  type ValueSymbol,
} from "../binder/symbol.ts";
import type { Checked } from "../checker/checked.ts";
import { budgetExceeded, fieldCycle } from "../diagnostics/catalog/evaluate.ts";
import type { Diagnostic, Label } from "../diagnostics/diagnostic.ts";
import type { FileSystem, Range, SourceFile, Span, Via } from "../source/source.ts";
import type { Declaration, ForMember } from "../syntax/ast.ts";
import type { Pattern } from "../types/pattern.ts";
import type { BlockSchema } from "../types/type.ts";
import type { Differing } from "./alike.ts";
import type { LazyBlock } from "./blocks.ts";
import { type Hole, HoleMet } from "./hole.ts";
import type { Alike, Molds } from "./molds.ts";
import type { Overrides } from "./overrides.ts";
import type { Change, ObjectHandle, Value } from "./value.ts";

/** The state of one evaluation. It is made anew for every program and never shared. */
export interface Evaluator {
  readonly checked: Checked;
  readonly fileSystem: FileSystem;
  readonly allowOutside: boolean;
  readonly emit: (diagnostic: Diagnostic) => void;
  readonly values: Map<ValueSymbol, Lazy>;
  readonly instances: Map<ObjectSymbol, readonly Instance[] | "open">;
  /** What was given for the first file's parameters. */
  readonly settings: Map<string, Value>;
  /** The chosen profile of the first file. */
  profile: ProfileSymbol | undefined;
  /** What a scenario has changed so far, where the program is worked out as it is after a step. */
  readonly changes: Change[];
  /** Decided when the first block is looked into. */
  overrides: Overrides | undefined;
  readonly patterns: Map<string, Pattern | undefined>;
  /** Files that configs took in. */
  readonly files: Map<string, SourceFile>;
  /** What is being evaluated, from the outside inwards: the chain that a cycle is shown with. */
  readonly trail: Lazy[];
  /** Where functions are being called, from the outside inwards. */
  readonly calls: { readonly span: Span; readonly name: string }[];
  /** The uses of templates so far. */
  readonly uses: Map<Via, TemplateSymbol>;
  /** Mistakes in templates, each with the use that it showed for. */
  readonly held: Held[];
  /** By declaration: what its objects have in common; undefined where each is evaluated by itself. */
  readonly molds: Map<Declaration, Molds> | undefined;
  /** By module, word and namespace: declarations that stand alone, for others that are like them. */
  readonly alike: Map<ModuleSymbols, Map<string, Alike[]>>;
  /** Set while a mold is made for a declaration and those like it: where they differ. */
  differing: Differing | undefined;
  /** Set while a mold is made: its holes so far. */
  holes: Hole[] | undefined;
  readonly left: { steps: number; size: number };
  depth: number;
  /** Above 0 while it is decided what exists. */
  deciding: number;
}

export interface Held {
  readonly diagnostic: Diagnostic;
  readonly via: Via;
}

/** Something that is evaluated on first use, once. */
export interface Lazy {
  readonly name: string;
  readonly span: Span;
  compute: (() => Value) | undefined;
  value: Value | undefined;
}

/** One object that exists, with what its families and loops made of it. */
export interface Instance {
  readonly handle: ObjectHandle;
  readonly site: Site;
  readonly declaration: Declaration;
  readonly schema: BlockSchema;
  /** Where the declaration is evaluated. */
  readonly frame: Frame;
  readonly block: () => LazyBlock;
  /** Values of the variables of the `for`s around it and of its family, in order. */
  readonly keys: readonly Value[];
  readonly iterations: readonly Iteration[];
  readonly ownKeys: number;
  /** For a use of a template: what it made. */
  readonly made: Made | undefined;
}

/** One use of a template: its name, its parameters, and the objects that its body declares for it. */
export interface Made {
  readonly template: TemplateSymbol;
  readonly name: string;
  readonly namespace: string;
  /** Where the body is evaluated: its parameters and `let`s. */
  readonly frame: Frame;
  readonly instances: Map<ObjectSymbol, readonly Instance[] | "open">;
  /** How many uses stand around it. */
  readonly depth: number;
}

export interface Iteration {
  readonly member: ForMember;
  readonly ordinal: number;
}

/**
 * Names with what they stand for. Most places declare none or one, and there are as many places as there are blocks.
 * What is not among them is asked of `others`.
 */
export class Names {
  private first: string | undefined = undefined;
  private value: Lazy | undefined = undefined;
  private table: Map<string, Lazy> | undefined = undefined;
  private readonly others: ((name: string) => Lazy | undefined) | undefined;

  constructor(others?: (name: string) => Lazy | undefined) {
    this.others = others;
  }

  get(name: string): Lazy | undefined {
    return name === this.first ? this.value : (this.table?.get(name) ?? this.others?.(name));
  }

  set(name: string, value: Lazy): void {
    if (this.first === undefined || this.first === name) {
      this.first = name;
      this.value = value;
    } else (this.table ??= new Map()).set(name, value);
  }
}

/** Variables in force at a place, inside those of the place around. */
export interface Frame {
  readonly parent: Frame | undefined;
  readonly module: ModuleSymbols;
  readonly names: Names;
  readonly iteration: Iteration | undefined;
  /** Set inside a secret or config: where `file(…)` reads when. */
  readonly data: "secret" | "config" | undefined;
  /** The pod around, for the names of its volumes and containers. */
  readonly pod: LazyBlock | undefined;
  /** The use of a template that the place is evaluated for. */
  readonly made: Made | undefined;
  /** What a `for` inside a block adds to the names of the members in it. */
  readonly suffix: string | undefined;
  /** Set in an `extend`. */
  readonly overrides?: true | undefined;
}

export const limits = { steps: 3_000_000, size: 32_000_000, depth: 900 } as const;

/** Thrown where the budget is spent and caught where evaluation began: nothing after it is worth doing. */
export class BudgetSpent extends Error {
  readonly span: Span;
  readonly what: string;

  constructor(span: Span, what: string) {
    super(what);
    this.span = span;
    this.what = what;
  }
}

export const budgetDiagnostic = ({ span, what }: BudgetSpent): Diagnostic => budgetExceeded(span, { what });

/** Takes one step and `size` units of output (characters, items) from the budget. */
export function spend(evaluator: Evaluator, span: () => Span, size = 0): void {
  const { left } = evaluator;
  if (--left.steps < 0) throw new BudgetSpent(span(), `it takes more than ${limits.steps} steps`);
  left.size -= size;
  if (left.size < 0) throw new BudgetSpent(span(), "its result grows too large");
}

/** The same where the place is at hand: a function to make it would cost more than the rest. */
export function spendAt(evaluator: Evaluator, span: Span, size = 0): void {
  const { left } = evaluator;
  left.size -= size;
  if (--left.steps < 0 || left.size < 0) spend(evaluator, () => span);
}

/** The same at a place in a module, which is only made where it is needed. */
export function spendStep(evaluator: Evaluator, module: ModuleSymbols, place: Range, size = 0): void {
  const { left } = evaluator;
  left.size -= size;
  if (--left.steps < 0 || left.size < 0) spend(evaluator, () => spanIn(module, place));
}

export const errorValue: Value = { kind: "error" };
export const noneValue: Value = { kind: "none" };

// Frames are made for each round of each loop, and read by everything: all of one shape, without spreads.

export function moduleFrame(module: ModuleSymbols, made?: Made, names = new Names()): Frame {
  return {
    parent: undefined,
    module,
    names,
    iteration: undefined,
    data: undefined,
    pod: undefined,
    made,
    suffix: undefined,
    overrides: undefined,
  };
}

/** What is said again hides what the place around says; `undefined` says nothing. */
export function innerFrame(
  parent: Frame,
  changes?: Partial<Pick<Frame, "iteration" | "data" | "pod" | "suffix" | "overrides">>,
): Frame {
  return {
    parent,
    module: parent.module,
    names: new Names(),
    iteration: changes?.iteration,
    data: changes?.data ?? parent.data,
    pod: changes?.pod ?? parent.pod,
    made: parent.made,
    suffix: changes?.suffix,
    overrides: changes?.overrides ?? parent.overrides,
  };
}

export const known = (name: string, span: Span, value: Value): Lazy => ({
  name,
  span,
  compute: undefined,
  value,
});

export const lazy = (name: string, span: Span, compute: () => Value): Lazy => ({
  name,
  span,
  compute,
  value: undefined,
});

export function findName(frame: Frame | undefined, name: string): Lazy | undefined {
  for (let at = frame; at; at = at.parent) {
    const found = at.names.get(name);
    if (found) return found;
  }
  return undefined;
}

/** The value, worked out now if it has not been. A value that needs itself is a circle: reported once, with all its parts. */
export function force(evaluator: Evaluator, one: Lazy): Value {
  if (one.value) return one.value;
  const { compute } = one;
  if (!compute) return reportCircle(evaluator, one);
  one.compute = undefined;
  evaluator.trail.push(one);
  const value = compute();
  evaluator.trail.pop();
  one.value ??= value;
  return one.value;
}

function reportCircle(evaluator: Evaluator, one: Lazy): Value {
  const circle = evaluator.trail.slice(evaluator.trail.indexOf(one));
  for (const part of circle) part.value = errorValue;
  const chain = [...circle.map((part) => part.name), one.name];
  const secondary = circle
    .slice(1)
    .map((part): Label => ({ span: part.span, text: `\`${part.name}\` needs the next one` }));
  report(evaluator, one.span, (span) => fieldCycle(span, { chain }, { secondary }));
  return errorValue;
}

/**
 * Reports a mistake at a place. A mistake inside a function is blamed on the call when the function is the
 * library's; else the place itself is shown with the chain of calls that led to it. What is mistaken in a template is
 * held back until it is known for which of its uses (blame.ts).
 */
export function report(evaluator: Evaluator, span: Span, make: (span: Span) => Diagnostic): void {
  if (evaluator.holes) throw new HoleMet();
  const calls = [...evaluator.calls].reverse();
  const isOwn = ({ file }: Span) => !isLibrary(evaluator, file);
  const outside = isOwn(span) ? undefined : calls.find((call) => isOwn(call.span));
  const diagnostic = make(outside ? outside.span : span);
  const trail: Label[] = outside
    ? [{ span, text: "in the library, here" }]
    : calls.slice(0, 5).map((call): Label => ({ span: call.span, text: `called here: \`${call.name}\`` }));
  const whole = { ...diagnostic, secondary: [...diagnostic.secondary, ...trail] };
  const via = diagnostic.primary.span.via ?? calls.at(-1)?.span.via;
  if (via) evaluator.held.push({ diagnostic: whole, via });
  else evaluator.emit(whole);
}

export const isLibrary = (evaluator: Pick<Evaluator, "checked">, file: SourceFile): boolean =>
  evaluator.checked.program.modules.some((module) => module.library && module.file === file);

export const isLate = (value: Value): boolean => value.kind === "late";
