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
  const operations = patch.map(readOperation);
  let result = document;
  let copied = 0;
  for (const operation of operations) {
    if (operation.op === "copy") {
      copied += JSON.stringify(read(result, operation.from!)).length;
      if (copied > maximumCopiedBytes)
        throw tooLarge(`the copies of the JSON patch exceed ${maximumCopiedBytes} bytes`);
    }
    result = applyOperation(result, operation);
  }
  return result;
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

function applyOperation(document: unknown, { op, path, from, value }: Operation): unknown {
  switch (op) {
    case "add":
      return add(document, path, value);
    case "remove":
      return remove(document, path);
    case "replace":
      read(document, path);
      return path.length === 0 ? value : add(remove(document, path), path, value);
    case "move": {
      const moved = read(document, from!);
      if (from!.length < path.length && from!.every((token, index) => token === path[index]))
        throw unprocessable(`cannot move ${show(from!)} into itself`);
      return add(remove(document, from!), path, moved);
    }
    case "copy":
      return add(document, path, read(document, from!));
    default:
      if (!equal(read(document, path), value))
        throw unprocessable(`testing value ${show(path)} failed: test failed`);
      return document;
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

/** Rebuilds the containers along `path` and lets `edit` make the last one new. */
function rebuild(
  document: unknown,
  path: readonly string[],
  edit: (container: unknown[] | Map<string, unknown>, token: string) => void,
  depth = 0,
): unknown {
  const token = path[depth]!;
  const last = depth === path.length - 1;
  if (Array.isArray(document)) {
    const copy = [...document];
    if (last) edit(copy, token);
    else {
      const index = indexIn(copy, token, path, false);
      copy[index] = rebuild(copy[index], path, edit, depth + 1);
    }
    return copy;
  }
  if (!isRecord(document)) throw missing(path);
  const copy = new Map(Object.entries(document));
  if (last) edit(copy, token);
  else {
    if (!copy.has(token)) throw missing(path);
    copy.set(token, rebuild(copy.get(token), path, edit, depth + 1));
  }
  return Object.fromEntries(copy);
}

function add(document: unknown, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return value;
  return rebuild(document, path, (container, token) => {
    if (Array.isArray(container)) container.splice(indexIn(container, token, path, true), 0, value);
    else container.set(token, value);
  });
}

function remove(document: unknown, path: readonly string[]): unknown {
  if (path.length === 0) return null;
  return rebuild(document, path, (container, token) => {
    if (Array.isArray(container)) container.splice(indexIn(container, token, path, false), 1);
    else if (!container.delete(token)) throw missing(path);
  });
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
