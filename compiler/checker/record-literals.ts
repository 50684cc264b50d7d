import { unknownBlock } from "../diagnostics/catalog/names.ts";
import { duplicateKey, missingField, unknownKey } from "../diagnostics/catalog/types.ts";
import { spellingOf } from "../diagnostics/spellings.ts";
import type { Expression, Field, IfMember, Member, RecordExpression } from "../syntax/ast.ts";
import { fits, joinAll, optional } from "../types/assignable.ts";
import { displayType } from "../types/display.ts";
import { fieldAt, fieldsOf } from "../types/records.ts";
import type { FieldSchema, Type } from "../types/type.ts";
import { type Checker, innerScope, type Scope } from "./checked.ts";
import { check, checkCondition, infer } from "./expressions.ts";
import { declareLocal } from "./locals.ts";
import { bindVariables } from "./loops.ts";
import { scopeWhen } from "./presence.ts";
import { at, didYouMean, errorType, flatten, literalText, mistaken, muted, replaceBy } from "./report.ts";
import { checkLabelKey, checkLabelValue } from "./selections.ts";
import { typeOf } from "./type-nodes.ts";
import { labelType } from "./values.ts";

/** What a record literal is checked against. */
type Target = Extract<Type, { kind: "record" | "map" | "labels" }> | undefined;

interface Literal {
  readonly checker: Checker;
  readonly target: Target;
  /** Fields in the order of writing; "computed" once a key is worked out. */
  readonly found: Map<string, FieldSchema>;
  readonly values: Type[];
  open: boolean;
}

/** A record literal: checked against the table of where it stands, else it is what it holds. */
export function inferRecord(
  checker: Checker,
  record: RecordExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const options = flatten(expected).filter(
    (type) => type.kind === "record" || type.kind === "map" || type.kind === "labels",
  );
  const target =
    options.length === 1 ? (options[0] as Target) : chooseRecord(options as NonNullable<Target>[], record);
  const literal: Literal = { checker, target, found: new Map(), values: [], open: false };
  visit(literal, record.members, scope, true);
  if (!target) {
    if (literal.open) return { kind: "map", values: joinAll(literal.values) };
    return { kind: "record", fields: fieldsOf(literal.found) };
  }
  if (target.kind === "record" && !literal.open) reportMissing(literal, record, target, scope);
  return target;
}

/** Among several records the one that knows most of the keys. */
function chooseRecord(options: readonly NonNullable<Target>[], record: RecordExpression): Target {
  const keys = record.members.flatMap((member) => (member.kind === "field" ? [keyText(member) ?? ""] : []));
  const score = (type: NonNullable<Target>) =>
    type.kind === "record" ? keys.filter((key) => fieldAt(type.fields, key)).length : 0;
  return options.length === 0 ? undefined : [...options].sort((one, other) => score(other) - score(one))[0];
}

export const keyText = (field: Field): string | undefined =>
  field.key.kind === "name" ? field.key.text : literalText(field.key);

const branchScope = (scope: Scope, member: IfMember, branch: "then" | "otherwise"): Scope =>
  innerScope(scopeWhen(scope, member.condition, branch === "then"), {
    place: [...scope.place, { kind: "if", member, branch }],
  });

function visit(literal: Literal, members: readonly Member[], scope: Scope, certain: boolean): void {
  const { checker } = literal;
  for (const member of members) {
    switch (member.kind) {
      case "field":
        visitField(literal, member, scope, certain);
        break;
      case "spread":
        visitSpread(literal, member.value, scope);
        break;
      case "if":
        checkCondition(checker, member.condition, scope);
        visit(literal, member.then, branchScope(scope, member, "then"), false);
        visit(literal, member.otherwise ?? [], branchScope(scope, member, "otherwise"), false);
        break;
      case "for": {
        const inner = innerScope(scope);
        bindVariables(checker, member.variables, member.over, scope, inner);
        if (member.condition) checkCondition(checker, member.condition, inner);
        const body = scopeWhen(inner, member.condition, true);
        visit(literal, member.body, body, false);
        break;
      }
      case "let":
        checkLet(checker, member, scope);
        break;
      default: {
        const word = member.kind === "declaration" ? member.word.text : member.kind;
        if (word !== "")
          checker.report(
            unknownBlock(at(scope, member), {
              word,
              where: "in a record: its fields are written `key: value`",
            }),
          );
      }
    }
  }
}

