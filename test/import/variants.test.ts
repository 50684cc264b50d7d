import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { importVariants } from "../../compiler/import/variants/variants.ts";
import { secretsFile } from "../../compiler/import/write/secrets.ts";
import { byKey, compileText, withoutImplied } from "./support.ts";

/** Variants of one cluster become one program; compiling it for a variant gives back the objects of that one. */

const folder = join(import.meta.dirname, "../fixtures/import/variants");
const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
const names = ["dev", "prod"];
const given = (order: readonly string[]) =>
  order.map((name) => ({
    name,
    sources: [{ path: `${name}.yaml`, text: read(join(folder, `${name}.yaml`)) }],
  }));

test("what differs becomes parameters and conditions", () => {
  const { program, secrets, diagnostics } = importVariants(given(names));
  expect(renderDiagnostics(diagnostics, { color: false })).toBe("");
  const path = join(folder, "main.kdsl");
  if (process.env.UPDATE) writeFileSync(path, program!.text);
  expect(program!.text).toBe(read(path));
  expect(secretsFile(secrets.get("dev")!)).toContain("SHOP_LOGIN_PASSWORD=dev\n");
  expect(secretsFile(secrets.get("prod")!)).toContain("SHOP_LOGIN_PASSWORD=geheim\n");
});

describe("compiling gives back each variant", () => {
  // The first variant is what the program says without a profile.
  for (const name of names)
    test(`${name} first`, () => {
      const order = [name, ...names.filter((other) => other !== name)];
      const { program, objects } = importVariants(given(order));
      const text = program!.text.replace(/^profile [\s\S]*?^\}\n/gm, "");
      const { plan, diagnostics } = compileText(text);
      expect(
        renderDiagnostics(
          diagnostics.filter(({ severity }) => severity === "error"),
          { color: false },
        ),
      ).toBe("");
      const own = objects.get(name)!;
      expect(byKey(withoutImplied(plan!, own), plan!.secrets)).toEqual(byKey(own));
    });

  // Every variant is a profile as well.
  for (const name of names)
    test(`${name} by its profile`, () => {
      const { program, objects } = importVariants(given(names));
      const { plan, diagnostics } = compileText(program!.text, {}, { profile: name });
      expect(
        renderDiagnostics(
          diagnostics.filter(({ severity }) => severity === "error"),
          { color: false },
        ),
      ).toBe("");
      const own = objects.get(name)!;
      expect(byKey(withoutImplied(plan!, own), plan!.secrets)).toEqual(byKey(own));
    });
});

test("objects that each variant calls otherwise, as generators with hashes do, are referred to", () => {
  const given = ["dev", "prod", "test"].map((name) => {
    const config = `settings-${name === "test" ? "dev" : name}`;
    const text = `apiVersion: v1
kind: ConfigMap
metadata: { name: ${config} }
data: { level: info }
---
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers:
    - name: web
      image: acme/web:1
      envFrom: [{ configMapRef: { name: ${config} } }]
      env: [{ name: LEVEL, valueFrom: { configMapKeyRef: { name: ${config}, key: level } } }${name === "dev" ? `, { name: MORE, valueFrom: { configMapKeyRef: { name: ${config}, key: level } } }` : ""}]
      volumeMounts: [{ name: conf, mountPath: /etc/web }]
  volumes: [{ name: conf, configMap: { name: ${config} } }]
`;
    return { name, sources: [{ path: `${name}.yaml`, text }] };
  });
  const { program, objects } = importVariants(given);
  for (const { name } of given) {
    const { plan, diagnostics } = compileText(program!.text, {}, { profile: name });
    expect(
      renderDiagnostics(
        diagnostics.filter(({ severity }) => severity === "error"),
        { color: false },
      ),
    ).toBe("");
    const own = objects.get(name)!;
    expect(byKey(withoutImplied(plan!, own), plan!.secrets)).toEqual(byKey(own));
  }
});

/** A shop whose namespace is `space`, as people render it for a stage. */
const shop = (space: string, replicas: number, more = "") => `apiVersion: v1
kind: Namespace
metadata: { name: ${space} }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: nginx, namespace: ${space} }
data:
  nginx.conf: |
    server {
      location / { proxy_pass http://web.${space}.svc.cluster.local; }
    }
  app: shop
---
apiVersion: v1
kind: Secret
metadata: { name: login, namespace: ${space} }
stringData: { password: p-${replicas}, "tls.key": "a\\nb\\n" }
---
apiVersion: v1
kind: ReplicationController
metadata: { name: shop, namespace: ${space} }
spec:
  replicas: ${replicas}
  selector: { app: shop }
  template:
    metadata: { labels: { app: shop } }
    spec:
      containers:
        - name: server
          image: acme/shop:1
          args: ["--namespace=${space}", "shop"]
          env:
            - { name: API, value: "http://web.${space}:80" }
            - { name: OTHER, value: "cache.common:6379" }
            - { name: PASSWORD, valueFrom: { secretKeyRef: { name: login, key: password } } }
          ports: [{ name: http, containerPort: 8080 }]
          volumeMounts: [{ name: conf, mountPath: /etc/nginx }]
      volumes: [{ name: conf, configMap: { name: nginx } }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: ${space} }
spec:
  selector: { app: shop }
  ports: [{ name: http, port: 80, targetPort: http }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
subjects: [{ kind: ServiceAccount, name: default, namespace: ${space} }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: ${space} }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      containers:
        - { name: api, image: acme/api:1, env: [{ name: NS, value: ${space}.example.com }] }
---
apiVersion: v1
kind: Pod
metadata: { name: probe, namespace: common }
spec:
  containers: [{ name: main, image: acme/probe:1, env: [{ name: TARGET, value: "web.${space}:80" }] }]
${more}`;

