import type { TypeName } from "../../../model/api/fields.ts";
import { type FieldType, fieldType } from "../../../model/api/types.ts";
import { isRecord } from "../schema/decode.ts";
import { badRequest } from "../status.ts";
import { equal } from "./json-patch.ts";
import { inOrder } from "./order.ts";

/** Directives in a patch, beside the fields (Kubernetes' `strategicpatch`). */
const directive = "$patch";
const retainKeys = "$retainKeys";
const setElementOrder = "$setElementOrder/";
const deleteFromPrimitiveList = "$deleteFromPrimitiveList/";

type Json = Record<string, unknown>;

/**
 * Strategic merge patch: as a merge patch, but lists whose type has a merge key are joined item by item, and
 * directives (`$patch: replace|delete|merge`, `$retainKeys`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`) say
 * what a merge cannot. 400 for a directive that is malformed or an item without its merge key.
 */
export function applyStrategicPatch(type: TypeName, document: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) throw badRequest("a strategic merge patch is an object");
  return mergeObject({ form: "object", type }, isRecord(document) ? document : {}, patch);
}

function mergeObject(type: FieldType | undefined, original: Json, patch: Json): Json {
  switch (patch[directive]) {
    case undefined:
    case "merge":
      break;
    case "replace":
      return withoutDirectives(type, patch);
    case "delete":
      return {};
    default:
      throw badRequest(`unknown patch type ${JSON.stringify(patch[directive])} in map: ${formatMap(patch)}`);
  }
  const result = new Map(Object.entries(original));
  retain(result, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key === directive || key === retainKeys) continue;
    if (key.startsWith(deleteFromPrimitiveList))
      removePrimitives(result, key.slice(deleteFromPrimitiveList.length), value);
    else if (key.startsWith(setElementOrder))
      orderAlone(type, result, patch, key.slice(setElementOrder.length), value);
    else if (value === null) result.delete(key);
    else result.set(key, mergeValue(fieldType(type, key), key, result.get(key), value, patch));
  }
  return Object.fromEntries(result);
}

function mergeValue(
  type: FieldType | undefined,
  name: string,
  original: unknown,
  value: unknown,
  patch: Json,
): unknown {
  if (isRecord(value)) return mergeObject(type, isRecord(original) ? original : {}, value);
  if (!Array.isArray(value)) return value;
  const merge = type?.form === "list" ? type.merge : undefined;
  if (merge === undefined || type?.form !== "list")
    return value.map((item) =>
      isRecord(item) ? withoutDirectives(type?.form === "list" ? type.item : undefined, item) : item,
    );
  const before = Array.isArray(original) ? original : [];
  const order = listOf(patch[setElementOrder + name], setElementOrder + name);
  if (merge === "") {
    // A primitive list is a set: what the patch names is added.
    const present = new Map([...before, ...value].map((item) => [JSON.stringify(item), item]));
    if (order) checkOrder(value, order, name, value);
    return inOrder([...present.values()], before, order ?? value, value, (item) => item);
  }
  return mergeItems(type.item, merge, before, value, order);
}

function mergeItems(
  type: FieldType,
  key: string,
  before: readonly unknown[],
  patch: readonly unknown[],
  order: readonly unknown[] | undefined,
): unknown[] {
  const items = patch.map((item) => {
    if (!isRecord(item)) throw badRequest(`an item of a list that is merged by ${key} is not an object`);
    return item;
  });
  for (const item of items) if (item[directive] !== undefined) checkItemDirective(item, key);
  if (items.some((item) => item[directive] === "replace"))
    return items.filter((item) => item[directive] === undefined).map((item) => withoutDirectives(type, item));
  const identity = (item: unknown) => (isRecord(item) ? item[key] : item);
  const [gone, kept] = [true, false].map((isGone) =>
    items.filter((item) => (item[directive] !== undefined) === isGone),
  ) as [Json[], Json[]];
  const nameless = kept.find((item) => item[key] === undefined);
  if (nameless) throw noMergeKey(nameless, key);
  const named = kept.map(identity);
  if (order) checkOrder(named, order.map(identity), key, patch);
  // A list may hold several with the same key, which is none to the server (two ports of one number): the first is meant.
  const deleted = new Set(gone.map((item) => JSON.stringify(item[key])));
  const result = before.filter((item) => !deleted.has(JSON.stringify(identity(item))));
  const places = new Map<string, number>();
  for (const [place, item] of result.entries()) {
    const id = JSON.stringify(identity(item));
    if (!places.has(id)) places.set(id, place);
  }
  for (const item of kept) {
    const id = JSON.stringify(item[key]);
    const place = places.get(id);
    const previous = place === undefined ? undefined : result[place];
    if (place !== undefined && isRecord(previous)) result[place] = mergeObject(type, previous, item);
    else places.set(id, result.push(withoutDirectives(type, item)) - 1);
  }
  return inOrder(result, before, order?.map(identity) ?? named, named, identity);
}

