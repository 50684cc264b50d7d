import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../base/clock.ts";
import { seededRandom } from "../../base/random.ts";
import { compile } from "../../compiler/compile.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { controllerOf } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { isActive, isReady, podRequests } from "../../model/pod.ts";
import { mapMatches } from "../../model/selector.ts";
import { createCluster } from "../../runtime/cluster.ts";
import { createSimulatedDriver } from "../../runtime/kubelet/drivers/simulated.ts";
import { runs } from "../runs.ts";
import { machine, network } from "../runtime/kubelet/harness.ts";

/**
 * A `.kdsl` file that is edited while its cluster runs and things go wrong: what the cluster converges to is what
 * the file says, whatever happened on the way.
 */

/** What an edit can change. */
interface Version {
  readonly copies: number;
  readonly image: number;
  readonly nodes: number;
  readonly extra: boolean;
}

const source = ({ copies, image, nodes, extra }: Version) => `
use std/probe { tcp }
label app: "web" | "extra"
node worker[i in 1..${nodes}] { capacity: { cpu: 2, memory: 2Gi, pods: 8 } }
rc web {
  replicas: ${copies}
  pod {
    identity: { app: "web" }
    container server {
      image: "web:${image}"
      command: ["server"]
      port http: 8080
      requests: { cpu: 250m, memory: 64Mi }
      ready: tcp(http, every: 1s)
    }
  }
}
service web { select: web, port http: 80 -> http, expose: node }
${
  extra
    ? `rc extra {
  replicas: 2
  pod {
    identity: { app: "extra" }
    container server { image: "extra:1", command: ["server"], port http: 8080, requests: { cpu: 100m } }
  }
}
service extra { select: extra, port http: 80 -> http, expose: node }`
    : ""
}`;

function planOf(version: Version): Plan {
  const { plan, diagnostics } = compile({
    fileSystem: memoryFileSystem({ "main.kdsl": source(version) }),
    path: "main.kdsl",
    resolvePath: (_from, path) => path,
  });
  expect(diagnostics).toEqual([]);
  return plan!;
}

const first: Version = { copies: 3, image: 1, nodes: 3, extra: true };

