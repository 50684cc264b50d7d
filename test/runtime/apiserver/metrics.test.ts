import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../base/clock.ts";
import { formatNanocores, goDuration } from "../../../runtime/apiserver/metrics/objects.ts";
import { createUsageMeter, type UsageSample } from "../../../runtime/apiserver/metrics/usage.ts";
import { call, container, createWorld, node, pod, setStatus, table, type World } from "./world.ts";

const path = "/apis/metrics.k8s.io/v1beta1";

/** A machine whose containers use what they are told to: cores by `uid/container`. */
function machine(clock: VirtualClock) {
  const cores = new Map<string, number>();
  const start = clock.now();
  let looks = 0;
  const sample = (key: string, rate: number): UsageSample => {
    const [podUid = "", name = ""] = key.split("/");
    const cpuNanoseconds = (clock.now() - start) * 1e6 * rate;
    return {
      podUid,
      container: name,
      attempt: 0,
      startedAt: start,
      at: clock.now(),
      cpuNanoseconds,
      memoryBytes: 5 << 20,
    };
  };
  return {
    cores,
    looks: () => looks,
    read: async () => {
      looks++;
      return [...cores].map(([key, rate]) => sample(key, rate));
    },
  };
}

describe("the meter", () => {
  const settle = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };

  test("measures for a second when it is asked first, from the last look when it is asked again, and never unasked", async () => {
    const clock = new VirtualClock();
    const { cores, read, looks } = machine(clock);
    cores.set("u/c", 0.25);
    const measure = createUsageMeter(read, clock);
    clock.advance(60_000);
    expect(looks()).toBe(0);

    const first = Promise.all([measure(), measure()]);
    await settle();
    clock.advance(1000);
    const [one, other] = await first;
    expect(one).toBe(other);
    expect(one).toMatchObject({
      windowMilliseconds: 1000,
      containers: [{ nanocores: 250_000_000, windowMilliseconds: 1000 }],
    });
    expect(looks()).toBe(2);

    // Within a second the same answer; after it the time since then.
    clock.advance(999);
    expect(await measure()).toBe(one);
    clock.advance(4001);
    expect(await measure()).toMatchObject({ windowMilliseconds: 5000 });
    expect(looks()).toBe(3);

    // What is long ago says nothing of now.
    clock.advance(600_000);
    const late = measure();
    await settle();
    clock.advance(1000);
    expect(await late).toMatchObject({ windowMilliseconds: 1000 });
  });

  test("an instance is measured from its start, and another one never with the time of the one before", async () => {
    const clock = new VirtualClock();
    const begun = clock.now();
    let attempt = 0;
    let cpuNanoseconds = 90e9;
    const read = async (): Promise<UsageSample[]> => [
      {
        podUid: "u",
        container: "c",
        attempt,
        startedAt: attempt === 0 ? begun : begun + 600,
        at: clock.now(),
        cpuNanoseconds,
        memoryBytes: 0,
      },
    ];
    const measure = createUsageMeter(read, clock);
    const asked = measure();
    await settle();
    attempt = 1;
    cpuNanoseconds = 200e6;
    clock.advance(1000);
    expect((await asked).containers).toMatchObject([{ windowMilliseconds: 400, nanocores: 500_000_000 }]);
    // A counter that falls is no negative use.
    cpuNanoseconds = 0;
    clock.advance(2000);
    expect((await measure()).containers[0]!.nanocores).toBe(0);
  });
});

