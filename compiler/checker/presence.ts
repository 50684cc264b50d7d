import type { Expression, MatchExpression } from "../syntax/ast.ts";
import { withoutNone } from "../types/assignable.ts";
import type { Type } from "../types/type.ts";
import { findLocal, innerScope, type Scope } from "./checked.ts";

/**
 * What is known not to be `none` where a condition holds, or does not: behind `if x != none` `x` has a value. Names
 * only: what a name stands for never changes, so that what was asked of it goes on to be so.
 */

/** What a name stands for, in one place of a program. */
type Named = object;

/** The scope of what is worked out only where `condition` has come to `truth`. */
export function scopeWhen(scope: Scope, condition: Expression | undefined, truth: boolean): Scope {
  const present = condition === undefined ? [] : presentWhen(scope, condition, truth);
  return present.length === 0 ? scope : innerScope(scope, { present: new Set(present) });
}

/** The scope of an arm: behind one for `none`, and in one for another literal, the subject has a value. */
export function scopeOfArm(scope: Scope, { subject, arms }: MatchExpression, index: number): Scope {
  const named = namedBy(scope, subject);
  const { pattern } = arms[index]!;
  const others = arms.slice(0, index).some((arm) => arm.pattern?.kind === "none");
  const literal = pattern !== undefined && pattern.kind !== "none" && pattern.kind !== "missing";
  return named && (others || literal) ? innerScope(scope, { present: new Set([named]) }) : scope;
}

/** The type of what a name stands for, without `none` where it is known to have a value. */
export function presentType(scope: Scope, named: Named, type: Type): Type {
  if (type.kind !== "optional") return type;
  for (let at: Scope | undefined = scope; at; at = at.parent)
    if (at.present?.has(named)) return withoutNone(type);
  return type;
}

function presentWhen(scope: Scope, condition: Expression, truth: boolean): readonly Named[] {
  if (condition.kind === "unary" && condition.operator === "not")
    return presentWhen(scope, condition.operand, !truth);
  if (condition.kind !== "binary") return [];
  const { operator, left, right } = condition;
  if (operator === (truth ? "and" : "or"))
    return [...presentWhen(scope, left, truth), ...presentWhen(scope, right, truth)];
  if (operator !== (truth ? "!=" : "==")) return [];
  const other = right.kind === "none" ? left : left.kind === "none" ? right : undefined;
  const named = other && namedBy(scope, other);
  return named ? [named] : [];
}

/** A local variable, or a `param` or `let` of the module. */
function namedBy(scope: Scope, expression: Expression): Named | undefined {
  if (expression.kind !== "reference") return undefined;
  const local = findLocal(scope, expression.name);
  if (local) return local;
  const symbol = scope.module.values.get(expression.name);
  return symbol?.kind === "param" || symbol?.kind === "let" ? symbol : undefined;
}
