import { span } from "../binder/symbol.ts";
import type { Checked } from "../checker/checked.ts";
import { keyText } from "../checker/record-literals.ts";
import type { Declaration, Expression, Member } from "../syntax/ast.ts";
import { children, type Node } from "../syntax/walk.ts";
import { type Comparison, compareDeclarations, type Differing } from "./alike.ts";
import { dataIn, finishBlock, openBlock } from "./blocks.ts";
import { conform, conformsAsItIs, textSize } from "./conform.ts";
import { type Evaluator, type Frame, type Instance, innerFrame, spendAt, spendStep } from "./context.ts";
import { evaluate, evaluateInside } from "./expressions.ts";
import { asValue, type Cast, Hole, HoleMet, type Mold } from "./hole.ts";
import { type Program, programsFor } from "./hole-programs.ts";
import { isOverridden } from "./overrides.ts";
import type { Value } from "./value.ts";

/**
 * Families, loops and templates make many objects of one declaration, which differ in little. So the second object of a
 * declaration is evaluated with holes in place of all that might be another value for another object; what is left is
 * the mold, the same for all. From then on an object is what fills the holes. Whatever is out of the ordinary (a
 * mistake, a value left out, a member under a condition) is left to evaluation block by block, which is always right.
 *
 * Declarations that are written one after the other and are alike are treated as one that makes many (alike.ts).
 */

/** What is known of a declaration's objects: by namespace, whether there is a mold. */
export type Molds = Map<string | undefined, Mold | undefined>;

/** Evaluates an object: from its mold where it has one. */
export function evaluateObject(evaluator: Evaluator, instance: Instance): void {
  const { handle } = instance;
  const cast = castOf(evaluator, instance);
  if (cast) handle.cast = cast;
  else handle.block();
}

function castOf(evaluator: Evaluator, instance: Instance): Cast | undefined {
  const { handle, declaration, frame } = instance;
  const { molds: all } = evaluator;
  if (!all || handle.external || handle.objectKind === "Namespace" || isOverridden(evaluator, handle))
    return undefined;
  if (isAlone(instance)) return castAlike(evaluator, instance);
  const molds = all.get(declaration);
  if (!molds) {
    // One object alone needs no mold.
    all.set(declaration, new Map());
    return undefined;
  }
  if (!molds.has(handle.namespace)) molds.set(handle.namespace, makeMold(evaluator, instance));
  const mold = molds.get(handle.namespace);
  if (!mold) return undefined;
  const values = fill(evaluator, mold, instance);
  return values && { mold, values, via: frame.module.via, alike: undefined };
}

/** Whether the declaration makes this one object. */
const isAlone = ({ keys, frame }: Instance): boolean => keys.length === 0 && !frame.made;

/** A declaration that stands alone, with a mold for those that are like it. */
export interface Alike {
  readonly instance: Instance;
  /** Where those seen so far differ. */
  readonly differing: Differing;
  mold: Mold | undefined;
  /** The numbers of the mold's holes, by their expressions. */
  holes: ReadonlyMap<Expression, number>;
  /** By the mold's holes: what fills them in those that say nothing else there. */
  shared: (Value | undefined)[];
  /** How often a mold may still be made. */
  left: number;
}

const mostAlike = 8;

/** The object of a declaration that makes one alone, where others that are like it came before. */
function castAlike(evaluator: Evaluator, instance: Instance): Cast | undefined {
  const { declaration, frame, handle } = instance;
  let words = evaluator.alike.get(frame.module);
  if (!words) evaluator.alike.set(frame.module, (words = new Map()));
  const place = `${declaration.word.text} ${handle.namespace ?? ""}`;
  let known = words.get(place);
  if (!known) words.set(place, (known = []));
  for (const one of known) {
    const expressions = expressionsIn(evaluator, one, declaration);
    if (!expressions) continue;
    const { mold } = one;
    const values = mold && fill(evaluator, mold, instance, { expressions, known: one });
    const alike = { own: declaration, like: one.instance.declaration };
    return values && { mold: mold!, values, via: undefined, alike };
  }
  if (known.length < mostAlike)
    known.push({ instance, differing: new Map(), mold: undefined, holes: new Map(), shared: [], left: 4 });
  return undefined;
}

