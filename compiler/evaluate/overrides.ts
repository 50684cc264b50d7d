import { nearest } from "../../base/edit-distance.ts";
import { tokenize } from "../../grammar/lexer.ts";
import { type Extension, type ModuleSymbols, type ProfileSymbol, span } from "../binder/symbol.ts";
import { keyText } from "../checker/record-literals.ts";
import { dropClash, dropMissing, unknownProfile } from "../diagnostics/catalog/overrides.ts";
import type { Span } from "../source/source.ts";
import type { Expression } from "../syntax/ast.ts";
import { type Drop, expand, type LazyBlock, schemaOf, titleOf } from "./blocks.ts";
import {
  type Evaluator,
  type Frame,
  force,
  type Iteration,
  innerFrame,
  moduleFrame,
  report,
} from "./context.ts";
import { evaluate } from "./expressions.ts";
import type { LazyField } from "./fields.ts";
import { layered } from "./merge.ts";
import { enter } from "./objects.ts";
import { allObjects, standingFor } from "./templates.ts";
import { textOf } from "./text.ts";
import type { Change, ObjectHandle } from "./value.ts";

/** What overrides what: `extend` a declaration, a chosen profile that. A declaration's own strength is 1, a spread's 0. */
const extendStrength = 2;
const profileStrength = 3;
/** What a scenario changes later goes before what it changed earlier. */
const changeStrength = 4;

/** One `extend`, for one object that it names. */
interface Override {
  readonly extension: Extension;
  readonly frame: Frame;
  readonly strength: number;
}

/** The overrides of each object, the weakest first. */
export type Overrides = Map<ObjectHandle, Override[]>;

