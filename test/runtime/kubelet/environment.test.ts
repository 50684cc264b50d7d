import { describe, expect, test } from "vitest";
import type { Container, PodSpec, Service, ServiceSpec, Volume } from "../../../model/core.ts";
import type { PodSource } from "../../../runtime/environment.ts";
import { expand } from "../../../runtime/kubelet/expansion.ts";
import { container, createWorld, type World } from "./harness.ts";

const none: PodSource = { local: {}, references: {} };

function service(world: World, name: string, spec: Partial<ServiceSpec>, namespace = "default"): Service {
  return world.client.create<"Service">({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { ports: [{ port: 80 }], ...spec },
  });
}

/** What the container of a pod is started with. */
function started(
  more: Partial<Container>,
  {
    prepare,
    source = none,
    spec,
  }: { prepare?: (world: World) => void; source?: PodSource; spec?: Partial<PodSpec> } = {},
) {
  const world = createWorld({ sources: () => source });
  world.addNode("node-a");
  prepare?.(world);
  world.createPod("web", { containers: [container("main", more)], ...spec }, "node-a");
  world.clock.advance(100);
  const [command] = world.commandsOf("startContainer");
  const env = Object.fromEntries((command?.env() ?? []).map(({ name, value }) => [name, value]));
  return { world, command, env, status: world.pod("web")?.status?.containerStatuses?.[0] };
}

const config = (world: World) =>
  world.client.create<"ConfigMap">({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "settings", namespace: "default" },
    data: { LEVEL: "debug", COLOUR: "blue" },
  });

const secret = (world: World) =>
  world.client.create<"Secret">({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "login", namespace: "default" },
    data: { password: "Z2Vow7ZybnQ=" },
  });

