import type { ObjectSymbol } from "../binder/symbol.ts";
import { budgetExceeded } from "../diagnostics/catalog/evaluate.ts";
import { lateUse, notIndexable, typeMismatch } from "../diagnostics/catalog/types.ts";
import type {
  Expression,
  IfExpression,
  IndexExpression,
  ListExpression,
  NumberExpression,
  StringExpression,
} from "../syntax/ast.ts";
import { fits, join, joinAll, withoutNone } from "../types/assignable.ts";
import { describeType } from "../types/display.ts";
import type { Dimension, Type } from "../types/type.ts";
import { noteAsked } from "./alike.ts";
import { inferCall } from "./calls.ts";
import { type Checker, innerScope, type Resolution, type Scope } from "./checked.ts";
import { bindVariables } from "./loops.ts";
import { inferMatch } from "./match.ts";
import { inferMember } from "./members.ts";
import { findObjects, inferName, isFamily, objectCandidate } from "./names.ts";
import { inferLabelAt } from "./observations.ts";
import { inferBinary, inferUnary } from "./operators.ts";
import { scopeWhen } from "./presence.ts";
import { inferRecord } from "./record-literals.ts";
import { at, errorType, flatten, mismatch, mistaken } from "./report.ts";
import { inferSelection, selectorMeant } from "./selections.ts";

const boolean: Type = { kind: "boolean" };

/** How deep expressions and the definitions that they read may nest before checking gives up with an error. */
export const deepest = 700;

/** Checks that an expression is of the expected type; gives its type, the silent one after a mistake. */
export function check(checker: Checker, expression: Expression, expected: Type, scope: Scope): Type {
  const selector = selectorMeant(checker, expression, expected, scope);
  if (selector) return selector;
  const found = infer(checker, expression, expected, scope);
  if (fits(found, expected) !== "no") return found;
  return mismatch(checker, expression, expected, found, scope);
}

/** The type of an expression. What is expected helps to read bare names and literals, and is not enforced. */
export function infer(
  checker: Checker,
  expression: Expression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  if (checker.depth >= deepest) {
    checker.report(
      budgetExceeded(at(scope, expression), { what: "expressions and definitions are nested too deeply" }),
    );
    return mistaken(checker, expression);
  }
  if (checker.asked !== undefined) noteAsked(checker.asked, expression, expected, scope);
  checker.depth++;
  const type = inferInside(checker, expression, expected, scope);
  checker.depth--;
  return type;
}

function inferInside(
  checker: Checker,
  expression: Expression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  switch (expression.kind) {
    case "missing":
      return mistaken(checker, expression);
    case "string":
      return inferString(checker, expression, scope);
    case "number":
      return inferNumber(checker, expression, expected);
    case "quantity":
      return { kind: "quantity", dimension: dimensionOf(expression.unit) };
    case "address":
      return { kind: expression.cidr ? "cidr" : "ip" };
    case "boolean":
      return boolean;
    case "none":
      return { kind: "none" };
    case "reference":
      return inferName(checker, expression, expected, scope);
    case "member":
      return inferMember(checker, expression, expected, scope);
    case "index":
      return inferIndex(checker, expression, scope);
    case "call":
      return inferCall(checker, expression, expected, scope);
    case "unary":
      return inferUnary(checker, expression, expected, scope);
    case "binary":
      return inferBinary(checker, expression, expected, scope);
    case "conditional":
      return inferConditional(checker, expression, expected, scope);
    case "match":
      return inferMatch(checker, expression, expected, scope);
    case "list":
      return inferList(checker, expression, expected, scope);
    case "record":
      return inferRecord(checker, expression, expected, scope);
    case "selection":
      return inferSelection(checker, expression, scope);
    case "where":
    case "has": {
      const found = expression.kind === "has" ? "`has`" : "`where`";
      checker.report(
        typeMismatch(
          at(scope, expression),
          { expected: "a value", found: `a condition with ${found}` },
          { notes: ["`where` stands after `pods` or `nodes`, and in types; `has` stands after `where`"] },
        ),
      );
      return mistaken(checker, expression);
    }
  }
}

