import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from "yaml";
import type { FieldPath } from "../../model/plan.ts";
import { yamlAlias, yamlKey, yamlKeyTwice, yamlTooMuch } from "../diagnostics/catalog/manifests.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { child, item } from "../plan/paths.ts";
import type { Comments, FieldPlace, ValueStyle } from "../source/manifest.ts";
import type { SourceFile, Span } from "../source/source.ts";
import { findPlaceholder } from "./problems.ts";
import { readPlain } from "./scalars.ts";

/** From the nodes of one document to plain JSON, with the place and the comments of each field on the way. */

export interface Walked {
  readonly value: unknown;
  readonly places: ReadonlyMap<FieldPath, FieldPlace>;
  readonly comments: ReadonlyMap<FieldPath, Comments>;
}

export interface Walker {
  readonly file: SourceFile;
  readonly report: (diagnostic: Diagnostic) => void;
  readonly anchors: Map<string, Node>;
  /** Anchors whose value is being written out. */
  readonly open: Set<Node>;
  /** Nodes that were written out for aliases. */
  copied: number;
  places: Map<FieldPath, FieldPlace>;
  comments: Map<FieldPath, Comments>;
  /** Where the placeholders of templates stand. */
  readonly placeholders: Span[];
}

/** All that aliases may stand for in one document together. */
const mostCopied = 20_000;

export function startWalk(file: SourceFile, document: Document, report: Walker["report"]): Walker {
  const walker: Walker = {
    file,
    report,
    anchors: new Map(),
    open: new Set(),
    copied: 0,
    places: new Map(),
    comments: new Map(),
    placeholders: [],
  };
  addComments(walker, "", { before: lines(document.commentBefore), end: lines(document.comment) });
  return walker;
}

/** The node at `path`, and all in it; `undefined` where nothing is written. */
export function walk(walker: Walker, node: unknown, path: FieldPath, key?: Span): unknown {
  if (isAlias(node)) return walkAlias(walker, node.source, node as Node, path, key);
  const real = node as Node | null | undefined;
  if (!real?.range) return undefined;
  const anchor = (real as { anchor?: string }).anchor;
  if (anchor) walker.anchors.set(anchor, real);
  if (walker.open.size > 0 && ++walker.copied > mostCopied) return undefined;
  if (walker.open.size === 0) addOwnComments(walker, path, real);
  notePlaceholder(walker, path, real);
  const place = (style: ValueStyle): FieldPlace => ({
    ...(key ? { key } : {}),
    value: spanOf(walker, real),
    style,
    ...((real as { flow?: boolean }).flow ? { flow: true } : {}),
  });
  if (isMap(real)) {
    walker.places.set(path, place("map"));
    return walkMap(walker, real.items as Pair[], path);
  }
  if (isSeq(real)) {
    walker.places.set(path, place("list"));
    return real.items.map((each, index) => walk(walker, each, item(path, index)) ?? null);
  }
  if (!isScalar(real)) return undefined;
  const style = real.type === "PLAIN" ? "plain" : real.type?.startsWith("BLOCK") ? "block" : "quoted";
  walker.places.set(path, place(style));
  return scalarValue(real);
}

function walkAlias(walker: Walker, name: string, alias: Node, path: FieldPath, key?: Span): unknown {
  const target = walker.anchors.get(name);
  const at = spanOf(walker, alias);
  if (!target) {
    walker.report(yamlAlias(at, { name, why: "has no anchor above it" }));
    return undefined;
  }
  if (walker.open.has(target)) {
    walker.report(yamlAlias(at, { name, why: "stands within what it means" }));
    return undefined;
  }
  if (walker.copied > mostCopied) return undefined;
  walker.open.add(target);
  const value = walk(walker, target, path, key);
  walker.open.delete(target);
  if (walker.open.size === 0 && walker.copied > mostCopied)
    walker.report(yamlTooMuch(at, { what: `its aliases stand for more than ${mostCopied} values` }));
  return value;
}

/** Whether an object stands below another one without the line between: what says what an object is comes again. */
function beginsObject(pairs: readonly Pair[], seen: ReadonlyMap<string, Span>): boolean {
  const again = new Set(pairs.map(({ key }) => (isScalar(key) ? key.value : undefined)));
  return ["apiVersion", "kind", "metadata"].every((key) => seen.has(key) && again.has(key));
}

