import type { FieldPath } from "../../../model/plan.ts";
import { child, item } from "../../plan/paths.ts";

/**
 * Reads an object and keeps account of what was read, so that nothing is ever dropped: what nobody asked for is left
 * over, and whoever imports the object has to answer for it.
 */

export type Json = Readonly<Record<string, unknown>>;

/** A field's value and where it stands. */
export interface Part {
  readonly value: unknown;
  readonly path: FieldPath;
  readonly account: Account;
}

export interface Account {
  readonly root: unknown;
  /** Fields that were asked for. */
  readonly taken: Set<FieldPath>;
  /** Records that were read field by field. */
  readonly opened: Set<FieldPath>;
}

export const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function read(root: unknown): Part {
  return { value: root, path: "", account: { root, taken: new Set(), opened: new Set() } };
}

/** The field, which is thereby answered for as a whole unless it is read field by field; undefined for an absent one. */
export function take(part: Part | undefined, key: string): Part | undefined {
  if (part === undefined || !isRecord(part.value)) return undefined;
  const { account } = part;
  account.opened.add(part.path);
  const path = child(part.path, key);
  account.taken.add(path);
  const value = Object.hasOwn(part.value, key) ? part.value[key] : undefined;
  return value === undefined || value === null ? undefined : { value, path, account };
}

/** A field further inside. */
export function takeIn(part: Part | undefined, ...keys: string[]): Part | undefined {
  return keys.reduce<Part | undefined>((at, key) => take(at, key), part);
}

/** The items of a list. */
export function items(part: Part | undefined): Part[] {
  if (part === undefined || !Array.isArray(part.value)) return [];
  part.account.opened.add(part.path);
  return part.value.map((value: unknown, index) => {
    const path = item(part.path, index);
    part.account.taken.add(path);
    return { value, path, account: part.account };
  });
}

/** The fields of a record, all taken. */
export function entries(part: Part | undefined): [string, Part][] {
  if (part === undefined || !isRecord(part.value)) return [];
  const found: [string, Part][] = [];
  for (const key of Object.keys(part.value)) {
    const inner = take(part, key);
    if (inner) found.push([key, inner]);
  }
  return found;
}

/** Fields of this record that nobody has asked for; null is as good as absent. */
export function untaken(part: Part): string[] {
  if (!isRecord(part.value)) return [];
  const { value, account } = part;
  return Object.keys(value).filter(
    (key) => value[key] !== null && value[key] !== undefined && !account.taken.has(child(part.path, key)),
  );
}

/** Whether somebody has asked for the field. */
export const isTaken = (part: Part, key: string): boolean => part.account.taken.has(child(part.path, key));

/** Gives the part back: as if it had never been asked for. */
export function giveBack(part: Part): void {
  const { taken, opened } = part.account;
  taken.delete(part.path);
  opened.delete(part.path);
}

/** The paths of all that was not asked for. */
export function leftOver(part: Part): FieldPath[] {
  const { account } = part;
  const found: FieldPath[] = [];
  const visit = (value: unknown, path: FieldPath) => {
    if (!account.opened.has(path)) return;
    if (Array.isArray(value)) {
      value.forEach((inner, index) => {
        const at = item(path, index);
        if (account.taken.has(at)) visit(inner, at);
        else found.push(at);
      });
      return;
    }
    if (!isRecord(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (inner === null || inner === undefined) continue;
      const at = child(path, key);
      if (account.taken.has(at)) visit(inner, at);
      else found.push(at);
    }
  };
  visit(part.value, part.path);
  return found;
}

// ── Values of one type; a value of another is left to what checks the shape of objects ─────────────────────

export const textOf = (part: Part | undefined): string | undefined =>
  typeof part?.value === "string" ? part.value : undefined;

export const numberOf = (part: Part | undefined): number | undefined =>
  typeof part?.value === "number" ? part.value : undefined;

export const textsOf = (part: Part | undefined): string[] | undefined =>
  Array.isArray(part?.value) && part.value.every((one) => typeof one === "string") ? part.value : undefined;

/** `{ key: text }`; empty for an absent one. */
export function textMapOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
