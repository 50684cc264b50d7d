import type { KubernetesObject, ObjectMeta, Stored } from "../../model/meta.ts";

/**
 * New versions of objects. V8 gives each place that copies by `{ ...object }` hidden classes of its own, one for each that
 * its copies come in, and what reads objects of many classes is slow. So what nearly all objects are is copied here, by
 * literals: pods and the like, and the metadata of pods that a controller made. All else is copied as anything is.
 */

type Body = { readonly spec?: unknown; readonly status?: unknown };

/** A copy of an object with other metadata, spec and status; without a status where it is undefined. */
export function remade<T extends KubernetesObject>(
  object: T,
  metadata: ObjectMeta,
  spec: unknown,
  status: unknown,
): T {
  const { apiVersion, kind } = object;
  const before = object as Body;
  const fields = countFields(object) - (before.status === undefined ? 0 : 1);
  if (spec !== undefined && before.spec !== undefined && fields === 4) {
    const next =
      status === undefined
        ? { apiVersion, kind, metadata, spec }
        : { apiVersion, kind, metadata, spec, status };
    return next as KubernetesObject as T;
  }
  const next: { -readonly [K in keyof Body]: Body[K] } & T = { ...object, metadata };
  if (spec !== undefined) next.spec = spec;
  if (status !== undefined) next.status = status;
  else delete next.status;
  return next;
}

/** A frozen object as it is, but for its `resourceVersion`. */
export function atRevision<T extends Stored>(object: T, revision: number): T {
  const { spec, status } = object as Body;
  return Object.freeze(remade(object, metadataAt(object.metadata, revision), spec, status));
}

/** As `atRevision`, of an object that is given away: it is changed and frozen itself, and so are its metadata where they are new. */
export function giveRevision<T extends Stored>(object: T, revision: number): T {
  const given = object as { metadata: ObjectMeta };
  if (Object.isFrozen(given.metadata)) given.metadata = metadataAt(given.metadata, revision);
  else {
    (given.metadata as { resourceVersion: string }).resourceVersion = String(revision);
    Object.freeze(given.metadata);
  }
  return Object.freeze(object);
}

/** How many fields the metadata of a pod have that an rc made, and that of one that is being deleted. */
const OWNED = 9;
const DELETED = OWNED + 2;

function metadataAt(metadata: ObjectMeta, revision: number): ObjectMeta {
  const resourceVersion = String(revision);
  const { name, namespace, uid, creationTimestamp, generation, generateName, labels, ownerReferences } =
    metadata;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  const fields = countFields(metadata) + (metadata.resourceVersion === undefined ? 1 : 0);
  const owned =
    namespace !== undefined &&
    uid !== undefined &&
    creationTimestamp !== undefined &&
    generation !== undefined &&
    generateName !== undefined &&
    labels !== undefined &&
    ownerReferences !== undefined;
  if (!owned || (fields !== OWNED && fields !== DELETED)) return anyAt(metadata, resourceVersion);
  if (fields === OWNED)
    return Object.freeze({
      name,
      namespace,
      uid,
      resourceVersion,
      creationTimestamp,
      generation,
      generateName,
      labels,
      ownerReferences,
    });
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined)
    return anyAt(metadata, resourceVersion);
  return Object.freeze({
    name,
    namespace,
    uid,
    resourceVersion,
    creationTimestamp,
    generation,
    generateName,
    labels,
    ownerReferences,
    deletionTimestamp,
    deletionGracePeriodSeconds,
  });
}

/** Set afterwards: a field that stands behind a spread is defined anew, which is dear. */
function anyAt(metadata: ObjectMeta, resourceVersion: string): ObjectMeta {
  const next: { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] } = { ...metadata };
  next.resourceVersion = resourceVersion;
  return Object.freeze(next);
}

/** Own fields, those that are undefined as well. */
export function countFields(object: object): number {
  let count = 0;
  for (const _ in object) count++;
  return count;
}
