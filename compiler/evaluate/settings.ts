import { nearest } from "../../base/edit-distance.ts";
import { type ModuleSymbols, type ParamSymbol, span } from "../binder/symbol.ts";
import { badParameter, unknownParameter } from "../diagnostics/catalog/evaluate.ts";
import type { Span } from "../source/source.ts";
import { describeExpected } from "../types/display.ts";
import type { Type } from "../types/type.ts";
import { conform, conformOrNot, displayRefined } from "./conform.ts";
import { type Evaluator, errorValue, noneValue, report } from "./context.ts";
import { negate, parseDecimal } from "./fraction.ts";
import { nodeValue, type ParameterFile } from "./parameters.ts";
import { readQuantity } from "./quantities.ts";
import { textValue } from "./text.ts";
import type { Value } from "./value.ts";

/**
 * What was given for parameters from outside: values of files (`--params FILE`), a later one before an earlier, and
 * texts (`--set name=value`) before all, each read by its parameter's type.
 */
export function readSettings(
  evaluator: Evaluator,
  root: ModuleSymbols,
  set: Readonly<Record<string, string>>,
  files: readonly ParameterFile[] = [],
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const { file, entries, problems } of files) {
    for (const problem of problems) evaluator.emit(problem);
    for (const { name, value, start, end } of entries) {
      const symbol = parameterNamed(evaluator, root, name, { file, start, end });
      if (!symbol) continue;
      const place = { file, start: value.start, end: value.end };
      const type = evaluator.checked.valueTypes.get(symbol) ?? { kind: "any" as const };
      // A text on the command line may begin with a bracket.
      const plain = file.path === "--set" ? file.text.slice(end + 1) : undefined;
      const read =
        type.kind === "error"
          ? errorValue
          : (nodeValue(file, value, type) ?? (plain === undefined ? undefined : readText(type, plain)));
      const isWhole = value.kind === "list" || value.kind === "map";
      if (read && isWhole) values.set(name, conform(evaluator, read, type, place, symbol.module));
      else {
        const text = file.text.slice(place.start, place.end).split("\n")[0]!;
        values.set(name, fitted(evaluator, symbol, type, read, text, place));
      }
    }
  }
  for (const [name, text] of Object.entries(set)) {
    const place = settingSpan(name, text);
    const symbol = parameterNamed(evaluator, root, name, place.name);
    if (!symbol) continue;
    const type = evaluator.checked.valueTypes.get(symbol) ?? { kind: "any" as const };
    values.set(name, fitted(evaluator, symbol, type, readText(type, text), text, place.value));
  }
  return values;
}

/** The parameter of this name; undefined, and reported, where there is none. */
function parameterNamed(
  evaluator: Evaluator,
  root: ModuleSymbols,
  name: string,
  place: Span,
): ParamSymbol | undefined {
  const parameters = [...root.values.values()].filter(
    (symbol): symbol is ParamSymbol => symbol.kind === "param" && symbol.module === root,
  );
  const symbol = parameters.find((one) => one.name === name);
  if (symbol) return symbol;
  const names = parameters.map((one) => one.name);
  const meant = nearest(name, names);
  const fixes = meant ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: place, text: meant }] }] : [];
  const listed = names.map((one) => `\`${one}\``).join(", ");
  const notes = [
    listed
      ? `the file has the parameter${names.length === 1 ? "" : "s"} ${listed}`
      : "the file has no parameters",
  ];
  evaluator.emit(unknownParameter(place, { name }, { fixes, notes }));
  return undefined;
}

/** The place of a setting: the command line's text, as a file of its own. */
function settingSpan(name: string, text: string): { name: Span; value: Span } {
  const file = { path: "--set", text: `${name}=${text}` };
  return {
    name: { file, start: 0, end: name.length },
    value: { file, start: name.length + 1, end: file.text.length },
  };
}

/** The value as the parameter holds it, or a mistake that says what it holds. */
function fitted(
  evaluator: Evaluator,
  symbol: ParamSymbol,
  type: Type,
  read: Value | undefined,
  text: string,
  place: Span,
): Value {
  if (type.kind === "error") return errorValue;
  const fits = read && conformOrNot(evaluator, read, type, place, symbol.module);
  if (fits) return fits;
  const { declaration, module } = symbol;
  const secondary = [
    { span: declaration.type ? span(module, declaration.type) : symbol.span, text: "declared here" },
  ];
  const expected = type.kind === "refined" ? displayRefined(type) : describeExpected(type);
  report(evaluator, place, (at) => badParameter(at, { name: symbol.name, text, expected }, { secondary }));
  return errorValue;
}

const quantity = /^(-?)(\d+(?:\.\d+)?)([A-Za-z%]+)$/;

/** The value that a text stands for where a type is expected; undefined when it stands for none. */
export function readText(type: Type, text: string): Value | undefined {
  switch (type.kind) {
    case "optional":
      return text === "none" ? noneValue : readText(type.type, text);
    case "refined":
      return readText(type.type, text);
    case "union": {
      const values = type.options.flatMap((option) => readText(option, text) ?? []);
      return values[0];
    }
    case "none":
      return text === "none" ? noneValue : undefined;
    case "boolean":
      return text === "true" || text === "false" ? { kind: "boolean", value: text === "true" } : undefined;
    case "number":
    case "port":
      return /^-?\d{1,400}(\.\d{1,400})?$/.test(text) ? { kind: "number", value: signed(text) } : undefined;
    case "quantity": {
      const match = text.length < 400 ? quantity.exec(text) : undefined;
      const read = match && readQuantity(match[2]!, match[3]!);
      if (read)
        return {
          kind: "quantity",
          dimension: read.dimension,
          value: match[1] ? negate(read.value) : read.value,
        };
      const bare = type.dimension === "cpu" && /^\d{1,400}(\.\d{1,400})?$/.test(text);
      return bare ? { kind: "quantity", dimension: "cpu", value: parseDecimal(text) } : undefined;
    }
    case "list": {
      const items = text === "" ? [] : text.split(",").map((item) => readText(type.element, item.trim()));
      return items.every((item) => item !== undefined) ? { kind: "list", items } : undefined;
    }
    case "string":
    case "image":
    case "ip":
    case "cidr":
    case "envValue":
    case "any":
      return textValue(text);
    default:
      return undefined;
  }
}

const signed = (text: string) =>
  text.startsWith("-") ? negate(parseDecimal(text.slice(1))) : parseDecimal(text);
