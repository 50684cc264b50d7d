import type { BlockSchema, FieldSchema } from "../type.ts";
import * as t from "./common.ts";

/** What stands in a pod, alone or in an rc. */

const inSpec = (fields: Readonly<Record<string, FieldSchema>>): Readonly<Record<string, FieldSchema>> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, { ...field, path: `spec.${field.path ?? name}` }]),
  );

/** Fields that keep their Kubernetes name and meaning, as they are. */
export const podFieldsAsInKubernetes = inSpec({
  hostname: t.field(t.text, "Its host name; the pod's name when left out."),
  subdomain: t.field(t.text, "With `hostname`: its name below a headless service."),
  setHostnameAsFQDN: t.field(t.boolean, "Whether its host name is the full one, with domain."),
  hostNetwork: t.field(t.boolean, "Whether it uses the node's own network."),
  hostPID: t.field(t.boolean, "Whether it sees the node's processes."),
  hostIPC: t.field(t.boolean, "Whether it shares the node's IPC."),
  hostUsers: t.field(t.boolean, "Whether it shares the node's user ids; true when left out."),
  shareProcessNamespace: t.field(t.boolean, "Whether its containers see each other's processes."),
  os: t.field(t.kubernetes("PodOS"), "The operating system that its containers are made for."),
  dnsPolicy: t.field(
    t.oneOf("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    "Where its names are looked up.",
  ),
  dnsConfig: t.field(t.kubernetes("PodDNSConfig"), "Name servers, search domains and options."),
  hostAliases: t.field(t.listOf(t.kubernetes("HostAlias")), "Lines added to its hosts file."),
  account: t.field(t.object("account"), "The account it acts as.", "serviceAccountName"),
  automountServiceAccountToken: t.field(t.boolean, "Whether the account's token is mounted."),
  enableServiceLinks: t.field(
    t.boolean,
    "Whether services stand in its environment variables; true when left out.",
  ),
  imagePullSecrets: t.field(
    t.listOf(t.either(t.object("secret"), t.text)),
    "What images are fetched with: secrets, or by name such as are no part of the program.",
    "imagePullSecrets[].name",
  ),
  schedulerName: t.field(t.text, "The scheduler that places it; `default-scheduler` when left out."),
  schedulingGates: t.field(
    t.texts,
    "Names that have to be taken off before it is placed.",
    "schedulingGates[].name",
  ),
  priorityClassName: t.field(t.text, "A priority by the name of its class."),
  preemptionPolicy: t.field(
    t.oneOf("PreemptLowerPriority", "Never"),
    "Whether it may drive out pods of lower priority.",
  ),
  runtimeClassName: t.field(t.text, "The container runtime's class."),
  resourceClaims: t.field(
    t.listOf(t.kubernetes("PodResourceClaim")),
    "Devices that are claimed for it before it starts; containers name those they use.",
  ),
  affinity: t.field(
    t.kubernetes("Affinity"),
    "Nodes it likes, and pods it likes and dislikes to be near; where it has to run is said by `on`.",
  ),
  readinessGates: t.field(
    t.texts,
    "Further conditions of the pod that its readiness waits for.",
    "readinessGates[].conditionType",
  ),
  securityContext: t.field(
    t.kubernetes("PodSecurityContext"),
    "User, groups and privileges for all its containers.",
  ),
});

const waitFor = t.object("rc", "pod", "service");
const nodes = { kind: "selection", of: "nodes" } as const;
const node = t.object("node");
const honor = t.oneOf("Honor", "Ignore");

export const spreadFields: Readonly<Record<string, FieldSchema>> = {
  over: t.required(
    t.text,
    "The label of nodes whose values are the places: `topology.kubernetes.io/zone`.",
    "topologyKey",
  ),
  skew: t.field(
    t.integer(1),
    "How many pods more one place may have than another; 1 when left out.",
    "maxSkew",
  ),
  whenUnsatisfiable: t.field(
    t.oneOf("DoNotSchedule", "ScheduleAnyway"),
    "Whether a pod that would skew it more waits or goes there all the same; it waits when left out.",
    "whenUnsatisfiable",
  ),
  select: t.field(
    t.either({ kind: "selection", of: "pods" }, t.object("rc", "pod"), t.kubernetes("LabelSelector")),
    "The pods that are counted; those of the pod's own identity when left out.",
    "labelSelector",
  ),
  minDomains: t.field(t.integer(1), "How many places there have to be.", "minDomains"),
  matchLabelKeys: t.field(
    t.texts,
    "Label keys of the pod whose values the pods have to share.",
    "matchLabelKeys",
  ),
  nodeAffinityPolicy: t.field(honor, "Whether nodes count that `on` excludes.", "nodeAffinityPolicy"),
  nodeTaintsPolicy: t.field(
    honor,
    "Whether nodes count whose taints it does not tolerate.",
    "nodeTaintsPolicy",
  ),
};

export const spread = t.record("Spread", spreadFields);

const effect = t.oneOf("NoSchedule", "PreferNoSchedule", "NoExecute");

export const toleration = t.record("Toleration", {
  key: t.field(t.text, "The taint's key; every key when left out.", "key"),
  operator: t.field(t.oneOf("Exists", "Equal"), "`Equal` with a value, else `Exists`.", "operator"),
  value: t.field(t.text, "The taint's value.", "value"),
  effect: t.field(effect, "The taint's effect; every effect when left out.", "effect"),
  seconds: t.field(
    t.seconds,
    "How long it stays under a NoExecute taint; for ever when left out.",
    "tolerationSeconds",
  ),
});

export const podFields: Readonly<Record<string, FieldSchema>> = {
  identity: t.field(
    t.labels,
    "Labels that selectors derive from: what makes these pods these pods.",
    "metadata.labels",
  ),
  ...t.metadata,
  on: t.field(
    t.either(node, nodes, t.listOf(t.either(node, nodes, t.kubernetes("NodeSelectorTerm")))),
    "Where it may run: a node, or `nodes where …`; of a list any one.",
    [
      "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms",
      "spec.nodeSelector",
    ],
  ),
  spread: t.field(
    t.listOf(spread),
    "How evenly pods are spread over zones or nodes.",
    "spec.topologySpreadConstraints",
  ),
  tolerate: t.field(t.listOf(toleration), "Taints of nodes that it may run under.", "spec.tolerations"),
  restart: {
    ...t.field(
      t.oneOf("always", "on-failure", "never"),
      "When its containers are started again; `always` when left out.",
      "spec.restartPolicy",
    ),
    values: { always: "Always", "on-failure": "OnFailure", never: "Never" },
  },
  grace: t.field(
    t.duration,
    "How long its containers have between the stop signal and the kill; 30s when left out.",
    "spec.terminationGracePeriodSeconds",
  ),
  deadline: t.field(t.duration, "How long it may run before it is failed.", "spec.activeDeadlineSeconds"),
  after: t.field(t.either(waitFor, t.listOf(waitFor)), "What must be ready before it starts."),
  priority: t.field(
    { kind: "number", integer: true },
    "Pods of higher priority are placed first; 0 when left out.",
    "spec.priority",
  ),
  overhead: t.field(t.resources, "What the runtime's class needs beside the containers.", "spec.overhead"),
  ...podFieldsAsInKubernetes,
};

const members = { volume: "any", container: "required", init: "any" } as const;

export const pod: BlockSchema = {
  word: "pod",
  help: "Containers that run together on one node, with one address; a pod of its own is not replaced when it dies.",
  kind: "Pod",
  name: "required",
  namePath: "metadata.name",
  family: true,
  fields: podFields,
  members,
};

export const podOfRc: BlockSchema = {
  word: "pod",
  help: "The template that the rc makes its pods from.",
  name: "none",
  path: "spec.template",
  family: false,
  fields: podFields,
  members,
};
