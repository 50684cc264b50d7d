import type { ObjectKey } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import type { Diagnostic, Label } from "../diagnostics/diagnostic.ts";
import { parent } from "../plan/paths.ts";
import type { SpanTable } from "../plan/spans.ts";
import type { SourceFile, Span } from "../source/source.ts";

/** A place that is only looked up when somebody looks at it: rules name many places, and point at few. */
class Place implements Span {
  readonly #spans: SpanTable;
  readonly #key: ObjectKey;
  readonly #path: FieldPath;
  readonly #nowhere: Span;
  #found: Span | undefined;

  constructor(spans: SpanTable, key: ObjectKey, path: FieldPath, nowhere: Span) {
    this.#spans = spans;
    this.#key = key;
    this.#path = path;
    this.#nowhere = nowhere;
  }

  get found(): Span {
    return (this.#found ??=
      outside(this.#spans, this.#key, this.#path) ??
      this.#spans.nearest(this.#key, this.#path) ??
      this.#nowhere);
  }

  get file(): SourceFile {
    return this.found.file;
  }

  get start(): number {
    return this.found.start;
  }

  get end(): number {
    return this.found.end;
  }
}

/** The nearest place in the user's own files: what a function of the library made is blamed on its call. */
function outside(spans: SpanTable, key: ObjectKey, path: FieldPath): Span | undefined {
  for (let here: FieldPath | undefined = path; here !== undefined; here = parent(here)) {
    const span = spans.at(key, here);
    if (span && !span.file.path.startsWith("std/")) return span;
  }
  return undefined;
}

/** Gives the places of fields, `nowhere` for those of objects that were written nowhere. */
export function placesOf(spans: SpanTable, nowhere: Span): (key: ObjectKey, path?: FieldPath) => Span {
  return (key, path = "") => new Place(spans, key, path, nowhere);
}

/** The diagnostic with its places looked up, to be handed on as plain data. */
export function settled(diagnostic: Diagnostic): Diagnostic {
  const plain = (span: Span) => (span instanceof Place ? span.found : span);
  const label = (one: Label): Label => ({ ...one, span: plain(one.span) });
  return {
    ...diagnostic,
    primary: label(diagnostic.primary),
    secondary: diagnostic.secondary.map(label),
    fixes: diagnostic.fixes.map((fix) => ({
      ...fix,
      edits: fix.edits.map((edit) => ({ ...edit, span: plain(edit.span) })),
    })),
  };
}
