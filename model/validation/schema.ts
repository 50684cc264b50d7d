import type { Kind } from "../meta.ts";
import { fields, list, map, type Shape } from "./shape.ts";

/** The JSON types of the fields that `model/core.ts` names, and of those that validation looks at beside them. */

const texts = list("string");
const textMap = map("string");
const resources = map("quantity");

const ownerReference = fields({
  apiVersion: "string",
  kind: "string",
  name: "string",
  uid: "string",
  controller: "boolean",
  blockOwnerDeletion: "boolean",
});

const metadata = fields({
  name: "string",
  generateName: "string",
  namespace: "string",
  labels: textMap,
  annotations: textMap,
  ownerReferences: list(ownerReference),
  finalizers: texts,
  uid: "string",
  resourceVersion: "string",
  generation: "int64",
  creationTimestamp: "string",
  deletionTimestamp: "string",
  deletionGracePeriodSeconds: "int64",
});

const condition = {
  type: "string",
  status: "string",
  reason: "string",
  message: "string",
  lastTransitionTime: "string",
} as const;

// ── Pod ────────────────────────────────────────────────────────────────────────────────────────────────────

const keySelector = fields({ name: "string", key: "string", optional: "boolean" });
const sourceReference = fields({ name: "string", optional: "boolean" });

const downward = {
  fieldRef: fields({ apiVersion: "string", fieldPath: "string" }),
  resourceFieldRef: fields({ containerName: "string", resource: "string", divisor: "quantity" }),
};

const environmentVariable = fields({
  name: "string",
  value: "string",
  valueFrom: fields({
    ...downward,
    configMapKeyRef: keySelector,
    secretKeyRef: keySelector,
  }),
});

const httpGet = fields({
  host: "string",
  path: "string",
  port: "intOrString",
  scheme: "string",
  httpHeaders: list(fields({ name: "string", value: "string" })),
});

const handlers = {
  exec: fields({ command: texts }),
  httpGet,
  tcpSocket: fields({ host: "string", port: "intOrString" }),
};

const handler = fields({ ...handlers, sleep: fields({ seconds: "int64" }) });

const probe = fields({
  ...handlers,
  grpc: fields({ port: "int32", service: "string" }),
  initialDelaySeconds: "int32",
  timeoutSeconds: "int32",
  periodSeconds: "int32",
  successThreshold: "int32",
  failureThreshold: "int32",
  terminationGracePeriodSeconds: "int64",
});

const container = fields({
  name: "string",
  image: "string",
  command: texts,
  args: texts,
  workingDir: "string",
  ports: list(
    fields({
      name: "string",
      containerPort: "int32",
      hostPort: "int32",
      hostIP: "string",
      protocol: "string",
    }),
  ),
  env: list(environmentVariable),
  envFrom: list(fields({ prefix: "string", configMapRef: sourceReference, secretRef: sourceReference })),
  resources: fields({ requests: resources, limits: resources }),
  volumeMounts: list(
    fields({
      name: "string",
      mountPath: "string",
      subPath: "string",
      subPathExpr: "string",
      mountPropagation: "string",
      readOnly: "boolean",
    }),
  ),
  readinessProbe: probe,
  livenessProbe: probe,
  startupProbe: probe,
  lifecycle: fields({ postStart: handler, preStop: handler }),
  imagePullPolicy: "string",
  terminationMessagePath: "string",
  terminationMessagePolicy: "string",
  restartPolicy: "string",
});

const volumeItems = list(fields({ key: "string", path: "string", mode: "int32" }));

const downwardItems = list(fields({ ...downward, path: "string", mode: "int32" }));