function walkMap(walker: Walker, pairs: readonly Pair[], path: FieldPath): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  const seen = new Map<string, Span>();
  const merged: unknown[] = [];
  for (const [index, pair] of pairs.entries()) {
    const key = keyText(walker, pair);
    if (key === undefined) continue;
    const at = spanOf(walker, pair.key as Node);
    if (key === "<<" && (pair.key as Scalar).type === "PLAIN") {
      merged.push(pair.value);
      continue;
    }
    const first = seen.get(key);
    if (first && path === "" && beginsObject(pairs.slice(index), seen)) {
      const title = "a second object begins here: write `---` on a line before it";
      const edits = [{ span: { ...at, end: at.start }, text: "---\n" }];
      const secondary = [{ span: first, text: "here already" }];
      walker.report(yamlKeyTwice(at, { key }, { secondary, fixes: [{ title, edits }] }));
      break;
    }
    if (first) {
      walker.report(yamlKeyTwice(at, { key }, { secondary: [{ span: first, text: "here already" }] }));
      continue;
    }
    seen.set(key, at);
    const inner = child(path, key);
    if (walker.open.size === 0) addPairComments(walker, inner, pair, index === 0);
    if (pair.value === null || pair.value === undefined) {
      walker.places.set(inner, { key: at, value: { ...at, start: at.end }, style: "plain" });
      fields.set(key, null);
    } else fields.set(key, walk(walker, pair.value, inner, at));
  }
  for (const each of merged) mergeInto(walker, fields, each, path);
  return Object.fromEntries(fields);
}

/** `<<: *base` or `<<: [*one, *two]`: what is written beside it wins, and of several the first. */
function mergeInto(walker: Walker, fields: Map<string, unknown>, from: unknown, path: FieldPath): void {
  if (isSeq(from)) {
    for (const each of from.items) mergeInto(walker, fields, each, path);
    return;
  }
  const own = walker.places;
  walker.places = new Map();
  const value = walk(walker, from, path);
  const found = walker.places;
  walker.places = own;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  for (const [key, field] of Object.entries(value)) {
    if (fields.has(key)) continue;
    fields.set(key, field);
    const inner = child(path, key);
    for (const [at, place] of found)
      if (at === inner || at.startsWith(`${inner}.`) || at.startsWith(`${inner}[`)) own.set(at, place);
  }
}

/** A key as Kubernetes reads it; undefined, and reported, where it reads another one than is written. */
function keyText(walker: Walker, { key }: Pair): string | undefined {
  if (isAlias(key)) {
    const target = walker.anchors.get(key.source);
    if (isScalar(target)) return String(target.value);
  }
  if (!isScalar(key)) {
    const node = key as Node | null;
    if (node?.range) {
      const span = spanOf(walker, node);
      walker.report(yamlKey(span, { key: shown(span), why: "is no text" }));
    }
    return undefined;
  }
  const text = String(key.value ?? "");
  if (key.type !== "PLAIN") return text;
  const meant = readPlain(text);
  if (String(meant) === text) return text;
  const span = spanOf(walker, key);
  const fixes = [{ title: "put it in quotes", edits: [{ span, text: JSON.stringify(text) }] }];
  const why =
    meant === null
      ? "is nothing at all to YAML"
      : `is \`${String(meant)}\` to Kubernetes, which reads YAML 1.1`;
  walker.report(yamlKey(span, { key: text, why }, { fixes }));
  return undefined;
}

