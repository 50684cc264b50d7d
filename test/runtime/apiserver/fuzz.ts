import fc from "fast-check";
import type { KindMap } from "../../../model/core.ts";
import type { Kind } from "../../../model/meta.ts";
import type { ApiRequest } from "../../../runtime/apiserver/http.ts";
import { resources } from "../../../runtime/apiserver/resources.ts";
import { node, pod, rc, service } from "./world.ts";

/** Requests of every sort to every endpoint: whole ones, and such as differ from whole ones in some place. */

export interface Shot {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const v1 = <K extends Kind>(kind: K, name: string, more: object): KindMap[K] =>
  ({ apiVersion: "v1", kind, metadata: { name, namespace: "default" }, ...more }) as unknown as KindMap[K];

/** One whole object of each kind; all of them are in the world that is shot at. */
export const whole: Readonly<Record<string, object>> = {
  Namespace: { apiVersion: "v1", kind: "Namespace", metadata: { name: "other", labels: { a: "b" } } },
  Node: node("node-a", {
    spec: { taints: [{ key: "a", value: "b", effect: "NoSchedule" }], unschedulable: false },
    status: { capacity: { cpu: "4", memory: "1Gi", pods: "10" } },
  } as never),
  Pod: pod("web", {
    nodeName: "node-a",
    containers: [
      {
        name: "server",
        image: "shop/web:1",
        command: ["run"],
        env: [
          { name: "A", value: "b" },
          { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        ],
        ports: [{ name: "http", containerPort: 8080 }],
        resources: { requests: { cpu: "100m", memory: "16Mi" }, limits: { cpu: "1" } },
        readinessProbe: { httpGet: { path: "/", port: "http" } },
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      },
    ],
    volumes: [{ name: "data", emptyDir: {} }],
    tolerations: [{ key: "a", operator: "Exists" }],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: "zone", labelSelector: { matchLabels: { app: "web" } } },
        ],
      },
    },
  } as never),
  ReplicationController: rc("web", 2),
  Service: service("web", { type: "NodePort" } as never),
  ConfigMap: v1("ConfigMap", "web", { data: { key: "value" }, binaryData: { raw: "AAEC" } }),
  Secret: v1("Secret", "web", { type: "Opaque", data: { key: "dmFsdWU=" } }),
  Endpoints: v1("Endpoints", "plain", {
    subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ name: "http", port: 80 }] }],
  }),
  Event: v1("Event", "web.1", {
    involvedObject: { kind: "Pod", namespace: "default", name: "web", uid: "u" },
    reason: "Created",
    message: "made",
    type: "Normal",
    count: 1,
    firstTimestamp: "2026-01-01T00:00:00Z",
    lastTimestamp: "2026-01-01T00:00:00Z",
    source: { component: "test" },
  }),
  Lease: {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "web", namespace: "default" },
    spec: { holderIdentity: "me", leaseDurationSeconds: 40, renewTime: "2026-01-01T00:00:00.000000Z" },
  },
};

