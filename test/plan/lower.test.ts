import { describe, expect, test } from "vitest";
import {
  block,
  container,
  type field,
  handle,
  list,
  lowered,
  none,
  number,
  object,
  portName,
  quantity,
  rc,
  record,
  span,
  text,
  texts,
  variant,
} from "./builders.ts";

const podSpec = (result: ReturnType<typeof lowered>, name: string) =>
  result.find("ReplicationController", name).spec.template.spec;

describe("an rc", () => {
  test("selects by its pod's identity; labels never leak into the selector", () => {
    const pod = block("pod", undefined, {
      fields: { identity: texts({ app: "shop" }), labels: texts({ team: "pay" }) },
      members: [container("main")],
    });
    const { spec } = lowered(handle("rc", "web", { members: [pod] })).find("ReplicationController", "web");
    expect(spec.selector).toEqual({ app: "shop" });
    expect(spec.template.metadata.labels).toEqual({ app: "shop", team: "pay" });
    expect(spec.replicas).toBe(1);
  });

  test("without an identity does not know its pods", () => {
    const pod = block("pod", undefined, { members: [container("main")] });
    expect(lowered(handle("rc", "web", { members: [pod] })).codes).toEqual(["KD2302"]);
  });

  test("with `select` takes equalities only", () => {
    const select = (operator: "In" | "NotIn", values: string[]) => ({
      select: { kind: "selection", of: "pods", requirements: [{ key: "app", operator, values }] } as const,
    });
    const good = lowered(rc("a", { app: "x" }, undefined, select("In", ["x"])));
    expect(good.find("ReplicationController", "a").spec.selector).toEqual({ app: "x" });
    expect(lowered(rc("a", { app: "x" }, undefined, select("NotIn", ["x"]))).codes).toEqual(["KD2305"]);
    expect(lowered(rc("a", { app: "x" }, undefined, select("In", ["x", "y"]))).codes).toEqual(["KD2305"]);
  });

  test("a label in both `identity` and `labels` is a mistake", () => {
    const pod = block("pod", undefined, {
      fields: { identity: texts({ app: "shop" }), labels: texts({ app: "shop" }) },
      members: [container("main")],
    });
    expect(lowered(handle("rc", "web", { members: [pod] })).codes).toEqual(["KD2308"]);
  });

  test("rolls by shares of its replicas: the surge rounds up, the unavailable down", () => {
    const update = record({ surge: quantity("percent", 1, 4), unavailable: quantity("percent", 1, 4) });
    const { plan } = lowered(rc("web", { app: "x" }, undefined, { replicas: number(5), update }));
    expect(plan.updates).toEqual({ "ReplicationController/default/web": { surge: 2, unavailable: 1 } });
    const never = lowered(rc("web", { app: "x" }, undefined, { update: variant("never") }));
    expect(never.plan.updates).toEqual({ "ReplicationController/default/web": "never" });
  });
});