const volume = fields({
  name: "string",
  emptyDir: fields({ medium: "string", sizeLimit: "quantity" }),
  hostPath: fields({ path: "string", type: "string" }),
  configMap: fields({ name: "string", items: volumeItems, defaultMode: "int32", optional: "boolean" }),
  secret: fields({ secretName: "string", items: volumeItems, defaultMode: "int32", optional: "boolean" }),
  downwardAPI: fields({ items: downwardItems, defaultMode: "int32" }),
  projected: fields({
    defaultMode: "int32",
    sources: list(
      fields({
        configMap: fields({ name: "string", items: volumeItems, optional: "boolean" }),
        secret: fields({ name: "string", items: volumeItems, optional: "boolean" }),
        downwardAPI: fields({ items: downwardItems }),
      }),
    ),
  }),
});

const nodeRequirements = list(fields({ key: "string", operator: "string", values: texts }));
const nodeTerm = fields({ matchExpressions: nodeRequirements, matchFields: nodeRequirements });

const selector = fields({ matchLabels: textMap, matchExpressions: nodeRequirements });

const podTerm = fields({
  labelSelector: selector,
  namespaceSelector: selector,
  namespaces: texts,
  topologyKey: "string",
});

const podRules = fields({
  requiredDuringSchedulingIgnoredDuringExecution: list(podTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(
    fields({ weight: "int32", podAffinityTerm: podTerm }),
  ),
});

const affinity = fields({
  podAffinity: podRules,
  podAntiAffinity: podRules,
  nodeAffinity: fields({
    requiredDuringSchedulingIgnoredDuringExecution: fields({ nodeSelectorTerms: list(nodeTerm) }),
    preferredDuringSchedulingIgnoredDuringExecution: list(fields({ weight: "int32", preference: nodeTerm })),
  }),
});

const podSpec = fields({
  containers: list(container),
  initContainers: list(container),
  volumes: list(volume),
  restartPolicy: "string",
  terminationGracePeriodSeconds: "int64",
  activeDeadlineSeconds: "int64",
  nodeSelector: textMap,
  nodeName: "string",
  affinity,
  tolerations: list(
    fields({
      key: "string",
      operator: "string",
      value: "string",
      effect: "string",
      tolerationSeconds: "int64",
    }),
  ),
  hostname: "string",
  subdomain: "string",
  hostNetwork: "boolean",
  hostPID: "boolean",
  shareProcessNamespace: "boolean",
  priority: "int32",
  schedulerName: "string",
  serviceAccountName: "string",
  enableServiceLinks: "boolean",
  dnsPolicy: "string",
  dnsConfig: fields({ nameservers: texts, searches: texts, options: list(fields({ name: "string" })) }),
  ephemeralContainers: list(fields({})),
  hostAliases: list(fields({ ip: "string", hostnames: texts })),
  os: fields({ name: "string" }),
  preemptionPolicy: "string",
  readinessGates: list(fields({ conditionType: "string" })),
  schedulingGates: list(fields({ name: "string" })),
  securityContext: fields({}),
  topologySpreadConstraints: list(
    fields({
      maxSkew: "int32",
      minDomains: "int32",
      topologyKey: "string",
      whenUnsatisfiable: "string",
      nodeAffinityPolicy: "string",
      nodeTaintsPolicy: "string",
      labelSelector: selector,
      matchLabelKeys: texts,
    }),
  ),
});

const containerState = fields({
  waiting: fields({ reason: "string", message: "string" }),
  running: fields({ startedAt: "string" }),
  terminated: fields({
    exitCode: "int32",
    signal: "int32",
    reason: "string",
    message: "string",
    startedAt: "string",
    finishedAt: "string",
    containerID: "string",
  }),
});

const containerStatuses = list(
  fields({
    name: "string",
    state: containerState,
    lastState: containerState,
    ready: "boolean",
    restartCount: "int32",
    image: "string",
    imageID: "string",
    containerID: "string",
    started: "boolean",
  }),
);

const podStatus = fields({
  phase: "string",
  conditions: list(fields({ ...condition, lastProbeTime: "string" })),
  message: "string",
  reason: "string",
  hostIP: "string",
  podIP: "string",
  podIPs: list(fields({ ip: "string" })),
  startTime: "string",
  initContainerStatuses: containerStatuses,
  containerStatuses,
  qosClass: "string",
  observedGeneration: "int64",
});

// ── All kinds ──────────────────────────────────────────────────────────────────────────────────────────────

const objectReference = fields({
  apiVersion: "string",
  kind: "string",
  namespace: "string",
  name: "string",
  uid: "string",
  resourceVersion: "string",
  fieldPath: "string",
});

const endpointAddresses = list(
  fields({ ip: "string", hostname: "string", nodeName: "string", targetRef: objectReference }),
);

const object = (table: Readonly<Record<string, Shape>>) =>
  fields({ apiVersion: "string", kind: "string", metadata, ...table });

export const schemas: Readonly<Record<Kind, Shape>> = {
  Pod: object({ spec: podSpec, status: podStatus }),
  ReplicationController: object({
    spec: fields({
      replicas: "int32",
      minReadySeconds: "int32",
      selector: textMap,
      template: fields({ metadata, spec: podSpec }),
    }),
    status: fields({
      replicas: "int32",
      fullyLabeledReplicas: "int32",
      readyReplicas: "int32",
      availableReplicas: "int32",
      observedGeneration: "int64",
      conditions: list(fields(condition)),
    }),
  }),
  Service: object({
    spec: fields({
      type: "string",
      selector: textMap,
      ports: list(
        fields({
          name: "string",
          protocol: "string",
          port: "int32",
          targetPort: "intOrString",
          nodePort: "int32",
          appProtocol: "string",
        }),
      ),
      clusterIP: "string",
      clusterIPs: texts,
      externalIPs: texts,
      externalName: "string",
      sessionAffinity: "string",
      sessionAffinityConfig: fields({ clientIP: fields({ timeoutSeconds: "int32" }) }),
      publishNotReadyAddresses: "boolean",
      internalTrafficPolicy: "string",
      externalTrafficPolicy: "string",
      ipFamilies: texts,
      ipFamilyPolicy: "string",
      allocateLoadBalancerNodePorts: "boolean",
      loadBalancerSourceRanges: texts,
      loadBalancerClass: "string",
      healthCheckNodePort: "int32",
    }),
    status: fields({
      loadBalancer: fields({ ingress: list(fields({ ip: "string", hostname: "string" })) }),
    }),
  }),
  Endpoints: object({
    subsets: list(
      fields({
        addresses: endpointAddresses,
        notReadyAddresses: endpointAddresses,
        ports: list(fields({ name: "string", port: "int32", protocol: "string", appProtocol: "string" })),
      }),
    ),
  }),
  Node: object({
    spec: fields({
      podCIDR: "string",
      podCIDRs: texts,
      providerID: "string",
      unschedulable: "boolean",
      taints: list(fields({ key: "string", value: "string", effect: "string", timeAdded: "string" })),
    }),
    status: fields({
      phase: "string",
      capacity: resources,
      allocatable: resources,
      conditions: list(fields({ ...condition, lastHeartbeatTime: "string" })),
      addresses: list(fields({ type: "string", address: "string" })),
      nodeInfo: map("string"),
      daemonEndpoints: fields({ kubeletEndpoint: fields({ Port: "int32" }) }),
    }),
  }),
  Namespace: object({ spec: fields({ finalizers: texts }), status: fields({ phase: "string" }) }),
  ConfigMap: object({ data: textMap, binaryData: textMap, immutable: "boolean" }),
  Secret: object({ data: textMap, stringData: textMap, type: "string", immutable: "boolean" }),
  Event: object({
    involvedObject: objectReference,
    reason: "string",
    message: "string",
    type: "string",
    source: fields({ component: "string", host: "string" }),
    firstTimestamp: "string",
    lastTimestamp: "string",
    eventTime: "string",
    count: "int32",
    reportingComponent: "string",
    reportingInstance: "string",
  }),
  Lease: object({
    spec: fields({
      holderIdentity: "string",
      leaseDurationSeconds: "int32",
      acquireTime: "string",
      renewTime: "string",
      leaseTransitions: "int32",
    }),
  }),
};
