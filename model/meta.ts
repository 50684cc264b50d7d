/** The parts of the Kubernetes v1 API that every object shares, and the registry of the kinds KDSL serves. */

export type Labels = Readonly<Record<string, string>>;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly uid?: string;
  /** Opaque to clients; here the store's revision of the last write, in decimal. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  /** Who has set which fields, of those who write through the API. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** One manager of an object and the fields that it has set (`metav1.ManagedFieldsEntry`). */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: unknown;
  readonly subresource?: string;
}

/** Any object in the shape of the Kubernetes API. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** An object as the store gives it out: what the server sets is there. */
export type Stored<T extends KubernetesObject = KubernetesObject> = T & {
  readonly metadata: ObjectMeta & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
  };
};

/** `Kind/namespace/name`, or `Kind/name` for kinds without a namespace: an object's identity within one plan or store. */
export type ObjectKey = string;

export interface KindInfo {
  readonly kind: string;
  readonly apiVersion: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly categories: readonly string[];
}

function kind(
  name: string,
  plural: string,
  shortNames: readonly string[],
  options: { cluster?: boolean; all?: boolean; apiVersion?: string } = {},
): KindInfo {
  return {
    kind: name,
    apiVersion: options.apiVersion ?? "v1",
    plural,
    singular: name.toLowerCase(),
    shortNames,
    namespaced: !options.cluster,
    categories: options.all ? ["all"] : [],
  };
}

/** Every kind the store holds, in the order in which a plan creates them. */
export const kinds = {
  Namespace: kind("Namespace", "namespaces", ["ns"], { cluster: true }),
  Node: kind("Node", "nodes", ["no"], { cluster: true }),
  ConfigMap: kind("ConfigMap", "configmaps", ["cm"]),
  Secret: kind("Secret", "secrets", []),
  Service: kind("Service", "services", ["svc"], { all: true }),
  ReplicationController: kind("ReplicationController", "replicationcontrollers", ["rc"], { all: true }),
  Pod: kind("Pod", "pods", ["po"], { all: true }),
  Endpoints: kind("Endpoints", "endpoints", ["ep"]),
  Event: kind("Event", "events", ["ev"]),
  Lease: kind("Lease", "leases", [], { apiVersion: "coordination.k8s.io/v1" }),
} as const satisfies Record<string, KindInfo>;

export type Kind = keyof typeof kinds;

export const kindNames = Object.keys(kinds) as readonly Kind[];

export function isKind(name: string): name is Kind {
  return Object.hasOwn(kinds, name);
}

/** The kind that a user means by a plural, a singular, a short name or the kind itself, in any case (kubectl's rule). */
export function findKind(word: string): KindInfo | undefined {
  const lower = word.toLowerCase();
  return Object.values<KindInfo>(kinds).find(
    (info) => info.plural === lower || info.singular === lower || info.shortNames.includes(lower),
  );
}

export function objectKey(kindName: string, namespace: string | undefined, name: string): ObjectKey {
  return namespace ? `${kindName}/${namespace}/${name}` : `${kindName}/${name}`;
}

export function keyOf(object: KubernetesObject): ObjectKey {
  return objectKey(keyKind(object), object.metadata.namespace, object.metadata.name);
}

/** The kind as keys have it: of another API group with the group, so that a `Service` of such a group is none of ours. */
function keyKind({ apiVersion, kind }: KubernetesObject): string {
  if (apiVersion === "v1" || apiVersion === undefined) return kind;
  const slash = apiVersion.indexOf("/");
  if (slash < 0 || (isKind(kind) && kinds[kind].apiVersion === apiVersion)) return kind;
  return `${kind}.${apiVersion.slice(0, slash)}`;
}

/** Whether the object is of a kind that the store holds, and not of one of the same name in another API group. */
export function isServed({ apiVersion, kind }: KubernetesObject): boolean {
  return isKind(kind) && kinds[kind].apiVersion === apiVersion;
}

/** The one owner that manages this object, if any (Kubernetes' `metav1.GetControllerOf`). */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  const { ownerReferences } = object.metadata;
  if (!ownerReferences) return undefined;
  // By index: whatever iterates is slow on a frozen list, and this is asked again and again.
  for (let index = 0; index < ownerReferences.length; index++)
    if (ownerReferences[index]!.controller === true) return ownerReferences[index];
  return undefined;
}

/** RFC 3339 in whole seconds, as Kubernetes writes `metav1.Time`. `milliseconds` since the epoch. */
export function timestamp(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second === lastSecond) return lastTimestamp;
  if (second === otherSecond) return otherTimestamp;
  otherSecond = lastSecond;
  otherTimestamp = lastTimestamp;
  lastTimestamp = writeTimestamp(second);
  lastSecond = second;
  return lastTimestamp;
}

/** The date is made once a day: `toISOString` takes ten times as long as the rest. */
function writeTimestamp(second: number): string {
  const day = Math.floor(second / 86_400);
  if (day !== lastDay) {
    lastDate = new Date(day * 86_400_000).toISOString().slice(0, 11);
    lastDay = day;
  }
  const ofDay = second - day * 86_400;
  const hours = twoDigits[Math.floor(ofDay / 3600)]!;
  const minutes = twoDigits[Math.floor(ofDay / 60) % 60]!;
  return `${lastDate}${hours}:${minutes}:${twoDigits[ofDay % 60]!}Z`;
}

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));
let lastDay = Number.NaN;
let lastDate = "";

/** Most of what is written in one second is written with one timestamp, or that and the end of a grace. */
let lastSecond = Number.NaN;
let lastTimestamp = "";
let otherSecond = Number.NaN;
let otherTimestamp = "";

/** Milliseconds since the epoch of an RFC 3339 text; undefined for an absent one. */
export function parseTimestamp(text: string): number;
export function parseTimestamp(text: string | undefined): number | undefined;
export function parseTimestamp(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === lastTimestamp) return lastSecond * 1000;
  if (text === otherTimestamp) return otherSecond * 1000;
  if (text !== lastParsed) {
    lastParsed = text;
    lastInstant = Date.parse(text);
  }
  return lastInstant;
}

let lastParsed = "";
let lastInstant = Number.NaN;

/** Asks the roll-out controller for a roll-out: set with a new template, gone when it is done. Its value is `surge=1,unavailable=0`. */
export const ROLLOUT_ANNOTATION = "kdsl.dev/rollout";
