import { nearest } from "../../base/edit-distance.ts";
import { deadVersion, unknownKind, wrongVersion } from "../diagnostics/catalog/manifests.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Manifest } from "../source/manifest.ts";
import type { Span } from "../source/source.ts";

/** Which kinds there are in which versions of the API, and which of them are gone. */

const groups: Readonly<Record<string, string>> = {
  v1: `Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume
    PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount`,
  "apps/v1": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
  "batch/v1": "CronJob Job",
  "networking.k8s.io/v1": "IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR",
  "policy/v1": "PodDisruptionBudget",
  "autoscaling/v1": "HorizontalPodAutoscaler",
  "autoscaling/v2": "HorizontalPodAutoscaler",
  "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
  "storage.k8s.io/v1": "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment",
  "scheduling.k8s.io/v1": "PriorityClass",
  "coordination.k8s.io/v1": "Lease",
  "discovery.k8s.io/v1": "EndpointSlice",
  "events.k8s.io/v1": "Event",
  "node.k8s.io/v1": "RuntimeClass",
  "apiextensions.k8s.io/v1": "CustomResourceDefinition",
  "apiregistration.k8s.io/v1": "APIService",
  "admissionregistration.k8s.io/v1": `MutatingWebhookConfiguration ValidatingAdmissionPolicy
    ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration`,
};

const kindsOf = new Map(
  Object.entries(groups).map(([version, kinds]) => [version, new Set(kinds.split(/\s+/))]),
);

/** The version that a kind is to be written in; the first where there are several. */
const versionsOf = new Map<string, string>();
for (const [version, kinds] of kindsOf)
  for (const kind of kinds) if (!versionsOf.has(kind)) versionsOf.set(kind, version);

/** From a version that is gone to the release of Kubernetes that left it out. */
const gone: Readonly<Record<string, string>> = {
  v1beta1: "1.0",
  v1beta2: "1.0",
  v1beta3: "1.0",
  "extensions/v1beta1": "1.22",
  "apps/v1beta1": "1.16",
  "apps/v1beta2": "1.16",
  "batch/v1beta1": "1.25",
  "batch/v2alpha1": "1.21",
  "networking.k8s.io/v1beta1": "1.22",
  "policy/v1beta1": "1.25",
  "autoscaling/v2beta1": "1.25",
  "autoscaling/v2beta2": "1.26",
  "rbac.authorization.k8s.io/v1alpha1": "1.22",
  "rbac.authorization.k8s.io/v1beta1": "1.22",
  "apiextensions.k8s.io/v1beta1": "1.22",
  "apiregistration.k8s.io/v1beta1": "1.22",
  "admissionregistration.k8s.io/v1beta1": "1.22",
  "scheduling.k8s.io/v1beta1": "1.22",
  "coordination.k8s.io/v1beta1": "1.22",
  "discovery.k8s.io/v1beta1": "1.25",
  "events.k8s.io/v1beta1": "1.25",
  "storage.k8s.io/v1beta1": "1.22",
};

/** Whether the version of an object's kind is one that we know the fields of. */
export const isCurrent = ({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean =>
  kindsOf.get(apiVersion)?.has(kind) === true;

/** What is wrong with an object's kind and version, if anything. Kinds of groups that nobody here knows are as good as any. */
export function kindProblem(manifest: Manifest): Diagnostic | undefined {
  const { apiVersion, kind } = manifest.object;
  if (isCurrent({ apiVersion, kind })) return undefined;
  const place = (field: string): Span =>
    manifest.places.get(field)?.value ?? { file: manifest.file, start: 0, end: 0 };
  const at = place("apiVersion");
  const edit = (title: string, span: Span, from: string, to: string) => {
    const offset = span.file.text.slice(span.start, span.end).indexOf(from);
    const exact = { ...span, start: span.start + offset, end: span.start + offset + from.length };
    return [{ title, edits: offset < 0 ? [] : [{ span: exact, text: to }] }];
  };
  const now = versionsOf.get(kind);
  const release = gone[apiVersion];
  if (release !== undefined) {
    const fixes = now === undefined ? [] : edit(`write \`${now}\``, at, apiVersion, now);
    const notes =
      now !== undefined && apiVersion.startsWith("extensions/")
        ? ["a `selector` is required there, and some fields are named otherwise"]
        : [];
    return deadVersion(at, { version: apiVersion, kind, release, now: now ?? "" }, { fixes, notes });
  }
  if (now !== undefined) {
    const [group = ""] = now.split("/");
    // A newer version of a group that we know may come any day.
    if (apiVersion.startsWith(`${group}/`) && now.includes("/")) return undefined;
    const known = kindsOf.has(apiVersion) || !apiVersion.includes("/") || apiVersion.split("/")[0] === "apps";
    if (!known) return undefined;
    return wrongVersion(
      at,
      { version: apiVersion, kind, now },
      { fixes: edit(`write \`${now}\``, at, apiVersion, now) },
    );
  }
  const there = kindsOf.get(apiVersion);
  if (!there) return undefined;
  const all = [...there, ...versionsOf.keys()];
  const meant =
    all.find(
      (each) => each.toLowerCase() === kind.toLowerCase() || `${each.toLowerCase()}s` === kind.toLowerCase(),
    ) ??
    shortNames[kind.toLowerCase()] ??
    nearest(kind, all);
  const span = place("kind");
  const fixes = meant === undefined ? [] : edit(`did you mean \`${meant}\`?`, span, kind, meant);
  return unknownKind(span, { kind, version: apiVersion }, { fixes });
}

const shortNames: Readonly<Record<string, string>> = {
  rc: "ReplicationController",
  rs: "ReplicaSet",
  svc: "Service",
  cm: "ConfigMap",
  ns: "Namespace",
  deploy: "Deployment",
  sts: "StatefulSet",
  ds: "DaemonSet",
  pvc: "PersistentVolumeClaim",
  sa: "ServiceAccount",
  ing: "Ingress",
};
