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
      throw badRequest(`unknown $patch directive ${JSON.stringify(patch[directive])}`);
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
    // A primitive list is a set: what the patch names is added, and its order is kept unless the patch tells one.
    const present = new Map([...before, ...value].map((item) => [JSON.stringify(item), item]));
    return inOrder([...present.values()], before, order, value, (item) => item);
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
  if (items.some((item) => item[directive] === "replace" && item[key] === undefined))
    return items
      .filter((item) => item[directive] !== "replace" || item[key] !== undefined)
      .map((item) => withoutDirectives(type, item));
  const result = new Map<string, unknown>();
  const identity = (item: unknown) => (isRecord(item) ? item[key] : item);
  for (const item of before) result.set(JSON.stringify(identity(item)), item);
  const named: unknown[] = [];
  for (const item of items) {
    if (item[key] === undefined)
      throw badRequest(`${JSON.stringify(item)} does not contain the declared merge key: ${key}`);
    const id = JSON.stringify(item[key]);
    if (item[directive] === "delete") {
      result.delete(id);
      continue;
    }
    named.push(item[key]);
    const previous = result.get(id);
    result.set(id, isRecord(previous) ? mergeObject(type, previous, item) : withoutDirectives(type, item));
  }
  return inOrder([...result.values()], before, order?.map(identity), named, identity);
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
  const removed = listOf(value, deleteFromPrimitiveList + name)!;
  const before = result.get(name);
  if (Array.isArray(before))
    result.set(
      name,
      before.filter((item) => !removed.some((each) => equal(each, item))),
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
