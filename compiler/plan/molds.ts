import { withDefaults } from "../../model/defaults.ts";
import type { KubernetesObject, ObjectKey } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import { type Cast, castField, castSpan, HoleMet, hasHole, holeIn, type Mold } from "../evaluate/hole.ts";
import type { Block, FieldValue, ObjectHandle, Value } from "../evaluate/value.ts";
import { type Draft, enter, type Lowering, startLowering } from "./draft.ts";
import { type Mark, noSpans, type SpanRecorder } from "./spans.ts";

/**
 * Lowers the objects of a mold (`evaluate/molds.ts`): the mold itself once, with all its defaults, and then for each object
 * only what is made of its own values. What is the same for all is one frozen value in all of them.
 */

/** Makes of an object's own fields what stands in one place of it. */
type Reader = (draft: Draft, given: Cast) => unknown;

/** A field of the mold as the object has it. */
export type Own = (field: FieldValue) => FieldValue;

/** What lowering collects while it makes a mold. */
export interface Casting {
  /** What is to be made for each object, in this order. */
  readonly readers: Reader[];
  /** Places that all objects share; `undefined` where a reader notes places of the object's own. */
  readonly marks: (Mark | undefined)[];
  /** Which reader's result is to come in place of what stands in the mold. */
  readonly blanks: Map<unknown, number>;
  /** The mold is made: what has a hole now was not to be read for each object, and is no part of any. */
  closed: boolean;
}

/** A lowered mold. */
export interface Form {
  readonly casting: Casting;
  readonly object: Part;
  /** Its tables hold what is the same for each object. */
  readonly shared: Lowering;
  /** What its objects are lowered in, but for their places. */
  readonly quiet: Lowering;
  /** What the readers made of the object that is being lowered: one list for all of them. */
  readonly results: unknown[];
}

/** An object in the making: what is fixed, what is read, and what holds such parts. */
type Part =
  | { readonly kind: "fixed"; readonly value: unknown }
  | { readonly kind: "read"; readonly reader: number }
  | {
      readonly kind: "record";
      readonly record: Fixed;
      readonly keys: readonly string[];
      readonly parts: readonly Part[];
    }
  | { readonly kind: "list"; readonly parts: readonly Part[] };

/** A record with all its keys and what is fixed in it: a copy of it has its final shape from the start. */
type Fixed = Readonly<Record<string, unknown>>;

export type LowerBlock = (draft: Draft, block: Block) => KubernetesObject;

/**
 * What `read` makes of the fields: at once, or for each object where they have holes. A result that is missing, empty,
 * `0` or `false` is never taken from a mold, so that lowering may ask whether there is one.
 */
export function cast<T>(
  draft: Draft,
  fields: readonly (FieldValue | undefined)[],
  read: (draft: Draft, own: Own) => T,
): T {
  const { casting } = draft;
  if (!casting || !fields.some((field) => field && hasHole(field.value))) return read(draft, same);
  return blank(casting, (of, given) => read(of, (field) => castField(given, field))) as T;
}

/** The same for a reader that notes no places, of one field whose own has been noted. */
export function castLeaf<T>(
  draft: Draft,
  field: FieldValue,
  path: FieldPath,
  read: (draft: Draft, value: Value, field: FieldValue, path: FieldPath) => T,
): T {
  const { casting } = draft;
  const hole = casting && holeIn(field.value);
  if (!hole) return read(draft, field.value, field, path);
  const { index } = hole;
  // Where it says that a mistake is, is no matter: it is not heard, and the object is then lowered by itself.
  return blank(casting, (of, given) => read(of, given.values[index]!, field, path)) as T;
}

const same = (field: FieldValue): FieldValue => field;

/** Whether the field is a hole itself, of which nothing is known. */
export const isHole = (field: FieldValue | undefined): boolean =>
  field !== undefined && holeIn(field.value) !== undefined;

/** Stands in a lowered mold for what `read` makes for each object; whoever looks into it ends the making of the mold. */
export function blank(casting: Casting, read: Reader): unknown {
  const stand = new Proxy({}, closed);
  if (casting.closed) throw new HoleMet();
  casting.blanks.set(stand, casting.readers.length);
  casting.readers.push(read);
  casting.marks.push(undefined);
  return stand;
}

const refuse = (): never => {
  throw new HoleMet();
};
const closed: ProxyHandler<object> = {
  get: refuse,
  has: refuse,
  ownKeys: refuse,
  getPrototypeOf: refuse,
  getOwnPropertyDescriptor: refuse,
};

/** The object of a cast, with its defaults; undefined where it is to be lowered by itself. */
export function lowerCast(
  lowering: Lowering,
  key: ObjectKey,
  handle: ObjectHandle,
  given: Cast,
  lowerBlock: LowerBlock,
): KubernetesObject | undefined {
  const { forms } = lowering;
  let form = forms.get(given.mold);
  if (form === undefined) {
    form = makeForm(lowering, handle, given.mold, lowerBlock) ?? null;
    forms.set(given.mold, form);
  }
  if (!form) return undefined;
  const results = readAll(form, { lowering: form.quiet, key, handle }, given);
  if (!results) return undefined;
  const { casting, shared, object } = form;
  lowering.spans.later(key, () => notePlaces(casting, lowering, key, handle, given));
  copyTables(shared, lowering, key);
  return build(object, results) as KubernetesObject;
}

