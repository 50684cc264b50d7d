import { isName } from "../../grammar/characters.ts";
import type { LabelSymbol, ModuleSymbols } from "../binder/symbol.ts";
import { labelValue, selectionTerm, typeMismatch, undeclaredLabel } from "../diagnostics/catalog/types.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import type { Expression, SelectionExpression } from "../syntax/ast.ts";
import { fits } from "../types/assignable.ts";
import { describeExpected, describeType, displayType } from "../types/display.ts";
import type { Type } from "../types/type.ts";
import type { Checker, Scope } from "./checked.ts";
import { infer } from "./expressions.ts";
import { inRun } from "./observations.ts";
import { at, didYouMean, flatten, literalText, mistaken } from "./report.ts";
import { labelType } from "./values.ts";

/** Labels that Kubernetes itself sets on nodes; they need no declaration. */
export const wellKnownLabels: readonly string[] = [
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "node.kubernetes.io/instance-type",
];

/** The label that a key names: by its name in this file or by its key in Kubernetes. */
export function findLabel(module: ModuleSymbols, key: string): LabelSymbol | undefined {
  const named = module.labels.get(key);
  if (named) return named;
  for (const label of module.labels.values()) if (label.key === key) return label;
  return undefined;
}

export function inferSelection(checker: Checker, expression: SelectionExpression, scope: Scope): Type {
  checkTerm(checker, expression.terms, scope);
  if (!inRun(scope)) return { kind: "selection", of: expression.of };
  const word = expression.of === "pods" ? "pod" : "node";
  checker.resolutions.set(expression, { kind: "all", word });
  return { kind: "list", element: { kind: "object", words: [word] } };
}

/**
 * A selector without its first words: `select: app == "web"`. Told as that, since as a condition it would be read for values that
 * are none. Undefined where no selector is asked for, or something else is written.
 */
export function selectorMeant(
  checker: Checker,
  expression: Expression,
  expected: Type,
  scope: Scope,
): Type | undefined {
  if (expression.kind !== "binary" && expression.kind !== "has") return undefined;
  const wanted = flatten(expected).find((type) => type.kind === "selection");
  if (!wanted) return undefined;
  let first: Expression = expression;
  while (first.kind === "binary") first = first.left;
  const label = first.kind === "reference" && findLabel(scope.module, first.name) !== undefined;
  const place = at(scope, expression);
  const start = `${wanted.of} where `;
  const text = place.file.text.slice(place.start, place.end);
  const edits = [{ span: { ...place, end: place.start }, text: start }];
  checker.report(
    typeMismatch(
      place,
      { expected: describeExpected(expected), found: "a condition" },
      { fixes: [{ title: `write \`${start}${text}\``, edits, ...(label && { safe: true as const }) }] },
    ),
  );
  return mistaken(checker, expression);
}

function refuse(checker: Checker, term: Expression, problem: string, scope: Scope): void {
  checker.report(selectionTerm(at(scope, term), { problem }));
  mistaken(checker, term);
}

/** One term of a selector, or several joined by `and`. */
function checkTerm(checker: Checker, term: Expression, scope: Scope): void {
  if (term.kind === "missing") return;
  if (term.kind === "unary" && term.operator === "not" && term.operand.kind === "has") {
    checkTerm(checker, term.operand, scope);
    return;
  }
  if (term.kind === "has") {
    const { key } = term;
    checkLabelKey(checker, term, key.text, key, scope);
    return;
  }
  if (term.kind !== "binary") {
    refuse(checker, term, 'a selector is made of terms such as `app == "shop"` and `has app`', scope);
    return;
  }
  const { operator, left, right } = term;
  switch (operator) {
    case "and":
      checkTerm(checker, left, scope);
      checkTerm(checker, right, scope);
      return;
    case "or":
      refuse(
        checker,
        term,
        "the terms of a selector are joined by `and`; for alternatives of one key write `key in [a, b]`",
        scope,
      );
      return;
    case "==":
    case "!=":
    case "in":
    case "not in": {
      const key = left.kind === "reference" ? left.name : literalText(left);
      if (key === undefined) {
        refuse(checker, left, "on the left side of a term stands a label key", scope);
        return;
      }
      const label = checkLabelKey(checker, left, key, left, scope);
      const type: Type = label ? labelType(checker, label) : { kind: "string" };
      if (operator === "in" || operator === "not in") checkLabelList(checker, key, type, right, scope);
      else checkLabelValue(checker, key, type, right, scope, label);
      return;
    }
    default:
      refuse(checker, term, `\`${operator}\` cannot stand in a selector`, scope);
      return;
  }
}

/** Reports a key that no `label` declares. */
export function checkLabelKey(
  checker: Checker,
  node: Expression | undefined,
  key: string,
  range: { start: number; end: number },
  scope: Scope,
): LabelSymbol | undefined {
  const label = findLabel(scope.module, key);
  if (label) {
    checker.usedLabels.add(label);
    const imported = scope.module.importedNames.get(key);
    if (imported) imported.used.value = true;
    return label;
  }
  if (key === "" || scope.module.missing.has(key) || wellKnownLabels.includes(key)) return undefined;
  const place = at(scope, range);
  const known = [...scope.module.labels.keys()];
  const near = didYouMean(place, key, known);
  const fixes = near.length > 0 ? near : [declareIt(scope.module, key)];
  // One missing declaration is one mistake, however often the label is used.
  if (near.length === 0) scope.module.missing.add(key);
  checker.report(undeclaredLabel(place, { key }, { fixes }));
  if (node) mistaken(checker, node);
  return undefined;
}

/** The fix that declares a label, after the `use`s of the file. */
function declareIt(module: ModuleSymbols, key: string): Fix {
  const { file } = module;
  const line = isName(key)
    ? `label ${key}`
    : `label "${key}" as ${key.replace(/^.*\//, "").replace(/[^\w-]/g, "-")}`;
  const last = module.module.members.findLast((member) => member.kind === "use");
  const first = module.labels.values().next().value;
  const start = first ? file.text.lastIndexOf("\n", first.span.start) + 1 : (last?.end ?? 0);
  const bom = start === 0 && file.text.startsWith("\ufeff") ? 1 : start;
  const text = first || !last ? `${line}\n` : `\n${line}`;
  return {
    title: `declare it: \`${line}\``,
    edits: [{ span: { file, start: bom, end: bom }, text }],
  };
}

/** Checks a value that is given to a label. */
export function checkLabelValue(
  checker: Checker,
  key: string,
  type: Type,
  value: Expression,
  scope: Scope,
  label?: LabelSymbol,
): void {
  const found = infer(checker, value, type, scope);
  if (fits(found, type) !== "no") return;
  const place = at(scope, value);
  const options = flatten(type).flatMap((one) => (one.kind === "string" ? (one.options ?? []) : []));
  const fixes = didYouMean(place, literalText(value) ?? "", options, (option) => JSON.stringify(option));
  const secondary = label ? [{ span: label.span, text: `declared as ${displayType(type)}` }] : [];
  checker.report(
    labelValue(place, { key, expected: displayType(type), found: describeType(found) }, { fixes, secondary }),
  );
  mistaken(checker, value);
}

function checkLabelList(checker: Checker, key: string, type: Type, value: Expression, scope: Scope): void {
  if (value.kind === "list" && !value.comprehension) {
    for (const item of value.items)
      if (item.spread) checkLabelList(checker, key, type, item.value, scope);
      else checkLabelValue(checker, key, type, item.value, scope, findLabel(scope.module, key));
    return;
  }
  checkLabelValue(checker, key, { kind: "list", element: type }, value, scope);
}
