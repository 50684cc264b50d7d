import type { KindMap, Secret } from "./core.ts";
import { isKind, type Kind, type KubernetesObject } from "./meta.ts";
import { type Cause, type Causes, invalid, notSupported, typeInvalid } from "./validation/cause.ts";
import {
  checkConfigMap,
  checkConfigMapUpdate,
  checkEndpoints,
  checkEvent,
  checkLease,
  checkNamespace,
  checkSecret,
  checkSecretType,
  checkSecretUpdate,
} from "./validation/data.ts";
import { checkMetadata, checkMetadataUpdate, isNamespaced } from "./validation/metadata.ts";
import { checkNode, checkNodeUpdate } from "./validation/node.ts";
import { checkPod, checkPodStatusUpdate, checkPodUpdate } from "./validation/pod.ts";
import {
  checkReplicationController,
  checkReplicationControllerStatus,
} from "./validation/replication-controller.ts";
import { schemas } from "./validation/schema.ts";
import { checkService, checkServiceUpdate } from "./validation/service.ts";
import { checkShape } from "./validation/shape.ts";

export type { Cause, CauseReason } from "./validation/cause.ts";

/**
 * Kubernetes' API validation of the kinds in `model/meta.ts`, with its texts (`pkg/apis/core/validation`). It asks
 * for objects after defaulting; an absent field with a default is taken as that default. What needs to know other
 * objects (whether a node port or an address is free) is not decided here.
 *
 * Bodies may be any JSON: a value of a wrong type is a cause, and then only the types are reported.
 */

type Checks<K extends Kind> = {
  /** `before`: an object in order over which this one is written. */
  readonly object?: (causes: Causes, object: KindMap[K], before?: KindMap[K]) => void;
  readonly update?: (causes: Causes, previous: KindMap[K], next: KindMap[K]) => void;
  readonly status?: (causes: Causes, previous: KindMap[K], next: KindMap[K]) => void;
};

const checks: { readonly [K in Kind]: Checks<K> } = {
  Namespace: { object: checkNamespace },
  Node: { object: checkNode, update: checkNodeUpdate, status: (causes, _, next) => checkNode(causes, next) },
  ConfigMap: { object: checkConfigMap, update: checkConfigMapUpdate },
  Secret: { object: checkSecret, update: checkSecretUpdate },
  Service: { object: checkService, update: checkServiceUpdate },
  ReplicationController: {
    object: checkReplicationController,
    status: (causes, _, next) => checkReplicationControllerStatus(causes, next),
  },
  Pod: { object: checkPod, update: checkPodUpdate, status: checkPodStatusUpdate },
  Endpoints: { object: checkEndpoints },
  Event: { object: checkEvent },
  Lease: { object: checkLease },
};

/** The kind, when the body can be read as an object of it; else what is wrong with it, in `causes`. */
function readable(causes: Causes, object: unknown, before?: KubernetesObject): Kind | undefined {
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    causes.push(typeInvalid("", object, "an object"));
    return undefined;
  }
  const { kind } = object as { readonly kind?: unknown };
  if (typeof kind !== "string") {
    causes.push(typeInvalid("kind", kind, "a string"));
    return undefined;
  }
  if (!isKind(kind)) {
    causes.push(notSupported("kind", kind, Object.keys(checks)));
    return undefined;
  }
  checkShape(causes, "", schemas[kind], object, before?.kind === kind ? before : undefined);
  return causes.length === 0 ? kind : undefined;
}

type AnyChecks = Checks<Kind> & {
  readonly object?: (causes: Causes, object: never, before?: never) => void;
  readonly update?: (causes: Causes, previous: never, next: never) => void;
  readonly status?: (causes: Causes, previous: never, next: never) => void;
};

/** Whether the body can be read as an object of its kind: what is not of the JSON type of its field. Never throws. */
export function validateShape(object: unknown): readonly Cause[] {
  const causes: Causes = [];
  readable(causes, object);
  return causes;
}

/**
 * What Kubernetes would refuse of a new object; empty when nothing. Never throws, whatever the body is. What it shares
 * with `valid`, a frozen object of its kind of which nothing was refused, is not looked at again.
 */
export function validateCreate(object: KubernetesObject, valid?: KubernetesObject): readonly Cause[] {
  const causes: Causes = [];
  const kind = readable(causes, object, valid);
  if (kind === undefined) return causes;
  checkMetadata(causes, object, isNamespaced(kind), valid);
  if (!valid || !sharesAll(valid, object))
    (checks[kind] as AnyChecks).object?.(causes, object as never, valid as never);
  return causes;
}

/**
 * What Kubernetes would refuse of an object that is whole, beyond `validateCreate`, which may be asked about a secret
 * whose values are not known yet.
 */
export function validateContent(object: KubernetesObject): readonly Cause[] {
  const causes: Causes = [];
  if (object.kind === "Secret") checkSecretType(causes, object as Secret);
  return causes;
}

/**
 * What Kubernetes would refuse of a write over `previous`, an object that was valid: what `validateCreate` says of
 * the new object, and fields that may not change. Status is left alone (see `validateStatusUpdate`).
 */
export function validateUpdate(previous: KubernetesObject, next: KubernetesObject): readonly Cause[] {
  const causes: Causes = [];
  const kind = readable(causes, next, previous);
  if (kind === undefined) return causes;
  if (kind !== previous.kind) return [invalid("kind", kind, `must be ${previous.kind}`)];
  const { object, update } = checks[kind] as AnyChecks;
  if (next.metadata !== previous.metadata) {
    checkMetadata(causes, next, isNamespaced(kind));
    checkMetadataUpdate(causes, previous, next);
  }
  // The parts of an object are shared where they did not change, and were valid then.
  if (!sharesBody(previous, next)) {
    object?.(causes, next as never, previous as never);
    update?.(causes, previous as never, next as never);
  }
  return causes;
}

/** What Kubernetes would refuse of a write to the status of `previous`. */
export function validateStatusUpdate(previous: KubernetesObject, next: KubernetesObject): readonly Cause[] {
  const causes: Causes = [];
  const kind = readable(causes, next, previous);
  if (kind === undefined) return causes;
  if (kind !== previous.kind) return [invalid("kind", kind, `must be ${previous.kind}`)];
  checkMetadataUpdate(causes, previous, next);
  (checks[kind] as AnyChecks).status?.(causes, previous as never, next as never);
  return causes;
}

const statusOf = (object: KubernetesObject): unknown => (object as { readonly status?: unknown }).status;

/** Whether two objects differ in their metadata alone; an event's body has to match its namespace. */
const sharesAll = (one: KubernetesObject, other: KubernetesObject): boolean =>
  sharesBody(one, other) &&
  statusOf(one) === statusOf(other) &&
  one.metadata?.namespace === other.metadata?.namespace;

function sharesBody(previous: KubernetesObject, next: KubernetesObject): boolean {
  const before = previous as unknown as Record<string, unknown>;
  const after = next as unknown as Record<string, unknown>;
  for (const key in after) {
    if (key !== "metadata" && key !== "status" && after[key] !== before[key]) return false;
  }
  for (const key in before) if (!(key in after) && key !== "status") return false;
  return true;
}