const bodies: readonly object[] = [
  ...Object.values(whole),
  {
    kind: "DeleteOptions",
    apiVersion: "v1",
    gracePeriodSeconds: 1,
    propagationPolicy: "Background",
    preconditions: { uid: "u" },
  },
  {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name: "web", namespace: "default" },
    spec: { replicas: 3 },
  },
  {
    kind: "Eviction",
    apiVersion: "policy/v1",
    metadata: { name: "web", namespace: "default" },
    deleteOptions: { gracePeriodSeconds: 0 },
  },
  { kind: "Binding", apiVersion: "v1", metadata: { name: "web" }, target: { kind: "Node", name: "node-a" } },
  {
    kind: "SelfSubjectAccessReview",
    apiVersion: "authorization.k8s.io/v1",
    spec: { resourceAttributes: { verb: "get", resource: "pods" } },
  },
  { kind: "SelfSubjectReview", apiVersion: "authentication.k8s.io/v1" },
  { spec: { replicas: 5, template: { spec: { containers: [{ name: "server", image: "other" }] } } } },
  {
    metadata: {
      labels: { app: null, b: "c" },
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      finalizers: ["a.b/c"],
    },
  },
  {
    spec: {
      containers: [{ $patch: "delete", name: "server" }],
      $setElementOrder: null,
      "$setElementOrder/containers": [{ name: "server" }],
    },
  },
  {
    metadata: { $patch: "replace", name: "web" },
    $retainKeys: ["a"],
    spec: { "$deleteFromPrimitiveList/x": ["y"] },
  },
  [
    { op: "replace", path: "/spec/replicas", value: 7 },
    { op: "test", path: "/metadata/name", value: "web" },
  ],
  [
    { op: "add", path: "/metadata/labels/x", value: "y" },
    { op: "remove", path: "/spec" },
    { op: "move", from: "/spec", path: "/status" },
  ],
  [
    { op: "copy", from: "/metadata", path: "/metadata/labels" },
    { op: "add", path: "/spec/containers/-", value: {} },
  ],
];

const oddities: readonly unknown[] = [
  null,
  0,
  -1,
  7.5,
  1e300,
  2 ** 31,
  2 ** 53,
  "",
  "x",
  "-x-",
  "9".repeat(400),
  "é\u0000\ud83d\ude00",
  true,
  [],
  {},
  [null],
  [[]],
  [{}],
  { a: null },
  { name: "web" },
  { toString: "" },
  { constructor: { prototype: 1 } },
  "2026-01-01T00:00:00Z",
  "1Gi",
  "1e99999",
  "127.0.0.1",
  "None",
  "../../etc/passwd",
  "web",
  ["server"],
  { $patch: "replace" },
  { $patch: "merge" },
  { $patch: 7 },
];

const odd = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...oddities) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);

/** Keys that a body may have in the wrong place; the first of them JavaScript knows for itself. */
const keys = fc.constantFrom(
  "__proto__",
  "constructor",
  "metadata",
  "status",
  "spec",
  "kind",
  "name",
  "$patch",
  "resourceVersion",
  "uid",
  "finalizers",
  "deletionTimestamp",
  "managedFields",
  "generateName",
  "ownerReferences",
  "nodeName",
  "clusterIP",
  "a.b/c",
  "",
);

/** A value in which some place is another. */
function mutated(
  value: unknown,
  [where, what, key, how]: readonly [number, unknown, string, number],
): unknown {
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const copy = structuredClone(value);
  const walk = (each: unknown) => {
    if (typeof each !== "object" || each === null) return;
    for (const name of Object.keys(each)) {
      places.push({ holder: each as Record<string, unknown>, key: name });
      walk((each as Record<string, unknown>)[name]);
    }
  };
  walk(copy);
  const place = places[where % Math.max(1, places.length)];
  if (!place) return what;
  if (how === 0) delete place.holder[place.key];
  else if (how === 1)
    Object.defineProperty(place.holder, key, {
      value: what,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else place.holder[place.key] = what;
  return copy;
}

const change = fc.tuple(fc.nat(), odd, keys, fc.nat(3));
const object = fc
  .tuple(fc.constantFrom(...bodies), fc.array(change, { maxLength: 3 }))
  .map(([start, changes]) => changes.reduce<unknown>(mutated, start));

const bytes = (text: string) => new TextEncoder().encode(text);

const content: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 8, arbitrary: object.map((value) => bytes(JSON.stringify(value) ?? "")) },
  {
    weight: 1,
    arbitrary: fc.tuple(object, fc.nat()).map(([value, cut]) => {
      const text = JSON.stringify(value) ?? "";
      return bytes(text.slice(0, cut % (text.length + 1)));
    }),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 40 }).map((tail) => new Uint8Array([0x6b, 0x38, 0x73, 0, ...tail])),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        "",
        " ",
        "null",
        "7",
        '"x"',
        "[]",
        "{}",
        "[".repeat(2000),
        "kind: Pod\nmetadata: {name: web}",
        "a: &a [*a]",
        '{"kind":"Pod","kind":"Node"}',
        "NaN",
        "\ufeff{}",
      )
      .map(bytes),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
);

