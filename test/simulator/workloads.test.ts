import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import type { ReplicationController } from "../../model/core.ts";
import { keyOf } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { createPlacement } from "../../runtime/simulator/placement/place.ts";
import { daemonPods, withDaemonPods, withWorkloads } from "../../runtime/simulator/workloads.ts";
import { runAll } from "./builders.ts";

/** Workloads that the runtime does not have, in what is simulated; and the budgets that a drain is held to. */

const nodes = `
label app
label disk
node a { capacity: { cpu: 2, memory: 4Gi } }
node b { capacity: { cpu: 2, memory: 4Gi }, labels: { disk: "ssd" } }
node c { capacity: { cpu: 2, memory: 4Gi }, taints: [{ key: "gpu", effect: "NoSchedule" }] }
`;

const workload = (kind: string, spec: string, pod = "") => `
manifest {
  apiVersion: "apps/v1"
  kind: "${kind}"
  metadata: { name: "web" }
  spec: {
    ${spec}
    selector: { matchLabels: { app: "web" } }
    template: {
      metadata: { labels: { app: "web" } }
      spec: {
        ${pod}
        containers: [{
          name: "c"
          image: "w:1"
          resources: { requests: { cpu: "500m", memory: "64Mi" } }
        }]
      }
    }
  }
}
`;

function planOf(text: string): Plan {
  const { plan, diagnostics } = compile({
    fileSystem: memoryFileSystem({ "main.kdsl": nodes + text }),
    path: "main.kdsl",
    resolvePath: (_, path) => `/project/${path}`,
  });
  if (!plan) throw new Error(renderDiagnostics(diagnostics, { color: false }));
  return plan;
}

const rcsOf = ({ objects }: Plan) =>
  objects.filter((object): object is ReplicationController => object.kind === "ReplicationController");

describe("a Deployment is simulated as an rc", () => {
  test("with its replicas, its template and its place", () => {
    const { plan, asRcs } = withWorkloads(planOf(workload("Deployment", "replicas: 3")));
    const [rc] = rcsOf(plan);
    expect(rc).toMatchObject({ metadata: { name: "web" }, spec: { replicas: 3, selector: { app: "web" } } });
    expect(asRcs.map(keyOf)).toEqual(["Deployment.apps/web"]);
    expect(plan.provenance[keyOf(rc!)]).toBeDefined();
    expect(plan.objects.some(({ kind }) => kind === "Deployment")).toBe(false);
  });

  test.each([
    ["by a quarter, as Kubernetes rounds it", "replicas: 5", { surge: 2, unavailable: 1 }],
    [
      "by one where both round to nothing",
      `replicas: 1, strategy: { rollingUpdate: { maxSurge: 0 } }`,
      { surge: 0, unavailable: 1 },
    ],
    [
      "as its strategy says",
      `replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: "50%" } }`,
      { surge: 1, unavailable: 2 },
    ],
    [
      "all at once where it is made anew",
      `replicas: 4, strategy: { type: "Recreate" }`,
      { surge: 0, unavailable: 4 },
    ],
  ])("and rolls %s", (_, spec, expected) => {
    const { plan } = withWorkloads(planOf(workload("Deployment", spec)));
    expect(plan.updates["ReplicationController/default/web"]).toEqual(expected);
  });

  test("beside an rc of the same name under another", () => {
    const rc = `rc web { pod { identity: { app: "other" }, container c { image: "w:1" } } }`;
    const { plan } = withWorkloads(planOf(rc + workload("Deployment", "replicas: 2")));
    expect(rcsOf(plan).map(({ metadata }) => metadata.name)).toEqual(["web", "web-deployment"]);
  });

  test("with the priority of its class", () => {
    const high = `manifest { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "high" }, value: 1000 }`;
    const { plan } = withWorkloads(
      planOf(high + workload("Deployment", "replicas: 1", `priorityClassName: "high"`)),
    );
    const placement = createPlacement({ plan, seed: 1 });
    placement.settle();
    expect(placement.pods().map(({ spec }) => spec.priority)).toEqual([1000]);
  });
});

