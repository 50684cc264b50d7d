import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Container, PodSpec, Service } from "../../model/core.ts";
import type { Plan } from "../../model/plan.ts";
import { checkPlan, type DriverCapabilities } from "../../runtime/host/check/check.ts";
import { formatNotice, noticeCodes } from "../../runtime/host/check/notice.ts";
import { temporaryDirectory } from "./support.ts";

const { path: directory, remove } = temporaryDirectory();
beforeAll(() => {
  mkdirSync(join(directory, "web"));
  writeFileSync(join(directory, "web", "start"), "#!/bin/sh\n", { mode: 0o755 });
});
afterAll(remove);

const able: DriverCapabilities = {
  namespaces: true,
  openPort: (port) => port,
  env: { PATH: "/usr/bin:/bin" },
  fileDirectory: directory,
};
const unable: DriverCapabilities = {
  ...able,
  namespaces: false,
  namespacesMissing: "Operation not permitted",
  openPort: (port) => (port < 1024 ? port + 20_000 : port),
};

function planOf(spec: Partial<PodSpec>, more: Partial<Plan> = {}, services: readonly Service[] = []): Plan {
  const containers = spec.containers ?? [container({})];
  return {
    ...{ version: 1, name: "shop", local: {}, references: {}, secrets: {}, after: {}, updates: {} },
    ...{ sources: [], params: {}, hash: "" },
    provenance: {
      "ReplicationController/default/web": {
        "": { file: "shop.kdsl", line: 3, column: 1 },
        "spec.template.spec.containers[0]": { file: "shop.kdsl", line: 7, column: 5 },
      },
    },
    objects: [
      {
        apiVersion: "v1",
        kind: "ReplicationController",
        metadata: { name: "web", namespace: "default" },
        spec: { replicas: 1, template: { spec: { ...spec, containers } } },
      } as Plan["objects"][number],
      ...services,
    ],
    ...more,
  };
}

function container(more: Partial<Container>): Container {
  return { name: "server", image: "shop/web:1", command: ["sh"], ...more };
}

function local(run: object): Partial<Plan> {
  return { local: { "ReplicationController/default/web": { server: run as never } } };
}

const codes = (plan: Plan, capabilities = able) =>
  checkPlan(plan, capabilities).map(({ code, severity }) => `${severity} ${code}`);

