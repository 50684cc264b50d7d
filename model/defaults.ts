import type { KubernetesObject, Labels } from "./meta.ts";
import { commonClasses, type PriorityClasses } from "./priority.ts";

/**
 * Kubernetes' defaulting of v1 objects (its `pkg/apis/core/v1/defaults.go`): what an API server fills in before it
 * validates. It works on whatever JSON it is handed: what has not the shape of its field is left as it is, for
 * validation to name. Nothing is changed in place; what needs no default is shared with the input.
 */

type Json = Readonly<Record<string, unknown>>;
type Rule = (value: Json) => Json;

/** The object with its defaults filled in. Kinds without any come back as they are. */
export function withDefaults<T extends KubernetesObject>(object: T): T {
  const rule = isRecord(object) && Object.hasOwn(rules, object.kind) ? rules[object.kind] : undefined;
  return rule ? (rule(object as unknown as Json) as unknown as T) : object;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `record` with those of `defaults` that it lacks. */
function fill(record: Json, defaults: Json): Json {
  let filled: Record<string, unknown> | undefined;
  for (const key in defaults) {
    if (record[key] === undefined || record[key] === null) (filled ??= { ...record })[key] = defaults[key];
  }
  return filled ?? record;
}

/** `record` with its field `key`, if that is a record, replaced by what `rule` makes of it. */
function inside(record: Json, key: string, rule: Rule): Json {
  const value = record[key];
  if (!isRecord(value)) return record;
  const next = rule(value);
  return next === value ? record : { ...record, [key]: next };
}

/** `record` with every record in its list `key` replaced by what `rule` makes of it. */
function each(record: Json, key: string, rule: Rule): Json {
  const list = record[key];
  if (!Array.isArray(list)) return record;
  const next = list.map((item: unknown) => (isRecord(item) ? rule(item) : item));
  return next.every((item, index) => item === list[index]) ? record : { ...record, [key]: next };
}

const isEmpty = (value: unknown) => !isRecord(value) || Object.keys(value).length === 0;

// ── Pods ───────────────────────────────────────────────────────────────────────────────────────────────────

const httpGet: Rule = (action) => fill(action, { path: "/", scheme: "HTTP" });

const probeDefaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
const probe: Rule = (value) =>
  inside(inside(fill(value, probeDefaults), "httpGet", httpGet), "grpc", (action) =>
    fill(action, { service: "" }),
  );

const handler: Rule = (value) => inside(value, "httpGet", httpGet);

const lifecycle: Rule = (value) => inside(inside(value, "postStart", handler), "preStop", handler);

const valueFrom: Rule = (source) =>
  inside(
    inside(source, "fieldRef", (reference) => fill(reference, { apiVersion: "v1" })),
    "resourceFieldRef",
    (reference) => fill(reference, { divisor: "0" }),
  );

const transport: Rule = (port) => fill(port, { protocol: "TCP" });

/** `Always` for the tag `latest` or none, else `IfNotPresent`. A digest without a tag counts as one. */
export function defaultPullPolicy(image: string): "Always" | "IfNotPresent" {
  const name = image.slice(image.lastIndexOf("/") + 1);
  const [tagged = "", digest] = name.split("@");
  const colon = tagged.indexOf(":");
  const tag = colon >= 0 ? tagged.slice(colon + 1) : digest === undefined ? "latest" : "";
  return tag === "latest" ? "Always" : "IfNotPresent";
}

const container: Rule = (value) => {
  let next = fill(value, {
    resources: {},
    imagePullPolicy: defaultPullPolicy(typeof value.image === "string" ? value.image : ""),
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
  });
  next = each(next, "ports", transport);
  next = each(next, "env", (variable) => inside(variable, "valueFrom", valueFrom));
  for (const key of ["livenessProbe", "readinessProbe", "startupProbe"]) next = inside(next, key, probe);
  return inside(next, "lifecycle", lifecycle);
};

const fileMode: Rule = (source) => fill(source, { defaultMode: 0o644 });

const downwardFiles: Rule = (source) => each(source, "items", valueFrom);

const projectedSource: Rule = (source) =>
  inside(
    inside(source, "serviceAccountToken", (token) => fill(token, { expirationSeconds: 3600 })),
    "downwardAPI",
    downwardFiles,
  );

/** What the kinds of volumes have when nothing is said. */
const volumeDefaults: Readonly<Record<string, Rule>> = {
  configMap: fileMode,
  secret: fileMode,
  downwardAPI: (source) => fileMode(downwardFiles(source)),
  projected: (source) => fileMode(each(source, "sources", projectedSource)),
  hostPath: (source) => fill(source, { type: "" }),
  iscsi: (source) => fill(source, { iscsiInterface: "default" }),
  rbd: (source) => fill(source, { pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring" }),
  azureDisk: (source) =>
    fill(source, { cachingMode: "ReadWrite", fsType: "ext4", readOnly: false, kind: "Shared" }),
  scaleIO: (source) => fill(source, { storageMode: "ThinProvisioned", fsType: "xfs" }),
  ephemeral: (source) =>
    inside(source, "volumeClaimTemplate", (template) =>
      inside(template, "spec", (spec) => fill(spec, { volumeMode: "Filesystem" })),
    ),
};

const volume: Rule = (value) => {
  let next = value;
  if (Object.keys(value).every((key) => key === "name" || value[key] === undefined))
    next = { ...value, emptyDir: {} };
  for (const key in next) {
    const rule = Object.hasOwn(volumeDefaults, key) ? volumeDefaults[key] : undefined;
    if (rule) next = inside(next, key, rule);
  }
  return next;
};

const podSpecDefaults = {
  restartPolicy: "Always",
  terminationGracePeriodSeconds: 30,
  dnsPolicy: "ClusterFirst",
  securityContext: {},
  schedulerName: "default-scheduler",
};

/** What holds for the spec of a pod and of a pod template. */
const podSpec: Rule = (spec) => {
  let next = fill(spec, podSpecDefaults);
  for (const key of ["containers", "initContainers"]) next = each(next, key, container);
  return each(next, "volumes", volume);
};

/** What Kubernetes fills in for pods only, not for templates: requests that were left out are the limits. */
const requestsFromLimits: Rule = (value) => inside(value, "resources", limitsAsRequests);

const limitsAsRequests: Rule = (resources) =>
  isEmpty(resources.limits)
    ? resources
    : inside(fill(resources, { requests: {} }), "requests", (requests) =>
        fill(requests, resources.limits as Json),
      );

/** The resources of a container with the requests that it will have: what is limited and not requested is requested. */
export const withRequests = <T extends object>(resources: T): T => limitsAsRequests(resources as Json) as T;

/** On the node's own network a port takes the same port of the node. */
const hostPorts: Rule = (value) =>
  each(value, "ports", (port) =>
    port.containerPort && !port.hostPort ? { ...port, hostPort: port.containerPort } : port,
  );

/** The spec with the requests that its pods will have: what a container limits and does not request is requested. */
export function withRequestsFromLimits<T extends object>(spec: T): T {
  let next = spec as Json;
  for (const key of ["containers", "initContainers"]) next = each(next, key, requestsFromLimits);
  return next as T;
}

const pod: Rule = (object) =>
  inside(object, "spec", (spec) => {
    let next = withRequestsFromLimits(fill(podSpec(spec), { enableServiceLinks: true }));
    if (spec.hostNetwork !== true) return next;
    for (const key of ["containers", "initContainers"]) next = each(next, key, hostPorts);
    return next;
  });

const nodeFailure = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/**
 * What the admission plugins that every cluster runs add to a pod that is created: the priority of its class, 0 where it has none, and the
 * preemption policy (Priority), the account `default` (ServiceAccount), and 300 s under a node that is not ready or unreachable
 * (DefaultTolerationSeconds), unless the pod says otherwise. Pods only; other kinds come back as they are.
 */
export function withAdmissionDefaults<T extends KubernetesObject>(
  object: T,
  classes: PriorityClasses = commonClasses,
): T {
  if (object.kind !== "Pod") return object;
  return inside(object as unknown as Json, "spec", (spec) => {
    const { priorityClassName: name } = spec;
    const own = name ? classes.of(name) : classes.standard;
    const next = fill(spec, {
      serviceAccountName: "default",
      priority: own?.value ?? 0,
      preemptionPolicy: own?.preemptionPolicy ?? "PreemptLowerPriority",
    });
    const tolerations: unknown[] = Array.isArray(next.tolerations) ? next.tolerations : [];
    const missing = nodeFailure.filter((key) => !tolerations.some((toleration) => endures(toleration, key)));
    if (missing.length === 0) return next;
    const added = missing.map((key) => ({
      key,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: 300,
    }));
    return { ...next, tolerations: [...tolerations, ...added] };
  }) as unknown as T;
}

function endures(toleration: unknown, key: string): boolean {
  if (!isRecord(toleration)) return false;
  return (
    (toleration.key === key || !toleration.key) && (toleration.effect === "NoExecute" || !toleration.effect)
  );
}

// ── The other kinds ────────────────────────────────────────────────────────────────────────────────────────

const replicationController: Rule = (object) => {
  const next = inside(object, "spec", (spec) =>
    inside(fill(spec, { replicas: 1 }), "template", (template) => inside(template, "spec", podSpec)),
  );
  const labels = templateLabels(next);
  if (labels === undefined) return next;
  const selected = inside(next, "spec", (spec) =>
    isEmpty(spec.selector) ? { ...spec, selector: labels } : spec,
  );
  return inside(selected, "metadata", (metadata) =>
    isEmpty(metadata.labels) ? { ...metadata, labels } : metadata,
  );
};

function templateLabels(object: Json): Labels | undefined {
  const template = isRecord(object.spec) ? object.spec.template : undefined;
  const metadata = isRecord(template) ? template.metadata : undefined;
  const labels = isRecord(metadata) ? metadata.labels : undefined;
  return isEmpty(labels) ? undefined : (labels as Labels);
}

const servicePort: Rule = (port) => {
  const next = transport(port);
  return next.port && !next.targetPort ? { ...next, targetPort: next.port } : next;
};

const service: Rule = (object) =>
  inside(object, "spec", (spec) => {
    let next = fill(spec, { type: "ClusterIP", sessionAffinity: "None" });
    if (next.sessionAffinity === "ClientIP") {
      next = fill(next, { sessionAffinityConfig: {} });
      next = inside(next, "sessionAffinityConfig", (config) =>
        inside(fill(config, { clientIP: {} }), "clientIP", (client) =>
          fill(client, { timeoutSeconds: 10800 }),
        ),
      );
    }
    if (next.type !== "ExternalName") next = fill(next, { internalTrafficPolicy: "Cluster" });
    const external = Array.isArray(next.externalIPs) && next.externalIPs.length > 0;
    if (next.type === "NodePort" || next.type === "LoadBalancer" || (next.type === "ClusterIP" && external))
      next = fill(next, { externalTrafficPolicy: "Cluster" });
    if (next.type === "LoadBalancer") next = fill(next, { allocateLoadBalancerNodePorts: true });
    return each(next, "ports", servicePort);
  });

/** All of the capacity can be allocated, unless the status says otherwise. */
const node: Rule = (object) =>
  inside(fill(object, { spec: {} }), "status", (status) =>
    isRecord(status.capacity) ? fill(status, { allocatable: status.capacity }) : status,
  );

const nameLabel = "kubernetes.io/metadata.name";

const namespace: Rule = (object) =>
  inside(object, "metadata", (metadata) =>
    typeof metadata.name === "string" && metadata.name !== ""
      ? inside(fill(metadata, { labels: {} }), "labels", (labels) =>
          labels[nameLabel] === metadata.name ? labels : { ...labels, [nameLabel]: metadata.name },
        )
      : metadata,
  );

const rules: Readonly<Record<string, Rule>> = {
  Pod: pod,
  ReplicationController: replicationController,
  Service: service,
  Node: node,
  Namespace: namespace,
  Secret: (object) => fill(object, { type: "Opaque" }),
  Endpoints: (object) => each(object, "subsets", (subset) => each(subset, "ports", transport)),
};
