import { nearest } from "../../base/edit-distance.ts";
import type { Scenario } from "../binder/symbol.ts";
import { unknownName } from "../diagnostics/catalog/names.ts";
import {
  applyHere,
  scenarioField,
  stepClause,
  stepTarget,
  unknownFault,
} from "../diagnostics/catalog/scenarios.ts";
import type { Range } from "../source/source.ts";
import type {
  ApplyStep,
  ChaosStep,
  Clause,
  Field,
  ForkStep,
  LetDeclaration,
  Member,
  RepeatStep,
  Step,
} from "../syntax/ast.ts";
import { describeType } from "../types/display.ts";
import { fieldAt } from "../types/records.ts";
import { type ClauseSchema, faultClauses, faults, scenarioFields, steps } from "../types/scenarios.ts";
import type { Type } from "../types/type.ts";
import { type Checker, innerScope, type Scope } from "./checked.ts";
import { check, checkCondition, infer } from "./expressions.ts";
import { declareLocal } from "./locals.ts";
import { bindVariables } from "./loops.ts";
import { checkSet, isLive } from "./observations.ts";
import { checkExtend } from "./overrides.ts";
import { checkLet, keyText } from "./record-literals.ts";
import { at, didYouMean, errorType, muted } from "./report.ts";
import { valueType } from "./values.ts";

/** Scenarios: every step against its table, with what can be observed in a run in scope. */

const text: Type = { kind: "string" };
const count: Type = { kind: "number", integer: true, minimum: 0 };
const rate: Type = { kind: "number", integer: true, minimum: 1 };

export function checkScenario(checker: Checker, { member }: Scenario, outer: Scope): void {
  check(checker, member.title, text, outer);
  checkSteps(checker, member.body, innerScope(outer, { scenario: "run" }));
}

function checkSteps(checker: Checker, members: readonly Member[], scope: Scope): void {
  for (const member of members) checkOne(checker, member, scope);
}

function checkOne(checker: Checker, member: Member, scope: Scope): void {
  switch (member.kind) {
    case "step":
      checkStep(checker, member, scope);
      break;
    case "let":
      checkLiveLet(checker, member, scope);
      break;
    case "if":
      checkCondition(checker, member.condition, compiled(scope, "the condition of an `if`"));
      checkSteps(checker, member.then, innerScope(scope));
      checkSteps(checker, member.otherwise ?? [], innerScope(scope));
      break;
    case "update":
      checkExtend(checker, member, compiled(scope, "an `update`"));
      break;
    case "apply":
      checkApply(checker, member, scope);
      break;
    case "for": {
      const inner = innerScope(scope);
      bindVariables(
        checker,
        member.variables,
        member.over,
        compiled(scope, "what a `for` goes through"),
        inner,
      );
      checkSteps(checker, member.body, inner);
      break;
    }
    case "fork":
      checkFork(checker, member, scope);
      break;
    case "repeat":
      checkRepeat(checker, member, scope);
      break;
    case "chaos":
      checkChaos(checker, member, scope);
      break;
    case "field":
      checkScenarioField(checker, member, scope);
      break;
  }
}

/** The scope of what is worked out before a run. */
const compiled = (scope: Scope, where: string): Scope => innerScope(scope, { scenario: { compiled: where } });

function checkStep(checker: Checker, step: Step, scope: Scope): void {
  const { word, operand, condition, clauses } = step;
  const schema = fieldAt(steps, word.text);
  if (!schema) return; // read as no step
  if (operand) {
    if (schema.words) checkSet(checker, operand, schema.words, word.text, scope);
    else if (schema.operand?.kind === "boolean") checkCondition(checker, operand, scope);
    else if (schema.operand) check(checker, operand, schema.operand, scope);
  }
  if (condition && schema.condition?.kind === "boolean") checkCondition(checker, condition, scope);
  else if (condition && schema.condition) check(checker, condition, schema.condition, scope);
  checkClauses(checker, { title: word.text, form: schema.form, place: word }, clauses, schema.clauses, scope);
  const limits = clauses.filter((clause) => clause.word.text === "until" || clause.word.text === "during");
  const [, second] = limits;
  if (second && schema.clauses.until)
    reportClause(
      checker,
      word.text,
      "ends at `until` or after `during`, not at both",
      second.word,
      schema.form,
      scope,
    );
}

interface Sentence {
  readonly title: string;
  readonly form: string;
  readonly place: Range;
}

function checkClauses(
  checker: Checker,
  { title, form, place }: Sentence,
  clauses: readonly Clause[],
  schemas: Readonly<Record<string, ClauseSchema>>,
  scope: Scope,
): void {
  const seen = new Set<string>();
  for (const { word, value } of clauses) {
    const schema = fieldAt(schemas, word.text);
    if (!schema) {
      muted(checker, () => infer(checker, value, undefined, scope));
      const names = Object.keys(schemas);
      const [only] = names.filter(
        (name) => schemas[name]!.required && !clauses.some((one) => one.word.text === name),
      );
      const instead = only ?? nearest(word.text, names);
      reportClause(checker, title, `takes no \`${word.text}\``, word, form, scope, instead);
      if (only) seen.add(only);
      continue;
    }
    if (seen.has(word.text)) reportClause(checker, title, `has \`${word.text}\` twice`, word, form, scope);
    seen.add(word.text);
    if (schema.words) checkSet(checker, value, schema.words, `${title} … ${word.text}`, scope);
    else if (schema.type?.kind === "boolean") checkCondition(checker, value, scope);
    else if (schema.type) check(checker, value, schema.type, scope);
  }
  for (const [name, schema] of Object.entries(schemas))
    if (schema.required && !seen.has(name))
      reportClause(checker, title, `needs \`${name} …\``, place, form, scope);
}