/** What stands in place of the mold's holes in a declaration; undefined where it is not like the mold's. */
function expressionsIn(
  evaluator: Evaluator,
  alike: Alike,
  declaration: Declaration,
): Pick<Comparison, "found" | "shared"> | undefined {
  const { checked } = evaluator;
  for (;;) {
    const { differing, holes, instance } = alike;
    const comparison: Comparison = {
      checked,
      holes,
      differing,
      found: new Array(holes.size),
      shared: [],
      differs: false,
    };
    if (!compareDeclarations(comparison, instance.declaration, declaration)) return undefined;
    if (!comparison.differs && alike.mold) return comparison;
    // It differs where none did before: a mold is made with holes there too.
    if (alike.left-- <= 0) return undefined;
    alike.mold = makeMold(evaluator, instance, differing);
    if (!alike.mold) {
      alike.left = 0;
      return undefined;
    }
    const expressions = new Set(alike.mold.holes.map(({ expression }) => expression));
    alike.holes = new Map([...expressions].map((expression, index) => [expression, index]));
    alike.shared = [];
  }
}

/** Policies look into every block, and what the checker refused is evaluated for its messages alone. */
export const canHaveMolds = ({ program, erroneous }: Checked): boolean =>
  erroneous.size === 0 && program.modules.every(({ policies }) => policies.length === 0);

const withFamilies = { families: true };

/** What an object has in place of the expressions of its mold's holes, where it has some of its own. */
interface OwnExpressions {
  readonly expressions: Pick<Comparison, "found" | "shared">;
  readonly known: Pick<Alike, "holes" | "shared">;
}

/** The values of an object, or undefined where one is not plainly there. */
function fill(
  evaluator: Evaluator,
  mold: Mold,
  instance: Instance,
  own?: OwnExpressions,
): readonly Value[] | undefined {
  const outer = instance.frame;
  const frame = innerFrame(outer, { data: dataIn(instance.schema, outer), pod: mold.pod });
  const { module } = frame;
  const { holes } = mold;
  if (!own)
    mold.programs ??= programsFor(
      evaluator,
      holes.map(({ expression }) => expression),
      frame,
    );
  const values = new Array<Value>(holes.length);
  evaluator.left.steps -= mold.steps;
  spendAt(evaluator, mold.block.span, mold.size);
  for (let index = 0; index < holes.length; index++) {
    const { expression: given, types, families } = holes[index]!;
    const number = own ? own.known.holes.get(given)! : 0;
    const only = own?.expressions.found[number];
    const expression = own ? (only ?? own.expressions.shared[number]!) : given;
    const known = own && !only ? own.known.shared[index] : undefined;
    if (known) {
      spendStep(evaluator, module, expression, known.kind === "string" ? textSize(known) : 0);
      values[index] = known;
      continue;
    }
    const program = own ? undefined : mold.programs?.[index];
    let value =
      (program && run(evaluator, program, expression, frame)) ?? evaluate(evaluator, expression, frame);
    for (const type of types)
      if (!conformsAsItIs(evaluator, value, type, module, expression)) {
        const place = span(module, expression);
        value = conform(evaluator, value, type, place, module, families ? withFamilies : undefined);
      }
    if (value.kind === "none" || value.kind === "error" || value.kind === "selection") return undefined;
    values[index] = value;
    // What many have in common is worked out for the first of them.
    if (own && !only) own.known.shared[index] = value;
  }
  return values;
}

