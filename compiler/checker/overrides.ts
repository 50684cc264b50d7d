import type { BoundProgram, Extension, ObjectSymbol } from "../binder/symbol.ts";
import { findTemplate } from "../binder/templates.ts";
import { unknownBlock, unknownName } from "../diagnostics/catalog/names.ts";
import { dropMissing, notExtended } from "../diagnostics/catalog/overrides.ts";
import { kindSpelling } from "../diagnostics/spellings.ts";
import type { Declaration, DropMember, Expression, ExtendDeclaration, Member } from "../syntax/ast.ts";
import type { BlockSchema } from "../types/type.ts";
import { checkMember, podAround } from "./blocks.ts";
import { type Checker, innerScope, type Scope } from "./checked.ts";
import { check, infer } from "./expressions.ts";
import { isExternal, objectWords } from "./kinds.ts";
import { keyText } from "./record-literals.ts";
import { at, didYouMean, literalText, mistaken, muted } from "./report.ts";
import { schemaOf, templateType, useTemplate } from "./templates.ts";
import { valueType } from "./values.ts";

/** `extend`, `drop` and `profile`: what stands in them is checked as what it overrides, with nothing required. */

/** The last word of what an `extend` names: `web` of `shop.web` and of `web["a"]`. */
function lastName(path: Expression): string | undefined {
  if (path.kind === "reference") return path.name;
  if (path.kind === "member") return path.member.text;
  return path.kind === "index" ? lastName(path.object) : undefined;
}

const byName = new WeakMap<BoundProgram, ReadonlyMap<string, readonly Extension[]>>();

/** Every `extend` of the program and its profiles that may mean this object: its kind and name are those. */
export function extensionsOf(
  { program }: Pick<Checker, "program">,
  symbol: ObjectSymbol,
): readonly Extension[] {
  let index = byName.get(program);
  if (!index) {
    index = indexed(program);
    byName.set(program, index);
  }
  return index.get(`${symbol.word} ${symbol.name}`) ?? [];
}

function indexed({ modules }: BoundProgram): ReadonlyMap<string, readonly Extension[]> {
  const found = new Map<string, Extension[]>();
  for (const module of modules) {
    const profiles = [...module.profiles.values()].flatMap(({ extensions }) => extensions);
    for (const extension of [...module.extensions, ...profiles]) {
      const key = `${extension.member.word.text} ${lastName(extension.member.path) ?? ""}`;
      found.set(key, [...(found.get(key) ?? []), extension]);
    }
  }
  return found;
}

/** What stands in YAML goes into the plan as it is there, whatever the program says of it; only scenarios can change it. */
export function refuseManifest(checker: Checker, { path }: ExtendDeclaration, scope: Scope): void {
  const target = targetOf(checker, path);
  if (!target || checker.erroneous.has(path)) return;
  const { library, root, file } = target.module;
  if (library || root || file.path.endsWith(".kdsl")) return;
  const help = `change it in \`${file.path}\`, or make KDSL of it with \`kdsl import\``;
  checker.report(
    notExtended(
      at(scope, path),
      { word: target.name, why: ": it stands in YAML, and the plan has it as it is there" },
      { fixes: [{ title: help, edits: [] }] },
    ),
  );
}

export function checkExtend(
  checker: Checker,
  member: Pick<ExtendDeclaration, "word" | "path" | "body">,
  scope: Scope,
): void {
  const { word, path } = member;
  const words = objectWords(checker.schemas);
  const template = findTemplate(scope.module, { word });
  if (template) {
    useTemplate(checker, template, word.text, scope);
    check(checker, path, templateType(template), scope);
    if (checker.erroneous.has(path)) return;
    const schema = schemaOf(checker, template);
    for (const one of member.body)
      checkMember(checker, one, schema, innerScope(scope, { overrides: { members: [] } }));
    return;
  }
  if (!words.includes(word.text)) {
    if (word.text === "") return;
    const place = at(scope, word);
    const meant = kindSpelling(word.text)?.word;
    const fixes = meant
      ? [{ title: `write \`${meant}\``, edits: [{ span: place, text: meant }] }]
      : didYouMean(place, word.text, words);
    checker.report(notExtended(place, { word: word.text }, { fixes }));
    muted(checker, () => infer(checker, path, undefined, scope));
    mistaken(checker, path);
    return;
  }
  check(checker, path, { kind: "object", words: [word.text] }, scope);
  if (checker.erroneous.has(path)) return;
  const target = targetOf(checker, path);
  // Of a use of a template, the object that it names `self` is meant, which what its block says is not about.
  const symbol = target?.template ? undefined : target;
  const schema = checker.schemas[symbol && isExternal(symbol) ? `external ${word.text}` : word.text]!;
  const members = symbol && [
    ...symbol.sites.flatMap(({ declaration }) => declaration.body ?? []),
    ...extensionsOf(checker, symbol).flatMap(({ member: other }) => other.body),
  ];
  const data = schema.word === "secret" || schema.word === "config" ? schema.word : undefined;
  let inner = innerScope(scope, { overrides: { members }, data });
  if (schema.word === "pod")
    inner = innerScope(inner, { pod: podAround(member.body, inner), container: undefined });
  for (const one of member.body) checkMember(checker, one, schema, inner);
}

