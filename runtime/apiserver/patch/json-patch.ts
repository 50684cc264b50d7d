import { isRecord } from "../schema/decode.ts";
import { badRequest, tooLarge, unprocessable } from "../status.ts";

/** As in Kubernetes (`maxJSONPatchOperations`). */
const maximumOperations = 10_000;

/** `copy` can double a document with each operation; Kubernetes stops it at the size of a request. */
const maximumCopiedBytes = 3 * 1024 * 1024;

interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from?: readonly string[];
  readonly value?: unknown;
}

/**
 * JSON patch (RFC 6902). 400 for what is no patch, 413 above 10000 operations, 422 where an operation does not fit
 * the document or a `test` fails; then nothing of it is applied.
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest("a JSON patch is a list of operations");
  if (patch.length > maximumOperations)
    throw tooLarge(
      `The allowed maximum operations in a JSON patch is ${maximumOperations}, got ${patch.length}`,
    );
  // One copy is changed in place, and thrown away where an operation fails: ten thousand copies would take minutes.
  const root: Root = { value: cloneOf(document) };
  let copied = 0;
  for (const operation of patch.map(readOperation)) {
    if (operation.op === "copy") {
      copied += JSON.stringify(read(root.value, operation.from!)).length;
      if (copied > maximumCopiedBytes)
        throw tooLarge(`the copies of the JSON patch exceed ${maximumCopiedBytes} bytes`);
    }
    applyOperation(root, operation);
  }
  return root.value;
}

/** What holds the document, so that the whole of it can be replaced. */
interface Root {
  value: unknown;
}

/** Unfrozen; made of entries, so that a key such as `__proto__` is a key like any other. */
function cloneOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloneOf);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cloneOf(inner)]));
}

function readOperation(raw: unknown, index: number): Operation {
  const fail = (why: string) => badRequest(`operation ${index} of the JSON patch ${why}`);
  if (!isRecord(raw)) throw fail("is not an object");
  const { op, path, from } = raw;
  if (typeof op !== "string" || !["add", "remove", "replace", "move", "copy", "test"].includes(op))
    throw fail(`has no known "op": ${JSON.stringify(op ?? null)}`);
  if (typeof path !== "string" || !isPointer(path))
    throw fail(`has no valid "path": ${JSON.stringify(path ?? null)}`);
  const needsFrom = op === "move" || op === "copy";
  if (needsFrom && (typeof from !== "string" || !isPointer(from)))
    throw fail(`has no valid "from": ${JSON.stringify(from ?? null)}`);
  if (["add", "replace", "test"].includes(op) && !Object.hasOwn(raw, "value")) throw fail('has no "value"');
  return { op, path: tokens(path), ...(needsFrom && { from: tokens(from as string) }), value: raw.value };
}

function isPointer(text: string): boolean {
  return text === "" || text.startsWith("/");
}

function tokens(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function applyOperation(root: Root, { op, path, from, value }: Operation): void {
  switch (op) {
    case "add":
      add(root, path, value);
      break;
    case "remove":
      remove(root, path);
      break;
    case "replace":
      replace(root, path, value);
      break;
    case "move": {
      const moved = read(root.value, from!);
      if (from!.length < path.length && from!.every((token, index) => token === path[index]))
        throw unprocessable(`cannot move ${show(from!)} into itself`);
      remove(root, from!);
      add(root, path, moved);
      break;
    }
    case "copy":
      add(root, path, cloneOf(read(root.value, from!)));
      break;
    default:
      if (!equal(read(root.value, path), value))
        throw unprocessable(`testing value ${show(path)} failed: test failed`);
  }
}

const show = (path: readonly string[]) => `/${path.join("/")}`;

function read(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const token of path) {
    if (Array.isArray(value)) value = value[indexIn(value, token, path, false)];
    else if (isRecord(value) && Object.hasOwn(value, token)) value = value[token];
    else throw missing(path);
  }
  return value;
}

function missing(path: readonly string[]) {
  return unprocessable(`the document has no ${show(path)}: missing path`);
}

/** The index a token stands for; `end` allows the place after the last item. */
function indexIn(list: readonly unknown[], token: string, path: readonly string[], end: boolean): number {
  if (end && token === "-") return list.length;
  const index = /^(0|[1-9]\d{0,8})$/.test(token) ? Number(token) : -1;
  if (index < 0 || index > list.length - (end ? 0 : 1)) throw missing(path);
  return index;
}

/** The list or object in which a path ends, and its last token. */
function placeOf(root: Root, path: readonly string[]): [unknown[] | Record<string, unknown>, string] {
  let container = root.value;
  for (const token of path.slice(0, -1)) {
    if (Array.isArray(container)) container = container[indexIn(container, token, path, false)];
    else if (isRecord(container) && Object.hasOwn(container, token)) container = container[token];
    else throw missing(path);
  }
  if (!Array.isArray(container) && !isRecord(container)) throw missing(path);
  return [container, path.at(-1)!];
}

function add(root: Root, path: readonly string[], value: unknown): void {
  if (path.length === 0) {
    root.value = value;
    return;
  }
  const [container, token] = placeOf(root, path);
  if (Array.isArray(container)) container.splice(indexIn(container, token, path, true), 0, value);
  else setKey(container, token, value);
}

function replace(root: Root, path: readonly string[], value: unknown): void {
  read(root.value, path);
  if (path.length === 0) {
    root.value = value;
    return;
  }
  const [container, token] = placeOf(root, path);
  if (Array.isArray(container)) container[indexIn(container, token, path, false)] = value;
  else setKey(container, token, value);
}

function setKey(record: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(root: Root, path: readonly string[]): void {
  if (path.length === 0) {
    root.value = null;
    return;
  }
  const [container, token] = placeOf(root, path);
  if (Array.isArray(container)) container.splice(indexIn(container, token, path, false), 1);
  else if (Object.hasOwn(container, token)) delete container[token];
  else throw missing(path);
}

/** Equality of JSON values; the order of an object's keys does not count. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]))
  );
}
