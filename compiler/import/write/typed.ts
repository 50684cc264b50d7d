import type { FieldSchema, Type } from "../../types/type.ts";
import { field, type Member, type Written, type WrittenRecord } from "./layout.ts";
import { cpu, duration, isName, key, memory, quoted, standsBare, text } from "./literals.ts";
import { entries, isRecord, items, type Part, take, untaken } from "./reader.ts";

/** Fields that keep their Kubernetes name are written by their type alone: the tables of blocks say what it is. */

/** The value as one of this type; undefined where it is none. */
export function writeTyped(type: Type, part: Part): Written | undefined {
  const { value } = part;
  switch (type.kind) {
    case "boolean":
      return typeof value === "boolean" ? String(value) : undefined;
    case "number":
      return typeof value === "number" && (!type.integer || Number.isInteger(value))
        ? String(value)
        : undefined;
    case "quantity":
      return writeQuantity(type.dimension, value);
    case "string":
      if (typeof value !== "string") return undefined;
      return type.options === undefined || type.options.includes(value) ? text(value) : undefined;
    case "envValue":
      return typeof value !== "string" ? undefined : standsBare(value) ? value : text(value);
    case "image":
      return typeof value === "string" ? quoted(value) : undefined;
    case "ip":
    case "cidr":
      return typeof value === "string" ? address(value) : undefined;
    case "port":
      return writePort(value);
    case "optional":
    case "refined":
      return writeTyped(type.type, part);
    case "list":
      return writeList(type.element, part);
    case "map":
      return writeMap(type.values, part);
    case "record":
      return writeRecord(type.fields, part);
    case "union":
      for (const option of type.options) {
        const written = writeTyped(option, part);
        if (written !== undefined) return written;
      }
      return undefined;
    case "any":
      return writePlain(part);
    default:
      return undefined;
  }
}

function writeQuantity(dimension: string, value: unknown): Written | undefined {
  if (dimension === "duration")
    return typeof value === "number" && Number.isInteger(value) && value >= 0 ? duration(value) : undefined;
  if (dimension === "percent") return typeof value === "string" && /^\d+%$/.test(value) ? value : undefined;
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return dimension === "cpu" ? cpu(String(value)) : memory(String(value));
}

/** A port by number, or bare by its name. */
export function writePort(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return undefined;
  return isName(value) ? value : quoted(value);
}

/** Four numbers stand bare, IPv6 in quotes. */
export const address = (value: string): string =>
  /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/.test(value) ? value : quoted(value);

function writeList(element: Type, part: Part): Written | undefined {
  if (!Array.isArray(part.value)) return undefined;
  const written: Written[] = [];
  for (const one of items(part)) {
    const value = writeTyped(element, one);
    if (value === undefined) return undefined;
    written.push(value);
  }
  return { items: written };
}

function writeMap(values: Type, part: Part): Written | undefined {
  if (!isRecord(part.value)) return undefined;
  const members: Member[] = [];
  for (const [name, one] of entries(part)) {
    const value = writeTyped(values, one);
    if (value === undefined) return undefined;
    members.push(field(key(name), value, one.path));
  }
  return { members };
}

/** By the fields of a record; undefined where it has one that is not among them. */
function writeRecord(fields: Readonly<Record<string, FieldSchema>>, part: Part): WrittenRecord | undefined {
  if (!isRecord(part.value)) return undefined;
  const members = writeFields(fields, part);
  return untaken(part).length === 0 ? { members } : undefined;
}

/** Those fields that the table knows and nobody has read yet, in the order of the table. */
export function writeFields(fields: Readonly<Record<string, FieldSchema>>, part: Part): Member[] {
  const members: Member[] = [];
  const open = new Set(untaken(part));
  for (const [name, schema] of Object.entries(fields)) {
    if (!open.has(name)) continue;
    const probe = {
      ...part,
      account: { ...part.account, taken: new Set<string>(), opened: new Set<string>() },
    };
    const inner = take(probe, name);
    const value = inner && writeTyped(schema.type, inner);
    if (value === undefined) continue;
    for (const path of probe.account.taken) part.account.taken.add(path);
    for (const path of probe.account.opened) part.account.opened.add(path);
    members.push(field(key(name), value, inner?.path));
  }
  return members;
}

/** Any JSON as it is. */
export function writePlain(part: Part): Written {
  const { value } = part;
  if (Array.isArray(value)) return { items: items(part).map(writePlain) };
  if (isRecord(value))
    return { members: entries(part).map(([name, inner]) => field(key(name), writePlain(inner), inner.path)) };
  if (typeof value === "string") return text(value);
  return value === null || value === undefined ? "none" : String(value);
}
