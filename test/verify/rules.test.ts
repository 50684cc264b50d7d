import { describe, expect, test } from "vitest";
import { asking, config, container, node, pod, rc, secret, service, web } from "./objects.ts";
import { check, fixesOf, planOf, say } from "./plan.ts";

const first = (...objects: Parameters<typeof planOf>[0][number][]) => check(planOf(objects))[0];

test("a sound cluster says nothing", () => {
  const objects = [
    node("worker-a", { cpu: "4", memory: "8Gi" }),
    secret("login"),
    rc("web", { containers: [web, container({ name: "log" })] }, { replicas: 3 }),
    rc("db", {
      containers: [
        {
          ...asking({ cpu: "250m", memory: "256Mi" }),
          env: [{ name: "PASS", valueFrom: { secretKeyRef: { name: "login", key: "password" } } }],
        },
      ],
    }),
    service("web", { app: "web" }),
  ];
  expect(say(objects, { secrets: { "Secret/default/login": { password: { env: "P" } } } })).toEqual([]);
});

describe("selection", () => {
  test("a service that no pod answers to tells what the nearest pod has", () => {
    const found = first(
      rc("web", {}, { labels: { app: "shop", tier: "web" } }),
      service("front", { app: "shop", tier: "wep" }),
    );
    expect(found?.message).toBe('service `front` selects no pod: none has `app == "shop" and tier == "wep"`');
    expect(found?.code).toBe("KD3001");
    expect(found?.secondary[0]?.text).toBe('rc `web` has `tier: "web"`');
  });

  test("a selector never crosses a namespace", () => {
    const other = { ...rc("web"), metadata: { name: "web", namespace: "other" } };
    expect(say([other, service("web", { app: "web" })])[0]).toMatch(/^KD3001/);
  });

  test("an rc that does not select its own pods", () => {
    expect(say([rc("web", {}, { selector: { app: "wep" } })])).toEqual([
      'KD3002 rc `web` selects `app == "wep"`, which its own pods do not have [spec.selector.app wep …]',
    ]);
  });

  test("two rcs that would own each other's pods are told once, at the later", () => {
    const objects = [
      rc("a", {}, { labels: { app: "shop" } }),
      rc("b", {}, { labels: { app: "shop", tier: "web" } }),
    ];
    expect(say(objects)).toEqual([
      "KD3003 rc `b` and rc `a` would take each other's pods for their own [spec.selector.app shop …]",
    ]);
  });

  test("a lone pod that an rc would adopt", () => {
    expect(say([rc("web"), pod("extra", {}, { app: "web" })])).toEqual([
      "KD3004 pod `extra` will be adopted by rc `web` [metadata.labels.app web …]",
    ]);
  });

  test("a name selects one owner; a query may select many", () => {
    const objects = [
      rc("web", {}, { labels: { app: "shop", tier: "web" } }),
      rc("api", {}, { labels: { app: "shop", tier: "api" } }),
      service("front", { app: "shop" }),
    ];
    const named = check(planOf(objects), { "spec.selector": "web" });
    expect(named.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "KD3005 service `front` selects the pods of rc `web`, and those of rc `api` too",
    ]);
    expect(check(planOf(objects), { "spec.selector": 'pods where app == "shop"' })).toEqual([]);
  });
});

