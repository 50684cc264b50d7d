import type { Diagnostic, Edit, Fix } from "./diagnostics/diagnostic.ts";

/**
 * Applies the fixes of diagnostics. Each round takes those that do not touch each other, compiles again, and is kept
 * only where that is better: a mended text never has more errors of a phase, or of one before it, than it had.
 */
export interface MendOptions {
  /** The files that may be changed, by the path under which diagnostics know them. */
  readonly texts: ReadonlyMap<string, string>;
  /** What is wrong with these texts. */
  readonly diagnose: (texts: ReadonlyMap<string, string>) => readonly Diagnostic[];
  /** Also what is a guess, where there is one guess only. */
  readonly guesses: boolean;
}

/** A fix that was applied, with where it stood in the text of its round. */
export interface Applied {
  readonly diagnostic: Diagnostic;
  readonly fix: Fix;
}

export interface Mended {
  readonly texts: ReadonlyMap<string, string>;
  readonly applied: readonly Applied[];
  /** What is still wrong. */
  readonly left: readonly Diagnostic[];
}

/** A round makes something better or comes to a text that was not seen yet; this is for what is hostile. */
const mostRounds = 200;
/** How many fixes of a round are tried one by one where all together make nothing better. */
const mostSingles = 40;

/** Mends the texts as far as fixes go. */
export function mend({ texts, diagnose, guesses }: MendOptions): Mended {
  const applied: Applied[] = [];
  let current = texts;
  let left = diagnose(current);
  const seen = new Set([keyOf(current)]);
  for (let round = 0; round < mostRounds; round++) {
    const choice = choose(left, current, guesses);
    const step =
      attempt(choice, current, left, diagnose) ??
      choice
        .slice(0, choice.length > 1 ? mostSingles : 0)
        .reduce<Step | undefined>(
          (found, one) => found ?? attempt([one], current, left, diagnose),
          undefined,
        );
    if (step === undefined || seen.has(keyOf(step.texts))) break;
    seen.add(keyOf(step.texts));
    current = step.texts;
    left = step.left;
    applied.push(...step.applied);
  }
  return { texts: current, applied, left };
}

interface Step {
  readonly texts: ReadonlyMap<string, string>;
  readonly left: readonly Diagnostic[];
  readonly applied: readonly Applied[];
}

function attempt(
  applied: readonly Applied[],
  texts: ReadonlyMap<string, string>,
  before: readonly Diagnostic[],
  diagnose: MendOptions["diagnose"],
): Step | undefined {
  if (applied.length === 0) return undefined;
  const edits = applied.flatMap(({ fix }) => fix.edits);
  const changed = applyEdits(texts, edits);
  const left = diagnose(changed);
  // Where one mistake hid another of its line, there are as many as before, but the mended one is gone.
  const gone = () => applied.every(({ diagnostic }) => isGone(diagnostic, edits, left));
  const order = compare(left, before);
  return order < 0 || (order === 0 && gone()) ? { texts: changed, left, applied } : undefined;
}

const keyOf = (texts: ReadonlyMap<string, string>) => JSON.stringify([...texts]);

/** Whether a diagnostic is no longer given where it was, after edits that do not touch each other. */
export function isGone(
  diagnostic: Diagnostic,
  edits: readonly Edit[],
  after: readonly Diagnostic[],
): boolean {
  const { file, start } = diagnostic.primary.span;
  const moved = edits
    .filter(({ span }) => span.file.path === file.path && span.end <= start)
    .reduce((offset, { span, text }) => offset + text.length - (span.end - span.start), start);
  return !after.some(
    ({ code, message, primary: { span } }) =>
      code === diagnostic.code &&
      message === diagnostic.message &&
      span.file.path === file.path &&
      span.start === moved,
  );
}

/** The fix that may be applied to a diagnostic; undefined where there is none, or a choice. */
export function fixOf({ fixes }: Diagnostic, guesses: boolean): Fix | undefined {
  const able = fixes.filter((fix) => fix.edits.length > 0);
  const sure = able.filter((fix) => fix.safe);
  const [only, second] = sure.length > 0 || !guesses ? sure : able;
  return second === undefined ? only : undefined;
}

/** Fixes that do not touch each other, the first in the text first. */
function choose(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
  guesses: boolean,
): Applied[] {
  const taken: Edit[] = [];
  const chosen: Applied[] = [];
  for (const diagnostic of diagnostics) {
    const fix = fixOf(diagnostic, guesses);
    if (fix === undefined) continue;
    const ours = fix.edits.every(({ span }) => texts.get(span.file.path) === span.file.text);
    if (!ours || fix.edits.some((edit) => taken.some((other) => touches(edit, other)))) continue;
    taken.push(...fix.edits);
    chosen.push({ diagnostic, fix });
  }
  return chosen;
}

function touches({ span: a }: Edit, { span: b }: Edit): boolean {
  return a.file.path === b.file.path && a.start <= b.end && b.start <= a.end;
}

/** The texts with edits made that do not touch each other. */
export function applyEdits(
  texts: ReadonlyMap<string, string>,
  edits: readonly Edit[],
): ReadonlyMap<string, string> {
  const changed = new Map(texts);
  const fromTheEnd = [...edits].sort((a, b) => b.span.start - a.span.start || b.span.end - a.span.end);
  for (const { span, text } of fromTheEnd) {
    const old = changed.get(span.file.path);
    if (old === undefined) continue;
    changed.set(span.file.path, old.slice(0, span.start) + text + old.slice(span.end));
  }
  return changed;
}

/**
 * Below 0 where there are fewer errors in the first phase that differs: a phase looks only at what those before it let through, so that
 * mending an early mistake may show later ones, which were there before. Then fewer warnings.
 */
function compare(after: readonly Diagnostic[], before: readonly Diagnostic[]): number {
  const [now, then] = [weigh(after), weigh(before)];
  const at = now.findIndex((count, index) => count !== then[index]);
  return at < 0 ? 0 : now[at]! - then[at]!;
}

/** What begins the codes of each phase: what cannot be read, names and types, values, objects, the cluster. */
const phases = [/^KD(?:1|5)/, /^KD(?:20|21|24)/, /^KD22/, /^KD23/, /^KD[34]/];

function weigh(diagnostics: readonly Diagnostic[]): number[] {
  const count = (severity: string, phase: RegExp) =>
    diagnostics.filter((each) => each.severity === severity && phase.test(each.code)).length;
  return ["error", "warning"].flatMap((severity) => phases.map((phase) => count(severity, phase)));
}
