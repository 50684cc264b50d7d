/** Words that people bring along from Kubernetes' manifests and other languages, with what stands for them here. */

export interface Spelling {
  /** The word to put in place, where that alone mends it. */
  readonly word?: string;
  /** How it is written here. */
  readonly say: string;
}

const word = (name: string): Spelling => ({ word: name, say: `it is written \`${name}\` here` });
const say = (text: string): Spelling => ({ say: text });

const probe = (name: string): Spelling => ({
  word: name,
  say: `it is written \`${name}: http(PORT, path: "/healthz")\` here, with \`use std/probe { http }\``,
});

/** Keys and words of Kubernetes objects. The same key may mean another thing in another block: `around.key` goes first. */
const keys: Readonly<Record<string, Spelling>> = {
  apiVersion: say("the word before the name says the kind: `rc web { … }`"),
  kind: say("the word before the name says the kind: `rc web { … }`"),
  metadata: say("`labels` and `annotations` stand in the block itself, and the name after its word"),
  spec: say("what stands in Kubernetes' `spec` stands in the block itself"),
  status: say("the status is the cluster's to write"),
  count: say("an rc has `replicas: 3`; other objects come as a family: `node worker[i in 1..3] { … }`"),
  for_each: say("several objects are a family: `node worker[name in names] { … }`"),
  "file.resources": say('what another file declares is brought in by `use "./FILE.kdsl"`, a manifest too'),
  "file.namePrefix": say("names are written whole; what differs between places is a `param` in a `template`"),
  "file.nameSuffix": say("names are written whole; what differs between places is a `param` in a `template`"),
  "file.namespace": say("what lives in it stands in its block: `namespace dev { … }`"),
  "file.commonLabels": say("each object says its `labels`; what they share is a `let` or a `template`"),
  "file.labels": say("each object says its `labels`; `label app` declares one"),
  "file.images": say("what differs between places is a parameter: `param tag: String`"),
  "file.patches": say("an object is changed by `extend rc web { … }`"),
  "file.patchesStrategicMerge": say("an object is changed by `extend rc web { … }`"),
  "file.configMapGenerator": say('write `config NAME { … }`, with files as `file("./app.conf")`'),
  "file.secretGenerator": say('write `secret NAME { … }`, with `env("NAME")` or `file("./key")`'),
  name: say("the name stands after the word: `rc web { … }`, `container server { … }`"),
  namespace: say("put the declaration into `namespace NAME { … }`"),
  template: say("the template of an rc is its `pod { … }` block"),
  containers: say("write a block for each: `container NAME { … }`"),
  initContainers: say("write a block for each: `init NAME { … }`"),
  volumes: say("write one declaration for each: `volume NAME: emptyDir`"),
  volumeMounts: say('write a line for each: `mount VOLUME at "/path"`'),
  mounts: say('write a line for each: `mount VOLUME at "/path"`'),
  ports: say("write one declaration for each: `port http: 8080`"),
  "rc.identity": say("it stands in the rc's pod: `pod { identity: { … } }`"),
  "rc.container": say("it stands in the rc's pod: `pod { container NAME { … } }`"),
  "rc.volume": say("it stands in the rc's pod: `pod { volume NAME: emptyDir }`"),
  "pod.image": say("it stands in a container: `container NAME { image: … }`"),
  "pod.replicas": say("it stands in an rc around the pod: `rc NAME { replicas: 2, pod { … } }`"),
  "rc.image": say("it stands in a container of the rc's pod: `pod { container NAME { image: … } }`"),
  "service.ports": say("write one declaration for each: `port http: 80 -> http`"),
  containerPort: say("write `port NAME: 8080`"),
  hostPort: say("write `port NAME: 8080 { host: 8080 }`"),
  targetPort: say("the pods' port stands after an arrow: `port http: 80 -> http`"),
  nodePort: say("write `expose: node(30080)`, or `{ node: 30080 }` after one of several ports"),
  "port.nodePort": word("node"),
  selector: say('a service or rc says `select: NAME` or `select: pods where app == "web"`'),
  matchLabels: say('write `select: pods where app == "web"`'),
  type: say("a service says `expose: node`, `headless`, `balancer` or `cluster`"),
  clusterIP: say("`expose: headless` has none; a chosen one is `address: 10.96.0.10`"),
  externalIPs: say("write `expose: external(203.0.113.7)`"),
  loadBalancerIP: say("write `expose: balancer`"),
  sessionAffinity: say('write `affinity: "client"`'),
  publishNotReadyAddresses: word("publishNotReady"),
  internalTrafficPolicy: word("internalTraffic"),
  externalTrafficPolicy: word("externalTraffic"),
  minReadySeconds: say("write `minReady: 10s`"),
  strategy: say("write `update: { surge: 1, unavailable: 0 }`"),
  terminationGracePeriodSeconds: say("write `grace: 30s`"),
  activeDeadlineSeconds: say("write `deadline: 10min`"),
  restartPolicy: say('write `restart: "always"`, `"on-failure"` or `"never"`'),
  nodeSelector: say('write `on: nodes where disk == "ssd"`'),
  nodeName: say("write `on: NODE`"),
  tolerations: word("tolerate"),
  dependsOn: word("after"),
  depends_on: word("after"),
  serviceAccountName: say(
    "name the account: `account: robot`, with `account robot {}` or `external account robot {}`",
  ),
  serviceAccount: say(
    "name the account: `account: robot`, with `account robot {}` or `external account robot {}`",
  ),
  "claim.accessModes": word("access"),
  "claim.storageClassName": word("class"),
  "claim.volumeMode": word("mode"),
  "claim.size": word("storage"),
  "claim.resources": say("write `storage: 10Gi`"),
  "container.cpu": say(
    "what a container asks for is `requests: { cpu: 200m }`, what it may use at most `limits: { … }`",
  ),
  "container.memory": say(
    "what a container asks for is `requests: { memory: 64Mi }`, what it may use at most `limits: { … }`",
  ),
  imagePullPolicy: word("pull"),
  workingDir: word("workingDirectory"),
  working_dir: word("workingDirectory"),
  environment: word("env"),
  env: say('write `env: { NAME: "value" }`'),
  resources: say("`requests: { … }` and `limits: { … }` stand in the container itself"),
  readinessProbe: probe("ready"),
  livenessProbe: probe("live"),
  startupProbe: probe("started"),
  healthcheck: probe("ready"),
  entrypoint: word("command"),
  env_file: say("a container takes whole configs and secrets with `envFrom: [settings]`"),
  envFile: say("a container takes whole configs and secrets with `envFrom: [settings]`"),
  deploy: say("`replicas` and `update` stand in the rc itself, `requests` and `limits` in the container"),
  networks: say(
    "all pods of a cluster reach each other; a service gives them a name: `service web { select: web }`",
  ),
  links: say("all pods of a cluster reach each other by their services' names: `env: { DB: db.host }`"),
  lifecycle: say("`afterStart` and `beforeStop` stand in the container itself"),
  postStart: word("afterStart"),
  preStop: word("beforeStop"),
  mountPath: say('the path stands after `at`: `mount VOLUME at "/path"`'),
  readOnly: word("readonly"),
  data: say("the keys stand in the block itself"),
  stringData: say("the keys stand in the block itself"),
  binaryData: say("the keys stand in the block itself"),
  allocatable: say("a node has a `capacity`"),
  "ephemeral-storage": word("storage"),
  mem: word("memory"),
  dir: word("directory"),
  cwd: word("directory"),
  periodSeconds: say("std/probe's functions take `every: 10s`"),
  valueFrom: say("name what the value comes from: `login.password`, `pod.ip`, `container.limits.memory`"),
};