describe("the ports of services", () => {
  test("a name that no selected pod offers: the place, the pod's port, and the fix", () => {
    const found = first(
      rc("web"),
      service("web", { app: "web" }, [{ name: "http", port: 80, targetPort: "htpt" }]),
    )!;
    expect(found.code).toBe("KD3102");
    expect(found.message).toBe("service `web` sends port `http` to `htpt`, which no selected pod offers");
    expect(found.primary.text).toBe("not a port of rc `web`");
    expect(found.secondary.map(({ text }) => text)).toEqual(["`server` offers `http`"]);
    expect(found.fixes[0]?.title).toBe("did you mean `http`?");
    expect(fixesOf(found)).toEqual(["htpt => http"]);
  });

  test("a name of another protocol is not offered", () => {
    const port = { name: "http", port: 53, targetPort: "http", protocol: "UDP" } as const;
    const found = first(rc("web"), service("web", { app: "web" }, [port]))!;
    expect(found.code).toBe("KD3102");
    expect(found.secondary[0]?.text).toBe("is TCP here");
  });

  test("a name that only some of the pods offer", () => {
    const objects = [
      rc("web", {}, { labels: { app: "shop", tier: "web" } }),
      rc("api", { containers: [container()] }, { labels: { app: "shop", tier: "api" } }),
      service("front", { app: "shop" }),
    ];
    const found = check(planOf(objects), { "spec.selector": 'pods where app == "shop"' });
    expect(found.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "KD3103 service `front` sends port `http` to `http`, which the pods of rc `api` do not offer",
    ]);
  });

  test("a number that no selected pod declares", () => {
    const objects = [rc("web"), service("web", { app: "web" }, [{ port: 80, targetPort: 8000 }])];
    expect(say(objects)).toEqual([
      "KD3101 service `web` sends port `80` to 8000, which no selected pod declares [8000]",
    ]);
    expect(fixesOf(first(...objects))).toEqual(["8000 => http"]);
  });

  test("several ports are named, and differ", () => {
    const ports = [
      { port: 80, targetPort: "http" },
      { name: "b", port: 80, targetPort: "http" },
    ];
    expect(say([rc("web"), service("web", { app: "web" }, ports)])).toEqual([
      "KD3104 port 80 of service `web` needs a name, as the service has several [80]",
      "KD3105 service `web` has port 80 twice [spec.ports[1].name b …]",
    ]);
  });

  test("a node port is in range and belongs to one service", () => {
    const ports = (nodePort: number) => [{ port: 80, targetPort: "http", nodePort }];
    const type = { type: "NodePort" } as const;
    expect(
      say([
        rc("web"),
        service("a", { app: "web" }, ports(30080), type),
        service("b", { app: "web" }, ports(30080), type),
        service("c", { app: "web" }, ports(80), type),
      ]),
    ).toEqual([
      "KD3106 node port 30080 of service `b` is taken by service `a` [30080]",
      "KD3107 node port 80 is not between 30000 and 32767 [80]",
    ]);
  });

  test("one service may have a node port for each protocol", () => {
    const ports = [
      { name: "dns", port: 53, targetPort: "dns", nodePort: 30053, protocol: "UDP" },
      { name: "dns-tcp", port: 53, targetPort: "dns-tcp", nodePort: 30053, protocol: "TCP" },
    ] as const;
    const server = container({
      ports: [
        { name: "dns", containerPort: 53, protocol: "UDP" },
        { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
      ],
    });
    expect(
      say([rc("dns", { containers: [server] }), service("dns", { app: "dns" }, ports, { type: "NodePort" })]),
    ).toEqual([]);
  });
});

describe("the ports of containers", () => {
  const ports = (...list: NonNullable<typeof web.ports>) => container({ ports: list });

  test("names are short and plain, each once in a container", () => {
    const server = ports(
      { name: "HTTP_1", containerPort: 80 },
      { name: "a", containerPort: 81 },
      { name: "a", containerPort: 82 },
    );
    expect(say([rc("web", { containers: [server] })])).toEqual([
      "KD3110 port name `HTTP_1` must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-) [HTTP_1]",
      "KD3111 container `server` has two ports named `a` [a]",
    ]);
  });

  test("containers of a pod share its address", () => {
    const second = container({ name: "second", ports: [{ containerPort: 8080 }] });
    expect(say([rc("web", { containers: [web, second] })])).toEqual([
      "KD3112 containers `server` and `second` of rc `web` both have port 8080 [8080]",
    ]);
  });

  test("a host port is had once in a pod and once on a node", () => {
    const server = ports({ containerPort: 80, hostPort: 80 }, { containerPort: 81, hostPort: 80 });
    expect(say([rc("web", { containers: [server] })])).toEqual([
      "KD3108 rc `web` takes host port 80 twice [80]",
    ]);
    const one = ports({ containerPort: 80, hostPort: 80 });
    const nodes = [node("a", {}), node("b", {})];
    expect(say([...nodes, rc("web", { containers: [one] }, { replicas: 2 })])).toEqual([]);
    expect(say([...nodes, rc("web", { containers: [one] }, { replicas: 3 })])).toEqual([
      "KD3109 3 pods want host port 80, but may run on 2 nodes only [80]",
    ]);
  });
});

