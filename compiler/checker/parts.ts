import type { ObjectSymbol, TemplateSymbol } from "../binder/symbol.ts";
import { ambiguousName, unknownMember } from "../diagnostics/catalog/names.ts";
import type { Expression, MemberExpression } from "../syntax/ast.ts";
import type { Type } from "../types/type.ts";
import { type Checker, findLocal, type Scope } from "./checked.ts";
import { infer } from "./expressions.ts";
import { hasMember, memberNames, objectMember } from "./members.ts";
import { findObjects, objectCandidate, seen } from "./names.ts";
import { at, didYouMean, errorType, flatten, mistaken } from "./report.ts";
import { selves, templateOf } from "./templates.ts";

/** What a use of a template made, seen from outside: `shop.server`, and what it names `self` as the use itself. */

/** The objects that a template's body declares under a name. */
const partsNamed = ({ body }: TemplateSymbol, name: string): readonly ObjectSymbol[] =>
  (body.objectsByName.get(name) ?? []).filter((one) => one.namespace === undefined);

/** What may stand after the `.` of a use. */
export function partNames(checker: Checker, template: TemplateSymbol): readonly string[] {
  const own = selves(template).flatMap(({ symbol }) => memberNames(checker, symbol));
  return [...new Set(["name", "namespace", ...template.body.objectsByName.keys(), ...own])];
}

/** `x.server`: an object of the use; `x.host`: a member of the one that is named `self`. */
export function partOf(
  checker: Checker,
  expression: MemberExpression,
  template: TemplateSymbol,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const { member } = expression;
  const parts = partsNamed(template, member.text);
  if (parts.length > 0) {
    const words = flatten(expected).flatMap((type) => (type.kind === "object" ? type.words : []));
    const fitting =
      parts.length > 1 && words.length > 0 ? parts.filter((one) => words.includes(one.word)) : parts;
    if (fitting.length > 1) return ambiguous(checker, expression, fitting, scope);
    return settlePart(checker, expression, fitting[0] ?? parts[0]!, scope);
  }
  if (member.text === "name" || member.text === "namespace") return { kind: "string" };
  const owners = selves(template).filter(({ symbol }) => hasMember(checker, symbol, member.text));
  if (owners.length > 1) {
    const symbols = owners.map(({ symbol }) => symbol);
    return ambiguous(checker, expression, symbols, scope);
  }
  const [owner] = owners;
  if (owner) {
    checker.resolutions.set(expression, { kind: "part", ...owner, member: member.text });
    return objectMember(checker, owner.symbol.word, member.text) ?? errorType;
  }
  const place = at(scope, member);
  const names = partNames(checker, template);
  const fixes = didYouMean(place, member.text, names);
  const made = [...template.body.objectsByName.keys()].map((name) => `\`${name}\``).join(", ");
  const notes = fixes.length > 0 ? [] : [made ? `it makes ${made}` : "it makes nothing"];
  checker.report(
    unknownMember(place, { member: member.text, of: `template \`${template.name}\`` }, { fixes, notes }),
  );
  return mistaken(checker, expression);
}

function settlePart(checker: Checker, expression: Expression, symbol: ObjectSymbol, scope: Scope): Type {
  checker.resolutions.set(expression, { kind: "part", symbol });
  seen(checker, expression, symbol, scope);
  return objectCandidate(symbol).type;
}

function ambiguous(
  checker: Checker,
  expression: MemberExpression,
  symbols: readonly ObjectSymbol[],
  scope: Scope,
): Type {
  const name = expression.member.text;
  const choices = symbols.map((symbol) => `${symbol.word} ${symbol.name}`);
  checker.report(ambiguousName(at(scope, expression), { name, choices }));
  return mistaken(checker, expression);
}

/** `x.web.host`, where a template made `x`: of several objects `web` the one that has a `host`. */
export function memberOfPart(
  checker: Checker,
  expression: MemberExpression,
  expected: Type | undefined,
  scope: Scope,
): Type | undefined {
  const { object, member } = expression;
  if (object.kind !== "member") return undefined;
  const template = templateNamed(checker, object.object, scope);
  const parts = template ? partsNamed(template, object.member.text) : [];
  if (!template || parts.length < 2) return undefined;
  const having = parts.filter((symbol) => hasMember(checker, symbol, member.text));
  const [part] = having;
  if (having.length !== 1 || !part) return undefined;
  infer(checker, object.object, undefined, scope);
  settlePart(checker, object, part, scope);
  if (part.template) return partOf(checker, expression, part.template, expected, scope);
  return objectMember(checker, part.word, member.text);
}

/** The template whose use an expression names; nothing is reported. */
function templateNamed(checker: Checker, expression: Expression, scope: Scope): TemplateSymbol | undefined {
  if (expression.kind === "index") return templateNamed(checker, expression.object, scope);
  if (expression.kind === "reference") {
    const local = findLocal(scope, expression.name);
    if (local) return local.type.kind === "template" ? templateOf(local.type) : undefined;
    const objects = findObjects(expression.name, scope);
    return objects.length === 1 ? objects[0]!.template : undefined;
  }
  if (expression.kind !== "member") return undefined;
  const outer = templateNamed(checker, expression.object, scope);
  if (outer) return partsNamed(outer, expression.member.text).find((one) => one.template)?.template;
  if (expression.object.kind !== "reference") return undefined;
  const module = scope.module.values.get(expression.object.name);
  const found =
    module?.kind === "module" ? module.module.objectsByName.get(expression.member.text) : undefined;
  return found?.length === 1 ? found[0]!.template : undefined;
}
