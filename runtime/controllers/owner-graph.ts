import {
  isKind,
  type Kind,
  type KubernetesObject,
  keyOf,
  kindNames,
  kinds,
  type ObjectKey,
  type OwnerReference,
  type Stored,
} from "../../model/meta.ts";
import type { Client } from "../client/client.ts";
import { equalStructure } from "../client/structure.ts";

/** Kinds whose objects neither own nor are owned; there are many of them, and they come and go all the time. */
const ignored: ReadonlySet<Kind> = new Set<Kind>(["Event", "Lease"]);

export const collectedKinds: readonly Kind[] = kindNames.filter((kind) => !ignored.has(kind));

/** Who depends on whom: from the uid of an owner to the keys of what names it as an owner, whether or not it controls it. */
export class OwnerGraph {
  readonly #dependents = new Map<string, Set<ObjectKey>>();

  /** Takes in a change of an object. Gives whether its owners are others than before. */
  update(previous: KubernetesObject | undefined, next: KubernetesObject | undefined): boolean {
    const before = previous?.metadata.ownerReferences;
    const after = next?.metadata.ownerReferences;
    if (before === after || (previous && next && equalStructure(before, after))) return false;
    const key = keyOf((next ?? previous)!);
    for (const { uid } of before ?? []) {
      const set = this.#dependents.get(uid);
      set?.delete(key);
      if (set?.size === 0) this.#dependents.delete(uid);
    }
    for (const { uid } of after ?? []) {
      const set = this.#dependents.get(uid);
      if (set) set.add(key);
      else this.#dependents.set(uid, new Set([key]));
    }
    return true;
  }

  dependents(uid: string): readonly ObjectKey[] {
    return [...(this.#dependents.get(uid) ?? [])];
  }
}

/** What an owner reference leads to. An owner of a kind that is not served here is taken to be there. */
export type OwnerState = "there" | "gone" | "waiting";

/** "waiting": it is there, but only until its dependents are gone. `finalizer` says that it waits. */
export function ownerState(
  client: Client,
  dependent: KubernetesObject,
  reference: OwnerReference,
  finalizer: string,
): OwnerState {
  if (!isKind(reference.kind) || kinds[reference.kind].apiVersion !== reference.apiVersion) return "there";
  const namespace = kinds[reference.kind].namespaced ? dependent.metadata.namespace : undefined;
  const owner: Stored | undefined = client.get(reference.kind, namespace, reference.name);
  if (owner?.metadata.uid !== reference.uid) return "gone";
  const { deletionTimestamp, finalizers = [] } = owner.metadata;
  return deletionTimestamp !== undefined && finalizers.includes(finalizer) ? "waiting" : "there";
}
