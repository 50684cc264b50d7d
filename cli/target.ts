import { nearest } from "../base/edit-distance.ts";
import { findKind, type KindInfo, kinds } from "../model/meta.ts";
import { CommandError, exitCodes } from "./error.ts";

/** An object that a command line names, or all of a kind where `name` is absent. */
export interface Target {
  readonly info: KindInfo;
  readonly name?: string;
}

/** The kinds of `all`, in kubectl's order. */
const allKinds: readonly KindInfo[] = [kinds.Pod, kinds.ReplicationController, kinds.Service];

/** A kind in any of its spellings; a usage error with the nearest one where there is none. */
export function kindOf(word: string): KindInfo {
  const found = findKind(word);
  if (found) return found;
  const words = Object.values<KindInfo>(kinds).flatMap((info) => [
    info.plural,
    info.singular,
    ...info.shortNames,
  ]);
  const near = nearest(word.toLowerCase(), words);
  throw new CommandError(
    `there is no kind ${JSON.stringify(word)}${near ? `; did you mean ${near}?` : ""}`,
    exitCodes.usage,
    `kinds: ${Object.values<KindInfo>(kinds)
      .map(({ plural }) => plural)
      .join(", ")}, all`,
  );
}

/**
 * `KIND[,KIND…] [NAME…]` or `KIND/NAME …`, as kubectl takes them. A usage error for no words at all, for a mixture of
 * the two forms, or for names of several kinds at once.
 */
export function parseTargets(words: readonly string[]): readonly Target[] {
  const [first, ...names] = words;
  if (first === undefined)
    throw new CommandError(
      "say what: KIND, KIND NAME or KIND/NAME",
      exitCodes.usage,
      "for example: kdsl get pods, kdsl get pod web-1, kdsl get rc/web",
    );
  if (words.some((word) => word.includes("/"))) return words.map(slashed);
  const infos = first
    .split(",")
    .filter((word) => word !== "")
    .flatMap((word) => (word === "all" ? allKinds : [kindOf(word)]));
  const unique = [...new Set(infos)];
  const [info] = unique;
  if (!info) throw new CommandError(`there is no kind in ${JSON.stringify(first)}`, exitCodes.usage);
  if (names.length === 0) return unique.map((each) => ({ info: each }));
  if (unique.length > 1)
    throw new CommandError("names go with one kind; use KIND/NAME for objects of several", exitCodes.usage);
  return names.map((name) => ({ info, name }));
}

function slashed(word: string): Target {
  const [kind, name, ...rest] = word.split("/");
  if (!kind || !name || rest.length > 0)
    throw new CommandError(
      `${JSON.stringify(word)} is not KIND/NAME; all objects are named so, or none is`,
      exitCodes.usage,
    );
  return { info: kindOf(kind), name };
}

/** Where a kind's objects are in the API; without a namespace, over all of them. */
export function collectionPath(info: KindInfo, namespace?: string): string {
  const root = info.apiVersion.includes("/") ? `/apis/${info.apiVersion}` : `/api/${info.apiVersion}`;
  return info.namespaced && namespace !== undefined
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${info.plural}`
    : `${root}/${info.plural}`;
}

export function objectPath(info: KindInfo, namespace: string, name: string): string {
  return `${collectionPath(info, namespace)}/${encodeURIComponent(name)}`;
}

/** `pod/web-1`: how messages name an object. */
export function nameOf(info: KindInfo, name: string): string {
  return `${info.singular}/${name}`;
}
