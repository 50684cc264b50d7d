import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster, present } from "./kubectl.ts";
import { configMap, rc } from "./manifests.ts";

/** Taking things away with the real kubectl: what goes with them, what stays, and what is waited for. */

describe.skipIf(!present)("kubectl delete", { timeout: 120_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await openCluster("node worker[i in 1..2] { capacity: { cpu: 4, memory: 4Gi, pods: 60 } }");
  });
  afterAll(() => cluster?.close());

  /** Writes a manifest and gives the flags that name it. */
  const file = (text: string) => ["-f", cluster.workspace.write("manifest.json", text)];

  const podsOf = (name: string) =>
    cluster.run("get", "pods", "-l", `app=${name}`, "-o", "jsonpath={.items[*].metadata.name}");
  const running = async (name: string) => {
    await cluster.run("apply", ...file(rc(name, { replicas: 2 })));
    await cluster.until(/^2$/, "get", "rc", name, "-o", "jsonpath={.status.readyReplicas}");
  };

  test("--cascade=orphan leaves the pods, which another rc takes", async () => {
    await running("orphaned");
    const before = await podsOf("orphaned");
    await cluster.run("delete", "rc", "orphaned", "--cascade=orphan");
    expect(await podsOf("orphaned")).toBe(before);
    const owners = [
      "get",
      "pods",
      "-l",
      "app=orphaned",
      "-o",
      "jsonpath={.items[*].metadata.ownerReferences}",
    ];
    expect(await cluster.run(...owners)).toBe("");
    await running("orphaned");
    expect(await podsOf("orphaned")).toBe(before);
  });

  test("--cascade=foreground waits for the pods, --cascade=background does not", async () => {
    await running("front");
    await cluster.run("delete", "rc", "front", "--cascade=foreground");
    expect(await podsOf("front")).toBe("");
    await running("back");
    await cluster.run("delete", "rc", "back");
    await cluster.until(/^$/, "get", "pods", "-l", "app=back", "-o", "name");
  });

  test("gives a pod its grace, which can only become shorter", async () => {
    const stubborn = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "stubborn" },
      spec: {
        terminationGracePeriodSeconds: 600,
        containers: [
          {
            name: "main",
            image: "host",
            command: ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done"],
          },
        ],
      },
    };
    await cluster.run("create", ...file(JSON.stringify(stubborn)));
    await cluster.until(/up/, "logs", "stubborn");
    const grace = ["get", "pod", "stubborn", "-o", "jsonpath={.metadata.deletionGracePeriodSeconds}"];
    await cluster.run("delete", "pod", "stubborn", "--wait=false");
    expect(await cluster.run(...grace)).toBe("600");
    expect(await cluster.run("get", "pod", "stubborn")).toContain("Terminating");
    await cluster.run("delete", "pod", "stubborn", "--grace-period=900", "--wait=false");
    expect(await cluster.run(...grace)).toBe("600");
    await cluster.run("delete", "pod", "stubborn", "--grace-period=1");
    expect(await cluster.fails("get", "pod", "stubborn")).toContain("not found");
    await cluster.run("create", ...file(JSON.stringify(stubborn)));
    const forced = await cluster.result(["delete", "pod", "stubborn", "--force", "--grace-period=0"]);
    expect(forced.stdout).toContain("force deleted");
    expect(forced.stderr).toContain("Immediate deletion does not wait");
  });

  test("takes what its selectors name, or all", async () => {
    for (const [name, part] of [
      ["one", "x"],
      ["two", "x"],
      ["three", "y"],
    ] as const)
      await cluster.run("-n", "kube-public", "create", ...file(configMap(name, {}, { labels: { part } })));
    const left = () => cluster.run("-n", "kube-public", "get", "cm", "-o", "name");
    expect(await cluster.run("-n", "kube-public", "delete", "cm", "-l", "part=x")).toMatch(
      /"one" deleted.*\n.*"two" deleted/,
    );
    expect(await left()).toBe("configmap/three\n");
    await cluster.run("-n", "kube-public", "delete", "cm", "--all");
    expect(await left()).toBe("");
    expect(await cluster.fails("delete", "cm", "none")).toContain('configmaps "none" not found');
    expect(await cluster.run("delete", "cm", "none", "--ignore-not-found")).toBe("");
  });

  test("waits until the last finalizer is gone", async () => {
    await cluster.run("create", ...file(configMap("held", {}, { finalizers: ["example.com/hold"] })));
    const waited = await cluster.result(["delete", "cm", "held", "--timeout=1s"]);
    expect(waited.stderr).toContain("timed out waiting for the condition");
    const late = JSON.stringify({ metadata: { finalizers: ["example.com/hold", "example.com/late"] } });
    expect(await cluster.fails("patch", "cm", "held", "--type=merge", "-p", late)).toContain(
      'no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/late"}',
    );
    const waiting = cluster.start(["wait", "--for=delete", "cm/held", "--timeout=60s"]);
    await cluster.run("patch", "cm", "held", "--type=merge", "-p", '{"metadata":{"finalizers":null}}');
    expect((await waiting.ended).code).toBe(0);
  });

  test("ns takes all that is in it, refuses newcomers meanwhile, and says what it waits for", async () => {
    await cluster.run("create", "ns", "team");
    await cluster.run("-n", "team", "apply", ...file(rc("web", { replicas: 2 })));
    await cluster.run(
      "-n",
      "team",
      "apply",
      ...file(configMap("held", {}, { finalizers: ["example.com/hold"] })),
    );
    await cluster.run("delete", "ns", "team", "--wait=false");
    await cluster.until(/example\.com\/hold in 1 resource instances/, "describe", "ns", "team");
    expect(await cluster.run("get", "ns", "team")).toContain("Terminating");
    expect(await cluster.run("-n", "team", "get", "rc,pods", "-o", "name")).toBe("");
    expect(await cluster.fails("-n", "team", "create", ...file(configMap("late", {})))).toContain(
      'configmaps "late" is forbidden: unable to create new content in namespace team because it is being terminated',
    );
    await cluster.run("-n", "team", "patch", "cm", "held", "-p", '{"metadata":{"finalizers":null}}');
    await cluster.run("wait", "--for=delete", "ns/team", "--timeout=60s");
    expect(await cluster.fails("-n", "team", "create", ...file(configMap("late", {})))).toContain(
      'namespaces "team" not found',
    );
    expect(await cluster.fails("delete", "ns", "default")).toContain(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });
});
