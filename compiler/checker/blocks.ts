import { unknownBlock, unsupported } from "../diagnostics/catalog/names.ts";
import { blockShape, secretValue, typeMismatch, unknownKey } from "../diagnostics/catalog/types.ts";
import type { Declaration, Expression, Field, Member, MountMember, StringExpression } from "../syntax/ast.ts";
import { fits, optional } from "../types/assignable.ts";
import { describeType } from "../types/display.ts";
import { fieldAt } from "../types/records.ts";
import type { BlockSchema, FieldSchema, Type } from "../types/type.ts";
import { type Checker, innerScope, type PodAround, type Scope } from "./checked.ts";
import { check, checkCondition, infer } from "./expressions.ts";
import { bindVariables } from "./loops.ts";
import { checkLet, keyText } from "./record-literals.ts";
import { at, didYouMean, literalText, mistaken } from "./report.ts";

/** The block that a word opens inside another block. */
export function innerSchema(
  schemas: Readonly<Record<string, BlockSchema>>,
  around: BlockSchema,
  word: string,
): BlockSchema | undefined {
  if (!Object.hasOwn(around.members, word)) return undefined;
  return fieldAt(schemas, `${around.word}.${word}`) ?? fieldAt(schemas, word);
}

/** Checks a declaration against the table of its block: its shape, and all that stands in it. */
export function checkDeclaration(
  checker: Checker,
  declaration: Declaration,
  schema: BlockSchema,
  outer: Scope,
): void {
  checkShape(checker, declaration, schema, outer);
  let scope = innerScope(outer);
  for (const variable of declaration.family ?? [])
    bindVariables(checker, [variable.variable], variable.over, scope, scope);
  if (declaration.value && schema.value) checkValue(checker, declaration.value, schema.value, scope);
  if (declaration.target && schema.target) checkValue(checker, declaration.target, schema.target, scope);
  const { word } = schema;
  if (word === "pod")
    scope = innerScope(scope, { pod: podAround(declaration.body ?? []), container: undefined });
  if (word === "container" || word === "init")
    scope = innerScope(scope, { container: declaration.name?.text ?? "" });
  if (word === "secret" || word === "config") scope = innerScope(scope, { data: word });
  for (const member of declaration.body ?? []) checkMember(checker, member, schema, scope);
}

const checkValue = (checker: Checker, value: Expression, field: FieldSchema, scope: Scope): void => {
  check(checker, value, field.required ? field.type : optional(field.type), scope);
};

/** Volumes and containers of a pod by name, under whatever conditions they stand. */
function podAround(members: readonly Member[]): PodAround {
  const volumes = new Set<string>();
  const containers = new Set<string>();
  const repeated = new Set<string>();
  const visit = (list: readonly Member[], loop: boolean): void => {
    for (const member of list) {
      if (member.kind === "if") visit([...member.then, ...(member.otherwise ?? [])], loop);
      else if (member.kind === "for") visit(member.body, true);
      else if (member.kind === "declaration" && member.name) {
        if (loop) repeated.add(member.name.text);
        if (member.word.text === "volume") volumes.add(member.name.text);
        if (member.word.text === "container" || member.word.text === "init") containers.add(member.name.text);
      }
    }
  };
  visit(members, false);
  return { volumes, containers, repeated };
}

