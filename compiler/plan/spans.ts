import type { ObjectKey } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import type { Span } from "../source/source.ts";
import { parent } from "./paths.ts";

/** Where each object and field of a plan was written: what verification points at and provenance is made from. */
export interface SpanTable {
  /** The span of exactly this object (`path` left out or "") or field; undefined when nothing was written for it. */
  at(key: ObjectKey, path?: FieldPath): Span | undefined;
  /** The span of the field or, when nothing was written for it, of the nearest field around it, the object at last. */
  nearest(key: ObjectKey, path: FieldPath): Span | undefined;
}

/** A span table that is being written. */
export interface SpanRecorder extends SpanTable {
  record(key: ObjectKey, path: FieldPath, span: Span): void;
  /** Everything recorded, in the order of recording. */
  entries(): Iterable<readonly [ObjectKey, ReadonlyMap<FieldPath, Span>]>;
}

export function recordSpans(): SpanRecorder {
  const objects = new Map<ObjectKey, Map<FieldPath, Span>>();
  const at = (key: ObjectKey, path: FieldPath = "") => objects.get(key)?.get(path);
  return {
    at,
    nearest(key, path) {
      for (let here: FieldPath | undefined = path; here !== undefined; here = parent(here)) {
        const span = at(key, here);
        if (span) return span;
      }
      return undefined;
    },
    record(key, path, span) {
      const fields = objects.get(key);
      if (fields) fields.set(path, span);
      else objects.set(key, new Map([[path, span]]));
    },
    entries: () => objects,
  };
}
