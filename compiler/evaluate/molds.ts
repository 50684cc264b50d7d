import { span } from "../binder/symbol.ts";
import type { Checked } from "../checker/checked.ts";
import { keyText } from "../checker/record-literals.ts";
import type { Expression, Member } from "../syntax/ast.ts";
import { children, type Node } from "../syntax/walk.ts";
import { dataIn, finishBlock, openBlock } from "./blocks.ts";
import { conform, conformsAsItIs } from "./conform.ts";
import { type Evaluator, type Frame, type Instance, innerFrame, spendAt } from "./context.ts";
import { evaluate, evaluateInside } from "./expressions.ts";
import { asValue, type Cast, Hole, HoleMet, type Mold } from "./hole.ts";
import { isOverridden } from "./overrides.ts";
import type { Value } from "./value.ts";

/**
 * Families, loops and templates make many objects of one declaration, which differ in little. So the second object of a
 * declaration is evaluated with holes in place of all that might be another value for another object; what is left is
 * the mold, the same for all. From then on an object is what fills the holes. Whatever is out of the ordinary (a
 * mistake, a value left out, a member under a condition) is left to evaluation block by block, which is always right.
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
  const molds = all.get(declaration);
  if (!molds) {
    // One object alone needs no mold.
    all.set(declaration, new Map());
    return undefined;
  }
  if (!molds.has(handle.namespace)) molds.set(handle.namespace, makeMold(evaluator, instance));
  const mold = molds.get(handle.namespace);
  if (!mold) return undefined;
  const inside = innerFrame(frame, { data: dataIn(instance.schema, frame), pod: mold.pod });
  const values = fill(evaluator, mold, inside);
  return values && { mold, values, via: frame.module.via };
}

/** Policies look into every block, and what the checker refused is evaluated for its messages alone. */
export const canHaveMolds = ({ program, erroneous }: Checked): boolean =>
  erroneous.size === 0 && program.modules.every(({ policies }) => policies.length === 0);

const withFamilies = { families: true };

/** The values of an object, or undefined where one is not plainly there. */
function fill(evaluator: Evaluator, mold: Mold, frame: Frame): readonly Value[] | undefined {
  const { module } = frame;
  const { holes } = mold;
  const values = new Array<Value>(holes.length);
  evaluator.left.steps -= mold.steps;
  spendAt(evaluator, mold.block.span, mold.size);
  for (let index = 0; index < holes.length; index++) {
    const { expression, types, families } = holes[index]!;
    let value = evaluate(evaluator, expression, frame);
    for (const type of types)
      if (!conformsAsItIs(evaluator, value, type, module, expression)) {
        const place = span(module, expression);
        value = conform(evaluator, value, type, place, module, families ? withFamilies : undefined);
      }
    if (value.kind === "none" || value.kind === "error" || value.kind === "selection") return undefined;
    values[index] = value;
  }
  return values;
}

function makeMold(evaluator: Evaluator, instance: Instance): Mold | undefined {
  const { declaration, schema, frame, handle } = instance;
  if (!(declaration.body ?? []).every(isPlain)) return undefined;
  const holes: Hole[] = [];
  const { depth } = evaluator;
  const { steps, size } = evaluator.left;
  const trail = evaluator.trail.length;
  evaluator.holes = holes;
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
    };
  } catch (problem) {
    if (!(problem instanceof HoleMet)) throw problem;
    return undefined;
  } finally {
    evaluator.holes = undefined;
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
  if (isFixed(evaluator, expression, hasSuffix(frame))) {
    evaluator.holes = undefined;
    const value = evaluate(evaluator, expression, frame);
    evaluator.holes = holes;
    return value;
  }
  // What a literal consists of comes here in its turn.
  if (isLiteral(evaluator, expression)) return evaluateInside(evaluator, expression, frame);
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
