import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { manifestModules } from "../../compiler/manifest-modules.ts";
import { canonicalPlan } from "../../compiler/plan/canonical.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { keyOf } from "../../model/meta.ts";
import { explore, withNodes, withWorkloads } from "../../runtime/simulator/index.ts";
import { finished } from "../../runtime/simulator/scenario/run.ts";

/** `use "./k8s" as app`. */

const web = `apiVersion: v1
kind: ReplicationController
metadata:
  name: web
spec:
  selector: { app: web }
  template:
    metadata: { labels: { app: web, tier: front } }
    spec:
      containers:
        - name: web
          image: nginx:1.27
          ports: [{ name: http, containerPort: 80 }]
`;
const db = `apiVersion: v1
kind: Service
metadata: { name: db }
spec:
  selector: { app: web }
  ports: [{ name: sql, port: 5432, targetPort: http }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { level: debug }
---
apiVersion: v1
kind: Secret
metadata: { name: login }
stringData: { password: hunter2 }
`;

function run(main: string, files: Record<string, string> = {}) {
  const fileSystem = memoryFileSystem({
    "main.kdsl": main,
    "k8s/web.yaml": web,
    "k8s/deep/db.yaml": db,
    "k8s/values.yaml": "replicas: 2\n",
    ...files,
  });
  const manifests = manifestModules(fileSystem);
  const compiled = compile({
    fileSystem,
    path: "main.kdsl",
    resolvePath: (_, path) => `/project/${path}`,
    manifests,
  });
  return { ...compiled, secretValues: manifests.secretValues };
}

const user = `use "./k8s" as app

service front {
  select: app.web
  port http: 80 -> http
}

pod client {
  container main {
    image: "busybox:1"
    env: { HOST: app.db.host, PORT: app.db.ports.sql, LEVEL: app.settings.level, PASSWORD: app.login.password }
  }
}
`;

test("names the objects of a folder, which are in the plan as they stand there", () => {
  const { plan, diagnostics } = run(user);
  expect(diagnostics).toEqual([]);
  const objects = new Map(plan!.objects.map((object) => [keyOf(object), object]));
  expect([...objects.keys()].sort()).toEqual([
    "ConfigMap/default/settings",
    "Pod/default/client",
    "ReplicationController/default/web",
    "Secret/default/login",
    "Service/default/db",
    "Service/default/front",
  ]);
  expect(objects.get("Service/default/front")).toMatchObject({ spec: { selector: { app: "web" } } });
  expect(objects.get("ReplicationController/default/web")).toMatchObject({
    spec: { template: { metadata: { labels: { app: "web", tier: "front" } } } },
  });
  const [container] = (
    objects.get("Pod/default/client") as never as { spec: { containers: { env: unknown[] }[] } }
  ).spec.containers;
  expect(container!.env).toMatchObject([
    { name: "HOST", value: "db.default" },
    { name: "PORT", value: "5432" },
    { name: "LEVEL", valueFrom: { configMapKeyRef: { name: "settings", key: "level" } } },
    { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "login", key: "password" } } },
  ]);
});

test("places are in the YAML, and values of secrets in no plan", () => {
  const { plan, secretValues } = run(user);
  expect(
    plan!.provenance["ReplicationController/default/web"]!["spec.template.spec.containers[0].image"],
  ).toEqual({
    file: "k8s/web.yaml",
    line: 12,
    column: 18,
  });
  expect(plan!.sources.map(({ path }) => path)).toEqual(["main.kdsl", "k8s/deep/db.yaml", "k8s/web.yaml"]);
  expect(canonicalPlan(plan!)).not.toMatch(/hunter2|aHVudGVy/);
  expect(secretValues.get("Secret/default/login")).toEqual({ password: "aHVudGVyMg==" });
});

test("names of one file", () => {
  const { plan, diagnostics } = run(
    'use "./k8s/web.yaml" { web }\nservice front { select: web\n port http: 80 -> http }\n',
  );
  expect(diagnostics).toEqual([]);
  expect(plan!.objects.map(keyOf)).toEqual(["Service/default/front", "ReplicationController/default/web"]);
});

