import { nearest } from "../../base/edit-distance.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/source.ts";

/** Ways out. An edit is offered only where the text in the file is what it replaces, and no expression. */

const textAt = ({ file, start, end }: Span) => file.text.slice(start, end);

export const advise = (title: string): Fix => ({ title, edits: [] });

/** Replaces a name, string or number that stands at `span` as it is; without an edit where something else does. */
export function replace(title: string, span: Span | undefined, old: string, text: string): Fix {
  if (span === undefined) return advise(title);
  const written = textAt(span);
  if (written === old) return { title, edits: [{ span, text }] };
  if (written === JSON.stringify(old)) return { title, edits: [{ span, text: JSON.stringify(text) }] };
  return advise(title);
}

/** Replaces the one place inside `span` where `old` stands as a string. */
export function replaceInside(title: string, span: Span, old: string, text: string): Fix {
  const written = textAt(span);
  const quoted = JSON.stringify(old);
  const at = written.indexOf(quoted);
  if (at < 0 || written.indexOf(quoted, at + 1) >= 0) return advise(title);
  const start = span.start + at;
  return {
    title,
    edits: [{ span: { file: span.file, start, end: start + quoted.length }, text: JSON.stringify(text) }],
  };
}

export function insertAfter(title: string, span: Span, text: string): Fix {
  return { title, edits: [{ span: { file: span.file, start: span.end, end: span.end }, text }] };
}

/** "did you mean …?" for a name that was written at `span`; none when nothing is near. */
export function didYouMean(
  name: string,
  candidates: Iterable<string>,
  span: Span | undefined,
): { readonly name: string; readonly fix: Fix } | undefined {
  const meant = nearest(name, candidates);
  if (meant === undefined) return undefined;
  return { name: meant, fix: replace(`did you mean \`${meant}\`?`, span, name, meant) };
}
