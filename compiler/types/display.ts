import { withArticle } from "../../base/words.ts";
import type { Dimension, Type } from "./type.ts";

const dimensionNames: Readonly<Record<Dimension, string>> = {
  cpu: "Cpu",
  memory: "Memory",
  duration: "Duration",
  percent: "Percent",
};

/** Examples of each dimension, for what is said about a unit that is missing or wrong. */
export const dimensionExamples: Readonly<Record<Dimension, string>> = {
  cpu: "`250m` or `0.5`",
  memory: "`64Mi`",
  duration: "`30s`",
  percent: "`25%`",
};

const wordNames: Readonly<Record<string, string>> = { rc: "Rc" };

/** The short name of a type, as the user would write it: never its whole inside. */
export function displayType(type: Type, depth = 0): string {
  if (depth > 3) return "…";
  switch (type.kind) {
    case "error":
      return "a mistake";
    case "any":
      return "any value";
    case "none":
      return "none";
    case "boolean":
      return "Bool";
    case "number":
      return displayNumber(type);
    case "quantity":
      return dimensionNames[type.dimension];
    case "string":
      if (type.options) return displayOptions(type.options);
      return type.pattern === undefined ? "String" : `String(r"${type.pattern}")`;
    case "envValue":
      return "a text, number, Bool or late value";
    case "port":
      return "Port";
    case "ip":
      return "Ip";
    case "cidr":
      return "Cidr";
    case "image":
      return "Image";
    case "range":
      return "a range";
    case "durations":
      return "a range of Durations";
    case "late":
      return "a late value";
    case "list":
      return `[${displayType(type.element, depth + 1)}]`;
    case "record":
      return type.name ?? displayFields(Object.keys(type.fields));
    case "map":
      return `{[String]: ${displayType(type.values, depth + 1)}}`;
    case "labels":
      return "labels";
    case "optional":
      return `${displayType(type.type, depth)}?`;
    case "refined":
      return displayType(type.type, depth);
    case "union":
      return displayUnion(type.options, depth + 1);
    case "object":
      return type.words.map((word) => wordNames[word] ?? capital(word)).join(" or ");
    case "block":
      return type.word;
    case "template":
      return type.name;
    case "member":
      return `a ${type.word}`;
    case "selection":
      return `\`${type.of} where …\``;
    case "variant":
      return displayOptions(Object.keys(type.variants), "`");
  }
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function displayNumber(type: Extract<Type, { kind: "number" }>): string {
  const { integer, minimum, maximum } = type;
  if (minimum !== undefined && minimum === maximum) return String(minimum);
  const name = integer ? "Int" : "Number";
  return minimum === undefined && maximum === undefined
    ? name
    : `${name}(${minimum ?? ""}..${maximum ?? ""})`;
}

const some = <T>(items: readonly T[], most: number): readonly T[] => items.slice(0, most);

function displayOptions(options: readonly string[], quote = '"'): string {
  const shown = some(options, 6).map((option) => `${quote}${option}${quote}`);
  if (options.length > 6) shown.push("…");
  return shown.join(" | ");
}

function displayFields(keys: readonly string[]): string {
  const shown = some(keys, 4).join(", ");
  return keys.length > 4 ? `{ ${shown}, … }` : `{ ${shown} }`;
}

/** One of several; a list of what the others are is called so. */
function displayUnion(options: readonly Type[], depth: number): string {
  const name = (option: Type): string => {
    if (option.kind === "envValue" && options.length > 1) return "a text, number, Bool, late value";
    const items = option.kind === "list" ? optionsOf(option.element) : [];
    return items.length > 0 && options.some((other) => items.includes(other))
      ? "a list of them"
      : displayType(option, depth);
  };
  const shown = [...new Set(some(options, 6).map(name))];
  if (options.length > 6) shown.push("…");
  return shown.join(" or ");
}

const optionsOf = (type: Type): readonly Type[] => (type.kind === "union" ? type.options : [type]);

/** What the user has, with its article where it reads better: "a Duration", "text", "a record". */
export function describeType(type: Type): string {
  switch (type.kind) {
    case "string":
      return type.options?.length === 1 ? `the text "${shorten(type.options[0]!)}"` : "a String";
    case "number":
      return type.minimum !== undefined && type.minimum === type.maximum
        ? `the number ${type.minimum}`
        : `a ${type.integer ? "whole " : ""}number`;
    case "quantity":
      return `a ${dimensionNames[type.dimension]}`;
    case "boolean":
      return "a Bool";
    case "record":
      return type.name ? `a ${type.name}` : `the record ${displayType(type)}`;
    case "list":
      return `the list ${displayType(type)}`;
    case "map":
      return `the map ${displayType(type)}`;
    case "object":
      return withArticle(type.words.join(" or "));
    case "block":
      return withArticle(type.word);
    case "template":
      return withArticle(type.name);
    case "port":
    case "cidr":
      return `a ${displayType(type)}`;
    case "ip":
    case "image":
      return `an ${displayType(type)}`;
    case "optional":
      return `${displayType(type)} (may be none)`;
    default:
      return displayType(type);
  }
}

export const shorten = (text: string, most = 40): string =>
  text.length > most ? `${text.slice(0, most)}…` : text;

/** What is wanted, with an example of the unit where there is one. */
export function describeExpected(type: Type): string {
  if (type.kind === "quantity") return `${displayType(type)} (such as ${dimensionExamples[type.dimension]})`;
  if (type.kind === "port") return "Port (1 to 65535, or the name of one)";
  if (type.kind === "refined" || type.kind === "optional") return describeExpected(type.type);
  return displayType(type);
}
