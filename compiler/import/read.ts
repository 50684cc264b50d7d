import {
  Composer,
  type Document,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  Parser,
  type YAMLError,
} from "yaml";
import type { KubernetesObject } from "../../model/meta.ts";
import { yamlTooMuch } from "../diagnostics/catalog/manifests.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Manifest } from "../source/manifest.ts";
import type { SourceFile, Span } from "../source/source.ts";
import { objectProblem, otherFile } from "./identity.ts";
import { findPlaceholder, syntaxProblem, templateProblem } from "./problems.ts";
import { blotOut, blotOutUnread, secretSpans } from "./secrets.ts";
import { startWalk, type Walker, walk } from "./walk.ts";

export interface ManifestFile {
  /** The file to show: its text without secrets' values, else the same. */
  readonly file: SourceFile;
  readonly manifests: readonly Manifest[];
  readonly diagnostics: readonly Diagnostic[];
  /** What the file is, where nothing in it means to be a Kubernetes object: "a compose file". Said as an error too. */
  readonly other?: string;
}

/** Maps and lists within each other; real objects have some twenty. */
const deepest = 100;

/**
 * Reads Kubernetes objects from YAML or JSON, one document or many, `List`s taken apart. Never throws: what cannot be
 * read is in `diagnostics`, and the documents beside it are still read. Nothing but identity is looked at.
 */
export function readManifests(source: SourceFile): ManifestFile {
  // Spans point into this one; its text changes when all is read, and secrets are known.
  const file = { path: source.path, text: source.text };
  const diagnostics: Diagnostic[] = [];
  const manifests: Manifest[] = [];
  const others: (string | undefined)[] = [];
  const placeholders: Span[] = [];
  const documents = documentsOf(file, diagnostics);
  // Before anything is said of it: line maps keep the text that they were made of.
  if (documents.some(({ errors }) => errors.length > 0)) file.text = blotOutUnread(file.text);
  for (const document of documents) {
    if (document.errors.length > 0) {
      const template = findPlaceholder(file, document.range[0], document.range[2]);
      if (template) placeholders.push(template);
      else diagnostics.push(syntaxProblem(file, firstOf(document.errors)));
      others.push(undefined);
      continue;
    }
    if (isEmpty(document.contents)) continue;
    const found: Diagnostic[] = [];
    const walker = startWalk(file, document, (diagnostic) => found.push(diagnostic));
    const read = readObjects(walker, document.contents as Node);
    placeholders.push(...walker.placeholders);
    if (walker.placeholders.length > 0) continue;
    // What cannot be read is not looked at again: it would be missing everywhere.
    diagnostics.push(...(found.length > 0 ? found : read.diagnostics));
    manifests.push(...read.manifests);
    others.push(found.length > 0 ? undefined : read.other);
  }
  const [first] = placeholders;
  if (first) diagnostics.push(templateProblem(first, placeholders.length));
  const secrets = manifests.flatMap(secretSpans);
  if (secrets.length > 0) file.text = blotOut(file.text, secrets);
  if (diagnostics.length > 0) file.text = blotOutUnread(file.text);
  const other = others.length > 0 && others.every((each) => each !== undefined) ? others[0] : undefined;
  return { file, manifests, diagnostics, ...(other === undefined || first ? {} : { other }) };
}

/** The documents with what is wrong in each; none, with a diagnostic, of a file that is nested too deeply to be read. */
function documentsOf(file: SourceFile, diagnostics: Diagnostic[]): Document.Parsed[] {
  const lexer = new Lexer();
  const parser = new Parser();
  const tokens: Parameters<Composer["next"]>[0][] = [];
  for (const lexeme of lexer.lex(file.text)) {
    tokens.push(...parser.next(lexeme));
    // Each level is a map or list and a key of it. The reader's later steps call themselves for each.
    if (parser.stack.length <= 2 * deepest) continue;
    const start = Math.min(parser.offset, file.text.length);
    const what = `maps and lists stand within each other more than ${deepest} deep`;
    diagnostics.push(yamlTooMuch({ file, start, end: start }, { what }));
    return [];
  }
  tokens.push(...parser.end());
  // Every scalar is read as text, and then by Kubernetes' own rules.
  const composer = new Composer({
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  return [...composer.compose(tokens, false, file.text.length)] as Document.Parsed[];
}

const firstOf = (errors: readonly YAMLError[]): YAMLError =>
  errors.reduce((first, each) => (each.pos[0] < first.pos[0] ? each : first));

const isEmpty = (node: unknown) =>
  node === null || node === undefined || (isScalar(node) && node.type === "PLAIN" && !node.source?.trim());

interface ReadObjects {
  readonly manifests: Manifest[];
  readonly diagnostics: Diagnostic[];
  readonly other?: string;
}

const fieldNode = (node: Node, name: string): unknown =>
  isMap(node)
    ? (node.items as Pair[]).find(({ key }) => isScalar(key) && key.value === name)?.value
    : undefined;

function readObjects(walker: Walker, node: Node, kindOfItems?: Partial<KubernetesObject>): ReadObjects {
  const kind = fieldNode(node, "kind");
  const items = fieldNode(node, "items");
  if (isScalar(kind) && /List$/.test(String(kind.value)) && isSeq(items))
    return readList(walker, node, items.items as Node[], String(kind.value));
  walker.places = new Map();
  const value = walk(walker, node, "");
  const given = kindOfItems && isRecord(value) ? { ...kindOfItems, ...value } : value;
  const problem = objectProblem(walker, given);
  const other = problem && kindOfItems === undefined ? otherFile(given) : undefined;
  if (problem) return { manifests: [], diagnostics: problem, ...(other === undefined ? {} : { other }) };
  const { file, places, comments } = walker;
  walker.comments = new Map();
  const object = withoutNulls(given) as KubernetesObject;
  return { manifests: [{ file, object: named(object), places, comments }], diagnostics: [] };
}

/** `kind: List`, or a list of one kind (`PodList`) whose items need not say what they are. */
function readList(walker: Walker, node: Node, items: readonly Node[], kind: string): ReadObjects {
  const version = fieldNode(node, "apiVersion");
  const own =
    kind === "List"
      ? {}
      : { kind: kind.slice(0, -4), ...(isScalar(version) ? { apiVersion: String(version.value) } : {}) };
  const found: ReadObjects = { manifests: [], diagnostics: [] };
  for (const each of items) {
    const { manifests, diagnostics } = readObjects(walker, each, own);
    found.manifests.push(...manifests);
    found.diagnostics.push(...diagnostics);
  }
  return found;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Maps of texts, in which Kubernetes reads `null` as an empty one. */
const textMaps = new Set([
  "data",
  "stringData",
  "labels",
  "annotations",
  "matchLabels",
  "nodeSelector",
  "selector",
]);

/** `null` is a field that is not there. */
function withoutNulls(value: unknown, field = ""): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutNulls(each));
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
    if (each === null || each === undefined) return textMaps.has(field) ? [[key, ""]] : [];
    return [[key, withoutNulls(each, key)]];
  });
  return Object.fromEntries(kept);
}

/** An object whose name the cluster is to make has one of that form here. */
function named(object: KubernetesObject): KubernetesObject {
  const { name, generateName } = object.metadata;
  if (typeof name === "string" || generateName === undefined) return object;
  return { ...object, metadata: { ...object.metadata, name: `${generateName}x` } };
}