describe("volumes and data", () => {
  const volumes = [{ name: "cache", emptyDir: {} }];

  test("mounts are of declared volumes, absolute, each at its own path", () => {
    const volumeMounts = [
      { name: "cahce", mountPath: "/a" },
      { name: "cache", mountPath: "var/b" },
      { name: "cache", mountPath: "/c/" },
      { name: "cache", mountPath: "/c" },
    ];
    const objects = [rc("web", { volumes, containers: [container({ volumeMounts })] })];
    expect(say(objects)).toEqual([
      "KD3201 container `server` mounts `cahce`, which its pod does not declare [cahce]",
      "KD3203 mount path `var/b` is not absolute [var/b]",
      "KD3202 container `server` mounts two volumes at `/c` [/c]",
    ]);
    expect(check(planOf(objects)).flatMap((each) => fixesOf(each))).toEqual([
      "cahce => cache",
      "var/b => /var/b",
    ]);
  });

  test("a volume that nobody mounts", () => {
    expect(say([rc("web", { volumes })])).toEqual([
      "KD3206 volume `cache` of rc `web` is mounted by no container [cache]",
    ]);
  });

  test("configs and secrets exist and have the keys that are read", () => {
    const env = [
      { name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "levle" } } },
      { name: "B", valueFrom: { secretKeyRef: { name: "gone", key: "x" } } },
      { name: "C", valueFrom: { secretKeyRef: { name: "gone", key: "x", optional: true } } },
      { name: "D", valueFrom: { secretKeyRef: { name: "login", key: "password" } } },
    ];
    const objects = [
      config("settings", { level: "info" }),
      secret("login"),
      rc("web", { containers: [container({ env })] }),
    ];
    expect(say(objects, { secrets: { "Secret/default/login": { password: { env: "P" } } } })).toEqual([
      "KD3205 config `settings` has no key `levle` [levle]",
      "KD3204 rc `web` reads secret `gone`, which this file does not declare [spec.template.spec.containers[0].env[1].valueFrom.secretKeyRef.name gone …]",
    ]);
  });
});

describe("probes", () => {
  const probed = (more: object) => rc("web", { containers: [{ ...web, ...more }] });

  test("ask ports of their own container by name, of the pod by number", () => {
    expect(say([probed({ readinessProbe: { httpGet: { port: "htpt" } } })])).toEqual([
      "KD3301 `ready` of container `server` asks port `htpt`, which the container does not have [htpt]",
    ]);
    expect(say([probed({ livenessProbe: { tcpSocket: { port: 9 } } })])).toEqual([
      "KD3302 `live` of container `server` asks port 9, which no container of the pod declares [9]",
    ]);
    const side = container({ name: "side", readinessProbe: { tcpSocket: { port: 8080 } } });
    expect(say([rc("web", { containers: [web, side] })])).toEqual([]);
  });

  test("have timings that can come true", () => {
    const tcpSocket = { port: "http" };
    expect(say([probed({ readinessProbe: { tcpSocket, timeoutSeconds: 5, periodSeconds: 2 } })])).toEqual([
      "KD3303 `ready` of container `server` waits 5s for an answer but asks every 2s [5]",
    ]);
    expect(say([probed({ livenessProbe: { tcpSocket, successThreshold: 2 } })])).toEqual([
      "KD3304 `live` of container `server` asks for 2 successes in a row; only `ready` may [2]",
    ]);
    const late = pod("job", {
      activeDeadlineSeconds: 30,
      containers: [
        {
          ...web,
          readinessProbe: { tcpSocket, initialDelaySeconds: 25, successThreshold: 2, periodSeconds: 5 },
        },
      ],
    });
    expect(say([late])).toEqual([
      "KD3305 `ready` of container `server` cannot succeed before 30s, but the pod is ended after 30s [25]",
    ]);
  });
});

