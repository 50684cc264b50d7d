import type { ObjectKey } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import { plainSpan } from "../evaluate/alike.ts";
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
  /** Lets the places of an object be recorded when the first of them is asked for, which for most is never. */
  later(key: ObjectKey, record: () => void): void;
  /** Everything recorded, in the order of recording. */
  entries(): Iterable<readonly [ObjectKey, ReadonlyMap<FieldPath, Span>]>;
}

export interface Mark {
  readonly path: FieldPath;
  readonly span: Span;
}

/** Records nothing: where somebody else does. */
export const noSpans: SpanRecorder = {
  at: () => undefined,
  nearest: () => undefined,
  record: () => {},
  later: () => {},
  entries: () => [],
};

/** What was recorded for one object: as it came, and as a table as far as somebody has asked. */
interface Recorded {
  readonly paths: FieldPath[];
  readonly spans: Span[];
  table: Map<FieldPath, Span> | undefined;
}

/**
 * Recording only appends: hundreds of places stand in a plan for each one that is ever asked for, and putting a path
 * that was just made into a table costs more than making it.
 */
export function recordSpans(): SpanRecorder {
  const objects = new Map<ObjectKey, Recorded | (() => void)>();
  let last: ObjectKey | undefined;
  let current: Recorded | undefined;
  const start = (key: ObjectKey): Recorded => {
    last = key;
    current = { paths: [], spans: [], table: undefined };
    objects.set(key, current);
    return current;
  };
  const recorded = (key: ObjectKey): Recorded | undefined => {
    const found = objects.get(key);
    if (typeof found !== "function") return found;
    const made = start(key);
    found();
    return made;
  };
  const at = (key: ObjectKey, path: FieldPath = "") => {
    const found = recorded(key);
    return found && tableOf(found).get(path);
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
        current = recorded(key) ?? start(key);
        last = key;
      }
      current.paths.push(path);
      current.spans.push(span);
    },
    later: (key, record) => void objects.set(key, record),
    *entries() {
      for (const key of objects.keys()) yield [key, tableOf(recorded(key)!)];
    },
  };
}

function tableOf(recorded: Recorded): ReadonlyMap<FieldPath, Span> {
  const { paths, spans } = recorded;
  recorded.table ??= new Map();
  for (let index = 0; index < paths.length; index++)
    recorded.table.set(paths[index]!, plainSpan(spans[index]!));
  paths.length = 0;
  spans.length = 0;
  return recorded.table;
}
