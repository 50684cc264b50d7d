import { findTemplate } from "../binder/templates.ts";
import { unknownBlock } from "../diagnostics/catalog/names.ts";
import { emptyLocal } from "../diagnostics/catalog/plan.ts";
import { blockShape, secretValue, typeMismatch, unknownKey } from "../diagnostics/catalog/types.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import { kindSpelling, spellingOf } from "../diagnostics/spellings.ts";
import type { Declaration, Expression, Field, Member, MountMember, StringExpression } from "../syntax/ast.ts";
import { fits, optional } from "../types/assignable.ts";
import { text } from "../types/basic.ts";
import { describeType } from "../types/display.ts";
import { partial } from "../types/partial.ts";
import { fieldAt } from "../types/records.ts";
import type { BlockSchema, FieldSchema, Type } from "../types/type.ts";
import { anyName, type Checker, innerScope, type PodAround, type Scope } from "./checked.ts";
import { check, checkCondition, infer } from "./expressions.ts";
import { bindVariables } from "./loops.ts";
import { checkDrop, overriding } from "./overrides.ts";
import { scopeWhen } from "./presence.ts";
import { checkLet, keyText } from "./record-literals.ts";
import { at, didYouMean, literalText, mistaken, muted } from "./report.ts";

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
  if (declaration.computedName) check(checker, declaration.computedName, text, outer);
  let scope = innerScope(outer);
  for (const variable of declaration.family ?? [])
    bindVariables(checker, [variable.variable], variable.over, scope, scope);
  if (declaration.value && schema.value) checkValue(checker, declaration.value, schema.value, scope);
  const body = bodyOf(declaration, schema, scope);
  if (declaration.target && schema.target) checkValue(checker, declaration.target, schema.target, scope);
  const { word } = schema;
  if (word === "local" && body.length === 0 && declaration.body)
    checker.report(emptyLocal(at(scope, declaration.word), {}));
  if (word === "pod") scope = innerScope(scope, { pod: podAround(body, scope), container: undefined });
  if (word === "container" || word === "init")
    scope = innerScope(scope, { container: declaration.name?.text ?? "" });
  if (word === "secret" || word === "config") scope = innerScope(scope, { data: word });
  for (const member of body) checkMember(checker, member, schema, scope);
}

/** What stands in a declaration's block, also where a colon before it made a record of it. */
function bodyOf({ value, body }: Declaration, schema: BlockSchema, scope: Scope): readonly Member[] {
  // A block instead of a value has been refused whole.
  if (schema.value?.required && !value && !scope.overrides) return [];
  return body ?? (value?.kind === "record" && !schema.value ? value.members : []);
}

const checkValue = (checker: Checker, value: Expression, field: FieldSchema, scope: Scope): void => {
  const type = scope.overrides ? partial(field.type) : field.type;
  check(checker, value, field.required ? type : optional(type), scope);
};

/** Volumes and containers of a pod by name, under whatever conditions they stand. */
export function podAround(members: readonly Member[], { overrides }: Pick<Scope, "overrides">): PodAround {
  const volumes = new Set<string>();
  const containers = new Set<string>();
  const repeated = new Set<string>();
  const visit = (list: readonly Member[], loop: boolean): void => {
    for (const member of list) {
      // Kubernetes' list, refused as such: any volume may be meant in it.
      if (member.kind === "field" && keyText(member) === "volumes") volumes.add(anyName);
      else if (member.kind === "if") visit([...member.then, ...(member.otherwise ?? [])], loop);
      else if (member.kind === "for") visit(member.body, true);
      else if (member.kind === "declaration" && member.name) {
        if (loop) repeated.add(member.name.text);
        if (member.word.text === "volume") volumes.add(member.name.text);
        if (member.word.text === "container" || member.word.text === "init") containers.add(member.name.text);
      }
    }
  };
  visit(members, false);
  if (overrides?.members) visit(overrides.members, false);
  else if (overrides) {
    volumes.add(anyName);
    containers.add(anyName);
  }
  return { volumes, containers, repeated };
}

