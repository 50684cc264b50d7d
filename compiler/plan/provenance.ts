import type { Place, Plan } from "../../model/plan.ts";
import { lineMap } from "../source/line-map.ts";
import type { SourceFile, Span } from "../source/source.ts";
import type { SpanRecorder } from "./spans.ts";

/** Spans as places that can stand in a plan: file, line and column. */
export function provenance(
  spans: SpanRecorder,
  sources: ReadonlySet<SourceFile> = new Set(),
): Plan["provenance"] {
  return Object.fromEntries(
    [...spans.entries()].map(([key, fields]) => [
      key,
      Object.fromEntries([...fields].map(([path, span]) => [path, placeOf(span, sources)])),
    ]),
  );
}

/** A place in the user's own files: what the library's templates wrote was written by those who use them. */
function placeOf({ file, start, via }: Span, sources: ReadonlySet<SourceFile>): Place {
  if (via && !sources.has(file)) return placeOf(via.span, sources);
  const place: Place = { file: file.path, ...lineMap(file).position(start) };
  return via ? { ...place, via: placeOf(via.span, sources) } : place;
}
