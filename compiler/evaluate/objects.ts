import { withArticle } from "../../base/words.ts";
import { type Enclosure, enclosedMembers, type ObjectSymbol, type Site, span } from "../binder/symbol.ts";
import { isNamespaced, schemaKey } from "../checker/kinds.ts";
import { isFamily } from "../checker/names.ts";
import { badFamily, existenceCycle, indexOutside } from "../diagnostics/catalog/evaluate.ts";
import { conditionalName } from "../diagnostics/catalog/names.ts";
import type { Span } from "../source/source.ts";
import type { Declaration, FamilyVariable, Member } from "../syntax/ast.ts";
import { finishBlock, type LazyBlock, openBlock } from "./blocks.ts";
import {
  type Evaluator,
  errorValue,
  type Frame,
  type Instance,
  type Iteration,
  innerFrame,
  type Made,
  moduleFrame,
  report,
  spendAt,
} from "./context.ts";
import { evaluate, evaluateCondition } from "./expressions.ts";
import { inRounds, withKeys } from "./instance-index.ts";
import { iterate, nameSuffix } from "./loops.ts";
import { equals } from "./operators.ts";
import { withOverrides } from "./overrides.ts";
import { declareLet } from "./record-literals.ts";
import { makeUse, objectsOf } from "./templates.ts";
import { describeValue, textOf } from "./text.ts";
import type { Block, ObjectHandle, Value } from "./value.ts";

/** A handle of evaluation's own, with the instance that is behind it; lowering has no use for that. */
interface OwnHandle extends ObjectHandle {
  instance?: Instance | undefined;
}

/** The instance behind a handle of this evaluation. */
export const instanceOf = (handle: ObjectHandle): Instance | undefined => (handle as OwnHandle).instance;

/** All objects that a declaration makes, decided on first use. Its `if`s, `for`s and families are worked out here. */
export function instancesOf(evaluator: Evaluator, symbol: ObjectSymbol, made?: Made): readonly Instance[] {
  const instances = made?.instances ?? evaluator.instances;
  const found = instances.get(symbol);
  if (found === "open") {
    const place = symbol.sites[0]!.span;
    report(evaluator, place, (at) => existenceCycle(at, { name: symbol.name }));
    return [];
  }
  if (found) return found;
  if (symbol.template && evaluator.checked.cyclic.has(symbol.template)) return [];
  instances.set(symbol, "open");
  evaluator.deciding++;
  const all = makeInstances(evaluator, symbol, made);
  evaluator.deciding--;
  instances.set(symbol, all);
  return all;
}

function makeInstances(
  evaluator: Evaluator,
  symbol: ObjectSymbol,
  made: Made | undefined,
): readonly Instance[] {
  const [site] = symbol.sites;
  const around = () => made?.frame ?? moduleFrame(symbol.module);
  if (site && symbol.sites.length === 1 && site.enclosures.length === 0 && !site.declaration.family) {
    const instance = makeInstance(evaluator, symbol, site, around(), none, none);
    return instance ? [instance] : none;
  }
  const all: Instance[] = [];
  for (const site of symbol.sites)
    enter(evaluator, site.enclosures, 0, around(), none, none, (frame, keys, iterations) =>
      expandFamily(evaluator, symbol, site, site.declaration.family ?? [], frame, keys, iterations, all),
    );
  return all;
}

type Inside = (frame: Frame, keys: readonly Value[], iterations: readonly Iteration[]) => void;

/** Goes through what stands around a declaration, from the outside, as often as loops and conditions let it. */
export function enter(
  evaluator: Evaluator,
  enclosures: readonly Enclosure[],
  depth: number,
  frame: Frame,
  keys: readonly Value[],
  iterations: readonly Iteration[],
  inside: Inside,
): void {
  const enclosure = enclosures[depth];
  if (!enclosure) {
    inside(frame, keys, iterations);
    return;
  }
  const further = (inner: Frame, moreKeys: readonly Value[], moreIterations: readonly Iteration[]) => {
    declareLets(evaluator, enclosedMembers(enclosure), inner);
    enter(evaluator, enclosures, depth + 1, inner, moreKeys, moreIterations, inside);
  };
  switch (enclosure.kind) {
    case "namespace":
    case "profile":
    case "steps":
      further(innerFrame(frame), keys, iterations);
      return;
    case "if": {
      const holds = evaluateCondition(evaluator, enclosure.member.condition, frame);
      if (holds === (enclosure.branch === "then")) further(innerFrame(frame), keys, iterations);
      return;
    }
    case "for": {
      const { variables, over, condition } = enclosure.member;
      const step = (inner: Frame, values: readonly Value[]) =>
        further(inner, [...keys, values[0] ?? errorValue], [...iterations, inner.iteration!]);
      iterate(evaluator, variables, over, condition, frame, step, enclosure.member);
    }
  }
}

