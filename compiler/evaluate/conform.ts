import type { TextPart } from "../../model/plan.ts";
import type { ModuleSymbols } from "../binder/symbol.ts";
import type { Predicate } from "../checker/checked.ts";
import { findLabel, wellKnownLabels } from "../checker/selections.ts";
import { valueOutside } from "../diagnostics/catalog/evaluate.ts";
import { missingField, undeclaredLabel, unknownKey } from "../diagnostics/catalog/types.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Range, Span } from "../source/source.ts";
import { describeExpected, displayType } from "../types/display.ts";
import { compilePattern } from "../types/pattern.ts";
import { fieldAt } from "../types/records.ts";
import type { Type } from "../types/type.ts";
import { isCidr, isIp } from "./addresses.ts";
import {
  BudgetSpent,
  type Evaluator,
  errorValue,
  innerFrame,
  known,
  moduleFrame,
  report,
  spendAt,
  spendStep,
} from "./context.ts";
import { evaluate } from "./expressions.ts";
import { compare, fraction, isInteger, parseDecimal } from "./fraction.ts";
import { HoleMet, hasHole, holeIn } from "./hole.ts";
import { instanceOf } from "./objects.ts";
import { standingFor } from "./templates.ts";
import { describeValue, plainText, textOf } from "./text.ts";
import type { FieldValue, Value } from "./value.ts";

/** Where a value is made to fit, and what becomes of a misfit. */
interface Fitting {
  readonly evaluator: Evaluator;
  readonly module: ModuleSymbols;
  readonly fail: (span: Span, make: (span: Span) => Diagnostic) => void;
  /** Whether a family stands for all of its members here. */
  readonly families: boolean;
  /** Whether this overrides another value: `none` stays, to take an entry of that one away. */
  readonly overrides?: boolean;
}

/**
 * The value as its position holds it: a number where a port is expected becomes one, label keys become those of
 * Kubernetes. What only a value decides (ranges, patterns, predicates) is decided here; a misfit is reported.
 */
export function conform(
  evaluator: Evaluator,
  value: Value,
  type: Type,
  span: Span,
  module: ModuleSymbols,
  { families = false, overrides = false }: { families?: boolean; overrides?: boolean } = {},
): Value {
  if (evaluator.holes) {
    const hole = holeIn(value);
    if (hole) hole.families = families;
  } else if (fitsPlainly(value, type)) {
    if (value.kind === "string") spendAt(evaluator, span, textSize(value));
    return value;
  }
  const fail: Fitting["fail"] = (at, make) => report(evaluator, at, make);
  return fitValue({ evaluator, module, fail, families, overrides }, value, type, span);
}

/** Most values are plain and stay what they are where they stand. */
export function fitsPlainly(value: Value, type: Type): boolean {
  switch (type.kind) {
    case "optional":
      return fitsPlainly(value, type.type);
    case "string":
      return (
        value.kind === "string" &&
        type.pattern === undefined &&
        (!type.options || type.options.includes(plainText(value.parts)))
      );
    case "quantity":
      return value.kind === "quantity" && value.dimension === type.dimension;
    case "boolean":
      return value.kind === "boolean";
    case "number":
      return value.kind === "number" && inRange(value, type);
    case "envValue":
      return isEnvValue(value);
    case "image":
      return value.kind === "string" && isImage(plainText(value.parts));
    case "object":
      // A use of a template stands for one of its objects.
      return (
        value.kind === "object" && type.words.includes(value.object.word) && !instanceOf(value.object)?.made
      );
    case "member":
      return value.kind === "member" && value.word === type.word;
    case "record":
      return value.kind === "record" && value.fits === type;
    case "union": {
      // The first that fits counts.
      const [first] = type.options;
      return first !== undefined && fitsPlainly(value, first);
    }
    default:
      return false;
  }
}

function isEnvValue({ kind }: Value): boolean {
  switch (kind) {
    case "string":
    case "number":
    case "boolean":
    case "port":
    case "address":
    case "late":
      return true;
    default:
      return false;
  }
}

/** Whether the value stays what it is where the expression stands, which is paid for: no place need be made to say so. */
export function conformsAsItIs(
  evaluator: Evaluator,
  value: Value,
  type: Type,
  module: ModuleSymbols,
  place: Range,
): boolean {
  if (!fitsPlainly(value, type)) return false;
  if (value.kind === "string") spendStep(evaluator, module, place, textSize(value));
  return true;
}

