import { withAdmissionDefaults, withDefaults } from "../../model/defaults.ts";
import {
  isKind,
  type Kind,
  type KubernetesObject,
  kinds,
  type ObjectMeta,
  type Stored,
  timestamp,
} from "../../model/meta.ts";
import { validateCreate } from "../../model/validation.ts";
import { deepFreeze } from "../client/structure.ts";
import { type Context, isRecord, type WriteOptions } from "./context.ts";
import { alreadyExists, badRequest, invalid, nameNotGenerated } from "./errors.ts";
import { createUid, generateName } from "./names.ts";
import { admitToNamespace } from "./namespace.ts";
import { strategyOf } from "./strategies.ts";

/** How often a generated name may turn out to be taken (`registry/generic/registry/store.go`). */
const NAME_TRIES = 8;

/**
 * Creates an object, in Kubernetes' order: the server's own fields, a generated name, defaults, validation, admission,
 * allocation. Throws `ApiError`; then nothing was written and nothing is taken.
 */
export function createObject(context: Context, given: KubernetesObject, options: WriteOptions = {}): Stored {
  const kind = kindOfRequest(given);
  const metadata: Partial<ObjectMeta> = isRecord(given.metadata) ? given.metadata : {};
  if (metadata.resourceVersion)
    throw badRequest("resourceVersion should not be set on objects to be created");
  const base = metadata.name ? undefined : metadata.generateName;
  for (let tries = 1; ; tries++) {
    const name = typeof base === "string" && base !== "" ? generateName(base, context.random) : metadata.name;
    const object = { ...given, apiVersion: kinds[kind].apiVersion, metadata: { ...metadata, name } };
    const taken = name !== undefined && context.store.get(kind, namespaceOf(kind, metadata), name);
    if (!taken) return createNamed(context, kind, object as KubernetesObject, options);
    if (base === undefined) {
      // What is wrong with the object is told before that its name is taken.
      checkNew(context, kind, object as KubernetesObject);
      throw alreadyExists(kind, name);
    }
    if (tries === NAME_TRIES) throw nameNotGenerated(kind, name);
  }
}

function kindOfRequest(given: KubernetesObject): Kind {
  if (!isRecord(given) || typeof given.kind !== "string" || !isKind(given.kind))
    throw badRequest("the object provided is unrecognized (must be of type of a kind that is served)");
  return given.kind;
}

/** Objects that name no namespace are in `default`; kinds without namespaces have none. */
function namespaceOf(kind: Kind, metadata: Partial<ObjectMeta>): string | undefined {
  return kinds[kind].namespaced ? metadata.namespace || "default" : undefined;
}

/** The object as it is going to be, but for what must be allocated. Throws where it is not valid or not admitted. */
function checkNew(context: Context, kind: Kind, object: KubernetesObject): KubernetesObject {
  const strategy = strategyOf(kind);
  const { deletionTimestamp: _timestamp, deletionGracePeriodSeconds: _grace, ...kept } = object.metadata;
  const metadata: ObjectMeta = {
    ...kept,
    namespace: namespaceOf(kind, object.metadata),
    resourceVersion: undefined,
    uid: createUid(context.random),
    creationTimestamp: timestamp(context.clock.now()),
    generation: strategy.generation ? 1 : undefined,
  } as ObjectMeta;
  const whole = deepFreeze(withAdmissionDefaults(withDefaults({ ...object, metadata })));
  const causes = validateCreate(whole);
  const name = typeof metadata.name === "string" ? metadata.name : "";
  if (causes.length > 0) throw invalid(kind, name, causes);
  if (metadata.namespace !== undefined) admitToNamespace(context, kind, metadata.namespace, name);
  return strategy.prepareCreate?.(whole) ?? whole;
}

function createNamed(context: Context, kind: Kind, object: KubernetesObject, options: WriteOptions): Stored {
  const ready = checkNew(context, kind, object);
  const allocation = context.allocators[kind]?.allocate(undefined, ready);
  if (options.dryRun) {
    allocation?.undo();
    return deepFreeze((allocation?.object ?? ready) as Stored);
  }
  allocation?.commit();
  return context.store.put(allocation?.object ?? ready, "absent");
}
