import { span } from "../binder/symbol.ts";
import { findTemplate } from "../binder/templates.ts";
import { innerSchema } from "../checker/blocks.ts";
import { dropName } from "../checker/overrides.ts";
import { badFamily } from "../diagnostics/catalog/evaluate.ts";
import { duplicateName } from "../diagnostics/catalog/names.ts";
import {
  blockShape,
  duplicateKey,
  missingField,
  selectionTerm,
  tooManyBlocks,
  unknownKey,
} from "../diagnostics/catalog/types.ts";
import type { Span } from "../source/source.ts";
import type { AssertMember, Declaration, Expression, ForMember, Member, MountMember } from "../syntax/ast.ts";
import { partial } from "../types/partial.ts";
import { fieldAt } from "../types/records.ts";
import type { BlockSchema, FieldSchema } from "../types/type.ts";
import { assertHolds } from "./assertions.ts";
import { conform, isNone } from "./conform.ts";
import { type Evaluator, type Frame, innerFrame, isLibrary, report, spendAt } from "./context.ts";
import { evaluate, evaluateCondition } from "./expressions.ts";
import { fieldOf, finishField, type LazyField, lazyField } from "./fields.ts";
import { holeIn } from "./hole.ts";
import { iterate } from "./loops.ts";
import { declareLet, declaresNames, fieldKey } from "./record-literals.ts";
import type { Block, FieldValue, Value } from "./value.ts";

/** A block whose members are known and whose fields are not worked out yet. */
export interface LazyBlock {
  readonly word: string;
  readonly name: string | undefined;
  readonly path: string;
  readonly span: Span;
  readonly extent: Span;
  readonly schema: BlockSchema;
  value: LazyField | undefined;
  target: LazyField | undefined;
  readonly fields: Map<string, LazyField>;
  readonly members: LazyBlock[];
  readonly asserts: (() => void)[];
  /** What an `extend` takes away. */
  drops?: Drop[];
  /** Where this stands in an `extend`: the block that it is a part of in the end. */
  into?: LazyBlock;
  /** An `extend` made it: it has to be as whole as if it had been declared. */
  added?: true;
  /** Some member could not be worked out: what seems to be missing may be there. */
  broken: boolean;
}

export interface Drop {
  readonly word: string;
  readonly name: string;
  readonly span: Span;
}

/** What `file(…)` stands for in a block. */
export const dataIn = ({ word }: BlockSchema, outer: Frame): Frame["data"] =>
  word === "secret" || word === "config" ? word : outer.data;

/** Works out which fields and members a declaration has: its `if`s, `for`s and spreads. */
export function openBlock(
  evaluator: Evaluator,
  declaration: Declaration,
  schema: BlockSchema,
  outer: Frame,
  path: string,
  suffixes: readonly string[] = [],
): LazyBlock {
  const data = dataIn(schema, outer);
  const body = declaration.body ?? [];
  // Most blocks declare no names: what stands in them sees just what the block sees.
  const frame = data === outer.data && !declaresNames(body) ? outer : innerFrame(outer, { data });
  const { module } = frame;
  const one = (expression: Expression | undefined, field: FieldSchema | undefined): LazyField | undefined => {
    if (!expression || !field) return undefined;
    return lazyField(evaluator, path, expression, field, span(module, expression), frame);
  };
  const block: LazyBlock = {
    word: declaration.word.text,
    name: nameWith(declaration.objectName ?? declaration.name?.text, suffixes),
    path,
    span: span(
      module,
      declaration.name && declaration.name.text !== "" ? declaration.name : declaration.word,
    ),
    extent: span(module, declaration),
    schema,
    value: one(declaration.value, schema.value),
    target: one(declaration.target, schema.target),
    fields: new Map(),
    members: [],
    asserts: [],
    broken: declaration.value !== undefined && !schema.value,
  };
  spendAt(evaluator, block.span, 50);
  const inside = schema.word === "pod" ? innerFrame(frame, { pod: block }) : frame;
  expand(evaluator, block, body, inside, []);
  return block;
}

const nameWith = (name: string | undefined, suffixes: readonly string[]): string | undefined =>
  name === undefined || name === "" ? name : [name, ...suffixes].join("-");

