import type { Diagnostic } from "./diagnostic.ts";

/**
 * Leaves out what follows from another mistake, so that one mistake gives one diagnostic: what cannot be read (KD10xx)
 * is said first, and nothing is concluded from what the reader made of it.
 */
export function withoutConsequences(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return [...diagnostics];
  const unread = errors.filter(({ code }) => syntax.test(code));
  // A list whose element does not stand before its `for` is not read any further.
  const lists = unread.filter(({ code }) => code === "KD1019");
  return diagnostics.filter((diagnostic) => {
    const { code, primary } = diagnostic;
    // What is unused, or odd in a text, cannot be told while mistakes hide what was meant.
    if (code === "KD2005") return false;
    if (code === "KD1029") return !errors.some((other) => sameLine(other, diagnostic));
    if (syntax.test(code)) return !lists.some((list) => list !== diagnostic && isWithin(diagnostic, list));
    const here = unread.filter((other) => other.primary.span.file === primary.span.file);
    if (here.length === 0) return true;
    // Where a bracket is missing nothing stands where it seems to, and what is lacking may be in what was not read.
    if (code === "KD2103" || here.some((other) => structure.has(other.code))) return false;
    return !here.some((other) => sameLine(other, diagnostic));
  });
}

/** A `$` before a value is why the text is wrong, where it is: told with that, and not twice. */
export function withDollars(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const dollars = diagnostics.filter(({ code }) => code === "KD1029");
  if (dollars.length === 0) return diagnostics;
  const told = new Set<Diagnostic>();
  const found = diagnostics.map((diagnostic) => {
    const [dollar] =
      diagnostic.severity === "error" ? dollars.filter((one) => isWithin(one, diagnostic)) : [];
    if (!dollar) return diagnostic;
    told.add(dollar);
    const notes = [...diagnostic.notes, dollar.message, ...dollar.notes];
    return { ...diagnostic, notes, fixes: [...diagnostic.fixes, ...dollar.fixes] };
  });
  return found.filter((one) => !told.has(one));
}

const syntax = /^KD10/;

/** Brackets that are missing or too many, and blocks without any. */
const structure: ReadonlySet<string> = new Set(["KD1002", "KD1003", "KD1025", "KD1030", "KD1032"]);

const isWithin = ({ primary: { span: inner } }: Diagnostic, { primary: { span: outer } }: Diagnostic) =>
  inner.file === outer.file && inner.start >= outer.start && inner.end <= outer.end;

/** Whether the diagnostic begins on one of the lines that the other one marks. */
function sameLine(other: Diagnostic, diagnostic: Diagnostic): boolean {
  const { file, start, end } = other.primary.span;
  const { span } = diagnostic.primary;
  if (span.file !== file) return false;
  if (span.start >= start && span.start <= end) return true;
  const [from, to] = span.start < start ? [span.start, start] : [end, span.start];
  return to - from < 10_000 && !/[\n\r]/.test(file.text.slice(from, to));
}
