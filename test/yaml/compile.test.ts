import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileManifests } from "../../compiler/compile-manifests.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { emitYaml } from "../../compiler/emit/yaml.ts";
import { canonicalPlan } from "../../compiler/plan/canonical.ts";
import { keyOf } from "../../model/meta.ts";
import { runs } from "../runs.ts";

const compile = (...texts: string[]) =>
  compileManifests({ files: texts.map((text, index) => ({ path: `${index}.yaml`, text })), name: "x" });

const keys = (...texts: string[]) => compile(...texts).plan?.objects.map(keyOf);

const shop = `apiVersion: v1
kind: Secret
metadata: { name: login, namespace: shop }
stringData: { password: hunter2 }
data: { token: aHVudGVyMw== }
---
apiVersion: v1
kind: ReplicationController
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: nginx:1.27
          ports: [{ name: http, containerPort: 80 }]
          env:
            - name: PASSWORD
              valueFrom: { secretKeyRef: { name: login, key: password } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  selector: { app: web }
  ports: [{ port: 80, targetPort: http }]
`;

test("gives a plan with defaults, the namespaces that are used, and places in the YAML", () => {
  const { plan, diagnostics } = compile(shop);
  expect(diagnostics).toEqual([]);
  expect(plan!.objects.map(keyOf)).toEqual([
    "Namespace/shop",
    "Secret/shop/login",
    "Service/shop/web",
    "ReplicationController/shop/web",
  ]);
  expect(plan!.objects[3]).toMatchObject({ spec: { selector: { app: "web" } } });
  expect(plan!.provenance["Service/shop/web"]!["spec.ports[0].targetPort"]).toEqual({
    file: "0.yaml",
    line: 28,
    column: 35,
  });
});

test("keeps values of secrets beside the plan", () => {
  const { plan, secretValues } = compile(shop);
  expect(secretValues.get("Secret/shop/login")).toEqual({ password: "aHVudGVyMg==", token: "aHVudGVyMw==" });
  for (const text of [canonicalPlan(plan!), emitYaml(plan!)]) expect(text).not.toMatch(/hunter|aHVudGVy/);
  expect(plan!.secrets["Secret/shop/login"]).toEqual({
    password: { manifest: "0.yaml" },
    token: { manifest: "0.yaml" },
  });
});

