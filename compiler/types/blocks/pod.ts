import type { BlockSchema, FieldSchema } from "../type.ts";
import * as t from "./common.ts";

/** What stands in a pod, alone or in an rc. */

/** Fields that keep their Kubernetes name and meaning, as they are. */
export const podFieldsAsInKubernetes: Readonly<Record<string, FieldSchema>> = {
  hostname: t.field(t.text, "Its host name; the pod's name when left out."),
  subdomain: t.field(t.text, "With `hostname`: its name below a headless service."),
  hostNetwork: t.field(t.boolean, "Whether it uses the node's own network."),
  hostPID: t.field(t.boolean, "Whether it sees the node's processes."),
  hostIPC: t.field(t.boolean, "Whether it shares the node's IPC."),
  shareProcessNamespace: t.field(t.boolean, "Whether its containers see each other's processes."),
  dnsPolicy: t.field(
    t.oneOf("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    "Where its names are looked up.",
  ),
  dnsConfig: t.field(t.anything, "Name servers, search domains and options."),
  hostAliases: t.field(t.anything, "Lines added to its hosts file."),
  serviceAccountName: t.field(t.text, "The account it acts as."),
  automountServiceAccountToken: t.field(t.boolean, "Whether the account's token is mounted."),
  enableServiceLinks: t.field(
    t.boolean,
    "Whether services stand in its environment variables; true when left out.",
  ),
  imagePullSecrets: t.field(t.anything, "What images are fetched with."),
  schedulerName: t.field(t.text, "The scheduler that places it; `default-scheduler` when left out."),
  priorityClassName: t.field(t.text, "A priority by the name of its class."),
  preemptionPolicy: t.field(
    t.oneOf("PreemptLowerPriority", "Never"),
    "Whether it may drive out pods of lower priority.",
  ),
  runtimeClassName: t.field(t.text, "The container runtime's class."),
  affinity: t.field(t.anything, "Affinity as in Kubernetes; joined with `on`."),
  topologySpreadConstraints: t.field(t.anything, "How pods spread over zones and nodes."),
  readinessGates: t.field(t.anything, "Further conditions that readiness waits for."),
  securityContext: t.field(t.anything, "User, groups and privileges for all its containers."),
};

const waitFor = t.object("rc", "pod", "service");

export const podFields: Readonly<Record<string, FieldSchema>> = {
  identity: t.field(t.labels, "Labels that selectors derive from: what makes these pods these pods."),
  ...t.metadata,
  on: t.field(
    t.either(t.object("node"), { kind: "selection", of: "nodes" }),
    "Where it may run: a node, or `nodes where …`.",
  ),
  tolerate: t.field(
    t.listOf(
      t.record("Toleration", {
        key: t.field(t.text, "The taint's key; every key when left out."),
        operator: t.field(t.oneOf("Exists", "Equal"), "`Equal` with a value, else `Exists`."),
        value: t.field(t.text, "The taint's value."),
        effect: t.field(
          t.oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
          "The taint's effect; every effect when left out.",
        ),
        seconds: t.field(t.seconds, "How long it stays under a NoExecute taint; for ever when left out."),
      }),
    ),
    "Taints of nodes that it may run under.",
  ),
  restart: t.field(
    t.oneOf("always", "on-failure", "never"),
    "When its containers are started again; `always` when left out.",
  ),
  grace: t.field(
    t.duration,
    "How long its containers have between the stop signal and the kill; 30s when left out.",
  ),
  deadline: t.field(t.duration, "How long it may run before it is failed."),
  after: t.field(t.either(waitFor, t.listOf(waitFor)), "What must be ready before it starts."),
  priority: t.field(
    { kind: "number", integer: true },
    "Pods of higher priority are placed first; 0 when left out.",
  ),
  ...podFieldsAsInKubernetes,
};

const members = { volume: "any", container: "required", init: "any" } as const;

export const pod: BlockSchema = {
  word: "pod",
  help: "Containers that run together on one node, with one address; a pod of its own is not replaced when it dies.",
  kind: "Pod",
  name: "required",
  family: true,
  fields: podFields,
  members,
};

export const podOfRc: BlockSchema = {
  word: "pod",
  help: "The template that the rc makes its pods from.",
  name: "none",
  family: false,
  fields: podFields,
  members,
};

const files: readonly { name: string; type: (typeof t)["text"]; optional: boolean }[] = [
  { name: "items", type: t.mapOf(t.text), optional: true },
  { name: "mode", type: { kind: "string", pattern: "0?[0-7]{3}" }, optional: true },
  { name: "optional", type: t.boolean, optional: true },
];

export const volume: BlockSchema = {
  word: "volume",
  help: "Storage of the pod that its containers mount.",
  name: "required",
  family: false,
  value: t.required(
    t.variant("Volume", {
      emptyDir: {
        help: "An empty directory that lives as long as the pod, with a size limit if one is given.",
        parameters: [
          { name: "size", type: t.memory, optional: true },
          { name: "medium", type: t.oneOf("", "Memory"), optional: true },
        ],
      },
      hostPath: {
        help: "A path of the node.",
        parameters: [
          { name: "path", type: t.text },
          {
            name: "type",
            type: t.oneOf(
              "",
              "DirectoryOrCreate",
              "Directory",
              "FileOrCreate",
              "File",
              "Socket",
              "CharDevice",
              "BlockDevice",
            ),
            optional: true,
          },
        ],
      },
      config: {
        help: "The keys of a config as files; `items` says which, and at which paths.",
        parameters: [{ name: "config", type: t.object("config") }, ...files],
      },
      secret: {
        help: "The keys of a secret as files; `items` says which, and at which paths.",
        parameters: [{ name: "secret", type: t.object("secret") }, ...files],
      },
    }),
    'What the volume is: `emptyDir`, `emptyDir(64Mi)`, `hostPath("/x")`, `config(c)`, `secret(s)`.',
  ),
  fields: {},
  members: {},
};
