import { child } from "../../plan/paths.ts";
import { blockSchemas } from "../../types/blocks/index.ts";
import { pathsOf } from "../../types/places.ts";
import type { FieldSchema, Type } from "../../types/type.ts";
import { field, type Member, type Written } from "./layout.ts";
import { cpu, duration, isName, key, memory, quoted, standsBare, text } from "./literals.ts";
import { type Account, entries, isRecord, items, type Part, take, untaken } from "./reader.ts";
import { find, labelName, refer, referOrDeclare, type Scene } from "./scene.ts";
import { nodeTerm, podSelector } from "./selections.ts";

/**
 * The inverse of lowering by tables: the tables of the blocks say where in a Kubernetes object each field of the
 * language goes, and its type says how a value is written. What needs more than that has a function of its own.
 */

/** In whose program and namespace names are looked for. */
export interface Around {
  readonly scene: Scene;
  readonly namespace: string;
  /** How the pod's volumes are called, by their names. */
  readonly volumes?: ReadonlyMap<string, string>;
  /** Whether an object that the program does not have may be given by its name. */
  readonly byName?: boolean;
}

/** The value as one of this type; undefined where it is none. */
export function writeTyped(
  around: Around,
  schema: Pick<FieldSchema, "type" | "values" | "octal">,
  part: Part,
): Written | undefined {
  const { value } = part;
  const { type, values, octal } = schema;
  if (octal && typeof value === "number") return quoted(value.toString(8).padStart(4, "0"));
  if (values && typeof value === "string") {
    const name = Object.keys(values).find((one) => values[one] === value);
    return name === undefined ? undefined : quoted(name);
  }
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
      return writeTyped(around, { ...schema, type: type.type }, part);
    case "list":
      return writeList(around, { ...schema, type: type.element }, part);
    case "map":
      return writeMap(around, type.values, part);
    case "labels":
      return writeLabelMap(around, part);
    case "record":
      return writeRecord(around, type, part);
    case "union":
      return writeUnion(around, schema, type.options, part);
    case "object":
      return writeObject(around, type.words, value);
    case "selection":
      return type.of === "pods" ? podSelector(around.scene, part) : nodeTerm(around.scene, part);
    case "member":
      return type.word === "volume" && typeof value === "string" ? around.volumes?.get(value) : undefined;
    case "any":
      return writePlain(part);
    default:
      return undefined;
  }
}

/** The first alternative that can say it. */
function writeUnion(
  around: Around,
  schema: Pick<FieldSchema, "type" | "octal">,
  options: readonly Type[],
  part: Part,
): Written | undefined {
  // Where a text will do, what is no part of the program is left to its name.
  const byName = options.some(({ kind }) => kind === "string");
  for (const type of options) {
    const trial = startOver(part);
    const written = writeTyped(byName ? { ...around, byName } : around, { ...schema, type }, trial);
    if (written === undefined) continue;
    settle(trial.account, part.account);
    return written;
  }
  return undefined;
}

