import type { Affinity, Toleration, TopologySpreadConstraint } from "./core-placement.ts";
import type { KubernetesObject, Labels, ObjectMeta } from "./meta.ts";

export type * from "./core-placement.ts";

/** The Kubernetes v1 objects that KDSL runs, with the fields of theirs that it acts on. Unknown fields are kept, not typed. */

export type ResourceList = Readonly<Record<string, string>>;

// ── Pod ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Pod extends KubernetesObject {
  readonly kind: "Pod";
  readonly spec: PodSpec;
  readonly status?: PodStatus;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly restartPolicy?: "Always" | "OnFailure" | "Never";
  readonly terminationGracePeriodSeconds?: number;
  readonly activeDeadlineSeconds?: number;
  readonly nodeSelector?: Labels;
  readonly nodeName?: string;
  readonly affinity?: Affinity;
  readonly tolerations?: readonly Toleration[];
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly priority?: number;
  readonly preemptionPolicy?: "PreemptLowerPriority" | "Never";
  readonly schedulerName?: string;
  readonly serviceAccountName?: string;
  readonly imagePullSecrets?: readonly { readonly name?: string }[];
  readonly enableServiceLinks?: boolean;
  readonly dnsPolicy?: string;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly overhead?: ResourceList;
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[];
  readonly priorityClassName?: string;
  /** While there are any it is not placed. */
  readonly schedulingGates?: readonly { readonly name: string }[];
  /** Conditions that others set, for which its readiness waits. */
  readonly readinessGates?: readonly { readonly conditionType: string }[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly ports?: readonly ContainerPort[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvFromSource[];
  readonly resources?: ResourceRequirements;
  readonly volumeMounts?: readonly VolumeMount[];
  readonly volumeDevices?: readonly { readonly name: string; readonly devicePath: string }[];
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: { readonly postStart?: Handler; readonly preStop?: Handler };
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: "File" | "FallbackToLogsOnError";
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
  /** Of init containers only: one that goes on beside the pod's containers. */
  readonly restartPolicy?: "Always";
}

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly hostPort?: number;
  readonly hostIP?: string;
  readonly protocol?: Protocol;
}

export type Protocol = "TCP" | "UDP" | "SCTP";

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: EnvVarSource;
}

export interface EnvVarSource {
  readonly fieldRef?: { readonly apiVersion?: string; readonly fieldPath: string };
  readonly resourceFieldRef?: {
    readonly containerName?: string;
    readonly resource: string;
    readonly divisor?: string;
  };
  readonly configMapKeyRef?: KeySelector;
  readonly secretKeyRef?: KeySelector;
}

export interface KeySelector {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface EnvFromSource {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
  readonly secretRef?: { readonly name: string; readonly optional?: boolean };
}

export interface ResourceRequirements {
  readonly requests?: ResourceList;
  readonly limits?: ResourceList;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

export interface Volume {
  readonly name: string;
  readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string };
  readonly hostPath?: { readonly path: string; readonly type?: string };
  readonly configMap?: VolumeKeys & { readonly name: string };
  readonly secret?: VolumeKeys & { readonly secretName: string };
  readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean };
  readonly downwardAPI?: DownwardFiles & { readonly defaultMode?: number };
  readonly projected?: { readonly sources?: readonly VolumeProjection[]; readonly defaultMode?: number };
}

/** Facts of the pod as files of a volume. */
export interface DownwardFiles {
  readonly items?: readonly (Pick<EnvVarSource, "fieldRef" | "resourceFieldRef"> & {
    readonly path: string;
    readonly mode?: number;
  })[];
}

/** One of those whose files stand together in a projected volume. */
export interface VolumeProjection {
  readonly configMap?: VolumeKeys & { readonly name: string };
  readonly secret?: VolumeKeys & { readonly name: string };
  readonly downwardAPI?: DownwardFiles;
}

