import { equalStructure } from "../../client/structure.ts";
import { isRecord } from "../schema/decode.ts";
import { build, emptySet, type FieldSet, setOf } from "./field-set.ts";
import { inField, itemsByStep, type Shape, stepOf } from "./shape.ts";

/** Which fields values have and by which they differ. A field that is null or undefined is not there. */

const isAbsent = (value: unknown) => value === undefined || value === null;

/** The fields that a value sets: what an applied configuration claims. Containers come with what lies in them. */
export function fieldsIn(shape: Shape, value: unknown): FieldSet {
  const members: string[] = [];
  const children: [string, FieldSet][] = [];
  if ((shape.form === "set" || shape.form === "items") && Array.isArray(value)) {
    for (const [step, item] of itemsByStep(shape, value)) {
      members.push(step);
      if (shape.form === "items") children.push([step, fieldsIn(shape.item, item)]);
    }
  } else if ((shape.form === "object" || shape.form === "map") && isRecord(value)) {
    for (const [name, child] of Object.entries(value)) {
      if (isAbsent(child)) continue;
      const inner = inField(shape, name);
      const step = `f:${name}`;
      const isEmpty = isRecord(child) && Object.keys(child).length === 0;
      if (shape.form === "map" || isEmpty || !isDivided(inner, child)) members.push(step);
      children.push([step, fieldsIn(inner, child)]);
    }
  } else return emptySet;
  return build(members, children);
}

/** Whether the parts of a value have owners of their own. */
function isDivided(shape: Shape, value: unknown): boolean {
  return shape.form === "object" || shape.form === "map"
    ? isRecord(value)
    : shape.form !== "whole" && Array.isArray(value);
}

/** By which fields two values differ. Where a container comes or goes it is in the set with all that lies in it. */
export interface Comparison {
  readonly added: FieldSet;
  readonly removed: FieldSet;
  readonly modified: FieldSet;
}

type Paths = { readonly [Part in keyof Comparison]: (readonly string[])[] };

export function compare(shape: Shape, before: unknown, after: unknown): Comparison {
  const paths: Paths = { added: [], removed: [], modified: [] };
  comparePart(paths, shape, before, after, []);
  return { added: setOf(paths.added), removed: setOf(paths.removed), modified: setOf(paths.modified) };
}

function comparePart(
  paths: Paths,
  shape: Shape,
  before: unknown,
  after: unknown,
  path: readonly string[],
): void {
  // Objects share what they have in common.
  if (before === after || (isAbsent(before) && isAbsent(after))) return;
  const inner = partsOf(shape, before, after);
  for (const [step, part, one, other] of inner) comparePart(paths, part, one, other, [...path, step]);
  if (path.length === 0) return;
  if (isAbsent(before)) paths.added.push(path);
  else if (isAbsent(after)) paths.removed.push(path);
  else if (inner.length === 0 && !equalStructure(before, after)) paths.modified.push(path);
}

/** The parts of two values side by side; none where they are compared as a whole. */
function partsOf(
  shape: Shape,
  before: unknown,
  after: unknown,
): (readonly [step: string, shape: Shape, before: unknown, after: unknown])[] {
  const fits = (value: unknown) => isAbsent(value) || isDivided(shape, value);
  if (shape.form === "whole" || !fits(before) || !fits(after)) return [];
  if (shape.form === "object" || shape.form === "map") {
    const [one, other] = [before ?? {}, after ?? {}] as [Record<string, unknown>, Record<string, unknown>];
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].map((name) => [`f:${name}`, inField(shape, name), one[name], other[name]]);
  }
  const [one, other] = [before, after].map((list) => grouped(shape, (list ?? []) as unknown[]));
  const item: Shape = shape.form === "items" ? shape.item : { form: "whole" };
  return [...new Set([...one!.keys(), ...other!.keys()])].map((step) => {
    const [left = [], right = []] = [one!.get(step), other!.get(step)];
    // Items that cannot be told apart are compared together.
    return left.length > 1 || right.length > 1
      ? [step, { form: "whole" }, left.length > 0 ? left : undefined, right.length > 0 ? right : undefined]
      : [step, item, left[0], right[0]];
  });
}

function grouped(
  shape: Extract<Shape, { form: "set" | "items" }>,
  list: readonly unknown[],
): Map<string, unknown[]> {
  const result = new Map<string, unknown[]>();
  for (const item of list) {
    const step = stepOf(shape, item);
    if (step === undefined) continue;
    const others = result.get(step);
    if (others) others.push(item);
    else result.set(step, [item]);
  }
  return result;
}

/** `set` with the fields of objects in which something of it lies: they go when nobody has anything in them any more. */
export function withParents(shape: Shape, set: FieldSet): FieldSet {
  const members = new Set(set.members);
  const children: [string, FieldSet][] = [];
  for (const [step, child] of set.children) {
    const name = step.startsWith("f:") ? step.slice(2) : undefined;
    let inner: Shape = { form: "whole" };
    if (name !== undefined && (shape.form === "object" || shape.form === "map")) inner = inField(shape, name);
    else if (shape.form === "items") inner = shape.item;
    if (name !== undefined && shape.form === "object" && shape.field(name)) members.add(step);
    children.push([step, withParents(inner, child)]);
  }
  return build(members, children);
}