/** The dimension of a unit; the parser knows only these. */
export function dimensionOf(unit: string): Dimension {
  if (unit === "m") return "cpu";
  if (unit === "%") return "percent";
  return unit === "ms" || unit === "s" || unit === "min" || unit === "h" ? "duration" : "memory";
}

/** A type that is computed with as text: what a hole in a string takes. */
const holeKinds = new Set(["string", "number", "boolean", "port", "ip", "cidr", "image"]);

function inferString(checker: Checker, expression: StringExpression, scope: Scope): Type {
  let literal = "";
  let holes = false;
  for (const part of expression.parts) {
    if (typeof part === "string") {
      literal += part;
      continue;
    }
    holes = true;
    const type = infer(checker, part, undefined, scope);
    if (
      !flatten(type).every(
        (option) => holeKinds.has(option.kind) || option.kind === "any" || option.kind === "error",
      )
    )
      reportHole(checker, part, type, scope);
    else if (type.kind === "optional") mismatch(checker, part, { kind: "string" }, type, scope);
  }
  return holes ? { kind: "string" } : { kind: "string", options: [literal] };
}

function reportHole(checker: Checker, part: Expression, type: Type, scope: Scope): void {
  const place = at(scope, part);
  const quantity = flatten(type).some((option) => option.kind === "quantity");
  if (flatten(type).some((option) => option.kind === "late"))
    checker.report(
      lateUse(
        place,
        { what: "a text" },
        {
          fixes: [
            {
              title: `in \`env\`, give it a variable of its own, \`VALUE: ${place.file.text.slice(place.start, place.end)}\`, and write \`$(VALUE)\` here`,
              edits: [],
            },
          ],
        },
      ),
    );
  else
    checker.report(
      typeMismatch(
        place,
        { expected: "a text, number, address or Bool", found: describeType(type) },
        {
          notes: quantity
            ? ["a quantity in a text says its unit: `{mebibytes(x)}`, `{seconds(x)}`, `{millicores(x)}`"]
            : [],
        },
      ),
    );
  mistaken(checker, part);
}

function inferNumber(checker: Checker, expression: NumberExpression, expected: Type | undefined): Type {
  const wants = flatten(expected);
  if (
    !wants.some((type) => type.kind === "number" || type.kind === "any" || type.kind === "port") &&
    isCpu(wants)
  ) {
    checker.cpuLiterals.add(expression);
    return { kind: "quantity", dimension: "cpu" };
  }
  const value = Number(expression.digits);
  const integer = /^\d+$/.test(expression.digits);
  if (integer && !Number.isSafeInteger(value)) return { kind: "number", integer };
  return { kind: "number", integer, minimum: value, maximum: value };
}

const isCpu = (wants: readonly Type[]): boolean =>
  wants.some((type) => type.kind === "quantity" && type.dimension === "cpu");

function inferConditional(
  checker: Checker,
  expression: IfExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  checkCondition(checker, expression.condition, scope);
  const then = scopeWhen(scope, expression.condition, true);
  const otherwise = scopeWhen(scope, expression.condition, false);
  return branches(checker, [expression.then, expression.otherwise], expected, [then, otherwise]);
}

/** The type of several expressions of which one becomes the value, each in its scope. */
export function branches(
  checker: Checker,
  expressions: readonly Expression[],
  expected: Type | undefined,
  scopes: readonly Scope[],
): Type {
  if (!expected || expected.kind === "any")
    return joinAll(
      expressions.map((expression, index) => infer(checker, expression, expected, scopes[index]!)),
    );
  const types = expressions.map((expression, index) => check(checker, expression, expected, scopes[index]!));
  const found = joinAll(types);
  return fits(found, expected) === "no" ? expected : found;
}

/** A condition: Bool, known when the file is compiled. */
export function checkCondition(checker: Checker, condition: Expression, scope: Scope): void {
  const type = infer(checker, condition, boolean, scope);
  if (type.kind === "late") {
    checker.report(lateUse(at(scope, condition), { what: "a condition" }));
    mistaken(checker, condition);
  } else if (fits(type, boolean) === "no") mismatch(checker, condition, boolean, type, scope);
}

