import { type KubernetesObject, kinds, type ObjectMeta, type OwnerReference } from "../meta.ts";
import {
  type Causes,
  duplicate,
  forbidden,
  immutableField,
  invalid,
  negative,
  required,
  tooLong,
} from "./cause.ts";
import { sameJson } from "./equal.ts";
import { dnsLabelError, dnsSubdomainError, labelValueFault, qualifiedNameFault } from "./names.ts";

/** Metadata as every kind has it (`k8s.io/apimachinery/pkg/api/validation/objectmeta.go`). */

const annotationBytes = 256 * 1024;

/** Services and namespaces are host names and so labels; all else are subdomains. Services only since 1.36. */
export function nameError(kind: string, name: string): string | undefined {
  return kind === "Service" || kind === "Namespace" ? dnsLabelError(name) : dnsSubdomainError(name);
}

/** `before`: labels that were in order. */
export function checkLabels(
  causes: Causes,
  path: string,
  labels: ObjectMeta["labels"] | null,
  before?: ObjectMeta["labels"] | null,
): void {
  if (labels == null || labels === before) return;
  for (const key in labels) {
    const value = labels[key]!;
    const known = before != null && Object.hasOwn(before, key) ? before[key] : undefined;
    if (known === value) continue;
    const keyFault = known === undefined ? qualifiedNameFault(key) : undefined;
    if (keyFault !== undefined) causes.push(invalid(path, key, keyFault));
    const valueFault = labelValueFault(value);
    if (valueFault !== undefined) causes.push(invalid(path, value, valueFault));
  }
}

/** Keys are those of labels, whatever their case; all together have a limit in bytes of UTF-8. */
export function checkAnnotations(
  causes: Causes,
  path: string,
  annotations: ObjectMeta["annotations"] | null,
): void {
  let size = 0;
  for (const key in annotations ?? {}) {
    const fault = qualifiedNameFault(key.toLowerCase());
    if (fault !== undefined) causes.push(invalid(path, key, fault));
    size += utf8Length(key, annotationBytes) + utf8Length(annotations![key]!, annotationBytes);
  }
  if (size > annotationBytes) causes.push(tooLong(path, annotationBytes));
}

/** The length in UTF-8, or something over `limit` as soon as it is passed. */
export function utf8Length(text: string, limit: number): number {
  if (text.length > limit) return text.length;
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // A surrogate is one half of four bytes.
    if (unit > 0x7f) length += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return length;
}

/** `before`: an object of the kind that was in order. */
export function checkMetadata(
  causes: Causes,
  object: KubernetesObject,
  namespaced: boolean,
  before?: KubernetesObject,
): void {
  const { kind } = object;
  const metadata = (object.metadata ?? {}) as ObjectMeta;
  if (metadata.generateName) {
    // What the server appends makes a dash at the end harmless.
    const fault = nameError(kind, metadata.generateName.replace(/-$/, "a"));
    if (fault !== undefined) causes.push(invalid("metadata.generateName", metadata.generateName, fault));
  }
  if (metadata.name) {
    const fault = nameError(kind, metadata.name);
    if (fault !== undefined) causes.push(invalid("metadata.name", metadata.name, fault));
  } else if (!metadata.generateName) {
    causes.push(required("metadata.name", "name or generateName is required"));
  }
  if (namespaced) {
    if (!metadata.namespace) causes.push(required("metadata.namespace"));
    else if (metadata.namespace !== before?.metadata?.namespace) {
      const fault = dnsLabelError(metadata.namespace);
      if (fault !== undefined) causes.push(invalid("metadata.namespace", metadata.namespace, fault));
    }
  } else if (metadata.namespace) {
    causes.push(forbidden("metadata.namespace", "not allowed on this type"));
  }
  if ((metadata.generation ?? 0) < 0)
    causes.push(invalid("metadata.generation", metadata.generation, negative));
  checkLabels(causes, "metadata.labels", metadata.labels, before?.metadata?.labels);
  if (metadata.annotations) checkAnnotations(causes, "metadata.annotations", metadata.annotations);
  if (metadata.ownerReferences) checkOwners(causes, metadata.ownerReferences);
  for (const [index, finalizer] of (metadata.finalizers ?? []).entries()) {
    const fault = qualifiedNameFault(finalizer);
    const why = fault ?? (isKnownFinalizer(finalizer) ? undefined : unqualified);
    if (why !== undefined) causes.push(invalid(`metadata.finalizers[${index}]`, finalizer, why));
  }
}

const standardFinalizers = new Set(["kubernetes", "orphan", "foregroundDeletion"]);
const unqualified = "name is neither a standard finalizer name nor is it fully qualified";

/** Only Kubernetes' own have no prefix (`validateKubeFinalizerName`). */
const isKnownFinalizer = (name: string) => name.includes("/") || standardFinalizers.has(name);

function checkOwners(causes: Causes, owners: readonly OwnerReference[]): void {
  const path = "metadata.ownerReferences";
  let controller: OwnerReference | undefined;
  for (let index = 0; index < owners.length; index++) {
    const owner = owners[index]!;
    if (!owner.apiVersion)
      causes.push(invalid(`${path}[${index}].apiVersion`, "", "version must not be empty"));
    for (const field of ["kind", "name", "uid"] as const) {
      if (!owner[field]) causes.push(invalid(`${path}[${index}].${field}`, "", "must not be empty"));
    }
    if (!owner.controller) continue;
    if (controller)
      causes.push(
        invalid(
          path,
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller.kind}/${controller.name} and ${owner.kind}/${owner.name}`,
        ),
      );
    controller = owner;
  }
}

const fixed = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
] as const;

/** What must not change, besides what `checkMetadata` asks of the new object. An absent field keeps its old value. */
export function checkMetadataUpdate(
  causes: Causes,
  previous: KubernetesObject,
  next: KubernetesObject,
): void {
  const old = previous.metadata;
  const now = (next.metadata ?? {}) as ObjectMeta;
  if (previous.kind !== next.kind) causes.push(invalid("kind", next.kind, immutableField));
  if (old === now) return;
  for (const field of fixed) {
    if (now[field] != null && now[field] !== old[field])
      causes.push(invalid(`metadata.${field}`, now[field], immutableField));
  }
  if (old.deletionTimestamp != null && now.finalizers) {
    const added = now.finalizers.filter((each) => !old.finalizers?.includes(each));
    const list = added
      .map((each) => JSON.stringify(each))
      .sort()
      .join(", ");
    if (added.length > 0)
      causes.push(
        forbidden(
          "metadata.finalizers",
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
        ),
      );
  }
  if (now.generation != null && old.generation !== undefined && now.generation < old.generation)
    causes.push(invalid("metadata.generation", now.generation, "must not be decremented"));
}

/** Adds a cause where a field that cannot change has changed. Absent and null are one. */
export function checkImmutable(causes: Causes, path: string, previous: unknown, next: unknown): void {
  if (!sameJson(previous, next)) causes.push(invalid(path, next, immutableField));
}

/** Adds a duplicate for each key met before; gives whether this one was new. */
export function checkUnique(causes: Causes, field: string, seen: Set<string>, key: string): boolean {
  if (seen.has(key)) {
    causes.push(duplicate(field, key));
    return false;
  }
  seen.add(key);
  return true;
}

/** Whether objects of a kind live in a namespace, by the registry of kinds. */
export function isNamespaced(kind: keyof typeof kinds): boolean {
  return kinds[kind].namespaced;
}
