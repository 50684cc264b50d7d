import { statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster, present } from "./kubectl.ts";

const program = `
label app
node worker[i in 1..2] { capacity: { cpu: 1, memory: 1Gi, pods: 10 } }
rc sleeper {
  replicas: 2
  pod {
    identity: { app: "sleeper" }
    grace: 1s
    container main { image: "host", command: ["sleep", "1000"], requests: { cpu: 100m } }
  }
}
service sleeper { select: sleeper, port 8000 }
`;

describe.skipIf(!present)("kubectl get", () => {
  let cluster: Cluster;
  const run = (...args: string[]) => cluster.run(...args);

  beforeAll(async () => {
    cluster = await openCluster(program);
  });
  afterAll(() => cluster?.close());

  test("the kubeconfig is private and the line to use it is printed", () => {
    expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600);
    expect(cluster.running.stdout).toMatch(/export KUBECONFIG=/);
  });

  test("tables", async () => {
    expect(await run("get", "nodes")).toMatch(/worker-1 +Ready +<none> +\d+s +v1\./);
    expect(await run("get", "pods", "-o", "wide")).toMatch(
      /sleeper-\w{5} +1\/1 +Running +0 +\d+s +127\.\d+\.\d+\.\d+ +worker-[12]/,
    );
    expect(await run("get", "rc")).toMatch(/sleeper +2 +2 +2/);
    expect(await run("get", "services", "-o", "jsonpath={.items[0].spec.ports[0].port}")).toBe("8000");
    expect((await run("get", "pods", "-l", "app=sleeper", "-o", "name")).trim().split("\n")).toHaveLength(2);
  });

  test("scale and delete", async () => {
    await run("scale", "rc", "sleeper", "--replicas=3");
    await cluster.until(/sleeper +3 +3 +3/, "get", "rc");
    const [name = ""] = (await run("get", "pods", "-o", "name")).trim().split("\n");
    expect(await run("delete", name)).toMatch(/deleted/);
    await cluster.until(/sleeper +3 +3 +3/, "get", "rc");
    expect(await run("get", "pods", "-o", "name")).not.toContain(name);
  });

  test("describe node", async () => {
    const text = await run("describe", "node", "worker-1");
    expect(text).toMatch(/Kernel Version: +\d/);
    expect(text).toMatch(/KubeletReady/);
    expect(text).toMatch(/sleeper-\w{5}/);
  });

  test("a wrong token and an unknown object are refused as Kubernetes does", async () => {
    expect(await cluster.fails("--token", "wrong", "get", "pods")).toMatch(/logged in|Unauthorized/);
    expect(await cluster.fails("get", "pod", "nothing")).toMatch(/pods "nothing" not found/);
  });
});