function inferList(
  checker: Checker,
  expression: ListExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const target = flatten(expected).find((type) => type.kind === "list");
  const element = target?.kind === "list" ? target.element : undefined;
  if (expression.comprehension) {
    const { variables, over, condition } = expression.comprehension;
    const inner = innerScope(scope);
    bindVariables(checker, variables, over, scope, inner);
    if (condition) checkCondition(checker, condition, inner);
    const item = expression.items[0]?.value;
    if (!item) return { kind: "list", element: errorType };
    const body = scopeWhen(inner, condition, true);
    return {
      kind: "list",
      element: element ? check(checker, item, element, body) : infer(checker, item, undefined, body),
    };
  }
  const types = expression.items.map(({ spread, value }) => {
    if (!spread)
      return element ? check(checker, value, element, scope) : infer(checker, value, undefined, scope);
    const wanted: Type = { kind: "list", element: element ?? { kind: "any" } };
    const found = check(checker, value, wanted, scope);
    return found.kind === "list" ? found.element : errorType;
  });
  if (types.length === 0) return { kind: "list", element: element ?? errorType };
  const joined = types.reduce(join);
  return { kind: "list", element: element && fits(joined, element) === "no" ? element : joined };
}

/** The family that a resolved name stands for. */
export function familyNamed(resolution: Resolution | undefined): ObjectSymbol | undefined {
  const named =
    resolution?.kind === "object" || (resolution?.kind === "part" && resolution.member === undefined);
  return named && isFamily(resolution.symbol) ? resolution.symbol : undefined;
}

function inferIndex(checker: Checker, expression: IndexExpression, scope: Scope): Type {
  const { object, indices } = expression;
  const label = inferLabelAt(checker, expression, scope);
  if (label) return label;
  if (object.kind === "reference" && !scope.module.values.has(object.name)) {
    const families = findObjects(object.name, scope).filter(isFamily);
    if (families.length === 1) {
      checker.resolutions.set(object, { kind: "object", symbol: families[0]! });
      for (const index of indices) infer(checker, index, undefined, scope);
      return objectCandidate(families[0]!).type;
    }
  }
  const type = infer(checker, object, undefined, scope);
  const family = familyNamed(checker.resolutions.get(object));
  if (family) {
    for (const each of indices) infer(checker, each, undefined, scope);
    return objectCandidate(family).type;
  }
  const [index] = indices;
  if (type.kind === "error" || !index) {
    for (const each of indices) infer(checker, each, undefined, scope);
    return type.kind === "error" ? errorType : mistaken(checker, expression);
  }
  const inner = withoutNone(type);
  if (type.kind !== "optional" && indices.length === 1) {
    if (inner.kind === "list") {
      check(checker, index, { kind: "number", integer: true }, scope);
      return inner.element;
    }
    if (inner.kind === "map" || inner.kind === "record" || inner.kind === "labels") {
      const byNumber = inner.kind === "map" && inner.values.kind === "port";
      const key: Type = byNumber
        ? { kind: "union", options: [{ kind: "string" }, { kind: "number", integer: true }] }
        : { kind: "string" };
      check(checker, index, key, scope);
      return inner.kind === "map"
        ? inner.values
        : inner.kind === "labels"
          ? { kind: "string" }
          : { kind: "any" };
    }
    if (inner.kind === "any") {
      infer(checker, index, undefined, scope);
      return { kind: "any" };
    }
  }
  if (type.kind === "object" && type.words.every((word) => word === "secret" || word === "config")) {
    check(checker, index, { kind: "string" }, scope);
    return { kind: "late" };
  }
  const isFixed = type.kind === "object" || type.kind === "template";
  checker.report(
    notIndexable(
      at(scope, expression),
      { type: describeType(type) },
      isFixed ? { notes: ["it is one object, not a family"] } : {},
    ),
  );
  return mistaken(checker, expression);
}
