import { lineMap } from "../../compiler/source/line-map.ts";
import type { SourceFile, Span } from "../../compiler/source/source.ts";
import type { Place } from "../../model/plan.ts";

/**
 * What a place of a plan is in the user's files: what is written there up to the end of its line, without a block's
 * brace and without a comment. A place in the library is the use of it; undefined where no file has it.
 */
export function spanOf(files: readonly SourceFile[], place: Place): Span | undefined {
  const file = files.find(({ path }) => path === place.file);
  if (!file) return place.via && spanOf(files, place.via);
  const map = lineMap(file);
  const start = map.offset(place);
  const rest = map.line(place.line).slice(place.column - 1);
  const code = rest.replace(/\s*(\/\/.*)?$/, "").replace(/\s*\{$/, "");
  return { file, start, end: start + Math.max(code.length, 1) };
}

/** `shop.kdsl:12`. */
export function placeName(files: readonly SourceFile[], place: Place): string {
  const shown = files.some(({ path }) => path === place.file) || !place.via ? place : place.via;
  return `${shown.file}:${shown.line}`;
}
