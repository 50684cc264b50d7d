import type { ObjectSymbol } from "../binder/symbol.ts";
import { ambiguousName, unknownMember } from "../diagnostics/catalog/names.ts";
import type { Expression, Member, MemberExpression, NameExpression } from "../syntax/ast.ts";
import { optional } from "../types/assignable.ts";
import { describeType } from "../types/display.ts";
import { fieldAt } from "../types/records.ts";
import type { BlockSchema, Type } from "../types/type.ts";
import { type Checker, findLocal, type Scope } from "./checked.ts";
import { infer } from "./expressions.ts";
import { isExternal, isNamespaced, objectWords } from "./kinds.ts";
import { findObjects, objectCandidate, readValue, seen } from "./names.ts";
import { containersOf, inferLiveMember, inRun } from "./observations.ts";
import { extensionsOf } from "./overrides.ts";
import { memberOfPart, partNames, partOf } from "./parts.ts";
import { memberOfBlock } from "./policies.ts";
import { at, didYouMean, errorType, flatten, literalText, mistaken } from "./report.ts";
import { templateOf } from "./templates.ts";

/** What a pod learns when it is placed, with Kubernetes' `fieldRef` paths. */
export const podFacts: Readonly<Record<string, string>> = {
  ip: "status.podIP",
  name: "metadata.name",
  namespace: "metadata.namespace",
  node: "spec.nodeName",
  nodeIp: "status.hostIP",
  uid: "metadata.uid",
  account: "spec.serviceAccountName",
};

/** What a container is given, with Kubernetes' `resourceFieldRef` names. */
const containerResources: Readonly<Record<string, string>> = {
  cpu: "cpu",
  memory: "memory",
  storage: "ephemeral-storage",
};

const late: Type = { kind: "late" };
const text: Type = { kind: "string" };

/** What an image's reference says. Without a tag and a digest the tag is `latest`, as for Kubernetes. */
const imageMembers: Readonly<Record<string, Type>> = {
  registry: text,
  repository: text,
  name: text,
  tag: optional(text),
  digest: optional(text),
};

/** `object.member`. Before the `.`, a bare name is the object whose kind has that member. */
export function inferMember(
  checker: Checker,
  expression: MemberExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const { object, member } = expression;
  if (member.text === "") {
    infer(checker, object, undefined, scope);
    return mistaken(checker, expression);
  }
  const live = inferLiveMember(checker, expression, scope);
  if (live) return live;
  const resource = containerResource(checker, expression, scope);
  if (resource) return resource;
  const part = memberOfPart(checker, expression, expected, scope);
  if (part) return part;
  if (object.kind === "member") {
    const objects = qualified(checker, object, scope);
    if (objects && objects.length > 0)
      return memberOfObjects(checker, expression, object, objects, expected, scope) ?? errorType;
  }
  if (object.kind === "reference" && !findLocal(scope, object.name)) {
    const found = memberOfName(checker, expression, object, expected, scope);
    if (found) return found;
  }
  return memberOfType(checker, expression, infer(checker, object, undefined, scope), expected, scope);
}

/** `container.limits.memory`, or with the name of a container of this pod. */
function containerResource(checker: Checker, expression: MemberExpression, scope: Scope): Type | undefined {
  const { object: part, member } = expression;
  if (part.kind !== "member" || (part.member.text !== "limits" && part.member.text !== "requests"))
    return undefined;
  if (part.object.kind !== "reference" || findLocal(scope, part.object.name)) return undefined;
  const { name } = part.object;
  const own = name === "container" && scope.container !== undefined;
  if (!own && !scope.pod?.containers.has(name)) return undefined;
  const resource = fieldAt(containerResources, member.text);
  if (resource === undefined) {
    const place = at(scope, member);
    const fixes = didYouMean(place, member.text, Object.keys(containerResources));
    checker.report(unknownMember(place, { member: member.text, of: `\`${part.member.text}\`` }, { fixes }));
    return mistaken(checker, expression);
  }
  const container = own || name === scope.container ? {} : { container: name };
  checker.resolutions.set(expression, {
    kind: "lateResource",
    ...container,
    resource: `${part.member.text}.${resource}`,
  });
  return late;
}

