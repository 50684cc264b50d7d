import type { FieldPath } from "../../model/plan.ts";
import { item, parent } from "../plan/paths.ts";
import type { Manifest } from "../source/manifest.ts";
import type { Placed } from "./plan.ts";
import type { Comment } from "./write/comments.ts";
import type { InputObject } from "./write/program.ts";

/** An object as the program's writer takes it, with its comments. */
export function withOwnComments({ manifest, object }: Placed): InputObject {
  const comments: Comment[] = [];
  for (const [path, { before, after, end }] of manifest.comments) {
    if (before && before.length > 0) comments.push({ path, lines: trimmed(before), behind: false });
    if (after !== undefined) comments.push({ path, lines: [after], behind: true });
    if (end && end.length > 0)
      comments.push({ path: nextOf(manifest, path) ?? path, lines: trimmed(end), behind: false });
  }
  return { object: object as unknown as Record<string, unknown>, comments };
}

const trimmed = (lines: readonly string[]): string[] =>
  lines
    .join("\n")
    .replace(/^\n+|\n+$/g, "")
    .split("\n");

/**
 * The field after a list whose dashes stand in the column of its key: what stands below such a list, in that column
 * too, was written about what follows.
 */
function nextOf(manifest: Manifest, path: FieldPath): FieldPath | undefined {
  const { places } = manifest;
  const list = places.get(path);
  const first = places.get(item(path, 0));
  if (list?.style !== "list" || list.flow || !list.key || !first) return undefined;
  const text = list.key.file.text;
  const column = (offset: number) => offset - (text.lastIndexOf("\n", offset - 1) + 1);
  if (column(first.value.start) - 2 !== column(list.key.start)) return undefined;
  const around = parent(path);
  let next: { path: FieldPath; start: number } | undefined;
  for (const [other, { key }] of places) {
    if (!key || key.start <= list.value.start || parent(other) !== around) continue;
    if (next === undefined || key.start < next.start) next = { path: other, start: key.start };
  }
  return next?.path;
}
