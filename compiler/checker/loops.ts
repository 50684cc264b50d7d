import { typeMismatch } from "../diagnostics/catalog/types.ts";
import type { Expression, Name } from "../syntax/ast.ts";
import { joinAll } from "../types/assignable.ts";
import { describeType } from "../types/display.ts";
import type { Type } from "../types/type.ts";
import type { Checker, Scope } from "./checked.ts";
import { infer } from "./expressions.ts";
import { declareLocal } from "./locals.ts";
import { at, errorType, integerOf, mistaken, reportEmptyRange } from "./report.ts";

const text: Type = { kind: "string" };
const whole: Type = { kind: "number", integer: true };

/** Enters the variables of `for … in over` into `inner`. Two variables take the keys and values of a map, or the places and items of a list. */
export function bindVariables(
  checker: Checker,
  variables: readonly Name[],
  over: Expression,
  scope: Scope,
  inner: Scope,
): void {
  const type = infer(checker, over, undefined, scope);
  if (over.kind === "binary" && over.operator === "..") {
    const [first, last] = [integerOf(over.left), integerOf(over.right)];
    if (first !== undefined && last !== undefined && first > last)
      reportEmptyRange(checker, at(scope, over), first, last);
  }
  const named = scope.scenario !== undefined && (type.kind === "object" || type.kind === "template"); // perhaps a family
  const [keys, values] = named ? [whole, type] : (iterated(type) ?? refuse(checker, over, type, scope));
  const types = variables.length > 1 ? [keys, values] : [isMap(type) ? keys : values];
  variables.forEach((variable, index) => {
    declareLocal(checker, inner, variable, types[index] ?? errorType);
  });
}

const isMap = (type: Type): boolean =>
  type.kind === "map" || type.kind === "record" || type.kind === "labels";

/** The types of keys and values, or undefined for what cannot be gone through. */
function iterated(type: Type): readonly [Type, Type] | undefined {
  switch (type.kind) {
    case "list":
      return [{ kind: "number", integer: true }, type.element];
    case "range":
      return [
        { kind: "number", integer: true },
        { kind: "number", integer: true },
      ];
    case "map":
      return [text, type.values];
    case "labels":
      return [text, text];
    case "record":
      return [text, joinAll(Object.values(type.fields).map((field) => field.type))];
    case "any":
    case "error":
      return [type, type];
    default:
      return undefined;
  }
}

function refuse(checker: Checker, over: Expression, type: Type, scope: Scope): readonly [Type, Type] {
  const expected = "a list, a range or a map to go through";
  checker.report(typeMismatch(at(scope, over), { expected, found: describeType(type) }));
  mistaken(checker, over);
  return [errorType, errorType];
}
