import { AlikeDeclaration, type Details, holesIn, type Pattern } from "../syntax/alike.ts";
import type { Declaration, Expression } from "../syntax/ast.ts";
import type { Type } from "../types/type.ts";
import type { Asked, Checker, Scope } from "./checked.ts";
import { check } from "./expressions.ts";
import { flatten, muted } from "./report.ts";

/**
 * Declarations that are written alike (syntax/alike.ts) are checked by what they have in their holes: all else was
 * found in order in the first of them. What each hole was asked for is noted there and asked of the others; where one
 * of them has another answer, that declaration is checked like any, so that what is said of it stays the same.
 */
interface Learnt {
  readonly scope: Scope;
  /** By the numbers of the holes. */
  readonly asked: readonly AskedOfHole[];
}

interface AskedOfHole extends Asked {
  readonly expected: Type;
  /** Whether any text is as good as another. */
  readonly anyText: boolean;
}

/** How a declaration is checked by itself. */
type Check = (checker: Checker, declaration: Declaration, scope: Scope) => void;

/** Checks a declaration at the top of a module; `plainly` does it without looking at others. */
export function checkAlike(checker: Checker, declaration: Declaration, scope: Scope, plainly: Check): void {
  const details = AlikeDeclaration.detailsOf(declaration);
  if (!details || details.isRead) {
    plainly(checker, declaration, scope);
    return;
  }
  const { pattern } = details;
  const learnt = pattern.known.get(checker) as Learnt | "unfit" | undefined;
  if (learnt === undefined) pattern.known.set(checker, learn(checker, declaration, scope, pattern, plainly));
  else if (learnt === "unfit" || learnt.scope !== scope || !fitIn(checker, details, learnt))
    plainly(checker, declaration, scope);
  // Evaluation asks what names in the block mean, if it looks at the block at all.
  else details.whenRead(() => muted(checker, () => plainly(checker, declaration, scope)));
}

/** Checks the first of a pattern, and says what its holes were asked for. */
function learn(
  checker: Checker,
  declaration: Declaration,
  scope: Scope,
  pattern: Pattern,
  plainly: Check,
): Learnt | "unfit" {
  const noted = new Map<Expression, Asked | "several">();
  let faultless = true;
  const { report } = checker;
  checker.asked = noted;
  checker.report = (diagnostic) => {
    faultless = false;
    report(diagnostic);
  };
  plainly(checker, declaration, scope);
  checker.asked = undefined;
  checker.report = report;
  const asked: AskedOfHole[] = [];
  for (const { expression, calls } of holesIn(scope.module.file.text, declaration)) {
    const found = noted.get(expression);
    // The type of a form or function is its own, whatever its arguments are.
    const ownTypes = calls.every((call) => {
      const resolution = checker.resolutions.get(call);
      return resolution?.kind === "call" && resolution.target.kind !== "intrinsic";
    });
    if (!found || found === "several" || !found.expected || !ownTypes) return "unfit";
    if (isLocal(checker, expression)) return "unfit";
    const { expected } = found;
    asked.push({ ...found, expected, anyText: !hasOptions(expected) });
  }
  if (!faultless || asked.length !== pattern.holes.length) return "unfit";
  const { expressions } = pattern;
  // What the others have in common with the first is not looked at again.
  const isFirstFit =
    !expressions.some((one) => checker.erroneous.has(one)) && areFit(checker, expressions, asked);
  return isFirstFit ? { scope, asked } : "unfit";
}

/** Whether some texts are taken and others are not, as far as that is for the checker. */
function hasOptions(type: Type): boolean {
  return flatten(type).some((one) => one.kind === "string" && one.options !== undefined);
}

/** Whether what stands in the holes is all that the first was found to be. What is the same as there need not be looked at. */
function fitIn(checker: Checker, { pattern, holes }: Details, { asked }: Learnt): boolean {
  return areFit(checker, holes, asked, (hole, index) =>
    isAsGood(hole, pattern.expressions[index]!, asked[index]!),
  );
}

/** Whether the checker says of a literal what it said of the first one. */
const isAsGood = (one: Expression, first: Expression, { anyText }: AskedOfHole): boolean =>
  one.kind === "string"
    ? anyText
    : one.kind === "quantity" && first.kind === "quantity" && one.unit === first.unit;

/** Whether each expression is what it is asked to be. */
function areFit(
  checker: Checker,
  expressions: readonly (Expression | undefined)[],
  asked: readonly AskedOfHole[],
  isKnown?: (one: Expression, index: number) => boolean,
): boolean {
  let fit = true;
  const { report } = checker;
  checker.report = () => {
    fit = false;
  };
  for (let index = 0; index < expressions.length && fit; index++) {
    const one = expressions[index];
    if (one === undefined || isKnown?.(one, index)) continue;
    const { expected, scope } = asked[index]!;
    check(checker, one, expected, scope);
    if (checker.erroneous.delete(one) || isLocal(checker, one)) fit = false;
  }
  checker.report = report;
  return fit;
}

/** A variable of the block: whether it is used at all hangs on the others. */
const isLocal = (checker: Checker, expression: Expression): boolean =>
  expression.kind === "reference" && checker.resolutions.get(expression)?.kind === "local";

/** Notes what an expression is asked for, while the first of a pattern is checked. */
export function noteAsked(
  noted: Map<Expression, Asked | "several">,
  expression: Expression,
  expected: Type | undefined,
  scope: Scope,
): void {
  noted.set(expression, noted.has(expression) ? "several" : { expected, scope });
}