/** What a program answers, and paid for. */
function run(
  evaluator: Evaluator,
  { value: answer, steps }: Program,
  expression: Expression,
  frame: Frame,
): Value | undefined {
  const value = answer(frame);
  if (!value) return undefined;
  evaluator.left.steps -= steps - 1;
  const size = expression.kind === "string" && value.kind === "string" ? textSize(value) : 0;
  spendStep(evaluator, frame.module, expression, size);
  return value;
}

function makeMold(evaluator: Evaluator, instance: Instance, differing?: Differing): Mold | undefined {
  const { declaration, schema, frame, handle } = instance;
  if (!(declaration.body ?? []).every(isPlain)) return undefined;
  const holes: Hole[] = [];
  const { depth } = evaluator;
  const { steps, size } = evaluator.left;
  const trail = evaluator.trail.length;
  evaluator.holes = holes;
  evaluator.differing = differing;
  try {
    const open = openBlock(evaluator, declaration, schema, frame, handle.name);
    const block = finishBlock(evaluator, open);
    const { left } = evaluator;
    return {
      block,
      holes,
      pod: open.word === "pod" ? open : open.members.find(({ word }) => word === "pod"),
      via: frame.module.via,
      steps: steps - left.steps,
      size: size - left.size,
      programs: undefined,
    };
  } catch (problem) {
    if (!(problem instanceof HoleMet)) throw problem;
    return undefined;
  } finally {
    evaluator.holes = undefined;
    evaluator.differing = undefined;
    evaluator.depth = depth;
    evaluator.trail.length = trail;
  }
}

/** Whether the member is there for every object: fields by name, and blocks of such members. */
function isPlain(member: Member): boolean {
  switch (member.kind) {
    case "field":
      return keyText(member) !== undefined;
    case "declaration":
      return (member.body ?? []).every(isPlain);
    case "mount":
      return (member.body ?? []).every(isPlain);
    default:
      return false;
  }
}

/** Whether a loop around the object may add to the names of a pod's members. */
function hasSuffix(frame: Frame): boolean {
  for (let at: Frame | undefined = frame; at; at = at.parent) if (at.suffix !== undefined) return true;
  return false;
}

/** An expression while a mold is made: its value where that is the same for all, else a hole. */
export function evaluateInMold(
  evaluator: Evaluator,
  holes: Hole[],
  expression: Expression,
  frame: Frame,
): Value {
  const differs = evaluator.differing?.get(expression);
  if (!differs && isFixed(evaluator, expression, hasSuffix(frame))) {
    evaluator.holes = undefined;
    const value = evaluate(evaluator, expression, frame);
    evaluator.holes = holes;
    return value;
  }
  // What a literal consists of comes here in its turn.
  if (differs !== "whole" && isLiteral(evaluator, expression))
    return evaluateInside(evaluator, expression, frame);
  const hole = new Hole(holes.length, expression);
  holes.push(hole);
  return asValue(hole);
}

function isLiteral({ checked }: Evaluator, expression: Expression): boolean {
  switch (expression.kind) {
    case "record":
      return expression.members.every((member) => member.kind === "field" && keyText(member) !== undefined);
    case "list":
      return !expression.comprehension && !expression.items.some(({ spread }) => spread);
    case "call": {
      const resolution = checked.resolutions.get(expression);
      return resolution?.kind === "call" && resolution.target.kind === "variant";
    }
    default:
      return false;
  }
}

/** Whether an expression has the same value for every object of a declaration. */
function isFixed(evaluator: Evaluator, node: Node, suffixed: boolean): boolean {
  const resolution = evaluator.checked.resolutions.get(node as Expression);
  switch (resolution?.kind) {
    case "local":
    case "use":
    case "object":
    case "part":
    case "familyMember":
    case "plural":
      return false;
    case undefined:
    case "call":
      return children(node).every((child) => isFixed(evaluator, child, suffixed));
    case "podMember":
    case "lateResource":
      return !suffixed;
    default:
      return true;
  }
}