describe("a service", () => {
  const web = rc("web", { app: "shop", tier: "web" });
  const db = rc("db", { app: "shop", tier: "data" });
  const port = block("port", "http", { value: number(80), target: portName("http") });

  test("selects an rc by its pods' identity and leads to a named port", () => {
    const service = handle("service", "web", { fields: { select: object(web) }, members: [port] });
    expect(lowered(web, service).find("Service", "web").spec).toMatchObject({
      type: "ClusterIP",
      selector: { app: "shop", tier: "web" },
      ports: [{ name: "http", port: 80, targetPort: "http", protocol: "TCP" }],
    });
  });

  test("without `->` leads to the port of the same number", () => {
    const plain = block("port", undefined, { value: number(5432) });
    const service = handle("service", "db", { fields: { select: object(db) }, members: [plain] });
    expect(lowered(db, service).find("Service", "db").spec.ports).toEqual([
      { port: 5432, targetPort: 5432, protocol: "TCP" },
    ]);
  });

  test("selects a family by what its members' identities share", () => {
    const family = { kind: "family", word: "rc", members: [web, db] } as const;
    const service = handle("service", "all", { fields: { select: family }, members: [port] });
    expect(lowered(web, db, service).find("Service", "all").spec.selector).toEqual({ app: "shop" });
    const apart = { ...family, members: [web, rc("other", { app: "blog" })] };
    expect(lowered(handle("service", "all", { fields: { select: apart } })).codes).toEqual(["KD2304"]);
  });

  test("cannot select a pod without an identity, or one of another namespace", () => {
    const bare = handle("pod", "bare", { members: [container("main")] });
    expect(lowered(bare, handle("service", "x", { fields: { select: object(bare) } })).codes).toEqual([
      "KD2303",
    ]);
    const far = handle("service", "x", { fields: { select: object(web) } }, "other");
    expect(lowered(web, far).codes).toEqual(["KD2306"]);
  });

  test("is exposed on nodes, headless, through a balancer, or at addresses", () => {
    const spec = (expose: Parameters<typeof variant>, members = [port]) =>
      lowered(
        web,
        handle("service", "web", { fields: { select: object(web), expose: variant(...expose) }, members }),
      );
    expect(spec(["node", { port: number(30080) }]).find("Service", "web").spec).toMatchObject({
      type: "NodePort",
      ports: [{ nodePort: 30080 }],
    });
    expect(spec(["headless"]).find("Service", "web").spec.clusterIP).toBe("None");
    expect(spec(["balancer"]).find("Service", "web").spec.type).toBe("LoadBalancer");
    const address = { kind: "address", text: "192.0.2.1", cidr: false } as const;
    expect(spec(["external", { addresses: address }]).find("Service", "web").spec.externalIPs).toEqual([
      "192.0.2.1",
    ]);
    const second = block("port", "admin", { value: number(81) });
    expect(spec(["node", { port: number(30080) }], [port, second]).codes).toEqual(["KD2309"]);
    const pinned = block("port", "http", { value: number(80), fields: { node: number(30080) } });
    expect(spec(["cluster"], [pinned]).codes).toEqual(["KD2310"]);
  });
});

