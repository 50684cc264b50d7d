import { expect, test } from "vitest";
import type { Node, Pod } from "../../model/core.ts";
import { ROLLOUT_ANNOTATION, type Stored, timestamp } from "../../model/meta.ts";
import { watchInvariants } from "../../runtime/simulator/invariants/index.ts";
import type { Run } from "../../runtime/simulator/invariants/invariant.ts";
import { createSimulation } from "../../runtime/simulator/simulation.ts";
import { planOf, shop } from "./support.ts";

/** What loops and kubelets have to keep to, each shown one that does not, among those that do. */
function converged() {
  const simulation = createSimulation({ plan: planOf(shop), seed: 1 });
  const end = simulation.clock.now() + 60_000;
  while (simulation.unsettled() !== undefined && simulation.step(end));
  const { client, store } = simulation.cluster;
  const pods = client.list("Pod").filter(({ metadata }) => metadata.labels?.app === "web");
  return { client, store, pods, now: simulation.clock.now() };
}

const idle = {
  sandbox: () => undefined,
  container: () => undefined,
  askedToEnd: () => undefined,
  failing: () => undefined,
  rules: () => [],
  behind: () => false,
  loopAbsence: () => undefined,
  lostNodes: new Set<string>(),
  nodeAbsence: () => undefined,
  kubeletSince: () => 0,
  clusterSince: () => 0,
  actor: () => undefined,
  now: () => 0,
};

test("a container that ends again and again is put off for longer each time", () => {
  const { client, pods } = converged();
  const podUid = pods[0]!.metadata.uid;
  const there = { podUid, pod: pods[0]!, nodeName: "w-1", address: "10.128.0.9", volumes: [] };
  const playing = () => {
    let at = 0;
    const run: Run = { ...idle, client: () => client, sandbox: () => there, now: () => at };
    const watch = watchInvariants(run);
    const place = { podUid, container: "server" };
    return {
      watch,
      ends: (attempt: number, when: number) => {
        at = when;
        watch.answer({ ...place, type: "containerExited", attempt, exitCode: 1 });
      },
      starts: (attempt: number, when: number) => {
        at = when;
        watch.command({ ...place, type: "startContainer", attempt } as never);
      },
    };
  };
  const patient = playing();
  for (const [attempt, ended, started] of [
    [0, 1_000, 1_000],
    [1, 2_000, 12_000],
    [2, 13_000, 33_000],
    [3, 34_000, 74_000],
    [4, 700_000, 700_000],
    [5, 701_000, 711_000],
  ] as const) {
    patient.ends(attempt, ended);
    patient.starts(attempt + 1, started);
  }
  expect(patient.watch.broken).toBe(undefined);
  const constant = playing();
  for (let attempt = 0; attempt < 3; attempt++) {
    constant.ends(attempt, 20_000 * attempt + 1000);
    constant.starts(attempt + 1, 20_000 * attempt + 11_000);
  }
  expect(constant.watch.broken?.message).toContain(
    "is started 10000 ms after its end, and is to be put off by 20 s",
  );
});

test("an rc deletes only what is too many, the least worth first", () => {
  const { client, store, pods, now } = converged();
  const rc = client.get("ReplicationController", "default", "web")!;
  const told = (doomed: Stored<Pod>, replicas: number) => {
    store.put({ ...rc, spec: { ...rc.spec, replicas } });
    const watch = watchInvariants({
      ...idle,
      client: () => client,
      actor: () => "replication",
      now: () => now + 60_000,
    });
    const next = { ...doomed, metadata: { ...doomed.metadata, deletionTimestamp: timestamp(now) } };
    store.put(next);
    watch.change({ kind: "Pod", previous: doomed, next } as never);
    store.put(doomed);
    return watch.broken?.message;
  };
  const [first, second] = pods as [Stored<Pod>, Stored<Pod>];
  const ill = (second.status?.conditions ?? []).map((each) =>
    each.type === "Ready" ? { ...each, status: "False" as const } : each,
  );
  expect(told(first, pods.length - 1)).toBe(undefined);
  expect(told(first, pods.length)).toMatch(/wants \d pods and has deleted one of \d/);
  store.put({ ...second, status: { ...second.status, conditions: ill } } as Stored<Pod>);
  expect(told(first, pods.length - 1)).toContain(`rather than ${second.metadata.name}, which is not ready`);
  expect(told(first, 0)).toBe(undefined);
});