function checkShape(checker: Checker, declaration: Declaration, schema: BlockSchema, scope: Scope): void {
  const { word } = declaration;
  const refuse = (range: { start: number; end: number }, problem: string, fix?: string): void => {
    const fixes = fix === undefined ? [] : [{ title: fix, edits: [] }];
    checker.report(blockShape(at(scope, range), { problem }, { fixes }));
  };
  if (schema.name === "required" && !declaration.name) {
    const { objectName, computedName } = declaration;
    const written = computedName ? "…" : objectName;
    if (written === undefined)
      refuse(word, `\`${word.text}\` needs a name`, `write \`${word.text} NAME { … }\``);
    else
      refuse(
        word,
        `\`${word.text}\` needs a name that the file can refer to it by`,
        `write \`${word.text} "${written}" as NAME { … }\``,
      );
  }
  if (schema.name === "none" && declaration.name && declaration.name.text !== "")
    refuse(declaration.name, `\`${word.text}\` takes no name here`);
  if (declaration.family && !schema.family)
    refuse(declaration.family[0] ?? word, `\`${word.text}\` has no families`);
  if (declaration.value && !schema.value && declaration.value.kind !== "missing")
    refuseValue(checker, declaration, declaration.value, scope);
  if (!declaration.value && schema.value?.required && !scope.overrides) {
    const name = declaration.name?.text ?? "";
    refuse(
      word,
      `\`${word.text}\` needs a value`,
      `write \`${word.text}${name ? ` ${name}` : ""}: ${word.text === "volume" ? "emptyDir" : word.text === "port" ? "8080" : "VALUE"}\``,
    );
  }
  if (declaration.target && !schema.target)
    refuse(declaration.target, `\`->\` has no meaning here: \`${word.text}\` leads nowhere`);
}

/** A value where a block belongs. A record is the block itself with a colon too many. */
function refuseValue(checker: Checker, declaration: Declaration, value: Expression, scope: Scope): void {
  const { word, name } = declaration;
  const place = at(scope, value);
  if (value.kind !== "record") {
    checker.report(blockShape(place, { problem: `\`${word.text}\` takes a block, not a value` }));
    return;
  }
  const colon = { ...place, start: name?.end ?? word.end, end: value.start };
  const title = `${word.text}${name ? ` ${name.text}` : ""}`;
  checker.report(
    blockShape(
      { ...colon, start: value.start, end: value.start + 1 },
      { problem: `the block of \`${title}\` follows without a colon` },
      { fixes: [{ title: `write \`${title} {\``, edits: [{ span: colon, text: " " }], safe: true }] },
    ),
  );
}

/** One member of a block. */
export function checkMember(checker: Checker, member: Member, schema: BlockSchema, scope: Scope): void {
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
      const inner = innerScope(scopeWhen(scope, member.condition, true), {
        place: [...scope.place, { kind: "if", member, branch: "then" }],
      });
      for (const one of member.then) checkMember(checker, one, schema, inner);
      const other = innerScope(scopeWhen(scope, member.condition, false), {
        place: [...scope.place, { kind: "if", member, branch: "otherwise" }],
      });
      for (const one of member.otherwise ?? []) checkMember(checker, one, schema, other);
      return;
    }
    case "for": {
      const inner = innerScope(scope, { place: [...scope.place, { kind: "for", member }] });
      bindVariables(checker, member.variables, member.over, scope, inner);
      if (member.condition) checkCondition(checker, member.condition, inner);
      const body = scopeWhen(inner, member.condition, true);
      for (const one of member.body) checkMember(checker, one, schema, body);
      return;
    }
    case "drop":
      if (schema.word === "namespace" && !scope.overrides) return; // reported by the binder
      checkDrop(checker, member, schema, scope);
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
    const inside = scope.data !== undefined && key !== "data";
    checkValue(checker, field.value, known, inside ? innerScope(scope, { data: undefined }) : scope);
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
  const place = at(scope, field.key);
  if (key !== undefined && Object.hasOwn(schema.members, key)) {
    reportBlockAsField(checker, field, key, schema, scope);
    return;
  }
  // What stands in a field that does not exist is not looked at: the names in it may mean something else there.
  muted(checker, () => infer(checker, field.value, undefined, scope));
  if (key === undefined)
    checker.report(blockShape(place, { problem: `the keys of \`${schema.word}\` are written out` }));
  else reportKey(checker, field, key, schema, scope);
  mistaken(checker, field.value);
}

