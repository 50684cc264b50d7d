import type { BlockSchema } from "../type.ts";
import * as t from "./common.ts";

/** What stands in the blocks that declare objects, pods apart. */

export const cluster: BlockSchema = {
  word: "cluster",
  help: "The cluster that the file describes; its name is the file's when left out.",
  name: "optional",
  family: false,
  fields: {},
  members: {},
};

export const namespace: BlockSchema = {
  word: "namespace",
  help: "A name space of its own for the objects in it; selectors never cross it.",
  kind: "Namespace",
  name: "required",
  family: false,
  fields: t.metadata,
  members: { pod: "any", rc: "any", service: "any", config: "any", secret: "any" },
};

export const node: BlockSchema = {
  word: "node",
  help: "A machine of the cluster, as large as its capacity says.",
  kind: "Node",
  name: "required",
  family: true,
  fields: {
    capacity: t.field(t.capacity, "What it has; what is left out is this machine's own."),
    ...t.metadata,
    taints: t.field(
      t.listOf(
        t.record("Taint", {
          key: t.required(t.text, "The taint's key."),
          value: t.field(t.text, "The taint's value; empty when left out."),
          effect: t.required(
            t.oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
            "What happens to pods that do not tolerate it.",
          ),
        }),
      ),
      "Marks that keep away pods which do not tolerate them.",
    ),
    unschedulable: t.field(t.boolean, "Whether it takes no new pods."),
  },
  members: {},
};

export const rc: BlockSchema = {
  word: "rc",
  help: "Keeps a number of equal pods running (Kubernetes' ReplicationController).",
  kind: "ReplicationController",
  name: "required",
  family: true,
  fields: {
    replicas: t.field(t.integer(0), "How many pods run; 1 when left out."),
    select: t.field(
      { kind: "selection", of: "pods" },
      "Which pods are its own; its pod's whole identity when left out. Takes only `==`.",
    ),
    minReady: t.field(
      t.duration,
      "How long a pod must have been ready to count as available; 0s when left out.",
    ),
    update: t.field(
      t.either(
        t.variant("Update", {
          never: { parameters: [], help: "A change leaves live pods alone, as Kubernetes does." },
        }),
        t.record("UpdateStrategy", {
          surge: t.field(
            t.either(t.integer(0), t.percent),
            "How many pods more than `replicas` there may be meanwhile; 1 when left out.",
          ),
          unavailable: t.field(
            t.either(t.integer(0), t.percent),
            "How many pods fewer than `replicas` may be available meanwhile; 0 when left out.",
          ),
        }),
      ),
      "How live pods are replaced when the pod template changes.",
    ),
    ...t.metadata,
  },
  members: { pod: "required" },
};

export const service: BlockSchema = {
  word: "service",
  help: "One stable address and host name for the pods it selects.",
  kind: "Service",
  name: "required",
  family: true,
  fields: {
    select: t.field(
      t.either(t.object("rc", "pod"), { kind: "selection", of: "pods" }),
      "The pods it sends to: an rc, a pod, a family of them, or `pods where …` (only `==`).",
    ),
    expose: t.field(
      t.variant("Expose", {
        cluster: { parameters: [], help: "Reached inside the cluster only; so when left out." },
        node: {
          parameters: [{ name: "port", type: t.portNumber, optional: true }],
          help: "Reached on a port of every node, 30000 to 32767; one is chosen when left out.",
        },
        headless: {
          parameters: [],
          help: "No address of its own: its host name stands for its pods' addresses.",
        },
        balancer: { parameters: [], help: "Reached through the load balancer of the place it runs at." },
        external: {
          parameters: [{ name: "addresses", type: t.either({ kind: "ip" }, t.listOf({ kind: "ip" })) }],
          help: "Reached at these addresses too, which lead to nodes.",
        },
      }),
      "From where it is reached; `cluster` when left out.",
    ),
    affinity: t.field(t.oneOf("client"), "Whether one client stays with one pod."),
    affinityTimeout: t.field(t.duration, "How long it stays without a new connection; 3h when left out."),
    address: t.field({ kind: "ip" }, "Its address in the service range; one is chosen when left out."),
    publishNotReady: t.field(t.boolean, "Whether pods that are not ready count too."),
    internalTraffic: t.field(
      t.oneOf("Cluster", "Local"),
      "Whether clients inside reach pods on their own node only; `Cluster` when left out.",
    ),
    externalTraffic: t.field(
      t.oneOf("Cluster", "Local"),
      "Whether a node sends on to its own pods only and keeps the client's address; `Cluster` when left out.",
    ),
    ...t.metadata,
  },
  members: { port: "any" },
};

export const servicePort: BlockSchema = {
  word: "port",
  help: "A port of the service and, after `->`, the pods' port that it leads to: the same number when left out.",
  name: "optional",
  family: false,
  value: t.required(t.portNumber, "The service's port, 1 to 65535."),
  target: t.field(t.port, "A port of the selected pods, by name or number."),
  fields: {
    protocol: t.field(t.protocol, "TCP when left out."),
    node: t.field(
      t.portNumber,
      "The port of every node that leads to it, with `expose: node` or `balancer`.",
    ),
    appProtocol: t.field(t.text, "What is spoken over it: a hint for proxies."),
  },
  members: {},
};

export const config: BlockSchema = {
  word: "config",
  help: "Texts by key that containers read as environment variables or files (Kubernetes' ConfigMap).",
  kind: "ConfigMap",
  name: "required",
  family: true,
  fields: t.metadata,
  rest: t.field(t.either(t.text, { kind: "number", integer: false }, t.boolean), "The text under this key."),
  members: {},
};

export const secret: BlockSchema = {
  word: "secret",
  help: "Values by key that come from outside when the plan is applied, and never stand in it.",
  kind: "Secret",
  name: "required",
  family: true,
  fields: t.metadata,
  rest: t.field({ kind: "envValue" }, 'Where the value comes from: `env("NAME")` or `file("./path")`.'),
  members: {},
};