const methods = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE") },
  { weight: 1, arbitrary: fc.constantFrom("HEAD", "OPTIONS", "TRACE", "BREW", "get", "") },
);

const contentTypes = fc.constantFrom(
  "application/json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/json-patch+json",
  "application/apply-patch+yaml",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "application/json; charset=utf-8",
  "text/plain",
  "",
  ";",
  "application/x-www-form-urlencoded",
);

const accepts = fc.constantFrom(
  "application/json",
  "*/*",
  "",
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
  "application/json;as=Table;v=v1;g=meta.k8s.io",
  "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
  "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
  "application/vnd.kubernetes.protobuf,application/json",
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  "application/vnd.kubernetes.protobuf",
  "application/json;as=Nothing;g=x",
  ";;,,=",
  "text/html",
);

const parameters: Readonly<Record<string, readonly string[]>> = {
  labelSelector: ["app=web", "app in (a,b),!c", "a b c", "=", "a in (", "app>1", "-a=b", ""],
  fieldSelector: [
    "metadata.name=web",
    "status.phase!=Running",
    "spec.nodeName=node-a",
    "involvedObject.name=web",
    "nothing",
    "a=b=c",
    "metadata.name=\\x",
    "",
  ],
  limit: ["1", "500", "0", "-1", "x", "9".repeat(30)],
  continue: [
    "x",
    "eyJ9",
    "JTdCJTIydiUyMiUzQSUyMmtkc2wlMkZ2MSUyMiUyQyUyMnJ2JTIyJTNBMCUyQyUyMnN0YXJ0JTIyJTNBJTVCJTIyJTIyJTJDJTIyYSUyMiU1RCU3RA",
  ],
  resourceVersion: ["0", "1", "5", "99999999", "x", "-1", "9".repeat(19)],
  resourceVersionMatch: ["Exact", "NotOlderThan", "x"],
  watch: ["true", "1", "false", ""],
  allowWatchBookmarks: ["true", "x"],
  sendInitialEvents: ["true", "false"],
  timeoutSeconds: ["1", "0", "-5", "x", "9".repeat(18)],
  dryRun: ["All", "None", ""],
  fieldManager: ["me", "x".repeat(200), ""],
  fieldValidation: ["Strict", "Warn", "Ignore", "Loose"],
  force: ["true", "false", "x"],
  gracePeriodSeconds: ["0", "5", "-1", "x", "9".repeat(20)],
  propagationPolicy: ["Orphan", "Background", "Foreground", "x"],
  orphanDependents: ["true", "false"],
  pretty: ["true"],
  includeObject: ["Object", "None", "Metadata", "x"],
  container: ["server", "none", ""],
  follow: ["true"],
  previous: ["true"],
  tailLines: ["1", "-1", "x"],
  sinceSeconds: ["1", "0", "x"],
  sinceTime: ["2026-01-01T00:00:00Z", "x"],
  timestamps: ["true"],
  limitBytes: ["10", "0", "-1"],
  command: ["ls"],
  hash: ["x"],
};

const query = fc.array(
  fc
    .constantFrom(...Object.keys(parameters))
    .chain((name) =>
      fc.constantFrom(...parameters[name]!).map((value) => `${name}=${encodeURIComponent(value)}`),
    ),
  { maxLength: 4 },
);

const names = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("web", "node-a", "other", "default", "web.1", "plain") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "none",
      "%2e%2e",
      "..",
      ".",
      "%00",
      "%2F",
      "a%2Fb",
      "%zz",
      "%",
      "UPPER",
      "é",
      "x".repeat(300),
      "__proto__",
      "constructor",
      "toString",
      " ",
      "a b",
      "%F0%9F%98%80",
      "",
    ),
  },
);
const namespaces = fc.oneof(
  { weight: 6, arbitrary: fc.constant("default") },
  { weight: 1, arbitrary: fc.constantFrom("other", "none", "..", "%2e", "", "__proto__", "kube-system") },
);

