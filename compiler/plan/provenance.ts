import type { Place, Plan } from "../../model/plan.ts";
import { lineMap } from "../source/line-map.ts";
import type { Span } from "../source/source.ts";
import type { SpanRecorder } from "./spans.ts";

/** Spans as places that can stand in a plan: file, line and column. */
export function provenance(spans: SpanRecorder): Plan["provenance"] {
  return Object.fromEntries(
    [...spans.entries()].map(([key, fields]) => [
      key,
      Object.fromEntries([...fields].map(([path, span]) => [path, placeOf(span)])),
    ]),
  );
}

function placeOf({ file, start }: Span): Place {
  return { file: file.path, ...lineMap(file).position(start) };
}
