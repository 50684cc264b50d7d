import { placeOf } from "../../base/versions.ts";

/**
 * Objects are frozen and shared: what a write did not change stays the very same object, so that comparing and
 * copying cost only the path that changed.
 */

/** Whether two JSON values are equal. Keys whose value is undefined count as absent; the order of keys carries no meaning. */
export function equalStructure(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++)
      if (!equalStructure(left[index], right[index])) return false;
    return true;
  }
  return equalRecords(left as Fields, right as Fields);
}

type Fields = Record<string, unknown>;

function equalRecords(left: Fields, right: Fields): boolean {
  let count = 0;
  for (const key in left) {
    const value = left[key];
    if (value === undefined) continue;
    count++;
    const other = fieldOf(right, key);
    if (value !== other && !equalStructure(value, other)) return false;
  }
  for (const key in right) if (right[key] !== undefined) count--;
  return count === 0;
}

/** An own field. What all objects inherit is a function, which no JSON value equals; but for this one. */
function fieldOf(fields: Fields, key: string): unknown {
  return key === "__proto__" && !Object.hasOwn(fields, key) ? undefined : fields[key];
}

/**
 * `next` with every part that equals its counterpart in `previous` replaced by that counterpart, and everything
 * frozen. Gives `previous` itself when nothing differs. Keys with an undefined value are left out.
 *
 * A frozen part is taken to be frozen all the way down, as everything is that this function has given out; it is
 * kept as it is. Neither argument is changed: what is not frozen yet is copied.
 */
export function shareStructure<T>(previous: unknown, next: T): T {
  if (previous === next || typeof next !== "object" || next === null) return next;
  if (Object.isFrozen(next)) return equalStructure(previous, next) ? (previous as T) : next;
  return (Array.isArray(next) ? shareItems(previous, next) : shareFields(previous, next as Fields)) as T;
}

function shareItems(previous: unknown, next: readonly unknown[]): unknown {
  const before: readonly unknown[] = Array.isArray(previous) ? previous : [];
  let items: unknown[] | undefined;
  // Where the counterpart of the next item stands: what came or went has moved the others.
  let from = 0;
  for (let index = 0; index < next.length; index++) {
    let item = next[index];
    const at = placeOf(before, item, from);
    if (at >= 0) from = at + 1;
    else {
      item = shareStructure(before[from], item);
      if (item === before[from] || before.length === next.length) from++;
    }
    if (!items && (item !== before[index] || index >= before.length))
      items = sharedBefore(index, before, next);
    if (items) items[index] = item;
  }
  if (items) return Object.freeze(items);
  return Array.isArray(previous) && before.length === next.length
    ? previous
    : Object.freeze(before.slice(0, next.length));
}

/** A copy of `next` with the items before `end`, which are as they were, from `before`: a list that grows would keep room for more. */
function sharedBefore(end: number, before: readonly unknown[], next: readonly unknown[]): unknown[] {
  const items = next.slice();
  for (let index = 0; index < end; index++) items[index] = before[index];
  return items;
}

const nothing: Fields = {};

/** Copies nothing before the first field that is another than before. */
function shareFields(previous: unknown, next: Fields): unknown {
  const comparable = typeof previous === "object" && previous !== null && !Array.isArray(previous);
  const before = comparable ? (previous as Fields) : nothing;
  let fields: Fields | undefined;
  let holes = false;
  let count = 0;
  for (const key in next) {
    const given = next[key];
    if (given === undefined) {
      holes = true;
      continue;
    }
    count++;
    const old = fieldOf(before, key);
    const value = given === old ? given : shareStructure(old, given);
    if (!fields) {
      if (value === old) continue;
      fields = sharedUpTo(key, before, next);
    }
    if (value !== given) fields[key] = value;
  }
  if (!fields) {
    if (comparable && count === Object.keys(before).length) return previous;
    fields = sharedUpTo(undefined, before, next);
  }
  return Object.freeze(holes ? withoutHoles(fields) : fields);
}

/** A copy of `next` with the fields before `end`, which are as they were, from `before`. */
function sharedUpTo(end: string | undefined, before: Fields, next: Fields): Fields {
  const fields = { ...next };
  for (const key in next) {
    if (key === end) break;
    if (fields[key] !== undefined) fields[key] = before[key];
  }
  return fields;
}

function withoutHoles(fields: Fields): Fields {
  const whole: Fields = {};
  for (const key in fields) if (fields[key] !== undefined) define(whole, key, fields[key]);
  return whole;
}

/** Sets an own property, also where its name is `__proto__`. */
function define(fields: Fields, key: string, value: unknown): void {
  if (key !== "__proto__") fields[key] = value;
  else Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Freezes a JSON value all the way down; what is frozen already is not entered again. */
export function deepFreeze<T>(value: T): T {
  return shareStructure(undefined, value);
}

/** Fields that Kubernetes writes as null where they are empty, and does not leave out. */
const nullable: ReadonlySet<string> = new Set(["eventTime", "lastProbeTime"]);

/**
 * A JSON value without fields that are null, which are as good as absent (Kubernetes' decoding). What is frozen has been
 * through here and is kept; where nothing is null the value itself is given back. Items of lists stay.
 */
export function withoutNulls<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) {
    let items: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const item: unknown = withoutNulls(value[index]);
      if (item !== value[index]) (items ??= [...value])[index] = item;
    }
    return (items as T) ?? value;
  }
  let copy: Fields | undefined;
  for (const key in value) {
    const field = (value as Fields)[key];
    if (typeof field !== "object") continue;
    const next = withoutNulls(field);
    const dropped = next === null && !nullable.has(key);
    if (!dropped && next === field) continue;
    copy ??= { ...(value as Fields) };
    if (dropped) delete copy[key];
    else define(copy, key, next);
  }
  return (copy as T) ?? value;
}
