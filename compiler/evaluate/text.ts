import type { TextPart } from "../../model/plan.ts";
import { shorten } from "../types/display.ts";
import { formatDecimal } from "./fraction.ts";
import { formatQuantity, plain } from "./quantities.ts";
import type { Value } from "./value.ts";

/** Texts: runs of characters and references to services, in their order. */

export const textValue = (text: string): Value => ({ kind: "string", parts: text === "" ? [] : [text] });

/** Parts with neighbouring characters joined and empty ones left out. */
export function joinParts(parts: readonly TextPart[]): readonly TextPart[] {
  const joined: TextPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part === "") continue;
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}

/** What Kubernetes reads: a host is `name.namespace`, a port its number. */
export function plainText(parts: readonly TextPart[]): string {
  const [only] = parts;
  if (parts.length === 1 && typeof only === "string") return only;
  return parts
    .map((part) => {
      if (typeof part === "string") return part;
      if ("port" in part) return String(part.port);
      const [, namespace = "", name = ""] = part.host.split("/");
      return `${name}.${namespace}`;
    })
    .join("");
}

/** The text of a string, or undefined for all other values. */
export function textOf(value: Value | undefined): string | undefined {
  if (value?.kind === "string") return plainText(value.parts);
  return value?.kind === "address" ? value.text : undefined;
}

/** A value as it stands in a text; undefined when it has no such form. */
export function partsOf(value: Value): readonly TextPart[] | undefined {
  switch (value.kind) {
    case "string":
      return value.parts;
    case "number": {
      const digits = formatDecimal(value.value);
      return digits === undefined ? undefined : [digits];
    }
    case "boolean":
      return [String(value.value)];
    case "address":
      return [value.text];
    case "port":
      return [value.reference ?? String(value.number)];
    default:
      return undefined;
  }
}

/** A value in a message: short, as the language writes it. */
export function describeValue(value: Value): string {
  switch (value.kind) {
    case "error":
      return "a mistake";
    case "none":
      return "`none`";
    case "boolean":
      return `\`${value.value}\``;
    case "number":
      return `\`${plain(value.value)}\``;
    case "quantity":
      return `\`${formatQuantity(value.dimension, value.value)}\``;
    case "string":
      return `\`${JSON.stringify(shorten(plainText(value.parts)))}\``;
    case "address":
      return `\`${value.text}\``;
    case "port":
      return `\`${value.number}\``;
    case "portName":
      return `the port \`${value.name}\``;
    case "range":
      return `\`${value.from}..${value.to}\``;
    case "durations":
      return `\`${formatQuantity("duration", value.from)}..${formatQuantity("duration", value.to)}\``;
    case "list":
      return `a list of ${value.items.length}`;
    case "record":
      return "a record";
    case "variant":
      return `\`${value.name}\``;
    case "late":
      return "a late value";
    case "object":
      return `${value.object.word} \`${value.object.name}\``;
    case "block": {
      const { block } = value.block;
      return block.name === undefined ? `a ${block.word}` : `${block.word} \`${block.name}\``;
    }
    case "family":
      return `the family of ${value.word}s`;
    case "member":
      return `${value.word} \`${value.name}\``;
    case "selection":
      return `\`${value.of} where …\``;
  }
}