describe("the environment of a container", () => {
  test("has what a program needs to find itself, unless the file says it", () => {
    const { env } = started({ ports: [{ containerPort: 80 }, { containerPort: 9000 }] });
    expect(env).toMatchObject({
      HOST: "127.9.128.2",
      PORT: "10080",
      POD_NAME: "web",
      POD_IP: "127.9.128.2",
      NODE_NAME: "node-a",
      HOSTNAME: "web",
    });
    expect(started({ ports: [{ containerPort: 80 }], env: [{ name: "PORT", value: "1" }] }).env.PORT).toBe(
      "1",
    );
    expect(started({}).env).not.toHaveProperty("PORT");
  });

  test("takes envFrom first, then env over it, and expands what was declared before", () => {
    const { env, command } = started(
      {
        envFrom: [{ configMapRef: { name: "settings" } }, { prefix: "LOGIN_", secretRef: { name: "login" } }],
        env: [
          { name: "LEVEL", value: "info" },
          { name: "URL", value: "http://$(LEVEL).$(LATER)/$$(LEVEL)" },
          { name: "LATER", value: "x" },
          { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "login", key: "password" } } },
          { name: "TINT", valueFrom: { configMapKeyRef: { name: "settings", key: "COLOUR" } } },
          { name: "NOTHING", valueFrom: { configMapKeyRef: { name: "other", key: "x", optional: true } } },
        ],
        args: ["--url", "$(URL)", "$(UNKNOWN)"],
      },
      {
        prepare: (world) => {
          config(world);
          secret(world);
        },
      },
    );
    expect(env).toMatchObject({
      LEVEL: "info",
      COLOUR: "blue",
      URL: "http://info.$(LATER)/$(LEVEL)",
      PASSWORD: "gehörnt",
      LOGIN_password: "gehörnt",
      TINT: "blue",
    });
    expect(env).not.toHaveProperty("NOTHING");
    expect(command?.command).toEqual(["run", "main", "--url", env.URL, "$(UNKNOWN)"]);
    expect([...(command?.secretNames ?? [])].sort()).toEqual(["LOGIN_password", "PASSWORD"]);
  });

  test("knows the fields of its pod and the resources of its containers", () => {
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    const resource = (name: string, of: string, divisor?: string) => ({
      name,
      valueFrom: { resourceFieldRef: { resource: of, ...(divisor ? { divisor } : {}) } },
    });
    const { env } = started({
      resources: { requests: { cpu: "250m" }, limits: { memory: "64Mi" } },
      env: [
        field("NAME", "metadata.name"),
        field("APP", "metadata.labels['app']"),
        field("IP", "status.podIP"),
        field("NODE_IP", "status.hostIP"),
        resource("CPU", "requests.cpu"),
        resource("MILLIS", "requests.cpu", "1m"),
        resource("MEMORY", "limits.memory", "1Mi"),
        resource("ALL_CPU", "limits.cpu"),
      ],
    });
    expect(env).toMatchObject({
      NAME: "web",
      APP: "web",
      IP: "127.9.128.2",
      NODE_IP: "127.9.0.10",
      CPU: "1",
      MILLIS: "250",
      MEMORY: "64",
      ALL_CPU: "4",
    });
  });

  test("has the services of its namespace, with the ports that answer", () => {
    let address = "";
    const { env } = started(
      {},
      {
        prepare: (world) => {
          address = service(world, "my-svc", {
            ports: [
              { name: "web", port: 80 },
              { name: "alt", port: 8080 },
            ],
          }).spec.clusterIP!;
          service(world, "headless", { clusterIP: "None" });
        },
      },
    );
    expect(env).toMatchObject({
      MY_SVC_SERVICE_HOST: address,
      MY_SVC_SERVICE_PORT: "10080",
      MY_SVC_SERVICE_PORT_WEB: "10080",
      MY_SVC_SERVICE_PORT_ALT: "8080",
      MY_SVC_PORT: `tcp://${address}:10080`,
      MY_SVC_PORT_80_TCP: `tcp://${address}:10080`,
      MY_SVC_PORT_80_TCP_PROTO: "tcp",
      MY_SVC_PORT_80_TCP_PORT: "10080",
      MY_SVC_PORT_80_TCP_ADDR: address,
      MY_SVC_PORT_8080_TCP_PORT: "8080",
    });
    expect(Object.keys(env).filter((name) => name.startsWith("HEADLESS"))).toEqual([]);
  });

  test("has no services where links are turned off", () => {
    const { env } = started(
      {},
      { prepare: (world) => void service(world, "db", {}), spec: { enableServiceLinks: false } },
    );
    expect(Object.keys(env).filter((name) => name.startsWith("DB_"))).toEqual([]);
  });

  test("has references rebuilt with the addresses and ports that answer here", () => {
    let address = "";
    const parts = [
      "http://",
      { host: "Service/default/db" },
      ":",
      { service: "Service/default/db", port: 80 },
    ];
    const source: PodSource = {
      local: {},
      references: {
        "spec.containers[0].env[0].value": parts,
        "spec.containers[0].env[1].value": [{ host: "Service/default/gone" }],
        "spec.containers[0].args[0]": ["--db=", { host: "Service/default/db" }],
      },
    };
    const { env, command } = started(
      {
        env: [
          { name: "DB", value: "http://db.default:80" },
          { name: "GONE", value: "gone.default" },
        ],
        args: ["--db=db.default"],
      },
      {
        source,
        prepare: (world) => {
          address = service(world, "db", {}).spec.clusterIP!;
        },
      },
    );
    expect(env).toMatchObject({ DB: `http://${address}:10080`, GONE: "gone.default" });
    expect(command?.command.at(-1)).toBe(`--db=${address}`);
  });

  test("expands as Kubernetes does", () => {
    const known = (name: string) => ({ A: "1", B: "$(A)" })[name];
    expect(expand("$(A) $$(A) $(B) $(C) $A $( $$$(A)", known)).toBe("1 $(A) $(A) $(C) $A $( $1");
  });
});

describe("what a container runs", () => {
  test("is its local block's command in that block's directory", () => {
    const local = { main: { directory: "/src/web", command: ["node", "server.js"] } };
    const { command } = started({}, { source: { local, references: {} } });
    expect(command).toMatchObject({ command: ["node", "server.js"], directory: "/src/web" });
  });

  test("is its own command beside the file, or in its working directory", () => {
    expect(started({}).command).toMatchObject({ command: ["run", "main"], directory: "/project" });
    expect(started({ workingDir: "tools" }).command?.directory).toBe("/project/tools");
    expect(started({ workingDir: "/opt" }).command?.directory).toBe("/opt");
  });

  test("is refused where there is neither, with the way out", () => {
    const { status, world } = started({ command: [], image: "shop/web:1" });
    expect(status?.state.waiting?.reason).toBe("CreateContainerError");
    expect(status?.state.waiting?.message).toContain("add `local { directory:");
    expect(world.events("web").filter((text) => text.startsWith("Warning Failed: Error:"))).toHaveLength(1);
  });
});

