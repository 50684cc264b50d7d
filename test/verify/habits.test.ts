import { describe, expect, test } from "vitest";
import type { Container } from "../../model/core.ts";
import { config, container, node, pod, rc, secret, service, web } from "./objects.ts";
import { check, fixesOf, planOf, say } from "./plan.ts";

/** What is probably a mistake, and what looks like one and is none. */

const codes = (...objects: Parameters<typeof planOf>[0][number][]) =>
  check(planOf(objects)).map(({ code }) => code);
const started = (more: Partial<Container>) => codes(rc("web", { containers: [container(more)] }));

describe("commands", () => {
  test.each([
    [["node", "server.js"]],
    [["/bin/sh", "-c", "exec server | tee log"]],
    [["/usr/bin/env", "bash", "-ec", "echo $HOME && exec server"]],
    [["sh", "-c", 'exec "$0" "$@"', "server", "--fast"]],
    [["sh", "-c", "server"]],
    [["sh", "./start.sh"]],
    [["server", "--name", "a | b", "--price", "$5"]],
    [["/opt/My Program/server"]],
    [["echo", "$$HOME"]],
  ])("%j is started as it is meant", (command) => {
    expect(started({ command, env: [{ name: "HOME", value: "/" }] })).toEqual([]);
  });

  test.each([
    [["node server.js"], "KD3809"],
    [["echo $X | grep y"], "KD3809"],
    [["server", "&&", "other"], "KD3808"],
    [["server", "--port", "$\x7bPORT}"], "KD3808"],
    [["bash", "sleep 5 && server"], "KD3810"],
    [["/bin/sh", "-c", "echo", "hello"], "KD3811"],
  ])("%j is not", (command, code) => {
    expect(started({ command, env: [{ name: "PORT", value: "1" }] })).toEqual([code]);
  });

  test("probes and hooks are commands too, without Kubernetes' own variables", () => {
    expect(started({ livenessProbe: { exec: { command: ["cat /tmp/alive"] } } })).toEqual(["KD3809"]);
    const env = [{ name: "X", value: "1" }];
    const [found] = check(
      planOf([
        rc("web", {
          containers: [container({ env, readinessProbe: { exec: { command: ["test", "$X"] } } })],
        }),
      ]),
    );
    expect([found?.code, fixesOf(found)]).toEqual(["KD3808", []]);
  });
});

describe("variables", () => {
  const env = [{ name: "HOST", value: "db" }];

  test.each([
    "$(HOST)",
    "$$(ANYTHING)",
    "$(KUBERNETES_SERVICE_HOST)",
    "$(MY_DB_SERVICE_PORT_SQL)",
    "$HOST",
    "$(date +%s)",
  ])("%s is fine", (text) => {
    const objects = [
      rc("web", { containers: [container({ env, args: [text] })] }),
      rc("db"),
      service("my-db", { app: "db" }),
    ];
    expect(codes(...objects)).toEqual([]);
  });

  test("in a script `$(name)` runs a program", () => {
    expect(started({ command: ["sh", "-c", "echo $(hostname)"] })).toEqual([]);
    expect(started({ env, command: ["sh", "-c", "curl $(HOTS)"] })).toEqual(["KD3807"]);
  });

  test("those of whole configs count, and of data that is not here all might", () => {
    const from = (name: string) =>
      rc("web", {
        containers: [
          container({
            args: ["$(P_LEVEL)"],
            envFrom: [{ prefix: "P_", configMapRef: { name, optional: true } }],
          }),
        ],
      });
    expect(codes(config("settings", { LEVEL: "1" }), from("settings"))).toEqual([]);
    expect(codes(from("elsewhere"))).toEqual([]);
  });

  test("a variable that names itself, and one that is set twice", () => {
    expect(
      say([rc("web", { containers: [container({ env: [{ name: "PATH", value: "/x:$(PATH)" }] })] })]),
    ).toEqual(["KD3807 `$(PATH)` of container `server` is the variable itself [$(PATH)]"]);
    expect(started({ env: [...env, ...env] })).toEqual(["KD3507"]);
  });
});

describe("mounts", () => {
  const mounting = (mountPath: string, more: object = {}) =>
    codes(
      config("settings", { "a.conf": "" }),
      rc("web", {
        volumes: [
          { name: "conf", configMap: { name: "settings" } },
          { name: "tmp", emptyDir: {} },
        ],
        containers: [
          container({
            volumeMounts: [
              { name: "conf", mountPath, ...more },
              { name: "tmp", mountPath: "/srv/tmp" },
            ],
          }),
        ],
      }),
    );

  test.each(["/etc/web", "/usr/local/conf", "/etcetera"])("%s hides nothing", (path) =>
    expect(mounting(path)).toEqual([]),
  );
  test("one file hides nothing but itself", () => {
    expect(mounting("/etc/a.conf", { subPath: "a.conf" })).toEqual([]);
    expect(mounting("/etc/a.conf", { subPath: "b.conf" })).toEqual(["KD3209"]);
  });
  test("the root, a whole directory of the system, and what lies in what cannot be written", () => {
    expect([mounting("/"), mounting("/etc/"), mounting("/srv")]).toEqual([
      ["KD3203"],
      ["KD3208"],
      ["KD3210"],
    ]);
  });

  test("a claim for one node", () => {
    const claim = (mode: string) => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", namespace: "default" },
      spec: { accessModes: [mode] },
    });
    const sharing = (mode: string, replicas: number) =>
      codes(
        claim(mode),
        rc(
          "web",
          {
            volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } } as never],
            containers: [container({ volumeMounts: [{ name: "data", mountPath: "/data" }] })],
          },
          { replicas },
        ),
      );
    expect(sharing("ReadWriteOnce", 2)).toEqual(["KD3211"]);
    expect([...sharing("ReadWriteOnce", 1), ...sharing("ReadWriteMany", 2)]).toEqual([]);
  });
});