function checkShape(checker: Checker, declaration: Declaration, schema: BlockSchema, scope: Scope): void {
  const { word } = declaration;
  const refuse = (range: { start: number; end: number }, problem: string, fix?: string): void => {
    const fixes = fix === undefined ? [] : [{ title: fix, edits: [] }];
    checker.report(blockShape(at(scope, range), { problem }, { fixes }));
  };
  if (schema.name === "required" && !declaration.name)
    refuse(word, `\`${word.text}\` needs a name`, `write \`${word.text} NAME { … }\``);
  if (schema.name === "none" && declaration.name && declaration.name.text !== "")
    refuse(declaration.name, `\`${word.text}\` takes no name here`);
  if (declaration.family && !schema.family)
    refuse(declaration.family[0]!, `\`${word.text}\` has no families`);
  if (declaration.value && !schema.value)
    refuse(declaration.value, `\`${word.text}\` takes a block, not a value`);
  if (!declaration.value && schema.value?.required) {
    const name = declaration.name?.text ?? "";
    refuse(word, `\`${word.text}\` needs a value`, `write \`${word.text}${name ? ` ${name}` : ""}: VALUE\``);
  }
  if (declaration.target && !schema.target)
    refuse(declaration.target, `\`->\` has no meaning here: \`${word.text}\` leads nowhere`);
}

/** One member of a block. */
function checkMember(checker: Checker, member: Member, schema: BlockSchema, scope: Scope): void {
  switch (member.kind) {
    case "field":
      checkField(checker, member, schema, scope);
      return;
    case "declaration":
      checkInner(checker, member, schema, scope);
      return;
    case "mount":
      checkMount(checker, member, schema, scope);
      return;
    case "spread":
      checkSpread(checker, member.value, schema, scope);
      return;
    case "let":
      checkLet(checker, member, scope);
      return;
    case "assert":
      checkAssert(checker, member, scope);
      return;
    case "if": {
      checkCondition(checker, member.condition, scope);
      const inner = innerScope(scope, { place: [...scope.place, { kind: "if", member, branch: "then" }] });
      for (const one of member.then) checkMember(checker, one, schema, inner);
      const other = innerScope(scope, {
        place: [...scope.place, { kind: "if", member, branch: "otherwise" }],
      });
      for (const one of member.otherwise ?? []) checkMember(checker, one, schema, other);
      return;
    }
    case "for": {
      const inner = innerScope(scope, { place: [...scope.place, { kind: "for", member }] });
      bindVariables(checker, member.variables, member.over, scope, inner);
      if (member.condition) checkCondition(checker, member.condition, inner);
      for (const one of member.body) checkMember(checker, one, schema, inner);
      return;
    }
    case "extend":
    case "drop":
      if (schema.word === "namespace") return; // reported by the binder, as for all that is no block member
      checker.report(unsupported(at(scope, member.word), { what: `\`${member.kind}\`` }));
      return;
    default: {
      if (schema.word === "namespace") return;
      const word = member.kind === "function" ? "fn" : member.kind;
      checker.report(unknownBlock(at(scope, member), { word, where: `in \`${schema.word}\`` }));
    }
  }
}

export function checkAssert(
  checker: Checker,
  member: Extract<Member, { kind: "assert" }>,
  scope: Scope,
): void {
  checkCondition(checker, member.condition, scope);
  if (member.message) check(checker, member.message, { kind: "string" }, scope);
}

function checkField(checker: Checker, field: Field, schema: BlockSchema, scope: Scope): void {
  const key = keyText(field);
  if (key === "") return void infer(checker, field.value, undefined, scope);
  const known = key === undefined ? undefined : fieldAt(schema.fields, key);
  if (known) {
    checkValue(checker, field.value, known, scope.data ? innerScope(scope, { data: undefined }) : scope);
    return;
  }
  if (schema.rest) {
    if (key === undefined) check(checker, field.key as StringExpression, { kind: "string" }, scope);
    if (schema.word === "secret") {
      checkSecret(checker, field.value, scope);
      return;
    }
    checkValue(checker, field.value, schema.rest, scope);
    return;
  }
  infer(checker, field.value, undefined, scope);
  const place = at(scope, field.key);
  if (key === undefined)
    checker.report(blockShape(place, { problem: `the keys of \`${schema.word}\` are written out` }));
  else reportKey(checker, field, key, schema, scope);
  mistaken(checker, field.value);
}

