import type { SourceFile, Span, Via } from "../source/source.ts";
import type { Diagnostic, Label } from "./diagnostic.ts";

/**
 * Says of a mistake in a template for which use it showed. A template of the library is not the reader's to mend: there
 * the use itself is blamed.
 */
export function withUses(diagnostic: Diagnostic, sources: readonly SourceFile[]): Diagnostic {
  const { via } = diagnostic.primary.span;
  if (!via) return diagnostic;
  if (!sources.includes(diagnostic.primary.span.file)) return withUses(blameUse(diagnostic, via), sources);
  return { ...diagnostic, secondary: [...diagnostic.secondary, ...useLabels(via)] };
}

/** The most uses that are shown of a chain. */
const most = 5;

/** The uses that led to a place, from the inside outwards. */
export function useLabels(via: Via | undefined): readonly Label[] {
  const labels: Label[] = [];
  for (let at = via; at && labels.length < most; at = at.span.via)
    labels.push({ span: at.span, text: `for ${at.title}, made here` });
  return labels;
}

/** The same mistake told of the use; the place in the template, as far as it is of use to the reader, comes second. */
export function blameUse(diagnostic: Diagnostic, via: Via): Diagnostic {
  const { primary, secondary, fixes } = diagnostic;
  const below: Label = { span: primary.span, text: primary.text ?? "here, in the template" };
  const elsewhere = (span: Span) => span.file !== via.span.file;
  return {
    ...diagnostic,
    primary: { span: via.span, text: `in ${via.title}` },
    secondary: [below, ...secondary],
    fixes: fixes.filter(({ edits }) => !edits.some(({ span }) => elsewhere(span))),
  };
}
