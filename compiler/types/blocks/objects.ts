import type { BlockSchema, FieldSchema } from "../type.ts";
import * as t from "./common.ts";

/** What stands in the blocks that declare objects, pods apart. */

export const cluster: BlockSchema = {
  word: "cluster",
  help: "The cluster that the file describes; its name is the file's when left out.",
  name: "optional",
  family: false,
  fields: {
    services: t.field(t.cidr, "The addresses that services have."),
    pods: t.field(t.cidr, "The addresses that pods have."),
    nodePorts: t.field(
      { kind: "range" },
      "The ports of nodes that services may be exposed on; 30000..32767 when left out.",
    ),
    scheduler: t.field(
      t.oneOf("spread", "pack"),
      "Whether pods go where most is free (`spread`, when left out) or least (`pack`).",
    ),
  },
  members: {},
};

export const namespace: BlockSchema = {
  word: "namespace",
  help: "A name space of its own for the objects in it; selectors never cross it.",
  kind: "Namespace",
  name: "required",
  namePath: "metadata.name",
  family: false,
  fields: {
    ...t.metadata,
    specFinalizers: t.field(
      t.texts,
      "Names that have to be taken off before the namespace is emptied and goes; the cluster adds its own.",
      "spec.finalizers",
    ),
  },
  members: {
    pod: "any",
    rc: "any",
    service: "any",
    config: "any",
    secret: "any",
    claim: "any",
    account: "any",
    manifest: "any",
  },
};

export const node: BlockSchema = {
  word: "node",
  help: "A machine of the cluster, as large as its capacity says.",
  kind: "Node",
  name: "required",
  namePath: "metadata.name",
  family: true,
  fields: {
    capacity: t.field(t.capacity, "What it has; what is left out is this machine's own.", "status.capacity"),
    allocatable: t.field(
      t.capacity,
      "What of its capacity pods may have; all of it when left out.",
      "status.allocatable",
    ),
    ...t.metadata,
    taints: t.field(
      t.listOf(
        t.record("Taint", {
          key: t.required(t.text, "The taint's key.", "key"),
          value: t.field(t.text, "The taint's value; empty when left out.", "value"),
          effect: t.required(
            t.oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
            "What happens to pods that do not tolerate it.",
            "effect",
          ),
        }),
      ),
      "Marks that keep away pods which do not tolerate them.",
      "spec.taints",
    ),
    unschedulable: t.field(t.boolean, "Whether it takes no new pods.", "spec.unschedulable"),
    addresses: t.field(
      t.listOf(
        t.record("NodeAddress", {
          type: t.required(
            t.oneOf("InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS"),
            "What kind of address it is.",
            "type",
          ),
          address: t.required(t.text, "The address.", "address"),
        }),
      ),
      "Where it is reached; the runtime gives its own when left out.",
      "status.addresses",
    ),
    podRange: t.field(
      t.either(t.cidr, t.listOf(t.cidr)),
      "The addresses of its pods: one range, or one for each family of addresses.",
      ["spec.podCIDR", "spec.podCIDRs"],
    ),
    providerID: t.field(t.text, "What the machine's provider calls it.", "spec.providerID"),
  },
  members: {},
};