function reportClause(
  checker: Checker,
  step: string,
  problem: string,
  range: Range,
  form: string,
  scope: Scope,
  instead?: string,
): void {
  const place = at(scope, range);
  const fixes =
    instead === undefined
      ? [{ title: `the form is \`${form}\``, edits: [] }]
      : [{ title: `write \`${instead}\`: the form is \`${form}\``, edits: [{ span: place, text: instead }] }];
  checker.report(stepClause(place, { step, problem }, { fixes }));
}

/** A `let` among steps: what it reads of the cluster is read where it stands. */
function checkLiveLet(checker: Checker, member: LetDeclaration, scope: Scope): void {
  checkLet(checker, member, scope);
  const local = scope.locals.get(member.name.text);
  if (local && isLive(checker, member.value, scope)) local.live = true;
}

function checkFork(checker: Checker, { count: most, variable, over, body }: ForkStep, scope: Scope): void {
  if (most) check(checker, most, rate, scope);
  const type = infer(checker, over, undefined, scope);
  const element = elementOf(type);
  if (!element) {
    const expected = "a list or a set of objects";
    checker.report(
      stepTarget(at(scope, over), {
        step: most ? "for any" : "for each",
        expected,
        found: describeType(type),
      }),
    );
  }
  const inner = innerScope(scope);
  const one = element ?? errorType;
  declareLive(checker, inner, variable, most ? { kind: "list", element: one } : one);
  checkSteps(checker, body, inner);
}

/** What is gone through; an object that is named alone may be a family. */
function elementOf(type: Type): Type | undefined {
  switch (type.kind) {
    case "list":
      return type.element;
    case "range":
      return { kind: "number", integer: true };
    case "selection":
      return { kind: "object", words: [type.of === "pods" ? "pod" : "node"] };
    case "object":
    case "template":
    case "error":
    case "any":
      return type;
    default:
      return undefined;
  }
}

function declareLive(checker: Checker, scope: Scope, name: ForkStep["variable"], type: Type): void {
  declareLocal(checker, scope, name, type);
  const local = scope.locals.get(name.text);
  if (local) local.live = true;
}

function checkRepeat(checker: Checker, { count: times, variable, body }: RepeatStep, scope: Scope): void {
  check(checker, times, count, scope);
  const inner = innerScope(scope);
  if (variable) declareLive(checker, inner, variable, { kind: "number", integer: true, minimum: 1 });
  checkSteps(checker, body, inner);
}

const chaosForm = "chaos during D { kill: 1 per 10min }";

function checkChaos(checker: Checker, { clauses, faults: list, ...step }: ChaosStep, scope: Scope): void {
  const place = { start: step.start, end: step.start + "chaos".length };
  const during: ClauseSchema = { type: { kind: "quantity", dimension: "duration" }, required: true };
  checkClauses(checker, { title: "chaos", form: chaosForm, place }, clauses, { during }, scope);
  for (const { fault, count: times, clauses: parts } of list) {
    check(checker, times, rate, compiled(scope, "the number of a fault"));
    if (!Object.hasOwn(faults, fault.text)) {
      const at_ = at(scope, fault);
      checker.report(
        unknownFault(at_, { word: fault.text }, { fixes: didYouMean(at_, fault.text, Object.keys(faults)) }),
      );
      continue;
    }
    const form = `${fault.text}: N per D [on X] [lasting D]`;
    checkClauses(checker, { title: fault.text, form, place: fault }, parts, faultClauses(fault.text), scope);
  }
}

/** `apply { copies: 5 }`: other values for the parameters of the file that is compiled. */
function checkApply(checker: Checker, step: ApplyStep, outer: Scope): void {
  const scope = compiled(outer, "an `apply`");
  const { module } = scope;
  if (module.template) {
    const place = at(scope, { start: step.start, end: step.start + "apply".length });
    checker.report(applyHere(place, { where: "a template" }));
    return;
  }
  const parameters = [...module.values.values()].filter(
    (symbol) => symbol.kind === "param" && symbol.module === module,
  );
  for (const member of step.body) {
    if (member.kind !== "field") {
      reportClause(
        checker,
        "apply",
        "takes parameters with their values",
        member,
        "apply { copies: 5 }",
        scope,
      );
      continue;
    }
    const key = keyText(member) ?? "";
    const symbol = parameters.find(({ name }) => name === key);
    if (symbol?.kind === "param") {
      check(checker, member.value, valueType(checker, symbol), scope);
      continue;
    }
    muted(checker, () => infer(checker, member.value, undefined, scope));
    if (key === "") continue;
    const place = at(scope, member.key);
    const names = parameters.map(({ name }) => name);
    const notes = [
      names.length > 0
        ? `the file has the parameters ${names.map((name) => `\`${name}\``).join(", ")}`
        : "the file has no parameters",
    ];
    const fixes = didYouMean(place, key, names);
    checker.report(unknownName(place, { name: key, what: "parameter" }, { fixes, notes }));
  }
}

function checkScenarioField(checker: Checker, field: Field, outer: Scope): void {
  const scope = compiled(outer, "a field of a scenario");
  const key = keyText(field) ?? "";
  const schema = fieldAt(scenarioFields, key);
  if (schema) {
    check(checker, field.value, schema.type, scope);
    return;
  }
  muted(checker, () => infer(checker, field.value, undefined, scope));
  if (key === "") return;
  const place = at(scope, field.key);
  const known = Object.keys(scenarioFields);
  checker.report(scenarioField(place, { key }, { fixes: didYouMean(place, key, known) }));
}