const ofHelm =
  /\{\{-?\s*(?:(?:include|template|tpl|toYaml|required)\s|[^{}]*\.(?:Values|Release|Chart|Capabilities)\b)/;

/** Programs and configuration files may have templates of their own. */
const ownTemplates = /(^|\.)(data|stringData|annotations|args|command|env\[\d+\]\.value)([.[]|$)/;

/** A value that a template's tool was to fill in: everywhere where it is Helm's, else where no program would read it. */
function notePlaceholder(walker: Walker, path: FieldPath, node: Node): void {
  const [start, end] = node.range!;
  const { file } = walker;
  if (isMap(node) && !(node.flow && file.text.startsWith("{{", start))) return;
  if (!isMap(node) && !(isScalar(node) && String(node.value).includes("{{"))) return;
  const plain = isMap(node) || (isScalar(node) && node.type === "PLAIN");
  const text = file.text.slice(start, end);
  if (!ofHelm.test(text) && (!plain || ownTemplates.test(path))) return;
  const span = findPlaceholder(file, start, end);
  if (span) walker.placeholders.push(span);
}

const shown = (span: Span) => span.file.text.slice(span.start, Math.min(span.end, span.start + 40));

function scalarValue(node: Scalar): unknown {
  const text = String(node.value ?? "");
  switch (node.tag) {
    case "tag:yaml.org,2002:str":
    case "!":
      return text;
    case "tag:yaml.org,2002:int":
    case "tag:yaml.org,2002:float":
    case "tag:yaml.org,2002:bool":
    case "tag:yaml.org,2002:null":
      return readPlain(text);
    default:
      return node.type === "PLAIN" ? readPlain(text) : text;
  }
}

/** From the first character that is written to the last: ranges of collections reach to what comes after them. */
function spanOf(walker: Walker, node: Node): Span {
  const [start, end] = node.range!;
  let last = end;
  const { text } = walker.file;
  while (last > start && /\s/.test(text[last - 1]!)) last--;
  // Comments below the last entry stand within a collection's range.
  if ((isMap(node) || isSeq(node)) && !node.flow) {
    const inner = node.items.at(-1);
    const tail = isMap(node) ? ((inner as Pair)?.value ?? (inner as Pair)?.key) : inner;
    if ((tail as Node | null)?.range) last = spanOf(walker, tail as Node).end;
  }
  return { file: walker.file, start, end: Math.max(last, start) };
}

// ── Comments ───────────────────────────────────────────────────────────────────────────────────────────────

function lines(text: string | null | undefined): readonly string[] {
  return text ? text.split("\n").map((line) => line.replace(/^ /, "").trimEnd()) : [];
}

function addComments(walker: Walker, path: FieldPath, found: Comments): void {
  const before = [...(walker.comments.get(path)?.before ?? []), ...(found.before ?? [])];
  const end = [...(walker.comments.get(path)?.end ?? []), ...(found.end ?? [])];
  const after = found.after ?? walker.comments.get(path)?.after;
  const blank = found.blank || walker.comments.get(path)?.blank;
  if (before.length + end.length === 0 && after === undefined && !blank) return;
  walker.comments.set(path, {
    ...(before.length > 0 ? { before } : {}),
    ...(after === undefined ? {} : { after }),
    ...(end.length > 0 ? { end } : {}),
    ...(blank ? { blank } : {}),
  });
}

/** Those at the key, and those between the key and a map or list below it, which belong to its first entry. */
function addPairComments(walker: Walker, path: FieldPath, { key, value }: Pair, first: boolean): void {
  const { commentBefore, spaceBefore } = key as Scalar;
  addComments(walker, path, { before: lines(commentBefore), blank: !first && spaceBefore === true });
  const collection = value as Node | null;
  if (!collection?.range || !(isMap(collection) || isSeq(collection)) || collection.flow) return;
  const between = lines(collection.commentBefore);
  if (between.length === 0) return;
  const keyEnd = (key as Node).range![1];
  const newline = walker.file.text.indexOf("\n", keyEnd);
  const behind = walker.file.text.slice(keyEnd, newline < 0 ? undefined : newline).includes("#");
  if (behind) addComments(walker, path, { after: between[0]! });
  const above = behind ? between.slice(1) : between;
  const entry = isMap(collection) ? (collection.items[0] as Pair | undefined)?.key : undefined;
  const inner = isMap(collection)
    ? isScalar(entry)
      ? child(path, String(entry.value))
      : path
    : item(path, 0);
  addComments(walker, inner, { before: above });
}

function addOwnComments(walker: Walker, path: FieldPath, node: Node): void {
  const collection = (isMap(node) || isSeq(node)) && !node.flow;
  const comment = lines(node.comment);
  if (collection) {
    // Of a list's item that is a map; that of a key's value was told with the key.
    if (path.endsWith("]")) addComments(walker, path, { before: lines(node.commentBefore) });
    addComments(walker, path, { end: comment });
    return;
  }
  addComments(walker, path, {
    before: path.endsWith("]") ? lines(node.commentBefore) : [],
    ...(comment.length > 0 ? { after: comment[0]! } : {}),
    end: comment.slice(1),
  });
}
