import { describe, expect, test } from "vitest";
import { withHash } from "../../compiler/plan/canonical.ts";
import { readBaseline } from "../../compiler/verify/changes/baseline.ts";
import { verifyChanges } from "../../compiler/verify/changes/changes.ts";
import { withDefaults } from "../../model/defaults.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import { config, container, node, pod, rc, secret, service, web } from "./objects.ts";
import { line, planOf, spansOf } from "./plan.ts";

type Objects = readonly KubernetesObject[];
type More = Parameters<typeof planOf>[1];

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value));

function against(documents: readonly unknown[], objects: Objects, more?: More) {
  const baseline = readBaseline(documents);
  if ("problem" in baseline) throw new Error(baseline.problem);
  const plan = planOf(objects.map(withDefaults), more);
  return verifyChanges({ plan, spans: spansOf(plan) }, baseline);
}

const written = (objects: Objects, more?: More) => {
  const plan = withHash(planOf(objects.map(withDefaults), more));
  return plain({ ...plan, hash: plan.hash });
};

/** What an earlier plan of `before` makes of a plan of `after`. */
const fromPlan = (before: Objects, after: Objects, more?: More) => against([written(before)], after, more);

const shown = ({ changes }: ReturnType<typeof against>) =>
  changes.map(
    ({ action, title, fields }) => `${action} ${title}${fields.map(({ words }) => `, ${words}`).join("")}`,
  );

const codes = ({ diagnostics }: ReturnType<typeof against>) => diagnostics.map(line);

describe("what changes", () => {
  test("what is the same is no change, however it is written", () => {
    const asks = (cpu: string) => [
      rc("web", { containers: [container({ resources: { requests: { cpu } } })] }),
    ];
    expect(fromPlan(asks("1"), asks("1000m"))).toEqual({ changes: [], diagnostics: [] });
  });

  test("objects come, change, roll and go", () => {
    const before = [config("c", { mode: "a" }), rc("web"), rc("old"), service("web", { app: "web" })];
    const after = [
      config("c", { mode: "b" }),
      rc("web", { containers: [{ ...web, image: "shop/web:2" }] }, { replicas: 4 }),
      service("web", { app: "web" }),
      service("api", { app: "web" }),
    ];
    expect(shown(fromPlan(before, after))).toEqual([
      "change config `c`, mode",
      "roll rc `web`, replicas, container server image",
      "create service `api`",
      "remove rc `old`",
    ]);
  });

  test("items of lists are the same by their names, so that one put first is one change", () => {
    const env = (...names: string[]) => names.map((name) => ({ name, value: name.toLowerCase() }));
    const of = (list: ReturnType<typeof env>) => [rc("web", { containers: [{ ...web, env: list }] })];
    expect(shown(fromPlan(of(env("A", "B")), of(env("NEW", "A", "B"))))).toEqual([
      "roll rc `web`, container server env.NEW",
    ]);
    expect(shown(fromPlan(of(env("A", "B")), of(env("B"))))).toEqual([
      "roll rc `web`, container server env.A",
    ]);
  });

  test("a key named like a property of every object is a key", () => {
    expect(shown(fromPlan([config("c", {})], [config("c", { constructor: "x" })]))).toEqual([
      "change config `c`, constructor",
    ]);
  });

  test("secrets: only where values come from is compared and shown", () => {
    const secrets = (name: string) => ({ secrets: { "Secret/default/login": { password: { env: name } } } });
    const earlier = written([secret("login")], secrets("A"));
    expect(against([earlier], [secret("login")], secrets("A")).changes).toEqual([]);
    const [changed] = against([earlier], [secret("login")], secrets("B")).changes;
    expect(changed?.fields).toEqual([
      { path: "data.password", words: "password", before: { env: "A" }, after: { env: "B" } },
    ]);
    const live = { ...secret("login"), data: { password: "aHVudGVyMg==", other: "c2VjcmV0" } };
    const [gone] = against([live], [secret("login")], secrets("A")).changes;
    expect(JSON.stringify(gone)).not.toMatch(/aHVudGVyMg|c2VjcmV0/);
    expect(gone?.fields.map(({ words }) => words)).toEqual(["other"]);
  });
});