describe("what a container lacks", () => {
  const wants = {
    env: [{ name: "LEVEL", valueFrom: { configMapKeyRef: { name: "settings", key: "LEVEL" } } }],
  };

  test("is said, and as soon as it is there the container starts", () => {
    const { world, status } = started(wants);
    expect(status?.state.waiting).toEqual({
      reason: "CreateContainerConfigError",
      message: 'configmap "settings" not found',
    });
    config(world);
    world.clock.advance(100);
    expect(world.pod("web")?.status?.phase).toBe("Running");
  });

  test("a key of a config is said by name", () => {
    const env = [{ name: "X", valueFrom: { configMapKeyRef: { name: "settings", key: "NOPE" } } }];
    const { status } = started({ env }, { prepare: config });
    expect(status?.state.waiting?.message).toBe("couldn't find key NOPE in ConfigMap default/settings");
  });

  test("a volume's config holds the sandbox back until it is there", () => {
    const volumes = [
      { name: "conf", configMap: { name: "settings", items: [{ key: "LEVEL", path: "a/level" }] } },
    ];
    const { world } = started({}, { spec: { volumes } });
    expect(world.events("web")).toEqual([
      'Warning FailedMount: MountVolume.SetUp failed for volume "conf" : configmap "settings" not found',
    ]);
    config(world);
    world.clock.advance(100);
    expect(world.commandsOf("createSandbox")[0]?.volumes).toEqual([
      {
        name: "conf",
        type: "files",
        secret: false,
        files: [{ path: "a/level", content: "ZGVidWc=", mode: 0o644 }],
      },
    ]);
    expect(world.pod("web")?.status?.phase).toBe("Running");
  });

  test("volumes hold facts of the pod, alone or beside configs and secrets", () => {
    const cpu = { containerName: "main", resource: "requests.cpu", divisor: "1m" };
    const labels = { path: "labels", fieldRef: { fieldPath: "metadata.labels" } };
    const named = { path: "meta/app", mode: 0o600, fieldRef: { fieldPath: "metadata.labels['app']" } };
    const volumes = [
      { name: "info", downwardAPI: { items: [labels, named] } },
      {
        name: "all",
        projected: {
          defaultMode: 0o440,
          sources: [
            { configMap: { name: "settings", items: [{ key: "LEVEL", path: "level" }] } },
            { secret: { name: "login" } },
            { secret: { name: "absent", optional: true } },
            { downwardAPI: { items: [{ path: "level", resourceFieldRef: cpu }] } },
          ],
        },
      },
    ];
    const { world } = started(
      { resources: { requests: { cpu: "250m" } } },
      {
        spec: { volumes },
        prepare: (world) => {
          config(world);
          secret(world);
        },
      },
    );
    const texts = (world.commandsOf("createSandbox")[0]?.volumes ?? []).map((volume) => {
      if (volume.type !== "files") throw new Error(`${volume.name} is ${volume.type}`);
      const files = volume.files.map(({ path, content, mode }) => [path, atob(content), mode] as const);
      return { secret: volume.secret, files };
    });
    expect(texts).toEqual([
      {
        secret: false,
        files: [
          ["labels", 'app="web"', 0o644],
          ["meta/app", "web", 0o600],
        ],
      },
      {
        secret: true,
        files: [
          ["level", "250", 0o440], // the later source counts
          ["password", Buffer.from("gehörnt").toString("latin1"), 0o440],
        ],
      },
    ]);
  });

  test.each([
    [{ projected: { sources: [{ configMap: { name: "absent" } }] } }, 'configmap "absent" not found'],
    [
      { projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
      "a source of type serviceAccountToken",
    ],
    [{ cephfs: { monitors: [] } }, "is of type cephfs"],
  ])("%j is no volume that can be made here", (source, message) => {
    const { world } = started({}, { spec: { volumes: [{ name: "v", ...source } as Volume] } });
    expect(world.events("web")).toEqual([expect.stringContaining(message)]);
    expect(world.commandsOf("createSandbox")).toEqual([]);
  });

  test("volumes and mounts reach the driver as they are declared", () => {
    const volumes = [
      { name: "cache", emptyDir: { sizeLimit: "1Mi" } },
      { name: "data", hostPath: { path: "/srv", type: "Directory" } },
      { name: "keys", secret: { secretName: "login", defaultMode: 0o400 } },
    ];
    const volumeMounts = [
      { name: "cache", mountPath: "/c", readOnly: true },
      { name: "data", mountPath: "/d", subPath: "x" },
    ];
    const { world, command } = started({ volumeMounts }, { spec: { volumes }, prepare: secret });
    expect(world.commandsOf("createSandbox")[0]?.volumes).toEqual([
      { name: "cache", type: "emptyDir", sizeLimitBytes: 1048576 },
      { name: "data", type: "hostPath", path: "/srv", pathType: "Directory" },
      {
        name: "keys",
        type: "files",
        secret: true,
        files: [{ path: "password", content: "Z2Vow7ZybnQ=", mode: 0o400 }],
      },
    ]);
    expect(command?.mounts).toEqual([
      { volume: "cache", path: "/c", readOnly: true },
      { volume: "data", path: "/d", subPath: "x", readOnly: false },
    ]);
  });
});
