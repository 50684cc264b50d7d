import type { Namespace, Pod } from "../../model/core.ts";
import { type Kind, kinds, parseTimestamp, type Stored, timestamp } from "../../model/meta.ts";
import { isTerminal } from "../../model/pod.ts";
import type { DeleteOptions } from "../client/client.ts";
import { equalStructure } from "../client/structure.ts";
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
 * Deletes an object or begins to (`rest.BeforeDelete` and `store.go`). Gives whether it is gone, and the object as it is
 * left, made when it is asked for: most of what goes is an event that has expired, and nobody asks.
 */
export function deleteObject(
  context: Context,
  kind: Kind,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions & WriteOptions = {},
): { readonly gone: boolean; object(): Stored } {
  const scope = kinds[kind].namespaced ? namespace || "default" : undefined;
  const previous: Stored | undefined = context.store.get(kind, scope, name);
  if (!previous) throw notFound(kind, name);
  checkPreconditions(kind, previous, options);
  if (kind === "Namespace" && immortalNamespaces.has(name))
    throw forbidden(kind, name, "this namespace may not be deleted");
  const finalizers = propagate(previous, options);
  const grace = graceOf(previous, options);
  const gone = grace === 0 && finalizersLeft(previous, finalizers) === 0;
  const marked = () => mark(context, previous, finalizers, grace);
  if (gone) {
    if (!options.dryRun) removeObject(context, previous);
    return { gone, object: marked };
  }
  const next = marked();
  const left = options.dryRun || next === previous ? next : write(context, previous, next);
  return { gone, object: () => left };
}

function write({ store }: Context, previous: Stored, next: Stored): Stored {
  return next.kind === "Namespace" ? store.put(next) : store.write(previous, next);
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

/**
 * The object with its time of deletion, its grace and the finalizers that the propagation asks for; the very same where
 * all of that is so already.
 */
function mark(
  context: Context,
  object: Stored,
  finalizers: readonly string[],
  grace: number | undefined,
): Stored {
  const { deletionTimestamp, deletionGracePeriodSeconds: old, generation } = object.metadata;
  const before = object.metadata.finalizers ?? none;
  const begins = deletionTimestamp === undefined;
  const same = grace === old && !begins && equalStructure(finalizers, before);
  if (same && object.kind !== "Namespace") return object;
  const metadata: { -readonly [Field in keyof Stored["metadata"]]: Stored["metadata"][Field] } = {
    ...object.metadata,
  };
  if (finalizers.length > 0) metadata.finalizers = Object.freeze(finalizers);
  else if (before.length > 0) delete metadata.finalizers;
  if (begins || grace !== old) {
    const begun = begins ? context.clock.now() : parseTimestamp(deletionTimestamp) - (old ?? 0) * 1000;
    metadata.deletionTimestamp = timestamp(begun + grace! * 1000);
    metadata.deletionGracePeriodSeconds = grace!;
  }
  if (begins && generation) metadata.generation = generation + 1;
  const next = { ...object, metadata };
  return object.kind === "Namespace" ? terminating(next as Stored<Namespace>) : next;
}

/**
 * The grace of an object after this, in seconds. Only pods on a node that have not ended have any: their kubelet ends
 * them and then deletes them. One that is being deleted keeps its own, unless it is given a shorter one.
 */
function graceOf(object: Stored, options: DeleteOptions): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds: old } = object.metadata;
  if (object.kind !== "Pod") return deletionTimestamp === undefined ? 0 : old;
  if (deletionTimestamp !== undefined && options.gracePeriodSeconds === undefined) return old;
  const pod = object as Stored<Pod>;
  const ends = pod.spec.nodeName && !isTerminal(pod);
  const asked = options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE;
  const grace = ends ? (asked < 0 ? 1 : asked) : 0;
  return deletionTimestamp !== undefined && grace >= (old ?? 0) ? old : grace;
}

const none: readonly string[] = [];

function propagate(object: Stored, { propagationPolicy }: DeleteOptions): readonly string[] {
  const current = object.metadata.finalizers ?? none;
  const others =
    current.length === 0 ? none : current.filter((each) => each !== ORPHAN && each !== FOREGROUND);
  if (propagationPolicy === "Background") return others;
  if (propagationPolicy === "Foreground") return [...others, FOREGROUND];
  if (propagationPolicy === "Orphan") return [...others, ORPHAN];
  if (others.length < current.length) return current;
  return strategyOf(object.kind as Kind).orphans ? [...others, ORPHAN] : others;
}

function terminating(namespace: Stored<Namespace>): Stored<Namespace> {
  return { ...namespace, status: { ...namespace.status, phase: "Terminating" } };
}