/** A secret or config of the program by reference; one that is no part of it is left to its name. */
function writeObject(
  { scene, namespace, byName }: Around,
  words: readonly string[],
  value: unknown,
): Written | undefined {
  if (typeof value !== "string") return undefined;
  for (const word of ["secret", "config", "claim", "account"] as const) {
    const found = words.includes(word) ? find(scene, word, namespace, value) : undefined;
    if (found) return refer(scene, found, [word]);
  }
  // What has no name in the program can only be one outside.
  const outside = byName ? undefined : (["claim", "account"] as const).find((word) => words.includes(word));
  return outside && Object.hasOwn(blockSchemas, `external ${outside}`)
    ? referOrDeclare(scene, outside, namespace, value)
    : undefined;
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

function writeList(
  around: Around,
  element: Pick<FieldSchema, "type" | "values" | "octal">,
  part: Part,
): Written | undefined {
  if (!Array.isArray(part.value)) return undefined;
  const written: Written[] = [];
  for (const one of items(part)) {
    const value = writeTyped(around, element, one);
    if (value === undefined) return undefined;
    written.push(value);
  }
  return { items: written };
}

function writeMap(around: Around, type: Type, part: Part): Written | undefined {
  if (!isRecord(part.value)) return undefined;
  const members: Member[] = [];
  for (const [name, one] of entries(part)) {
    const value = writeTyped(around, { type }, one);
    if (value === undefined) return undefined;
    members.push(field(key(name), value, one.path));
  }
  return { members };
}

function writeLabelMap({ scene }: Around, part: Part): Written | undefined {
  if (!isRecord(part.value)) return undefined;
  const members = entries(part).map(([name, one]) =>
    field(key(labelName(scene, name)), quoted(String(one.value)), one.path),
  );
  return { members };
}

/** By the fields of a record; undefined where the value has one that is not among them. */
function writeRecord(
  around: Around,
  { fields, of }: Extract<Type, { kind: "record" }>,
  part: Part,
): Written | undefined {
  if (!isRecord(part.value)) return undefined;
  const members = writeFields(around, fields, part, of);
  return untaken(part).length === 0 ? { members } : undefined;
}

/** Those fields that the table knows and nobody has read yet, in the order of the table. */
export function writeFields(
  around: Around,
  fields: Readonly<Record<string, FieldSchema>>,
  part: Part,
  of?: string,
): Member[] {
  const members: Member[] = [];
  for (const [name, schema] of Object.entries(fields)) {
    const [path] = pathsOf(schema, name, of);
    if (path === undefined) continue;
    if (path === "{}") {
      members.push(...writeRest(around, name, schema, part));
      continue;
    }
    const found = locate(part, path.split("."));
    if (!found) continue;
    const trial = startOver(found.part);
    const value =
      found.rest.length > 0
        ? writeEach(around, schema, trial, found.rest)
        : writeTyped(around, schema, trial);
    if (value === undefined) continue;
    for (const at of found.way) part.account.opened.add(at);
    for (const at of [...found.way.slice(1), found.part.path]) part.account.taken.add(at);
    settle(trial.account, part.account);
    members.push(field(key(name), value, found.part.path));
  }
  return members;
}

/** All other keys of a record, of which the table says that they stand together under one name. */
function writeRest(around: Around, name: string, schema: FieldSchema, part: Part): Member[] {
  const others = untaken(part);
  if (others.length === 0 || schema.type.kind !== "map") return [];
  const members: Member[] = [];
  for (const other of others) {
    const inner = take(startOver(part), other);
    const value = inner && writeTyped(around, { type: schema.type.values }, asNumber(inner));
    if (value === undefined) continue;
    take(part, other);
    members.push(field(key(other), value));
  }
  return members.length > 0 ? [field(key(name), { members })] : [];
}

/** Kubernetes counts devices as quantities. */
const asNumber = (part: Part): Part =>
  typeof part.value === "string" && /^\d+$/.test(part.value) ? { ...part, value: Number(part.value) } : part;

/** The value at a path that nobody has read; `rest` is what follows a `[]`, for each item. */
function locate(
  part: Part,
  segments: readonly string[],
): { part: Part; rest: readonly string[]; way: readonly string[] } | undefined {
  let at = part;
  const way: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const name = segment.replace(/\[\]$/, "");
    const { value, account } = at;
    way.push(at.path);
    const path = child(at.path, name);
    const inner = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    if (inner === undefined || inner === null) return undefined;
    at = { value: inner, path, account };
    if (index === segments.length - 1 || name !== segment) {
      if (account.taken.has(path)) return undefined;
      return { part: at, rest: segments.slice(index + 1), way };
    }
    if (account.taken.has(path) && !account.opened.has(path)) return undefined;
  }
  return undefined;
}

/** A list whose items are records with nothing but this one field. */
function writeEach(
  around: Around,
  schema: FieldSchema,
  part: Part,
  rest: readonly string[],
): Written | undefined {
  if (!Array.isArray(part.value)) return undefined;
  const type = schema.type.kind === "list" ? schema.type.element : schema.type;
  const written: Written[] = [];
  for (const one of items(part)) {
    const inner = rest.reduce<Part | undefined>((at, name) => take(at, name), one);
    const value = inner && writeTyped(around, { ...schema, type }, inner);
    if (value === undefined || untaken(one).length > 0) return undefined;
    written.push(value);
  }
  return { items: written };
}

/** The same part with an account of its own, so that a trial that fails has read nothing. */
const startOver = (part: Part): Part => ({
  ...part,
  account: { ...part.account, taken: new Set(), opened: new Set() },
});

function settle(from: Account, to: Account): void {
  for (const path of from.taken) to.taken.add(path);
  for (const path of from.opened) to.opened.add(path);
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
