/**
 * What people get wrong when they write their first files, and what they bring along from YAML. Each is a name and either a
 * whole file, or replacements in `base.kdsl` (two by two), or what is done to it as a whole.
 */
export type Mistake = readonly [name: string, ...change: (string | ((base: string) => string))[]];

export const mistakes: readonly Mistake[] = [
  ["replicas string", "replicas: copies", 'replicas: "3"'],
  ["image unquoted", 'image: "shop/web:1.0"', "image: nginx"],
  ["image unquoted tag", 'image: "shop/web:1.0"', "image: nginx:1.25"],
  ["image unquoted path", 'image: "shop/web:1.0"', "image: shop/web:1.0"],
  ["ports yaml list", "port http: 8080", "ports:\n      - containerPort: 8080"],
  ["ports yaml list name", "port http: 8080", "ports:\n      - name: http\n        containerPort: 8080"],
  ["ports bracket", "port http: 8080", "ports: [8080]"],
  ["port number only", "port http: 8080", "port: 8080"],
  [
    "yaml whole",
    `apiVersion: v1
kind: ReplicationController
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 3
  selector:
    app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.25
        ports:
        - containerPort: 80
`,
  ],
  [
    "yaml service",
    `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  selector:
    app: web
  ports:
  - port: 80
    targetPort: 8080
    nodePort: 30080
---
apiVersion: v1
kind: Pod
`,
  ],
  ["yaml document mark", (b) => `---\n${b}`],
  [
    "json manifest",
    `{
  "apiVersion": "v1",
  "kind": "Pod",
  "metadata": { "name": "x" }
}
`,
  ],
  [
    "yaml indentation rc",
    `label app
rc web:
  replicas: 3
  pod:
    identity: { app: "x" }
    container server:
      image: "x:1"
`,
  ],
  [
    "container colon block",
    'container server {\n      image: "shop/web:1.0"',
    'container server: {\n      image: "shop/web:1.0"',
  ],
  [
    "pod colon block",
    'pod {\n    identity: { app: "shop", tier: "web" }',
    'pod: {\n    identity: { app: "shop", tier: "web" }',
  ],
  ["rc colon", "rc web {", "rc web: {"],
  ["rc equals", "rc web {", "rc web = {"],
  ["equals", "replicas: copies", "replicas = copies"],
  ["equals nested", 'LOG: "debug"', 'LOG = "debug"'],
  ["equals env noq", 'LOG: "debug"', "LOG=debug"],
  ["equals image", 'image: "shop/web:1.0"', 'image = "shop/web:1.0"'],
  ["hash comment", "replicas: copies", "replicas: copies # three"],
  ["hash comment own line", "rc web {", "# the web\nrc web {"],
  ["hash comment apostrophe", "rc web {", "# it's the web { [\nrc web {"],
  ["hash many", "rc web {", "# one\n# two\n# three\nrc web {"],
  ["single quotes", 'image: "shop/web:1.0"', "image: 'shop/web:1.0'"],
  ["single quotes many", 'identity: { app: "shop", tier: "web" }', "identity: { app: 'shop', tier: 'web' }"],
  ["backtick", 'image: "shop/web:1.0"', "image: `shop/web:1.0`"],
  ["smart quotes", 'image: "shop/web:1.0"', "image: “shop/web:1.0”"],
  ["&&", "replicas: copies", "replicas: if copies > 1 && copies < 5 then 2 else 3"],
  ["and misuse", "replicas: copies", "replicas: if copies > 1 and 5 then 2 else 3"],
  ["ternary", "replicas: copies", "replicas: copies > 1 ? 2 : 3"],
  ["if parens js", "replicas: copies", "replicas: if (copies > 1) 2 else 3"],
  ["dollar interp", 'LOG: "debug"', 'LOG: "$\x7bcopies}"'],
  ["helm template", "replicas: copies", "replicas: {{ .Values.copies }}"],
  ["helm in string", 'image: "shop/web:1.0"', 'image: "shop/web:{{ .Values.tag }}"'],
  [
    "env list yaml",
    'env: {\n        LOG: "debug"\n        STORE: store.host\n      }',
    'env:\n      - name: LOG\n        value: "debug"',
  ],
  [
    "env list brackets",
    'env: {\n        LOG: "debug"\n        STORE: store.host\n      }',
    'env: [{ name: "LOG", value: "debug" }]',
  ],
  [
    "env list strings",
    'env: {\n        LOG: "debug"\n        STORE: store.host\n      }',
    'env: ["LOG=debug"]',
  ],
  ["env memory", 'LOG: "debug"', "LOG: 64Mi"],
  ["env record", 'LOG: "debug"', 'LOG: { value: "x" }'],
  ["env unquoted", 'LOG: "debug"', "LOG: debug"],
  ["selector map", "select: web\n", 'select: { app: "shop" }\n'],
  ["selector key", "select: web\n", 'selector: { app: "shop" }\n'],
  ["selector string", "select: web\n", 'select: "web"\n'],
  ["select where &&", "select: web\n", 'select: pods where app == "shop" && tier == "web"\n'],
  ["select where single =", "select: web\n", 'select: pods where app = "shop"\n'],
  ["select where label typo", "select: web\n", 'select: pods where ap == "shop"\n'],
  ["select where value typo", "select: web\n", 'select: pods where tier == "wbe"\n'],
  ["select where or", "select: web\n", 'select: pods where tier == "web" or tier == "store"\n'],
  ["select where in", "select: web\n", 'select: pods where tier in ["web", "store"]\n'],
  ["select unknown", "select: web\n", "select: wbe\n"],
  ["select config", "service web {\n  select: web", 'config conf { a: "b" }\nservice web {\n  select: conf'],
  ["memory without unit", "memory: 64Mi", "memory: 64"],
  ["memory M small", "memory: 64Mi", "memory: 64m"],
  ["memory MB", "memory: 64Mi", "memory: 64MB"],
  ["memory mi", "memory: 64Mi", "memory: 64mi"],
  ["memory GB quoted", "memory: 64Mi", 'memory: "64Mi"'],
  ["memory spaced", "memory: 64Mi", "memory: 64 Mi"],
  ["cpu unit", "cpu: 100m", "cpu: 100Mi"],
  ["cpu quoted", "cpu: 100m", 'cpu: "100m"'],
  ["cpu cores", "cpu: 100m", "cpu: 1core"],
  ["duration sec", "grace: 5s", "grace: 5"],
  ["duration m", "grace: 5s", "grace: 5m"],
  ["duration min word", "grace: 5s", "grace: 5sec"],
  ["duration quoted", "grace: 5s", 'grace: "5s"'],
  ["duration compound", "grace: 5s", "grace: 1m30s"],
  ["grace negative", "grace: 5s", "grace: -5s"],
  ["key misspelt", "replicas: copies", "replica: copies"],
  ["key imgae", 'image: "shop/web:1.0"', 'imgae: "shop/web:1.0"'],
  ["key kubernetes grace", "grace: 5s", "terminationGracePeriodSeconds: 5"],
  [
    "key readinessProbe",
    'ready: http(http, path: "/healthz", every: 2s)',
    'readinessProbe: http(http, path: "/healthz", every: 2s)',
  ],
  [
    "key livenessProbe",
    'ready: http(http, path: "/healthz", every: 2s)',
    'livenessProbe: http(http, path: "/healthz", every: 2s)',
  ],
  ["key imagePullPolicy", 'image: "shop/web:1.0"', 'image: "shop/web:1.0"\n      imagePullPolicy: "Always"'],
  [
    "key resources",
    "requests: { cpu: 100m, memory: 64Mi }",
    "resources: { requests: { cpu: 100m, memory: 64Mi } }",
  ],
  [
    "key volumeMounts",
    'mount cache at "/var/cache"',
    'volumeMounts: [{ name: "cache", mountPath: "/var/cache" }]',
  ],
  ["key volumes", "volume cache: emptyDir(16Mi)", 'volumes: [{ name: "cache", emptyDir: {} }]'],
  ["key containers", "volume cache: emptyDir(16Mi)", "volume cache: emptyDir(16Mi)\n    containers: []"],
  ["key restartPolicy", "grace: 5s", 'restartPolicy: "Always"'],
  ["key nodeSelector", "grace: 5s", 'nodeSelector: { disk: "ssd" }'],
  ["key nodeName", "grace: 5s", 'nodeName: "worker-1"'],
  ["key tolerations", "grace: 5s", "tolerations: []"],
  ["key initContainers", "grace: 5s", "initContainers: []"],
  ["key spec", "rc web {\n  replicas: copies", "rc web {\n  spec: { replicas: 3 }"],
  ["key template", "rc web {\n  replicas: copies", "rc web {\n  template { }\n  replicas: copies"],
  ["key metadata", "grace: 5s", "metadata: { labels: {} }"],
  ["key type service", "expose: node(30080)", 'type: "NodePort"'],
  ["expose string", "expose: node(30080)", 'expose: "NodePort"'],
  ["expose NodePort", "expose: node(30080)", "expose: NodePort"],
  ["expose nodeport typo", "expose: node(30080)", "expose: nodes(30080)"],
  ["expose number", "expose: node(30080)", "expose: 30080"],
  ["key targetPort", "port http: 80 -> http", "port http: 80 { targetPort: 8080 }"],
  ["key clusterIP", "select: web\n", 'select: web\n  clusterIP: "None"\n'],
  ["kind deployment", "rc web {", "deployment web {"],
  ["kind Deployment", "rc web {", "Deployment web {"],
  ["kind replicaset", "rc web {", "replicaset web {"],
  ["kind ReplicationController", "rc web {", "ReplicationController web {"],
  ["kind Service", "service web {", "Service web {"],
  ["kind svc", "service web {", "svc web {"],
  ["kind configmap", (b) => `${b}\nconfigmap x { a: "b" }\n`],
  ["kind servce", "service web {", "servce web {"],
  ["kind ingress", (b) => `${b}\ningress x { }\n`],
  ["kind job", (b) => `${b}\njob x { }\n`],
  ["kind job + pod", (b) => `${b}\njob x {\n  pod {\n    container c { image: "x:1" }\n  }\n}\n`],
  [
    "kind containr",
    'container server {\n      image: "shop/web:1.0"',
    'containr server {\n      image: "shop/web:1.0"',
  ],
  [
    "container noname",
    'container server {\n      image: "shop/web:1.0"',
    'container {\n      image: "shop/web:1.0"',
  ],
  ["rc noname", "rc web {", "rc {"],
  ["rc uppercase", "rc web {", "rc Web {", "select: web", "select: Web"],
  ["rc underscore", "rc web {", "rc my_web {", "select: web", "select: my_web"],
  [
    "dup rc",
    (b) =>
      b +
      '\nrc store {\n  pod {\n    identity: { app: "other", tier: "store" }\n    container c { image: "x:1" }\n  }\n}\n',
  ],
  [
    "dup container",
    "volume cache: emptyDir(16Mi)",
    'volume cache: emptyDir(16Mi)\n    container server { image: "x:1" }',
  ],
  ["dup field", "replicas: copies", "replicas: copies\n  replicas: 2"],
  ["dup env", 'LOG: "debug"', 'LOG: "debug"\n        LOG: "x"'],
  ["dup port", "port http: 8080", "port http: 8080\n      port http: 8081"],
  ["dup volume", "volume cache: emptyDir(16Mi)", "volume cache: emptyDir(16Mi)\n    volume cache: emptyDir"],
  ["dup label", "label app\n", "label app\nlabel app\n"],
  ["dup param", "param copies: Int(1..20) = 3", "param copies: Int(1..20) = 3\nparam copies: Int = 4"],
  [
    "dup nodeport",
    (b) => b.replace("port kv: 7000 -> kv\n}", "port kv: 7000 -> kv\n  expose: node(30080)\n}"),
  ],
  ["nodeport range", "node(30080)", "node(8080)"],
  ["nodeport range big", "node(30080)", "node(70000)"],
  ["unknown label", 'identity: { app: "shop", tier: "web" }', 'identity: { app: "shop", teir: "web" }'],
  ["label value", 'identity: { app: "shop", tier: "web" }', 'identity: { app: "shop", tier: "wbe" }'],
  ["label value unquoted", 'identity: { app: "shop", tier: "web" }', 'identity: { app: shop, tier: "web" }'],
  ["labels prefixed undeclared", "grace: 5s", 'labels: { "app.kubernetes.io/name": "x" }'],
  ["label number", 'identity: { app: "shop", tier: "web" }', 'identity: { app: 1, tier: "web" }'],
  ["label bad value", 'identity: { app: "shop", tier: "web" }', 'identity: { app: "my shop", tier: "web" }'],
  ["probe port name", "ready: http(http, path", "ready: http(htpt, path"],
  ["probe port number", "ready: http(http, path", "ready: http(9090, path"],
  ["probe arg", "every: 2s", "period: 2s"],
  ["probe arg =", "every: 2s", "every=2s"],
  ["probe unit", "every: 2s", "every: 2"],
  ["probe missing use one", "use std/probe { http, tcp }\n", "use std/probe { http }\n"],
  [
    "probe as record",
    'ready: http(http, path: "/healthz", every: 2s)',
    'ready: { httpGet: { path: "/healthz", port: http } }',
  ],
  [
    "probe as yaml record",
    'ready: http(http, path: "/healthz", every: 2s)',
    'ready { httpGet { path: "/healthz", port: 8080 } }',
  ],
  ["probe no port", 'ready: http(http, path: "/healthz", every: 2s)', 'ready: http(path: "/healthz")'],
  ["probe timeout", "every: 2s)", "every: 2s, timeout: 0s)"],
  [
    "probe exec string",
    "ready: tcp(kv)",
    'ready: exec("cat /tmp/ready")',
    "http, tcp }",
    "http, tcp, exec }",
  ],
  ["mount unknown", "mount cache at", "mount cahce at"],
  ["mount colon", 'mount cache at "/var/cache"', 'mount cache: "/var/cache"'],
  ["mount unquoted", 'mount cache at "/var/cache"', "mount cache at /var/cache"],
  ["mount relative", 'at "/var/cache"', 'at "var/cache"'],
  ["mount arrow", 'mount cache at "/var/cache"', 'mount cache -> "/var/cache"'],
  ["mount to", 'mount cache at "/var/cache"', 'mount cache to "/var/cache"'],
  ["mount ro", 'mount cache at "/var/cache"', 'mount cache at "/var/cache" ro'],
  ["volume no value", "volume cache: emptyDir(16Mi)", "volume cache"],
  ["volume block", "volume cache: emptyDir(16Mi)", "volume cache { emptyDir: {} }"],
  ["volume unknown kind", "volume cache: emptyDir(16Mi)", "volume cache: emptydir(16Mi)"],
  ["volume pvc", "volume cache: emptyDir(16Mi)", 'volume cache: persistentVolumeClaim("x")'],
  ["volume hostPath unq", "volume cache: emptyDir(16Mi)", "volume cache: hostPath(/tmp)"],
  ["volume emptyDir unit", "volume cache: emptyDir(16Mi)", "volume cache: emptyDir(16)"],
  ["port target", "80 -> http", "80 -> htpt"],
  ["port target number", "80 -> http", "80 -> 9090"],
  ["port colon target", "80 -> http", "80:http"],
  ["port fat arrow", "80 -> http", "80 => http"],
  ["port quoted", "port http: 8080", 'port http: "8080"'],
  ["port zero", "port http: 8080", "port http: 0"],
  ["port big", "port http: 8080", "port http: 80800"],
  ["port equals", "port http: 8080", "port http = 8080"],
  ["port space", "port http: 8080", "port http 8080"],
  ["missing close end", (b) => b.trimEnd().slice(0, -1)],
  ["missing close mid", "    }\n  }\n}\n\nrc store", "    }\n  }\n\nrc store"],
  ["missing close container", "      ready: tcp(kv)\n    }", "      ready: tcp(kv)"],
  ["missing open", "rc web {", "rc web"],
  [
    "missing open container",
    'container server {\n      image: "shop/web',
    'container server\n      image: "shop/web',
  ],
  ["extra close", "service store {", "}\nservice store {"],
  ["missing quote end", 'image: "shop/web:1.0"', 'image: "shop/web:1.0'],
  ["missing quote begin", 'image: "shop/web:1.0"', 'image: shop/web:1.0"'],
  ["missing paren", "every: 2s)", "every: 2s"],
  ["missing bracket", "worker[i in 1..2]", "worker[i in 1..2"],
  ["missing colon", "grace: 5s", "grace 5s"],
  ["missing colon image", 'image: "shop/web:1.0"', 'image "shop/web:1.0"'],
  ["missing comma rec", "cpu: 100m, memory: 64Mi", "cpu: 100m memory: 64Mi"],
  ["missing comma list", "ready: tcp(kv)", 'command: ["a" "b"]'],
  ["semicolon", "replicas: copies", "replicas: copies;"],
  [
    "tabs error",
    (b) => b.replace(/^( {2})+/gm, (s) => "\t".repeat(s.length / 2)).replace("grace: 5s", "grce: 5s"),
  ],
  ["crlf error", (b) => b.replace(/\n/g, "\r\n").replace("grace: 5s", "grce: 5s")],
  ["bom error", (b) => `\ufeff${b}`.replace("use std/probe", "use std/prob")],
  ["nbsp", "replicas: copies", "replicas:\u00a0copies"],
  ["zero width", "replicas: copies", "replicas:\u200bcopies"],
  ["unknown host", "STORE: store.host", "STORE: stoer.host"],
  ["unknown host member", "STORE: store.host", "STORE: store.hots"],
  ["unknown ports member", "STORE: store.host", "STORE: store.ports.vk"],
  ["ports without member", "STORE: store.host", "STORE: store.ports"],
  ["self cycle let", "label app\n", "let a = b\nlet b = a\nlabel app\n"],
  [
    "after cycle",
    (b) =>
      b
        .replace("grace: 5s", "after: rc.store")
        .replace(
          'identity: { app: "shop", tier: "store" }',
          'identity: { app: "shop", tier: "store" }\n    after: rc.web',
        ),
  ],
  ["after unknown", "grace: 5s", "after: database"],
  ["unreachable node sel", "grace: 5s", 'on: nodes where tier == "web"'],
  ["node unknown", "grace: 5s", "on: worker-9"],
  ["limit below request", "limits: { memory: 128Mi }", "limits: { memory: 32Mi }"],
  ["replicas negative", "replicas: copies", "replicas: -1"],
  ["replicas decimal", "replicas: copies", "replicas: 1.5"],
  ["replicas word", "replicas: copies", "replicas: three"],
  ["replicas over", "= 3", "= 30"],
  ["bool string", "port http: 8080", 'port http: 8080\n      tty: "true"'],
  ["bool yes", "port http: 8080", "port http: 8080\n      tty: yes"],
  ["bool True", "port http: 8080", "port http: 8080\n      tty: True"],
  ["null", "replicas: copies", "replicas: null"],
  ["command string", "port http: 8080", 'port http: 8080\n      command: "node server.js"'],
  [
    "command yaml list",
    "port http: 8080",
    "port http: 8080\n      command:\n      - node\n      - server.js",
  ],
  ["args number", "port http: 8080", 'port http: 8080\n      args: ["--port", 8080]'],
  ["image empty", 'image: "shop/web:1.0"', 'image: ""'],
  ["image bad", 'image: "shop/web:1.0"', 'image: "Shop/Web:1.0"'],
  ["image missing", '      image: "shop/web:1.0"\n', ""],
  ["no identity", '    identity: { app: "shop", tier: "web" }\n', ""],
  ["no container", (b) => `${b}\nrc empty {\n  pod {\n    identity: { app: "e", tier: "web" }\n  }\n}\n`],
  ["rc no pod", (b) => `${b}\nrc empty {\n  replicas: 1\n}\n`],
  ["rc container directly", (b) => `${b}\nrc empty {\n  container c { image: "x:1" }\n}\n`],
  ["service no port", "  port http: 80 -> http\n", ""],
  ["service in rc", "replicas: copies", "replicas: copies\n  service x { select: web }"],
  ["field at top", (b) => `${b}\nreplicas: 3\n`],
  ["secret literal", (b) => `${b}\nsecret login {\n  password: "hunter2"\n}\n`],
  [
    "secret in string",
    (b) =>
      `${b.replace('LOG: "debug"', 'LOG: "x{login.password}"')}\nsecret login {\n  password: env("X")\n}\n`,
  ],
  ["config key missing", (b) => `${b.replace('LOG: "debug"', "LOG: conf.b")}\nconfig conf {\n  a: "1"\n}\n`],
  ["node cpu big", "cpu: 2,", "cpu: 2 cores,"],
  ["family no in", "worker[i in 1..2]", "worker[1..2]"],
  ["family count", "worker[i in 1..2]", "worker[2]"],
  ["family equals", "worker[i in 1..2]", "worker[i = 1..2]"],
  ["range dots3", "1..2]", "1...2]"],
  ["use path quoted", "use std/probe", 'use "std/probe"'],
  ["use import", "use std/probe { http, tcp }", 'import { http, tcp } from "std/probe"'],
  ["use unknown", "{ http, tcp }", "{ http, tcp, grpc }"],
  ["use unknown module", "std/probe", "std/probes"],
  ["use missing file", "use std/probe", 'use "./other.kdsl"\nuse std/probe'],
  ["param type", "param copies: Int(1..20) = 3", "param copies: int = 3"],
  ["param type number", "param copies: Int(1..20) = 3", "param copies: Integer = 3"],
  ["param type str", "param copies: Int(1..20) = 3", 'param copies: string = "x"'],
  ["param colon value", "param copies: Int(1..20) = 3", "param copies: 3"],
  ["var", "param copies: Int(1..20) = 3", "var copies = 3"],
  ["const", "param copies: Int(1..20) = 3", "const copies = 3"],
  ["let colon", "param copies: Int(1..20) = 3", "let copies: 3"],
  ["param no value", "param copies: Int(1..20) = 3", "param copies: Int"],
  ["external", (b) => `${b}\nexternal service n {\n  select: web\n  port sql: 5432\n}\n`],
  [
    "template",
    (b) =>
      `${b}\ntemplate T(x: Int) {\n  rc self { pod { container c { image: "x:1" } } }\n}\nT a { x: 1 }\n`,
  ],
  ["scenario", (b) => `${b}\nscenario "x" {\n  kill worker\n}\n`],
  ["claim", (b) => `${b}\nclaim data { size: 1Gi }\n`],
  ["namespace field", (b) => `${b}\nnamespace: "prod"\n`],
  ["namespace in rc", "replicas: copies", 'namespace: "prod"\n  replicas: copies'],
  ["name in rc", "replicas: copies", 'name: "web"\n  replicas: copies'],
  ["name in container", 'image: "shop/web:1.0"', 'name: "web"\n      image: "shop/web:1.0"'],
  ["port containerPort", "port http: 8080", "containerPort: 8080"],
  ["ip bad", "select: web\n", "select: web\n  address: 10.0.0.300\n"],
  ["tag number", 'image: "shop/web:1.0"', 'image: "shop/web:1.0"\n      labels: { app: "x" }'],
  ["local unknown", "port http: 8080", 'port http: 8080\n      local { dir: "./web" }'],
  ["local as field", "port http: 8080", 'port http: 8080\n      local: { directory: "./web" }'],
  ["block comment", "rc web {", "/* the web */\nrc web {"],
  ["html comment", "rc web {", "<!-- the web -->\nrc web {"],
  ["sql comment", "rc web {", "-- the web\nrc web {"],
  ["exclamation", "replicas: copies", "replicas: if !(copies == 1) then 2 else 1"],
  ["not equal", "replicas: copies", "replicas: if copies <> 1 then 2 else 1"],
  ["plus assign", "replicas: copies", "replicas += copies"],
  ["string concat number", 'LOG: "debug"', 'LOG: "x" + copies'],
  ["string concat memory", 'LOG: "debug"', 'LOG: "{64Mi}"'],
  ["json in string", 'LOG: "debug"', 'LOG: "{\\"a\\": 1}"'],
  ["regex escape", 'LOG: "debug"', 'LOG: "\\d+"'],
  ["multi-line string", 'LOG: "debug"', 'LOG: "a\n  b"'],
  ["yaml pipe", 'LOG: "debug"', "LOG: |\n          a\n          b"],
  ["percent mod", "replicas: copies", "replicas: copies % 2"],
  ["func call typo", "replicas: copies", "replicas: maxx(copies, 2)"],
  ["else if missing", "replicas: copies", "replicas: if copies > 2 then 1"],
  ["compare text", "replicas: copies", 'replicas: if copies == "2" then 1 else 2'],
  [
    "local ref",
    'label app\nrc db { pod { identity: { app: "db" }, container c { image: "x:1", port sql: 1 } } }\nservice db { select: db, port sql: 1 -> sql }\nrc w { pod { identity: { app: "w" }, container c { image: "x:1", local { directory: ".", command: ["node", "s.js", db.host, "{db.ports.sql}"] } } } }\n',
  ],
  [
    "shell dollar",
    'label app\npod p {\n  identity: { app: "x" }\n  container c { image: "x:1", command: ["sh", "-c", "echo $\x7bHOME}"] }\n}\n',
  ],
  [
    "mixed yaml in kdsl",
    'label app\nrc web {\n  replicas: 2\n  pod {\n    identity: { app: "x" }\n    container c {\n      image: "x:1"\n      env:\n        A: "b"\n        C: "d"\n    }\n  }\n}\n',
  ],
  [
    "yaml pod indentation",
    'label app\nrc web {\n  pod:\n    identity:\n      app: "x"\n    container c:\n      image: "x:1"\n}\n',
  ],
  ["let missing eq", "let x 3\n"],
  ["for of", "label app\nnode w[i of 1..2] { }\n"],
  ["if colon", "param p: Bool = true\nif p:\n  node w { }\n"],
  ["else if", "param p: Bool = true\nif p { node w { } } elif not p { node v { } }\n"],
  ["string plus", 'let a = "x" + "y"\nassert a == "xy"\n'],
  ["single eq assert", 'param p: Int = 1\nassert p = 1 else "no"\n'],
  ["unit gb", "node w { capacity: { cpu: 2, memory: 2gb } }\n"],
  [
    "percent",
    'label app\nrc w { replicas: 50%\n pod { identity: { app: "w" }, container c { image: "x:1" } } }\n',
  ],
  ["div zero", "let a = 1 / 0\nassert a == 1\n"],
  ["use self", 'use "./main.kdsl" { x }\nlet x = 1\nassert x == 1\n'],
  [
    "number leading zero",
    'label app\npod p { identity: { app: "x" }\n container c { image: "x:1"\n volume: 3 } }\n',
  ],
  [
    "mode octal",
    'config c { a: "1" }\nlabel app\npod p { identity: { app: "x" }\n volume v: config(c, mode: 0644)\n container c { image: "x:1"\n mount v at "/x" } }\n',
  ],
  ["deep key typo", "node w { capacity: { cpus: 2 } }\n"],
  [
    "two images",
    'label app\npod p { identity: { app: "x" }\n container c { image: "x:1"\n image: "y:1" } }\n',
  ],
  ["secret env unq", "secret s { a: env(X) }\n"],
  ["secret file missing quotes", "secret s { a: file(./x) }\n"],
  [
    "env dotted name",
    'label app\npod p { identity: { app: "x" }\n container c { image: "x:1"\n env: { my.var: "x" } } }\n',
  ],
  [
    "same mount path",
    'label app\npod p { identity: { app: "x" }\n volume a: emptyDir\n volume b: emptyDir\n container c { image: "x:1"\n mount a at "/x"\n mount b at "/x" } }\n',
  ],
  [
    "restart camel",
    'label app\nrc w { pod { restart: "Always"\n identity: { app: "w" }\n container c { image: "x:1" } } }\n',
  ],
  [
    "image upper",
    'label app\nrc w { pod { identity: { app: "w" }\n container c { image: "Shop/Web:1" } } }\n',
  ],
  ["image spaces", 'label app\nrc w { pod { identity: { app: "w" }\n container c { image: "web: 1" } } }\n'],
  [
    "long port name",
    'label app\nrc w { pod { identity: { app: "w" }\n container c { image: "x:1"\n port averyveryverylongname: 80 } } }\n',
  ],
  ["comment unclosed", "/* never closed\nnode w { }\n"],
  ["unclosed triple", 'let a = """abc\nassert a == "x"\n'],
  ["only brace", "}\n"],
  ["compose", 'services:\n  web:\n    image: nginx\n    ports:\n      - "80:80"\n'],
];
