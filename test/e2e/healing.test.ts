import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Node, Pod, Service } from "../../model/core.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import { accounts, fetchText, type Running, strays, until, Workspace } from "./harness.ts";

/** A running shop heals: whatever is killed, deleted or taken away comes back, and who asks the service never notices. */

interface List<T extends KubernetesObject> {
  readonly items: readonly T[];
}

/** A server that says which pod it is; `/healthz` is its probe. */
const server = `
import { createServer } from "node:http";
const { HOST, PORT, POD_NAME } = process.env;
const server = createServer((request, response) => response.setHeader("connection", "close").end(POD_NAME + "\\n"));
server.listen(Number(PORT), HOST, () => console.log("listening"));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;

const file = `
use std/probe { http }

param copies: Int(0..20) = 3
label app

node worker[i in 1..2] {
  capacity: { cpu: 1, memory: 1Gi, pods: 10 }
}

rc web {
  replicas: copies
  pod {
    identity: { app: "web" }
    grace: 3s
    container server {
      image: "web:1"
      local { directory: ".", command: ["node", "server.mjs"] }
      port http: 8080
      requests: { cpu: 200m, memory: 32Mi }
      ready: http(http, path: "/healthz", every: 1s)
    }
  }
}

service web {
  select: web
  port http: 8000 -> http
  expose: node
}
`;

describe.each(accounts())("as $name", (account) => {
  let workspace: Workspace;
  let cluster: Running;

  const pods = async () => (await workspace.json<List<Pod>>(["get", "pods"])).items;
  const readyPods = async () =>
    (await pods()).filter((pod) =>
      pod.status?.conditions?.some((each) => each.type === "Ready" && each.status === "True"),
    );
  const service = async () => (await workspace.json<List<Service>>(["get", "services"])).items[0]!;
  /** Process ids of the containers of a pod, by the name that the runtime gives every process of it. */
  const processesOf = (pod: Pod) =>
    strays(workspace.directory).filter((pid) => {
      const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      return environment.includes(`POD_NAME=${pod.metadata.name}\0`) && command.includes("server.mjs");
    });
  const everyPodAnswers = async (count: number) => {
    const { clusterIP } = (await service()).spec;
    const seen = new Set<string>();
    await until(async () => {
      seen.add((await fetchText(`http://${clusterIP}:8000/`)).text.trim());
      return seen.size === count;
    }, `answers from ${count} pods`);
    return seen;
  };

  beforeAll(async () => {
    workspace = new Workspace(account);
    workspace.write("server.mjs", server);
    workspace.write("web.kdsl", file);
    cluster = workspace.start(["run", "web.kdsl"]);
    await cluster.output(/ready in/);
  });

  afterAll(async () => {
    await workspace?.close();
  });

  test("replicas listen on one port number at once, and the service spreads over them", async () => {
    const all = await readyPods();
    expect(all).toHaveLength(3);
    expect(new Set(all.map((pod) => pod.status?.podIP)).size).toBe(3);
    expect([...(await everyPodAnswers(3))].sort()).toEqual(all.map((pod) => pod.metadata.name).sort());
  });

  test("the node port answers on every node address and on localhost", async () => {
    const port = (await service()).spec.ports![0]!.nodePort!;
    const nodes = (await workspace.json<List<Node>>(["get", "nodes"])).items;
    const addresses = nodes.map(
      (node) => node.status!.addresses!.find((each) => each.type === "InternalIP")!.address,
    );
    for (const address of [...addresses, "127.0.0.1"])
      expect((await fetchText(`http://${address}:${port}/`)).status).toBe(200);
  });

  test("kill -9 on a container's process: restarted, counted, and no request fails once the endpoints have changed", async () => {
    const [victim] = await readyPods();
    const { clusterIP } = (await service()).spec;
    const [pid] = processesOf(victim!);
    process.kill(pid!, "SIGKILL");
    const statusOf = async () =>
      (await pods()).find((pod) => pod.metadata.uid === victim!.metadata.uid)!.status!.containerStatuses![0]!;
    await until(async () => (await statusOf()).restartCount === 1, "the restart to be counted");
    for (let request = 0; request < 50; request++)
      expect((await fetchText(`http://${clusterIP}:8000/`)).status).toBe(200);
    const status = await statusOf();
    expect(status.lastState.terminated).toMatchObject({ exitCode: 137, reason: "Error" });
    await until(async () => (await readyPods()).length === 3, "the pod to be ready again");
    expect(await workspace.ok(["get", "events"])).toMatch(/Started/);

    // A second crash waits: ten seconds, and the pod says so.
    process.kill(processesOf(victim!)[0]!, "SIGKILL");
    await until(async () => (await statusOf()).state.waiting?.reason === "CrashLoopBackOff", "the back-off");
    expect(await workspace.ok(["get", "pods"])).toMatch(/CrashLoopBackOff/);
    await until(async () => (await statusOf()).restartCount === 2, "the second restart");
    await until(async () => (await readyPods()).length === 3, "the pod to be ready once more");
  });

  test("a deleted pod is replaced by another; the service keeps its address", async () => {
    const before = await service();
    const [victim, ...others] = await readyPods();
    await workspace.ok(["delete", "pod", victim!.metadata.name]);
    await until(async () => {
      const now = await readyPods();
      return now.length === 3 && now.every((pod) => pod.metadata.name !== victim!.metadata.name);
    }, "a new pod");
    const now = await readyPods();
    const fresh = now.filter((pod) => !others.some((other) => other.metadata.uid === pod.metadata.uid));
    expect(fresh).toHaveLength(1);
    expect(others.map((pod) => pod.status?.podIP)).not.toContain(fresh[0]!.status?.podIP);
    expect((await service()).spec.clusterIP).toBe(before.spec.clusterIP);
    await everyPodAnswers(3);
  });

  test("scaling up and down", async () => {
    await workspace.ok(["scale", "rc", "web", "--replicas", "5"]);
    await until(async () => (await readyPods()).length === 5, "five pods");
    await everyPodAnswers(5);
    await workspace.ok(["scale", "rc/web", "--replicas", "2"]);
    await until(async () => (await pods()).length === 2, "two pods");
    await workspace.ok(["scale", "rc/web", "--replicas", "3"]);
    await until(async () => (await readyPods()).length === 3, "three pods");
  });

  test("a pod that fits nowhere waits with the reason and the line, and runs as soon as there is room", async () => {
    // Two nodes of one core hold five pods of 200m each.
    await workspace.ok(["scale", "rc/web", "--replicas", "11"]);
    await until(async () => (await readyPods()).length === 10, "ten pods");
    await cluster.output(/pending: 0\/2 nodes are available: 2 Insufficient cpu/);
    expect(await workspace.ok(["get", "events"])).toMatch(
      /FailedScheduling.*2 Insufficient cpu.*web\.kdsl:11/,
    );
    await workspace.ok(["scale", "rc/web", "--replicas", "10"]);
    await until(async () => (await pods()).length === 10, "ten pods");
    await workspace.ok(["scale", "rc/web", "--replicas", "3"]);
    await until(async () => (await pods()).length === 3, "three pods");
  });

  test("a node taken away: its pods are made again elsewhere", async () => {
    await workspace.ok(["delete", "node", "worker-1"]);
    await until(async () => {
      const now = await readyPods();
      return now.length === 3 && now.every((pod) => pod.spec.nodeName === "worker-2");
    }, "all pods on worker-2");
    await everyPodAnswers(3);
  });

  test("Ctrl-C takes everything down", async () => {
    cluster.kill("SIGINT");
    expect((await cluster.ended).code).toBe(0);
    expect(strays(workspace.directory)).toEqual([]);
    expect((await workspace.run(["get", "pods"])).code).toBe(3);
  });
});