function makeForm(
  whole: Lowering,
  handle: ObjectHandle,
  mold: Mold,
  lowerBlock: LowerBlock,
): Form | undefined {
  const casting: Casting = { readers: [], marks: [], blanks: new Map(), closed: false };
  const shared: Lowering = { ...startLowering(whole.resolve, whole.sources), spans: recordMarks(casting) };
  const name = blank(casting, (draft) => draft.handle.name) as string;
  try {
    const draft: Draft = {
      lowering: shared,
      key: moldKey,
      handle: { ...handle, name },
      casting,
    };
    const lowered = withDefaults(lowerBlock(draft, mold.block));
    casting.closed = true;
    const object = partOf(lowered, casting.blanks);
    if (shared.diagnostics.length > 0) return undefined;
    return { casting, object, shared, quiet: { ...whole, spans: noSpans }, results: [] };
  } catch (problem) {
    if (!(problem instanceof HoleMet)) throw problem;
    return undefined;
  }
}

/** Stands for the keys of a mold's objects. */
const moldKey = "";

function recordMarks(casting: Casting): SpanRecorder {
  const { marks } = casting;
  return {
    at: (_, path = "") => marks.findLast((mark) => mark?.path === path)?.span,
    record: (_, path, span) => {
      if (casting.closed) refuse();
      marks.push({ path, span });
    },
    nearest: refuse,
    later: refuse,
    entries: refuse,
  };
}

function partOf(value: unknown, blanks: Casting["blanks"]): Part {
  const reader = blanks.get(value);
  if (reader !== undefined) return { kind: "read", reader };
  if (typeof value !== "object" || value === null) return { kind: "fixed", value };
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  const parts = entries.map(([, one]) => partOf(one, blanks));
  if (parts.every(({ kind }) => kind === "fixed")) return { kind: "fixed", value: Object.freeze(value) };
  if (Array.isArray(value)) return { kind: "list", parts };
  const record: Record<string, unknown> = {};
  for (const [index, [key]] of entries.entries()) record[key] = fixedIn(parts[index]!);
  const own = entries.flatMap(([key], index) =>
    parts[index]!.kind === "fixed" ? [] : [[key, parts[index]!] as const],
  );
  return { kind: "record", record, keys: own.map(([key]) => key), parts: own.map(([, part]) => part) };
}

const fixedIn = (part: Part): unknown => (part.kind === "fixed" ? part.value : undefined);

/** What the readers make; undefined where one makes nothing, or has something to say. */
function readAll({ casting, results }: Form, draft: Draft, given: Cast): readonly unknown[] | undefined {
  const { diagnostics } = draft.lowering;
  const { readers } = casting;
  const told = diagnostics.length;
  let count = 0;
  try {
    for (; count < readers.length; count++) {
      const result = readers[count]!(draft, given);
      if (!result) break;
      results[count] = result;
    }
  } catch (problem) {
    if (!(problem instanceof HoleMet)) throw problem;
  }
  const isWhole = count === readers.length && diagnostics.length === told;
  diagnostics.length = told;
  return isWhole ? results : undefined;
}

/** Records where the object was written: what all objects share, and what the readers note, who read once more for that. */
function notePlaces(
  { marks, readers }: Casting,
  lowering: Lowering,
  key: ObjectKey,
  handle: ObjectHandle,
  given: Cast,
): void {
  const { spans, resolve, sources } = lowering;
  const draft: Draft = {
    lowering: { ...startLowering(resolve, sources), spans },
    key,
    handle,
  };
  spans.record(key, "", handle.span);
  let read = 0;
  for (const mark of marks)
    if (mark) spans.record(key, mark.path, castSpan(given, mark.span));
    else readers[read++]!(draft, given);
}

/** What the tables hold for a mold holds for each of its objects. */
function copyTables(from: Lowering, to: Lowering, key: ObjectKey): void {
  for (const table of ["references", "local", "behaviour", "secrets"] as const) {
    const entries = from[table].get(moldKey);
    if (entries) for (const [path, value] of entries) enter<unknown>(to[table], key, path, value);
  }
  for (const table of ["after", "updates"] as const) {
    const value = from[table].get(moldKey);
    if (value !== undefined) (to[table] as Map<ObjectKey, unknown>).set(key, value);
  }
}

function build(part: Part, results: readonly unknown[]): unknown {
  switch (part.kind) {
    case "fixed":
      return part.value;
    case "read":
      return results[part.reader];
    case "list": {
      const { parts } = part;
      const list = new Array<unknown>(parts.length);
      for (let index = 0; index < parts.length; index++) list[index] = build(parts[index]!, results);
      return list;
    }
    case "record": {
      const { keys, parts } = part;
      // A literal with a spread is slow where it meets records of many kinds.
      const record: Record<string, unknown> = Object.assign({}, part.record);
      for (let index = 0; index < keys.length; index++) record[keys[index]!] = build(parts[index]!, results);
      return record;
    }
  }
}