function reportKey(checker: Checker, field: Field, key: string, schema: BlockSchema, scope: Scope): void {
  const place = at(scope, field.key);
  const spelling = spellingOf(key, schema.word);
  const known = [...Object.keys(schema.fields), ...Object.keys(schema.members)];
  const there = spelling?.word === undefined || known.includes(spelling.word);
  const where = `\`${schema.word}\``;
  if (spelling && there) {
    const edits = spelling.word === undefined ? [] : [{ span: place, text: spelling.word }];
    const fixes = [{ title: spelling.say, edits }];
    checker.report(unknownKey(place, { key, where }, { fixes }));
    return;
  }
  const fixes = didYouMean(place, key, known);
  const notes =
    fixes.length > 0 || known.length > 12 || known.length === 0
      ? []
      : [`it takes ${known.map((one) => `\`${one}\``).join(", ")}`];
  checker.report(unknownKey(place, { key, where }, { fixes, notes }));
}

/** `pod: { … }`: a block written as a field. What stands in it is checked as the block that is meant. */
function reportBlockAsField(
  checker: Checker,
  field: Field,
  key: string,
  schema: BlockSchema,
  scope: Scope,
): void {
  const { value } = field;
  const place = at(scope, field.key);
  const inner = innerSchema(checker.schemas, schema, key);
  const shape = inner?.value
    ? `${key} NAME: VALUE`
    : inner?.name === "required"
      ? `${key} NAME { … }`
      : `${key} { … }`;
  const record =
    value.kind === "record" && inner && !inner.value && inner.name !== "required" ? value : undefined;
  const title = `write \`${shape}\``;
  const colon = record && { ...place, start: field.key.end, end: record.start };
  const fix: Fix = colon ? { title, edits: [{ span: colon, text: " " }], safe: true } : { title, edits: [] };
  if (value.kind !== "missing")
    checker.report(
      blockShape(place, { problem: `\`${key}\` is a block of its own, not a field` }, { fixes: [fix] }),
    );
  if (!record || !inner) {
    muted(checker, () => infer(checker, value, undefined, scope));
    return;
  }
  const pod = key === "pod" ? { pod: podAround(record.members, scope), container: undefined } : {};
  for (const member of record.members) checkMember(checker, member, inner, innerScope(scope, pod));
}

/** A secret's value comes from outside. */
function checkSecret(checker: Checker, value: Expression, scope: Scope): void {
  if (scope.overrides && value.kind === "none") return; // takes the key away
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
  const schema = declaration.qualifier ? undefined : innerSchema(checker.schemas, around, word);
  const template = findTemplate(scope.module, declaration);
  if (around.word === "namespace" && (schema?.kind || template || declaration.qualifier)) {
    if (!scope.overrides) return; // checked as an object
    const place = at(scope, declaration.word);
    const title = "declare it in the namespace itself, and extend it by its own name";
    const where = "in an `extend` of a namespace";
    checker.report(unknownBlock(place, { word, where }, { fixes: [{ title, edits: [] }] }));
    return;
  }
  if (declaration.external && around.word !== "namespace") {
    const place = at(scope, { start: declaration.start, end: declaration.start + "external".length });
    checker.report(unknownBlock(place, { word: "external", where: `in \`${around.word}\`` }));
    return;
  }
  if (schema) {
    checkDeclaration(checker, declaration, schema, scope.overrides ? overriding(scope, declaration) : scope);
    return;
  }
  if (word === "") return;
  const place = at(scope, declaration.word);
  const where = `in \`${around.word}\``;
  if (Object.hasOwn(around.fields, word)) {
    const colon = { ...place, start: declaration.word.end, end: declaration.word.end };
    const follows = declaration.body ?? declaration.value ?? declaration.name;
    const title = `\`${word}\` is a field: write \`${word}: …\``;
    const fixes: Fix[] = follows
      ? [{ title, edits: [{ span: colon, text: ":" }], safe: true }]
      : [{ title, edits: [] }];
    checker.report(unknownBlock(place, { word, where }, { fixes }));
    return;
  }
  if (template) {
    const notes = [`a template makes objects: \`${word}\` stands beside ${around.word}s, not in them`];
    checker.report(unknownBlock(place, { word, where }, { notes }));
    return;
  }
  const spelling = spellingOf(word, around.word) ?? kindSpelling(word);
  const known = [...Object.keys(around.members), ...Object.keys(around.fields)];
  const outer = Object.hasOwn(checker.schemas, word) && ["container", "init", "volume"].includes(word);
  const fixes =
    around.word === "rc" && outer
      ? [{ title: `write it in the rc's \`pod { … }\``, edits: [] }]
      : spelling && spelling.word === undefined
        ? [{ title: spelling.say, edits: [] }]
        : didYouMean(place, word, known);
  checker.report(unknownBlock(place, { word, where }, { fixes }));
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