test("a roll-out takes no more pods away and makes no more than it may", () => {
  const { client, store, pods, now } = converged();
  const rc = client.get("ReplicationController", "default", "web")!;
  const rolled = (unavailable: number, replicas = pods.length) =>
    store.put({
      ...rc,
      metadata: {
        ...rc.metadata,
        annotations: {
          [ROLLOUT_ANNOTATION]: `surge=1,unavailable=${unavailable}`,
          "kdsl.dev/rollout-replicas": `${pods.length}/${replicas}`,
        },
      },
      spec: { ...rc.spec, replicas },
    });
  const watching = () =>
    watchInvariants({ ...idle, client: () => client, actor: () => "rollout", now: () => now });
  const told = (unavailable: number) => {
    rolled(unavailable);
    const watch = watching();
    const previous = client.get("Pod", "default", pods[0]!.metadata.name)!;
    const next = { ...previous, metadata: { ...previous.metadata, deletionTimestamp: timestamp(now) } };
    store.put(next);
    watch.change({ kind: "Pod", previous, next } as never);
    store.put(previous);
    return watch.broken?.message;
  };
  expect(told(1)).toBe(undefined);
  expect(told(0)).toContain(`leaves ${pods.length - 1} available, of at least ${pods.length}`);
  const watch = watching();
  watch.change({ kind: "ReplicationController", previous: rc, next: rolled(0, pods.length + 1) } as never);
  expect(watch.broken).toBe(undefined);
  watch.change({ kind: "ReplicationController", previous: rc, next: rolled(0, pods.length + 2) } as never);
  expect(watch.broken?.message).toContain("and a surge of 1");
});

test("a pod whose readiness probe fails is not ready", () => {
  const { client, pods, now } = converged();
  const told = (since: number, always: boolean, wasReady: boolean) => {
    const watch = watchInvariants({
      ...idle,
      client: () => client,
      failing: () => ({ since: now - since, always }),
      now: () => now,
    });
    const next = pods[0]!;
    const conditions = (next.status?.conditions ?? []).filter(({ type }) => wasReady || type !== "Ready");
    watch.change({
      kind: "Pod",
      previous: { ...next, status: { ...next.status, conditions } },
      next,
    } as never);
    return watch.broken?.message;
  };
  expect(told(0, true, false)).toContain("is ready, though the readiness probe of container server");
  expect(told(10_000, false, false)).toBe(undefined);
  expect(told(40_000, false, true)).toBe(undefined);
  expect(told(600_000, false, true)).toContain("has failed for 600000 ms");
});

test("a node that is silent is called so in time, and no other", () => {
  const { client, now } = converged();
  const node = client.get("Node", undefined, "w-1")!;
  const called = (status: "True" | "Unknown"): Stored<Node> => ({
    ...node,
    status: { ...node.status, conditions: [{ type: "Ready", status }] },
  });
  const told = (silent: number | undefined, next: Stored<Node>) => {
    const watch = watchInvariants({
      ...idle,
      client: () => client,
      lostNodes: new Set(silent === undefined ? [] : ["w-1"]),
      nodeAbsence: () => (silent === undefined ? undefined : { since: now - silent, until: undefined }),
      now: () => now,
    });
    watch.change({ kind: "Node", previous: node, next } as never);
    return watch.broken?.message;
  };
  expect(told(52_000, called("Unknown"))).toBe(undefined);
  expect(told(undefined, called("Unknown"))).toContain("is called silent and is not");
  expect(told(30_000, called("Unknown"))).toContain("is called silent after 30000 ms");
  expect(told(59_000, called("True"))).toBe(undefined);
  expect(told(70_000, called("True"))).toContain("has been silent for 70000 ms and is still called ready");
});