export function declareLets(evaluator: Evaluator, members: readonly Member[], frame: Frame): void {
  for (const member of members) if (member.kind === "let") declareLet(evaluator, member, frame);
}

/** One object for each combination of the family's variables. */
function expandFamily(
  evaluator: Evaluator,
  symbol: ObjectSymbol,
  site: Site,
  variables: readonly FamilyVariable[],
  frame: Frame,
  keys: readonly Value[],
  iterations: readonly Iteration[],
  made: Instance[],
): void {
  const [variable, ...others] = variables;
  if (!variable) {
    const instance = makeInstance(evaluator, symbol, site, frame, keys, iterations);
    if (instance) made.push(instance);
    return;
  }
  iterate(evaluator, [variable.variable], variable.over, undefined, frame, (inner, [value]) =>
    expandFamily(evaluator, symbol, site, others, inner, [...keys, value ?? errorValue], iterations, made),
  );
}

const none: readonly never[] = [];

function makeInstance(
  evaluator: Evaluator,
  symbol: ObjectSymbol,
  site: Site,
  frame: Frame,
  keys: readonly Value[],
  iterations: readonly Iteration[],
): Instance | undefined {
  if (keys.some((key) => key.kind === "error")) return undefined;
  const suffixes: readonly (string | undefined)[] = keys.length === 0 ? none : keys.map(nameSuffix);
  const wrong = suffixes.indexOf(undefined);
  const place = span(frame.module, site.span);
  if (wrong >= 0) {
    const key = keys[wrong]!;
    const problem = `${describeValue(key)} cannot be part of the name of ${withArticle(symbol.word)}`;
    const title =
      "go through the names alone, and look the rest up: `for name in [x.name for x in xs] { … }`";
    const fixes = key.kind === "record" ? [{ title, edits: [] }] : [];
    report(evaluator, place, (at) => badFamily(at, { problem }, { fixes }));
    return undefined;
  }
  spendAt(evaluator, place, 200);
  const { declaration } = site;
  const name = objectName(evaluator, frame, declaration, symbol.name, suffixes);
  const namespace = namespaceOf(evaluator, frame, symbol, site, keys);
  const { schemas, templates } = evaluator.checked;
  const schema = symbol.template ? templates.get(symbol.template)! : schemas[schemaKey(declaration)]!;
  let opened: LazyBlock | undefined;
  let finished: Block | undefined;
  const block = () =>
    (opened ??= withOverrides(evaluator, handle, openBlock(evaluator, declaration, schema, frame, name)));
  // Of one shape, whether there is a namespace or not: they are read everywhere.
  const handle: OwnHandle = {
    word: symbol.word,
    objectKind: symbol.objectKind,
    name,
    namespace: isNamespaced(symbol.objectKind) ? namespace : undefined,
    external: declaration.external ? true : undefined,
    cast: undefined,
    block: () => (finished ??= finishBlock(evaluator, block())),
    span: place,
    instance: undefined,
  };
  const ownKeys = declaration.family?.length ?? 0;
  const { template } = symbol;
  const made =
    template && makeUse(evaluator, template, { handle, block, namespace: namespace ?? "default", frame });
  const instance: Instance = {
    handle,
    site,
    declaration,
    schema,
    frame,
    block,
    keys,
    iterations,
    ownKeys,
    made,
  };
  handle.instance = instance;
  return instance;
}

/** The name of an object as the cluster sees it: what a template declares begins with the name of the use. */
function objectName(
  evaluator: Evaluator,
  frame: Frame,
  { objectName: written, computedName }: Declaration,
  name: string,
  suffixes: readonly (string | undefined)[],
): string {
  const { made } = frame;
  // Names are never shadowed, so that those around a namespace mean the same to everything in it.
  const computed = computedName && textOf(evaluate(evaluator, computedName, frame));
  const own = computed ?? written ?? name;
  let full = made === undefined ? own : own === "self" ? made.name : `${made.name}-${own}`;
  // Who works out a name says whole what tells it from others.
  if (computed !== undefined) return full;
  for (const suffix of suffixes) full += `-${suffix}`;
  return full;
}

/** The name of the namespace around a declaration, which a loop may repeat and a template prefix like other objects. */
function namespaceOf(
  evaluator: Evaluator,
  frame: Frame,
  { word }: ObjectSymbol,
  site: Site,
  keys: readonly Value[],
): string | undefined {
  let loops = 0;
  for (const enclosure of site.enclosures) {
    if (enclosure.kind === "for") loops++;
    else if (enclosure.kind === "namespace")
      return objectName(
        evaluator,
        frame,
        enclosure.declaration,
        enclosure.declaration.name?.text ?? "",
        loops === 0 ? none : keys.slice(0, loops).map(nameSuffix),
      );
  }
  const namespace = frame.made?.namespace ?? "default";
  // What a manifest says of its namespace is its own affair.
  return word === "manifest" && namespace === "default" ? undefined : namespace;
}