export const rc: BlockSchema = {
  word: "rc",
  help: "Keeps a number of equal pods running (Kubernetes' ReplicationController).",
  kind: "ReplicationController",
  name: "required",
  namePath: "metadata.name",
  family: true,
  fields: {
    replicas: t.field(t.integer(0), "How many pods run; 1 when left out.", "spec.replicas"),
    select: t.field(
      { kind: "selection", of: "pods" },
      "Which pods are its own; its pod's whole identity when left out. Takes only `==`.",
      "spec.selector",
    ),
    minReady: t.field(
      t.duration,
      "How long a pod must have been ready to count as available; 0s when left out.",
      "spec.minReadySeconds",
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

const expose = t.variant("Expose", {
  cluster: { parameters: [], help: "Reached inside the cluster only; so when left out." },
  node: {
    parameters: [{ name: "port", type: t.portNumber, optional: true, path: "spec.ports[].nodePort" }],
    help: "Reached on a port of every node, 30000 to 32767; one is chosen when left out.",
  },
  headless: {
    parameters: [],
    help: "No address of its own: its host name stands for its pods' addresses.",
    path: "spec.clusterIP",
  },
  balancer: {
    parameters: [{ name: "address", type: t.ip, optional: true, path: "spec.loadBalancerIP" }],
    help: "Reached through the load balancer of the place it runs at; a wish for its address is not heard everywhere.",
  },
  external: {
    parameters: [{ name: "addresses", type: t.either(t.ip, t.listOf(t.ip)), path: "spec.externalIPs" }],
    help: "Reached at these addresses too, which lead to nodes.",
  },
  alias: {
    parameters: [{ name: "host", type: t.text, path: "spec.externalName" }],
    help: "Selects nothing: its host name is another name for this host outside.",
  },
});

/** Fields that keep their Kubernetes name and meaning, as they are. */
export const serviceFieldsAsInKubernetes: Readonly<Record<string, FieldSchema>> = {
  ipFamilies: t.field(
    t.listOf(t.oneOf("IPv4", "IPv6")),
    "The families of its addresses, the main one first; the cluster's when left out.",
    "spec.ipFamilies",
  ),
  ipFamilyPolicy: t.field(
    t.oneOf("SingleStack", "PreferDualStack", "RequireDualStack"),
    "Whether it has addresses of one family or of two; `SingleStack` when left out.",
    "spec.ipFamilyPolicy",
  ),
  loadBalancerClass: t.field(
    t.text,
    "The load balancer that is meant, where there are several.",
    "spec.loadBalancerClass",
  ),
  loadBalancerSourceRanges: t.field(
    t.listOf(t.cidr),
    "The addresses of clients that the load balancer lets through; all when left out.",
    "spec.loadBalancerSourceRanges",
  ),
  allocateLoadBalancerNodePorts: t.field(
    t.boolean,
    "Whether a port of every node is taken too, with `expose: balancer`; true when left out.",
    "spec.allocateLoadBalancerNodePorts",
  ),
  healthCheckNodePort: t.field(
    t.portNumber,
    'The port of nodes that the load balancer asks, with `externalTraffic: "Local"`; chosen when left out.',
    "spec.healthCheckNodePort",
  ),
  trafficDistribution: t.field(
    t.text,
    "How traffic is spread: `PreferClose` keeps it near.",
    "spec.trafficDistribution",
  ),
};

export const service: BlockSchema = {
  word: "service",
  help: "One stable address and host name for the pods it selects.",
  kind: "Service",
  name: "required",
  namePath: "metadata.name",
  family: true,
  fields: {
    select: t.field(
      t.either(t.object("rc", "pod"), { kind: "selection", of: "pods" }),
      "The pods it sends to: an rc, a pod, a family of them, or `pods where …` (only `==`).",
      "spec.selector",
    ),
    expose: t.field(
      t.either(expose, t.listOf(expose)),
      "From where it is reached, or several of these; `cluster` when left out.",
      "spec.type",
    ),
    affinity: {
      ...t.field(t.oneOf("client"), "Whether one client stays with one pod.", "spec.sessionAffinity"),
      values: { client: "ClientIP" },
    },
    affinityTimeout: t.field(
      t.duration,
      "How long it stays without a new connection; 3h when left out.",
      "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
    ),
    address: t.field(
      t.either(t.ip, t.listOf(t.ip)),
      "Its address in the service range, or one for each family of addresses; chosen when left out.",
      ["spec.clusterIP", "spec.clusterIPs"],
    ),
    publishNotReady: t.field(
      t.boolean,
      "Whether pods that are not ready count too.",
      "spec.publishNotReadyAddresses",
    ),
    internalTraffic: t.field(
      t.oneOf("Cluster", "Local"),
      "Whether clients inside reach pods on their own node only; `Cluster` when left out.",
      "spec.internalTrafficPolicy",
    ),
    externalTraffic: t.field(
      t.oneOf("Cluster", "Local"),
      "Whether a node sends on to its own pods only and keeps the client's address; `Cluster` when left out.",
      "spec.externalTrafficPolicy",
    ),
    ...serviceFieldsAsInKubernetes,
    ...t.metadata,
  },
  members: { port: "any" },
};

export const servicePort: BlockSchema = {
  word: "port",
  help: "A port of the service and, after `->`, the pods' port that it leads to: the same number when left out.",
  name: "optional",
  namePath: "name",
  path: "spec.ports[]",
  family: false,
  value: t.required(t.portNumber, "The service's port, 1 to 65535.", "port"),
  target: t.field(t.port, "A port of the selected pods, by name or number.", "targetPort"),
  fields: {
    protocol: t.field(t.protocol, "TCP when left out.", "protocol"),
    node: t.field(
      t.portNumber,
      "The port of every node that leads to it, with `expose: node` or `balancer`.",
      "nodePort",
    ),
    appProtocol: t.field(t.text, "What is spoken over it: a hint for proxies.", "appProtocol"),
  },
  members: {},
};

const immutable = t.field(
  t.boolean,
  "Whether its data can never be changed; false when left out.",
  "immutable",
);
const plainValue = t.either(t.text, { kind: "number", integer: false }, t.boolean);

export const config: BlockSchema = {
  word: "config",
  help: "Texts by key that containers read as environment variables or files (Kubernetes' ConfigMap).",
  kind: "ConfigMap",
  name: "required",
  namePath: "metadata.name",
  family: true,
  fields: {
    ...t.metadata,
    immutable,
    binaryData: t.field(t.mapOf(t.text), "Bytes by key, in base64.", "binaryData"),
    data: t.field(
      t.mapOf(plainValue),
      'Keys that are words of this block: `data: { labels: "…" }`. All others stand in the block itself.',
      "data",
    ),
  },
  rest: t.field(plainValue, "The text under this key.", "data{}"),
  members: {},
};

export const secret: BlockSchema = {
  word: "secret",
  help: "Values by key that come from outside when the plan is applied, and never stand in it.",
  kind: "Secret",
  name: "required",
  namePath: "metadata.name",
  family: true,
  fields: {
    ...t.metadata,
    immutable,
    type: t.field(t.text, "What its keys are for: `kubernetes.io/tls`; `Opaque` when left out.", "type"),
    data: t.field(
      t.mapOf({ kind: "late" }),
      'Keys that are words of this block: `data: { type: env("X") }`. All others stand in the block itself.',
      "data",
    ),
  },
  rest: t.field(
    { kind: "envValue" },
    'Where the value comes from: `env("NAME")` or `file("./path")`.',
    "data{}",
  ),
  members: {},
};