describe("room", () => {
  test("a limit below its request", () => {
    const server = container({ resources: { requests: { memory: "128Mi" }, limits: { memory: "64Mi" } } });
    const objects = [rc("web", { containers: [server] })];
    expect(say(objects)).toEqual([
      "KD3401 container `server` asks for memory 128Mi but is limited to 64Mi [64Mi]",
    ]);
    expect(fixesOf(first(...objects))).toEqual(["64Mi => 128Mi"]);
  });

  test("without nodes nothing is said of room", () => {
    expect(say([rc("web", { containers: [asking({ cpu: "1000" })], nodeSelector: { zone: "z" } })])).toEqual(
      [],
    );
  });

  test("a pod that no node could ever hold: what it asks, what each node has", () => {
    const objects = [
      node("big", { cpu: "2", memory: "8Gi" }),
      node("busy", { cpu: "8" }, {}, { taints: [{ key: "gpu", effect: "NoSchedule" }] }),
      rc("web", { containers: [asking({ cpu: "2" }), asking({ cpu: "500m" }, "log")] }),
    ];
    const found = first(...objects)!;
    expect(`${found.code} ${found.message}`).toBe("KD3402 no node could ever hold a pod of rc `web`");
    expect(found.notes).toEqual([
      "a pod of rc `web` asks for cpu 2500m = 2 (`server`) + 500m (`log`)",
      "`big`: has cpu 2, asked is 2500m",
      "`busy`: has the taint `gpu:NoSchedule`, which is not tolerated",
    ]);
  });

  test("what a node does not say is its machine's", () => {
    expect(say([node("a", { memory: "1Gi" }), rc("web", { containers: [asking({ cpu: "64" })] })])).toEqual(
      [],
    );
    const gpu = { requests: { "example.com/gpu": "1" }, limits: { "example.com/gpu": "1" } };
    expect(
      say([node("a", { cpu: "1" }), rc("web", { containers: [container({ resources: gpu })] })])[0],
    ).toMatch(/^KD3402/);
  });

  test("nodes that are all tainted are named with the toleration", () => {
    const found = first(
      node("a", {}, {}, { taints: [{ key: "gpu", value: "a100", effect: "NoSchedule" }] }),
      rc("web"),
    )!;
    expect(found.code).toBe("KD3402");
    expect(fixesOf(found)).toEqual([
      'let its pods run there: `tolerate: [{ key: "gpu", value: "a100", effect: "NoSchedule" }]`',
    ]);
  });

  test("a node that is not there", () => {
    const objects = [
      node("a", {}, { zone: "a" }),
      node("b", {}, { zone: "b" }),
      rc("web", { nodeSelector: { zone: "c" } }),
    ];
    const found = first(...objects)!;
    expect(`${found.code} ${found.message}`).toBe("KD3404 no node is one that rc `web` may run on");
    expect(found.notes).toEqual(['`a`: has `zone: "a"`', '`b`: has `zone: "b"`']);
    expect(
      say([objects[0]!, rc("web", { nodeSelector: { zone: "a", "kubernetes.io/os": "linux" } })]),
    ).toEqual([]);
  });

  test("node affinity is looked at term by term", () => {
    const affinity = (operator: "In" | "NotIn", values: string[]) => ({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator, values }] }],
        },
      },
    });
    const a = node("a", {}, { zone: "a" });
    expect(say([a, rc("web", { affinity: affinity("In", ["a", "b"]) })])).toEqual([]);
    expect(say([a, rc("web", { affinity: affinity("NotIn", ["a"]) })])[0]).toMatch(/^KD3404/);
  });

  test("a toleration that no taint asks for", () => {
    const tainted = node("a", {}, {}, { taints: [{ key: "gpu", effect: "NoSchedule" }] });
    const tolerations = [{ key: "gup", operator: "Exists" }] as const;
    expect(say([tainted, node("b", {}), rc("web", { tolerations })])).toEqual([
      "KD3405 rc `web` tolerates `gup`, a taint that no node has [gup]",
    ]);
  });

  test("all together ask for more than there is, with the sum", () => {
    const objects = [
      node("a", { cpu: "4" }),
      node("b", { cpu: "2" }),
      rc("web", { containers: [asking({ cpu: "2" })] }, { replicas: 3 }),
      rc("db", { containers: [asking({ cpu: "500m" })] }),
    ];
    const found = first(...objects)!;
    expect(`${found.code} ${found.message}`).toBe(
      "KD3403 the pods ask for cpu 6500m together, the nodes have only 6",
    );
    expect(found.notes).toEqual([
      "asked: 3 × 2 (rc `web`) + 500m (rc `db`) = 6500m",
      "there: 4 (`a`) + 2 (`b`) = 6",
    ]);
  });

  test("pods bound to some nodes are counted against these", () => {
    const nodes = [node("a", { cpu: "2" }, { zone: "a" }), node("b", { cpu: "8" }, { zone: "b" })];
    const bound = (name: string) =>
      rc(name, { containers: [asking({ cpu: "1500m" })], nodeSelector: { zone: "a" } });
    expect(say([...nodes, bound("x"), bound("y")])).toEqual([
      "KD3403 the pods ask for cpu 3 together, the nodes that they may run on have only 2 [1500m]",
    ]);
  });

  test("pods do not spread over nodes", () => {
    const nodes = [node("a", { cpu: "4" }), node("b", { cpu: "4" })];
    const found = first(...nodes, rc("web", { containers: [asking({ cpu: "2500m" })] }, { replicas: 3 }))!;
    expect(`${found.code} ${found.message}`).toBe("KD3406 only 2 of the 3 pods of rc `web` find room");
    expect(found.notes.at(-1)).toBe("even empty, the nodes hold 1 (`a`) + 1 (`b`) = 2 of them");
  });
});