/** The chosen profile; undefined, and reported, where the file has none of this name. */
export function chooseProfile(
  evaluator: Evaluator,
  root: ModuleSymbols,
  name: string | undefined,
): ProfileSymbol | undefined {
  if (name === undefined) return undefined;
  const profile = root.profiles.get(name);
  if (profile) return profile;
  const at: Span = { file: { path: "--profile", text: name }, start: 0, end: name.length };
  const names = [...root.profiles.keys()];
  const meant = nearest(name, names);
  const fixes = meant ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: at, text: meant }] }] : [];
  const notes = [
    names.length > 0 ? `it has ${names.map((one) => `\`${one}\``).join(", ")}` : "it has no profiles",
  ];
  evaluator.emit(unknownProfile(at, { name }, { fixes, notes }));
  return undefined;
}

/** What the chosen profile says for a parameter of the first file. */
export function profileValue(
  evaluator: Evaluator,
  name: string,
): { readonly value: Expression; readonly frame: Frame } | undefined {
  const { profile } = evaluator;
  if (!profile) return undefined;
  const { declaration, module } = profile;
  for (const member of declaration.body ?? []) {
    if (member.kind !== "field" || keyText(member) !== name) continue;
    let frame = moduleFrame(module);
    enter(evaluator, [{ kind: "profile", declaration }], 0, frame, [], [], (inner) => {
      frame = inner;
    });
    return { value: member.value, frame };
  }
  return undefined;
}

/** Which objects each `extend` names: decided once, like what exists, before any block is looked into. */
function overridesOf(evaluator: Evaluator): Overrides {
  if (evaluator.overrides) return evaluator.overrides;
  const found: Overrides = new Map();
  evaluator.overrides = found;
  const { modules } = evaluator.checked.program;
  evaluator.deciding++;
  const inTemplates = modules.some(extendsInTemplate);
  for (const module of modules) {
    for (const extension of module.extensions)
      collect(evaluator, moduleFrame(module), extension, extendStrength, found);
    if (inTemplates)
      for (const { made } of allObjects(evaluator, module.objects, undefined))
        for (const extension of made?.template.body.extensions ?? [])
          collect(evaluator, made!.frame, extension, extendStrength, found);
  }
  const { profile } = evaluator;
  for (const extension of profile?.extensions ?? [])
    collect(evaluator, moduleFrame(profile!.module), extension, profileStrength, found);
  for (const [index, change] of evaluator.changes.entries())
    collectChange(evaluator, change, changeStrength + index, found);
  evaluator.deciding--;
  for (const list of found.values()) if (list.length > 1) inOneOrder(list);
  return found;
}

/**
 * What several places add (variables, containers) stands in an order that does not depend on where they are written:
 * within one strength by what they say, comments and white space apart.
 */
function inOneOrder(list: Override[]): void {
  const said = new Map<Extension, string>();
  for (const { extension, frame } of list) {
    const { start, end } = extension.member;
    const { tokens } = tokenize(frame.module.file.text, start, end, []);
    const images = tokens.map(({ image }) => image).filter((image) => image !== ",");
    said.set(extension, images.join(" "));
  }
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  list.sort((a, b) => a.strength - b.strength || compare(said.get(a.extension)!, said.get(b.extension)!));
}

/** Whether some template of the module has an `extend` in its body: only then what uses make is gone through. */
const extendsInTemplate = (module: ModuleSymbols): boolean =>
  [...module.values.values()].some(
    (symbol) => symbol.kind === "template" && symbol.body.extensions.length > 0,
  );

function collect(
  evaluator: Evaluator,
  outermost: Frame,
  extension: Extension,
  strength: number,
  found: Overrides,
  rounds?: readonly Iteration[],
): void {
  const { path, word } = extension.member;
  if (evaluator.checked.erroneous.has(path)) return;
  enter(evaluator, extension.enclosures, 0, outermost, [], [], (frame, _keys, iterations) => {
    if (rounds && !sameRounds(rounds, iterations)) return;
    // `extend rc x` of a use of a template means the rc that it names `self`.
    const value = standingFor(evaluator, evaluate(evaluator, path, frame), [word.text]);
    const handles = value.kind === "object" ? [value.object] : value.kind === "family" ? value.members : [];
    for (const handle of handles) {
      const before = found.get(handle);
      if (before) before.push({ extension, frame, strength });
      else found.set(handle, [{ extension, frame, strength }]);
    }
  });
}

/** An `update` of a scenario, seen from where the scenario stands. */
function collectChange(
  evaluator: Evaluator,
  { what, use, iterations }: Change,
  strength: number,
  found: Overrides,
): void {
  if (what.kind !== "update") return;
  const { extension } = what;
  const { modules, root } = evaluator.checked.program;
  if (!use) {
    collect(evaluator, moduleFrame(root), extension, strength, found, iterations);
    return;
  }
  for (const module of modules)
    for (const { made } of allObjects(evaluator, module.objects, undefined))
      if (made?.template === use.template && made.name === use.name && made.namespace === use.namespace)
        collect(evaluator, made.frame, extension, strength, found, iterations);
}

const sameRounds = (one: readonly Iteration[], other: readonly Iteration[]): boolean =>
  one.length === other.length &&
  one.every(({ member, ordinal }, at) => member === other[at]!.member && ordinal === other[at]!.ordinal);

/** Whether something overrides what an object's declaration says. */
export function isOverridden(evaluator: Evaluator, handle: ObjectHandle): boolean {
  const overrides = overridesOf(evaluator);
  return overrides.size > 0 && overrides.has(handle);
}

/** The block of an object with all that overrides it. */
export function withOverrides(evaluator: Evaluator, handle: ObjectHandle, block: LazyBlock): LazyBlock {
  if (!isOverridden(evaluator, handle)) return block;
  for (const { extension, frame, strength } of overridesOf(evaluator).get(handle) ?? []) {
    const { member } = extension;
    const over: LazyBlock = {
      ...block,
      span: span(frame.module, member.path),
      extent: span(frame.module, member),
      value: undefined,
      target: undefined,
      fields: new Map(),
      members: [],
      asserts: [],
      broken: false,
      into: block,
    };
    const { word } = block.schema;
    const data = word === "secret" || word === "config" ? word : undefined;
    const inner = innerFrame(frame, { overrides: true, data, ...(word === "pod" ? { pod: over } : {}) });
    expand(evaluator, over, member.body, inner, []);
    merge(evaluator, block, over, strength);
  }
  return block;
}

/** Members that were dropped or touched, with the strength that did it. */
interface Touched {
  readonly what: string;
  readonly strength: number;
  readonly span: Span;
}

const dropped = new WeakMap<LazyBlock, Touched[]>();
const touched = new WeakMap<LazyBlock, Touched>();

/** Puts what an `extend` says of a block into it. */
function merge(evaluator: Evaluator, block: LazyBlock, over: LazyBlock, strength: number): void {
  over.into = block;
  const where = titleOf(block);
  const put = (
    before: LazyField | undefined,
    after: LazyField | undefined,
    key: string,
    schema = schemaOf(block, key),
  ) => (after && schema ? layered(evaluator, before, after, { schema, strength, key, where }) : before);
  for (const [key, field] of over.fields) block.fields.set(key, put(block.fields.get(key), field, key)!);
  block.value = put(block.value, over.value, "value", block.schema.value);
  block.target = put(block.target, over.target, "target", block.schema.target);
  for (const member of over.members) mergeMember(evaluator, block, member, strength);
  for (const drop of over.drops ?? []) takeAway(evaluator, block, drop, strength);
  block.asserts.push(...over.asserts);
  block.broken ||= over.broken;
}

function mergeMember(evaluator: Evaluator, block: LazyBlock, member: LazyBlock, strength: number): void {
  const name = nameOf(evaluator, member);
  const there = block.members.find((one) => one.word === member.word && nameOf(evaluator, one) === name);
  const what = name === undefined ? `\`${member.word}\`` : `${member.word} \`${name}\``;
  if (there) {
    merge(evaluator, there, member, strength);
    touched.set(there, { what, strength, span: member.span });
    return;
  }
  const gone = dropped.get(block)?.find((one) => one.what === what && one.strength === strength);
  if (gone) {
    clash(evaluator, what, gone.span, member.span);
    return;
  }
  const added: LazyBlock = {
    ...member,
    fields: new Map(),
    members: [],
    asserts: [],
    value: undefined,
    target: undefined,
    added: true,
  };
  merge(evaluator, added, member, strength);
  touched.set(added, { what, strength, span: member.span });
  block.members.push(added);
}