/** A `let` inside a block or record. */
export function checkLet(checker: Checker, member: Extract<Member, { kind: "let" }>, scope: Scope): void {
  const declared = member.type && typeOf(checker, member.type, scope);
  const found = declared
    ? check(checker, member.value, declared, scope)
    : infer(checker, member.value, undefined, scope);
  declareLocal(checker, scope, member.name, declared ?? found);
}

function visitField(literal: Literal, field: Field, scope: Scope, certain: boolean): void {
  const { checker, target, found } = literal;
  const key = keyText(field);
  if (key === undefined) {
    literal.open = true;
    check(checker, field.key as Expression, { kind: "string" }, scope);
    const values =
      target?.kind === "map"
        ? target.values
        : target?.kind === "labels"
          ? ({ kind: "string" } as const)
          : undefined;
    literal.values.push(
      values ? check(checker, field.value, values, scope) : infer(checker, field.value, undefined, scope),
    );
    return;
  }
  const before = found.get(key);
  if (before?.required && certain && before.help !== "spread") {
    checker.report(
      duplicateKey(at(scope, field.key), {
        key,
        where: target?.kind === "record" ? displayType(target) : "the record",
      }),
    );
    return;
  }
  const type = fieldType(literal, field, key, scope);
  literal.values.push(type);
  found.set(key, { type, required: certain || before?.required === true });
}

function fieldType(literal: Literal, field: Field, key: string, scope: Scope): Type {
  const { checker, target } = literal;
  switch (target?.kind) {
    case undefined:
      return infer(checker, field.value, undefined, scope);
    case "map":
      return check(checker, field.value, target.values, scope);
    case "labels": {
      const label = checkLabelKey(checker, undefined, key, field.key, scope);
      if (target.removable && field.value.kind === "none") return { kind: "string" };
      checkLabelValue(
        checker,
        key,
        label ? labelType(checker, label) : { kind: "string" },
        field.value,
        scope,
        label,
      );
      return { kind: "string" };
    }
    case "record": {
      const schema = fieldAt(target.fields, key);
      if (schema)
        return check(checker, field.value, schema.required ? schema.type : optional(schema.type), scope);
      muted(checker, () => infer(checker, field.value, undefined, scope));
      const place = at(scope, field.key);
      const known = Object.keys(target.fields).filter((name) => !literal.found.has(name));
      const spelling = spellingOf(key, target.name ?? "");
      const meant = spelling?.word !== undefined && known.includes(spelling.word) ? spelling.word : undefined;
      const fixes = meant ? [replaceBy(place, meant)] : didYouMean(place, key, known);
      if (key !== "")
        checker.report(
          unknownKey(place, { key, where: displayType(target) }, { fixes, notes: keyNotes(target.fields) }),
        );
      mistaken(checker, field.value);
      return errorType;
    }
  }
}

const keyNotes = (fields: Readonly<Record<string, FieldSchema>>): readonly string[] => {
  const names = Object.keys(fields);
  return names.length === 0 || names.length > 12
    ? []
    : [`it takes ${names.map((name) => `\`${name}\``).join(", ")}`];
};

function visitSpread(literal: Literal, value: Expression, scope: Scope): void {
  const { checker, target } = literal;
  const wanted: Type =
    target?.kind === "record" ? allOptional(target) : (target ?? { kind: "map", values: { kind: "any" } });
  const type = check(checker, value, wanted, scope);
  if (type.kind !== "record") {
    literal.open = true;
    if (type.kind === "map") literal.values.push(type.values);
    return;
  }
  for (const [key, field] of Object.entries(type.fields)) {
    literal.found.set(key, { type: field.type, required: field.required === true, help: "spread" });
    literal.values.push(field.type);
  }
}

/** The record with nothing required: what may be spread into it. */
function allOptional(target: Extract<Type, { kind: "record" }>): Type {
  const entries = Object.entries(target.fields).map(([key, field]) => [key, { type: field.type }] as const);
  return { ...target, fields: fieldsOf(entries) };
}

function reportMissing(
  { checker, found }: Literal,
  record: RecordExpression,
  target: Extract<Type, { kind: "record" }>,
  scope: Scope,
): void {
  for (const [key, field] of Object.entries(target.fields)) {
    if (!field.required || found.has(key) || fits({ kind: "none" }, field.type) !== "no") continue;
    checker.report(
      missingField(
        at(scope, record),
        { key, where: displayType(target) },
        { label: `\`${key}\` is missing` },
      ),
    );
    mistaken(checker, record);
  }
}
