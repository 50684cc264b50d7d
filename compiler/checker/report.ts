import { nearest } from "../../base/edit-distance.ts";
import { span } from "../binder/symbol.ts";
import { typeMismatch } from "../diagnostics/catalog/types.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import type { Range, Span } from "../source/source.ts";
import type { Expression } from "../syntax/ast.ts";
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

export const replaceBy = (place: Span, text: string): Fix => ({
  title: `did you mean \`${text}\`?`,
  edits: [{ span: place, text }],
});

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
      { label: `expected ${displayType(expected)}`, notes, fixes },
    ),
  );
  return mistaken(checker, expression);
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
  const text = literalText(expression);
  if (text !== undefined) {
    const options = wanted.flatMap((type) => (type.kind === "string" ? (type.options ?? []) : []));
    fixes.push(...didYouMean(place, text, options, (option) => JSON.stringify(option)));
    const bare = wanted.some((type) => type.kind === "quantity" || type.kind === "number");
    if (bare && /^\d+(\.\d+)?[A-Za-z%]*$/.test(text))
      fixes.push({ title: `write \`${text}\` without quotes`, edits: [{ span: place, text }] });
  }
  if (found.kind === "optional") notes.push("it may be `none`: give another value with `??`");
  return { notes, fixes: fixes.slice(0, 2) };
}

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