/** What `key` in the block or record `around` is here; undefined where nothing is known of it. */
export function spellingOf(key: string, around: string): Spelling | undefined {
  for (const name of [`${around}.${key}`, key]) if (Object.hasOwn(keys, name)) return keys[name];
  return undefined;
}

const none: Spelling = say(
  "this version knows `node`, `pod`, `rc`, `service`, `config`, `secret`, `claim`, `account`, `namespace` and `cluster`; any other kind is a `manifest { apiVersion: …, kind: …, metadata: { name: … } }`",
);

const kinds: Readonly<Record<string, Spelling>> = {
  deployment: { word: "rc", say: "an `rc` keeps pods running, and replaces them when its pod changes" },
  replicaset: { word: "rc", say: "an `rc` keeps pods running" },
  replicationcontroller: word("rc"),
  statefulset: say("write one `rc` for each member, or a family `rc db[i in 0..2] { … }`"),
  daemonset: say("write a family over the nodes: `pod agent[n in nodes] { on: n … }`"),
  svc: word("service"),
  services: word("service"),
  configmap: word("config"),
  secrets: word("secret"),
  ns: word("namespace"),
  nodes: word("node"),
  pods: word("pod"),
  po: word("pod"),
  const: word("let"),
  var: word("let"),
  job: none,
  cronjob: none,
  ingress: none,
  persistentvolumeclaim: word("claim"),
  pvc: word("claim"),
  persistentvolume: none,
  serviceaccount: word("account"),
  horizontalpodautoscaler: none,
  networkpolicy: none,
  function: word("fn"),
  def: word("fn"),
  func: word("fn"),
  parameter: word("param"),
  variable: word("param"),
  include: word("use"),
  amends: word("use"),
  extends: word("use"),
  new: say("an object is its kind and its name, `rc web { … }`, and a record `{ … }` alone"),
  package: say('a file needs no name of its own: others `use "./FILE.kdsl"`'),
  resource: say("an object is its kind and its name: `service web { … }`"),
  provider: say("a cluster is known by `cluster { … }`, and chosen when the plan is run"),
  module: word("use"),
  class: word("template"),
  output: say("what others read is `let NAME = …`"),
  import: word("use"),
};