function takeAway(evaluator: Evaluator, block: LazyBlock, drop: Drop, strength: number): void {
  const { word, name } = drop;
  const named = (one: LazyBlock) => one.word === word && nameOf(evaluator, one) === name;
  const index = block.members.findIndex(named);
  const what = `${word} \`${name}\``;
  const there = block.members[index];
  if (!there) {
    const gone = dropped.get(block)?.some((one) => one.what === what);
    if (gone || block.broken || name === "" || !Object.hasOwn(block.schema.members, word)) return;
    const names = block.members.flatMap((one) => (one.word === word ? (nameOf(evaluator, one) ?? []) : []));
    const meant = nearest(name, names);
    const fixes = meant
      ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: drop.span, text: meant }] }]
      : [];
    const notes = names.length > 0 ? [`it has ${names.map((one) => `\`${one}\``).join(", ")}`] : [];
    report(evaluator, drop.span, (at) => dropMissing(at, { what, where: titleOf(block) }, { fixes, notes }));
    return;
  }
  const kept = touched.get(there);
  if (kept?.strength === strength) {
    clash(evaluator, what, drop.span, kept.span);
    return;
  }
  block.members.splice(index, 1);
  dropped.set(block, [...(dropped.get(block) ?? []), { what, strength, span: drop.span }]);
}

function clash(evaluator: Evaluator, what: string, drop: Span, other: Span): void {
  const secondary = [{ span: other, text: "extended here" }];
  report(evaluator, drop, (at) => dropClash(at, { what }, { secondary, label: "dropped here" }));
}

/** What a member is known by: its name, the number of a port without one, the path of a mount. */
function nameOf(evaluator: Evaluator, member: LazyBlock): string | undefined {
  if (member.name !== undefined && member.name !== "") return member.name;
  if (member.word === "mount") {
    const path = member.fields.get("path");
    return path && textOf(force(evaluator, path));
  }
  if (member.word !== "port" || !member.value) return undefined;
  const value = force(evaluator, member.value);
  return value.kind === "number" ? String(value.value.numerator) : undefined;
}