describe("before the start is said", () => {
  test("nothing of a plan that has all it needs", () => {
    expect(codes(planOf({}))).toEqual([]);
    const run = local({ directory: join(directory, "web"), command: ["./start"] });
    expect(codes(planOf({ containers: [container({ command: [] })] }, run))).toEqual([]);
  });

  test("an image without a command, with its place and the block that mends it", () => {
    const plan = planOf({ containers: [{ name: "server", image: "nginx:1" }] });
    const [notice] = checkPlan(plan, able);
    expect(formatNotice(notice!, plan)).toBe(
      [
        "error[KD4001]: container `server` has the image `nginx:1` and no command: images are not run as processes",
        "  ┌─ shop.kdsl:7:5",
        '  = help: say how it runs here: `local { directory: "./…", command: ["…"] }`, or give the container a `command`',
      ].join("\n"),
    );
  });

  test("a command that is not found, unless it comes from a build, a volume or a variable", () => {
    const command = (program: string, more: Partial<Container> = {}) =>
      planOf({ containers: [container({ command: [program], ...more })] });
    expect(codes(command("no-such-program"))).toEqual(["error KD4002"]);
    expect(codes(command("./start"))).toEqual(["error KD4002"]);
    expect(codes(command("$(PROGRAM)"))).toEqual([]);
    const volumeMounts = [{ name: "scripts", mountPath: "/scripts" }];
    expect(codes(command("/scripts/run", { volumeMounts }))).toEqual([]);
    const built = { directory: join(directory, "web"), build: ["make"], command: ["./server"] };
    expect(codes(planOf({}, local(built)))).toEqual([]);
    expect(codes(planOf({}, local({ ...built, command: ["no-such-program"] })))).toEqual(["error KD4002"]);
    expect(checkPlan(command("redis-server"), { ...able, env: { PATH: directory } })[0]?.message).toContain(
      "apt-get install redis-server",
    );
  });

  test("a directory that is missing", () => {
    expect(codes(planOf({}, local({ directory: "/no/such", command: ["sh"] })))).toEqual(["error KD4003"]);
  });

  test("hostPaths that cannot be had, and volumes of other types", () => {
    const volume = (source: object) => planOf({ volumes: [{ name: "v", ...source }] });
    expect(codes(volume({ hostPath: { path: "/no/such", type: "Directory" } }))).toEqual(["error KD4004"]);
    expect(codes(volume({ hostPath: { path: "/etc/passwd", type: "Directory" } }))).toEqual(["error KD4004"]);
    expect(codes(volume({ hostPath: { path: join(directory, "new"), type: "DirectoryOrCreate" } }))).toEqual(
      [],
    );
    expect(codes(volume({ cephfs: { monitors: [] } }))).toEqual(["error KD4011"]);
    const token = { serviceAccountToken: { path: "token" } };
    expect(codes(volume({ projected: { sources: [token] } }))).toEqual(["error KD4011"]);
    expect(codes(volume({ projected: { sources: [{ secret: { name: "s" } }] } }))).toEqual([]);
    expect(codes(volume({ downwardAPI: { items: [] } }))).toEqual([]);
  });

  test("ports that are shifted, names and mounts that are missing, where this user may do less", () => {
    const service = {
      ...{ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "default" } },
      spec: { clusterIP: "10.0.0.1", ports: [{ port: 80 }, { port: 53, protocol: "UDP" }] },
    } as Service;
    const plan = planOf(
      { containers: [container({ volumeMounts: [{ name: "my-data", mountPath: "/data" }] })] },
      {},
      [service],
    );
    expect(codes(plan)).toEqual(["warning KD4010"]);
    const said = checkPlan(plan, unable);
    expect(said.map(({ code }) => code).sort()).toEqual(["KD4005", "KD4005", "KD4006", "KD4007", "KD4010"]);
    expect(said.find(({ code }) => code === "KD4005")?.message).toBe(
      "service `web` answers at port 20080 instead of 80, which this user may not open",
    );
    expect(said.find(({ code }) => code === "KD4006")?.fix).toContain("$KDSL_VOLUME_MY_DATA");
  });

  test("127.0.0.1 between containers of a pod, with the place where it is written", () => {
    const side = container({ name: "side", env: [{ name: "API", value: "http://127.0.0.1:8080" }] });
    const [notice] = checkPlan(planOf({ containers: [container({}), side] }), able);
    expect(notice).toMatchObject({
      code: "KD4009",
      severity: "warning",
      field: "spec.template.spec.containers[1].env[0].value",
    });
    expect(codes(planOf({ containers: [container({}), container({ name: "side" })] }))).toEqual([
      "note KD4009",
    ]);
  });

  test("with networks of their own containers share 127.0.0.1, and what leads out of them is told", () => {
    const side = container({ name: "side", env: [{ name: "API", value: "http://127.0.0.1:8080" }] });
    const plan = planOf(
      { containers: [container({}), side] },
      { cluster: { podRange: "10.9.0.0/16" } as never },
    );
    expect(checkPlan(plan, { ...able, isolated: true })).toEqual([]);
    const [notice] = checkPlan(plan, {
      ...able,
      isolated: true,
      noWayOut: "slirp4netns is not installed",
    });
    expect(notice).toMatchObject({
      code: "KD4021",
      severity: "note",
      message:
        "pods reach each other, services, and nothing outside but by them: slirp4netns is not installed",
      fix: "if programs are to reach the internet: that takes slirp4netns, nft or iptables, and leave to open /dev/net/tun",
    });
  });

  test("limits and security contexts, once for the whole file", () => {
    const limited = container({ resources: { limits: { memory: "1Gi" } } });
    const plan = planOf({ containers: [limited], securityContext: { runAsUser: 1 } });
    expect(codes(plan)).toEqual(["warning KD4012", "note KD4008"]);
  });

  test("nothing of an rc of no pods", () => {
    const plan = planOf({ containers: [{ name: "server", image: "nginx:1" }] });
    (plan.objects[0] as unknown as { spec: { replicas: number } }).spec.replicas = 0;
    expect(codes(plan)).toEqual([]);
  });
});

test("every code says what it stands for", () => {
  for (const text of Object.values(noticeCodes)) expect(text.length).toBeGreaterThan(10);
});
