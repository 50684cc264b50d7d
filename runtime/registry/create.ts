import type { Pod } from "../../model/core.ts";
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
import type { PriorityClasses } from "../../model/priority.ts";
import { validateContent, validateCreate } from "../../model/validation.ts";
import { deepFreeze } from "../client/structure.ts";
import { countFields } from "../store/version.ts";
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
    const taken = name !== undefined && context.store.get(kind, namespaceOf(kind, metadata), name);
    if (!taken) return createNamed(context, kind, given, name, options);
    if (base === undefined) {
      // What is wrong with the object is told before that its name is taken.
      checkNew(context, kind, given, name, options);
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
function checkNew(
  context: Context,
  kind: Kind,
  given: KubernetesObject,
  name: string | undefined,
  options: WriteOptions,
): KubernetesObject {
  const metadata = newMetadata(context, kind, isRecord(given.metadata) ? given.metadata : {}, name, options);
  const { apiVersion } = kinds[kind];
  const spec = kind === "Pod" ? (given as Pod).spec : undefined;
  const classes = context.classes();
  const kept = spec && knownPods.get(spec);
  const known = kept?.classes === classes ? kept.pod : undefined;
  const whole = known
    ? likeKnown(known, given, metadata)
    : deepFreeze(withAdmissionDefaults(withDefaults({ ...given, apiVersion, metadata }), classes));
  const broken = validateCreate(whole, known);
  const causes = broken.length > 0 ? broken : validateContent(whole);
  const text = typeof metadata.name === "string" ? metadata.name : "";
  if (causes.length > 0) throw invalid(kind, text, causes);
  if (metadata.namespace !== undefined) admitToNamespace(context, kind, metadata.namespace, text);
  const strategy = strategyOf(kind);
  const ready = strategy.prepareCreate?.(whole) ?? whole;
  if (spec && !known && Object.isFrozen(spec)) knownPods.set(spec, { pod: whole as Pod, classes });
  return ready;
}

/**
 * By the spec that was given for it, a pod that was found in order: an rc makes all its pods of one frozen template,
 * and what their spec becomes with all its defaults is the same for each.
 */
const knownPods = new WeakMap<object, { readonly pod: Pod; readonly classes: PriorityClasses }>();

/** What is given, with the spec of one like it that has all its defaults. */
function likeKnown(known: Pod, given: KubernetesObject, metadata: ObjectMeta): Pod {
  const { apiVersion, spec } = known;
  // All that a controller gives; as a literal it has the hidden class of the others.
  return countFields(given) === 4 && given.apiVersion && given.metadata
    ? Object.freeze({ apiVersion, kind: "Pod", metadata: deepFreeze(metadata), spec })
    : deepFreeze({ ...known, ...given, apiVersion, metadata, spec } as Pod);
}

/** The server's own fields over those that were given. */
function newMetadata(
  context: Context,
  kind: Kind,
  given: Partial<ObjectMeta>,
  name: string | undefined,
  { managedFields }: WriteOptions,
): ObjectMeta {
  const generation = strategyOf(kind).generation ? 1 : undefined;
  const uid = createUid(context.random);
  const creationTimestamp = timestamp(context.clock.now());
  const namespace = namespaceOf(kind, given);
  const { generateName, labels, ownerReferences } = given;
  // What a controller gives, without a place for anything else: there is a literal for that, too.
  const owned = given.namespace && generateName && labels && ownerReferences && countFields(given) === 4;
  if (owned && name && namespace && generation && !managedFields?.length)
    return Object.freeze({
      name,
      namespace,
      uid,
      creationTimestamp,
      generation,
      generateName,
      labels: deepFreeze(labels),
      ownerReferences: deepFreeze(ownerReferences),
    });
  // Every field has its place before the spread: behind it a new one is dear to add.
  const metadata: Record<string, unknown> = {
    name: undefined,
    namespace: undefined,
    uid: undefined,
    creationTimestamp: undefined,
    generation: undefined,
    resourceVersion: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    managedFields: undefined,
    ...given,
  };
  metadata.name = name;
  metadata.namespace = namespace;
  metadata.uid = uid;
  metadata.creationTimestamp = creationTimestamp;
  metadata.generation = generation;
  metadata.resourceVersion = undefined;
  metadata.deletionTimestamp = undefined;
  metadata.deletionGracePeriodSeconds = undefined;
  metadata.managedFields = managedFields?.length ? managedFields : undefined;
  return metadata as unknown as ObjectMeta;
}

function createNamed(
  context: Context,
  kind: Kind,
  given: KubernetesObject,
  name: string | undefined,
  options: WriteOptions,
): Stored {
  const ready = checkNew(context, kind, given, name, options);
  const allocation = context.allocators[kind]?.allocate(undefined, ready);
  if (options.dryRun) {
    allocation?.undo();
    return deepFreeze((allocation?.object ?? ready) as Stored);
  }
  allocation?.commit();
  const final = deepFreeze(allocation?.object ?? ready);
  return context.store.write(undefined, final);
}