/** What the word of a declaration is here. */
export function kindSpelling(written: string): Spelling | undefined {
  const lower = written.toLowerCase();
  return Object.hasOwn(kinds, lower) ? kinds[lower] : undefined;
}

const types: Readonly<Record<string, string>> = {
  int: "Int",
  integer: "Int",
  int32: "Int",
  int64: "Int",
  long: "Int",
  float: "Number",
  double: "Number",
  num: "Number",
  str: "String",
  text: "String",
  bool: "Bool",
  boolean: "Bool",
  time: "Duration",
  bytes: "Memory",
  size: "Memory",
};

export function typeSpelling(written: string): string | undefined {
  const lower = written.toLowerCase();
  return Object.hasOwn(types, lower) ? types[lower] : undefined;
}

/** Values of YAML and of other languages. */
const values: Readonly<Record<string, string>> = {
  yes: "true",
  on: "true",
  True: "true",
  TRUE: "true",
  no: "false",
  off: "false",
  False: "false",
  FALSE: "false",
  null: "none",
  nil: "none",
  None: "none",
  undefined: "none",
};

export const valueSpelling = (written: string): string | undefined =>
  Object.hasOwn(values, written) ? values[written] : undefined;

const roots: Readonly<Record<string, string>> = {
  var: "what comes from outside is declared by `param NAME: TYPE`, and read by its name alone",
  local: "a value is declared by `let NAME = …`, and read by its name alone",
  each: "the variable of a family is read by its name: `node worker[name in names] { … }`",
  values: "what comes from outside is declared by `param NAME: TYPE`, and read by its name alone",
};

/** What is said of a name that stands before values in other languages (`var.tag`). */
export const rootSpelling = (written: string): string | undefined =>
  Object.hasOwn(roots, written.toLowerCase()) ? roots[written.toLowerCase()] : undefined;

/** Arguments of probes under the names of Kubernetes and compose files. */
const probeArguments: Readonly<Record<string, string>> = {
  period: "every",
  periodSeconds: "every",
  interval: "every",
  timeoutSeconds: "timeout",
  delay: "after",
  initialDelay: "after",
  initialDelaySeconds: "after",
  startPeriod: "after",
  start_period: "after",
  retries: "failures",
  failureThreshold: "failures",
  successThreshold: "successes",
  url: "path",
};

export const argumentSpelling = (written: string): string | undefined =>
  Object.hasOwn(probeArguments, written) ? probeArguments[written] : undefined;

const forms: Readonly<Record<string, string>> = {
  NodePort: "node",
  ClusterIP: "cluster",
  LoadBalancer: "balancer",
  None: "headless",
  configMap: "config",
  emptydir: "emptyDir",
  persistentVolumeClaim: "claim",
  pvc: "claim",
  hostpath: "hostPath",
  nodePort: "node",
  loadBalancer: "balancer",
  loadbalancer: "balancer",
  nodeport: "node",
  clusterip: "cluster",
};

/** Named forms (`expose: node`) under Kubernetes' names. */
export const formSpelling = (written: string): string | undefined =>
  Object.hasOwn(forms, written) ? forms[written] : undefined;
