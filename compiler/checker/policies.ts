import type { ModuleSymbols } from "../binder/symbol.ts";
import { unknownBlock, unknownMember, unknownWord } from "../diagnostics/catalog/names.ts";
import type { Member, MemberExpression, PolicyDeclaration } from "../syntax/ast.ts";
import { blockType, factsOf } from "../types/blocks/facts.ts";
import { describeType } from "../types/display.ts";
import { fieldAt } from "../types/records.ts";
import type { Type } from "../types/type.ts";
import { type Checker, innerScope, moduleScope, type Scope } from "./checked.ts";
import { check, checkCondition, infer } from "./expressions.ts";
import { declareLocal } from "./locals.ts";
import { bindVariables } from "./loops.ts";
import { scopeWhen } from "./presence.ts";
import { checkLet } from "./record-literals.ts";
import { at, didYouMean, errorType, mistaken } from "./report.ts";

const text: Type = { kind: "string" };

/** The words that a policy can be about: every kind of object, and what stands in them. */
const policyWords = (checker: Checker): readonly string[] =>
  Object.keys(checker.schemas).filter((word) => !word.includes(".") && word !== "cluster");

/** Checks a policy once, whatever it will be asked about. */
export function checkPolicy(checker: Checker, module: ModuleSymbols, policy: PolicyDeclaration): void {
  const outer = moduleScope(module);
  const scope = innerScope(outer, { policy: true });
  const word = policy.word.text;
  const isKnown = policyWords(checker).includes(word);
  if (!isKnown && word !== "") {
    const place = at(scope, policy.word);
    const fixes = didYouMean(place, word, policyWords(checker));
    checker.report(unknownWord(place, { word, where: "after `on`" }, { fixes }));
  }
  infer(checker, policy.title, text, outer);
  declareLocal(checker, scope, policy.variable, isKnown ? blockType(word, word) : errorType);
  if (policy.where) checkCondition(checker, policy.where, scope);
  checkBody(checker, policy.body, scope);
}

function checkBody(checker: Checker, members: readonly Member[], scope: Scope): void {
  for (const member of members)
    switch (member.kind) {
      case "let":
        checkLet(checker, member, scope);
        break;
      case "require":
        checkCondition(checker, member.condition, scope);
        if (member.message) check(checker, member.message, text, scope);
        break;
      case "if":
        checkCondition(checker, member.condition, scope);
        checkBody(checker, member.then, innerScope(scopeWhen(scope, member.condition, true)));
        checkBody(checker, member.otherwise ?? [], innerScope(scopeWhen(scope, member.condition, false)));
        break;
      case "for": {
        const inner = innerScope(scope);
        bindVariables(checker, member.variables, member.over, scope, inner);
        if (member.condition) checkCondition(checker, member.condition, inner);
        const body = scopeWhen(inner, member.condition, true);
        checkBody(checker, member.body, body);
        break;
      }
      default: {
        const fixes =
          member.kind === "assert"
            ? [{ title: "a policy says what it wants with `require`", edits: [] }]
            : [];
        const range = member.kind === "declaration" ? member.word : member;
        const word = member.kind === "declaration" ? member.word.text : member.kind;
        if (word !== "")
          checker.report(unknownBlock(at(scope, range), { word, where: "in a policy" }, { fixes }));
      }
    }
}

/** `c.image`, `c.pod`, `c.owner` in a policy. */
export function memberOfBlock(
  checker: Checker,
  expression: MemberExpression,
  type: Extract<Type, { kind: "block" }>,
  scope: Scope,
): Type {
  const facts = factsOf(checker.schemas, type.schema);
  const found = fieldAt(facts, expression.member.text);
  if (found) return found.type;
  const place = at(scope, expression.member);
  const names = Object.keys(facts);
  const fixes = didYouMean(place, expression.member.text, names);
  const notes =
    fixes.length === 0 && names.length <= 16
      ? [`it has ${names.map((name) => `\`${name}\``).join(", ")}`]
      : [];
  checker.report(
    unknownMember(place, { member: expression.member.text, of: describeType(type) }, { fixes, notes }),
  );
  return mistaken(checker, expression);
}
