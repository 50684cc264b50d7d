import type { Value } from "../evaluate/value.ts";
import { cpuText, decimalText, memoryText } from "./quantities.ts";
import { partText } from "./read.ts";

/** The value of a parameter as the plan tells it: JSON, quantities as canonical text, what has no JSON form as text. */
export function parameterValue(value: Value): unknown {
  switch (value.kind) {
    case "none":
    case "error":
      return null;
    case "boolean":
      return value.value;
    case "number": {
      const text = decimalText(value.value);
      if (text === undefined) return `${value.value.numerator}/${value.value.denominator}`;
      return String(Number(text)) === text ? Number(text) : text;
    }
    case "quantity":
      return quantity(value);
    case "string":
      return value.parts.map(partText).join("");
    case "address":
      return value.text;
    case "port":
      return value.number;
    case "range":
      return `${value.from}..${value.to}`;
    case "list":
      return value.items.map(parameterValue);
    case "record":
      return Object.fromEntries([...value.fields].map(([key, field]) => [key, parameterValue(field.value)]));
    case "object":
      return `${value.object.word}.${value.object.name}`;
    default:
      return "name" in value && typeof value.name === "string" ? value.name : null;
  }
}

function quantity({ dimension, value }: Value & { kind: "quantity" }): string {
  const fraction = `${value.numerator}/${value.denominator}`;
  switch (dimension) {
    case "cpu":
      return cpuText(value).text;
    case "memory":
      return memoryText(value).text;
    case "duration":
      return `${decimalText(value) ?? fraction}s`;
    case "percent": {
      const hundredth = { numerator: value.numerator * 100n, denominator: value.denominator };
      return `${decimalText(hundredth) ?? fraction}%`;
    }
  }
}
