import { nearest } from "../../base/edit-distance.ts";
import type { Edit, Fix } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/source.ts";

/** Ways out. An edit is offered only where the text in the file is what it replaces, and no expression. */

const textAt = ({ file, start, end }: Span) => file.text.slice(start, end);

export const advise = (title: string): Fix => ({ title, edits: [] });

/**
 * Replaces a name, string or number where it stands at `span` by itself, or as one word of what stands there. Without
 * an edit where it does not, or does more than once: then it comes from elsewhere.
 */
export function replace(title: string, span: Span | undefined, old: string, text: string): Fix {
  const edit = span && (editOf(span, JSON.stringify(old), JSON.stringify(text)) ?? editOf(span, old, text));
  return { title, edits: edit ? [edit] : [] };
}

/** The place of a word within `span`, where it stands there once; else all of `span`. */
export function narrow(span: Span, word: string): Span {
  return (editOf(span, JSON.stringify(word), "") ?? editOf(span, word, ""))?.span ?? span;
}

/** The place of a text within `span`, where it stands there once, whatever is around it; else undefined. */
export function partOf(span: Span, text: string): Span | undefined {
  const written = textAt(span);
  const at = written.indexOf(text);
  if (at < 0 || written.indexOf(text, at + 1) >= 0) return undefined;
  return { file: span.file, start: span.start + at, end: span.start + at + text.length };
}

/** Replaces a text that stands once within `span`. */
export function replacePart(title: string, span: Span, old: string, text: string): Fix {
  const part = partOf(span, old);
  return { title, edits: part ? [{ span: part, text }] : [] };
}

const inWord = /[\w.$-]/;

function editOf(span: Span, old: string, text: string): Edit | undefined {
  const written = textAt(span);
  const at = written.indexOf(old);
  const end = at + old.length;
  if (at < 0 || written.indexOf(old, at + 1) >= 0) return undefined;
  // Part of a longer word, or of a longer text: not it.
  const quoted = old.startsWith('"');
  const neighbours = [written[at - 1] ?? " ", written[end] ?? " "];
  if (neighbours.some((each) => (quoted ? each === "\\" : inWord.test(each) || each === '"')))
    return undefined;
  return { span: { file: span.file, start: span.start + at, end: span.start + end }, text };
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
