import type { Stored } from "../../../model/meta.ts";
import { jsonOf } from "./render.ts";

/** Lists are encoded in runs of so many objects; pages of 500, which kubectl asks for, are made of whole runs. */
const RUN = 50;

/** So much encoded text is kept, in bytes; past it what was not asked for the longest goes. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The JSON of a list's objects, with commas between them, in parts. What was encoded for another list and is the same
 * is not encoded again: of a large list in which one object has changed, one run is.
 */
export type ListEncoder = (objects: readonly Stored[]) => readonly Uint8Array[];

interface Run {
  readonly objects: readonly Stored[];
  readonly bytes: Uint8Array;
}

export function createListEncoder(mostBytes = MOST_BYTES): ListEncoder {
  const utf8 = new TextEncoder();
  const comma = utf8.encode(",");
  // By their first objects, the one that was asked for longest ago first.
  const runs = new Map<Stored, Run>();
  let held = 0;

  const keep = (first: Stored, run: Run) => {
    runs.set(first, run);
    held += run.bytes.length;
    for (const [key, old] of runs) {
      if (held <= mostBytes) break;
      runs.delete(key);
      held -= old.bytes.length;
    }
  };

  const encode = (objects: readonly Stored[], start: number): Uint8Array => {
    const first = objects[start]!;
    const end = Math.min(start + RUN, objects.length);
    const known = runs.get(first);
    if (known) {
      runs.delete(first);
      held -= known.bytes.length;
      if (isSame(known.objects, objects, start, end)) {
        keep(first, known);
        return known.bytes;
      }
    }
    const run = objects.slice(start, end);
    const bytes = utf8.encode(run.map(jsonOf).join(","));
    keep(first, { objects: run, bytes });
    return bytes;
  };

  return (objects) => {
    const parts: Uint8Array[] = [];
    for (let start = 0; start < objects.length; start += RUN) {
      if (start > 0) parts.push(comma);
      parts.push(encode(objects, start));
    }
    return parts;
  };
}

function isSame(run: readonly Stored[], objects: readonly Stored[], start: number, end: number): boolean {
  if (run.length !== end - start) return false;
  for (let index = 0; index < run.length; index++) if (run[index] !== objects[start + index]) return false;
  return true;
}