describe("a namespace with a name of its own in each variant is one namespace", () => {
  test.each([
    ["with the variant in it", "shop-dev", "shop-prod", 'namespace "shop-{variant}" as shopNamespace {'],
    ["without", "shop-test", "shop", 'namespace "{shopNamespaceName}" as shopNamespace {'],
    ["with nothing in common", "playground", "live", 'namespace "{ownName}" as own {'],
    ["with the variant before", "dev-acme", "prod-acme", 'namespace "{variant}-acme" as acme {'],
  ])("%s", (_, dev, prod, head) => {
    const sources = [
      { name: "dev", sources: [{ path: "dev.yaml", text: shop(dev, 1) }] },
      { name: "prod", sources: [{ path: "prod.yaml", text: shop(prod, 3) }] },
    ];
    const { program, objects, secrets, diagnostics } = importVariants(sources);
    expect(renderDiagnostics(diagnostics.filter(({ severity }) => severity === "error"))).toBe("");
    const { text } = program!;
    expect(text).toContain(head);
    expect(text.match(/^ *rc /gm)).toHaveLength(1);
    expect(text.match(/^ *if /gm)).toBeNull();
    for (const { name } of sources) {
      const { plan, diagnostics: told } = compileText(text, {}, { profile: name });
      expect(
        renderDiagnostics(
          told.filter(({ severity }) => severity === "error"),
          { color: false },
        ),
      ).toBe("");
      const own = objects.get(name)!;
      expect(byKey(withoutImplied(plan!, own), plan!.secrets)).toEqual(byKey(own));
      for (const path of secrets.get(name)!.files.keys()) expect(text).toContain(path);
      for (const variable of secrets.get(name)!.variables.keys())
        expect(text).toContain(`env("${variable}")`);
    }
  });

  test("values of secrets stay as each variant has them", () => {
    const secretOf = (space: string) => `apiVersion: v1
kind: Secret
metadata: { name: login, namespace: ${space} }
stringData: { url: "postgres://u:p@db.${space}:5432/shop", conf: "a\\nhost db.${space}.svc\\n" }
`;
    const { secrets } = importVariants([
      { name: "dev", sources: [{ path: "dev.yaml", text: secretOf("shop-dev") }] },
      { name: "prod", sources: [{ path: "prod.yaml", text: secretOf("shop-prod") }] },
    ]);
    for (const name of ["dev", "prod"]) {
      const { variables, files } = secrets.get(name)!;
      expect([...variables.values()]).toEqual([`postgres://u:p@db.shop-${name}:5432/shop`]);
      expect([...files.values()].map((bytes) => new TextDecoder().decode(bytes))).toEqual([
        `a\nhost db.shop-${name}.svc\n`,
      ]);
    }
  });

  test("two whose names differ from one another only in where the variant stands stay two", () => {
    const both = (name: string) => `${shop(`shop-${name}`, 1)}---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: ${name}-shop }
data: { api: "http://web.shop-${name}:80", own: "x.${name}-shop.svc" }
`;
    const sources = ["dev", "prod"].map((name) => ({
      name,
      sources: [{ path: `${name}.yaml`, text: both(name) }],
    }));
    const { program, objects } = importVariants(sources);
    expect(program!.text.match(/^namespace /gm)).toHaveLength(3);
    for (const { name } of sources) {
      const { plan } = compileText(program!.text, {}, { profile: name });
      const own = objects.get(name)!;
      expect(byKey(withoutImplied(plan!, own), plan!.secrets)).toEqual(byKey(own));
    }
  });

  test("a path that all have is not taken for the name of one", () => {
    const podIn = (space: string) => `apiVersion: v1
kind: Pod
metadata: { name: main, namespace: ${space} }
spec:
  containers: [{ name: main, image: acme/shop:1, volumeMounts: [{ name: fuse, mountPath: /dev/fuse }] }]
  volumes: [{ name: fuse, hostPath: { path: /dev/fuse } }]
`;
    const { program } = importVariants([
      { name: "dev", sources: [{ path: "dev.yaml", text: podIn("dev") }] },
      { name: "prod", sources: [{ path: "prod.yaml", text: podIn("prod") }] },
    ]);
    expect(program!.text).toContain('mount fuse at "/dev/fuse"');
    expect(program!.text).not.toContain("if variant");
  });

  test("which namespaces are one cannot be told of several without the variants' names: they stay apart", () => {
    const two = (one: string, other: string) =>
      shop(one, 1, `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ${other} }\n`);
    const { program } = importVariants([
      { name: "dev", sources: [{ path: "dev.yaml", text: two("red", "blue") }] },
      { name: "prod", sources: [{ path: "prod.yaml", text: two("green", "black") }] },
    ]);
    expect(program!.text).toContain('if variant == "dev" {');
  });
});
