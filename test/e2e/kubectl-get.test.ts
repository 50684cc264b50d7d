import { statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster, present } from "./kubectl.ts";

const program = `
label app
node worker[i in 1..2] { capacity: { cpu: 1, memory: 1Gi, pods: 10 } }
rc sleeper {
  replicas: 3
  pod {
    identity: { app: "sleeper" }
    grace: 1s
    container main { image: "host", command: ["sleep", "1000"], requests: { cpu: 100m } }
  }
}
rc other {
  replicas: 1
  pod {
    identity: { app: "other" }
    grace: 1s
    container main { image: "host", command: ["sleep", "1000"] }
  }
}
service sleeper { select: sleeper, port web: 8000 }
`;

describe.skipIf(!present)("kubectl get", () => {
  let cluster: Cluster;
  const run = (...args: string[]) => cluster.run(...args);
  const lines = async (...args: string[]) => (await run(...args)).trim().split("\n");

  beforeAll(async () => {
    cluster = await openCluster(program);
  });
  afterAll(() => cluster?.close());

  test("the kubeconfig is private and the line to use it is printed", () => {
    expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600);
    expect(cluster.running.stdout).toMatch(/export KUBECONFIG=/);
  });

  test("version, api-versions, api-resources", async () => {
    expect(await run("version")).toMatch(/Server Version: v1\.36\.\d+\+kdsl/);
    expect((await run("api-versions")).trim().split("\n")).toEqual(
      expect.arrayContaining([
        "v1",
        "coordination.k8s.io/v1",
        "discovery.k8s.io/v1",
        "metrics.k8s.io/v1beta1",
      ]),
    );
    const resources = await run("api-resources", "-o", "wide");
    expect(resources).toMatch(/^nodes +no +v1 +false +Node +create,delete/m);
    expect(resources).toMatch(/^pods +po +v1 +true +Pod .* all$/m);
    expect(resources).toMatch(
      /^endpointslices +discovery\.k8s\.io\/v1 +true +EndpointSlice +get,list,watch/m,
    );
    expect(await lines("api-resources", "--namespaced=false", "-o", "name")).toContain("nodes");
  });

  test("every kind has its columns", async () => {
    await run("create", "configmap", "settings", "--from-literal=a=1");
    await run("create", "secret", "generic", "hidden", "--from-literal=a=1");
    const rows: Record<string, RegExp> = {
      nodes:
        /NAME +STATUS +ROLES +AGE +VERSION +INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME\nworker-1 +Ready +<none> +\d+s +v1\.\S+ +127\.\S+ +<none> +\S.* {2}process:/,
      pods: /NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\n[\s\S]*sleeper-\w{5} +1\/1 +Running +0 +\d+s +127\.\d+\.\d+\.\d+ +worker-[12] +<none> +<none>/,
      services:
        /NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE +SELECTOR\nsleeper +ClusterIP +127\.\S+ +<none> +8000\/TCP +\d+s +app=sleeper/,
      replicationcontrollers:
        /NAME +DESIRED +CURRENT +READY +AGE +CONTAINERS +IMAGES +SELECTOR\n[\s\S]*sleeper +3 +3 +3 +\d+s +main +host +app=sleeper/,
      endpoints: /NAME +ENDPOINTS +AGE\nsleeper +127\.\S+:8000,127\.\S+:8000,127\.\S+:8000 +\d+s/,
      endpointslices:
        /NAME +ADDRESSTYPE +PORTS +ENDPOINTS +AGE\nsleeper-\w{5} +IPv4 +8000 +127\.[\d.]+,127\.[\d.]+,127\.[\d.]+ +\d+s/,
      configmaps: /NAME +DATA +AGE\nsettings +1 +\d+s/,
      secrets: /NAME +TYPE +DATA +AGE\nhidden +Opaque +1 +\d+s/,
      namespaces: /NAME +STATUS +AGE\ndefault +Active +\d+s/,
      events:
        /LAST SEEN +TYPE +REASON +OBJECT +SUBOBJECT +SOURCE +MESSAGE +FIRST SEEN +COUNT +NAME\n[\s\S]*Normal +Scheduled +pod\/\S+ +default-scheduler +Successfully assigned \S+ to worker-[12] +\S+ +1 +\S+/,
    };
    for (const [kind, row] of Object.entries(rows)) expect(await run("get", kind, "-o", "wide")).toMatch(row);
    expect(await run("get", "leases", "-n", "kube-node-lease")).toMatch(
      /NAME +HOLDER +AGE\nworker-1 +worker-1 +/,
    );
    expect(await run("get", "all", "-A")).toMatch(
      /pod\/other[\s\S]*replicationcontroller\/other[\s\S]*service\/sleeper/,
    );
  });

  test("every form of output", async () => {
    expect((await cluster.json<{ items: unknown[] }>("get", "pods")).items).toHaveLength(4);
    expect(await run("get", "svc", "sleeper", "-o", "yaml")).toMatch(/^kind: Service$/m);
    expect(await run("get", "services", "-o", "jsonpath={.items[0].spec.ports[0].port}")).toBe("8000");
    expect(await run("get", "nodes", "-o", "go-template={{range .items}}{{.metadata.name}} {{end}}")).toBe(
      "worker-1 worker-2 ",
    );
    expect(
      await lines("get", "rc", "-o", "custom-columns=NAME:.metadata.name,WANTED:.spec.replicas"),
    ).toEqual(["NAME      WANTED", "other     1", "sleeper   3"]);
    expect(await lines("get", "pods,svc", "-o", "name")).toHaveLength(5);
    expect(JSON.parse(await run("get", "--raw", "/api/v1/nodes/worker-1"))).toMatchObject({ kind: "Node" });
    expect(await run("get", "--raw", "/healthz")).toBe("ok");
    expect(await run("get", "rc", "sleeper", "--subresource=scale")).toMatch(/sleeper/);
  });

  test("selectors, labels as columns, order, pages", async () => {
    expect(await lines("get", "pods", "-l", "app=sleeper", "-o", "name")).toHaveLength(3);
    expect(await lines("get", "pods", "-l", "app in (sleeper,none),app!=other", "-o", "name")).toHaveLength(
      3,
    );
    const here = await lines("get", "pods", "--field-selector", "spec.nodeName=worker-1", "-o", "name");
    const there = await lines("get", "pods", "--field-selector", "spec.nodeName!=worker-1", "-o", "name");
    expect(here.length + there.length).toBe(4);
    expect(await run("get", "pods", "-L", "app")).toMatch(/AGE +APP\n\S+ .* other\n/);
    expect(await run("get", "nodes", "--show-labels")).toMatch(/kubernetes\.io\/hostname=worker-1/);
    const names = await lines("get", "pods", "--sort-by=.metadata.name", "--no-headers", "-o", "name");
    expect(names).toEqual([...names].sort());
    expect(await lines("get", "pods", "-A", "--chunk-size=1", "-o", "name")).toHaveLength(4);
    expect(await run("get", "rc", "--sort-by=.spec.replicas")).toMatch(/other[\s\S]*sleeper/);
  });

  test("watch: from what there is to what happens", async () => {
    const watching = cluster.start(["get", "rc", "sleeper", "-w", "--output-watch-events"]);
    await watching.output(/ADDED +sleeper +3 +3 +3/);
    const only = cluster.start(["get", "pods", "-w", "--watch-only", "-l", "app=sleeper"]);
    const slices = cluster.start(["get", "endpointslices", "-w"]);
    await slices.output(/sleeper-\w{5}/);
    await run("scale", "rc", "sleeper", "--replicas=4");
    await watching.output(/MODIFIED +sleeper +4 +4 +4/);
    await only.output(/sleeper-\w{5} +0\/1 +ContainerCreating[\s\S]*1\/1 +Running/);
    expect(only.stdout).toMatch(/^NAME +READY/);
    await slices.output(/127\.[\d.]+,127\.[\d.]+,127\.[\d.]+ \+ 1 more\.\.\./);
    await run("scale", "rc", "sleeper", "--replicas=3");
    await only.output(/Terminating/);
    for (const each of [watching, only, slices]) each.kill("SIGINT");
    await cluster.until(/sleeper +3 +3 +3/, "get", "rc");
  });

  test("delete: another pod takes the place", async () => {
    const [name = ""] = await lines("get", "pods", "-l", "app=sleeper", "-o", "name");
    expect(await run("delete", name)).toMatch(/deleted/);
    await cluster.until(/sleeper +3 +3 +3/, "get", "rc");
    expect(await run("get", "pods", "-o", "name")).not.toContain(name);
  });

  test("what is not there or not served is refused as Kubernetes does", async () => {
    const fails = (...args: string[]) => cluster.fails(...args);
    expect(await fails("get", "pod", "nothing")).toMatch(/pods "nothing" not found/);
    expect(await fails("get", "nosuch")).toMatch(/doesn't have a resource type "nosuch"/);
    expect(await fails("get", "deployments")).toMatch(/doesn't have a resource type "deployments"/);
    expect(await fails("create", "deployment", "x", "--image=y")).toMatch(/no deployments\.apps/);
    expect(await fails("autoscale", "rc", "sleeper", "--max=5")).toMatch(/horizontalpodautoscalers|HPA/);
    expect(await fails("get", "pods", "--field-selector", "spec.bogus=1")).toMatch(
      /field label not supported: spec\.bogus/,
    );
    expect(await fails("rollout", "status", "rc/sleeper")).toMatch(/no status viewer/);
    expect(await fails("rollout", "restart", "rc/sleeper")).toMatch(/restarting is not supported/);
    expect((await cluster.result(["get", "pods", "-n", "nowhere"])).stderr).toMatch(
      /No resources found in nowhere namespace/,
    );
  });

  test("who brings no token and no certificate, or a wrong token, is not let in", async () => {
    const server = await run("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}");
    const stranger = ["--kubeconfig", "/dev/null", "--server", server, "--insecure-skip-tls-verify"];
    expect(await cluster.fails(...stranger, "--token", "wrong", "get", "pods")).toMatch(
      /logged in|Unauthorized/,
    );
  });
});