/** The values of the variables of its family and of the loops around, by name, for an object that has such. */
export function indexOf(handle: ObjectHandle): ReadonlyMap<string, Value> | undefined {
  const instance = instanceOf(handle);
  if (!instance || instance.keys.length === 0) return undefined;
  const { site, keys } = instance;
  const loops = site.enclosures.flatMap((enclosure) =>
    enclosure.kind === "for" ? [enclosure.member.variables[0]?.text ?? ""] : [],
  );
  const own = site.declaration.family?.map((variable) => variable.variable.text) ?? [];
  return new Map([...loops, ...own].map((name, index) => [name, keys[index] ?? errorValue]));
}

/** The loops that a place lies in. */
function activeIterations(frame: Frame | undefined): readonly Iteration[] {
  const found: Iteration[] = [];
  for (let at = frame; at; at = at.parent) if (at.iteration) found.push(at.iteration);
  return found;
}

/** Whether the place lies in a loop, from where not all instances of a declaration can be meant. */
export const isInLoop = (frame: Frame): boolean => activeIterations(frame).length > 0;

/** The use that an object belongs to, seen from a place: names of a template's body are those of the use it is evaluated for. */
const madeFor = (symbol: ObjectSymbol, frame: Frame): Made | undefined =>
  symbol.module.template ? frame.made : undefined;

/** The instances that can be meant from inside of the loops around a place. */
function reachable(evaluator: Evaluator, symbol: ObjectSymbol, frame: Frame): readonly Instance[] {
  return inRounds(instancesOf(evaluator, symbol, madeFor(symbol, frame)), activeIterations(frame));
}

/** What an object's name stands for: the object, its family, or with a name one member of it. */
export function objectValue(
  evaluator: Evaluator,
  symbol: ObjectSymbol,
  frame: Frame,
  place: Span,
  name?: string,
): Value {
  const instances = reachable(evaluator, symbol, frame);
  if (name !== undefined) {
    const member = instances.find((instance) => instance.handle.name === name);
    if (member) return { kind: "object", object: member.handle };
    const length = `the family has ${listed(instances)}`;
    report(evaluator, place, (at) => indexOutside(at, { index: `\`${name}\``, length }));
    return errorValue;
  }
  const active = activeIterations(frame);
  const fixed = symbol.sites.every(
    (site) =>
      !site.declaration.family &&
      site.enclosures.every(
        (enclosure) => enclosure.kind !== "for" || active.some((one) => one.member === enclosure.member),
      ),
  );
  const only = instances[0];
  if (fixed && only) return { kind: "object", object: only.handle };
  if (isFamily(symbol) && !fixed)
    return { kind: "family", word: symbol.word, members: instances.map((instance) => instance.handle) };
  // A circle has been told.
  if ((madeFor(symbol, frame)?.instances ?? evaluator.instances).get(symbol) === "open") return errorValue;
  report(evaluator, place, (at) => conditionalName(at, { name: symbol.name, word: symbol.word }));
  return errorValue;
}

function listed(instances: readonly Instance[]): string {
  const names = instances.slice(0, 6).map((instance) => `\`${instance.handle.name}\``);
  if (instances.length > 6) names.push("…");
  return names.length > 0 ? names.join(", ") : "no members";
}

/** `worker["a"]`: the member whose variables have these values. */
export function familyMemberValue(
  evaluator: Evaluator,
  symbol: ObjectSymbol,
  keys: readonly Value[],
  frame: Frame,
  place: Span,
): Value {
  const instances = reachable(evaluator, symbol, frame);
  const found = withKeys(instances, keys).find((instance) => {
    const own = instance.keys.slice(-keys.length);
    return (
      own.length === keys.length &&
      own.every((key, index) => equals(evaluator, key, keys[index]!, () => place))
    );
  });
  if (found) return { kind: "object", object: found.handle };
  const index = keys.map(describeValue).join(", ");
  report(evaluator, place, (at) =>
    indexOutside(at, { index, length: `the family has ${listed(instances)}` }),
  );
  return errorValue;
}

/** `nodes`: all objects of a kind, in the order of declaration. */
export function pluralValue(evaluator: Evaluator, word: string): Value {
  const items: Value[] = [];
  for (const module of evaluator.checked.program.modules)
    for (const { handle } of objectsOf(evaluator, module.objects, undefined, word))
      if (!handle.external) items.push({ kind: "object", object: handle });
  return { kind: "list", items };
}