export function expand(
  evaluator: Evaluator,
  block: LazyBlock,
  members: readonly Member[],
  frame: Frame,
  suffixes: readonly string[],
): void {
  for (const member of members) {
    switch (member.kind) {
      case "let":
        declareLet(evaluator, member, frame);
        break;
      case "field": {
        const key = fieldKey(evaluator, member, frame);
        if (key === undefined) block.broken = true;
        else setField(evaluator, block, key, member.key, member.value, frame);
        break;
      }
      case "declaration": {
        const schema = innerSchema(evaluator.checked.schemas, block.schema, member.word.text);
        if (block.word === "namespace" && (schema?.kind || findTemplate(frame.module, member))) break;
        if (!schema) {
          block.broken = true; // reported by the checker: it may be what seems to be missing
          break;
        }
        expandMember(evaluator, block, member, schema, frame, suffixes);
        break;
      }
      case "mount":
        expandMount(evaluator, block, member, frame);
        break;
      case "spread":
        expandSpread(evaluator, block, member.value, frame);
        break;
      case "drop": {
        const place = span(frame.module, member.name);
        if (frame.overrides)
          (block.drops ??= []).push({ word: member.word.text, name: dropName(member), span: place });
        break;
      }
      case "assert":
        block.asserts.push(assertion(evaluator, member, frame));
        break;
      case "if": {
        const holds = evaluateCondition(evaluator, member.condition, frame);
        if (holds === undefined) block.broken = true;
        else
          expand(
            evaluator,
            block,
            holds ? member.then : (member.otherwise ?? []),
            innerFrame(frame),
            suffixes,
          );
        break;
      }
      case "for":
        expandFor(evaluator, block, member, frame, suffixes);
    }
  }
}

const assertion = (evaluator: Evaluator, member: AssertMember, frame: Frame) => () =>
  assertHolds(evaluator, member, frame);

function expandFor(
  evaluator: Evaluator,
  block: LazyBlock,
  member: ForMember,
  frame: Frame,
  suffixes: readonly string[],
): void {
  const step = (inner: Frame) =>
    expand(evaluator, block, member.body, inner, [...suffixes, inner.suffix ?? unnamed]);
  if (!iterate(evaluator, member.variables, member.over, member.condition, frame, step, member))
    block.broken = true;
}

/** Stands for a loop whose values cannot be part of a name. */
const unnamed = "";

/** A declaration inside a block. In a `for` it is one for each value, named as members of families are. */
function expandMember(
  evaluator: Evaluator,
  block: LazyBlock,
  member: Declaration,
  schema: BlockSchema,
  frame: Frame,
  suffixes: readonly string[],
): void {
  const name = member.name?.text ?? "";
  if (name !== "" && suffixes.includes(unnamed)) {
    const problem = `a ${member.word.text} with a name stands in a loop over values that cannot be part of it`;
    report(evaluator, span(frame.module, member.name!), (at) => badFamily(at, { problem }));
    block.broken = true;
    return;
  }
  const path = `${block.path}.${nameWith(name || member.word.text, suffixes)}`;
  block.members.push(openBlock(evaluator, member, schema, frame, path, suffixes));
}

/** The name of a volume or container as seen from a place: inside of a `for` that declares it, this round's own. */
export function memberName(frame: Frame, word: string, name: string): string {
  const suffixes: string[] = [];
  for (let at: Frame | undefined = frame; at; at = at.parent)
    if (at.suffix !== undefined) suffixes.unshift(at.suffix);
  const members = (frame.pod?.into ?? frame.pod)?.members ?? [];
  const isThere = (wanted: string) =>
    members.some(
      (one) => one.name === wanted && (one.word === word || (word === "container" && one.word === "init")),
    );
  for (let first = 0; first < suffixes.length; first++)
    for (let last = suffixes.length; last > first; last--) {
      const wanted = [name, ...suffixes.slice(first, last)].join("-");
      if (isThere(wanted)) return wanted;
    }
  return name;
}

export const schemaOf = (block: LazyBlock, key: string): FieldSchema | undefined =>
  fieldAt(block.schema.fields, key) ?? block.schema.rest;