describe("a DaemonSet is simulated as a pod on each node that takes it", () => {
  const names = (text: string) => daemonPods(planOf(text)).map(({ metadata }) => metadata.name);

  test("by its selector, and by what it tolerates", () => {
    expect(names(workload("DaemonSet", ""))).toEqual(["web-a", "web-b"]);
    expect(names(workload("DaemonSet", "", `nodeSelector: { disk: "ssd" }`))).toEqual(["web-b"]);
    expect(names(workload("DaemonSet", "", `tolerations: [{ operator: "Exists" }]`))).toEqual([
      "web-a",
      "web-b",
      "web-c",
    ]);
  });

  test("and takes of that node's room", () => {
    const placement = createPlacement({ plan: planOf(workload("DaemonSet", "")), seed: 1 });
    placement.settle();
    expect(placement.pods().map(({ spec }) => spec.nodeName)).toEqual(["a", "b"]);
  });

  test("and stays where it is when its node is drained, or lost", () => {
    const scenario = `
      scenario "it stays" {
        settle within 1min
        drain a
        kill b
        wait 20min
        expect count(pods(a)) == 1 and count(pods(b)) == 1
        revive b
        eventually ready(pods(b)) == 1 within 2min
      }`;
    const plan = withDaemonPods(withWorkloads(planOf(workload("DaemonSet", "") + scenario)).plan);
    expect(runAll(plan, plan.scenarios![0]!)).toMatchObject({ verdict: "pass" });
  });
});

describe("a drain asks the disruption budget", () => {
  const scenario = (drained: string) => `
    rc web {
      replicas: 2
      pod { identity: { app: "web" }, container c { image: "w:1", requests: { cpu: 100m } } }
    }
    scenario "it can be drained" {
      settle within 1min
      ${drained}
    }`;
  const budget = (spec: string) => `
    manifest {
      apiVersion: "policy/v1"
      kind: "PodDisruptionBudget"
      metadata: { name: "web" }
      spec: { ${spec}, selector: { matchLabels: { app: "web" } } }
    }`;
  const result = (text: string) => {
    const { plan } = withWorkloads(planOf(text));
    return runAll(plan, plan.scenarios![0]!);
  };

  test("and waits without end for one that lets nobody go", () => {
    const { verdict, failure } = result(budget("minAvailable: 2") + scenario("drain a, settle within 10min"));
    expect(verdict).toBe("fail");
    expect(failure!.failure.details[0]).toMatch(
      /^pod web-\w+ may not be evicted from node a: PodDisruptionBudget web wants 2 healthy, and 2 are$/,
    );
  });

  test("and until it is called off", () => {
    const steps = "drain a, wait 1min, expect ready(web) == 2 and count(pods(a)) == 1, uncordon a";
    expect(result(budget("minAvailable: 2") + scenario(steps)).verdict).toBe("pass");
  });

  test.each(["maxUnavailable: 1", 'maxUnavailable: "50%"', 'minAvailable: "50%"'])(
    "and goes on, one pod after the other, with %s",
    (spec) => {
      const steps =
        "always ready(web) >= 1, drain a, settle within 1min, drain b, uncordon a, settle within 1min";
      expect(result(budget(spec) + scenario(steps)).verdict).toBe("pass");
    },
  );
});

test("a headless service is served by whoever its name leads to", () => {
  const plan = planOf(`
    rc web {
      replicas: 2
      pod { identity: { app: "web" }, container c { image: "w:1", port http: 80 } }
    }
    service web { select: web, port http: 80 -> http, expose: headless }
    scenario "it answers" {
      settle within 1min
      always serving(web) >= 50%
      expect serving(web) == 100%
      kill a
      eventually serving(web) == 100% within 2min
    }`);
  expect(runAll(plan, plan.scenarios![0]!)).toMatchObject({ verdict: "pass" });
});