/** Members of what a bare name before the `.` can be; undefined where the name is an ordinary value, or unknown. */
function memberOfName(
  checker: Checker,
  expression: MemberExpression,
  object: NameExpression,
  expected: Type | undefined,
  scope: Scope,
): Type | undefined {
  const symbol = scope.module.values.get(object.name);
  if (symbol?.kind === "module") {
    checker.used.add(symbol);
    return exported(checker, expression, symbol.module, expected, scope);
  }
  if (symbol && symbol.kind !== "template") return undefined;
  if (object.name === "self" && scope.module.template) {
    const own = memberOfUse(checker, expression);
    if (own) return own;
  }
  if (scope.module.missing.has(object.name)) return mistaken(checker, expression);
  const around = memberOfAround(checker, expression, object, scope);
  if (around) return around;
  const objects = qualified(checker, expression, scope);
  if (objects && objects.length > 0) return chooseObject(checker, expression, objects, expected, scope);
  if (objects) return noneQualified(checker, expression, object, scope);
  return memberOfObjects(checker, expression, object, findObjects(object.name, scope), expected, scope);
}

/** `self.name` in a template: every object that is named `self` has the name of the use. */
function memberOfUse(checker: Checker, expression: MemberExpression): Type | undefined {
  const member = expression.member.text;
  if (member !== "name" && member !== "namespace") return undefined;
  checker.resolutions.set(expression, { kind: "use", member });
  return text;
}

/** `pod.ip`, `container.name`: members of the pod and the container around. */
function memberOfAround(
  checker: Checker,
  expression: MemberExpression,
  object: NameExpression,
  scope: Scope,
): Type | undefined {
  const { member } = expression;
  const isPod = object.name === "pod" && scope.pod !== undefined;
  const isContainer = object.name === "container" && scope.container !== undefined;
  if (isPod && Object.hasOwn(podFacts, member.text)) {
    checker.resolutions.set(expression, { kind: "lateField", path: podFacts[member.text]! });
    return late;
  }
  if (isContainer && member.text === "name") {
    checker.resolutions.set(expression, { kind: "text", text: scope.container! });
    return { kind: "string", options: [scope.container!] };
  }
  const isObject = findObjects(member.text, scope).some((one) => one.word === object.name);
  if ((!isPod && !isContainer) || isObject || findObjects(object.name, scope).length > 0) return undefined;
  const place = at(scope, member);
  const names = isPod ? Object.keys(podFacts) : ["name", "limits", "requests"];
  const notes = [`it has ${names.map((name) => `\`${name}\``).join(", ")}`];
  const fixes = didYouMean(place, member.text, names);
  const of = `the ${object.name} around`;
  checker.report(unknownMember(place, { member: member.text, of }, { fixes, notes }));
  return mistaken(checker, expression);
}

/** `f.web`, `f.port`: what another module declares. */
function exported(
  checker: Checker,
  expression: MemberExpression,
  module: ObjectSymbol["module"],
  expected: Type | undefined,
  scope: Scope,
): Type {
  const { member } = expression;
  const value = module.values.get(member.text);
  if (value?.kind === "param" || value?.kind === "let") {
    checker.resolutions.set(expression, { kind: "value", symbol: value });
    return readValue(checker, expression, value, scope);
  }
  const objects = module.objectsByName.get(member.text) ?? [];
  if (objects.length > 0) return chooseObject(checker, expression, objects, expected, scope);
  const place = at(scope, member);
  const names = [...module.values.keys(), ...module.objectsByName.keys()];
  const fixes = didYouMean(place, member.text, names);
  checker.report(unknownMember(place, { member: member.text, of: `\`${module.title}\`` }, { fixes }));
  return mistaken(checker, expression);
}

/**
 * The objects that `rc.web`, `shop.web` (where `shop` is a namespace) or `f.web` (where `f` is a module) can be;
 * undefined when what is before the `.` qualifies nothing.
 */
function qualified(
  checker: Checker,
  expression: MemberExpression,
  scope: Scope,
): readonly ObjectSymbol[] | undefined {
  const { object, member } = expression;
  if (object.kind !== "reference" || findLocal(scope, object.name)) return undefined;
  const symbol = scope.module.values.get(object.name);
  if (symbol?.kind === "module") {
    checker.used.add(symbol);
    return symbol.module.objectsByName.get(member.text) ?? [];
  }
  if (symbol?.kind === "template")
    return findObjects(member.text, scope).filter((one) => one.template === symbol);
  if (symbol) return undefined;
  const isWord = objectWords(checker.schemas).includes(object.name);
  const named = isWord ? findObjects(member.text, scope).filter((one) => one.word === object.name) : [];
  if (named.length > 0) return named;
  const around = findObjects(object.name, scope);
  const isNamespace = around.some((one) => one.word === "namespace");
  const { objectsByName, around: outer } = scope.module;
  const inside = [
    ...(objectsByName.get(member.text) ?? []),
    ...(outer?.objectsByName.get(member.text) ?? []),
  ].filter((one) => one.namespace === object.name);
  if (isNamespace && inside.length > 0) return inside;
  return isWord && around.length === 0 ? [] : undefined;
}