const subresourceNames = [
  ...new Set(resources.flatMap(({ subresources }) => subresources.map(({ name }) => name))),
];

const path: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...resources), fc.boolean(), namespaces, fc.option(names, { freq: 4 }), fc.nat(9))
  .chain(([resource, inNamespace, namespace, name, how]) => {
    const { group, version, info } = resource;
    const prefix = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
    const place = info.namespaced && (inNamespace || name !== null) ? `/namespaces/${namespace}` : "";
    const at = `${prefix}${place}/${info.plural}${name === null ? "" : `/${name}`}`;
    const own = resource.subresources.map((each) => each.name);
    if (name === null || how > 4) return fc.constant(at);
    return fc
      .constantFrom(...(own.length > 0 && how < 4 ? own : subresourceNames), "nothing", "proxy")
      .map((below) => `${at}/${below}`);
  });

/** What lies beside the resources: discovery, schemas, health, reviews, and what is nowhere. */
const beside = fc.constantFrom(
  "/",
  "//",
  "/api",
  "/apis",
  "/api/v1",
  "/api/v2",
  "/apis/apps/v1/deployments",
  "/apis/coordination.k8s.io",
  "/apis/discovery.k8s.io/v1",
  "/version",
  "/healthz",
  "/livez",
  "/readyz",
  "/readyz/ping",
  "/metrics",
  "/openapi/v2",
  "/openapi/v3",
  "/openapi/v3/api/v1",
  "/openapi/v3/apis/x",
  "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
  "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
  "/apis/authentication.k8s.io/v1/selfsubjectreviews",
  "/apis/metrics.k8s.io/v1beta1/nodes",
  "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/web",
  "/api/v1/componentstatuses",
  "/api/v1/watch/pods",
  "/api/../api/v1/pods",
  "/api/v1/../../etc/passwd",
  "/%61pi/v1/pods",
  "/api/v1/pods/%",
  "/favicon.ico",
  "/api/v1/namespaces/default",
  "/api/v1/namespaces/default/finalize",
  "*",
);

const wild: fc.Arbitrary<Shot> = fc
  .record({
    method: methods,
    path: fc.oneof(
      { weight: 12, arbitrary: path },
      { weight: 1, arbitrary: beside },
      { weight: 1, arbitrary: fc.webPath() },
    ),
    query,
    type: contentTypes,
    accept: accepts,
    body: content,
  })
  .map(({ method, path: at, query: parts, type, accept, body }) => ({
    method,
    target: parts.length === 0 ? at : `${at}?${parts.join("&")}`,
    headers: { ...(type && { "content-type": type }), ...(accept && { accept }) },
    body: method === "GET" || method === "HEAD" ? new Uint8Array() : body,
  }));

const statuses: Readonly<Record<string, object>> = {
  Pod: {
    phase: "Running",
    podIP: "10.0.0.9",
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [
      {
        name: "server",
        ready: true,
        restartCount: 1,
        image: "x",
        imageID: "",
        state: { running: { startedAt: "2026-01-01T00:00:00Z" } },
        lastState: { terminated: { exitCode: 1, reason: "Error" } },
      },
    ],
  },
  Node: {
    conditions: [{ type: "Ready", status: "True" }],
    addresses: [{ type: "InternalIP", address: "10.0.0.2" }],
    capacity: { cpu: "2" },
  },
  ReplicationController: { replicas: 2, readyReplicas: 1 },
  Service: { loadBalancer: { ingress: [{ ip: "10.0.0.3" }] } },
  Namespace: { phase: "Active" },
};

