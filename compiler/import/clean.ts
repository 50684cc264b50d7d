import type { KubernetesObject } from "../../model/meta.ts";
import { lastApplied } from "./secrets.ts";

/**
 * Of what `kubectl get -o yaml` prints, the part that people asked for: without what the cluster filled in, and without
 * the objects that it made itself.
 */

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether the object comes out of a cluster. */
const isDumped = ({ metadata }: KubernetesObject) =>
  metadata.uid !== undefined || metadata.resourceVersion !== undefined;

const always = new Set(["Event", "Lease", "ControllerRevision", "ComponentStatus"]);

/** Whoever makes slices of a service's endpoints by itself says so; others are somebody's own. */
const sliceMaker = "endpointslice.kubernetes.io/managed-by";

/** By kind, the names of what each namespace of each cluster has. */
const standing: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ["kube-root-ca.crt", "openshift-service-ca.crt"],
  ServiceAccount: ["default"],
};

/** The service at which every cluster's API answers. */
const isApiService = ({ metadata }: KubernetesObject) =>
  metadata.name === "kubernetes" && metadata.namespace === "default";

const owned = (kind: string, namespace: string | undefined, name: string) =>
  `${kind}/${namespace ?? "default"}/${name}`;

/** The objects that somebody wrote: not those that a controller made for another one here, nor the cluster's own. */
export function withoutMade<T extends { readonly object: KubernetesObject }>(manifests: readonly T[]): T[] {
  const there = new Set(
    manifests.map(({ object: { kind, metadata } }) => owned(kind, metadata.namespace, metadata.name)),
  );
  // A service without a selector has the endpoints that somebody wrote down.
  const ownEndpoints = new Set(
    manifests.flatMap(({ object }) => {
      const { kind, metadata, spec } = object as KubernetesObject & { spec?: unknown };
      const open = kind === "Service" && isRecord(spec) && spec.selector === undefined;
      return open && !isApiService(object) ? [owned(kind, metadata.namespace, metadata.name)] : [];
    }),
  );
  return manifests.filter(({ object }) => {
    const { kind, metadata } = object;
    if (always.has(kind)) return false;
    if (kind === "EndpointSlice" && metadata.labels?.[sliceMaker]?.endsWith("controller.k8s.io"))
      return false;
    const references: unknown = metadata.ownerReferences;
    const owner = Array.isArray(references)
      ? references.find((each: unknown) => isRecord(each) && each.controller === true)
      : undefined;
    if (owner && there.has(owned(String(owner.kind), metadata.namespace, String(owner.name)))) return false;
    if (!isDumped(object)) return true;
    if (kind === "Endpoints") return ownEndpoints.has(owned("Service", metadata.namespace, metadata.name));
    if (kind === "Service" && isApiService(object)) return false;
    if (kind === "Secret" && (object as { type?: unknown }).type === "kubernetes.io/service-account-token")
      return false;
    return !standing[kind]?.includes(metadata.name);
  });
}

const fromCluster = new Set([
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields",
  "selfLink",
  "ownerReferences",
]);

const ownAnnotations = [lastApplied, "deployment.kubernetes.io/revision", "pv.kubernetes.io/bind-completed"];

/** The object without what the cluster filled in. */
export function asWritten(object: KubernetesObject): KubernetesObject {
  const { status, ...rest } = object as KubernetesObject & { status?: unknown; spec?: unknown };
  const dumped = isDumped(object);
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(
      ([key]) => !fromCluster.has(key) && !(dumped && (key === "finalizers" || key === "generateName")),
    ),
  ) as unknown as KubernetesObject["metadata"];
  const result: Record<string, unknown> = { ...rest, metadata: withoutOwnAnnotations(metadata) };
  if (object.kind === "Node" && isRecord(status)) {
    const { capacity, allocatable } = status;
    result.status = { ...(capacity ? { capacity } : {}), ...(allocatable ? { allocatable } : {}) };
  }
  if (dumped && isRecord(rest.spec)) result.spec = withoutFilledIn(object.kind, rest.spec);
  return result as unknown as KubernetesObject;
}

function withoutOwnAnnotations(metadata: KubernetesObject["metadata"]): KubernetesObject["metadata"] {
  if (!isRecord(metadata.annotations)) return metadata;
  const kept = Object.entries(metadata.annotations).filter(([key]) => !ownAnnotations.includes(key));
  const { annotations: _, ...rest } = metadata;
  return kept.length > 0
    ? { ...rest, annotations: Object.fromEntries(kept) as Record<string, string> }
    : rest;
}

/** A toleration that every pod is given: five minutes for a node to come back. */
const isGiven = (toleration: unknown): boolean =>
  isRecord(toleration) &&
  /^node\.kubernetes\.io\/(?:not-ready|unreachable)$/.test(String(toleration.key)) &&
  toleration.operator === "Exists" &&
  toleration.effect === "NoExecute" &&
  toleration.tolerationSeconds === 300;

function withoutFilledIn(kind: string, spec: Json): Json {
  if (kind === "Service") {
    const { clusterIP, clusterIPs: _, ipFamilies: __, ipFamilyPolicy: ___, ...rest } = spec;
    return clusterIP === "None" ? { ...rest, clusterIP } : rest;
  }
  if (kind !== "Pod") return spec;
  const { nodeName: _, serviceAccount: __, serviceAccountName: account, tolerations, ...rest } = spec;
  // The token of its account, which every pod is given.
  const tokens = (list: unknown) =>
    Array.isArray(list)
      ? list.filter((each: unknown) => !(isRecord(each) && String(each.name).startsWith("kube-api-access-")))
      : list;
  const containers = (list: unknown) =>
    Array.isArray(list)
      ? list.map((each: unknown) =>
          isRecord(each) && each.volumeMounts ? { ...each, volumeMounts: tokens(each.volumeMounts) } : each,
        )
      : list;
  const own = Array.isArray(tolerations) ? tolerations.filter((each: unknown) => !isGiven(each)) : [];
  return {
    ...rest,
    ...(account === undefined || account === "default" ? {} : { serviceAccountName: account }),
    ...(own.length > 0 ? { tolerations: own } : {}),
    ...(spec.volumes ? { volumes: tokens(spec.volumes) } : {}),
    ...(spec.containers ? { containers: containers(spec.containers) } : {}),
    ...(spec.initContainers ? { initContainers: containers(spec.initContainers) } : {}),
  };
}