describe("names", () => {
  test("of objects, their members, labels and keys", () => {
    const bad = rc("web", {
      volumes: [],
      containers: [container({ name: "My_App", env: [{ name: "A=B", value: "" }] })],
    });
    expect(
      say([bad, service("a.b", { app: "web" }, [{ port: 80, targetPort: 80 }])]).map((each) =>
        each.slice(0, 6),
      ),
    ).toEqual(["KD3504", "KD3505", "KD3501", "KD3101"]);
    const labelled = pod("a", {}, { "a b": "x", team: "no good" });
    expect(say([labelled, config("c", { "a/b": "" })]).map((each) => each.replace(/ must .*/, ""))).toEqual([
      "KD3502 label key `a b`",
      "KD3503 label `team` has the value `no good`, which",
      "KD3506 key `a/b` of config `c`",
    ]);
  });

  test("a plain name is offered", () => {
    expect(fixesOf(first(pod("Web_1")))).toEqual(["Web_1 => web-1"]);
  });
});

describe("start order", () => {
  const waiting = (edges: Record<string, string[]>) => ({
    after: Object.fromEntries(
      Object.entries(edges).map(([from, to]) => [
        `ReplicationController/default/${from}`,
        to.map((each) => `ReplicationController/default/${each}`),
      ]),
    ),
  });
  const given = (from: string, host: string) => ({
    [`ReplicationController/default/${from}`]: {
      "spec.template.spec.containers[0].env[0].value": [{ host: `Service/default/${host}` }],
    },
  });
  const env = { containers: [{ ...web, env: [{ name: "HOST", value: "x" }] }] };

  test("a circle of `after` starts never", () => {
    expect(say([rc("a"), rc("b"), rc("c")], waiting({ a: ["b"], b: ["c"], c: ["a"] }))).toEqual([
      "KD3601 `after` goes round in a circle: rc `a` → rc `b` → rc `c` → rc `a` [ReplicationController/default/b]",
    ]);
    expect(say([rc("a"), rc("b"), rc("c")], waiting({ a: ["b", "c"], b: ["c"] }))).toEqual([]);
  });

  test("a circle of host names, with `after` or without", () => {
    const objects = [rc("a", env), rc("b", env), service("a", { app: "a" }), service("b", { app: "b" })];
    const both = { references: { ...given("a", "b"), ...given("b", "a") } };
    expect(say(objects, both)).toEqual([
      "KD3602 these need each other when they start: rc `a` → rc `b` → rc `a` [x]",
    ]);
    expect(say(objects, { references: given("a", "b"), ...waiting({ b: ["a"] }) })[0]).toMatch(/^KD3602/);
    expect(say(objects, { references: given("a", "a") })).toEqual([]);
  });

  test("a host whose pods are scaled away", () => {
    const objects = [rc("a", env), rc("b", {}, { replicas: 0 }), service("b", { app: "b" })];
    expect(say(objects, { references: given("a", "b") })).toEqual([
      "KD3603 rc `a` is given the host of service `b`, which has no pods [x]",
    ]);
  });
});

describe("the net below", () => {
  test("tells what Kubernetes refuses and no rule told", () => {
    expect(say([rc("web", { dnsPolicy: "Never" })])).toEqual([
      'KD3901 Kubernetes refuses rc `web`: spec.template.spec.dnsPolicy: Unsupported value: "Never": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None" [Never]',
    ]);
  });

  test("is silent where a rule spoke", () => {
    const found = say([rc("web", { containers: [container({ name: "My_App" })] })]);
    expect(found.map((each) => each.slice(0, 6))).toEqual(["KD3504"]);
  });
});
