/**
 * The fields of the Kubernetes API that bodies of requests are held against, and what patches and the published schema
 * say of them: every type that the served kinds are made of, as `k8s.io/api` declares them (1.36).
 *
 * `field:Type`; `[T]` a list, `{T}` a map of texts to T. Behind it, in this order, where they apply:
 *
 * - `!` the field is required;
 * - `=X` the value it has where it is absent (Kubernetes' `+default`);
 * - `@key` a strategic merge patch joins a list's items by that field, `@` alone: it joins plain values; without either
 *   it replaces the list. `~`: items of a union, whose other members are cleared (`retainKeys`);
 * - `#` who owns the parts of it (`x-kubernetes-list-type`, `x-kubernetes-map-type`): `#atomic` one owner has the whole,
 *   `#set` each plain value has its own, `#a,b` each item has its own and is known by these fields.
 *
 * A type that begins with `#atomic` is owned as a whole wherever it stands. Two types of the group `discovery.k8s.io`
 * whose names others have are `SliceEndpoint` and `SlicePort` here; `MetaCondition` is `meta/v1`'s `Condition`.
 */
export const fieldTable = {
  AWSElasticBlockStoreVolumeSource: "fsType:string partition:int32 readOnly:bool volumeID:string!",
  Affinity: "nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity",
  AppArmorProfile: "localhostProfile:string type:string!",
  AttachedVolume: "devicePath:string! name:string!",
  AzureDiskVolumeSource: `
    cachingMode:string=ReadWrite diskName:string! diskURI:string! fsType:string=ext4 kind:string=Shared
    readOnly:bool=false`,
  AzureFileVolumeSource: "readOnly:bool secretName:string! shareName:string!",
  Binding: "apiVersion:string kind:string metadata:ObjectMeta target:ObjectReference!",
  BoundObjectReference: "apiVersion:string kind:string name:string uid:string",
  CSIVolumeSource: `
    driver:string! fsType:string nodePublishSecretRef:LocalObjectReference readOnly:bool
    volumeAttributes:{string}`,
  Capabilities: "add:[string]#atomic drop:[string]#atomic",
  CephFSVolumeSource: `
    monitors:[string]!#atomic path:string readOnly:bool secretFile:string secretRef:LocalObjectReference
    user:string`,
  CinderVolumeSource: "fsType:string readOnly:bool secretRef:LocalObjectReference volumeID:string!",
  ClientIPConfig: "timeoutSeconds:int32",
  ClusterTrustBundleProjection: `
    labelSelector:LabelSelector name:string optional:bool path:string! signerName:string`,
  ConfigMap: `
    apiVersion:string binaryData:{bytes} data:{string} immutable:bool kind:string metadata:ObjectMeta`,
  ConfigMapEnvSource: "name:string= optional:bool",
  ConfigMapKeySelector: "#atomic key:string! name:string= optional:bool",
  ConfigMapNodeConfigSource: `
    kubeletConfigKey:string! name:string! namespace:string! resourceVersion:string uid:string`,
  ConfigMapProjection: "items:[KeyToPath]#atomic name:string= optional:bool",
  ConfigMapVolumeSource: "defaultMode:int32 items:[KeyToPath]#atomic name:string= optional:bool",
  Container: `
    args:[string]#atomic command:[string]#atomic env:[EnvVar]@name#name envFrom:[EnvFromSource]#atomic
    image:string imagePullPolicy:string lifecycle:Lifecycle livenessProbe:Probe name:string!
    ports:[ContainerPort]@containerPort#containerPort,protocol readinessProbe:Probe
    resizePolicy:[ContainerResizePolicy]#atomic resources:ResourceRequirements restartPolicy:string
    restartPolicyRules:[ContainerRestartRule]#atomic securityContext:SecurityContext startupProbe:Probe
    stdin:bool stdinOnce:bool terminationMessagePath:string terminationMessagePolicy:string tty:bool
    volumeDevices:[VolumeDevice]@devicePath#devicePath volumeMounts:[VolumeMount]@mountPath#mountPath
    workingDir:string`,
  ContainerExtendedResourceRequest: "containerName:string! requestName:string! resourceName:string!",
  ContainerImage: "names:[string]#atomic sizeBytes:int64",
  ContainerMetrics: "name:string! usage:{quantity}!",
  ContainerPort: "containerPort:int32! hostIP:string hostPort:int32 name:string protocol:string=TCP",
  ContainerResizePolicy: "resourceName:string! restartPolicy:string!",
  ContainerRestartRule: "action:string! exitCodes:ContainerRestartRuleOnExitCodes",
  ContainerRestartRuleOnExitCodes: "operator:string! values:[int32]#set",
  ContainerState: `
    running:ContainerStateRunning terminated:ContainerStateTerminated waiting:ContainerStateWaiting`,
  ContainerStateRunning: "startedAt:time",
  ContainerStateTerminated: `
    containerID:string exitCode:int32! finishedAt:time message:string reason:string signal:int32
    startedAt:time`,
  ContainerStateWaiting: "message:string reason:string",
  ContainerStatus: `
    allocatedResources:{quantity} allocatedResourcesStatus:[ResourceStatus]@name#name containerID:string
    image:string! imageID:string! lastState:ContainerState name:string! ready:bool!
    resources:ResourceRequirements restartCount:int32! started:bool state:ContainerState stopSignal:string
    user:ContainerUser volumeMounts:[VolumeMountStatus]@mountPath#mountPath`,
  ContainerUser: "linux:LinuxContainerUser",
  DaemonEndpoint: "Port:int32!",
  DeleteOptions: `
    apiVersion:string dryRun:[string]#atomic gracePeriodSeconds:int64
    ignoreStoreReadErrorWithClusterBreakingPotential:bool kind:string orphanDependents:bool
    preconditions:Preconditions propagationPolicy:string`,
  DownwardAPIProjection: "items:[DownwardAPIVolumeFile]#atomic",
  DownwardAPIVolumeFile: `
    fieldRef:ObjectFieldSelector mode:int32 path:string! resourceFieldRef:ResourceFieldSelector`,
  DownwardAPIVolumeSource: "defaultMode:int32 items:[DownwardAPIVolumeFile]#atomic",
  EmptyDirVolumeSource: "medium:string sizeLimit:quantity",
  EndpointAddress: "#atomic hostname:string ip:string! nodeName:string targetRef:ObjectReference",
  EndpointConditions: "ready:bool serving:bool terminating:bool",
  EndpointHints: "forNodes:[ForNode]#atomic forZones:[ForZone]#atomic",
  EndpointPort: "#atomic appProtocol:string name:string port:int32! protocol:string",
  EndpointSlice: `
    addressType:string! apiVersion:string endpoints:[SliceEndpoint]#atomic kind:string metadata:ObjectMeta
    ports:[SlicePort]#atomic`,
  EndpointSubset: `
    addresses:[EndpointAddress]#atomic notReadyAddresses:[EndpointAddress]#atomic ports:[EndpointPort]#atomic`,
  Endpoints: "apiVersion:string kind:string metadata:ObjectMeta subsets:[EndpointSubset]#atomic",
  EnvFromSource: "configMapRef:ConfigMapEnvSource prefix:string secretRef:SecretEnvSource",
  EnvVar: "name:string! value:string valueFrom:EnvVarSource",
  EnvVarSource: `
    configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector
    resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector`,
  EphemeralContainer: `
    args:[string]#atomic command:[string]#atomic env:[EnvVar]@name#name envFrom:[EnvFromSource]#atomic
    image:string imagePullPolicy:string lifecycle:Lifecycle livenessProbe:Probe name:string!
    ports:[ContainerPort]@containerPort#containerPort,protocol readinessProbe:Probe
    resizePolicy:[ContainerResizePolicy]#atomic resources:ResourceRequirements restartPolicy:string
    restartPolicyRules:[ContainerRestartRule]#atomic securityContext:SecurityContext startupProbe:Probe
    stdin:bool stdinOnce:bool targetContainerName:string terminationMessagePath:string
    terminationMessagePolicy:string tty:bool volumeDevices:[VolumeDevice]@devicePath#devicePath
    volumeMounts:[VolumeMount]@mountPath#mountPath workingDir:string`,
  EphemeralVolumeSource: "volumeClaimTemplate:PersistentVolumeClaimTemplate",
  Event: `
    action:string apiVersion:string count:int32 eventTime:microTime firstTimestamp:time
    involvedObject:ObjectReference! kind:string lastTimestamp:time message:string metadata:ObjectMeta!
    reason:string related:ObjectReference reportingComponent:string reportingInstance:string
    series:EventSeries source:EventSource type:string`,
  EventSeries: "count:int32 lastObservedTime:microTime",
  EventSource: "component:string host:string",
  Eviction: "apiVersion:string deleteOptions:DeleteOptions kind:string metadata:ObjectMeta",
  ExecAction: "command:[string]#atomic",
  FCVolumeSource: "fsType:string lun:int32 readOnly:bool targetWWNs:[string]#atomic wwids:[string]#atomic",
  FieldSelectorAttributes: "rawSelector:string requirements:[FieldSelectorRequirement]#atomic",
  FieldSelectorRequirement: "key:string! operator:string! values:[string]#atomic",
  FileKeySelector: "#atomic key:string! optional:bool=false path:string! volumeName:string!",
  FlexVolumeSource: `
    driver:string! fsType:string options:{string} readOnly:bool secretRef:LocalObjectReference`,
  FlockerVolumeSource: "datasetName:string datasetUUID:string",
  ForNode: "name:string!",
  ForZone: "name:string!",
  GCEPersistentDiskVolumeSource: "fsType:string partition:int32 pdName:string! readOnly:bool",
  GRPCAction: "port:int32! service:string=",
  GitRepoVolumeSource: "directory:string repository:string! revision:string",
  GlusterfsVolumeSource: "endpoints:string! path:string! readOnly:bool",
  HTTPGetAction: "host:string httpHeaders:[HTTPHeader]#atomic path:string port:intOrString! scheme:string",
  HTTPHeader: "name:string! value:string!",
  HostAlias: "hostnames:[string]#atomic ip:string!",
  HostIP: "ip:string!",
  HostPathVolumeSource: "path:string! type:string",
  ISCSIVolumeSource: `
    chapAuthDiscovery:bool chapAuthSession:bool fsType:string initiatorName:string iqn:string!
    iscsiInterface:string=default lun:int32! portals:[string]#atomic readOnly:bool
    secretRef:LocalObjectReference targetPortal:string!`,
  ImageVolumeSource: "pullPolicy:string reference:string",
  ImageVolumeStatus: "imageRef:string!",
  KeyToPath: "key:string! mode:int32 path:string!",
  LabelSelector: "#atomic matchExpressions:[LabelSelectorRequirement]#atomic matchLabels:{string}",
  LabelSelectorAttributes: "rawSelector:string requirements:[LabelSelectorRequirement]#atomic",
  LabelSelectorRequirement: "key:string! operator:string! values:[string]#atomic",
  Lease: "apiVersion:string kind:string metadata:ObjectMeta spec:LeaseSpec",
  LeaseSpec: `
    acquireTime:microTime holderIdentity:string leaseDurationSeconds:int32 leaseTransitions:int32
    preferredHolder:string renewTime:microTime strategy:string`,
  Lifecycle: "postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:string",
  LifecycleHandler: "exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction",
  LinuxContainerUser: "gid:int64! supplementalGroups:[int64]#atomic uid:int64!",
  ListMeta: "continue:string remainingItemCount:int64 resourceVersion:string selfLink:string",
  LoadBalancerIngress: "hostname:string ip:string ipMode:string ports:[PortStatus]#atomic",
  LoadBalancerStatus: "ingress:[LoadBalancerIngress]#atomic",
  LocalObjectReference: "#atomic name:string=",
  LocalSubjectAccessReview: `
    apiVersion:string kind:string metadata:ObjectMeta spec:SubjectAccessReviewSpec!
    status:SubjectAccessReviewStatus`,
  ManagedFieldsEntry: `
    apiVersion:string fieldsType:string fieldsV1:any manager:string operation:string subresource:string
    time:time`,
  MetaCondition: `
    lastTransitionTime:time! message:string! observedGeneration:int64 reason:string! status:string!
    type:string!`,
  NFSVolumeSource: "path:string! readOnly:bool server:string!",
  Namespace: "apiVersion:string kind:string metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus",
  NamespaceCondition: "lastTransitionTime:time message:string reason:string status:string! type:string!",
  NamespaceSpec: "finalizers:[string]#atomic",
  NamespaceStatus: "conditions:[NamespaceCondition]@type#type phase:string",
  Node: "apiVersion:string kind:string metadata:ObjectMeta spec:NodeSpec status:NodeStatus",
  NodeAddress: "address:string! type:string!",
  NodeAffinity: `
    preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm]#atomic
    requiredDuringSchedulingIgnoredDuringExecution:NodeSelector`,
  NodeAllocatableResourceClaimStatus: `
    containers:[string]#set resourceClaimName:string! resources:{quantity}!`,
  NodeCondition: `
    lastHeartbeatTime:time lastTransitionTime:time message:string reason:string status:string! type:string!`,
  NodeConfigSource: "configMap:ConfigMapNodeConfigSource",
  NodeConfigStatus: `
    active:NodeConfigSource assigned:NodeConfigSource error:string lastKnownGood:NodeConfigSource`,
  NodeDaemonEndpoints: "kubeletEndpoint:DaemonEndpoint",
  NodeFeatures: "supplementalGroupsPolicy:bool",
  NodeMetrics: `
    apiVersion:string kind:string metadata:ObjectMeta timestamp:time! usage:{quantity}! window:string!`,
  NodeRuntimeHandler: "features:NodeRuntimeHandlerFeatures name:string",
  NodeRuntimeHandlerFeatures: "recursiveReadOnlyMounts:bool userNamespaces:bool",
  NodeSelector: "#atomic nodeSelectorTerms:[NodeSelectorTerm]!#atomic",
  NodeSelectorRequirement: "key:string! operator:string! values:[string]#atomic",
  NodeSelectorTerm: `
    #atomic matchExpressions:[NodeSelectorRequirement]#atomic matchFields:[NodeSelectorRequirement]#atomic`,
  NodeSpec: `
    configSource:NodeConfigSource externalID:string podCIDR:string podCIDRs:[string]@#set providerID:string
    taints:[Taint]#atomic unschedulable:bool`,
  NodeStatus: `
    addresses:[NodeAddress]@type#type allocatable:{quantity} capacity:{quantity}
    conditions:[NodeCondition]@type#type config:NodeConfigStatus daemonEndpoints:NodeDaemonEndpoints
    declaredFeatures:[string]#atomic features:NodeFeatures images:[ContainerImage]#atomic
    nodeInfo:NodeSystemInfo phase:string runtimeHandlers:[NodeRuntimeHandler]#atomic
    volumesAttached:[AttachedVolume]#atomic volumesInUse:[string]#atomic`,
  NodeSwapStatus: "capacity:int64",
  NodeSystemInfo: `
    architecture:string! bootID:string! containerRuntimeVersion:string! kernelVersion:string!
    kubeProxyVersion:string! kubeletVersion:string! machineID:string! operatingSystem:string! osImage:string!
    swap:NodeSwapStatus systemUUID:string!`,
  NonResourceAttributes: "path:string verb:string",
  NonResourceRule: "nonResourceURLs:[string]#atomic verbs:[string]!#atomic",
  ObjectFieldSelector: "#atomic apiVersion:string fieldPath:string!",
  ObjectMeta: `
    annotations:{string} creationTimestamp:time deletionGracePeriodSeconds:int64 deletionTimestamp:time
    finalizers:[string]@#set generateName:string generation:int64 labels:{string}
    managedFields:[ManagedFieldsEntry]#atomic name:string namespace:string
    ownerReferences:[OwnerReference]@uid#uid resourceVersion:string selfLink:string uid:string`,
  ObjectReference: `
    #atomic apiVersion:string fieldPath:string kind:string name:string namespace:string
    resourceVersion:string uid:string`,
  OwnerReference: `
    #atomic apiVersion:string! blockOwnerDeletion:bool controller:bool kind:string! name:string! uid:string!`,
  PersistentVolumeClaimSpec: `
    accessModes:[string]#atomic dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference
    resources:VolumeResourceRequirements selector:LabelSelector storageClassName:string
    volumeAttributesClassName:string volumeMode:string volumeName:string`,
  PersistentVolumeClaimTemplate: "metadata:ObjectMeta spec:PersistentVolumeClaimSpec!",
  PersistentVolumeClaimVolumeSource: "claimName:string! readOnly:bool",
  PhotonPersistentDiskVolumeSource: "fsType:string pdID:string!",
  Pod: "apiVersion:string kind:string metadata:ObjectMeta spec:PodSpec status:PodStatus",
  PodAffinity: `
    preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]#atomic
    requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]#atomic`,
  PodAffinityTerm: `
    labelSelector:LabelSelector matchLabelKeys:[string]#atomic mismatchLabelKeys:[string]#atomic
    namespaceSelector:LabelSelector namespaces:[string]#atomic topologyKey:string!`,
  PodAntiAffinity: `
    preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]#atomic
    requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]#atomic`,
  PodCertificateProjection: `
    certificateChainPath:string credentialBundlePath:string keyPath:string keyType:string!
    maxExpirationSeconds:int32 signerName:string! userAnnotations:{string}`,
  PodCondition: `
    lastProbeTime:time lastTransitionTime:time message:string observedGeneration:int64 reason:string
    status:string! type:string!`,
  PodDNSConfig: "nameservers:[string]#atomic options:[PodDNSConfigOption]#atomic searches:[string]#atomic",
  PodDNSConfigOption: "name:string value:string",
  PodExtendedResourceClaimStatus: `
    requestMappings:[ContainerExtendedResourceRequest]!#atomic resourceClaimName:string!`,
  PodIP: "ip:string!",
  PodMetrics: `
    apiVersion:string containers:[ContainerMetrics]! kind:string metadata:ObjectMeta timestamp:time!
    window:string!`,
  PodOS: "name:string!",
  PodReadinessGate: "conditionType:string!",
  PodResourceClaim: "name:string! resourceClaimName:string resourceClaimTemplateName:string",
  PodResourceClaimStatus: "name:string! resourceClaimName:string",
  PodSchedulingGate: "name:string!",
  PodSchedulingGroup: "podGroupName:string",
  PodSecurityContext: `
    appArmorProfile:AppArmorProfile fsGroup:int64 fsGroupChangePolicy:string runAsGroup:int64
    runAsNonRoot:bool runAsUser:int64 seLinuxChangePolicy:string seLinuxOptions:SELinuxOptions
    seccompProfile:SeccompProfile supplementalGroups:[int64]#atomic supplementalGroupsPolicy:string
    sysctls:[Sysctl]#atomic windowsOptions:WindowsSecurityContextOptions`,
  PodSpec: `
    activeDeadlineSeconds:int64 affinity:Affinity automountServiceAccountToken:bool
    containers:[Container]!@name#name dnsConfig:PodDNSConfig dnsPolicy:string enableServiceLinks:bool
    ephemeralContainers:[EphemeralContainer]@name#name hostAliases:[HostAlias]@ip#ip hostIPC:bool
    hostNetwork:bool hostPID:bool hostUsers:bool hostname:string hostnameOverride:string
    imagePullSecrets:[LocalObjectReference]@name#name initContainers:[Container]@name#name nodeName:string
    nodeSelector:{string}#atomic os:PodOS overhead:{quantity} preemptionPolicy:string priority:int32
    priorityClassName:string readinessGates:[PodReadinessGate]#atomic
    resourceClaims:[PodResourceClaim]@name~#name resources:ResourceRequirements restartPolicy:string
    runtimeClassName:string schedulerName:string schedulingGates:[PodSchedulingGate]@name#name
    schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext serviceAccount:string
    serviceAccountName:string setHostnameAsFQDN:bool shareProcessNamespace:bool subdomain:string
    terminationGracePeriodSeconds:int64 tolerations:[Toleration]#atomic
    topologySpreadConstraints:[TopologySpreadConstraint]@topologyKey#topologyKey,whenUnsatisfiable
    volumes:[Volume]@name~#name`,
  PodStatus: `
    allocatedResources:{quantity} conditions:[PodCondition]@type#type
    containerStatuses:[ContainerStatus]#atomic ephemeralContainerStatuses:[ContainerStatus]#atomic
    extendedResourceClaimStatus:PodExtendedResourceClaimStatus hostIP:string hostIPs:[HostIP]@ip#atomic
    initContainerStatuses:[ContainerStatus]#atomic message:string
    nodeAllocatableResourceClaimStatuses:[NodeAllocatableResourceClaimStatus]#atomic nominatedNodeName:string
    observedGeneration:int64 phase:string podIP:string podIPs:[PodIP]@ip#ip qosClass:string reason:string
    resize:string resourceClaimStatuses:[PodResourceClaimStatus]@name~#name resources:ResourceRequirements
    startTime:time`,
  PodTemplateSpec: "metadata:ObjectMeta spec:PodSpec",
  PortStatus: "error:string port:int32! protocol:string!",
  PortworxVolumeSource: "fsType:string readOnly:bool volumeID:string!",
  Preconditions: "resourceVersion:string uid:string",
  PreferredSchedulingTerm: "preference:NodeSelectorTerm! weight:int32!",
  Probe: `
    exec:ExecAction failureThreshold:int32 grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:int32
    periodSeconds:int32 successThreshold:int32 tcpSocket:TCPSocketAction terminationGracePeriodSeconds:int64
    timeoutSeconds:int32`,
  ProjectedVolumeSource: "defaultMode:int32 sources:[VolumeProjection]#atomic",
  QuobyteVolumeSource: "group:string readOnly:bool registry:string! tenant:string user:string volume:string!",
  RBDVolumeSource: `
    fsType:string image:string! keyring:string=/etc/ceph/keyring monitors:[string]!#atomic pool:string=rbd
    readOnly:bool secretRef:LocalObjectReference user:string=admin`,
  ReplicationController: `
    apiVersion:string kind:string metadata:ObjectMeta spec:ReplicationControllerSpec
    status:ReplicationControllerStatus`,
  ReplicationControllerCondition: `
    lastTransitionTime:time message:string reason:string status:string! type:string!`,
  ReplicationControllerSpec: `
    minReadySeconds:int32=0 replicas:int32=1 selector:{string}#atomic template:PodTemplateSpec`,
  ReplicationControllerStatus: `
    availableReplicas:int32 conditions:[ReplicationControllerCondition]@type#type fullyLabeledReplicas:int32
    observedGeneration:int64 readyReplicas:int32 replicas:int32!`,
  ResourceAttributes: `
    fieldSelector:FieldSelectorAttributes group:string labelSelector:LabelSelectorAttributes name:string
    namespace:string resource:string subresource:string verb:string version:string`,
  ResourceClaim: "name:string! request:string",
  ResourceFieldSelector: "#atomic containerName:string divisor:quantity resource:string!",
  ResourceHealth: "health:string message:string resourceID:string!",
  ResourceRequirements: "claims:[ResourceClaim]#name limits:{quantity} requests:{quantity}",
  ResourceRule: `
    apiGroups:[string]#atomic resourceNames:[string]#atomic resources:[string]#atomic verbs:[string]!#atomic`,
  ResourceStatus: "name:string! resources:[ResourceHealth]#resourceID",
  SELinuxOptions: "level:string role:string type:string user:string",
  Scale: "apiVersion:string kind:string metadata:ObjectMeta spec:ScaleSpec status:ScaleStatus",
  ScaleIOVolumeSource: `
    fsType:string=xfs gateway:string! protectionDomain:string readOnly:bool secretRef:LocalObjectReference!
    sslEnabled:bool storageMode:string=ThinProvisioned storagePool:string system:string! volumeName:string`,
  ScaleSpec: "replicas:int32=0",
  ScaleStatus: "replicas:int32! selector:string",
  SeccompProfile: "localhostProfile:string type:string!",
  Secret: `
    apiVersion:string data:{bytes} immutable:bool kind:string metadata:ObjectMeta stringData:{string}
    type:string`,
  SecretEnvSource: "name:string= optional:bool",
  SecretKeySelector: "#atomic key:string! name:string= optional:bool",
  SecretProjection: "items:[KeyToPath]#atomic name:string= optional:bool",
  SecretVolumeSource: "defaultMode:int32 items:[KeyToPath]#atomic optional:bool secretName:string",
  SecurityContext: `
    allowPrivilegeEscalation:bool appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:bool
    procMount:string readOnlyRootFilesystem:bool runAsGroup:int64 runAsNonRoot:bool runAsUser:int64
    seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions`,
  SelfSubjectAccessReview: `
    apiVersion:string kind:string metadata:ObjectMeta spec:SelfSubjectAccessReviewSpec!
    status:SubjectAccessReviewStatus`,
  SelfSubjectAccessReviewSpec: `
    nonResourceAttributes:NonResourceAttributes resourceAttributes:ResourceAttributes`,
  SelfSubjectReview: "apiVersion:string kind:string metadata:ObjectMeta status:SelfSubjectReviewStatus",
  SelfSubjectReviewStatus: "userInfo:UserInfo",
  SelfSubjectRulesReview: `
    apiVersion:string kind:string metadata:ObjectMeta spec:SelfSubjectRulesReviewSpec!
    status:SubjectRulesReviewStatus`,
  SelfSubjectRulesReviewSpec: "namespace:string",
  Service: "apiVersion:string kind:string metadata:ObjectMeta spec:ServiceSpec status:ServiceStatus",
  ServiceAccountTokenProjection: "audience:string expirationSeconds:int64 path:string!",
  ServicePort: `
    appProtocol:string name:string nodePort:int32 port:int32! protocol:string=TCP targetPort:intOrString`,
  ServiceSpec: `
    allocateLoadBalancerNodePorts:bool clusterIP:string clusterIPs:[string]#atomic
    externalIPs:[string]#atomic externalName:string externalTrafficPolicy:string healthCheckNodePort:int32
    internalTrafficPolicy:string ipFamilies:[string]#atomic ipFamilyPolicy:string loadBalancerClass:string
    loadBalancerIP:string loadBalancerSourceRanges:[string]#atomic ports:[ServicePort]@port#port,protocol
    publishNotReadyAddresses:bool selector:{string}#atomic sessionAffinity:string
    sessionAffinityConfig:SessionAffinityConfig trafficDistribution:string type:string`,
  ServiceStatus: "conditions:[MetaCondition]@type#type loadBalancer:LoadBalancerStatus",
  SessionAffinityConfig: "clientIP:ClientIPConfig",
  SleepAction: "seconds:int64!",
  SliceEndpoint: `
    addresses:[string]!#set conditions:EndpointConditions deprecatedTopology:{string} hints:EndpointHints
    hostname:string nodeName:string targetRef:ObjectReference zone:string`,
  SlicePort: "#atomic appProtocol:string name:string port:int32 protocol:string",
  Status: `
    apiVersion:string code:int32 details:StatusDetails kind:string message:string metadata:ListMeta
    reason:string status:string`,
  StatusCause: "field:string message:string reason:string",
  StatusDetails: `
    causes:[StatusCause]#atomic group:string kind:string name:string retryAfterSeconds:int32 uid:string`,
  StorageOSVolumeSource: `
    fsType:string readOnly:bool secretRef:LocalObjectReference volumeName:string volumeNamespace:string`,
  SubjectAccessReview: `
    apiVersion:string kind:string metadata:ObjectMeta spec:SubjectAccessReviewSpec!
    status:SubjectAccessReviewStatus`,
  SubjectAccessReviewSpec: `
    extra:{[string]} groups:[string]#atomic nonResourceAttributes:NonResourceAttributes
    resourceAttributes:ResourceAttributes uid:string user:string`,
  SubjectAccessReviewStatus: "allowed:bool! denied:bool evaluationError:string reason:string",
  SubjectRulesReviewStatus: `
    evaluationError:string incomplete:bool! nonResourceRules:[NonResourceRule]!#atomic
    resourceRules:[ResourceRule]!#atomic`,
  Sysctl: "name:string! value:string!",
  TCPSocketAction: "host:string port:intOrString!",
  Taint: "effect:string! key:string! timeAdded:time value:string",
  TokenRequest: `
    apiVersion:string kind:string metadata:ObjectMeta spec:TokenRequestSpec status:TokenRequestStatus`,
  TokenRequestSpec: "audiences:[string]#atomic boundObjectRef:BoundObjectReference expirationSeconds:int64",
  TokenRequestStatus: "expirationTimestamp:time token:string",
  TokenReview: `
    apiVersion:string kind:string metadata:ObjectMeta spec:TokenReviewSpec! status:TokenReviewStatus`,
  TokenReviewSpec: "audiences:[string]#atomic token:string!",
  TokenReviewStatus: "audiences:[string]#atomic authenticated:bool error:string user:UserInfo",
  Toleration: "effect:string key:string operator:string tolerationSeconds:int64 value:string",
  TopologySpreadConstraint: `
    labelSelector:LabelSelector matchLabelKeys:[string]#atomic maxSkew:int32! minDomains:int32
    nodeAffinityPolicy:string nodeTaintsPolicy:string topologyKey:string! whenUnsatisfiable:string!`,
  TypedLocalObjectReference: "#atomic apiGroup:string kind:string! name:string!",
  TypedObjectReference: "apiGroup:string kind:string! name:string! namespace:string",
  UserInfo: "extra:{[string]} groups:[string]#atomic uid:string username:string",
  Volume: `
    awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource
    azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource
    configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource
    emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource
    flexVolume:FlexVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource
    gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource
    image:ImageVolumeSource iscsi:ISCSIVolumeSource name:string! nfs:NFSVolumeSource
    persistentVolumeClaim:PersistentVolumeClaimVolumeSource
    photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource
    projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource
    scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource
    vsphereVolume:VsphereVirtualDiskVolumeSource`,
  VolumeDevice: "devicePath:string! name:string!",
  VolumeMount: `
    mountPath:string! mountPropagation:string name:string! readOnly:bool recursiveReadOnly:string
    subPath:string subPathExpr:string`,
  VolumeMountStatus: `
    mountPath:string! name:string! readOnly:bool recursiveReadOnly:string volumeStatus:VolumeStatus`,
  VolumeProjection: `
    clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection
    downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection
    serviceAccountToken:ServiceAccountTokenProjection`,
  VolumeResourceRequirements: "limits:{quantity} requests:{quantity}",
  VolumeStatus: "image:ImageVolumeStatus",
  VsphereVirtualDiskVolumeSource: `
    fsType:string storagePolicyID:string storagePolicyName:string volumePath:string!`,
  WeightedPodAffinityTerm: "podAffinityTerm:PodAffinityTerm! weight:int32!",
  WindowsSecurityContextOptions: `
    gmsaCredentialSpec:string gmsaCredentialSpecName:string hostProcess:bool runAsUserName:string`,
} as const satisfies Readonly<Record<string, string>>;

export type TypeName = keyof typeof fieldTable;
