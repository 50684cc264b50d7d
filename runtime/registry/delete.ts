import type { Namespace, Pod } from "../../model/core.ts";
import {
  type Kind,
  kinds,
  type ObjectMeta,
  parseTimestamp,
  type Stored,
  timestamp,
} from "../../model/meta.ts";
import { isTerminal } from "../../model/pod.ts";
import type { DeleteOptions } from "../client/client.ts";
import type { Context, WriteOptions } from "./context.ts";
import { conflict, forbidden, notFound } from "./errors.ts";
import { immortalNamespaces } from "./namespace.ts";
import { finalizersLeft, removeObject } from "./removal.ts";
import { strategyOf } from "./strategies.ts";

/** The finalizers by which the garbage collector is told what to do with dependents before the owner goes. */
export const ORPHAN = "orphan";
export const FOREGROUND = "foregroundDeletion";

/** `Pod.spec.terminationGracePeriodSeconds` where nothing says otherwise. */
const DEFAULT_GRACE = 30;

/**
 * Deletes an object or begins to (`rest.BeforeDelete` and `store.go`). Gives the object as it is left, and whether it
 * is gone.
 */
export function deleteObject(
  context: Context,
  kind: Kind,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions & WriteOptions = {},
): { readonly object: Stored; readonly gone: boolean } {
  const scope = kinds[kind].namespaced ? namespace || "default" : undefined;
  const previous: Stored | undefined = context.store.get(kind, scope, name);
  if (!previous) throw notFound(kind, name);
  checkPreconditions(kind, previous, options);
  if (kind === "Namespace" && immortalNamespaces.has(name))
    throw forbidden(kind, name, "this namespace may not be deleted");
  const next = mark(context, previous, options);
  const gone = next.metadata.deletionGracePeriodSeconds === 0 && finalizersLeft(next) === 0;
  if (options.dryRun) return { object: next, gone };
  if (gone) {
    removeObject(context, previous);
    return { object: next, gone };
  }
  return { object: context.store.put(next), gone };
}

function checkPreconditions(kind: Kind, object: Stored, { preconditions }: DeleteOptions): void {
  const { name, uid, resourceVersion } = object.metadata;
  const fail = (what: string, wanted: string, found: string) =>
    conflict(
      kind,
      name,
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`,
    );
  if (preconditions?.uid !== undefined && preconditions.uid !== uid)
    throw fail("UID", preconditions.uid, uid);
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion)
    throw fail("ResourceVersion", preconditions.resourceVersion, resourceVersion);
}

/** The object with its time of deletion, its grace and the finalizers that the propagation asks for. */
function mark(context: Context, object: Stored, options: DeleteOptions): Stored {
  const { metadata } = object;
  const finalizers = propagate(object, options);
  const grace = graceOf(object, options);
  const changes: Partial<ObjectMeta> = {
    finalizers: finalizers.length > 0 ? finalizers : undefined,
  } as Partial<ObjectMeta>;
  const old = metadata.deletionGracePeriodSeconds ?? 0;
  if (metadata.deletionTimestamp === undefined) {
    Object.assign(changes, {
      deletionTimestamp: timestamp(context.clock.now() + grace * 1000),
      deletionGracePeriodSeconds: grace,
      ...(metadata.generation ? { generation: metadata.generation + 1 } : {}),
    });
  } else if (object.kind === "Pod" && options.gracePeriodSeconds !== undefined && grace < old) {
    // Only a shorter grace than the one running may be given.
    const begun = parseTimestamp(metadata.deletionTimestamp) - old * 1000;
    Object.assign(changes, {
      deletionTimestamp: timestamp(begun + grace * 1000),
      deletionGracePeriodSeconds: grace,
    });
  }
  const next = { ...object, metadata: { ...metadata, ...changes } };
  return object.kind === "Namespace" ? terminating(next as Stored<Namespace>) : next;
}

/** In seconds. Only pods on a node that have not ended have any: their kubelet ends them and then deletes them. */
function graceOf(object: Stored, options: DeleteOptions): number {
  if (object.kind !== "Pod") return 0;
  const pod = object as Stored<Pod>;
  if (!pod.spec.nodeName || isTerminal(pod)) return 0;
  const asked = options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE;
  return asked < 0 ? 1 : asked;
}

function propagate(object: Stored, { propagationPolicy }: DeleteOptions): readonly string[] {
  const current = object.metadata.finalizers ?? [];
  const others = current.filter((each) => each !== ORPHAN && each !== FOREGROUND);
  if (propagationPolicy === "Background") return others;
  if (propagationPolicy === "Foreground") return [...others, FOREGROUND];
  if (propagationPolicy === "Orphan") return [...others, ORPHAN];
  if (others.length < current.length) return current;
  return strategyOf(object.kind as Kind).orphans ? [...others, ORPHAN] : others;
}

function terminating(namespace: Stored<Namespace>): Stored<Namespace> {
  return { ...namespace, status: { ...namespace.status, phase: "Terminating" } };
}