function setField(
  evaluator: Evaluator,
  block: LazyBlock,
  key: string,
  keyNode: { start: number; end: number },
  value: Expression,
  frame: Frame,
): void {
  const schema = schemaOf(block, key);
  if (!schema) {
    block.broken = true; // reported by the checker
    return;
  }
  const keySpan = span(frame.module, keyNode);
  spendAt(evaluator, keySpan, 1);
  const before = block.fields.get(key);
  if (before && !before.spread) {
    reportAgain(evaluator, block.word, key, keySpan, before);
    return;
  }
  block.fields.set(key, lazyField(evaluator, block.path, value, schema, keySpan, frame, key));
}

function reportAgain(
  evaluator: Evaluator,
  word: string,
  key: string,
  keySpan: Span,
  before: LazyField,
): void {
  const secondary = [{ span: before.keySpan, text: "first here" }];
  report(evaluator, keySpan, (at) => duplicateKey(at, { key, where: `\`${word}\`` }, { secondary }));
}

function expandSpread(evaluator: Evaluator, block: LazyBlock, expression: Expression, frame: Frame): void {
  const value = evaluate(evaluator, expression, frame);
  if (value.kind !== "record") {
    block.broken = true;
    return;
  }
  const here = span(frame.module, expression);
  for (const [key, field] of value.fields) {
    const schema = schemaOf(block, key);
    if (!schema) {
      report(evaluator, here, (at) => unknownKey(at, { key, where: `\`${block.word}\`` }));
      continue;
    }
    // What comes from the library was written by whoever spreads it.
    const [keySpan, place] = isLibrary(evaluator, field.span.file)
      ? [here, here]
      : [field.keySpan, field.span];
    const overrides = frame.overrides === true;
    const type = overrides ? partial(schema.type) : schema.type;
    const compute = () => conform(evaluator, field.value, type, place, frame.module, { overrides });
    block.fields.set(key, fieldOf(`${block.path}.${key}`, place, keySpan, compute, undefined, true));
  }
}

/** `mount v at p readonly` as a block with the fields volume, path and readonly. */
function expandMount(evaluator: Evaluator, around: LazyBlock, member: MountMember, frame: Frame): void {
  const schema = innerSchema(evaluator.checked.schemas, around.schema, "mount");
  if (!schema) return;
  const at = span(frame.module, { start: member.start, end: member.start + "mount".length });
  const path = `${around.path}.mount`;
  const block: LazyBlock = {
    word: "mount",
    name: undefined,
    path,
    span: at,
    extent: span(frame.module, member),
    schema,
    value: undefined,
    target: undefined,
    fields: new Map(),
    members: [],
    asserts: [],
    broken: false,
  };
  setField(evaluator, block, "volume", member.volume, member.volume, frame);
  setField(evaluator, block, "path", member.path, member.path, frame);
  if (member.readonly) {
    const value: Value = { kind: "boolean", value: true };
    const written = fieldOf(`${path}.readonly`, at, at, undefined, value);
    block.fields.set("readonly", written);
  }
  expand(
    evaluator,
    block,
    member.body ?? [],
    declaresNames(member.body ?? []) ? innerFrame(frame) : frame,
    [],
  );
  around.members.push(block);
}

/** The block with everything in it worked out, and what it lacks or has twice reported. */
export function finishBlock(evaluator: Evaluator, block: LazyBlock): Block {
  const absent: string[] = [];
  for (const [key, field] of block.fields) {
    const { value } = finishField(evaluator, field);
    if (isNone(value) && !schemaOf(block, key)?.required) absent.push(key);
    else if (key === "select") checkEquality(evaluator, block, value, field.span);
  }
  if (!block.broken && !isWhole(block)) reportLacking(evaluator, block);
  reportTwice(evaluator, block);
  const value = block.value && finishField(evaluator, block.value);
  const target = block.target && finishField(evaluator, block.target);
  const members = block.members.map((member) => finishBlock(evaluator, member));
  for (const assert of block.asserts) assert();
  const finished: { -readonly [Key in keyof Block]: Block[Key] } = {
    word: block.word,
    span: block.span,
    extent: block.extent,
    fields: fieldsWithout(block, absent),
    members,
  };
  if (block.name !== undefined) finished.name = block.name;
  if (value) finished.value = value;
  if (target) finished.target = target;
  return finished;
}

