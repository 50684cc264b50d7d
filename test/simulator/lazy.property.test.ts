import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pod } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { condition, isActive, isReady } from "../../model/pod.ts";
import type { ContainerBehaviour } from "../../model/scenario.ts";
import { createSimulation, type Simulation } from "../../runtime/simulator/simulation.ts";
import type { Change } from "../../runtime/store/history.ts";
import { runs } from "../runs.ts";
import { planOf } from "./support.ts";

/**
 * A cluster in which nothing ticks that would change nothing, and the same one beat by beat: every lease renewed,
 * every status posted, every probe run. Whatever happens to them, they write the same, heartbeats aside.
 */

const plan = planOf(`
use std/probe { http }
label app: String
node w[i in 1..3] { capacity: { cpu: 4, memory: 4Gi } }
rc web {
  replicas: 4
  pod {
    identity: { app: "web" }
    container server {
      image: "example/web:1"
      port http: 8080
      requests: { cpu: 200m, memory: 128Mi }
      limits: { memory: 256Mi }
      ready: http(http, path: "/")
      live: http(http, path: "/", every: 7s)
    }
  }
}
service web { select: web, port http: 80 -> http }
`);
const nodes = ["w-1", "w-2", "w-3"];
const rc = "ReplicationController/default/web";

interface Run {
  readonly simulation: Simulation;
  /** Every write with its instant, as a text. */
  readonly writes: readonly string[];
  leases: number;
}

function start(seed: number, beatByBeat: boolean, behaviour: ContainerBehaviour = {}): Run {
  const simulation = createSimulation({
    plan: { ...plan, behaviour: { [rc]: { server: behaviour } } },
    seed,
    beatByBeat,
  });
  const writes: string[] = [];
  const run = { simulation, writes, leases: 0 };
  simulation.cluster.store.subscribe((change) => {
    if (change.kind === "Lease") run.leases++;
    const text = textOf(change);
    if (text !== undefined) writes.push(`${simulation.clock.now()} ${text}`);
  });
  return run;
}

/** What a write says, but for revisions and for when a node was last heard of; undefined where that is all. */
function textOf({ kind, previous, next, deleted }: Change): string | undefined {
  if (kind === "Lease") return undefined;
  const before = previous && said(previous);
  const after = next && said(next);
  if (before === after) return undefined;
  return after ?? `gone ${said(deleted!)}`;
}

