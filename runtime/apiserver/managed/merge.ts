import { isRecord } from "../schema/decode.ts";
import { beyond, type FieldSet, isEmptySet } from "./field-set.ts";
import { inField, itemsByStep, type Shape, stepOf } from "./shape.ts";

type ListShape = Extract<Shape, { form: "set" | "items" }>;

/** `live` with all that `config` says: parts that have owners of their own are joined, all else is replaced. */
export function mergeConfig(shape: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined || config === null) return live;
  if ((shape.form === "object" || shape.form === "map") && isRecord(live) && isRecord(config)) {
    // Built from entries: a key such as `__proto__` is then a key like any other.
    const result = new Map(Object.entries(live));
    for (const [name, value] of Object.entries(config))
      result.set(name, mergeConfig(inField(shape, name), result.get(name), value));
    return Object.fromEntries(result);
  }
  if ((shape.form === "set" || shape.form === "items") && Array.isArray(live) && Array.isArray(config))
    return mergeLists(shape, live, config);
  return config;
}

/**
 * The configuration's items in its order; what only the live list has keeps its place before the items that it stood
 * before, and stands before items that are new.
 */
function mergeLists(shape: ListShape, live: readonly unknown[], config: readonly unknown[]): unknown[] {
  const liveSteps = live.map((item) => stepOf(shape, item));
  const places = new Map<string | undefined, number>();
  for (const [place, step] of liveSteps.entries()) if (!places.has(step)) places.set(step, place);
  const wanted = itemsByStep(shape, config);
  const before = itemsByStep(shape, live);
  const result: unknown[] = [];
  let next = 0;
  /** Takes what only the live list has, up to a place in it or to the first item that is in both. */
  const takeUpTo = (end: number, shared: boolean) => {
    for (; next < end; next++) {
      const step = liveSteps[next];
      const only = step === undefined || !wanted.has(step);
      if (!only && !shared) return;
      if (only) result.push(live[next]);
    }
  };
  for (const [step, item] of wanted) {
    const place = places.get(step);
    if (place === undefined) takeUpTo(live.length, false);
    else if (place >= next) {
      takeUpTo(place, true);
      next = place + 1;
    }
    result.push(shape.form === "items" ? mergeConfig(shape.item, before.get(step), item) : item);
  }
  takeUpTo(live.length, true);
  return result;
}

/** `value` without the fields of a set; what had parts and has none any more is gone itself (undefined). */
export function removeFields(shape: Shape, value: unknown, set: FieldSet): unknown {
  if (isEmptySet(set)) return value;
  if ((shape.form === "object" || shape.form === "map") && isRecord(value)) {
    const entries = Object.entries(value);
    const left = entries.flatMap(([name, child]): [string, unknown][] => {
      const step = `f:${name}`;
      if (set.members.has(step)) return [];
      const kept = removeFields(inField(shape, name), child, beyond(set, step));
      return kept === undefined ? [] : [[name, kept]];
    });
    return entries.length === 0 || left.length > 0 ? Object.fromEntries(left) : undefined;
  }
  if ((shape.form === "set" || shape.form === "items") && Array.isArray(value)) {
    const left = value.flatMap((item) => {
      const step = stepOf(shape, item) ?? "";
      if (set.members.has(step)) return [];
      const kept = shape.form === "items" ? removeFields(shape.item, item, beyond(set, step)) : item;
      return kept === undefined ? [] : [kept];
    });
    return value.length === 0 || left.length > 0 ? left : undefined;
  }
  return value;
}