describe("data that nobody reads", () => {
  test("is read by pods, by other kinds of objects, or by what an annotation names", () => {
    const annotated = {
      ...config("b", {}),
      metadata: { name: "b", namespace: "default", annotations: { "kdsl.dev/read-by": "x" } },
    };
    const ingress = {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "web", namespace: "default" },
      spec: { tls: [{ secretName: "cert" }] },
    };
    expect(
      codes(rc("web"), annotated, secret("cert"), ingress, {
        ...secret("pull"),
        type: "kubernetes.io/dockerconfigjson",
      } as never),
    ).toEqual([]);
    expect(codes(rc("web"), secret("cert"))).toEqual(["KD3207"]);
  });
  test("is not told of a file of data alone", () => expect(codes(config("a", { k: "v" }))).toEqual([]));
});

describe("spreading", () => {
  const zones = (...list: string[]) => list.map((zone, index) => node(`n${index}`, { cpu: "4" }, { zone }));
  const spreading = (replicas: number, more: object) => rc("web", more, { replicas });
  const apart = (topologyKey: string, app = "web") => ({
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey, labelSelector: { matchLabels: { app } } },
        ],
      },
    } as never,
  });

  test("apart: one in each domain, unless the rule is about others or some node lacks the label", () => {
    expect(codes(...zones("a", "b"), spreading(2, apart("zone")))).toEqual([]);
    expect(codes(...zones("a", "a", "b"), spreading(3, apart("zone")))).toEqual(["KD3407"]);
    expect(codes(...zones("a", "b"), spreading(3, apart("zone", "other")))).toEqual([]);
    expect(codes(...zones("a"), node("bare", {}), spreading(3, apart("zone")))).toEqual([]);
    expect(codes(spreading(3, apart("zone")))).toEqual([]);
  });

  test("even: a tainted domain holds none, so that the others hold little", () => {
    const even = {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "zone",
          whenUnsatisfiable: "DoNotSchedule",
          labelSelector: { matchLabels: { app: "web" } },
        },
      ],
    } as never;
    const tainted = node("t", { cpu: "4" }, { zone: "c" }, { taints: [{ key: "x", effect: "NoSchedule" }] });
    expect(codes(...zones("a", "b"), spreading(6, even))).toEqual([]);
    expect(codes(...zones("a", "b"), tainted, spreading(2, even))).toEqual([]);
    expect(codes(...zones("a", "b"), tainted, spreading(3, even))).toEqual(["KD3407"]);
  });
});

describe("probes beside each other", () => {
  const probed = (more: Partial<Container>) => codes(rc("web", { containers: [{ ...web, ...more }] }));
  const ask = (path: string, more: object = {}) => ({ httpGet: { port: "http", path }, ...more });

  test("live may ask the same when it is slower, and as fast when it asks another thing", () => {
    expect(probed({ readinessProbe: ask("/h"), livenessProbe: ask("/h", { failureThreshold: 6 }) })).toEqual(
      [],
    );
    expect(probed({ readinessProbe: ask("/h"), livenessProbe: ask("/alive") })).toEqual([]);
    expect(probed({ readinessProbe: ask("/h"), livenessProbe: ask("/h") })).toEqual(["KD3306"]);
  });

  test("live waits for started", () => {
    const slow = { readinessProbe: ask("/h", { initialDelaySeconds: 90 }), livenessProbe: ask("/alive") };
    expect(probed(slow)).toEqual(["KD3307"]);
    expect(probed({ ...slow, startupProbe: ask("/h", { failureThreshold: 30 }) })).toEqual([]);
  });
});

describe("beginning and end", () => {
  const stopping = (command: string[], grace?: number) =>
    codes(
      rc("web", {
        terminationGracePeriodSeconds: grace,
        containers: [container({ lifecycle: { preStop: { exec: { command } } } })],
      } as never),
    );

  test("a sleep before the stop fits into the grace", () => {
    expect(stopping(["sleep", "10"], 30)).toEqual([]);
    expect(stopping(["sh", "-c", "sleep 5 && nginx -s quit; sleep 30"], 30)).toEqual(["KD3804"]);
    expect(stopping(["sh", "-c", "sleep 1m"])).toEqual(["KD3804"]);
    expect(stopping(["sh", "-c", "echo sleeper 90"])).toEqual([]);
  });

  test("what is always the newest is not kept", () => {
    const pulled = (image: string, imagePullPolicy: "Never" | "IfNotPresent" | "Always") =>
      started({ image, imagePullPolicy });
    expect(pulled("shop/web", "Never")).toEqual(["KD3803"]);
    expect(pulled("reg:5000/web:latest", "IfNotPresent")).toEqual(["KD3803"]);
    expect(
      [
        pulled("reg:5000/web:1", "Never"),
        pulled("web@sha256:0", "Never"),
        pulled("web", "Always"),
        pulled("host", "Never"),
      ].flat(),
    ).toEqual([]);
  });

  test("an rc is for ever, a pod may end", () => {
    expect(codes(pod("one", { restartPolicy: "Never", activeDeadlineSeconds: 5 }))).toEqual([]);
    expect(codes(rc("web", { restartPolicy: "OnFailure" }))).toEqual(["KD3801"]);
  });
});