/** The fields of a block whose fields all have their values, without some of them. */
function fieldsWithout(block: LazyBlock, absent: readonly string[]): ReadonlyMap<string, FieldValue> {
  const fields = block.fields as ReadonlyMap<string, { keySpan: Span; span: Span }> as ReadonlyMap<
    string,
    FieldValue
  >;
  return absent.length === 0 ? fields : new Map([...fields].filter(([key]) => !absent.includes(key)));
}

/** An rc's or service's selector takes only `==`: Kubernetes gives them maps. */
function checkEquality(evaluator: Evaluator, block: LazyBlock, value: Value, place: Span): void {
  if (holeIn(value) || value.kind !== "selection" || (block.word !== "rc" && block.word !== "service"))
    return;
  if (value.requirements.every((one) => one.operator === "In" && one.values.length === 1)) return;
  const problem = `the selector of ${block.word === "rc" ? "an" : "a"} ${block.word} takes only \`==\``;
  report(evaluator, place, (at) => selectionTerm(at, { problem }));
}

/** How messages call a block. */
export const titleOf = ({ word, name }: Pick<LazyBlock, "word" | "name">): string =>
  name === undefined ? `\`${word}\`` : `${word} \`${name}\``;

/** What a block of this schema has to have: worked out once per schema. */
interface Demands {
  readonly fields: readonly (readonly [string, FieldSchema])[];
  readonly members: readonly (readonly [string, BlockSchema["members"][string]])[];
}

const demands = new WeakMap<BlockSchema, Demands>();

function demandsOf(schema: BlockSchema): Demands {
  const known = demands.get(schema);
  if (known) return known;
  const found: Demands = {
    fields: Object.entries(schema.fields).filter(([, field]) => field.required),
    members: Object.entries(schema.members).filter(([, count]) => count !== "any"),
  };
  demands.set(schema, found);
  return found;
}

/** Whether there is surely nothing to report: all fields that are demanded, and one of each member. */
function isWhole({ schema, fields, members, added }: LazyBlock): boolean {
  const demanded = demandsOf(schema);
  for (const [key] of demanded.fields) if (!fields.has(key)) return false;
  for (const [word] of demanded.members) {
    let count = 0;
    for (const member of members) if (member.word === word) count++;
    if (count !== 1) return false;
  }
  return !added;
}

function reportLacking(evaluator: Evaluator, block: LazyBlock): void {
  const { schema } = block;
  const where = titleOf(block);
  if (block.added && schema.value?.required && !block.value)
    report(evaluator, block.span, (at) =>
      blockShape(at, { problem: `${where} is new here, and needs a value` }),
    );
  const { fields, members } = demandsOf(schema);
  for (const [key, field] of fields) {
    if (block.fields.has(key)) continue;
    const notes = field.help ? [field.help] : [];
    report(evaluator, block.span, (at) =>
      missingField(at, { key, where }, { label: `\`${key}\` is missing`, notes }),
    );
  }
  for (const [word, count] of members) {
    const there = block.members.filter((member) => member.word === word);
    if (count === "required" && there.length === 0) {
      const help = innerSchema(evaluator.checked.schemas, schema, word)?.help;
      const notes = help ? [help] : [];
      report(evaluator, block.span, (at) =>
        missingField(at, { key: word, where }, { label: `\`${word} …\` is missing`, notes }),
      );
    }
    const single =
      count === "one" ||
      (count === "required" && innerSchema(evaluator.checked.schemas, schema, word)?.name === "none");
    const second = there[1];
    if (!single || !second) continue;
    const secondary = [{ span: there[0]!.span, text: "first here" }];
    report(evaluator, second.span, (at) => tooManyBlocks(at, { word, where }, { secondary }));
  }
}

/** Members of one word have names of their own. */
function reportTwice(evaluator: Evaluator, block: LazyBlock): void {
  if (block.members.length < 2) return;
  const seen = new Map<string, LazyBlock>();
  for (const member of block.members) {
    if (member.name === undefined || member.name === "") continue;
    const key = `${member.word} ${member.name}`;
    const first = seen.get(key);
    if (!first) {
      seen.set(key, member);
      continue;
    }
    const secondary =
      first.span.start === member.span.start ? [] : [{ span: first.span, text: "first here" }];
    const { word, name = "" } = member;
    report(evaluator, member.span, (at) => duplicateName(at, { name, what: word }, { secondary }));
  }
}
