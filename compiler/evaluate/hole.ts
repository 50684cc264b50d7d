import type { Span, Via } from "../source/source.ts";
import type { Declaration, Expression } from "../syntax/ast.ts";
import type { Type } from "../types/type.ts";
import { counterpartSpan } from "./alike.ts";
import type { LazyBlock } from "./blocks.ts";
import type { Program } from "./hole-programs.ts";
import type { Block, FieldValue, Value } from "./value.ts";

/** What the objects that one declaration makes have in common: its block, with holes for what each has of its own. */
export interface Mold {
  readonly block: Block;
  readonly holes: readonly Hole[];
  /** The pod in it, for the names of its volumes and containers. */
  readonly pod: LazyBlock | undefined;
  /** The use of a template that it was made for: places of others' are the same but for this. */
  readonly via: Via | undefined;
  /** What of the budget it takes to make an object, without what its own values take. */
  readonly steps: number;
  readonly size: number;
  /** Work out what fills the holes, those that are plain; made for the first object. */
  programs: readonly (Program | undefined)[] | undefined;
}

/** One object of a mold. */
export interface Cast {
  readonly mold: Mold;
  /** What fills the holes; none of them is `none` or a mistake. */
  readonly values: readonly Value[];
  readonly via: Via | undefined;
  /** The object's own declaration, where the mold was made of another that is like it. */
  readonly alike: { readonly own: Declaration; readonly like: Declaration } | undefined;
}

/** Thrown where somebody looks into a hole who does not know about holes: then there is no mold. */
export class HoleMet extends Error {}

/**
 * Stands in a mold where each of its objects has a value of its own. It passes for a value as long as nobody asks
 * which: the one question that everybody asks first, for its `kind`, ends the making of the mold. So nothing is ever
 * concluded for all objects from what only one of them has.
 */
export class Hole {
  readonly index: number;
  readonly expression: Expression;
  /** What the value is made to fit, one after the other. */
  readonly types: Type[] = [];
  /** Whether a family stands for all of its members here. */
  families = false;

  constructor(index: number, expression: Expression) {
    this.index = index;
    this.expression = expression;
  }

  get kind(): never {
    throw new HoleMet();
  }
}

export const asValue = (hole: Hole): Value => hole as unknown as Value;

export const holeIn = (value: unknown): Hole | undefined => (value instanceof Hole ? value : undefined);

/** Whether the value is a hole, or a literal with one in it. */
export function hasHole(value: Value): boolean {
  if (holeIn(value)) return true;
  const parts =
    value.kind === "record" ? value.fields : value.kind === "variant" ? value.arguments : undefined;
  if (parts) return [...parts.values()].some((one) => hasHole(one.value));
  return value.kind === "list" && value.items.some(hasHole);
}

/** The field as the object has it. */
export function castField(cast: Cast, field: FieldValue): FieldValue {
  const value = castValue(cast, field.value);
  const keySpan = castSpan(cast, field.keySpan);
  const span = castSpan(cast, field.span);
  return field.label ? { value, keySpan, span, label: true } : { value, keySpan, span };
}

/** The value itself as the object has it, with what is in it left as the mold has it. */
export function ownValue(cast: Cast, value: Value): Value {
  const hole = holeIn(value);
  return hole ? cast.values[hole.index]! : value;
}

export function castValue(cast: Cast, value: Value): Value {
  const hole = holeIn(value);
  if (hole) return cast.values[hole.index]!;
  switch (value.kind) {
    case "record":
      // What stands in the holes was made to fit what the record was.
      return { ...value, fields: castFields(cast, value.fields) };
    case "variant":
      return { ...value, arguments: castFields(cast, value.arguments) };
    case "list":
      return { kind: "list", items: value.items.map((item) => castValue(cast, item)) };
    default:
      return value;
  }
}

function castFields(cast: Cast, fields: ReadonlyMap<string, FieldValue>): ReadonlyMap<string, FieldValue> {
  const own = new Map<string, FieldValue>();
  for (const [key, field] of fields) own.set(key, castField(cast, field));
  return own;
}

/** The place as it is for the object: a place in a template with the object's own use of it, or in its own declaration. */
export function castSpan({ mold, via, alike }: Cast, span: Span): Span {
  if (alike) return counterpartSpan(alike.own, alike.like, mold.block.span.file, span);
  if (mold.via === undefined || via === undefined || span.via !== mold.via) return span;
  return { file: span.file, start: span.start, end: span.end, via };
}
