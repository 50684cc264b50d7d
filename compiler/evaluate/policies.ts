import { type ModuleSymbols, span } from "../binder/symbol.ts";
import { findLabel } from "../checker/selections.ts";
import { policyViolated } from "../diagnostics/catalog/policies.ts";
import type { Member, PolicyDeclaration, RequireMember } from "../syntax/ast.ts";
import { factsOf, type Reading } from "../types/blocks/facts.ts";
import { fieldAt } from "../types/records.ts";
import { comparedValues } from "./assertions.ts";
import { requiredHere } from "./blame.ts";
import {
  type Evaluator,
  errorValue,
  type Frame,
  innerFrame,
  known,
  moduleFrame,
  noneValue,
  report,
  spend,
} from "./context.ts";
import { evaluate, evaluateCondition } from "./expressions.ts";
import { fraction } from "./fraction.ts";
import { iterate } from "./loops.ts";
import { declareLet } from "./record-literals.ts";
import { textOf, textValue } from "./text.ts";
import type { Block, FieldValue, ObjectHandle, RuledBlock, Value } from "./value.ts";

/** Asks every policy of every module about all that the program makes. */
export function checkPolicies(evaluator: Evaluator, objects: readonly ObjectHandle[]): void {
  const { modules } = evaluator.checked.program;
  if (modules.every(({ policies }) => policies.length === 0)) return;
  const targets = new Map<string, RuledBlock[]>();
  for (const object of objects)
    if (!object.external) gather(targets, { block: object.block(), object, around: undefined });
  for (const module of modules)
    for (const policy of module.policies)
      for (const target of targets.get(policy.word.text) ?? []) ask(evaluator, module, policy, target);
}

/** The block and all blocks in it, by their words. */
function gather(targets: Map<string, RuledBlock[]>, one: RuledBlock): void {
  const { word, members } = one.block;
  const list = targets.get(word);
  if (list) list.push(one);
  else targets.set(word, [one]);
  for (const member of members) gather(targets, { block: member, object: one.object, around: one });
}

function ask(
  evaluator: Evaluator,
  module: ModuleSymbols,
  policy: PolicyDeclaration,
  target: RuledBlock,
): void {
  spend(evaluator, () => target.block.span, 1);
  const frame = innerFrame(moduleFrame(module));
  const { variable, where, body } = policy;
  frame.names.set(
    variable.text,
    known(variable.text, span(module, variable), { kind: "block", block: target }),
  );
  if (where && evaluateCondition(evaluator, where, frame) !== true) return;
  const title = textOf(evaluate(evaluator, policy.title, moduleFrame(module))) ?? "";
  askMembers(evaluator, title, body, target, frame);
}

function askMembers(
  evaluator: Evaluator,
  title: string,
  members: readonly Member[],
  target: RuledBlock,
  frame: Frame,
): void {
  for (const member of members)
    if (member.kind === "let") declareLet(evaluator, member, frame);
    else if (member.kind === "require") requireHolds(evaluator, title, member, target, frame);
    else if (member.kind === "if") {
      const holds = evaluateCondition(evaluator, member.condition, frame);
      const branch = holds ? member.then : (member.otherwise ?? []);
      if (holds !== undefined) askMembers(evaluator, title, branch, target, innerFrame(frame));
    } else if (member.kind === "for")
      iterate(evaluator, member.variables, member.over, member.condition, frame, (inner) =>
        askMembers(evaluator, title, member.body, target, inner),
      );
}

/** A `require` that does not hold is a mistake of what it is about. */
function requireHolds(
  evaluator: Evaluator,
  title: string,
  { condition, message }: RequireMember,
  target: RuledBlock,
  frame: Frame,
): void {
  if (evaluateCondition(evaluator, condition, frame) !== false) return;
  const given = message && textOf(evaluate(evaluator, message, frame));
  const { block } = target;
  const place = span(frame.module, condition);
  const what = describe(target);
  const secondary = [{ span: place, text: requiredHere }];
  const notes = comparedValues(evaluator, condition, frame);
  report(evaluator, block.span, (at) =>
    policyViolated(at, { title, what, ...(given ? { message: given } : {}) }, { secondary, notes }),
  );
}