/** As `conform`, but silent: undefined for a misfit. */
export function conformOrNot(
  evaluator: Evaluator,
  value: Value,
  type: Type,
  span: Span,
  module: ModuleSymbols,
): Value | undefined {
  let failed = false;
  const fail = () => {
    failed = true;
  };
  const fitted = fitValue({ evaluator, module, fail, families: false }, value, type, span);
  return failed ? undefined : fitted;
}

function misfit(fitting: Fitting, value: Value, type: Type, span: Span): Value {
  const member = value.kind === "family" ? value.members[0]?.name : undefined;
  const fixes = member ? [{ title: `write which one of the family: \`${member}\``, edits: [] }] : [];
  const notes =
    type.kind === "image"
      ? ['an image is a path in lower case with a tag: `"registry.example/shop/web:1.4"`']
      : [];
  fitting.fail(span, (at) =>
    valueOutside(at, { value: describeValue(value), expected: describeExpected(type) }, { fixes, notes }),
  );
  return errorValue;
}

function fitValue(fitting: Fitting, value: Value, type: Type, span: Span): Value {
  if (fitting.evaluator.holes) {
    const hole = holeIn(value);
    if (hole) {
      // What Kubernetes fills in is within: lowering would have to look into it, and there is no use for such a mold.
      if (isKubernetes(type)) throw new HoleMet();
      hole.types.push(type);
      return value;
    }
    // Which of several types is meant, and whether what has to hold does, may hang on what is in the hole.
    if ((type.kind === "union" || type.kind === "refined") && hasHole(value)) throw new HoleMet();
  }
  if (value.kind === "error") return value;
  if (value.kind === "string") spendAt(fitting.evaluator, span, textSize(value));
  switch (type.kind) {
    case "any":
      spendTree(fitting.evaluator, value, span);
      return value;
    case "error":
      return value;
    case "optional":
      return value.kind === "none" ? value : fitValue(fitting, value, type.type, span);
    case "union":
      return fitUnion(fitting, value, type, span);
    case "refined":
      return fitRefined(fitting, value, type, span);
    case "number":
      return value.kind === "number" && inRange(value, type) ? value : misfit(fitting, value, type, span);
    case "string":
      return fitString(fitting, value, type, span);
    case "port": {
      if (value.kind === "port" || value.kind === "portName") return value;
      if (value.kind === "number" && inRange(value, portNumbers))
        return { kind: "port", number: Number(value.value.numerator) };
      return misfit(fitting, value, value.kind === "number" ? portNumbers : type, span);
    }
    case "ip":
    case "cidr":
      return fitAddress(fitting, value, type, span);
    case "image":
      return isImage(textOf(value)) ? value : misfit(fitting, value, type, span);
    case "list": {
      if (value.kind !== "list") return misfit(fitting, value, type, span);
      spendAt(fitting.evaluator, span, value.items.length);
      return { kind: "list", items: value.items.map((item) => fitValue(fitting, item, type.element, span)) };
    }
    case "record":
      return fitRecord(fitting, value, type, span);
    case "map":
      return value.kind === "record"
        ? eachField(fitting, value, type.values)
        : misfit(fitting, value, type, span);
    case "labels":
      return fitLabels(fitting, value, type, span);
    case "object":
    case "template": {
      const named = type.kind === "object" ? standingFor(fitting.evaluator, value, type.words) : value;
      return fitsKind(fitting, named, type) ? named : misfit(fitting, value, type, span);
    }
    default:
      return fitsKind(fitting, value, type) ? value : misfit(fitting, value, type, span);
  }
}

const isKubernetes = (type: Type): boolean =>
  type.kind === "optional" ? isKubernetes(type.type) : type.kind === "record" && type.of !== undefined;

/** What fills a hole is never `none`: such an object is evaluated without the mold. */
export const isNone = (value: Value): boolean => !holeIn(value) && value.kind === "none";

const portNumbers = { kind: "number", integer: true, minimum: 1, maximum: 65535 } as const;

/** The characters of a text; a reference counts as one. */
export const textSize = (value: Extract<Value, { kind: "string" }>): number =>
  value.parts.reduce(lengthWith, 0);

const lengthWith = (sum: number, part: TextPart): number =>
  sum + (typeof part === "string" ? part.length : 1);

/** How deep a value may nest that goes into an object as it is: deeper than any of Kubernetes. */
const deepestTree = 200;