describe("a cluster's objects", () => {
  const metadata = {
    uid: "1",
    resourceVersion: "7",
    creationTimestamp: "2026-01-01T00:00:00Z",
    generation: 2,
  };
  const live = (object: KubernetesObject, more: object = {}) =>
    plain({ ...withDefaults(object), metadata: { ...object.metadata, ...metadata }, ...more });

  test("what the server wrote is no difference", () => {
    const found = against(
      [
        {
          apiVersion: "v1",
          kind: "List",
          items: [
            live(
              service("web", { app: "web" }, undefined, {
                clusterIP: "10.0.0.7",
                ports: [{ name: "http", port: 80, targetPort: "http", nodePort: 31000 }],
              }),
              { status: { loadBalancer: {} } },
            ),
            live(rc("web"), { status: { replicas: 1 } }),
            live(
              pod("one", {
                nodeName: "n1",
                serviceAccountName: "default",
                volumes: [{ name: "kube-api-access-x" }],
                tolerations: [
                  { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
                ],
              }),
            ),
          ],
        },
      ],
      [service("web", { app: "web" }), rc("web"), pod("one"), node("n1", {})],
    );
    expect(found).toEqual({ changes: [], diagnostics: [] });
  });

  test("that an rc was restarted is no difference, whether or not its pods have annotations", () => {
    for (const own of [{}, { note: "x" }]) {
      const made = rc("web");
      const template = (annotations: object) => ({
        ...made,
        spec: {
          ...made.spec,
          template: {
            ...made.spec.template,
            metadata: {
              ...made.spec.template?.metadata,
              ...(Object.keys(annotations).length > 0 && { annotations }),
            },
          },
        },
      });
      const restarted = live(
        template({ ...own, "kdsl.dev/restartedAt": "2026-01-01T00:00:00Z" }) as KubernetesObject,
      );
      const plan = [template(own) as KubernetesObject];
      expect(against([restarted], plan)).toEqual({ changes: [], diagnostics: [] });
    }
  });

  test("what is live and not in the file is told and left alone; the cluster's own is not told", () => {
    const owned = {
      ...pod("web-x"),
      metadata: {
        ...pod("web-x").metadata,
        ownerReferences: [
          { apiVersion: "v1", kind: "ReplicationController", name: "web", uid: "1", controller: true },
        ],
      },
    };
    const elsewhere = { ...rc("dns"), metadata: { name: "dns", namespace: "kube-system" } };
    const objects = [rc("web"), owned, elsewhere, service("kubernetes", {}), config("stray", {})].map(
      (each) => live(each),
    );
    expect(shown(against(objects, [rc("web")]))).toEqual(["unlisted config `stray`"]);
  });

  test("drift is a difference", () => {
    expect(shown(against([live(rc("web", {}, { replicas: 7 }))], [rc("web")]))).toEqual([
      "change rc `web`, replicas",
    ]);
  });
});

describe("what cannot be changed", () => {
  test("of a pod: images, a shorter deadline and further tolerations can", () => {
    const before = pod("one", { activeDeadlineSeconds: 60 });
    const can = pod("one", {
      containers: [{ ...web, image: "shop/web:9" }],
      activeDeadlineSeconds: 30,
      tolerations: [{ key: "gpu", operator: "Exists" }],
    });
    expect(codes(fromPlan([before], [can]))).toEqual([]);
    const cannot = pod("one", { activeDeadlineSeconds: 90 });
    expect(codes(fromPlan([before], [cannot]))).toEqual([
      "KD3701 pod `one` cannot change `deadline` while it lives [90]",
    ]);
    expect(shown(fromPlan([before], [cannot]))).toEqual(["replace pod `one`, deadline"]);
  });

  test("an address that is left open stays; a type may change", () => {
    const at = (clusterIP?: string) =>
      service("web", {}, undefined, clusterIP === undefined ? {} : { clusterIP });
    expect(codes(fromPlan([at("10.0.0.1")], [at()]))).toEqual([]);
    expect(codes(fromPlan([at()], [at("10.0.0.1")]))).toEqual([]);
    expect(codes(fromPlan([at("None")], [at()]))).toHaveLength(1);
  });

  test("a selector that still finds the pods there are leaves none behind", () => {
    const labels = { app: "web", tier: "front" };
    const wide = rc("web", {}, { labels, selector: { app: "web" } });
    expect(codes(fromPlan([rc("web", {}, { labels })], [wide]))).toEqual([]);
    const none = rc("web", {}, { labels: { app: "web" }, replicas: 0 });
    expect(codes(fromPlan([none], [rc("web", {}, { labels: { app: "shop" } })]))).toEqual([]);
  });

  test("nodes, claims and the selectors of other controllers", () => {
    const routed = (podCIDR: string) => ({ ...node("n", {}), spec: { podCIDR } });
    expect(codes(fromPlan([routed("10.1.0.0/24")], [routed("10.2.0.0/24")]))[0]).toMatch(
      /^KD3705 node `n` cannot change `podCIDR`/,
    );
    const claim = (storage: string, storageClassName: string) => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", namespace: "default" },
      spec: { storageClassName, resources: { requests: { storage } } },
    });
    expect(codes(fromPlan([claim("1Gi", "slow")], [claim("2Gi", "slow")]))).toEqual([]);
    expect(codes(fromPlan([claim("1Gi", "slow")], [claim("1Gi", "fast")]))[0]).toMatch(/^KD3706/);
    expect(codes(fromPlan([claim("1Gi", "slow"), rc("web")], [rc("web")]))[0]).toMatch(/^KD3707/);
    const deployment = (app: string) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "default" },
      spec: { selector: { matchLabels: { app } } },
    });
    expect(codes(fromPlan([deployment("a")], [deployment("b")]))[0]).toMatch(/^KD3708/);
  });

  test("what only Kubernetes' validation knows is told in its words", () => {
    const at = (loadBalancerClass: string) =>
      service("web", {}, undefined, { type: "LoadBalancer", ...{ loadBalancerClass } });
    expect(codes(fromPlan([at("a.b/c")], [at("a.b/d")]))[0]).toMatch(/^KD3790 .*may not change once set/);
  });
});

describe("what is compared with", () => {
  const problem = (...documents: unknown[]) => {
    const baseline = readBaseline(documents);
    return "problem" in baseline ? baseline.problem : undefined;
  };
  test.each([
    ["nothing", [], /is empty/],
    ["a newer plan", [{ version: 2, objects: [] }], /version 2, written by a newer kdsl/],
    ["a damaged plan", [{ version: 1, objects: [] }], /damaged/],
    ["another document", [{ name: "x", version: "1.0" }], /neither/],
    ["a list with something else in it", [{ kind: "List", items: [rc("web"), 3] }], /neither/],
    ["a text", ["x"], /neither/],
  ])("%s", (_, documents, expected) => expect(problem(...documents)).toMatch(expected));

  test("a plan that was edited", () => {
    const plan = written([rc("web")]);
    expect(problem(plan)).toBeUndefined();
    expect(problem({ ...plan, name: "other" })).toMatch(/hash does not fit/);
  });
});