const said = (object: Stored) =>
  JSON.stringify(object, (key, value) =>
    key === "resourceVersion" || key === "lastHeartbeatTime" ? undefined : value,
  );

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("wait" as const), milliseconds: fc.nat(90_000) }) },
  // Nodes begin at a whole second: whole seconds meet their beats.
  { weight: 3, arbitrary: fc.record({ do: fc.constant("waitSeconds" as const), seconds: fc.nat(400) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("cutNode", "stallNode", "healNode"), node: fc.nat(2) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("killNode", "reviveNode"), node: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("crash", "exhaust", "delete"), pod: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("fill" as const), node: fc.nat(2), on: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("scale" as const), to: fc.nat(7) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function act({ clock, cluster, faults }: Simulation, action: Step): void {
  if (action.do === "wait") clock.advance(action.milliseconds);
  else if (action.do === "waitSeconds")
    clock.advanceTo((Math.ceil(clock.now() / 1000) + action.seconds) * 1000);
  else if (action.do === "scale") faults.scale(rc, action.to);
  else if (action.do === "fill") faults.fillNode(nodes[action.node]!, action.on);
  else if ("node" in action) faults[action.do](nodes[action.node]!);
  else {
    const pods = cluster.client.list("Pod");
    const pod = pods[action.pod % Math.max(pods.length, 1)];
    if (!pod) return;
    if (action.do === "crash") faults.crash(pod.metadata.uid);
    if (action.do === "exhaust") faults.exhaustMemory(pod.metadata.uid);
    if (action.do === "delete") cluster.client.delete("Pod", "default", pod.metadata.name);
  }
}

const behaviour: fc.Arbitrary<ContainerBehaviour> = fc.record(
  {
    ready: fc.nat(20_000),
    run: fc.constant({ from: 60_000, to: 400_000 }),
    unready: fc.constantFrom(
      { every: 45_000, lasting: 25_000 },
      { every: { mean: 100_000 }, lasting: { from: 1, to: 30_000 } },
    ),
    stop: fc.constantFrom(5_000, "never" as const),
  },
  { requiredKeys: [] },
);

/** The first place where two histories differ, with what led to it. */
function difference(lazy: readonly string[], beaten: readonly string[]) {
  const at = lazy.findIndex((line, index) => line !== beaten[index]);
  if (at < 0 && lazy.length === beaten.length) return undefined;
  const from = at < 0 ? lazy.length : at;
  return { before: lazy.slice(Math.max(0, from - 3), from), lazy: lazy[from], beaten: beaten[from] };
}

const ready = ({ cluster }: Simulation, node: string) =>
  condition(cluster.client.get("Node", undefined, node)?.status?.conditions, "Ready");
const live = ({ cluster }: Simulation) =>
  cluster.client.list("Pod").filter((pod) => isActive(pod) && isReady(pod));
const on = (pods: readonly Stored<Pod>[], node: string) => pods.filter(({ spec }) => spec.nodeName === node);

describe("a cluster in which nothing ticks that would change nothing", () => {
  test("writes what the same cluster writes beat by beat, whatever happens to it", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(1000), behaviour, (steps, seed, behaviour) => {
        const [lazy, beaten] = [false, true].map((beatByBeat) => {
          const run = start(seed, beatByBeat, behaviour);
          for (const action of steps) act(run.simulation, action);
          run.simulation.clock.advance(600_000);
          expect(run.simulation.errors).toEqual([]);
          return run;
        });
        expect(difference(lazy!.writes, beaten!.writes)).toBeUndefined();
        expect(lazy!.simulation.traceHash()).toBe(beaten!.simulation.traceHash());
        // As many where all nodes die before their first beat.
        expect(lazy!.leases).toBeLessThanOrEqual(beaten!.leases);
      }),
      runs(20),
    );
  });

  test("does nothing at all through a quiet week, and leases read as renewed all the same", () => {
    const run = start(1, false);
    const { clock, cluster, faults } = run.simulation;
    clock.advanceTo(Math.ceil(clock.now() / 10_000) * 10_000);
    clock.advance(2 * 3_600_000);
    const { revision } = cluster.store;
    expect(live(run.simulation)).toHaveLength(4);
    expect(clock.nextAt()).toBeUndefined();
    clock.advance(7 * 24 * 3_600_000 + 7_000);
    expect(cluster.store.revision).toBe(revision);

    const lease = (name: string) => cluster.client.get("Lease", "kube-node-lease", name)!;
    const age = (name: string) => clock.now() - Date.parse(lease(name).spec.renewTime!);
    expect(nodes.map(age)).toEqual([7_000, 7_000, 7_000]);
    expect(cluster.client.list("Lease")).toEqual(nodes.map(lease));
    faults.cutNode("w-1");
    clock.advance(30_000);
    expect(nodes.map(age)).toEqual([37_000, 7_000, 7_000]);
    expect(cluster.store.revision).toBe(revision);
  });

  test.each([false, true])(
    "calls a node that is cut off unknown, and takes it back (beat by beat: %s)",
    (beatByBeat) => {
      const { simulation } = start(1, beatByBeat);
      const { clock, faults } = simulation;
      clock.advance(60_000);
      const node = live(simulation)[0]!.spec.nodeName!;
      const there = on(live(simulation), node).length;
      faults.cutNode(node);
      // Its last beat was up to ten seconds ago.
      clock.advance(44_000);
      expect(ready(simulation, node)?.status).toBe("True");
      clock.advance(12_000);
      expect(ready(simulation, node)).toMatchObject({ status: "Unknown", reason: "NodeStatusUnknown" });
      expect(live(simulation)).toHaveLength(4 - there);
      faults.healNode(node);
      clock.advance(1_000);
      expect(ready(simulation, node)?.status).toBe("True");
      expect(live(simulation)).toHaveLength(4);
      expect(simulation.errors).toEqual([]);
    },
  );

  test("a machine that died and came back within its grace runs its pods again", () => {
    const { simulation } = start(1, false);
    const { clock, faults } = simulation;
    clock.advance(60_000);
    const node = live(simulation)[0]!.spec.nodeName!;
    faults.killNode(node);
    clock.advance(30_000);
    faults.reviveNode(node);
    clock.advance(5_000);
    const there = on(live(simulation), node);
    expect(there.length).toBeGreaterThan(0);
    expect(there.map(({ status }) => status?.containerStatuses?.[0]?.restartCount)).toEqual(
      there.map(() => 1),
    );
    expect(live(simulation)).toHaveLength(4);
    expect(simulation.errors).toEqual([]);
  });
});