export interface VolumeKeys {
  readonly items?: readonly { readonly key: string; readonly path: string; readonly mode?: number }[];
  readonly defaultMode?: number;
  readonly optional?: boolean;
}

export interface Handler {
  readonly exec?: { readonly command: readonly string[] };
  readonly httpGet?: HttpGetAction;
  readonly tcpSocket?: { readonly host?: string; readonly port: number | string };
  readonly grpc?: { readonly port: number; readonly service?: string };
  readonly sleep?: { readonly seconds: number };
}

export interface HttpGetAction {
  readonly host?: string;
  readonly path?: string;
  readonly port: number | string;
  readonly scheme?: "HTTP" | "HTTPS";
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

export interface Probe extends Handler {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly terminationGracePeriodSeconds?: number;
}

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";

export interface PodStatus {
  readonly phase?: PodPhase;
  readonly conditions?: readonly Condition[];
  readonly message?: string;
  readonly reason?: string;
  readonly hostIP?: string;
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip: string }[];
  readonly startTime?: string;
  /** Where pods of lower priority make room for it. */
  readonly nominatedNodeName?: string;
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly qosClass?: "Guaranteed" | "Burstable" | "BestEffort";
  readonly observedGeneration?: number;
}

export interface ContainerStatus {
  readonly name: string;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageID: string;
  readonly containerID?: string;
  readonly started?: boolean;
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly signal?: number;
    readonly reason?: string;
    readonly message?: string;
    readonly startedAt?: string;
    readonly finishedAt?: string;
    readonly containerID?: string;
  };
}

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastProbeTime?: string | null;
  readonly lastHeartbeatTime?: string;
}

// ── ReplicationController ──────────────────────────────────────────────────────────────────────────────────

export interface ReplicationController extends KubernetesObject {
  readonly kind: "ReplicationController";
  readonly spec: ReplicationControllerSpec;
  readonly status?: ReplicationControllerStatus;
}

export interface ReplicationControllerSpec {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly selector?: Labels;
  readonly template: PodTemplate;
}

export interface PodTemplate {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec: PodSpec;
}

export interface ReplicationControllerStatus {
  readonly replicas: number;
  readonly fullyLabeledReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
}

// ── Service and Endpoints ──────────────────────────────────────────────────────────────────────────────────

export interface Service extends KubernetesObject {
  readonly kind: "Service";
  readonly spec: ServiceSpec;
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
    };
  };
}

export interface ServiceSpec {
  readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  readonly selector?: Labels;
  readonly ports?: readonly ServicePort[];
  /** "None" for a headless service. */
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly externalIPs?: readonly string[];
  readonly externalName?: string;
  readonly sessionAffinity?: "None" | "ClientIP";
  readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } };
  readonly publishNotReadyAddresses?: boolean;
  readonly internalTrafficPolicy?: "Cluster" | "Local";
  readonly externalTrafficPolicy?: "Cluster" | "Local";
  readonly ipFamilies?: readonly string[];
  readonly ipFamilyPolicy?: string;
  readonly allocateLoadBalancerNodePorts?: boolean;
  readonly loadBalancerIP?: string;
  /** Where a balancer asks a node whether it has pods of the service; there where traffic stays on its node. */
  readonly healthCheckNodePort?: number;
}

export interface ServicePort {
  readonly name?: string;
  readonly protocol?: Protocol;
  readonly port: number;
  /** A number, or the name of a port of the selected pods. */
  readonly targetPort?: number | string;
  readonly nodePort?: number;
  readonly appProtocol?: string;
}

export interface Endpoints extends KubernetesObject {
  readonly kind: "Endpoints";
  readonly subsets?: readonly EndpointSubset[];
}

export interface EndpointSubset {
  readonly addresses?: readonly EndpointAddress[];
  readonly notReadyAddresses?: readonly EndpointAddress[];
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: Protocol }[];
}

