import { nearest } from "../../base/edit-distance.ts";
import { span } from "../binder/symbol.ts";
import { emptyRange, typeMismatch } from "../diagnostics/catalog/types.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import { formSpelling } from "../diagnostics/spellings.ts";
import type { Range, Span } from "../source/source.ts";
import type { Expression } from "../syntax/ast.ts";
import { fits } from "../types/assignable.ts";
import { describeExpected, describeType, dimensionExamples, displayType } from "../types/display.ts";
import type { Type } from "../types/type.ts";
import type { Checker, Scope } from "./checked.ts";

export const at = (scope: Pick<Scope, "module">, range: Range): Span => span(scope.module, range);

export const errorType: Type = { kind: "error" };

/** The fix that puts the nearest candidate in the place of what was written, if one is near. */
export function didYouMean(
  place: Span,
  written: string,
  candidates: Iterable<string>,
  write: (candidate: string) => string = (candidate) => candidate,
): readonly Fix[] {
  const meant = nearest(written, candidates);
  return meant === undefined ? [] : [replaceBy(place, write(meant))];
}

/** As `replaceBy`, where only one thing can have been meant. */
const mend = (title: string, span: Span, text: string): Fix => ({
  title,
  edits: [{ span, text }],
  safe: true,
});

export const replaceBy = (place: Span, text: string): Fix => ({
  title: `did you mean \`${text}\`?`,
  edits: [{ span: place, text }],
});

/** Does something of which nothing is reported: it stands in what has been refused as a whole. */
export function muted<T>(checker: Checker, task: (quiet: Checker) => T): T {
  const { report } = checker;
  checker.report = () => {};
  try {
    return task(checker);
  } finally {
    checker.report = report;
  }
}

/** Marks an expression as mistaken, so that nothing that follows from it is reported. */
export function mistaken(checker: Checker, expression: Expression): Type {
  checker.erroneous.add(expression);
  return errorType;
}

/** Reports that an expression is not of the type that its position expects. */
export function mismatch(
  checker: Checker,
  expression: Expression,
  expected: Type,
  found: Type,
  scope: Scope,
): Type {
  const place = at(scope, expression);
  const { notes, fixes } = advice(expression, expected, found, place);
  checker.report(
    typeMismatch(
      place,
      { expected: describeExpected(expected), found: describeType(found) },
      { label: `expected ${displayType(withoutNone(expected))}`, notes, fixes },
    ),
  );
  return mistaken(checker, expression);
}

/** What is expected, without that it may be left out. */
function withoutNone(type: Type): Type {
  return type.kind === "optional" ? withoutNone(type.type) : type;
}

interface Advice {
  readonly notes: readonly string[];
  readonly fixes: readonly Fix[];
}

/** Ways out that can be told from what was written. */
function advice(expression: Expression, expected: Type, found: Type, place: Span): Advice {
  const wanted = flatten(expected);
  const notes: string[] = [];
  const fixes: Fix[] = [];
  const quantity = wanted.find((type) => type.kind === "quantity");
  if (quantity?.kind === "quantity") {
    if (expression.kind === "number") {
      notes.push(`a bare number has no unit; write ${dimensionExamples[quantity.dimension]}`);
      const unit = { cpu: "", memory: "Mi", duration: "s", percent: "%" }[quantity.dimension];
      fixes.push(replaceBy(place, `${expression.digits}${unit}`));
    } else if (expression.kind === "quantity" && expression.unit === "m") {
      notes.push("`m` is a thousandth, for Cpu; minutes are `min`, mebibytes `Mi`");
      const unit = { cpu: "m", memory: "Mi", duration: "min", percent: "%" }[quantity.dimension];
      fixes.push(replaceBy(place, `${expression.digits}${unit}`));
    }
  }
  if (expression.kind === "quantity" && wanted.some((type) => type.kind === "envValue")) {
    const converter = found.kind === "quantity" ? converters[found.dimension] : undefined;
    notes.push("an environment variable is text: a quantity says in which unit it is written");
    const text = place.file.text.slice(place.start, place.end);
    if (converter)
      fixes.push({
        title: `write \`${converter}(${text})\``,
        edits: [{ span: place, text: `${converter}(${text})` }],
      });
  }
  const pattern = wanted.some((type) => type.kind === "string" && type.pattern !== undefined);
  if (
    expression.kind === "number" &&
    (pattern || wanted.some((type) => type.kind === "string" && !type.options))
  ) {
    const quoted = `"${place.file.text.slice(place.start, place.end)}"`;
    fixes.push(mend(`write \`${quoted}\` in quotes`, place, quoted));
  }
  const text = literalText(expression);
  if (text !== undefined) {
    const options = wanted.flatMap((type) => (type.kind === "string" ? (type.options ?? []) : []));
    fixes.push(...didYouMean(place, text, options, (option) => JSON.stringify(option)));
    const bare = wanted.some((type) => type.kind === "quantity" || type.kind === "number");
    if (wanted.some((type) => type.kind === "port") && /^([a-z][a-z0-9-]*|\d+)$/.test(text))
      fixes.push(mend(`write \`${text}\` without quotes`, place, text));
    if (wanted.some((type) => type.kind === "boolean") && (text === "true" || text === "false"))
      fixes.push(mend(`write \`${text}\` without quotes`, place, text));
    const form = formSpelling(text) ?? text;
    if (wanted.some((type) => type.kind === "variant" && Object.hasOwn(type.variants, form)))
      fixes.push(mend(`write \`${form}\` without quotes`, place, form));
    if (wanted.some((type) => type.kind === "object") && /^[A-Za-z_][\w-]*$/.test(text))
      fixes.push({ title: `refer to it by its name: \`${text}\``, edits: [{ span: place, text }] });
    if (wanted.some((type) => type.kind === "list" && takesText(type.element))) {
      const items = `[${text
        .split(/\s+/)
        .filter((item) => item !== "")
        .map((item) => JSON.stringify(item))
        .join(", ")}]`;
      fixes.push({ title: `write a list: \`${items}\``, edits: [{ span: place, text: items }] });
    }
    if (bare && /^\d+(\.\d+)?[A-Za-z%]*$/.test(text))
      fixes.push(mend(`write \`${text}\` without quotes`, place, text));
  }
  if (expression.kind === "number" && isExpose(wanted)) {
    const form = `node(${expression.digits})`;
    fixes.push({ title: `write \`${form}\` for a port of the nodes`, edits: [{ span: place, text: form }] });
  }
  if (
    text === undefined &&
    wanted.some((type) => type.kind === "list" && fits(found, type.element) === "yes")
  ) {
    const items = `[${place.file.text.slice(place.start, place.end)}]`;
    const shown = items.length > 40 || items.includes("\n") ? "[…]" : items;
    fixes.push(mend(`write a list of one: \`${shown}\``, place, items));
  }
  const form = formThatTakes(found, wanted);
  if (form !== undefined) {
    const text = `${form}(${place.file.text.slice(place.start, place.end)})`;
    fixes.push(mend(`write \`${text}\``, place, text));
  }
  notes.push(...shapeNotes(expression, found, wanted));
  if (found.kind === "optional")
    notes.push("it may be `none`: give another value with `??`, or ask `if … != none` first");
  return { notes, fixes: fixes.slice(0, 2) };
}

