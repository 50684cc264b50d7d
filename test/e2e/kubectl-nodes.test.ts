import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster, present } from "./kubectl.ts";

/** What people do with nodes: take them out of service, empty them, keep pods away from them. */

const program = `
label app
node worker[i in 1..2] { capacity: { cpu: 1, memory: 1Gi, pods: 10 } }
rc web {
  replicas: 4
  pod {
    identity: { app: "web" }
    grace: 1s
    container main { image: "host", command: ["sleep", "1000"] }
  }
}
`;

const loose = (name: string, more = "") => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  nodeName: worker-1
  terminationGracePeriodSeconds: 1
  containers:
  - { name: main, image: host, command: [sleep, "1000"]${more} }
`;

describe.skipIf(!present)("kubectl and nodes", () => {
  let cluster: Cluster;
  const run = (...args: string[]) => cluster.run(...args);
  const pods = async (node: string) =>
    (await run("get", "pods", "--field-selector", `spec.nodeName=${node}`, "-o", "name")).trim();
  const apply = async (text: string) => {
    const { code, stderr } = await cluster.result(["apply", "-f", "-"], { input: text });
    expect([code, stderr]).toEqual([0, ""]);
  };

  beforeAll(async () => {
    // The default spread puts two on each.
    cluster = await openCluster(program);
  });
  afterAll(() => cluster?.close());
  afterEach(async () => {
    // Made anew, they stand on both nodes again.
    await run("delete", "pod", "--now", "--ignore-not-found", "loose", "keeper");
    await run("uncordon", "worker-1", "worker-2");
    await run("delete", "pod", "-l", "app=web", "--now");
    await cluster.until(/web +4 +4 +4/, "get", "rc", "web");
  });

  test("cordon keeps new pods away, uncordon lets them come; both are told", async () => {
    expect(await run("cordon", "worker-1")).toBe("node/worker-1 cordoned\n");
    expect(await run("cordon", "worker-1")).toBe("node/worker-1 already cordoned\n");
    expect(await run("get", "node", "worker-1")).toMatch(/Ready,SchedulingDisabled/);
    const before = await pods("worker-1");
    await run("scale", "rc", "web", "--replicas=6");
    await cluster.until(/web +6 +6 +6/, "get", "rc", "web");
    expect(await pods("worker-1")).toBe(before);
    const text = await run("describe", "node", "worker-1");
    expect(text).toMatch(/Taints: +node\.kubernetes\.io\/unschedulable:NoSchedule\nUnschedulable: +true/);
    expect(text).toMatch(/NodeNotSchedulable .* Node worker-1 status is now: NodeNotSchedulable/);
    expect(await run("uncordon", "worker-1")).toBe("node/worker-1 uncordoned\n");
    await cluster.until(/NodeSchedulable/, "events", "--for", "node/worker-1");
    await run("scale", "rc", "web", "--replicas=4");
  });

  test("drain evicts what will come back elsewhere, and waits until it has gone", async () => {
    const before = await pods("worker-1");
    expect(before).not.toBe("");
    const { code, stdout } = await cluster.result(["drain", "worker-1", "--ignore-daemonsets"]);
    expect(code).toBe(0);
    for (const name of before.split("\n")) expect(stdout).toContain(`${name} evicted`);
    expect(stdout).toMatch(/node\/worker-1 drained/);
    expect(await pods("worker-1")).toBe("");
    await cluster.until(/web +4 +4 +4/, "get", "rc", "web");
  });

  test("drain refuses what would be lost: pods of nobody, and data", async () => {
    await apply(loose("loose"));
    expect(await cluster.fails("drain", "worker-1")).toMatch(
      /cannot delete (Pods that declare no controller|.*use --force).*default\/loose/,
    );
    expect(await pods("worker-1")).toContain("pod/loose");
    const keeper = loose("keeper", ", volumeMounts: [{ name: data, mountPath: /data }]");
    await apply(`${keeper}  volumes: [{ name: data, emptyDir: {} }]\n`);
    expect(await cluster.fails("drain", "worker-1", "--force")).toMatch(
      /cannot delete Pods with local storage \(use --delete-emptydir-data to override\): default\/keeper/,
    );
    const { code, stdout } = await cluster.result(["drain", "worker-1", "--force", "--delete-emptydir-data"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/pod\/keeper evicted/);
    expect(await pods("worker-1")).toBe("");
  });

  test("drain by a selector, and one that only tells", async () => {
    const { stdout } = await cluster.result([
      "drain",
      "-l",
      "kubernetes.io/hostname=worker-2",
      "--dry-run=server",
    ]);
    expect(stdout).toMatch(/node\/worker-2 (cordoned|drained) \(server dry run\)/);
    expect(await run("get", "node", "worker-2")).not.toMatch(/SchedulingDisabled/);
    expect(await cluster.fails("drain", "nowhere")).toMatch(/nodes "nowhere" not found/);
  });

  test("taints: NoSchedule keeps away, NoExecute drives out, and a toleration helps", async () => {
    expect(await run("taint", "nodes", "worker-1", "kept=for-me:NoSchedule")).toBe("node/worker-1 tainted\n");
    expect(await cluster.fails("taint", "nodes", "worker-1", "kept=for-me:NoSchedule")).toMatch(
      /already has kept taint\(s\) with same effect\(s\) and --overwrite is false/,
    );
    const before = await pods("worker-1");
    const tolerating = loose("keeper").replace(
      "spec:\n",
      "spec:\n  tolerations: [{ key: kept, operator: Exists }]\n",
    );
    await apply(tolerating);
    await run("wait", "--for=condition=Ready", "pod/keeper", "--timeout=20s");
    await run("taint", "nodes", "worker-1", "kept=for-me:NoExecute");
    await run("wait", "--for=delete", ...before.split("\n"), "--timeout=20s");
    expect(await pods("worker-1")).toBe("pod/keeper");
    expect(await run("get", "events", "--field-selector", "reason=TaintManagerEviction")).toMatch(
      /Marking for deletion Pod default\/web-/,
    );
    expect(await run("describe", "node", "worker-1")).toMatch(/kept=for-me:NoExecute/);
    expect(await run("taint", "nodes", "worker-1", "kept-")).toBe("node/worker-1 untainted\n");
    expect(await run("get", "node", "worker-1", "-o", "jsonpath={.spec.taints}")).toMatch(/^(\[\])?$/);
  });

  test("a pod that asks for an operating system finds a node", async () => {
    const choosing = loose("loose").replace(
      "nodeName: worker-1",
      `nodeSelector: { kubernetes.io/os: ${process.platform} }`,
    );
    await apply(choosing);
    await run("wait", "--for=condition=Ready", "pod/loose", "--timeout=20s");
  });

  test("label and annotate a node", async () => {
    await run("label", "node", "worker-1", "disk=ssd");
    expect(await run("get", "nodes", "-l", "disk=ssd", "-o", "name")).toBe("node/worker-1\n");
    await run("label", "node", "worker-1", "disk-");
    await run("annotate", "node", "worker-1", "note=here");
    expect(await run("describe", "node", "worker-1")).toMatch(/Annotations: +note: here/);
    await run("annotate", "node", "worker-1", "note-");
  });
});
