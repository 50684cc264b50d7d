import type { KindMap } from "../../../model/core.ts";
import type { Kind, Stored } from "../../../model/meta.ts";
import type { ListQuery, WatchEvent } from "../../client/client.ts";
import type { ApiBackend } from "../backend.ts";

/**
 * The objects of a kind as they were at a revision, in order of namespace and name: those of now, with all undone
 * that a watch from there would tell. "expired" where that is no longer remembered.
 */
export function listAt(
  backend: ApiBackend,
  kind: Kind,
  revision: number,
  query: Pick<ListQuery, "namespace"> = {},
): readonly Stored[] | "expired" {
  // What each object that has changed since was before its first change.
  const before = new Map<string, Stored | undefined>();
  const note = ({ type, object, previous }: WatchEvent<KindMap[Kind]>) => {
    const key = placeOf(object);
    if (!before.has(key)) before.set(key, type === "ADDED" ? undefined : (previous ?? object));
  };
  const stop = backend.watchFrom(kind, revision, note, query);
  if (stop === "expired") return stop;
  stop();
  const now: readonly Stored[] = backend.list(kind, query);
  if (before.size === 0) return now;
  const unchanged = now.filter((object) => !before.has(placeOf(object)));
  const changed = [...before.values()].filter((object) => object !== undefined);
  return [...unchanged, ...changed].sort(inOrder);
}

const placeOf = ({ metadata }: Stored) => `${metadata.namespace ?? ""}/${metadata.name}`;

function inOrder({ metadata: a }: Stored, { metadata: b }: Stored): number {
  const [left, right] = [a.namespace ?? "", b.namespace ?? ""];
  if (left !== right) return left < right ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
