import type { FieldPath } from "../../../model/plan.ts";
import { parent } from "../../plan/paths.ts";
import type { Member, Written, WrittenRecord } from "./layout.ts";

/** Puts the comments of an object at the members that say what they were about. */

/** A comment, by the field that it stood above or behind. */
export interface Comment {
  readonly path: FieldPath;
  readonly lines: readonly string[];
  /** Whether it stood behind the field, on its line. */
  readonly behind: boolean;
}

/**
 * Each comment goes to the member of its field; else to the first member that was made from a part of the field;
 * else to the nearest member around.
 */
export function withComments(member: Member, comments: readonly Comment[]): Member {
  if (comments.length === 0) return member;
  const paths: FieldPath[] = [];
  collect(member, paths);
  const above = new Map<FieldPath, string[]>();
  const behind = new Map<FieldPath, string>();
  for (const comment of comments) {
    const path = nearest(paths, comment.path) ?? "";
    const [only] = comment.lines;
    if (comment.behind && path === comment.path && comment.lines.length === 1 && !behind.has(path))
      behind.set(path, only ?? "");
    else above.set(path, [...(above.get(path) ?? []), ...comment.lines]);
  }
  return attach(member, above, behind);
}

function collect(member: Member, paths: FieldPath[]): void {
  if (member.path !== undefined) paths.push(member.path);
  for (const value of [member.value, member.body]) {
    if (isRecordValue(value)) for (const inner of value.members) collect(inner, paths);
  }
}

const isRecordValue = (value: Written | undefined): value is WrittenRecord =>
  typeof value === "object" && "members" in value;

const isWithin = (path: FieldPath, around: FieldPath): boolean =>
  around === "" || path === around || (path.startsWith(around) && /[.[]/.test(path[around.length] ?? ""));

function nearest(paths: readonly FieldPath[], wanted: FieldPath): FieldPath | undefined {
  if (paths.includes(wanted)) return wanted;
  const part = wanted === "" ? undefined : paths.find((path) => path !== "" && isWithin(path, wanted));
  if (part !== undefined) return part;
  for (let at = parent(wanted); at !== undefined; at = parent(at)) if (paths.includes(at)) return at;
  return undefined;
}

/** To the first member of each path. */
function attach(member: Member, above: Map<FieldPath, string[]>, behind: Map<FieldPath, string>): Member {
  const path = member.path;
  const comments = path === undefined ? undefined : above.get(path);
  const trailing = path === undefined ? undefined : behind.get(path);
  if (path !== undefined) {
    above.delete(path);
    behind.delete(path);
  }
  const inside = (value: WrittenRecord): WrittenRecord => ({
    ...value,
    members: value.members.map((inner) => attach(inner, above, behind)),
  });
  // A comment behind what goes over several lines would stand at its end: it goes above.
  const fits = typeof member.value === "string" && member.body === undefined;
  const lines = [
    ...(member.comments ?? []),
    ...(comments ?? []),
    ...(trailing !== undefined && !fits ? [trailing] : []),
  ];
  return {
    ...member,
    ...(isRecordValue(member.value) ? { value: inside(member.value) } : {}),
    ...(member.body === undefined ? {} : { body: inside(member.body) }),
    ...(lines.length > 0 ? { comments: lines } : {}),
    ...(trailing !== undefined && fits ? { trailing } : {}),
  };
}