describe("a container", () => {
  const db = handle("service", "db", { members: [block("port", "sql", { value: number(5432) })] });
  const login = handle("secret", "login", {
    fields: { password: { kind: "late", source: { from: "env", name: "PW" } } },
  });
  const host = { host: "Service/default/db" };
  const sql = { service: "Service/default/db", port: 5432 };

  test("has its variables in the order written, references by name and in parts", () => {
    const env = record({
      Z: text("first"),
      URL: text("pg://", host, ":", sql, "/x"),
      PORT: { kind: "port", number: 5432, reference: sql },
      PASSWORD: { kind: "late", source: { from: "secret", secret: login, key: "password" } },
      IP: { kind: "late", source: { from: "field", path: "status.podIP" } },
      GONE: none,
      N: number(3),
    });
    const { plan, diagnostics, ...result } = lowered(
      db,
      login,
      rc("web", { app: "x" }, [container("main", { env })]),
    );
    expect(diagnostics).toEqual([]);
    expect(podSpec({ plan, diagnostics, ...result }, "web").containers[0].env).toEqual([
      { name: "Z", value: "first" },
      { name: "URL", value: "pg://db.default:5432/x" },
      { name: "PORT", value: "5432" },
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "login", key: "password" } } },
      { name: "IP", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } } },
      { name: "N", value: "3" },
    ]);
    expect(plan.references["ReplicationController/default/web"]).toEqual({
      "spec.template.spec.containers[0].env[1].value": ["pg://", host, ":", sql, "/x"],
      "spec.template.spec.containers[0].env[2].value": [sql],
    });
  });

  test("cannot read a secret of another namespace, nor a late value outside of `env`", () => {
    const far = handle("secret", "login", {}, "vault");
    const env = record({ P: { kind: "late", source: { from: "secret", secret: far, key: "p" } } });
    expect(lowered(rc("web", { app: "x" }, [container("main", { env })])).codes).toEqual(["KD2306"]);
    const command = list({ kind: "late", source: { from: "secret", secret: login, key: "password" } });
    expect(lowered(login, rc("web", { app: "x" }, [container("main", { command })])).codes).toEqual([
      "KD2307",
    ]);
  });

  test("has canonical amounts; what Kubernetes cannot hold is rounded up and said", () => {
    const requests = record({ cpu: quantity("cpu", 1, 4), memory: quantity("memory", 64 * 1024 * 1024) });
    const good = lowered(rc("web", { app: "x" }, [container("main", { requests })]));
    expect(podSpec(good, "web").containers[0].resources.requests).toEqual({ cpu: "250m", memory: "64Mi" });
    const third = record({ cpu: quantity("cpu", 1, 3) });
    const rounded = lowered(rc("web", { app: "x" }, [container("main", { requests: third })]));
    expect(podSpec(rounded, "web").containers[0].resources.requests).toEqual({ cpu: "334m" });
    expect(rounded.diagnostics.map(({ code, severity }) => `${code} ${severity}`)).toEqual([
      "KD2301 warning",
    ]);
  });

  test("requests what it limits, and the place of the request is the limit's", () => {
    const limits = record({ memory: quantity("memory", 1 << 20) });
    const { spans, ...result } = lowered(rc("web", { app: "x" }, [container("main", { limits })]));
    const { resources } = podSpec({ spans, ...result }, "web").containers[0];
    expect(resources).toEqual({ limits: { memory: "1Mi" }, requests: { memory: "1Mi" } });
    const at = (list: string) =>
      spans.at(
        "ReplicationController/default/web",
        `spec.template.spec.containers[0].resources.${list}.memory`,
      );
    expect(at("requests")).toBe(at("limits"));
  });

  test("runs from source beside the objects, never in them", () => {
    const local = block("local", undefined, {
      fields: { directory: text("./web"), command: list(text("node"), text("server.js")) },
    });
    const result = lowered(rc("web", { app: "x" }, [container("main", {}, [local])]));
    expect(result.plan.local).toEqual({
      "ReplicationController/default/web": {
        main: { directory: "/abs/made.kdsl/./web", command: ["node", "server.js"] },
      },
    });
    expect(JSON.stringify(result.plan.objects)).not.toContain("server.js");
  });

  test("runs from source in its file's own folder where none is named", () => {
    const local = block("local", undefined, { fields: { command: list(text("./server")) } });
    const result = lowered(rc("web", { app: "x" }, [container("main", {}, [local])]));
    expect(result.plan.local).toEqual({
      "ReplicationController/default/web": { main: { directory: "/abs/made.kdsl/.", command: ["./server"] } },
    });
  });

  test("mounts volumes and is probed", () => {
    const probe = record({
      httpGet: record({ port: portName("http"), path: text("/healthz") }),
      periodSeconds: quantity("duration", 2),
      initialDelaySeconds: quantity("duration", 0),
    });
    const mount = block("mount", undefined, {
      fields: {
        volume: { kind: "member", word: "volume", name: "cache" },
        path: text("/var/cache"),
        readonly: { kind: "boolean", value: true },
      },
    });
    const volume = block("volume", "cache", {
      value: variant("emptyDir", { size: quantity("memory", 64 * 1024 * 1024) }),
    });
    const pod = block("pod", undefined, {
      fields: { identity: texts({ app: "x" }) },
      members: [volume, container("main", { ready: probe }, [mount])],
    });
    const spec = podSpec(lowered(handle("rc", "web", { members: [pod] })), "web");
    expect(spec.volumes).toEqual([{ name: "cache", emptyDir: { sizeLimit: "64Mi" } }]);
    expect(spec.containers[0].volumeMounts).toEqual([
      { name: "cache", mountPath: "/var/cache", readOnly: true },
    ]);
    expect(spec.containers[0].readinessProbe).toEqual({
      httpGet: { path: "/healthz", port: "http", scheme: "HTTP" },
      periodSeconds: 2,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 3,
    });
  });
});