describe("mistakes", () => {
  const codes = (main: string, files?: Record<string, string>) =>
    run(main, files).diagnostics.map(({ code, primary }) => [code, primary.span.file.path]);

  test("in the YAML are told there, and nothing of what follows", () => {
    expect(codes(user, { "k8s/web.yaml": web.replace("image:", "imag:") })).toEqual([
      ["KD5023", "k8s/web.yaml"],
    ]);
  });

  test("about names are told where they are written", () => {
    expect(codes(user.replace("settings.level", "settings.levl"))).toEqual([["KD2012", "main.kdsl"]]);
  });

  test("of the cluster point into the YAML", () => {
    const [only, ...others] = run(user, {
      "k8s/web.yaml": web.replace(
        "image: nginx:1.27",
        "image: nginx:1.27\n          volumeMounts: [{ name: data, mountPath: /data }]",
      ),
    }).diagnostics;
    expect(others).toEqual([]);
    expect([only!.code, only!.primary.span.file.path]).toEqual(["KD3201", "k8s/web.yaml"]);
    const { file, start, end } = only!.primary.span;
    expect(file.text.slice(start, end)).toBe("data");
  });

  test("a file that is not there", () => {
    expect(codes('use "./none.yaml" as x\n')).toEqual([["KD2006", "main.kdsl"]]);
  });
});

test("objects of kinds that the language has no word for are there once", () => {
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec: { containers: [{ name: api, image: "shop/api:3", ports: [{ containerPort: 80 }] }] }
`;
  const { plan, diagnostics } = run(
    'use "./k8s/api.yaml" as app\nlabel "app" as own\nservice api {\n  select: pods where own == "api"\n  port http: 80\n}\n',
    { "k8s/api.yaml": deployment },
  );
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(plan!.objects.map(keyOf)).toEqual(["Service/default/api", "Deployment.apps/default/api"]);
});

describe("a Deployment is seen as an rc", () => {
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  replicas: 3
  strategy: { type: Recreate }
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec: { containers: [{ name: main, image: "api:1", ports: [{ name: http, containerPort: 80 }] }] }
`;
  const files = { "k8s/api.yaml": deployment, "k8s/deep/db.yaml": "" };
  const user = `use "./k8s" as app
use std/scenario { UpdatesKeep }

service front {
  select: app.api
  port http: 80 -> http
}

UpdatesKeep roll { app: app.api }

scenario "it grows" {
  settle within 1min
  scale app.api to 5
  eventually ready(app.api) == 5 within 1min
}
`;

  test("that scenarios, services and templates may name, and stays what it is in the plan", () => {
    const { plan, diagnostics } = run(user, files);
    expect(diagnostics).toEqual([]);
    const keys = plan!.objects.map(keyOf);
    expect(keys).toContain("Deployment.apps/default/api");
    expect(keys).not.toContain("ReplicationController/default/api");
    expect(Object.keys(plan!.provenance)).not.toContain("ReplicationController/default/api");
    expect(plan!.objects.find(({ metadata }) => metadata.name === "front")).toMatchObject({
      spec: { selector: { app: "api" } },
    });
    expect(JSON.stringify(plan!.scenarios)).toContain("ReplicationController/default/api");
  });

  test("and is what those scenarios strike, with the strategy that it has", () => {
    const { plan } = withWorkloads(withNodes(run(user, files).plan!).plan);
    const verdicts = plan.scenarios!.map((scenario) => {
      const { verdict, failure } = finished(explore({ plan, scenario, seed: 1, seeds: 1 }));
      return [scenario.name, verdict, failure?.failure.message];
    });
    expect(verdicts).toEqual([
      ["it grows", "pass", undefined],
      ["roll: an update keeps 3 ready", "fail", expect.stringMatching(/^ready\(api\) >= 3 does not hold$/)],
    ]);
  });

  test("but cannot be extended, as the plan would not have it; an update of a scenario can", () => {
    const said = (text: string) =>
      run(`use "./k8s" as app\n${text}`, files).diagnostics.map((one) => one.code);
    expect(said("extend rc app.api { replicas: 7 }")).toEqual(["KD2454"]);
    expect(said("extend rc app.web { replicas: 7 }")).toEqual(["KD2454"]);
    expect(said("profile big { extend rc app.api { replicas: 7 } }")).toEqual(["KD2454"]);
    const grows =
      "settle within 1min\nupdate rc app.api { replicas: 7 }\neventually ready(app.api) == 7 within 1min";
    expect(said(`scenario "it grows" {\n${grows}\n}`)).toEqual([]);
  });

  test("but for one beside an rc of its name", () => {
    const { plan, diagnostics } = run(`use "./k8s" as app`, {
      "k8s/api.yaml": deployment.replace("name: api", "name: web"),
    });
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(plan!.objects.map(keyOf)).toEqual(
      expect.arrayContaining(["Deployment.apps/default/web", "ReplicationController/default/web"]),
    );
  });
});