/** The declaration that a path names; undefined for a variable that stands for an object. */
function targetOf(checker: Checker, path: Expression): ObjectSymbol | undefined {
  const resolution = checker.resolutions.get(path);
  if (resolution?.kind === "object" || resolution?.kind === "familyMember") return resolution.symbol;
  if (resolution?.kind === "part" && resolution.member === undefined) return resolution.symbol;
  return path.kind === "index" ? targetOf(checker, path.object) : undefined;
}

/** The scope of a block in an `extend`: what the block of that name has already stands in it too. */
export function overriding(scope: Scope, { word, name }: Declaration): Scope {
  const around = scope.overrides?.members;
  const same =
    around &&
    [...flat(around)].filter(
      (member) =>
        member.kind === "declaration" && member.word.text === word.text && member.name?.text === name?.text,
    );
  const members = same?.flatMap((member) => (member.kind === "declaration" ? (member.body ?? []) : []));
  return innerScope(scope, { overrides: { members } });
}

/** Members under whatever conditions and loops they stand. */
function* flat(members: readonly Member[]): Iterable<Member> {
  for (const member of members) {
    yield member;
    if (member.kind === "if") yield* flat([...member.then, ...(member.otherwise ?? [])]);
    if (member.kind === "for") yield* flat(member.body);
  }
}

/** `drop container log`: the word is one of the block around, the name that of a member it has. */
export function checkDrop(checker: Checker, member: DropMember, schema: BlockSchema, scope: Scope): void {
  const word = member.word.text;
  if (!scope.overrides) {
    const place = at(scope, { start: member.start, end: member.start + "drop".length });
    checker.report(
      unknownBlock(place, { word: "drop", where: `in \`${schema.word}\`: it stands in an \`extend\`` }),
    );
    return;
  }
  if (word === "") return;
  if (!Object.hasOwn(schema.members, word)) {
    const place = at(scope, member.word);
    const fixes = didYouMean(place, word, Object.keys(schema.members));
    const asField = Object.hasOwn(schema.fields, word)
      ? [{ title: `\`none\` takes a field away: \`${word}: none\``, edits: [] }]
      : fixes;
    checker.report(
      unknownBlock(place, { word, where: `after \`drop\` in \`${schema.word}\`` }, { fixes: asField }),
    );
    return;
  }
  const { members } = scope.overrides;
  const name = dropName(member);
  if (!members || member.name.kind !== "name" || name === "") return;
  const names: string[] = [];
  let open = false;
  for (const one of flat(members)) {
    if (one.kind === "for") open = true; // its members are named by its values
    if (one.kind === "declaration" && one.word.text === word && one.name) names.push(one.name.text);
  }
  if (open || names.includes(name)) return;
  const place = at(scope, member.name);
  const what = `${word} \`${name}\``;
  checker.report(
    dropMissing(place, { what, where: `\`${schema.word}\`` }, { fixes: didYouMean(place, name, names) }),
  );
}

/** What a `drop` names: a name, the path of a mount, the number of a port. */
export function dropName({ name }: DropMember): string {
  if (name.kind === "name") return name.text;
  return name.kind === "number" ? name.digits : (literalText(name) ?? "");
}

/** A profile: its fields are parameters of the file. What else stands in it is checked with the members around. */
export function checkProfile(
  checker: Checker,
  declaration: Declaration,
  scope: Scope,
  checkMembers: (checker: Checker, members: readonly Member[], scope: Scope) => void,
): void {
  const inner = innerScope(scope, { place: [...scope.place, { kind: "profile", declaration }] });
  const { module } = scope;
  const body = declaration.body ?? [];
  checkMembers(
    checker,
    body.filter(({ kind }) => kind !== "field"),
    inner,
  );
  const parameters = [...module.values.values()].filter(
    (symbol) => symbol.kind === "param" && symbol.module === module,
  );
  for (const member of body) {
    if (member.kind !== "field") continue;
    const key = keyText(member) ?? "";
    const symbol = module.values.get(key);
    if (symbol?.kind === "param" && symbol.module === module) {
      check(checker, member.value, valueType(checker, symbol), inner);
      continue;
    }
    muted(checker, () => infer(checker, member.value, undefined, inner));
    if (key === "") continue;
    const place = at(scope, member.key);
    const names = parameters.map((one) => one.name);
    const notes = [
      names.length > 0
        ? `the file has the parameters ${names.map((name) => `\`${name}\``).join(", ")}`
        : "the file has no parameters",
    ];
    checker.report(
      unknownName(place, { name: key, what: "parameter" }, { fixes: didYouMean(place, key, names), notes }),
    );
  }
}
