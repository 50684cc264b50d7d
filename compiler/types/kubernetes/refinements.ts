import * as t from "../basic.ts";
import type { FieldSchema, Type } from "../type.ts";

/**
 * What the published types leave open, by `Type.field`: which texts a field takes (their descriptions say so in
 * prose), what a number measures, what a text names. Every other field has the type that its Kubernetes type implies.
 */

type Refinement = Omit<FieldSchema, "help"> | { readonly left: string };

const only = (...options: readonly string[]): Refinement => ({ type: t.oneOf(...options) });
const of = (type: Type, path?: string): Refinement => (path === undefined ? { type } : { type, path });

const profile = only("Localhost", "RuntimeDefault", "Unconfined");
const operator = only("In", "NotIn", "Exists", "DoesNotExist");
const honor = only("Honor", "Ignore");
const id = of(t.integer(0));
const octal: Refinement = { type: t.fileMode, octal: true };
const scheduledBy = of(t.integer(1, 100));

/** A secret or config by reference, or one that is no part of the program by its name. */
const secretName = of(t.either(t.object("secret"), t.text));
const configName = of(t.either(t.object("config"), t.text));

const givenByCluster = "the cluster gives it";

/** `left` says why a field has no place; the reason stands in the reference. */
export function refinements(kubernetes: (type: string) => Type): Readonly<Record<string, Refinement>> {
  const labelSelector = of(
    t.either({ kind: "selection", of: "pods" }, t.object("rc", "pod"), kubernetes("LabelSelector")),
  );
  const nodeTerm = of(t.either({ kind: "selection", of: "nodes" }, kubernetes("NodeSelectorTerm")));
  return {
    "AppArmorProfile.type": profile,
    "SeccompProfile.type": profile,
    "AzureDiskVolumeSource.cachingMode": only("None", "ReadOnly", "ReadWrite"),
    "AzureDiskVolumeSource.kind": only("Shared", "Dedicated", "Managed"),
    "AzureFileVolumeSource.secretName": secretName,
    "ClusterTrustBundleProjection.labelSelector": of(kubernetes("LabelSelector")),
    "ConfigMapProjection.name": configName,
    "SecretProjection.name": secretName,
    "Container.restartPolicy": { left: "only an `init` has one, where it is `restart`" },
    "ContainerResizePolicy.resourceName": only("cpu", "memory"),
    "ContainerResizePolicy.restartPolicy": only("NotRequired", "RestartContainer"),
    "DownwardAPIVolumeFile.mode": octal,
    "DownwardAPIVolumeSource.defaultMode": octal,
    "Probe.failureThreshold": of(t.integer(1)),
    "Probe.successThreshold": of(t.integer(1)),
    "ProjectedVolumeSource.defaultMode": octal,
    "KeyToPath.mode": octal,
    "ExecAction.command": { type: t.texts, required: true },
    "GRPCAction.port": of(t.portNumber),
    "HTTPGetAction.port": of(t.port),
    "HTTPGetAction.scheme": only("HTTP", "HTTPS"),
    "TCPSocketAction.port": of(t.port),
    "HostAlias.ip": of(t.ip),
    "ISCSIVolumeSource.lun": id,
    "FCVolumeSource.lun": id,
    "AWSElasticBlockStoreVolumeSource.partition": id,
    "GCEPersistentDiskVolumeSource.partition": id,
    "LabelSelectorRequirement.operator": operator,
    "NodeSelectorRequirement.operator": only("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
    "NodeAffinity.requiredDuringSchedulingIgnoredDuringExecution": { left: "it is written `on` in the pod" },
    "ObjectFieldSelector.apiVersion": { left: "there is only `v1`" },
    "PersistentVolumeClaimSpec.accessModes": of(
      t.listOf(t.oneOf("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")),
    ),
    "PersistentVolumeClaimSpec.volumeMode": only("Filesystem", "Block"),
    "PodAffinityTerm.labelSelector": labelSelector,
    "TopologySpreadConstraint.labelSelector": labelSelector,
    "PodDNSConfig.nameservers": of(t.listOf(t.ip)),
    "PodOS.name": only("linux", "windows"),
    "PodSecurityContext.fsGroup": id,
    "PodSecurityContext.fsGroupChangePolicy": only("OnRootMismatch", "Always"),
    "PodSecurityContext.runAsGroup": id,
    "PodSecurityContext.runAsUser": id,
    "PodSecurityContext.supplementalGroups": of(t.listOf(t.integer(0))),
    "PreferredSchedulingTerm.preference": nodeTerm,
    "PreferredSchedulingTerm.weight": scheduledBy,
    "WeightedPodAffinityTerm.weight": scheduledBy,
    "ResourceFieldSelector.divisor": of(t.either(t.cpu, t.memory)),
    "ScaleIOVolumeSource.storageMode": only("ThickProvisioned", "ThinProvisioned"),
    "SecurityContext.procMount": only("Default", "Unmasked"),
    "SecurityContext.runAsGroup": id,
    "SecurityContext.runAsUser": id,
    "SleepAction.seconds": of(t.seconds),
    "TopologySpreadConstraint.nodeAffinityPolicy": honor,
    "TopologySpreadConstraint.nodeTaintsPolicy": honor,
    "VolumeDevice.name": of({ kind: "member", word: "volume" }),
    "VolumeResourceRequirements.limits": of(t.mapOf(t.either(t.memory, t.cpu, t.integer(0)))),
    "VolumeResourceRequirements.requests": of(t.mapOf(t.either(t.memory, t.cpu, t.integer(0)))),
    "NodeSpec.configSource": { left: "kubelets no longer read it" },
    "NodeSpec.externalID": { left: "nothing reads it any more" },
    "PodSpec.ephemeralContainers": { left: "they are added to a pod that runs, and never declared" },
    "PodSpec.nodeName": { left: "the scheduler gives it; where a pod has to run is said by `on`" },
    "PodSpec.serviceAccount": { left: "the old name of `serviceAccountName`" },
    "Secret.stringData": { left: "another way to write `data`, which is the secret's keys here" },
    "Taint.timeAdded": { left: givenByCluster },
    "ObjectMeta.labels": of(t.mapOf(t.text)),
    "ObjectMeta.creationTimestamp": { left: givenByCluster },
    "ObjectMeta.deletionGracePeriodSeconds": { left: givenByCluster },
    "ObjectMeta.deletionTimestamp": { left: givenByCluster },
    "ObjectMeta.generateName": { left: "references need a name that is known when the file is compiled" },
    "ObjectMeta.generation": { left: givenByCluster },
    "ObjectMeta.managedFields": { left: givenByCluster },
    "ObjectMeta.name": { left: "the object that it is made for gives it" },
    "ObjectMeta.namespace": { left: "the object that it is made for gives it" },
    "ObjectMeta.ownerReferences": { left: "an owner is known by its uid, which the cluster gives" },
    "ObjectMeta.resourceVersion": { left: givenByCluster },
    "ObjectMeta.selfLink": { left: givenByCluster },
    "ObjectMeta.uid": { left: givenByCluster },
  };
}
