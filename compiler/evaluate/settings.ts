import { nearest } from "../../base/edit-distance.ts";
import { type ModuleSymbols, type ParamSymbol, span } from "../binder/symbol.ts";
import { badParameter, unknownParameter } from "../diagnostics/catalog/evaluate.ts";
import type { Span } from "../source/source.ts";
import { describeExpected } from "../types/display.ts";
import type { Type } from "../types/type.ts";
import { conformOrNot, displayRefined } from "./conform.ts";
import { type Evaluator, errorValue, noneValue, report } from "./context.ts";
import { negate, parseDecimal } from "./fraction.ts";
import { readQuantity } from "./quantities.ts";
import { textValue } from "./text.ts";
import type { Value } from "./value.ts";

/** Reads the texts given for parameters (`--set name=value`), each by its parameter's type. */
export function readSettings(
  evaluator: Evaluator,
  root: ModuleSymbols,
  set: Readonly<Record<string, string>>,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  const parameters = [...root.values.values()].filter(
    (symbol): symbol is ParamSymbol => symbol.kind === "param" && symbol.module === root,
  );
  for (const [name, text] of Object.entries(set)) {
    const place = settingSpan(name, text);
    const symbol = parameters.find((one) => one.name === name);
    if (!symbol) {
      const meant = nearest(
        name,
        parameters.map((one) => one.name),
      );
      const fixes = meant
        ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: place.name, text: meant }] }]
        : [];
      const names = parameters.map((one) => `\`${one.name}\``).join(", ");
      const notes = [
        names
          ? `the file has the parameter${parameters.length === 1 ? "" : "s"} ${names}`
          : "the file has no parameters",
      ];
      evaluator.emit(unknownParameter(place.name, { name }, { fixes, notes }));
      continue;
    }
    values.set(name, readSetting(evaluator, symbol, text, place.value));
  }
  return values;
}

/** The place of a setting: the command line's text, as a file of its own. */
function settingSpan(name: string, text: string): { name: Span; value: Span } {
  const file = { path: "--set", text: `${name}=${text}` };
  return {
    name: { file, start: 0, end: name.length },
    value: { file, start: name.length + 1, end: file.text.length },
  };
}

function readSetting(evaluator: Evaluator, symbol: ParamSymbol, text: string, place: Span): Value {
  const type = evaluator.checked.valueTypes.get(symbol) ?? { kind: "any" as const };
  if (type.kind === "error") return errorValue;
  const read = readText(type, text);
  const fitted = read && conformOrNot(evaluator, read, type, place, symbol.module);
  if (fitted) return fitted;
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
