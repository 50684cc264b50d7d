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

/** What was recorded for one object: as it came, and as a table as far as somebody has asked. */
interface Recorded {
  readonly paths: FieldPath[];
  readonly spans: Span[];
  readonly table: Map<FieldPath, Span>;
}

/**
 * Recording only appends: hundreds of places stand in a plan for each one that is ever asked for, and putting a path
 * that was just made into a table costs more than making it.
 */
export function recordSpans(): SpanRecorder {
  const objects = new Map<ObjectKey, Recorded>();
  let last: ObjectKey | undefined;
  let current: Recorded | undefined;
  const at = (key: ObjectKey, path: FieldPath = "") => {
    const recorded = objects.get(key);
    return recorded && tableOf(recorded).get(path);
  };
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
      if (key !== last || !current) {
        last = key;
        current = objects.get(key);
        if (!current) objects.set(key, (current = { paths: [], spans: [], table: new Map() }));
      }
      current.paths.push(path);
      current.spans.push(span);
    },
    *entries() {
      for (const [key, recorded] of objects) yield [key, tableOf(recorded)];
    },
  };
}

function tableOf({ paths, spans, table }: Recorded): ReadonlyMap<FieldPath, Span> {
  paths.forEach((path, index) => {
    table.set(path, spans[index]!);
  });
  paths.length = 0;
  spans.length = 0;
  return table;
}