describe("metrics.k8s.io", () => {
  const clock = new VirtualClock();
  const { cores, read } = machine(clock);
  const world = createWorld({ usage: read, clock });
  world.registry.create(node("a"));
  world.registry.create(node("b"));
  const running = (name: string, nodeName: string) => {
    const created = world.registry.create(
      pod(name, { nodeName, containers: [container("server"), container("side")] }),
    );
    setStatus(world, created, {
      phase: "Running",
      containerStatuses: [
        {
          name: "server",
          ready: true,
          restartCount: 0,
          image: "",
          imageID: "",
          state: { running: { startedAt: "2026-01-01T00:00:00Z" } },
          lastState: {},
        },
      ],
    });
    return created.metadata.uid;
  };
  const web = running("web", "a");
  const db = running("db", "a");
  world.registry.create(pod("waiting"));
  cores.set(`${web}/side`, 0.001);
  cores.set(`${web}/server`, 0.5);
  cores.set(`${db}/server`, 1.25);

  /** Asks, and lets a second pass for the measurement. */
  const ask = async (target: string, accept?: string) => {
    const [address = "", query = ""] = target.split("?");
    const body = new Uint8Array();
    const prepared = world.api.prepare?.({
      method: "GET",
      path: address,
      query: new URLSearchParams(query),
      headers: {},
      body,
    });
    for (let i = 0; i < 20; i++) await Promise.resolve();
    clock.advance(1000);
    await prepared;
    return call(world, "GET", target, accept ? { accept } : {}).body;
  };

  test("pods: their containers in the order of the spec, and only those of which something runs", async () => {
    const list = await ask(`${path}/pods`);
    expect(list).toMatchObject({ kind: "PodMetricsList", apiVersion: "metrics.k8s.io/v1beta1" });
    expect(list.items.map((each: { metadata: { name: string } }) => each.metadata.name)).toEqual([
      "db",
      "web",
    ]);
    expect(list.items[1]).toMatchObject({
      kind: "PodMetrics",
      metadata: { name: "web", namespace: "default", labels: { app: "web" } },
      window: "1s",
      containers: [
        { name: "server", usage: { cpu: "500m", memory: "5Mi" } },
        { name: "side", usage: { cpu: "1m", memory: "5Mi" } },
      ],
    });
    expect((await ask(`${path}/namespaces/default/pods?labelSelector=app%3Ddb`)).items).toHaveLength(1);
    expect((await ask(`${path}/namespaces/other/pods`)).items).toEqual([]);
    expect(await ask(`${path}/namespaces/default/pods/web`)).toMatchObject({ kind: "PodMetrics" });
  });

  test("nodes: what their pods use, and nothing where there are none", async () => {
    const { items } = await ask(`${path}/nodes`);
    expect(items).toMatchObject([
      { kind: "NodeMetrics", metadata: { name: "a" }, usage: { cpu: "1751m", memory: "15Mi" } },
      { metadata: { name: "b" }, usage: { cpu: "0", memory: "0" }, window: "1s" },
    ]);
    expect(await ask(`${path}/nodes/a`)).toMatchObject(items[0].usage ? { usage: items[0].usage } : {});
  });

  test("tables", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const { columnDefinitions, rows } = await ask(`${path}/pods?fieldSelector=metadata.name%3Dweb`, accept);
    expect(columnDefinitions.map(({ name, format }: Record<string, string>) => [name, format])).toEqual([
      ["Name", "name"],
      ["cpu", "quantity"],
      ["memory", "quantity"],
      ["Window", "duration"],
    ]);
    expect(rows[0].cells).toEqual(["web", "501m", "10Mi", "1s"]);
  });

  test("what is not there, and what is not to be done", () => {
    const of = (target: string, method = "GET") => call(world, method, target);
    expect(of(`${path}/namespaces/default/pods/waiting`).body).toMatchObject({
      code: 404,
      message: 'podmetrics.metrics.k8s.io "default/waiting" not found',
    });
    expect(of(`${path}/nodes/none`).body.message).toBe('nodemetrics.metrics.k8s.io "none" not found');
    expect(of(`${path}/nodes/a`, "DELETE").status).toBe(405);
    expect(of(`${path}/pods?watch=true`).status).toBe(405);
    expect(of(`${path}/pods?labelSelector=%3D`).status).toBe(400);
    for (const wrong of ["pods/web", "services", "namespaces/default/nodes", "nodes/a/status", "%zz"])
      expect([wrong, of(`${path}/${wrong}`).status]).toEqual([wrong, wrong === "%zz" ? 400 : 404]);
    expect(world.unforeseen).toEqual([]);
  });

  test("discovery has the group after the core, and not where nothing is measured", () => {
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const groups = (of: World) =>
      call(of, "GET", "/apis", { accept }).body.items.map(
        ({ metadata }: { metadata: { name: string } }) => metadata.name,
      );
    expect(groups(world)).toContain("metrics.k8s.io");
    expect(call(world, "GET", path).body.resources).toMatchObject([
      { name: "nodes", kind: "NodeMetrics", namespaced: false, verbs: ["get", "list"] },
      { name: "pods", kind: "PodMetrics", namespaced: true, verbs: ["get", "list"] },
    ]);
    const plain = createWorld();
    expect(groups(plain)).not.toContain("metrics.k8s.io");
    expect(call(plain, "GET", `${path}/pods`).status).toBe(404);
    expect(table(plain, "/api/v1/pods")).toHaveLength(1);
  });
});

test("quantities and durations are written as Go writes them", () => {
  expect([0, 1e9, 1.5e9, 250e6, 12_345_000, 12_345_678].map(formatNanocores)).toEqual([
    "0",
    "1",
    "1500m",
    "250m",
    "12345u",
    "12345678n",
  ]);
  expect([0, 850, 1000, 15_020, 60_000, 62_500, 3_600_000].map(goDuration)).toEqual([
    "0s",
    "850ms",
    "1s",
    "15.02s",
    "1m0s",
    "1m2.5s",
    "1h0m0s",
  ]);
});
