import { withDefaults } from "../../model/defaults.ts";
import {
  isKind,
  type Kind,
  type KubernetesObject,
  kinds,
  type ObjectMeta,
  type Stored,
} from "../../model/meta.ts";
import { validateContent, validateStatusUpdate, validateUpdate } from "../../model/validation.ts";
import { deepFreeze, shareStructure } from "../client/structure.ts";
import { remade } from "../store/version.ts";
import { type Context, isRecord, type UpdateOptions, type WriteOptions } from "./context.ts";
import { badRequest, conflict, invalid, modified, noStatus, notFound } from "./errors.ts";
import { finalizersLeft, removeObject } from "./removal.ts";
import { strategyOf } from "./strategies.ts";

/**
 * Writes an object's metadata and spec (all but its status). Throws `ApiError`: NotFound, Conflict where the given
 * `resourceVersion` or `uid` is not the stored one, Invalid. The last finalizer of an object that is being deleted
 * takes the object with it.
 */
export function updateObject(context: Context, given: KubernetesObject, options: UpdateOptions = {}): Stored {
  const previous = findPrevious(context, given);
  const kind = previous.kind as Kind;
  const strategy = strategyOf(kind);
  let next: KubernetesObject = {
    ...given,
    apiVersion: previous.apiVersion,
    metadata: nextMetadata(previous, given, options),
  };
  if (strategy.status) next = withStatusOf(previous, next);
  next = withDefaults(next);
  next = options.finalize
    ? ({
        ...previous,
        metadata: nextMetadata(previous, previous, options),
        spec: specOf(given) ?? {},
      } as KubernetesObject)
    : (strategy.prepareUpdate?.(previous, next, context) ?? next);
  next = shareStructure(previous, next);
  if (next === previous) return previous;
  if (strategy.generation && specOf(previous) !== specOf(next))
    next = { ...next, metadata: { ...next.metadata, generation: (previous.metadata.generation ?? 0) + 1 } };
  const broken = validateUpdate(previous, next);
  const causes = broken.length > 0 ? broken : validateContent(next);
  if (causes.length > 0) throw invalid(kind, previous.metadata.name, causes);
  const allocation = context.allocators[kind]?.allocate(previous, next);
  const final = allocation?.object ?? next;
  if (options.dryRun) {
    allocation?.undo();
    return deepFreeze(final as Stored);
  }
  allocation?.commit();
  const ended = isEnded(final);
  // What is frozen has been shared already.
  const stored = (
    Object.isFrozen(final) ? context.store.write(previous, final) : context.store.put(final)
  ) as Stored;
  if (ended) removeObject(context, stored);
  return stored;
}

/** Writes an object's status and nothing else; else as `updateObject`. */
export function updateObjectStatus(
  context: Context,
  given: KubernetesObject,
  options: WriteOptions = {},
): Stored {
  const previous = findPrevious(context, given);
  const kind = previous.kind as Kind;
  if (!strategyOf(kind).status) throw noStatus();
  const before = (previous as { status?: unknown }).status;
  const status = shareStructure(before, (given as { status?: unknown }).status);
  const managedFields = shareStructure(previous.metadata.managedFields, managersAfter(previous, options));
  const sameManagers = managedFields === previous.metadata.managedFields;
  if (status === before && sameManagers) return previous;
  const metadata = sameManagers ? previous.metadata : withManagers(previous.metadata, managedFields);
  const next: KubernetesObject = remade(previous as KubernetesObject, metadata, specOf(previous), status);
  const causes = validateStatusUpdate(previous, next);
  if (causes.length > 0) throw invalid(kind, previous.metadata.name, causes);
  return options.dryRun ? deepFreeze(next as Stored) : context.store.write(previous, next);
}

function withManagers(metadata: ObjectMeta, managedFields: ObjectMeta["managedFields"]): ObjectMeta {
  const { managedFields: _, ...rest } = metadata;
  return deepFreeze(managedFields ? { ...rest, managedFields } : rest);
}

/** A writer may send anything: what is no text names nothing (and may have a `toString` of its own). */
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The object as it is stored, if the writer has seen just that one. */
function findPrevious(context: Context, given: KubernetesObject): Stored {
  if (!isRecord(given) || typeof given.kind !== "string" || !isKind(given.kind))
    throw badRequest("the object provided is unrecognized (must be of type of a kind that is served)");
  const { kind } = given;
  const metadata: Partial<ObjectMeta> = isRecord(given.metadata) ? given.metadata : {};
  const name = textOf(metadata.name);
  const namespace = kinds[kind].namespaced ? textOf(metadata.namespace) || "default" : undefined;
  const previous: Stored | undefined = context.store.get(kind, namespace, name);
  if (!previous) throw notFound(kind, name);
  const { uid, resourceVersion } = metadata;
  if (uid && uid !== previous.metadata.uid)
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${textOf(uid)}, UID in object meta: ${previous.metadata.uid}`,
    );
  if (resourceVersion && resourceVersion !== previous.metadata.resourceVersion)
    throw conflict(kind, name, modified);
  return previous;
}

/** What the server sets stays the server's, whatever the request says of it. */
function nextMetadata(previous: Stored, given: KubernetesObject, options: WriteOptions): ObjectMeta {
  if (given.metadata === previous.metadata && !options.managedFields) return previous.metadata;
  const { uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, ...rest } =
    previous.metadata;
  const { name, namespace, deletionGracePeriodSeconds } = rest;
  return {
    ...given.metadata,
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    managedFields: managersAfter(previous, options),
  } as ObjectMeta;
}

function managersAfter(previous: Stored, { managedFields }: WriteOptions): ObjectMeta["managedFields"] {
  if (!managedFields) return previous.metadata.managedFields;
  return managedFields.length > 0 ? managedFields : undefined;
}

function withStatusOf(previous: KubernetesObject, next: KubernetesObject): KubernetesObject {
  const { status } = previous as { status?: unknown };
  return { ...next, status } as KubernetesObject;
}

const specOf = (object: KubernetesObject) => (object as { spec?: unknown }).spec;

/** Whether nothing keeps an object that is being deleted: no finalizer, and no kubelet that has yet to end it. */
function isEnded(object: KubernetesObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  return deletionTimestamp !== undefined && !deletionGracePeriodSeconds && finalizersLeft(object) === 0;
}
