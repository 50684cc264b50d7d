/**
 * Kinds of other groups that stand beside those of core/v1 in people's manifests, in the form of `fields.ts`: workloads,
 * and what workloads need. A kind that is not here is taken as it is.
 */
export const otherTable = {
  ControllerRevision: "apiVersion:string data:any kind:string metadata:ObjectMeta revision:int64",
  CrossVersionObjectReference: "apiVersion:string kind:string name:string",
  CronJob: "apiVersion:string kind:string metadata:ObjectMeta spec:CronJobSpec status:any",
  CronJobSpec: `
    concurrencyPolicy:string failedJobsHistoryLimit:int32 jobTemplate:JobTemplateSpec schedule:string
    startingDeadlineSeconds:int64 successfulJobsHistoryLimit:int32 suspend:bool timeZone:string`,
  DaemonSet: "apiVersion:string kind:string metadata:ObjectMeta spec:DaemonSetSpec status:any",
  DaemonSetSpec: `
    minReadySeconds:int32 revisionHistoryLimit:int32 selector:LabelSelector template:PodTemplateSpec
    updateStrategy:RolloutStrategy`,
  Deployment: "apiVersion:string kind:string metadata:ObjectMeta spec:DeploymentSpec status:any",
  DeploymentSpec: `
    minReadySeconds:int32 paused:bool progressDeadlineSeconds:int32 replicas:int32 revisionHistoryLimit:int32
    selector:LabelSelector strategy:RolloutStrategy template:PodTemplateSpec`,
  HTTPIngressPath: "backend:IngressBackend path:string pathType:string",
  HTTPIngressRuleValue: "paths:[HTTPIngressPath]",
  HorizontalPodAutoscaler: `
    apiVersion:string kind:string metadata:ObjectMeta spec:HorizontalPodAutoscalerSpec status:any`,
  HorizontalPodAutoscalerSpec: `
    behavior:any maxReplicas:int32 metrics:[any] minReplicas:int32 scaleTargetRef:CrossVersionObjectReference
    targetCPUUtilizationPercentage:int32`,
  Ingress: "apiVersion:string kind:string metadata:ObjectMeta spec:IngressSpec status:any",
  IngressBackend: "resource:TypedLocalObjectReference service:IngressServiceBackend",
  IngressRule: "host:string http:HTTPIngressRuleValue",
  IngressServiceBackend: "name:string port:ServiceBackendPort",
  IngressSpec: "defaultBackend:IngressBackend ingressClassName:string rules:[IngressRule] tls:[IngressTLS]",
  IngressTLS: "hosts:[string] secretName:string",
  Job: "apiVersion:string kind:string metadata:ObjectMeta spec:JobSpec status:any",
  JobSpec: `
    activeDeadlineSeconds:int64 backoffLimit:int32 backoffLimitPerIndex:int32 completionMode:string
    completions:int32 managedBy:string manualSelector:bool maxFailedIndexes:int32 parallelism:int32
    podFailurePolicy:any podReplacementPolicy:string selector:LabelSelector successPolicy:any suspend:bool
    template:PodTemplateSpec ttlSecondsAfterFinished:int32`,
  JobTemplateSpec: "metadata:ObjectMeta spec:JobSpec",
  PersistentVolumeClaim: `
    apiVersion:string kind:string metadata:ObjectMeta spec:PersistentVolumeClaimSpec status:any`,
  PodDisruptionBudget: `
    apiVersion:string kind:string metadata:ObjectMeta spec:PodDisruptionBudgetSpec status:any`,
  PodDisruptionBudgetSpec: `
    maxUnavailable:intOrString minAvailable:intOrString selector:LabelSelector
    unhealthyPodEvictionPolicy:string`,
  PodTemplate: "apiVersion:string kind:string metadata:ObjectMeta template:PodTemplateSpec",
  ReplicaSet: "apiVersion:string kind:string metadata:ObjectMeta spec:ReplicaSetSpec status:any",
  ReplicaSetSpec: "minReadySeconds:int32 replicas:int32 selector:LabelSelector template:PodTemplateSpec",
  RolloutStrategy: "rollingUpdate:RolloutRolling type:string",
  RolloutRolling: "maxSurge:intOrString maxUnavailable:intOrString partition:int32",
  ServiceAccount: `
    apiVersion:string automountServiceAccountToken:bool imagePullSecrets:[LocalObjectReference] kind:string
    metadata:ObjectMeta secrets:[ObjectReference]`,
  ServiceBackendPort: "name:string number:int32",
  StatefulSet: "apiVersion:string kind:string metadata:ObjectMeta spec:StatefulSetSpec status:any",
  StatefulSetOrdinals: "start:int32",
  StatefulSetRetention: "whenDeleted:string whenScaled:string",
  StatefulSetSpec: `
    minReadySeconds:int32 ordinals:StatefulSetOrdinals
    persistentVolumeClaimRetentionPolicy:StatefulSetRetention podManagementPolicy:string replicas:int32
    revisionHistoryLimit:int32 selector:LabelSelector serviceName:string template:PodTemplateSpec
    updateStrategy:RolloutStrategy volumeClaimTemplates:[PersistentVolumeClaim]`,
} as const satisfies Readonly<Record<string, string>>;

export type OtherTypeName = keyof typeof otherTable;
