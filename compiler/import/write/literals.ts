import { parseQuantity } from "../../../model/quantity.ts";
import type { Written } from "./layout.ts";

/** Values as they are written in KDSL. */

const reserved = new Set("if then else for in match and or not where has true false none".split(" "));

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*$/;

/** Whether the text can stand as a bare name. */
export const isName = (text: string): boolean => namePattern.test(text) && !reserved.has(text);

/** A key of a record or block: any word, reserved ones too, else a string. */
export const key = (text: string): string => (namePattern.test(text) ? text : quoted(text));

/** `.key`, or `["key"]` where it is no word. */
export const memberAccess = (text: string): string =>
  namePattern.test(text) ? `.${text}` : `[${quoted(text)}]`;

const control =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/g;

function escaped(text: string): string {
  return text
    .replace(/[\\"{}]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\t/g, "\\t")
    .replace(/\r/g, "\\r")
    .replace(control, (character) => `\\u{${character.charCodeAt(0).toString(16).toUpperCase()}}`);
}

/** On one line, with escapes. */
export const quoted = (text: string): string => `"${escaped(text)}"`;

const hasControl = (text: string) => text.search(control) >= 0;

/** Stands behind what a value will be put in place of: its text takes no raw form. */
export const heldPlace = "\ue000";

/** A text in the form that is easiest to read: plain, raw, or over several lines. */
export function text(value: string): Written {
  const lines = value.split("\n");
  if (lines.length > 2 || (lines.length === 2 && value.length > 60)) {
    const many = overLines(value, lines);
    if (many) return many;
  }
  const escapes = /[\\{}]/.test(value) && !value.includes(heldPlace);
  if (!escapes || /[\n\r\t]/.test(value) || hasControl(value)) return quoted(value);
  if (!value.includes('"')) return `r"${value}"`;
  // JSON, say: neither its quotes nor its braces have to be escaped then.
  return /^[\s"]|[\s"]$|"""/.test(value) ? quoted(value) : `r"""${value}"""`;
}

/** Between `"""`, raw where it has braces or backslashes; undefined where that would not give the same text. */
function overLines(value: string, lines: readonly string[]): Written | undefined {
  const held = value.includes(heldPlace);
  const raw = /[\\{}]/.test(value) && !held;
  if (/\r|"""/.test(value) || (raw && value.endsWith('"')) || hasControl(value)) return undefined;
  // Lines of white space alone lose it, and a tab at the start would meet the margin's spaces.
  if (lines.some((line) => (line !== "" && line.trim() === "") || line.startsWith("\t"))) return undefined;
  // The margin is what all lines share, so one of them has to stand at it.
  if (lines.every((line, index) => line.startsWith(" ") || (line === "" && index < lines.length - 1)))
    return undefined;
  const last = lines.at(-1)!.replace(/"$/, '\\"');
  const all = [...lines.slice(0, -1), last];
  const written = held ? all.map((line) => line.replace(/[\\{}]/g, "\\$&")) : all;
  return { lines: [`${raw ? "r" : ""}"""`, ...written.slice(0, -1), `${written.at(-1)!}"""`] };
}

/** Whether a text can be an environment variable's value without quotes: a number or Bool that gives the same text. */
export const standsBare = (value: string): boolean => /^(?:true|false|0|-?[1-9][0-9]{0,14})$/.test(value);

// ── Quantities ─────────────────────────────────────────────────────────────────────────────────────────────

const billion = 1_000_000_000n;

/** `250m`, `2`, `0.5` for a Kubernetes quantity of processor time; undefined where it is none. */
export function cpu(quantity: string): string | undefined {
  const value = parseQuantity(quantity);
  if (value === undefined || value < 0n) return undefined;
  if (value % billion === 0n) return String(value / billion);
  if (value % 1_000_000n !== 0n) return undefined;
  return `${value / 1_000_000n}m`;
}

const binaryUnits = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;
const decimalUnits = ["k", "M", "G", "T", "P", "E"] as const;

/** `64Mi` for a quantity of bytes, in the largest unit that is exact; undefined where it is no whole number of bytes. */
export function memory(quantity: string): string | undefined {
  const value = parseQuantity(quantity);
  if (value === undefined || value < 0n || value % billion !== 0n) return undefined;
  const bytes = value / billion;
  const decimal = inUnit(bytes, decimalUnits, 1000n);
  // As it was written: `1500M` is not to become a number of bytes in another base.
  if (/[kMGTPE]$/.test(quantity) && decimal) return decimal;
  return inUnit(bytes, binaryUnits, 1024n) ?? decimal ?? `${bytes}B`;
}

function inUnit(bytes: bigint, units: readonly string[], base: bigint): string | undefined {
  if (bytes === 0n) return undefined;
  let best: string | undefined;
  let size = 1n;
  for (const unit of units) {
    size *= base;
    if (bytes % size !== 0n) break;
    best = `${bytes / size}${unit}`;
  }
  return best;
}

/** `90s`, `5min`, `1h` for whole seconds. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds > 60 && seconds % 60 === 0) return `${seconds / 60}min`;
  return `${seconds}s`;
}

/** A name in camel case: `kubernetes.io/part-of` is `partOf`. */
export function camelCase(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words
    .map((word, index) => (index === 0 ? word : `${word[0]!.toUpperCase()}${word.slice(1)}`))
    .join("");
  const name = joined === "" ? "it" : `${joined[0]!.toLowerCase()}${joined.slice(1)}`;
  return /^[0-9]/.test(name) ? `n${name}` : name;
}