/** The named form that is called as the kind of the object that was found: a volume of a config is `config(settings)`. */
function formThatTakes(found: Type, wanted: readonly Type[]): string | undefined {
  if (found.kind !== "object") return undefined;
  return found.words.find((word) =>
    wanted.some((type) => type.kind === "variant" && Object.hasOwn(type.variants, word)),
  );
}

/** Shapes of Kubernetes' objects that are others here. */
function shapeNotes(expression: Expression, found: Type, wanted: readonly Type[]): readonly string[] {
  if (expression.kind === "list" && wanted.some((type) => type.kind === "map"))
    return ['names and values stand in a record: `{ NAME: "value" }`'];
  if (expression.kind === "record" && wanted.some((type) => type.kind === "selection"))
    return ['name what is selected (`select: web`), or write `pods where app == "web"`'];
  if (expression.kind === "string" && wanted.some((type) => type.kind === "labels"))
    return ['labels stand in a record: `{ app: "web" }`'];
  const whole = found.kind === "object" && found.words.some((word) => word === "secret" || word === "config");
  if (whole && wanted.some((type) => type.kind === "envValue"))
    return ["one of its values is read by its key: `NAME.KEY`; `envFrom: [NAME]` takes all of them"];
  return [];
}

const isExpose = (wanted: readonly Type[]) =>
  wanted.some((type) => type.kind === "variant" && type.name === "Expose");

const takesText = (type: Type) => flatten(type).some(({ kind }) => kind === "string" || kind === "any");

const converters = {
  cpu: "millicores",
  memory: "mebibytes",
  duration: "seconds",
  percent: undefined,
} as const;

/** The text of a string without holes. */
export function literalText(expression: Expression): string | undefined {
  if (expression.kind !== "string") return undefined;
  return expression.parts.every((part) => typeof part === "string") ? expression.parts.join("") : undefined;
}

/** The alternatives of a type, without `none`, refinements and unions around them. */
export function flatten(type: Type | undefined): readonly Type[] {
  if (!type) return [];
  if (type.kind === "union") return type.options.flatMap(flatten);
  if (type.kind === "optional" || type.kind === "refined") return flatten(type.type);
  return [type];
}

/** The whole number that a literal stands for. */
export function integerOf(expression: Expression | undefined): number | undefined {
  if (expression?.kind === "unary" && expression.operator === "-") {
    const operand = integerOf(expression.operand);
    return operand === undefined ? undefined : -operand;
  }
  if (expression?.kind !== "number" || !/^\d+$/.test(expression.digits)) return undefined;
  const value = Number(expression.digits);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Says of `3..1` that it counts nothing. */
export function reportEmptyRange(checker: Checker, place: Span, first: number, last: number): void {
  const written = `${last}..${first}`;
  const fixes = [{ title: `write \`${written}\``, edits: [{ span: place, text: written }] }];
  checker.report(emptyRange(place, { first, last }, { fixes }));
}
