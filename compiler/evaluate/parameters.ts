import type { ParamSymbol } from "../binder/symbol.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Range, SourceFile, Span } from "../source/source.ts";
import { fieldAt } from "../types/records.ts";
import type { Type } from "../types/type.ts";
import { noneValue } from "./context.ts";
import { readText } from "./settings.ts";
import { textValue } from "./text.ts";
import type { FieldValue, Value } from "./value.ts";

/** Parameters from a file: values as they are written there, which each parameter reads by its type. */

export interface ParameterFile {
  readonly file: SourceFile;
  readonly entries: readonly ParameterEntry[];
  /** What is wrong with the file itself. */
  readonly problems: readonly Diagnostic[];
}

export interface ParameterEntry extends Range {
  readonly name: string;
  readonly value: ParameterNode;
}

export type ParameterNode = Range &
  (
    | { readonly kind: "none" }
    | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
    | { readonly kind: "list"; readonly items: readonly ParameterNode[] }
    | { readonly kind: "map"; readonly entries: readonly ParameterEntry[] }
  );

/** One value from a file, and where it stands. */
export interface Given {
  readonly symbol: ParamSymbol;
  readonly value: ParameterNode;
  readonly place: Span;
}

/** The value that a node stands for where a type is expected; undefined where it stands for none. */
export function nodeValue(file: SourceFile, node: ParameterNode, type: Type): Value | undefined {
  switch (type.kind) {
    case "optional":
      return node.kind === "none" ? noneValue : nodeValue(file, node, type.type);
    case "refined":
      return nodeValue(file, node, type.type);
    case "union":
      for (const option of type.options) {
        const value = nodeValue(file, node, option);
        if (value) return value;
      }
      return undefined;
    default:
      break;
  }
  switch (node.kind) {
    case "none":
      return type.kind === "none" || type.kind === "any" ? noneValue : undefined;
    case "text":
      // A quoted number is a text where both will do.
      return node.quoted && type.kind === "any" ? textValue(node.text) : readText(type, node.text);
    case "list": {
      if (type.kind !== "list" && type.kind !== "any") return undefined;
      const element: Type = type.kind === "list" ? type.element : type;
      const items = node.items.map((item) => nodeValue(file, item, element));
      return items.every((item) => item !== undefined) ? { kind: "list", items } : undefined;
    }
    case "map":
      return mapValue(file, node, type);
  }
}

function mapValue(
  file: SourceFile,
  node: ParameterNode & { readonly kind: "map" },
  type: Type,
): Value | undefined {
  const any: Type = { kind: "any" };
  const typeOf = (key: string): Type | undefined => {
    if (type.kind === "record") return fieldAt(type.fields, key)?.type ?? any;
    return type.kind === "map" ? type.values : type.kind === "labels" ? { kind: "string" } : undefined;
  };
  if (type.kind !== "any" && typeOf("") === undefined) return undefined;
  const fields = new Map<string, FieldValue>();
  for (const { name, value, start, end } of node.entries) {
    const inner = typeOf(name) ?? any;
    const read = value.kind === "none" ? noneValue : nodeValue(file, value, inner);
    if (!read) return undefined;
    const span = { file, start: value.start, end: value.end };
    fields.set(name, { value: read, keySpan: { file, start, end }, span });
  }
  return { kind: "record", fields };
}