function noneQualified(
  checker: Checker,
  expression: MemberExpression,
  object: NameExpression,
  scope: Scope,
): Type {
  const { member } = expression;
  const place = at(scope, member);
  const all = [...scope.module.objectsByName].filter(([, symbols]) =>
    symbols.some((one) => one.word === object.name),
  );
  const fixes = didYouMean(
    place,
    member.text,
    all.map(([name]) => name),
  );
  checker.report(
    unknownMember(place, { member: member.text, of: `this file's \`${object.name}\`s` }, { fixes }),
  );
  return mistaken(checker, expression);
}

/** Of several objects of one name the one that the position asks for. */
function chooseObject(
  checker: Checker,
  expression: MemberExpression,
  objects: readonly ObjectSymbol[],
  expected: Type | undefined,
  scope: Scope,
): Type {
  const words = flatten(expected).flatMap((type) => (type.kind === "object" ? type.words : []));
  const fitting =
    objects.length > 1 && words.length > 0 ? objects.filter((one) => words.includes(one.word)) : objects;
  if (fitting.length <= 1) return settleObject(checker, expression, fitting[0] ?? objects[0]!, scope);
  const choices = fitting.map((one) => `${one.word} ${one.name}`);
  checker.report(ambiguousName(at(scope, expression), { name: expression.member.text, choices }));
  return mistaken(checker, expression);
}

function settleObject(checker: Checker, expression: Expression, symbol: ObjectSymbol, scope: Scope): Type {
  const candidate = objectCandidate(symbol);
  checker.resolutions.set(expression, candidate.resolution);
  seen(checker, expression, symbol, scope);
  return candidate.type;
}

function memberOfObjects(
  checker: Checker,
  expression: MemberExpression,
  object: Expression,
  objects: readonly ObjectSymbol[],
  expected: Type | undefined,
  scope: Scope,
): Type | undefined {
  if (objects.length === 0) return undefined;
  const { member } = expression;
  const having = objects.filter((symbol) => hasMember(checker, symbol, member.text));
  const place = at(scope, object);
  if (having.length > 1) {
    const choices = having.map((symbol) => `${symbol.word}.${symbol.name}`);
    const fixes = choices.map((choice) => ({
      title: `write \`${choice}\``,
      edits: [{ span: place, text: choice }],
    }));
    checker.report(ambiguousName(place, { name: objects[0]!.name, choices }, { fixes }));
    mistaken(checker, object);
    return mistaken(checker, expression);
  }
  const symbol = having[0] ?? objects[0]!;
  checker.resolutions.set(object, { kind: "object", symbol });
  if (!having[0]) return noSuchMember(checker, expression, objects, scope);
  seen(checker, object, symbol, scope);
  if (symbol.template) return partOf(checker, expression, symbol.template, expected, scope);
  return memberOf(checker, symbol, member.text) ?? errorType;
}