/** What a patch names must be in the order that it tells, and stand in that order itself. */
function checkOrder(
  named: readonly unknown[],
  order: readonly unknown[],
  name: string,
  patch: readonly unknown[],
): void {
  let next = 0;
  for (const each of order) if (next < named.length && equal(named[next], each)) next++;
  if (next < named.length)
    throw badRequest(
      `The order in patch list:\n${formatMap(patch)}\n doesn't match ${setElementOrder.slice(0, -1)} list of ${name}:\n${formatMap(order)}\n`,
    );
}

/** An item with a directive is there for that alone: to delete an item of its key, or to replace the list by the others. */
function checkItemDirective(item: Json, key: string): void {
  switch (item[directive]) {
    case "replace":
      return;
    case "delete":
      if (item[key] === undefined) throw noMergeKey(item, key);
      return;
    case "merge":
      throw badRequest("merging lists cannot yet be specified in the patch");
    default:
      throw badRequest(`unknown patch type ${JSON.stringify(item[directive])} in map: ${formatMap(item)}`);
  }
}

const noMergeKey = (item: Json, key: string) =>
  badRequest(`map: ${formatMap(item)} does not contain declared merge key: ${key}`);

/** As Go prints a map. */
function formatMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatMap).join(" ")}]`;
  if (!isRecord(value)) return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, inner]) => `${key}:${formatMap(inner)}`).join(" ")}]`;
}

/** A value that is new: directives are left out of it, and what they would remove is not there. */
function withoutDirectives(type: FieldType | undefined, value: Json): Json {
  const { [directive]: _, ...rest } = value;
  return mergeObject(type, {}, rest);
}

/** `$retainKeys` clears what it does not name: the other members of a union when one is chosen. */
function retain(result: Map<string, unknown>, patch: Json): void {
  if (patch[retainKeys] === undefined) return;
  const kept = listOf(patch[retainKeys], retainKeys)!;
  const outside = Object.keys(patch).find((key) => !key.startsWith("$") && !kept.includes(key));
  if (outside !== undefined && patch[outside] !== null)
    throw badRequest(`the patch sets ${outside}, which its $retainKeys does not name`);
  for (const key of result.keys()) if (!kept.includes(key)) result.delete(key);
}

function removePrimitives(result: Map<string, unknown>, name: string, value: unknown): void {
  const removed = new Set(listOf(value, deleteFromPrimitiveList + name)!.map((item) => JSON.stringify(item)));
  const before = result.get(name);
  if (Array.isArray(before))
    result.set(
      name,
      before.filter((item) => !removed.has(JSON.stringify(item))),
    );
}

/** An order without a patch of the list itself: only the order changes. */
function orderAlone(
  type: FieldType | undefined,
  result: Map<string, unknown>,
  patch: Json,
  name: string,
  value: unknown,
): void {
  const order = listOf(value, setElementOrder + name)!;
  const before = result.get(name);
  if (patch[name] !== undefined || !Array.isArray(before)) return;
  const field = fieldType(type, name);
  const key = field?.form === "list" ? field.merge : undefined;
  const identity = (item: unknown) => (key && isRecord(item) ? item[key] : item);
  result.set(name, inOrder(before, before, order.map(identity), [], identity));
}

function listOf(value: unknown, name: string): readonly unknown[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw badRequest(`${name} is not a list`);
  return value;
}