/** Pays for every part of a value that is taken as it is: shared parts are written out as often as they are met. */
function spendTree(evaluator: Evaluator, value: Value, span: Span, depth = 0): void {
  if (depth > deepestTree) throw new BudgetSpent(span, "a value is nested too deeply");
  spendAt(evaluator, span, value.kind === "string" ? textSize(value) : 1);
  if (value.kind === "list") for (const item of value.items) spendTree(evaluator, item, span, depth + 1);
  else if (value.kind === "record")
    for (const field of value.fields.values()) spendTree(evaluator, field.value, span, depth + 1);
}

function fitsKind({ families }: Fitting, value: Value, type: Type): boolean {
  switch (type.kind) {
    case "quantity":
      return value.kind === "quantity" && value.dimension === type.dimension;
    case "envValue":
      return isEnvValue(value);
    case "object":
      if (value.kind === "object") return type.words.includes(value.object.word);
      return families && value.kind === "family" && type.words.includes(value.word);
    case "template":
      return value.kind === "object" && instanceOf(value.object)?.made?.template === type.template;
    case "member":
      return value.kind === "member" && value.word === type.word;
    case "selection":
      return value.kind === "selection" && value.of === type.of;
    default:
      return value.kind === type.kind;
  }
}

function inRange(
  value: Extract<Value, { kind: "number" }>,
  type: Extract<Type, { kind: "number" }>,
): boolean {
  const { numerator } = value.value;
  // A whole number is compared as it is, with nothing made for it.
  if (isInteger(value.value))
    return !(numerator < (type.minimum ?? numerator)) && numerator <= (type.maximum ?? numerator);
  if (type.integer) return false;
  const bound = (limit: number) =>
    Number.isInteger(limit) ? fraction(BigInt(limit)) : parseDecimal(String(limit));
  if (type.minimum !== undefined && compare(value.value, bound(type.minimum)) < 0) return false;
  return type.maximum === undefined || compare(value.value, bound(type.maximum)) <= 0;
}

function fitString(
  fitting: Fitting,
  value: Value,
  type: Extract<Type, { kind: "string" }>,
  span: Span,
): Value {
  const text = textOf(value);
  if (text === undefined) return misfit(fitting, value, type, span);
  if (type.options && !type.options.includes(text)) return misfit(fitting, value, type, span);
  if (type.pattern !== undefined && !matches(fitting.evaluator, type.pattern, text))
    return misfit(fitting, value, type, span);
  return value.kind === "string" ? value : { kind: "string", parts: [text] };
}

function matches(evaluator: Evaluator, source: string, text: string): boolean {
  if (!evaluator.patterns.has(source)) {
    const compiled = compilePattern(source);
    evaluator.patterns.set(source, typeof compiled === "string" ? undefined : compiled);
  }
  const pattern = evaluator.patterns.get(source);
  return pattern === undefined || (text.length <= 100_000 && pattern(text));
}

function fitAddress(
  fitting: Fitting,
  value: Value,
  type: Extract<Type, { kind: "ip" | "cidr" }>,
  span: Span,
): Value {
  const cidr = type.kind === "cidr";
  if (value.kind === "address" && value.cidr === cidr) return value;
  const text = value.kind === "string" ? textOf(value) : undefined;
  if (text === undefined || !(cidr ? isCidr(text) : isIp(text))) return misfit(fitting, value, type, span);
  return { kind: "address", text, cidr };
}

/**
 * A reference to an image as registries take it (the grammar of github.com/distribution/reference), or `host`:
 * a registry, a path in lower case, a tag, a digest. Another one would be refused only when it is pulled (InvalidImageName).
 */
export const isImage = (text: string | undefined): boolean =>
  text !== undefined && text.length <= 500 && imagePattern.test(text);

const imagePart = "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*";
const imagePattern = new RegExp(
  `^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?${imagePart}(?:/${imagePart})*` +
    "(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,})?$",
);

/** The first alternative that fits. When one alone has the value's shape, its own complaint is the one to hear. */
function fitUnion(fitting: Fitting, value: Value, type: Extract<Type, { kind: "union" }>, span: Span): Value {
  for (const option of type.options) {
    let failed = false;
    const fail = () => {
      failed = true;
    };
    const fitted = fitValue({ ...fitting, fail }, value, option, span);
    if (!failed) return fitted;
  }
  const shaped = type.options.filter((option) =>
    value.kind === "record" ? option.kind === "record" || option.kind === "map" : value.kind === option.kind,
  );
  return shaped.length === 1
    ? fitValue(fitting, value, shaped[0]!, span)
    : misfit(fitting, value, type, span);
}

