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
  for (const key of Object.keys(left)) {
    if (left[key] === undefined) continue;
    count++;
    if (!Object.hasOwn(right, key) || !equalStructure(left[key], right[key])) return false;
  }
  for (const key of Object.keys(right)) if (right[key] !== undefined) count--;
  return count === 0;
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
  let same = Array.isArray(previous) && before.length === next.length;
  const items: unknown[] = [];
  for (let index = 0; index < next.length; index++) {
    const given = next[index];
    // Where one was put in or taken out, the others have moved: nothing to compare them with.
    const moved = before[index + 1] === given || before[index - 1] === given;
    const item = moved && Object.isFrozen(given) ? given : shareStructure(before[index], given);
    if (item !== before[index]) same = false;
    items.push(item);
  }
  return same ? previous : Object.freeze(items);
}

function shareFields(previous: unknown, next: Fields): unknown {
  const comparable = typeof previous === "object" && previous !== null && !Array.isArray(previous);
  const before = (comparable ? previous : {}) as Fields;
  const fields: Fields = {};
  let same = comparable;
  let count = 0;
  for (const key of Object.keys(next)) {
    if (next[key] === undefined) continue;
    count++;
    const had = Object.hasOwn(before, key);
    const value = shareStructure(had ? before[key] : undefined, next[key]);
    if (!had || value !== before[key]) same = false;
    define(fields, key, value);
  }
  return same && Object.keys(before).length === count ? previous : Object.freeze(fields);
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
    const items = value.map(withoutNulls);
    return items.every((item, index) => item === value[index]) ? value : (items as T);
  }
  let copy: Fields | undefined;
  for (const key in value) {
    const field = (value as Fields)[key];
    if (typeof field !== "object" || !Object.hasOwn(value, key)) continue;
    const next = withoutNulls(field);
    const dropped = next === null && !nullable.has(key);
    if (!dropped && next === field) continue;
    copy ??= { ...(value as Fields) };
    if (dropped) delete copy[key];
    else define(copy, key, next);
  }
  return (copy as T) ?? value;
}
