/** API versions that no cluster serves any more, with what took their place. */

const apps = "apps/v1";
const batch = "batch/v1";
const network = "networking.k8s.io/v1";
const roles = "rbac.authorization.k8s.io/v1";

/** By group and version, then by kind; `*` is every kind of it. */
const dead: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  v1beta1: { "*": "v1" },
  v1beta2: { "*": "v1" },
  v1beta3: { "*": "v1" },
  "extensions/v1beta1": {
    Deployment: apps,
    DaemonSet: apps,
    ReplicaSet: apps,
    Ingress: network,
    NetworkPolicy: network,
    Job: batch,
    PodSecurityPolicy: "the Pod Security admission, by labels of the namespace",
  },
  "apps/v1alpha1": { PetSet: `StatefulSet of ${apps}` },
  "apps/v1beta1": { "*": apps },
  "apps/v1beta2": { "*": apps },
  "batch/v1beta1": { CronJob: batch },
  "batch/v2alpha1": { CronJob: batch },
  "networking.k8s.io/v1beta1": { Ingress: network, IngressClass: network },
  "policy/v1beta1": {
    PodDisruptionBudget: "policy/v1",
    PodSecurityPolicy: "the Pod Security admission, by labels of the namespace",
  },
  "rbac.authorization.k8s.io/v1alpha1": { "*": roles },
  "rbac.authorization.k8s.io/v1beta1": { "*": roles },
  "autoscaling/v2beta1": { "*": "autoscaling/v2" },
  "autoscaling/v2beta2": { "*": "autoscaling/v2" },
  "storage.k8s.io/v1beta1": { StorageClass: "storage.k8s.io/v1", VolumeAttachment: "storage.k8s.io/v1" },
  "apiextensions.k8s.io/v1beta1": { "*": "apiextensions.k8s.io/v1" },
  "admissionregistration.k8s.io/v1beta1": {
    MutatingWebhookConfiguration: "admissionregistration.k8s.io/v1",
    ValidatingWebhookConfiguration: "admissionregistration.k8s.io/v1",
  },
};

/** Where the kinds of core/v1 and of apps/v1 are served, for those who mix them up. */
const homes: Readonly<Record<string, string>> = {
  Pod: "v1",
  ReplicationController: "v1",
  ConfigMap: "v1",
  Secret: "v1",
  Namespace: "v1",
  Node: "v1",
  PersistentVolumeClaim: "v1",
  PersistentVolume: "v1",
  ServiceAccount: "v1",
  Deployment: apps,
  DaemonSet: apps,
  ReplicaSet: apps,
  StatefulSet: apps,
  Job: batch,
  CronJob: batch,
};

/** What to write instead of a version that is not served for the kind; undefined where it is, or is not known. */
export function instead(apiVersion: string, kind: string): string | undefined {
  const kinds = Object.hasOwn(dead, apiVersion) ? dead[apiVersion] : undefined;
  const gone = kinds && (Object.hasOwn(kinds, kind) ? kinds[kind] : kinds["*"]);
  if (gone !== undefined) return gone;
  const home = Object.hasOwn(homes, kind) ? homes[kind] : undefined;
  const mixedUp = home !== undefined && home !== apiVersion && ["v1", apps, batch].includes(apiVersion);
  return mixedUp ? home : undefined;
}
