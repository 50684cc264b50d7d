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
  /** Lets an object have places that others have too; `undefined` among them stands for what it has of its own. */
  share(key: ObjectKey, marks: readonly (Mark | undefined)[], place: (span: Span) => Span): Sharing;
  /** Everything recorded, in the order of recording. */
  entries(): Iterable<readonly [ObjectKey, ReadonlyMap<FieldPath, Span>]>;
}

export interface Mark {
  readonly path: FieldPath;
  readonly span: Span;
}

export interface Sharing {
  /** What is recorded from now on belongs to the next `undefined`. */
  next(): void;
  end(): void;
  /** Forgets all that was shared and recorded. */
  undo(): void;
}

interface Shared {
  readonly marks: readonly (Mark | undefined)[];
  /** The shared place as it is for this object. */
  readonly place: (span: Span) => Span;
  /** How many places of its own stand before each of those shared, and at the ends. */
  readonly start: number;
  readonly ends: number[];
}

/** What was recorded for one object: as it came, and as a table as far as somebody has asked. */
interface Recorded {
  readonly paths: FieldPath[];
  readonly spans: Span[];
  readonly table: Map<FieldPath, Span>;
  shared: Shared | undefined;
}

/**
 * Recording only appends: hundreds of places stand in a plan for each one that is ever asked for, and putting a path
 * that was just made into a table costs more than making it.
 */
export function recordSpans(): SpanRecorder {
  const objects = new Map<ObjectKey, Recorded>();
  let last: ObjectKey | undefined;
  let current: Recorded | undefined;
  let sharing: Recorded | undefined;
  const at = (key: ObjectKey, path: FieldPath = "") => {
    const found = objects.get(key);
    if (!found) return undefined;
    return found === sharing ? soFar(found, path) : tableOf(found).get(path);
  };
  const recorded = (key: ObjectKey): Recorded => {
    if (key === last && current) return current;
    last = key;
    current = objects.get(key);
    if (!current) objects.set(key, (current = { paths: [], spans: [], table: new Map(), shared: undefined }));
    return current;
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
      const { paths, spans } = recorded(key);
      paths.push(path);
      spans.push(span);
    },
    share(key, marks, place) {
      const own = recorded(key);
      const { paths, spans } = own;
      const start = paths.length;
      const ends: number[] = [];
      own.shared = { marks, place, start, ends };
      sharing = own;
      return {
        next: () => void ends.push(paths.length),
        end: () => {
          sharing = undefined;
        },
        undo: () => {
          sharing = undefined;
          own.shared = undefined;
          paths.length = start;
          spans.length = start;
        },
      };
    },
    *entries() {
      for (const [key, recorded] of objects) yield [key, tableOf(recorded)];
    },
  };
}

/** A place in an object that is still being lowered. */
function soFar({ paths, spans, shared }: Recorded, path: FieldPath): Span | undefined {
  const index = paths.lastIndexOf(path);
  if (index >= 0) return spans[index];
  const mark = shared?.marks.findLast((one) => one?.path === path);
  return mark && shared!.place(mark.span);
}

function tableOf(recorded: Recorded): ReadonlyMap<FieldPath, Span> {
  const { paths, spans, table, shared } = recorded;
  let done = 0;
  const own = (end: number) => {
    for (; done < end; done++) table.set(paths[done]!, plainSpan(spans[done]!));
  };
  if (shared) {
    recorded.shared = undefined;
    let ended = 0;
    own(shared.start);
    for (const mark of shared.marks)
      if (mark) table.set(mark.path, plainSpan(shared.place(mark.span)));
      else own(shared.ends[ended++]!);
  }
  own(paths.length);
  paths.length = 0;
  spans.length = 0;
  return table;
}
