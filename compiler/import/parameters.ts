import { isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments } from "yaml";
import { badParameters } from "../diagnostics/catalog/overrides.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ParameterEntry, ParameterFile, ParameterNode } from "../evaluate/parameters.ts";
import type { SourceFile } from "../source/source.ts";

/** Files of parameters, in YAML or JSON: one map from names to values. */

/** Maps and lists within each other. */
const deepest = 50;

interface Reading {
  readonly file: SourceFile;
  readonly offset: number;
  readonly problems: Diagnostic[];
}

/** Reads a file of parameters. Never throws: what is wrong with it is among its problems. */
export function readParameters(file: SourceFile): ParameterFile {
  const reading: Reading = { file, offset: 0, problems: [] };
  const root = readDocument(reading, file.text);
  if (root === undefined) return { file, entries: [], problems: reading.problems };
  if (root.kind === "map") return { file, entries: root.entries, problems: reading.problems };
  if (root.kind !== "none") refuse(reading, root.start, root.end, "it is no map from parameters to values");
  return { file, entries: [], problems: reading.problems };
}

/** `--set name={ … }`: the value is read as one of such a file. */
export function readSetting(name: string, text: string): ParameterFile {
  const file = { path: "--set", text: `${name}=${text}` };
  const reading: Reading = { file, offset: name.length + 1, problems: [] };
  const read = readDocument(reading, text);
  // What is no YAML may be a text that begins with a bracket: its parameter's type decides.
  const value = read ?? {
    kind: "text" as const,
    text,
    quoted: true,
    start: reading.offset,
    end: file.text.length,
  };
  return { file, entries: [{ name, start: 0, end: name.length, value }], problems: [] };
}

function refuse({ file, offset, problems }: Reading, start: number, end: number, problem: string): undefined {
  const from = Math.min(start + offset, file.text.length);
  problems.push(
    badParameters(
      { file, start: from, end: Math.max(from, Math.min(end + offset, file.text.length)) },
      { problem },
    ),
  );
  return undefined;
}

/** Every scalar is read as text, and then by the type of its parameter. */
function readDocument(reading: Reading, text: string): ParameterNode | undefined {
  if (tooDeep(text))
    return refuse(reading, 0, 0, `maps and lists stand within each other more than ${deepest} deep`);
  const documents = parseAllDocuments(text, { schema: "failsafe", prettyErrors: false, logLevel: "silent" });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (!document) return { kind: "none", start: 0, end: 0 };
  const [error] = document.errors;
  if (error) return refuse(reading, error.pos[0], error.pos[1], firstLine(error.message));
  if (second) return refuse(reading, second.range[0], second.range[0], "it holds more than one document");
  return readNode(reading, document.contents, 0, text.length);
}

const firstLine = (message: string): string => message.split("\n")[0]!.replace(/\.$/, "");

/** Counts what opens before the reader, which calls itself for each level, is asked. */
function tooDeep(text: string): boolean {
  let open = 0;
  let most = 0;
  for (const sign of text) {
    if (sign === "{" || sign === "[") most = Math.max(most, ++open);
    else if (sign === "}" || sign === "]") open--;
  }
  const indent = Math.max(0, ...[...text.matchAll(/^[ -]*/gm)].map(([space]) => space.length));
  return most > deepest || indent > 2 * deepest;
}

function readNode(reading: Reading, node: unknown, start: number, end: number): ParameterNode | undefined {
  const place = (node as Node | null)?.range;
  const at = { start: (place?.[0] ?? start) + reading.offset, end: (place?.[1] ?? end) + reading.offset };
  if (node === null || node === undefined) return { kind: "none", ...at };
  if (isScalar(node)) {
    const text = String(node.value ?? "");
    const quoted = node.type !== "PLAIN";
    if (!quoted && /^(~|null|none|)$/.test(text)) return { kind: "none", ...at };
    return { kind: "text", text, quoted, ...at };
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => readNode(reading, item, start, end));
    return items.every((item) => item !== undefined) ? { kind: "list", items, ...at } : undefined;
  }
  if (isMap(node)) {
    const entries = (node.items as Pair[]).map((pair) => readPair(reading, pair, start, end));
    return entries.every((entry) => entry !== undefined) ? { kind: "map", entries, ...at } : undefined;
  }
  return refuse(
    reading,
    at.start - reading.offset,
    at.end - reading.offset,
    "aliases are not followed here: write the value out",
  );
}

function readPair(
  reading: Reading,
  { key, value }: Pair,
  start: number,
  end: number,
): ParameterEntry | undefined {
  const [from, to] = (key as Node | null)?.range ?? [start, end];
  if (!isScalar(key)) return refuse(reading, from, to, "a key is to be a text");
  const read = readNode(reading, value, to, to);
  return (
    read && { name: String(key.value), start: from + reading.offset, end: to + reading.offset, value: read }
  );
}