function noSuchMember(
  checker: Checker,
  expression: MemberExpression,
  objects: readonly ObjectSymbol[],
  scope: Scope,
): Type {
  const { member } = expression;
  const place = at(scope, member);
  const names = objects.flatMap((symbol) => [
    ...memberNames(checker, symbol),
    ...(inRun(scope) ? containersOf(checker, symbol).names : []),
  ]);
  const of = objects.map((symbol) => `${symbol.word} \`${symbol.name}\``).join(" or ");
  const fixes = didYouMean(place, member.text, names);
  // What somebody declared in it is more likely meant than its fields.
  const data = objects.filter(({ word, template }) => !template && (word === "config" || word === "secret"));
  const keys = new Set(data.flatMap((symbol) => dataKeys(checker, symbol) ?? []));
  const shown = keys.size > 0 ? [...keys] : names;
  const notes =
    fixes.length === 0 && shown.length <= 12
      ? [`it has ${shown.map((name) => `\`${name}\``).join(", ")}`]
      : [];
  checker.report(unknownMember(place, { member: member.text, of }, { fixes, notes }));
  mistaken(checker, expression.object);
  return mistaken(checker, expression);
}

/** Whether an object declared so has a member of this name. Data under keys that are worked out may have any. */
export function hasMember(checker: Checker, symbol: ObjectSymbol, member: string): boolean {
  if (symbol.template) return partNames(checker, symbol.template).includes(member);
  if (memberOf(checker, symbol, member) === undefined) return false;
  if (isExternal(symbol)) return true;
  const schema = checker.schemas[symbol.word];
  if (
    !schema?.rest ||
    symbol.word === "manifest" ||
    fieldAt(schema.fields, member) ||
    own(symbol.word).includes(member)
  )
    return true;
  const keys = dataKeys(checker, symbol);
  return keys === undefined || keys.includes(member);
}

/** Members that belong to the object itself and are no fields of its block. */
function own(word: string): readonly string[] {
  if (word === "service") return ["name", "namespace", "host", "ports"];
  return word === "node" || word === "namespace" ? ["name"] : ["name", "namespace"];
}

/** The type of a member of this very object; undefined when it has none. */
export function memberOf(checker: Checker, symbol: ObjectSymbol, member: string): Type | undefined {
  if (!isExternal(symbol)) return objectMember(checker, symbol.word, member);
  if (own(symbol.word).includes(member)) return objectMember(checker, symbol.word, member);
  return symbol.word === "config" || symbol.word === "secret" ? late : undefined;
}

export function memberNames(checker: Checker, symbol: ObjectSymbol): readonly string[] {
  if (symbol.template) return partNames(checker, symbol.template);
  if (isExternal(symbol)) return own(symbol.word);
  const schema = checker.schemas[symbol.word];
  return [
    ...own(symbol.word),
    ...Object.keys(schema?.fields ?? {}),
    ...(schema?.rest ? new Set(dataKeys(checker, symbol) ?? []) : []),
  ];
}

/** The keys of a config or secret as they are written; undefined when some of them are worked out. */
function dataKeys(checker: Checker, symbol: ObjectSymbol): readonly string[] | undefined {
  const keys: string[] = [];
  const visit = (members: readonly Member[]): boolean =>
    members.every((member) => {
      if (member.kind === "field") {
        const key = member.key.kind === "name" ? member.key.text : literalText(member.key);
        if (key !== undefined) keys.push(key);
        return key !== undefined;
      }
      if (member.kind === "if") return visit(member.then) && visit(member.otherwise ?? []);
      return member.kind !== "for" && member.kind !== "spread";
    });
  const bodies = [
    ...symbol.sites.map(({ declaration }) => declaration.body ?? []),
    ...extensionsOf(checker, symbol).map(({ member }) => member.body),
  ];
  return bodies.every(visit) ? keys : undefined;
}

/** The type of a member of an object of this kind; undefined when it has none. */
export function objectMember(
  checker: Pick<Checker, "schemas">,
  word: string,
  member: string,
): Type | undefined {
  const schema: BlockSchema | undefined = checker.schemas[word];
  if (!schema) return undefined;
  if (member === "name") return text;
  if (word === "manifest" && member === "namespace") return optional(text);
  if (member === "namespace" && isNamespaced(schema.kind ?? "")) return text;
  if (word === "service" && member === "host") return text;
  if (word === "service" && member === "ports") return { kind: "map", values: { kind: "port" } };
  const field = fieldAt(schema.fields, member);
  if (field) return field.required ? field.type : optional(field.type);
  if (word === "manifest") return { kind: "any" };
  return schema.rest ? late : undefined;
}

function memberOfType(
  checker: Checker,
  expression: MemberExpression,
  type: Type,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const { member } = expression;
  const place = at(scope, member);
  const refuse = (names: readonly string[], notes: readonly string[] = []): Type => {
    const fixes = didYouMean(place, member.text, names);
    checker.report(unknownMember(place, { member: member.text, of: describeType(type) }, { fixes, notes }));
    return mistaken(checker, expression);
  };
  switch (type.kind) {
    case "error":
    case "any":
      return type;
    case "refined":
      return memberOfType(checker, expression, type.type, expected, scope);
    case "block":
      return memberOfBlock(checker, expression, type, scope);
    case "image":
      return Object.hasOwn(imageMembers, member.text)
        ? imageMembers[member.text]!
        : refuse(Object.keys(imageMembers));
    case "template":
      return partOf(checker, expression, templateOf(type), expected, scope);
    case "record": {
      const field = fieldAt(type.fields, member.text);
      if (!field) return refuse(Object.keys(type.fields));
      return field.required ? field.type : optional(field.type);
    }
    case "map":
      return type.values;
    case "labels":
      return text;
    case "object": {
      const types = type.words.map((word) => objectMember(checker, word, member.text));
      const found = types.find((one) => one !== undefined);
      if (found) return found;
      const names = type.words.flatMap((word) => [
        ...own(word),
        ...Object.keys(checker.schemas[word]?.fields ?? {}),
      ]);
      return refuse(names);
    }
    case "optional":
      if (scope.policy) return optional(memberOfType(checker, expression, type.type, expected, scope));
      return refuse([], ["it may be `none`: give another value with `??`, or ask `if … != none` first"]);
    case "list":
      return refuse([], [`an item is reached by its place, \`[0]\`; its length is \`length(…)\``]);
    default:
      return refuse([]);
  }
}