describe("where a pod runs", () => {
  const node = handle("node", "worker-a", { fields: { labels: texts({ zone: "a" }) } });
  const on = (value: Parameters<typeof field>[0]) => {
    const pod = handle("pod", "p", { fields: { on: value }, members: [container("main")] });
    return lowered(node, pod).find("Pod", "p").spec;
  };

  test("a node by name is a node selector that the node's own label meets", () => {
    expect(on(object(node)).nodeSelector).toEqual({ "kubernetes.io/hostname": "worker-a" });
    expect(lowered(node).find("Node", "worker-a").metadata.labels).toEqual({
      "kubernetes.io/hostname": "worker-a",
      zone: "a",
    });
  });

  test("equalities are a node selector, all else is node affinity", () => {
    const where = (operator: "In" | "NotIn", ...values: string[]) =>
      ({ kind: "selection", of: "nodes", requirements: [{ key: "zone", operator, values }] }) as const;
    expect(on(where("In", "a")).nodeSelector).toEqual({ zone: "a" });
    expect(on(where("NotIn", "b", "c")).affinity.nodeAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "NotIn", values: ["b", "c"] }] }],
      },
    });
  });

  test("of a selection with both, both hold", () => {
    const disk = { key: "disk", operator: "In", values: ["ssd"] } as const;
    const zone = { key: "zone", operator: "In", values: ["a", "b"] } as const;
    const spec = on({ kind: "selection", of: "nodes", requirements: [zone, disk] });
    expect(spec.nodeSelector).toEqual({ disk: "ssd" });
    expect(spec.affinity.nodeAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [zone] }] },
    });
  });
});

describe("the plan", () => {
  test("orders objects by kind and by `after`, and makes the namespaces that are used", () => {
    const web = rc("web", { app: "web" });
    const db = rc("db", { app: "db" });
    const pod = block("pod", undefined, {
      fields: { identity: texts({ app: "web" }), after: list(object(db)) },
      members: [container("main")],
    });
    const first = handle("rc", "web", { members: [pod] });
    const other = handle("config", "c", {}, "tools");
    const { plan, find } = lowered(first, db, other, handle("node", "n"));
    expect(plan.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      "Namespace tools",
      "Node n",
      "ConfigMap c",
      "ReplicationController db",
      "ReplicationController web",
    ]);
    expect(plan.after).toEqual({ "ReplicationController/default/web": ["ReplicationController/default/db"] });
    expect(find("ReplicationController", "web").metadata.annotations).toEqual({
      "kdsl.dev/after": "ReplicationController/default/db",
    });
    expect(web.name).toBe("web");
  });

  test("holds where a secret's values come from, never the values", () => {
    const secret = handle("secret", "login", {
      fields: {
        password: { kind: "late", source: { from: "env", name: "PW" } },
        key: { kind: "late", source: { from: "file", path: "./key.pem" } },
      },
    });
    const { plan, find } = lowered(secret);
    expect(plan.secrets).toEqual({
      "Secret/default/login": { password: { env: "PW" }, key: { file: "/abs/made.kdsl/./key.pem" } },
    });
    expect(find("Secret", "login")).not.toHaveProperty("data");
  });

  test("knows the place of every field, and the nearest place of what was not written", () => {
    const { plan, spans } = lowered(
      handle("node", "n", { fields: { capacity: record({ cpu: quantity("cpu", 4) }) } }),
    );
    expect(plan.provenance["Node/n"]?.[""]).toEqual({ file: "made.kdsl", line: 2, column: 1 });
    expect(plan.provenance["Node/n"]?.["status.capacity.cpu"]).toEqual({
      file: "made.kdsl",
      line: 1,
      column: 1,
    });
    expect(spans.at("Node/n", "status.capacity.pods")).toBeUndefined();
    expect(spans.nearest("Node/n", "status.capacity.pods")).toEqual(spans.at("Node/n", "status.capacity"));
    expect(spans.nearest("Node/n", "spec.taints[3].key")).toEqual(span(4));
  });

  test("takes its name from the file", () => {
    expect(lowered().plan.name).toBe("made");
  });
});