function fitRefined(
  fitting: Fitting,
  value: Value,
  type: Extract<Type, { kind: "refined" }>,
  span: Span,
): Value {
  const fitted = fitValue(fitting, value, type.type, span);
  if (fitted.kind === "error") return fitted;
  const { expression, module } = type.predicate as Predicate;
  const frame = innerFrame(moduleFrame(module));
  frame.names.set("it", known("it", span, fitted));
  const holds = evaluate(fitting.evaluator, expression, frame);
  if (holds.kind !== "boolean" || holds.value) return fitted;
  fitting.fail(span, (at) =>
    valueOutside(at, { value: describeValue(value), expected: displayRefined(type) }),
  );
  return errorValue;
}

/** A refined type with what has to hold, as it is written. */
export function displayRefined(type: Extract<Type, { kind: "refined" }>): string {
  const { expression, module } = type.predicate as Predicate;
  const written = module.file.text.slice(expression.start, expression.end).replace(/\s+/g, " ");
  return `${displayType(type.type)} where ${written}`;
}

type RecordValue = Extract<Value, { kind: "record" }>;

function eachField(fitting: Fitting, value: RecordValue, type: Type): Value {
  const fields = new Map<string, FieldValue>();
  for (const [key, field] of value.fields) {
    spendAt(fitting.evaluator, field.span, 1);
    fields.set(key, fitField(fitting, field, type));
  }
  return { kind: "record", fields };
}

function fitField(fitting: Fitting, { value, keySpan, span, label }: FieldValue, type: Type): FieldValue {
  const fitted = fitValue(fitting, value, type, span);
  return label ? { value: fitted, keySpan, span, label } : { value: fitted, keySpan, span };
}

/** Closed records: no other keys, nothing missing, and a `none` takes an optional field away. */
function fitRecord(
  fitting: Fitting,
  value: Value,
  type: Extract<Type, { kind: "record" }>,
  span: Span,
): Value {
  if (value.kind !== "record") return misfit(fitting, value, type, span);
  const fields = new Map<string, FieldValue>();
  let fits = true;
  for (const [key, field] of value.fields) {
    spendAt(fitting.evaluator, field.span, 1);
    const schema = fieldAt(type.fields, key);
    if (!schema) {
      fits = false;
      fitting.fail(field.keySpan, (at) => unknownKey(at, { key, where: displayType(type) }));
    } else if (isNone(field.value) && fitting.overrides) fields.set(key, field);
    else if (!isNone(field.value) || schema.required) fields.set(key, fitField(fitting, field, schema.type));
  }
  for (const key in type.fields)
    if (type.fields[key]!.required && !value.fields.has(key)) {
      fits = false;
      fitting.fail(span, (at) => missingField(at, { key, where: displayType(type) }));
    }
  // A value inside that does not fit is a mistake; with `overrides` there may be some that take others away.
  return fits && !fitting.overrides ? { kind: "record", fields, fits: type } : { kind: "record", fields };
}

function fitLabels(fitting: Fitting, value: Value, type: Type, span: Span): Value {
  if (value.kind !== "record") return misfit(fitting, value, type, span);
  const { evaluator, module } = fitting;
  const fields = new Map<string, FieldValue>();
  for (const [key, field] of value.fields) {
    if (field.label) {
      fields.set(key, field);
      continue;
    }
    const label = findLabel(module, key);
    if (!label && !wellKnownLabels.includes(key)) {
      if (!module.missing.has(key)) fitting.fail(field.keySpan, (at) => undeclaredLabel(at, { key }));
      continue;
    }
    if (isNone(field.value)) {
      if (fitting.overrides) fields.set(label?.key ?? key, field);
      continue;
    }
    const expected = (label && evaluator.checked.labelTypes.get(label)) ?? { kind: "string" as const };
    const own = fitValue(fitting, field.value, expected, field.span);
    const text =
      !holeIn(own) && (own.kind === "string" || own.kind === "error")
        ? own
        : fitValue(fitting, own, { kind: "string" }, field.span);
    const { keySpan, span: place } = field;
    fields.set(label?.key ?? key, { value: text, keySpan, span: place, label: true });
  }
  return { kind: "record", fields };
}
