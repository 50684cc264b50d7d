/**
 * The fields of the Kubernetes v1 API that bodies of requests are held against: every type that the served kinds are
 * made of, from the OpenAPI document that Kubernetes publishes.
 *
 * `field:Type`; `[T]` a list, `{T}` a map of texts to T. `@key` after a list: a strategic merge patch joins its items
 * by that field; `@` alone: it joins plain values; without either the list is replaced (`x-kubernetes-patch-*`).
 */
export const fieldTable = {
  AWSElasticBlockStoreVolumeSource: "fsType:string partition:int32 readOnly:bool volumeID:string",
  Affinity: "nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity",
  AttachedVolume: "devicePath:string name:string",
  AzureDiskVolumeSource: `
    cachingMode:string diskName:string diskURI:string fsType:string kind:string readOnly:bool`,
  AzureFileVolumeSource: "readOnly:bool secretName:string shareName:string",
  Binding: "apiVersion:string kind:string metadata:ObjectMeta target:ObjectReference",
  CSIVolumeSource: `
    driver:string fsType:string nodePublishSecretRef:LocalObjectReference readOnly:bool
    volumeAttributes:{string}`,
  Capabilities: "add:[string] drop:[string]",
  CephFSVolumeSource: `
    monitors:[string] path:string readOnly:bool secretFile:string secretRef:LocalObjectReference
    user:string`,
  CinderVolumeSource: "fsType:string readOnly:bool secretRef:LocalObjectReference volumeID:string",
  ClaimSource: "resourceClaimName:string resourceClaimTemplateName:string",
  ClientIPConfig: "timeoutSeconds:int32",
  ConfigMap: `
    apiVersion:string binaryData:{bytes} data:{string} immutable:bool kind:string metadata:ObjectMeta`,
  ConfigMapEnvSource: "name:string optional:bool",
  ConfigMapKeySelector: "key:string name:string optional:bool",
  ConfigMapNodeConfigSource: `
    kubeletConfigKey:string name:string namespace:string resourceVersion:string uid:string`,
  ConfigMapProjection: "items:[KeyToPath] name:string optional:bool",
  ConfigMapVolumeSource: "defaultMode:int32 items:[KeyToPath] name:string optional:bool",
  Container: `
    args:[string] command:[string] env:[EnvVar]@name envFrom:[EnvFromSource] image:string
    imagePullPolicy:string lifecycle:Lifecycle livenessProbe:Probe name:string
    ports:[ContainerPort]@containerPort readinessProbe:Probe resizePolicy:[ContainerResizePolicy]
    resources:ResourceRequirements restartPolicy:string restartPolicyRules:[any]
    securityContext:SecurityContext startupProbe:Probe stdin:bool stdinOnce:bool
    terminationMessagePath:string terminationMessagePolicy:string tty:bool
    volumeDevices:[VolumeDevice]@devicePath volumeMounts:[VolumeMount]@mountPath workingDir:string`,
  ContainerImage: "names:[string] sizeBytes:int64",
  ContainerPort: "containerPort:int32 hostIP:string hostPort:int32 name:string protocol:string",
  ContainerResizePolicy: "resourceName:string restartPolicy:string",
  ContainerState: `
    running:ContainerStateRunning terminated:ContainerStateTerminated waiting:ContainerStateWaiting`,
  ContainerStateRunning: "startedAt:time",
  ContainerStateTerminated: `
    containerID:string exitCode:int32 finishedAt:time message:string reason:string signal:int32
    startedAt:time`,
  ContainerStateWaiting: "message:string reason:string",
  ContainerStatus: `
    allocatedResources:{quantity} allocatedResourcesStatus:[any] containerID:string image:string
    imageID:string lastState:ContainerState name:string ready:bool resources:ResourceRequirements
    restartCount:int32 started:bool state:ContainerState stopSignal:string user:any volumeMounts:[any]`,
  DaemonEndpoint: "Port:int32",
  DeleteOptions: `
    apiVersion:string dryRun:[string] gracePeriodSeconds:int64 kind:string orphanDependents:bool
    preconditions:Preconditions propagationPolicy:string`,
  DownwardAPIProjection: "items:[DownwardAPIVolumeFile]",
  DownwardAPIVolumeFile: `
    fieldRef:ObjectFieldSelector mode:int32 path:string resourceFieldRef:ResourceFieldSelector`,
  DownwardAPIVolumeSource: "defaultMode:int32 items:[DownwardAPIVolumeFile]",
  EmptyDirVolumeSource: "medium:string sizeLimit:quantity",
  EndpointAddress: "hostname:string ip:string nodeName:string targetRef:ObjectReference",
  EndpointPort: "appProtocol:string name:string port:int32 protocol:string",
  EndpointSubset: "addresses:[EndpointAddress] notReadyAddresses:[EndpointAddress] ports:[EndpointPort]",
  Endpoints: "apiVersion:string kind:string metadata:ObjectMeta subsets:[EndpointSubset]",
  EnvFromSource: "configMapRef:ConfigMapEnvSource prefix:string secretRef:SecretEnvSource",
  EnvVar: "name:string value:string valueFrom:EnvVarSource",
  EnvVarSource: `
    configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector
    resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector`,
  EphemeralContainer: `
    args:[string] command:[string] env:[EnvVar]@name envFrom:[EnvFromSource] image:string
    imagePullPolicy:string lifecycle:Lifecycle livenessProbe:Probe name:string
    ports:[ContainerPort]@containerPort readinessProbe:Probe resizePolicy:[ContainerResizePolicy]
    resources:ResourceRequirements restartPolicy:string securityContext:SecurityContext
    startupProbe:Probe stdin:bool stdinOnce:bool targetContainerName:string
    terminationMessagePath:string terminationMessagePolicy:string tty:bool
    volumeDevices:[VolumeDevice]@devicePath volumeMounts:[VolumeMount]@mountPath workingDir:string`,
  EphemeralVolumeSource: "volumeClaimTemplate:PersistentVolumeClaimTemplate",
  Event: `
    action:string apiVersion:string count:int32 eventTime:time firstTimestamp:time
    involvedObject:ObjectReference kind:string lastTimestamp:time message:string metadata:ObjectMeta
    reason:string related:ObjectReference reportingComponent:string reportingInstance:string
    series:EventSeries source:EventSource type:string`,
  EventSeries: "count:int32 lastObservedTime:time",
  EventSource: "component:string host:string",
  Eviction: "apiVersion:string deleteOptions:DeleteOptions kind:string metadata:ObjectMeta",
  ExecAction: "command:[string]",
  FCVolumeSource: "fsType:string lun:int32 readOnly:bool targetWWNs:[string] wwids:[string]",
  FlexVolumeSource: `
    driver:string fsType:string options:{string} readOnly:bool secretRef:LocalObjectReference`,
  FlockerVolumeSource: "datasetName:string datasetUUID:string",
  GCEPersistentDiskVolumeSource: "fsType:string partition:int32 pdName:string readOnly:bool",
  GRPCAction: "port:int32 service:string",
  GitRepoVolumeSource: "directory:string repository:string revision:string",
  GlusterfsVolumeSource: "endpoints:string path:string readOnly:bool",
  HTTPGetAction: "host:string httpHeaders:[HTTPHeader] path:string port:intOrString scheme:string",
  HTTPHeader: "name:string value:string",
  HostAlias: "hostnames:[string] ip:string",
  HostIP: "ip:string",
  HostPathVolumeSource: "path:string type:string",
  ISCSIVolumeSource: `
    chapAuthDiscovery:bool chapAuthSession:bool fsType:string initiatorName:string iqn:string
    iscsiInterface:string lun:int32 portals:[string] readOnly:bool secretRef:LocalObjectReference
    targetPortal:string`,
  KeyToPath: "key:string mode:int32 path:string",
  LabelSelector: "matchExpressions:[LabelSelectorRequirement] matchLabels:{string}",
  LabelSelectorRequirement: "key:string operator:string values:[string]",
  Lease: "apiVersion:string kind:string metadata:ObjectMeta spec:LeaseSpec",
  LeaseSpec: `
    acquireTime:time holderIdentity:string leaseDurationSeconds:int32 leaseTransitions:int32
    preferredHolder:string renewTime:time strategy:string`,
  Lifecycle: "postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:string",
  LifecycleHandler: "exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction",
  LoadBalancerIngress: "hostname:string ip:string ports:[PortStatus]",
  LoadBalancerStatus: "ingress:[LoadBalancerIngress]",
  LocalObjectReference: "name:string",
  ManagedFieldsEntry: `
    apiVersion:string fieldsType:string fieldsV1:any manager:string operation:string subresource:string
    time:time`,
  MetaCondition: `
    lastTransitionTime:time message:string observedGeneration:int64 reason:string status:string
    type:string`,
  NFSVolumeSource: "path:string readOnly:bool server:string",
  Namespace: `
    apiVersion:string kind:string metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus`,
  NamespaceCondition: "lastTransitionTime:time message:string reason:string status:string type:string",
  NamespaceSpec: "finalizers:[string]",
  NamespaceStatus: "conditions:[NamespaceCondition]@type phase:string",
  Node: "apiVersion:string kind:string metadata:ObjectMeta spec:NodeSpec status:NodeStatus",
  NodeAddress: "address:string type:string",
  NodeAffinity: `
    preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm]
    requiredDuringSchedulingIgnoredDuringExecution:NodeSelector`,
  NodeCondition: `
    lastHeartbeatTime:time lastTransitionTime:time message:string reason:string status:string
    type:string`,
  NodeConfigSource: "configMap:ConfigMapNodeConfigSource",
  NodeConfigStatus: `
    active:NodeConfigSource assigned:NodeConfigSource error:string lastKnownGood:NodeConfigSource`,
  NodeDaemonEndpoints: "kubeletEndpoint:DaemonEndpoint",
  NodeSelector: "nodeSelectorTerms:[NodeSelectorTerm]",
  NodeSelectorRequirement: "key:string operator:string values:[string]",
  NodeSelectorTerm: "matchExpressions:[NodeSelectorRequirement] matchFields:[NodeSelectorRequirement]",
  NodeSpec: `
    configSource:NodeConfigSource externalID:string podCIDR:string podCIDRs:[string]@ providerID:string
    taints:[Taint] unschedulable:bool`,
  NodeStatus: `
    addresses:[NodeAddress]@type allocatable:{quantity} capacity:{quantity}
    conditions:[NodeCondition]@type config:NodeConfigStatus daemonEndpoints:NodeDaemonEndpoints
    features:any images:[ContainerImage] nodeInfo:NodeSystemInfo phase:string runtimeHandlers:[any]
    volumesAttached:[AttachedVolume] volumesInUse:[string]`,
  NodeSystemInfo: `
    architecture:string bootID:string containerRuntimeVersion:string kernelVersion:string
    kubeProxyVersion:string kubeletVersion:string machineID:string operatingSystem:string osImage:string
    swap:any systemUUID:string`,
  ObjectFieldSelector: "apiVersion:string fieldPath:string",
  ObjectMeta: `
    annotations:{string} creationTimestamp:time deletionGracePeriodSeconds:int64 deletionTimestamp:time
    finalizers:[string]@ generateName:string generation:int64 labels:{string}
    managedFields:[ManagedFieldsEntry] name:string namespace:string ownerReferences:[OwnerReference]@uid
    resourceVersion:string selfLink:string uid:string`,
  ObjectReference: `
    apiVersion:string fieldPath:string kind:string name:string namespace:string resourceVersion:string
    uid:string`,
  OwnerReference: `
    apiVersion:string blockOwnerDeletion:bool controller:bool kind:string name:string uid:string`,
  PersistentVolumeClaimSpec: `
    accessModes:[string] dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference
    resources:ResourceRequirements selector:LabelSelector storageClassName:string volumeMode:string
    volumeName:string`,
  PersistentVolumeClaimTemplate: "metadata:ObjectMeta spec:PersistentVolumeClaimSpec",
  PersistentVolumeClaimVolumeSource: "claimName:string readOnly:bool",
  PhotonPersistentDiskVolumeSource: "fsType:string pdID:string",
  Pod: "apiVersion:string kind:string metadata:ObjectMeta spec:PodSpec status:PodStatus",
  PodAffinity: `
    preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
    requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]`,
  PodAffinityTerm: `
    labelSelector:LabelSelector namespaceSelector:LabelSelector namespaces:[string] topologyKey:string`,
  PodAntiAffinity: `
    preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
    requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]`,
  PodCondition: `
    lastProbeTime:time lastTransitionTime:time message:string observedGeneration:int64 reason:string
    status:string type:string`,
  PodDNSConfig: "nameservers:[string] options:[PodDNSConfigOption] searches:[string]",
  PodDNSConfigOption: "name:string value:string",
  PodIP: "ip:string",
  PodOS: "name:string",
  PodReadinessGate: "conditionType:string",
  PodResourceClaim: "name:string source:ClaimSource",
  PodSchedulingGate: "name:string",
  PodSecurityContext: `
    appArmorProfile:any fsGroup:int64 fsGroupChangePolicy:string runAsGroup:int64 runAsNonRoot:bool
    runAsUser:int64 seLinuxChangePolicy:string seLinuxOptions:SELinuxOptions
    seccompProfile:SeccompProfile supplementalGroups:[int64] supplementalGroupsPolicy:string
    sysctls:[Sysctl] windowsOptions:WindowsSecurityContextOptions`,
  PodSpec: `
    activeDeadlineSeconds:int64 affinity:Affinity automountServiceAccountToken:bool
    containers:[Container]@name dnsConfig:PodDNSConfig dnsPolicy:string enableServiceLinks:bool
    ephemeralContainers:[EphemeralContainer]@name hostAliases:[HostAlias]@ip hostIPC:bool
    hostNetwork:bool hostPID:bool hostUsers:bool hostname:string hostnameOverride:string
    imagePullSecrets:[LocalObjectReference]@name initContainers:[Container]@name nodeName:string
    nodeSelector:{string} os:PodOS overhead:{quantity} preemptionPolicy:string priority:int32
    priorityClassName:string readinessGates:[PodReadinessGate] resourceClaims:[PodResourceClaim]@name
    resources:ResourceRequirements restartPolicy:string runtimeClassName:string schedulerName:string
    schedulingGates:[PodSchedulingGate]@name securityContext:PodSecurityContext serviceAccount:string
    serviceAccountName:string setHostnameAsFQDN:bool shareProcessNamespace:bool subdomain:string
    terminationGracePeriodSeconds:int64 tolerations:[Toleration]
    topologySpreadConstraints:[TopologySpreadConstraint]@topologyKey volumes:[Volume]@name`,
  PodStatus: `
    conditions:[PodCondition]@type containerStatuses:[ContainerStatus]
    ephemeralContainerStatuses:[ContainerStatus] hostIP:string hostIPs:[HostIP]
    initContainerStatuses:[ContainerStatus] message:string nominatedNodeName:string
    observedGeneration:int64 phase:string podIP:string podIPs:[PodIP]@ip qosClass:string reason:string
    resize:string startTime:time`,
  PodTemplateSpec: "metadata:ObjectMeta spec:PodSpec",
  PortStatus: "error:string port:int32 protocol:string",
  PortworxVolumeSource: "fsType:string readOnly:bool volumeID:string",
  Preconditions: "resourceVersion:string uid:string",
  PreferredSchedulingTerm: "preference:NodeSelectorTerm weight:int32",
  Probe: `
    exec:ExecAction failureThreshold:int32 grpc:GRPCAction httpGet:HTTPGetAction
    initialDelaySeconds:int32 periodSeconds:int32 successThreshold:int32 tcpSocket:TCPSocketAction
    terminationGracePeriodSeconds:int64 timeoutSeconds:int32`,
  ProjectedVolumeSource: "defaultMode:int32 sources:[VolumeProjection]",
  QuobyteVolumeSource: `
    group:string readOnly:bool registry:string tenant:string user:string volume:string`,
  RBDVolumeSource: `
    fsType:string image:string keyring:string monitors:[string] pool:string readOnly:bool
    secretRef:LocalObjectReference user:string`,
  ReplicationController: `
    apiVersion:string kind:string metadata:ObjectMeta spec:ReplicationControllerSpec
    status:ReplicationControllerStatus`,
  ReplicationControllerCondition: `
    lastTransitionTime:time message:string reason:string status:string type:string`,
  ReplicationControllerSpec: `
    minReadySeconds:int32 replicas:int32 selector:{string} template:PodTemplateSpec`,
  ReplicationControllerStatus: `
    availableReplicas:int32 conditions:[ReplicationControllerCondition]@type fullyLabeledReplicas:int32
    observedGeneration:int64 readyReplicas:int32 replicas:int32`,
  ResourceClaim: "name:string",
  ResourceFieldSelector: "containerName:string divisor:quantity resource:string",
  ResourceRequirements: "claims:[ResourceClaim] limits:{quantity} requests:{quantity}",
  SELinuxOptions: "level:string role:string type:string user:string",
  Scale: "apiVersion:string kind:string metadata:ObjectMeta spec:ScaleSpec status:ScaleStatus",
  ScaleIOVolumeSource: `
    fsType:string gateway:string protectionDomain:string readOnly:bool secretRef:LocalObjectReference
    sslEnabled:bool storageMode:string storagePool:string system:string volumeName:string`,
  ScaleSpec: "replicas:int32",
  ScaleStatus: "replicas:int32 selector:string",
  SeccompProfile: "localhostProfile:string type:string",
  Secret: `
    apiVersion:string data:{bytes} immutable:bool kind:string metadata:ObjectMeta stringData:{string}
    type:string`,
  SecretEnvSource: "name:string optional:bool",
  SecretKeySelector: "key:string name:string optional:bool",
  SecretProjection: "items:[KeyToPath] name:string optional:bool",
  SecretVolumeSource: "defaultMode:int32 items:[KeyToPath] optional:bool secretName:string",
  SecurityContext: `
    allowPrivilegeEscalation:bool appArmorProfile:any capabilities:Capabilities privileged:bool
    procMount:string readOnlyRootFilesystem:bool runAsGroup:int64 runAsNonRoot:bool runAsUser:int64
    seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile
    windowsOptions:WindowsSecurityContextOptions`,
  Service: "apiVersion:string kind:string metadata:ObjectMeta spec:ServiceSpec status:ServiceStatus",
  ServiceAccountTokenProjection: "audience:string expirationSeconds:int64 path:string",
  ServicePort: `
    appProtocol:string name:string nodePort:int32 port:int32 protocol:string targetPort:intOrString`,
  ServiceSpec: `
    allocateLoadBalancerNodePorts:bool clusterIP:string clusterIPs:[string] externalIPs:[string]
    externalName:string externalTrafficPolicy:string healthCheckNodePort:int32
    internalTrafficPolicy:string ipFamilies:[string] ipFamilyPolicy:string loadBalancerClass:string
    loadBalancerIP:string loadBalancerSourceRanges:[string] ports:[ServicePort]@port
    publishNotReadyAddresses:bool selector:{string} sessionAffinity:string
    sessionAffinityConfig:SessionAffinityConfig trafficDistribution:string type:string`,
  ServiceStatus: "conditions:[MetaCondition]@type loadBalancer:LoadBalancerStatus",
  SessionAffinityConfig: "clientIP:ClientIPConfig",
  SleepAction: "seconds:int64",
  StorageOSVolumeSource: `
    fsType:string readOnly:bool secretRef:LocalObjectReference volumeName:string volumeNamespace:string`,
  Sysctl: "name:string value:string",
  TCPSocketAction: "host:string port:intOrString",
  Taint: "effect:string key:string timeAdded:time value:string",
  Toleration: "effect:string key:string operator:string tolerationSeconds:int64 value:string",
  TopologySpreadConstraint: `
    labelSelector:LabelSelector matchLabelKeys:[string] maxSkew:int32 minDomains:int32
    nodeAffinityPolicy:string nodeTaintsPolicy:string topologyKey:string whenUnsatisfiable:string`,
  TypedLocalObjectReference: "apiGroup:string kind:string name:string",
  TypedObjectReference: "apiGroup:string kind:string name:string namespace:string",
  Volume: `
    awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource
    azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource
    configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource
    emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource
    flexVolume:FlexVolumeSource flocker:FlockerVolumeSource
    gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource
    glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:any iscsi:ISCSIVolumeSource
    name:string nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource
    photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource
    projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource
    scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource
    vsphereVolume:VsphereVirtualDiskVolumeSource`,
  VolumeDevice: "devicePath:string name:string",
  VolumeMount: `
    mountPath:string mountPropagation:string name:string readOnly:bool recursiveReadOnly:string
    subPath:string subPathExpr:string`,
  VolumeProjection: `
    configMap:ConfigMapProjection downwardAPI:DownwardAPIProjection secret:SecretProjection
    serviceAccountToken:ServiceAccountTokenProjection`,
  VsphereVirtualDiskVolumeSource: `
    fsType:string storagePolicyID:string storagePolicyName:string volumePath:string`,
  WeightedPodAffinityTerm: "podAffinityTerm:PodAffinityTerm weight:int32",
  WindowsSecurityContextOptions: `
    gmsaCredentialSpec:string gmsaCredentialSpecName:string hostProcess:bool runAsUserName:string`,
} as const satisfies Readonly<Record<string, string>>;

export type TypeName = keyof typeof fieldTable;