function reportKey(checker: Checker, field: Field, key: string, schema: BlockSchema, scope: Scope): void {
  const place = at(scope, field.key);
  if (Object.hasOwn(schema.members, key)) {
    const inner = innerSchema(checker.schemas, schema, key);
    const shape = inner?.value
      ? `${key} NAME: VALUE`
      : inner?.name === "required"
        ? `${key} NAME { … }`
        : `${key} { … }`;
    checker.report(
      blockShape(
        place,
        { problem: `\`${key}\` is a block of its own, not a field` },
        { fixes: [{ title: `write \`${shape}\``, edits: [] }] },
      ),
    );
    return;
  }
  const fixes = didYouMean(place, key, [...Object.keys(schema.fields), ...Object.keys(schema.members)]);
  checker.report(unknownKey(place, { key, where: `\`${schema.word}\`` }, { fixes }));
}

/** A secret's value comes from outside. */
function checkSecret(checker: Checker, value: Expression, scope: Scope): void {
  const late: Type = { kind: "late" };
  const type = infer(checker, value, late, scope);
  if (type.kind === "late" || fits(type, late) !== "no") return;
  const place = at(scope, value);
  const text = literalText(value);
  const fixes =
    text === undefined
      ? []
      : [
          {
            title: 'read it when it is applied: `env("NAME")`',
            edits: [{ span: place, text: 'env("NAME")' }],
          },
        ];
  checker.report(secretValue(place, { found: describeType(type) }, { fixes }));
  mistaken(checker, value);
}

function checkInner(checker: Checker, declaration: Declaration, around: BlockSchema, scope: Scope): void {
  const word = declaration.word.text;
  const schema = innerSchema(checker.schemas, around, word);
  if (schema?.kind && around.word === "namespace") return; // an object: checked as such
  if (schema) {
    checkDeclaration(checker, declaration, schema, scope);
    return;
  }
  if (word === "") return;
  const place = at(scope, declaration.word);
  const fixes = didYouMean(place, word, [...Object.keys(around.members), ...Object.keys(around.fields)]);
  const field = Object.hasOwn(around.fields, word);
  const notes = field ? [`\`${word}\` is a field: write \`${word}: …\``] : [];
  checker.report(unknownBlock(place, { word, where: `in \`${around.word}\`` }, { fixes, notes }));
}

function checkMount(checker: Checker, member: MountMember, around: BlockSchema, scope: Scope): void {
  const schema = innerSchema(checker.schemas, around, "mount");
  if (!schema) {
    checker.report(unknownBlock(at(scope, member), { word: "mount", where: `in \`${around.word}\`` }));
    return;
  }
  const volume = fieldAt(schema.fields, "volume");
  const path = fieldAt(schema.fields, "path");
  if (volume) check(checker, member.volume, volume.type, scope);
  if (path) check(checker, member.path, path.type, scope);
  for (const one of member.body ?? []) checkMember(checker, one, schema, scope);
}

/** `...e` in a block: fields of the block, none of them required. */
function checkSpread(checker: Checker, value: Expression, schema: BlockSchema, scope: Scope): void {
  const type = infer(checker, value, undefined, scope);
  const place = at(scope, value);
  if (type.kind === "record") {
    for (const [key, field] of Object.entries(type.fields)) {
      const known = fieldAt(schema.fields, key) ?? schema.rest;
      if (!known) checker.report(unknownKey(place, { key, where: `\`${schema.word}\`` }));
      else if (fits(field.type, optional(known.type)) === "no")
        checker.report(
          typeMismatch(place, {
            expected: `${describeType(known.type)} as \`${key}\``,
            found: describeType(field.type),
          }),
        );
      else continue;
      mistaken(checker, value);
    }
  } else if (type.kind !== "error" && type.kind !== "any" && type.kind !== "map") {
    checker.report(typeMismatch(place, { expected: "a record", found: describeType(type) }));
    mistaken(checker, value);
  }
}