/** container `server` of rc `web` */
function describe({ block, object, around }: RuledBlock): string {
  const owner = `${object.word} \`${object.name}\``;
  if (!around) return owner;
  return `${block.word}${block.name === undefined ? "" : ` \`${block.name}\``} of ${owner}`;
}

/** What a policy reads of a block: `c.image`, `c.pod`, `c.owner`. */
export function readFact(evaluator: Evaluator, target: RuledBlock, name: string, frame: Frame): Value {
  const key = target.block.word === "pod" && target.around ? "rc.pod" : schemaKey(evaluator, target);
  const fact = fieldAt(factsOf(evaluator.checked.schemas, key), name);
  return fact ? read(evaluator, target, fact.read, frame) : errorValue;
}

function schemaKey(evaluator: Evaluator, { block, around }: RuledBlock): string {
  const inner = around && `${around.block.word}.${block.word}`;
  return inner !== undefined && Object.hasOwn(evaluator.checked.schemas, inner) ? inner : block.word;
}

function read(evaluator: Evaluator, target: RuledBlock, reading: Reading, frame: Frame): Value {
  const { block, object } = target;
  switch (reading.from) {
    case "name":
      return block.name === undefined && target.around
        ? noneValue
        : textValue(target.around ? block.name! : object.name);
    case "namespace":
      return textValue(object.namespace ?? "");
    case "value":
      return block.value?.value ?? errorValue;
    case "target":
      return block.target?.value ?? noneValue;
    case "form":
      return block.value?.value.kind === "variant" ? textValue(block.value.value.name) : errorValue;
    case "keys":
      return { kind: "list", items: dataKeys(evaluator, block).map(textValue) };
    case "field": {
      const value = block.fields.get(reading.key)?.value;
      if (value) return value;
      const { otherwise } = reading;
      return otherwise === undefined ? noneValue : { kind: "number", value: fraction(BigInt(otherwise)) };
    }
    case "labels":
      return labels(evaluator, block, reading.keys, frame);
    case "owner": {
      const owner = aroundOf(target, ["rc"]);
      return owner ? { kind: "block", block: owner } : noneValue;
    }
    case "around": {
      const outer = aroundOf(target, reading.words);
      return outer ? { kind: "block", block: outer } : errorValue;
    }
    case "one": {
      const member = block.members.find(({ word }) => word === reading.word);
      return member ? inside(target, member) : noneValue;
    }
    case "all": {
      const members = block.members.filter(({ word }) => word === reading.word);
      return { kind: "list", items: members.map((member) => inside(target, member)) };
    }
  }
}

const inside = (target: RuledBlock, block: Block): Value => ({
  kind: "block",
  block: { block, object: target.object, around: target },
});

function aroundOf(target: RuledBlock, words: readonly string[]): RuledBlock | undefined {
  for (let at = target.around; at; at = at.around) if (words.includes(at.block.word)) return at;
  return undefined;
}

function dataKeys(evaluator: Evaluator, block: Block): readonly string[] {
  const fields = evaluator.checked.schemas[block.word]?.fields ?? {};
  return [...block.fields.keys()].filter((key) => !Object.hasOwn(fields, key));
}

/** Labels under their keys of Kubernetes, and under the names that the policy's module gives these. */
function labels(evaluator: Evaluator, block: Block, keys: readonly string[], frame: Frame): Value {
  const fields = new Map<string, FieldValue>();
  for (const key of keys) {
    const value = block.fields.get(key)?.value;
    if (value?.kind === "error") return errorValue;
    if (value?.kind !== "record") continue;
    for (const [name, field] of value.fields) {
      spend(evaluator, () => field.span, 1);
      fields.set(name, field);
    }
  }
  for (const label of frame.module.labels.keys()) {
    const field = fields.get(findLabel(frame.module, label)?.key ?? label);
    if (field) fields.set(label, field);
  }
  return { kind: "record", fields };
}