export interface EndpointAddress {
  readonly ip: string;
  readonly nodeName?: string;
  readonly targetRef?: {
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
  };
}

// ── Node ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface Node extends KubernetesObject {
  readonly kind: "Node";
  readonly spec: NodeSpec;
  readonly status?: NodeStatus;
}

export interface NodeSpec {
  readonly podCIDR?: string;
  readonly podCIDRs?: readonly string[];
  readonly providerID?: string;
  readonly unschedulable?: boolean;
  readonly taints?: readonly Taint[];
}

export type TaintEffect = "NoSchedule" | "PreferNoSchedule" | "NoExecute";

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: TaintEffect;
  readonly timeAdded?: string;
}

export interface NodeStatus {
  /** Deprecated in Kubernetes and never filled there; KDSL fills it, as the model was first explained. */
  readonly phase?: "Pending" | "Running" | "Terminated";
  readonly capacity?: ResourceList;
  readonly allocatable?: ResourceList;
  readonly conditions?: readonly Condition[];
  readonly addresses?: readonly {
    readonly type: "InternalIP" | "ExternalIP" | "Hostname" | "InternalDNS" | "ExternalDNS";
    readonly address: string;
  }[];
  readonly nodeInfo?: NodeSystemInfo;
  readonly daemonEndpoints?: { readonly kubeletEndpoint?: { readonly Port: number } };
}

export interface NodeSystemInfo {
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly containerRuntimeVersion: string;
  readonly kubeletVersion: string;
  readonly kubeProxyVersion: string;
  readonly operatingSystem: string;
  readonly architecture: string;
}

// ── Namespace, ConfigMap, Secret, Event, Lease ─────────────────────────────────────────────────────────────

export interface Namespace extends KubernetesObject {
  readonly kind: "Namespace";
  readonly spec?: { readonly finalizers?: readonly string[] };
  readonly status?: {
    readonly phase?: "Active" | "Terminating";
    /** What holds a namespace that is being deleted. */
    readonly conditions?: readonly Condition[];
  };
}

export interface ConfigMap extends KubernetesObject {
  readonly kind: "ConfigMap";
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

export interface Secret extends KubernetesObject {
  readonly kind: "Secret";
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly immutable?: boolean;
}

export interface Event extends KubernetesObject {
  readonly kind: "Event";
  readonly involvedObject: ObjectReference;
  readonly reason: string;
  readonly message: string;
  readonly type: "Normal" | "Warning";
  readonly source?: { readonly component?: string; readonly host?: string };
  readonly firstTimestamp?: string;
  readonly lastTimestamp?: string;
  readonly eventTime?: string | null;
  readonly count?: number;
  readonly reportingComponent?: string;
  readonly reportingInstance?: string;
}

export interface ObjectReference {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

export interface Lease extends KubernetesObject {
  readonly kind: "Lease";
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
  };
}

/** From a kind's name to its type. */
/** Storage that outlives pods. The store holds none: a driver gives what a pod claims. */
export interface PersistentVolumeClaim extends KubernetesObject {
  readonly kind: "PersistentVolumeClaim";
  readonly spec: {
    readonly accessModes: readonly string[];
    readonly resources?: {
      readonly requests?: Readonly<Record<string, string>>;
      readonly limits?: Readonly<Record<string, string>>;
    };
    readonly storageClassName?: string;
    readonly volumeMode?: string;
    readonly volumeName?: string;
  };
}

/** Whom pods act as. The store holds none. */
export interface ServiceAccount extends KubernetesObject {
  readonly kind: "ServiceAccount";
  readonly automountServiceAccountToken?: boolean;
}

export interface KindMap {
  Namespace: Namespace;
  Node: Node;
  ConfigMap: ConfigMap;
  Secret: Secret;
  Service: Service;
  ReplicationController: ReplicationController;
  Pod: Pod;
  Endpoints: Endpoints;
  Event: Event;
  Lease: Lease;
}
