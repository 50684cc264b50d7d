import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchText } from "./harness.ts";
import { type Cluster, openCluster, present } from "./kubectl.ts";

/** The rest of a day's work: run, expose, wait, events, proxy, cluster-info. */

const server = `
  import { createServer } from "node:http";
  createServer((_, response) => response.end("hello\\n")).listen(8080, process.env.HOST);
`;

const program = `
label app
node worker { capacity: { cpu: 1, memory: 1Gi, pods: 20 } }
rc web {
  replicas: 1
  pod {
    identity: { app: "web" }
    grace: 1s
    container main {
      image: "host"
      local { directory: ".", command: ["node", "server.mjs"] }
      port http: 8080
    }
  }
}
`;

describe.skipIf(!present)("a day's work with kubectl", () => {
  let cluster: Cluster;
  const run = (...args: string[]) => cluster.run(...args);

  beforeAll(async () => {
    cluster = await openCluster(program, [], {}, { "server.mjs": server });
  });
  afterAll(() => cluster?.close());

  test("run: a pod of one's own, with variables and labels, or only what it would be", async () => {
    const args = ["--image=host", "--restart=Never", "--env=WHO=world", "--labels=app=once,tier=x"];
    const command = ["--command", "--", "sh", "-c", 'echo "hello $WHO"'];
    const client = await run("run", "once", ...args, "--dry-run=client", "-o", "yaml", ...command);
    expect(client).toMatch(/value: world/);
    const defaulted = await run("run", "once", ...args, "--dry-run=server", "-o", "yaml", ...command);
    expect(defaulted).toMatch(/terminationMessagePath: \/dev\/termination-log/);
    expect(await cluster.fails("get", "pod", "once")).toMatch(/not found/);
    expect(await run("run", "once", ...args, ...command)).toBe("pod/once created\n");
    await run("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/once", "--timeout=20s");
    expect(await run("logs", "once")).toBe("hello world\n");
    expect(await run("get", "pod", "-l", "tier=x")).toMatch(/once +0\/1 +Completed +0/);
    expect(await cluster.fails("run", "once", "--image=host")).toMatch(/pods "once" already exists/);
    await run("delete", "pod", "once", "--now");
  });

  test("a pod made of everything: what an init container left, a config, a secret and facts about itself", async () => {
    await run("create", "configmap", "settings", "--from-literal=MODE=fast");
    await run("create", "secret", "generic", "login", "--from-literal=password=hüter$x");
    const facts = [
      { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
      {
        path: "memory",
        resourceFieldRef: { containerName: "main", resource: "limits.memory", divisor: "1Mi" },
      },
    ];
    const mount = (name: string, mountPath: string) => ({ name, mountPath });
    const shell = (name: string, script: string) => ({ name, image: "host", command: ["sh", "-c", script] });
    const pod = {
      ...{
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "full", labels: { app: "full", "odd.io/Key_1": "a.B" } },
      },
      spec: {
        restartPolicy: "Never",
        initContainers: [
          { ...shell("prepare", "echo prepared > /shared/file"), volumeMounts: [mount("work", "/shared")] },
        ],
        containers: [
          {
            ...shell(
              "main",
              "cat /shared/file /about/labels; echo; cat /about/memory /about/secret; echo; echo $SET_MODE $URL",
            ),
            envFrom: [{ prefix: "SET_", configMapRef: { name: "settings" } }],
            env: [
              { name: "SELF", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
              { name: "URL", value: "http://$(SELF)/$$(SELF)" },
            ],
            resources: { limits: { memory: "64Mi" } },
            volumeMounts: [mount("work", "/shared"), mount("about", "/about")],
          },
        ],
        volumes: [
          { name: "work", emptyDir: {} },
          {
            name: "about",
            projected: {
              sources: [
                { downwardAPI: { items: facts } },
                { secret: { name: "login", items: [{ key: "password", path: "secret" }] } },
              ],
            },
          },
        ],
      },
    };
    const made = await cluster.result(["apply", "-f", "-"], { input: JSON.stringify(pod) });
    expect(made.stderr).toBe("");
    await run("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/full", "--timeout=20s");
    expect(await run("logs", "full", "-c", "main")).toBe(
      'prepared\napp="full"\nodd.io/Key_1="a.B"\n64hüter$x\nfast http://full/$(SELF)\n',
    );
    await run("delete", "pod/full", "configmap/settings", "secret/login", "--now");
  });

  test("a running pod sees configs, secrets, its labels and services as they are now", async () => {
    await run("create", "configmap", "live", "--from-literal=mode=slow", "--from-literal=old=1");
    await run("create", "secret", "generic", "key", "--from-literal=token=one");
    const sources = [
      { configMap: { name: "live" } },
      { secret: { name: "key" } },
      { downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
    ];
    const pod = {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "watcher", labels: { stage: "test" } } },
      spec: {
        containers: [
          {
            ...{ name: "main", image: "host", command: ["sleep", "1000"] },
            volumeMounts: [
              { name: "about", mountPath: "/about" },
              { name: "about", mountPath: "/still", subPath: "mode" },
            ],
          },
        ],
        volumes: [{ name: "about", projected: { sources } }],
      },
    };
    await cluster.result(["apply", "-f", "-"], { input: JSON.stringify(pod) });
    await run("wait", "--for=condition=Ready", "pod/watcher", "--timeout=20s");
    const inside = (script: string) => ["exec", "watcher", "--", "sh", "-c", script] as const;
    expect(await run(...inside("cd /about; ls; cat mode old token labels /still"))).toBe(
      'labels\nmode\nold\ntoken\nslow1onestage="test"slow',
    );
    expect((await cluster.result(inside("getent hosts late"))).code).toBe(2);
    expect(await cluster.fails(...inside("echo mine > /about/mine"))).toMatch(/Read-only file system/);
    await run(
      "patch",
      "configmap",
      "live",
      "--type=merge",
      "-p",
      '{"data":{"mode":"fast","old":null,"new":"2"}}',
    );
    await run("patch", "secret", "key", "-p", '{"stringData":{"token":"two"}}');
    await run("label", "pod", "watcher", "stage=live", "--overwrite");
    await cluster.until(
      /^labels\nmode\nnew\ntoken\nfast2twostage="live"$/,
      ...inside("cd /about; ls; cat mode new token labels"),
    );
    await run("expose", "rc", "web", "--name=late", "--port=8000", "--target-port=http");
    await run("create", "service", "clusterip", "bare", "--clusterip=None");
    await run("set", "selector", "service/bare", "app=web");
    await cluster.until(
      /^127\.\S+ +late\b.*\n127\.\S+ +bare\b/,
      ...inside("getent hosts late; getent hosts bare"),
    );
    await run("delete", "service", "late", "bare");
    await cluster.until(/^$/, ...inside("getent hosts late bare || true"));
    await run("delete", "pod/watcher", "configmap/live", "secret/key", "--now");
  });

  test("side cars run beside the main container, and end after it", async () => {
    const shell = (name: string, script: string) => ({ name, image: "host", command: ["sh", "-c", script] });
    const pod = {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "job" } },
      spec: {
        restartPolicy: "Never",
        initContainers: [
          {
            ...shell("logs", 'trap "echo bye; exit 0" TERM; echo hello; while :; do sleep 0.1; done'),
            restartPolicy: "Always",
          },
        ],
        containers: [shell("main", "until [ -e /shared/go ]; do sleep 0.1; done; echo done")].map((main) => ({
          ...main,
          volumeMounts: [{ name: "work", mountPath: "/shared" }],
          lifecycle: { postStart: { sleep: { seconds: 1 } } },
        })),
        volumes: [{ name: "work", emptyDir: {} }],
      },
    };
    await cluster.result(["apply", "-f", "-"], { input: JSON.stringify(pod) });
    await run("wait", "--for=condition=Ready", "pod/job", "--timeout=20s");
    expect(await run("get", "pod", "job")).toMatch(/job +2\/2 +Running +0/);
    await run("exec", "job", "-c", "main", "--", "touch", "/shared/go");
    await run("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/job", "--timeout=20s");
    expect(await run("get", "pod", "job")).toMatch(/job +0\/2 +Completed +0/);
    expect(await run("logs", "job", "-c", "logs")).toMatch(/^hello\n(Terminated\n)?bye\n$/);
    await run("delete", "pod", "job", "--now");
  });

  test("run: what cannot be run here says how it could", async () => {
    await run("run", "unknown", "--image=busybox");
    await cluster.until(/CreateContainerError|RunContainerError/, "get", "pod", "unknown");
    expect(await run("events", "--for", "pod/unknown", "--types=Warning")).toMatch(
      /image "busybox" cannot be run on this machine .* or a `command`/,
    );
    await run("delete", "pod", "unknown", "--now");
  });

  test("expose: a service for what is there, and it answers", async () => {
    expect(await run("expose", "rc", "web", "--port=8000", "--target-port=http")).toBe(
      "service/web exposed\n",
    );
    await cluster.until(/web +127\.\S+:8080/, "get", "endpoints", "web");
    const address = await run("get", "svc", "web", "-o", "jsonpath={.spec.clusterIP}:{.spec.ports[0].port}");
    await expect
      .poll(() =>
        fetchText(`http://${address}/`)
          .then(({ text }) => text)
          .catch(() => ""),
      )
      .toBe("hello\n");
    expect(await cluster.fails("expose", "rc", "nothing", "--port=1")).toMatch(/"nothing" not found/);
    expect(await cluster.fails("expose", "rc", "web", "--port=8000")).toMatch(
      /services "web" already exists/,
    );
    await run("delete", "svc", "web");
  });

  test("wait: for conditions, values, the coming and the going", async () => {
    expect(await run("wait", "--for=condition=Ready", "pod", "-l", "app=web", "--timeout=20s")).toMatch(
      /pod\/web-\w{5} condition met/,
    );
    expect(await run("wait", "--for=condition=Ready", "node", "--all")).toBe("node/worker condition met\n");
    expect(await run("wait", "--for=jsonpath={.status.readyReplicas}=1", "rc/web")).toMatch(/condition met/);
    expect(await run("wait", "--for=delete", "pod/nothing", "--timeout=5s")).toBe("");
    const coming = cluster.start(["wait", "--for=create", "configmap/late", "--timeout=30s"]);
    const creating = await run("create", "configmap", "late");
    expect(creating).toMatch(/created/);
    expect((await coming.ended).code).toBe(0);
    const going = cluster.start(["wait", "--for=delete", "configmap/late", "--timeout=30s"]);
    await run("delete", "configmap", "late");
    expect((await going.ended).code).toBe(0);
    expect(await cluster.fails("wait", "--for=condition=Bogus", "rc/web", "--timeout=1s")).toBe(
      "error: timed out waiting for the condition on replicationcontrollers/web\n",
    );
    expect(await cluster.fails("wait", "--for=create", "pod/nothing", "--timeout=1s")).toMatch(/timed out/);
    expect(await cluster.fails("wait", "--for=condition=Ready", "pod/nothing")).toMatch(
      /"nothing" not found/,
    );
  });

  test("events: of one object, of one type, as they happen", async () => {
    expect(await run("events", "--for", "rc/web")).toMatch(
      /Normal +SuccessfulCreate +ReplicationController\/web/,
    );
    expect(await run("events", "-A", "--types=Normal")).toMatch(/default +\S+ .* NodeReady +Node\/worker/);
    const watching = cluster.start(["events", "--watch"]);
    await watching.output(/LAST SEEN/);
    await run("scale", "rc", "web", "--replicas=2");
    await watching.output(/Created pod: web-\w{5}[\s\S]*Created pod: web-\w{5}/);
    watching.kill("SIGINT");
    await run("scale", "rc", "web", "--replicas=1");
  });

  test("proxy: the API for whoever has no token", async () => {
    const proxy = cluster.start(["proxy", "--port=0"]);
    const [, port] = await proxy.output(/Starting to serve on 127\.0\.0\.1:(\d+)/);
    const { status, text } = await fetchText(`http://127.0.0.1:${port}/api/v1/nodes/worker`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ kind: "Node", metadata: { name: "worker" } });
    expect((await fetchText(`http://127.0.0.1:${port}/api/v1/nodes/none`)).status).toBe(404);
    proxy.kill("SIGINT");
  });

  test("cluster-info, and a dump of all there is", async () => {
    expect(await run("cluster-info")).toMatch(
      /Kubernetes control plane is running at .*https:\/\/127\.0\.0\.1:\d+/,
    );
    const folder = join(cluster.workspace.directory, "dump");
    await run("cluster-info", "dump", "-A", `--output-directory=${folder}`);
    for (const name of [
      "nodes.json",
      "default/pods.json",
      "default/services.json",
      "kube-node-lease/events.json",
    ])
      expect([name, existsSync(join(folder, name))]).toEqual([name, true]);
    const { items } = JSON.parse(readFileSync(join(folder, "default/pods.json"), "utf8"));
    expect(existsSync(join(folder, "default", items[0].metadata.name, "logs.txt"))).toBe(true);
  });

  test("kubectl config may write the file: it is still the cluster's, and goes with it", async () => {
    const other = await openCluster(program, [], {}, { "server.mjs": server });
    try {
      await other.run("config", "set-context", "--current", "--namespace=kube-system");
      expect((await other.result(["get", "pods"])).stderr).toMatch(/No resources found in kube-system/);
      other.running.kill("SIGTERM");
      await other.running.ended;
      expect(existsSync(other.kubeconfig)).toBe(false);
    } finally {
      await other.close();
    }
  });

  test("set image: the pods follow the template when they are made anew", async () => {
    await run("set", "image", "rc/web", "main=host:2");
    await run("set", "env", "rc/web", "NEW=1");
    expect(await run("get", "rc", "web", "-o", "wide")).toMatch(/host:2/);
    expect(await run("set", "env", "rc/web", "--list")).toMatch(/NEW=1/);
  });
});
