import { release } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster, present } from "./kubectl.ts";

/** `kubectl describe`: all of it is put together by kubectl out of many answers, so that what is missing shows here. */

const program = `
label app
label disk
node worker-1 { labels: { disk: "ssd" }, capacity: { cpu: 2, memory: 1Gi, pods: 10 } }
rc web {
  replicas: 2
  pod {
    identity: { app: "web" }
    grace: 1s
    container main {
      image: "host"
      command: ["sh", "-c", "while :; do sleep 1; done"]
      port http: 8080
      requests: { cpu: 250m, memory: 64Mi }
      limits: { memory: 128Mi }
      env: { MODE: "fast" }
    }
  }
}
service web { select: web, port http: 80 -> http }
`;

describe.skipIf(!present)("kubectl describe", () => {
  let cluster: Cluster;
  const run = (...args: string[]) => cluster.run("describe", ...args);

  beforeAll(async () => {
    cluster = await openCluster(program);
    const dies = ["--command", "--", "sh", "-c", "echo cannot start; exit 3"];
    await cluster.run("run", "broken", "--image=host", "--labels=app=broken", ...dies);
    await cluster.run("create", "configmap", "settings", "--from-literal=mode=fast");
    await cluster.run("create", "secret", "generic", "hidden", "--from-literal=token=hush");
  });
  afterAll(() => cluster?.close());

  test("node: what it is, has, runs, and what happened to it", async () => {
    const text = await run("node", "worker-1");
    expect(text).toMatch(
      /Labels: +disk=ssd\n +kubernetes\.io\/arch=\w+\n +kubernetes\.io\/hostname=worker-1/,
    );
    expect(text).toMatch(/Unschedulable: +false/);
    expect(text).toMatch(/HolderIdentity: +worker-1\n +AcquireTime: +<unset>\n +RenewTime: +\w{3}, /);
    for (const [type, status, reason] of [
      ["MemoryPressure", "False", "KubeletHasSufficientMemory"],
      ["DiskPressure", "False", "KubeletHasNoDiskPressure"],
      ["PIDPressure", "False", "KubeletHasSufficientPID"],
      ["Ready", "True", "KubeletReady"],
    ])
      expect(text).toMatch(new RegExp(`${type} +${status} .* ${reason} +kubelet (has|is) `));
    expect(text).toMatch(/InternalIP: +127\.\d+\.0\.\d+\n +Hostname: +worker-1/);
    expect(text).toMatch(/Capacity:\n +cpu: +2\n +ephemeral-storage: +\d+\w*\n +memory: +1Gi\n +pods: +10/);
    expect(text).toMatch(/Allocatable:\n +cpu: +2\n/);
    expect(/Kernel Version: +(\S+)/.exec(text)?.[1]).toBe(release());
    expect(text).toMatch(/OS Image: +\S/);
    expect(text).toMatch(/Architecture: +\w+/);
    expect(text).toMatch(/Container Runtime Version: +process:\/\//);
    expect(text).toMatch(/Kubelet Version: +v1\./);
    expect(text).toMatch(/PodCIDR: +127\.\S+\/24/);
    expect(text).toMatch(/default +web-\w{5} +250m \(12%\) +0 \(0%\) +64Mi \(6%\) +128Mi \(12%\)/);
    expect(text).toMatch(/cpu +500m \(25%\) +0 \(0%\)\n +memory +128Mi \(12%\) +256Mi \(25%\)/);
    for (const event of [
      /Normal +RegisteredNode .* node-controller +Node worker-1 event: Registered Node worker-1 in Controller/,
      /Normal +Starting .* kubelet +Starting kubelet\./,
      /Normal +NodeReady .* kubelet +Node worker-1 status is now: NodeReady/,
    ])
      expect(text).toMatch(event);
  });

  test("pod: its containers, conditions, and what happened to it", async () => {
    // Of several at once newer ones leave out the events.
    const [name = ""] = (await cluster.run("get", "pods", "-l", "app=web", "-o", "name")).split("\n");
    const text = await run(name);
    expect(text).toMatch(/Node: +worker-1\/127\./);
    expect(text).toMatch(/Controlled By: +ReplicationController\/web/);
    expect(text).toMatch(/Container ID: +process:\/\/[0-9a-f]{64}/);
    expect(text).toMatch(/Port: +8080\/TCP/);
    expect(text).toMatch(/State: +Running\n +Started: +\w{3}, /);
    expect(text).toMatch(/Limits:\n +memory: +128Mi\n +Requests:\n +cpu: +250m\n +memory: +64Mi/);
    expect(text).toMatch(/Environment:\n +MODE: +fast/);
    expect(text).toMatch(/PodScheduled +True/);
    expect(text).toMatch(/QoS Class: +Burstable/);
    expect(text).toMatch(/Tolerations: +node\.kubernetes\.io\/not-ready:NoExecute op=Exists for 300s/);
    expect(text).toMatch(
      /Normal +Scheduled .* default-scheduler +Successfully assigned default\/web-\w{5} to worker-1/,
    );
    expect(text).toMatch(/Normal +Started .* kubelet +(?:spec\.\S+ )?Container started/);
  });

  test("a pod that ends again and again says so, with how it ended", async () => {
    const text = await cluster.until(/Warning +BackOff/, "describe", "pod", "-l", "app=broken");
    expect(text).toMatch(/Last State: +Terminated\n +Reason: +Error\n(?: +Message: .*\n)? +Exit Code: +3/);
    expect(text).toMatch(
      /Warning +BackOff .* kubelet +(?:spec\.\S+ )?Back-off restarting failed container broken in pod broken_/,
    );
    expect(await cluster.run("get", "pods", "-l", "app=broken")).toMatch(/CrashLoopBackOff|Error/);
  });

  test("service, endpoints, slices", async () => {
    const service = await run("svc", "web");
    expect(service).toMatch(/Selector: +app=web/);
    expect(service).toMatch(/Port: +http +80\/TCP\nTargetPort: +http\/TCP/);
    expect(service).toMatch(/Endpoints: +127\.[\d.]+:8080,127\.[\d.]+:8080\n/);
    expect(service).toMatch(/Session Affinity: +None/);
    expect(await run("ep", "web")).toMatch(/Addresses: +127\.[\d.]+,127\.[\d.]+\n[\s\S]*http +8080 +TCP/);
    expect(await run("endpointslices")).toMatch(
      /AddressType: +IPv4\n[\s\S]*TargetRef: +Pod\/web-\w{5}\n +NodeName: +worker-1/,
    );
  });

  test("rc, namespace, config, secret, lease", async () => {
    const rc = await run("rc", "web");
    expect(rc).toMatch(/Replicas: +2 current \/ 2 desired/);
    expect(rc).toMatch(/Pods Status: +2 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed/);
    expect(rc).toMatch(/Normal +SuccessfulCreate .* replication-controller +Created pod: web-\w{5}/);
    expect(await run("ns", "default")).toMatch(
      /Labels: +kubernetes\.io\/metadata\.name=default[\s\S]*Status: +Active/,
    );
    expect(await run("cm", "-A")).toMatch(/mode:\n----\nfast/);
    const secret = await run("secret", "-A");
    expect(secret).toMatch(/token: +4 bytes/);
    expect(secret).not.toMatch(/hush/);
    expect(await run("lease", "-n", "kube-node-lease", "worker-1")).toMatch(/Lease Duration Seconds: +40/);
    expect(await cluster.fails("describe", "pod", "nothing")).toMatch(/pods "nothing" not found/);
  });
});