function createWorld(seed: number) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const driver = createSimulatedDriver({ clock, random: random.fork("driver"), jitter: 20 });
  const errors: unknown[] = [];
  const cluster = createCluster({
    environment: { clock, random, driver, proxy: { apply: () => {}, onEvent: () => {} }, machine, network },
    readSecret: () => undefined,
    fileDirectory: "/project",
    onError: (...error) => errors.push(error),
  });
  cluster.startNodes(planOf(first), () => {});
  clock.advance(1000);
  expect(cluster.apply(planOf(first)).refused).toEqual([]);
  return {
    clock,
    driver,
    cluster,
    client: cluster.client,
    errors,
    version: first,
    relabelled: new Set<string>(),
  };
}
type World = ReturnType<typeof createWorld>;

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("edit" as const),
      change: fc.record(
        {
          copies: fc.nat(5),
          image: fc.integer({ min: 1, max: 4 }),
          nodes: fc.integer({ min: 1, max: 4 }),
          extra: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  fc.record({ do: fc.constant("scale" as const), to: fc.nat(6) }),
  fc.record({ do: fc.constant("kill" as const), index: fc.nat(9) }),
  fc.record({ do: fc.constant("delete" as const), index: fc.nat(9) }),
  fc.record({
    do: fc.constant("relabel" as const),
    index: fc.nat(9),
    app: fc.constantFrom("web", "extra", "neither"),
  }),
  fc.record({ do: fc.constant("lose" as const), node: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant("return" as const), node: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.nat(40) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function act(world: World, action: Step): void {
  const { client, cluster, clock, driver } = world;
  if (action.do === "wait") {
    clock.advance(action.seconds * 1000);
    return;
  }
  if (action.do === "edit") {
    world.version = { ...world.version, ...action.change };
    expect(cluster.apply(planOf(world.version)).refused).toEqual([]);
    return;
  }
  if (action.do === "scale") {
    const rc = client.get("ReplicationController", "default", "web")!;
    client.update<"ReplicationController">({ ...rc, spec: { ...rc.spec, replicas: action.to } });
    return;
  }
  if (action.do === "lose" || action.do === "return") {
    const name = `worker-${action.node}`;
    const there = client.get("Node", undefined, name);
    if (action.do === "lose" && there) client.delete("Node", undefined, name);
    const planned = cluster.plan!.objects.find(
      (object) => object.kind === "Node" && object.metadata.name === name,
    );
    if (action.do === "return" && !there && planned) client.create<"Node">(planned as never);
    return;
  }
  const pods = client.list("Pod");
  const pod = pods[action.index % Math.max(1, pods.length)];
  if (!pod) return;
  if (action.do === "kill") driver.crash(pod.metadata.uid, "server", 137);
  if (action.do === "delete") client.delete("Pod", "default", pod.metadata.name, { gracePeriodSeconds: 1 });
  if (action.do === "relabel") {
    world.relabelled.add(pod.metadata.uid);
    client.update<"Pod">({ ...pod, metadata: { ...pod.metadata, labels: { app: action.app } } });
  }
}

/** What holds at every instant. */
function checkAlways({ client, driver }: World): void {
  for (const node of client.list("Node")) {
    const here = client
      .list("Pod")
      .filter((pod) => pod.spec.nodeName === node.metadata.name && pod.status?.phase !== "Failed");
    expect(here.reduce((sum, { spec }) => sum + (podRequests(spec).cpu ?? 0), 0)).toBeLessThanOrEqual(2000);
    expect(here.length).toBeLessThanOrEqual(8);
  }
  const addresses = driver.sandboxes().map(({ address }) => address);
  expect(new Set(addresses).size).toBe(addresses.length);
  const services = client.list("Service");
  const virtual = services.map(({ spec }) => spec.clusterIP);
  expect(new Set(virtual).size).toBe(virtual.length);
  const nodePorts = services.flatMap(({ spec }) => spec.ports!.map((port) => port.nodePort));
  expect(new Set(nodePorts).size).toBe(nodePorts.length);
}

/** What holds once nothing happens any more. */
function checkSettled({ client, cluster, version, errors, relabelled }: World, replicas: number): void {
  expect(errors).toEqual([]);
  const wanted: Record<string, number> = version.extra ? { web: replicas, extra: 2 } : { web: replicas };
  const rcs = client.list("ReplicationController");
  expect(rcs.map(({ metadata }) => metadata.name).sort()).toEqual(Object.keys(wanted).sort());
  const active = client.list("Pod").filter(isActive);
  for (const rc of rcs) {
    const { name, uid } = rc.metadata;
    const owned = active.filter((pod) => controllerOf(pod)?.uid === uid);
    expect([name, owned.length]).toEqual([name, wanted[name]]);
    // Exactly what the selector matches and nobody else owns.
    const claimable = active.filter((pod) => mapMatches(rc.spec.selector, pod.metadata.labels));
    expect(
      claimable
        .filter((pod) => [uid, undefined].includes(controllerOf(pod)?.uid))
        .map(({ metadata }) => metadata.uid)
        .sort(),
    ).toEqual(owned.map(({ metadata }) => metadata.uid).sort());
    expect(rc.metadata.annotations?.["kdsl.dev/rollout"]).toBeUndefined();
    // What was adopted by its label need not be of the template, as in Kubernetes.
    const made = owned.filter((pod) => !relabelled.has(pod.metadata.uid));
    if (name === "web")
      for (const pod of made) expect(pod.spec.containers[0]!.image).toBe(`web:${version.image}`);
  }
  for (const service of client.list("Service")) {
    const { name } = service.metadata;
    const ready = active.filter(
      (pod) => isReady(pod) && mapMatches(service.spec.selector, pod.metadata.labels),
    );
    const subsets = client.get("Endpoints", "default", name)?.subsets ?? [];
    expect(subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)).sort()).toEqual(
      ready.map((pod) => pod.status!.podIP!).sort(),
    );
  }
  expect(cluster.plan).toBeDefined();
}

describe("a file that is edited while its cluster runs", () => {
  test("converges to what it says, under any sequence of edits and misfortunes", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.nat(1000), (steps, seed) => {
        const world = createWorld(seed);
        const address = world.client.get("Service", "default", "web")!.spec;
        for (const action of steps) {
          act(world, action);
          checkAlways(world);
          world.clock.advance(300);
          checkAlways(world);
        }
        // Room for all, and time for the longest back-off and a roll-out after it.
        for (let node = 1; node <= 4; node++) act(world, { do: "return", node });
        act(world, { do: "edit", change: { nodes: 4 } });
        for (let minute = 0; minute < 15; minute++) {
          world.clock.advance(60_000);
          checkAlways(world);
        }
        checkSettled(world, world.client.get("ReplicationController", "default", "web")!.spec.replicas!);
        const now = world.client.get("Service", "default", "web")!.spec;
        expect([now.clusterIP, now.ports![0]!.nodePort]).toEqual([
          address.clusterIP,
          address.ports![0]!.nodePort,
        ]);
      }),
      runs(60),
    );
  });

  test("what was scaled by hand stays when an edit changes something else, and yields when it changes just that", () => {
    const world = createWorld(1);
    act(world, { do: "scale", to: 5 });
    act(world, { do: "edit", change: { image: 2 } });
    world.clock.advance(300_000);
    checkSettled(world, 5);
    act(world, { do: "edit", change: { copies: 2 } });
    world.clock.advance(300_000);
    checkSettled(world, 2);
  });
});
