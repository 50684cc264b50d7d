import { type FieldType, fieldsOf } from "../model/api/types.ts";
import { parseQuantity } from "../model/quantity.ts";
import { equalStructure } from "./client/structure.ts";

/** What `threeWayMerge` joins. */
export interface Merge {
  /** What lists and quantities the values hold; where a type says nothing, lists are taken whole. */
  readonly type?: FieldType | undefined;
  /**
   * Makes every field that `after` has as it says, also those that `before` had too: what others changed of these is
   * undone. Without it only the change from `before` to `after` is made.
   */
  readonly enforce?: boolean;
}

/**
 * What `live` becomes when it is to be `after` where it was to be `before` (the rule of `kubectl apply`): fields that
 * neither has stay as they are in `live`, fields that only `before` had go. Items of lists with a merge key, such as
 * containers, are joined one by one: those that neither has stay, behind the others.
 */
export function threeWayMerge(live: unknown, before: unknown, after: unknown, how: Merge = {}): unknown {
  if (equalStructure(how.enforce ? live : before, after)) return live;
  if (isRecord(after) && isRecord(live)) return mergeFields(live, isRecord(before) ? before : {}, after, how);
  if (Array.isArray(after) && Array.isArray(live)) return mergeItems(live, listOf(before), after, how);
  return how.type?.form === "scalar" && how.type.scalar === "quantity" && sameQuantity(live, after)
    ? live
    : after;
}

type Json = Readonly<Record<string, unknown>>;

function mergeFields(live: Json, before: Json, after: Json, { type, enforce }: Merge): Json {
  const result: Record<string, unknown> = { ...live };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (after[key] === undefined) delete result[key];
    else if (result[key] === undefined) result[key] = after[key];
    else
      result[key] = threeWayMerge(result[key], before[key], after[key], {
        type: fieldType(type, key),
        enforce: enforce ?? false,
      });
  }
  return result;
}

function mergeItems(
  live: readonly unknown[],
  before: readonly unknown[],
  after: readonly unknown[],
  { type, enforce }: Merge,
): readonly unknown[] {
  const key = type?.form === "list" ? type.merge : undefined;
  if (type?.form !== "list" || key === undefined) return after;
  const [lives, olds, news] = [byKey(live, key), byKey(before, key), byKey(after, key)];
  // Two ports of one number are one to the merge key: such a list cannot be joined.
  if (!lives || !olds || !news) return after;
  const items = [...news].map(([id, item]) =>
    lives.has(id)
      ? threeWayMerge(lives.get(id), olds.get(id), item, { type: type.item, enforce: enforce ?? false })
      : item,
  );
  return [...items, ...[...lives].filter(([id]) => !news.has(id) && !olds.has(id)).map(([, item]) => item)];
}

/** The items by their merge key, plain values by themselves; undefined where that tells them not apart. */
function byKey(items: readonly unknown[], key: string): ReadonlyMap<string, unknown> | undefined {
  const entries = items.map((item): [string, unknown] => [
    JSON.stringify(key === "" ? item : isRecord(item) ? item[key] : undefined) ?? "",
    item,
  ]);
  const found = new Map(entries);
  return found.size === entries.length && !found.has("") ? found : undefined;
}

function fieldType(of: FieldType | undefined, name: string): FieldType | undefined {
  if (of?.form === "object") return fieldsOf(of.type).get(name);
  return of?.form === "map" ? of.value : undefined;
}

/** `1000m` and `1`: a difference of writing is none. */
function sameQuantity(left: unknown, right: unknown): boolean {
  const value = parseQuantity(String(left));
  return value !== undefined && value === parseQuantity(String(right));
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