const [deleteOptions, scale, eviction, binding] = bodies.slice(Object.keys(whole).length);
const patches = {
  "application/merge-patch+json": bodies.filter((each) => !Array.isArray(each)).slice(-4),
  "application/strategic-merge-patch+json": bodies.filter((each) => !Array.isArray(each)).slice(-4),
  "application/json-patch+json": bodies.filter((each) => Array.isArray(each)),
} as const;

/** A request that fits its endpoint, but for at most one place of its body. */
const fitting: fc.Arbitrary<Shot> = fc
  .tuple(
    fc.constantFrom(...resources.filter(({ kind }) => Object.hasOwn(whole, kind))),
    fc.nat(),
    fc.option(change, { freq: 2 }),
    fc.constantFrom("", "new", "newer"),
    fc.constantFrom("", "?dryRun=All", "?fieldManager=me", "?fieldManager=me&force=true"),
  )
  .map(([resource, choice, change_, fresh, asked]) => {
    const { group, version, info, kind } = resource;
    const own = whole[kind] as { metadata: { name: string } };
    const place = `${group === "" ? "/api" : `/apis/${group}`}/${version}${info.namespaced ? "/namespaces/default" : ""}/${info.plural}`;
    const named = { ...own, metadata: { ...own.metadata, name: fresh || own.metadata.name } };
    const at = `${place}/${named.metadata.name}`;
    const patchType = Object.keys(patches)[choice % 3] as keyof typeof patches;
    const all: readonly (readonly [string, string, unknown, string?])[] = [
      [
        "POST",
        place,
        fresh ? named : { ...own, metadata: { ...own.metadata, name: undefined, generateName: "made-" } },
      ],
      ["PUT", at, named],
      ["PATCH", at, patches[patchType][choice % patches[patchType].length], patchType],
      [
        "PATCH",
        `${at}${asked.startsWith("?f") ? "" : "?fieldManager=it"}`,
        named,
        "application/apply-patch+yaml",
      ],
      ["DELETE", at, choice % 4 === 0 ? deleteOptions : undefined],
      ...(statuses[kind]
        ? ([
            ["PUT", `${at}/status`, { ...named, status: statuses[kind] }],
            ["PATCH", `${at}/status`, { status: statuses[kind] }, "application/merge-patch+json"],
          ] as const)
        : []),
      ...(kind === "Pod"
        ? ([
            ["POST", `${at}/binding`, { ...binding, metadata: { name: named.metadata.name } }],
            ["POST", `${at}/eviction`, { ...eviction, metadata: { name: named.metadata.name } }],
          ] as const)
        : []),
      ...(kind === "ReplicationController"
        ? ([
            ["PUT", `${at}/scale`, scale],
            ["PATCH", `${at}/scale`, { spec: { replicas: 4 } }, "application/merge-patch+json"],
          ] as const)
        : []),
    ];
    const [method, path_, value, type = "application/json"] = all[choice % all.length]!;
    const sent = change_ && value !== undefined ? mutated(value, change_) : value;
    return {
      method,
      target: `${path_}${path_.includes("?") ? asked.replace("?", "&") : asked}`,
      headers: { "content-type": type, accept: "application/json" },
      body: bytes(sent === undefined ? "" : (JSON.stringify(sent) ?? "")),
    };
  });

export const shot: fc.Arbitrary<Shot> = fc.oneof(wild, fitting);

/** As a transport hands it on. */
export function requestOf({ method, target, headers, body }: Shot): ApiRequest {
  const question = target.indexOf("?");
  return {
    method,
    path: question < 0 ? target : target.slice(0, question),
    query: new URLSearchParams(question < 0 ? "" : target.slice(question + 1)),
    headers,
    body,
    user: { name: "fuzz", groups: ["system:masters", "system:authenticated"] },
  };
}

/** For reading a seed's counterexample. */
export function show({ method, target, headers, body }: Shot): string {
  return `${method} ${target} ${JSON.stringify(headers)} ${new TextDecoder().decode(body).slice(0, 3000)}`;
}