describe("what kubectl get -o yaml prints", () => {
  const owner = (kind: string, name: string) =>
    `ownerReferences: [{ apiVersion: v1, kind: ${kind}, name: ${name}, uid: u, controller: true }]`;
  const dump = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ReplicationController
  metadata: { name: web, namespace: default, uid: a, resourceVersion: "5", managedFields: [{ manager: x }] }
  spec:
    replicas: 1
    selector: { app: web }
    template:
      metadata: { labels: { app: web } }
      spec: { containers: [{ name: web, image: "nginx:1.27" }] }
  status: { replicas: 1 }
- apiVersion: v1
  kind: Pod
  metadata: { name: web-x7k2, namespace: default, uid: b, labels: { app: web }, ${owner("ReplicationController", "web")} }
  spec: { nodeName: node-1, containers: [{ name: web, image: "nginx:1.27" }] }
- apiVersion: v1
  kind: Service
  metadata: { name: kubernetes, namespace: default, uid: c }
  spec: { clusterIP: 10.0.0.1, ports: [{ port: 443 }] }
- apiVersion: v1
  kind: Service
  metadata: { name: web, namespace: default, uid: d }
  spec: { clusterIP: 10.0.0.7, clusterIPs: [10.0.0.7], selector: { app: web }, ports: [{ port: 80 }] }
- apiVersion: v1
  kind: Endpoints
  metadata: { name: web, namespace: default, uid: e }
- apiVersion: v1
  kind: Event
  metadata: { name: web.1, namespace: default, uid: f }
  involvedObject: {}
`;

  test("is what people wrote, without what the cluster made of it", () => {
    const { plan, diagnostics } = compile(dump);
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(plan!.objects.map(keyOf)).toEqual(["Service/default/web", "ReplicationController/default/web"]);
    const [service, rc] = plan!.objects;
    expect(service).not.toHaveProperty("spec.clusterIP");
    expect(Object.keys(rc!.metadata).sort()).toEqual(["labels", "name", "namespace"]);
    expect(rc).not.toHaveProperty("status");
  });

  const pod = `apiVersion: v1
kind: Pod
metadata: { name: debug, namespace: default, uid: g }
spec:
  containers: [{ name: main, image: "busybox:1" }]
  serviceAccount: default
  serviceAccountName: default
  tolerations:
  - { key: gpu, operator: Exists }
  - { key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300 }
  - { key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 300 }
`;

  test("a pod is without the account and the tolerations that every pod is given", () => {
    const [debug] = compile(pod).plan!.objects;
    expect(debug).toHaveProperty("spec.tolerations", [{ key: "gpu", operator: "Exists" }]);
    const [other] = compile(pod.replaceAll(": default\n", ": robot\n")).plan!.objects;
    expect(other).toHaveProperty("spec.serviceAccountName", "robot");
    expect(debug).not.toHaveProperty("spec.serviceAccountName", "robot");
  });

  test("endpoints that somebody wrote down stay, those that a controller made do not", () => {
    const slice = (name: string, labels: string) => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}, namespace: default, uid: ${name}, labels: { kubernetes.io/service-name: db${labels} } }
addressType: IPv4
ports: [{ port: 5432 }]
endpoints: [{ addresses: [192.0.2.7] }]
`;
    const service = `apiVersion: v1
kind: Service
metadata: { name: db, namespace: default, uid: h }
spec: { ports: [{ port: 5432 }] }
`;
    const made = ", endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io";
    const endpoints = `apiVersion: v1
kind: Endpoints
metadata: { name: db, namespace: default, uid: i }
subsets: [{ addresses: [{ ip: 192.0.2.7 }], ports: [{ port: 5432 }] }]
`;
    const all = [service, endpoints, slice("own", ""), slice("made", made)].join("---\n");
    expect(
      compile(all)
        .plan!.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
        .sort(),
    ).toEqual(["EndpointSlice own", "Endpoints db", "Service db"]);
  });
});

test("does not depend on the order of the files", () => {
  const parts = shop.split("---\n");
  expect(new Set(keys(...parts))).toEqual(new Set(keys(...[...parts].reverse())));
});

test("a mistake with a plain meaning does not hide the others, and is not told again by what follows", () => {
  const wrong = shop.replace("replicas: 2", 'replica: "2"').replace("targetPort: http", "targetPort: htp");
  expect(compile(wrong).diagnostics.map(({ code }) => code)).toEqual(["KD5023", "KD5026", "KD3102"]);
});

describe("whatever is changed in a manifest", () => {
  test("there is a plan or something is said, at a place in the file", () => {
    const words = fc.constantFrom(
      "{}",
      "[]",
      "5",
      "yes",
      '"80"',
      "null",
      "~",
      "[a]",
      "{a: b}",
      "''",
      "x: y",
      "- a",
    );
    const lines = shop.split("\n");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(lines.length - 1), words), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const changed = [...lines];
          for (const [at, word] of changes) changed[at] = changed[at]!.replace(/(:|-) .*$/, `$1 ${word}`);
          const text = changed.join("\n");
          const { plan, diagnostics } = compile(text);
          const failed = diagnostics.some(({ severity }) => severity === "error");
          expect(plan === undefined).toBe(failed);
          for (const { primary } of diagnostics) expect(primary.span.end).toBeLessThanOrEqual(text.length);
          expect(renderDiagnostics(diagnostics, { color: false })).not.toMatch(/hunter2|aHVudGVy/);
        },
      ),
      runs(300),
    );
  });
});

const corpus = join(import.meta.dirname, "../../../shared/corpus/manifests");

describe.skipIf(!existsSync(corpus))("the corpus of manifests (skipped where it is absent)", () => {
  const names = existsSync(corpus) ? readdirSync(corpus) : [];
  test.each(names)("%s", (name) => {
    const text = readFileSync(join(corpus, name), "utf8");
    const { plan, diagnostics } = compileManifests({ files: [{ path: name, text }], name });
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    expect(plan === undefined).toBe(errors.length > 0);
    const places = errors.map(({ primary: { span } }) => `${span.start}-${span.end}`);
    expect(new Set(places).size).toBe(places.length);
  });
});
