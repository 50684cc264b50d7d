import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { naturalLogarithm } from "../../../base/logarithm.ts";
import { seededRandom } from "../../../base/random.ts";
import type {
  Node,
  Pod,
  PodAffinityRules,
  PodAffinityTerm,
  PodSpec,
  Taint,
  Toleration,
} from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import { demandOf } from "../../../runtime/scheduler/demand.ts";
import { bestNodes, runFilters, runScores } from "../../../runtime/scheduler/framework.ts";
import { defaultProfile } from "../../../runtime/scheduler/profile.ts";
import { describePod } from "../../../runtime/scheduler/snapshot.ts";
import { runs } from "../../runs.ts";
import { createWorld, mirror } from "./harness.ts";
import { naiveSchedule } from "./naive.ts";

const key = fc.constantFrom("a", "b");
const effect = fc.constantFrom("NoSchedule" as const, "PreferNoSchedule" as const, "NoExecute" as const);
const taint: fc.Arbitrary<Taint> = fc.record({ key, effect });
const toleration: fc.Arbitrary<Toleration> = fc.oneof(
  fc.record({ key, operator: fc.constant("Exists" as const) }),
  fc.record({ key, operator: fc.constant("Exists" as const), effect }),
  fc.constant({ operator: "Exists" as const }),
);

const nodeShape = fc.record({
  zone: fc.option(fc.constantFrom("x", "y"), { nil: undefined }),
  disk: fc.option(fc.constantFrom("ssd", "hdd"), { nil: undefined }),
  /** Many racks of one node or two: more values than are told apart one by one. */
  rack: fc.option(fc.constantFrom("r1", "r2", "r3"), { nil: undefined }),
  cpu: fc.constantFrom("1", "2", "4", "0"),
  memory: fc.constantFrom("1Gi", "2Gi", "3Gi"),
  pods: fc.constantFrom("2", "4", "110"),
  unschedulable: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
  taints: fc.uniqueArray(taint, { maxLength: 2, selector: (each) => `${each.key}/${each.effect}` }),
});

const term = fc.record({
  key: fc.constantFrom("disk", "topology.kubernetes.io/zone"),
  operator: fc.constantFrom("In" as const, "NotIn" as const, "Exists" as const, "DoesNotExist" as const),
  value: fc.constantFrom("ssd", "hdd", "x"),
});
const expression = ({
  key: label,
  operator,
  value,
}: {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  value: string;
}) => ({
  matchExpressions: [
    { key: label, operator, ...(operator === "In" || operator === "NotIn" ? { values: [value] } : {}) },
  ],
});

const topologyKey = fc.constantFrom("kubernetes.io/hostname", "topology.kubernetes.io/zone", "rack");
const labelSelector = fc.constantFrom(
  { matchLabels: { app: "web" } },
  { matchLabels: { app: "db" } },
  { matchExpressions: [{ key: "app", operator: "NotIn" as const, values: ["db"] }] },
  {},
  undefined,
);
const constraint = fc.record({
  topologyKey,
  maxSkew: fc.integer({ min: 1, max: 2 }),
  whenUnsatisfiable: fc.constantFrom("DoNotSchedule" as const, "ScheduleAnyway" as const),
  minDomains: fc.constantFrom(undefined, undefined, 3),
  nodeAffinityPolicy: fc.constantFrom(undefined, "Ignore" as const),
  nodeTaintsPolicy: fc.constantFrom(undefined, "Honor" as const),
  selector: labelSelector,
});
const podTerm = fc.record({
  topologyKey,
  selector: labelSelector,
  namespaces: fc.constantFrom(undefined, undefined, ["default", "other"]),
});
const podTerms = fc.record({
  required: fc.array(podTerm, { maxLength: 2 }),
  preferred: fc.array(fc.record({ weight: fc.integer({ min: 1, max: 100 }), term: podTerm }), {
    maxLength: 2,
  }),
});
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const podShape = fc.record({
  near: rarely(podTerms),
  far: rarely(podTerms),
  spread: rarely(
    fc.uniqueArray(constraint, {
      maxLength: 2,
      selector: (each) => `${each.topologyKey}/${each.whenUnsatisfiable}`,
    }),
  ),
  app: fc.constantFrom("web", "db"),
  cpu: fc.constantFrom(undefined, "100m", "700m", "1500m"),
  memory: fc.constantFrom(undefined, "128Mi", "900Mi"),
  hostPort: fc.constantFrom(undefined, undefined, undefined, 8080, 9090),
  selector: fc.constantFrom(undefined, undefined, "ssd"),
  tolerations: fc.array(toleration, { maxLength: 2 }),
  required: fc.option(term, { nil: undefined, freq: 3 }),
  preferred: fc.array(fc.record({ term, weight: fc.integer({ min: 1, max: 100 }) }), { maxLength: 2 }),
});
type PodShape = typeof podShape extends fc.Arbitrary<infer T> ? T : never;
type NodeShape = typeof nodeShape extends fc.Arbitrary<infer T> ? T : never;

const present = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

function podRules({
  required,
  preferred,
}: typeof podTerms extends fc.Arbitrary<infer T> ? T : never): PodAffinityRules {
  const toTerm = ({ selector, ...rest }: (typeof required)[number]) => ({
    ...present(rest),
    ...(selector ? { labelSelector: selector } : {}),
  });
  return {
    requiredDuringSchedulingIgnoredDuringExecution: required.map(toTerm) as readonly PodAffinityTerm[],
    preferredDuringSchedulingIgnoredDuringExecution: preferred.map(({ weight, term: each }) => ({
      weight,
      podAffinityTerm: toTerm(each) as PodAffinityTerm,
    })),
  };
}

function podSpec(shape: PodShape): PodSpec {
  const requests = {
    ...(shape.cpu ? { cpu: shape.cpu } : {}),
    ...(shape.memory ? { memory: shape.memory } : {}),
  };
  const ports = shape.hostPort ? [{ containerPort: shape.hostPort, hostPort: shape.hostPort }] : [];
  return {
    containers: [{ name: "main", image: "host", command: ["run"], resources: { requests }, ports }],
    tolerations: shape.tolerations,
    ...(shape.selector ? { nodeSelector: { disk: shape.selector } } : {}),
    ...(shape.spread
      ? {
          topologySpreadConstraints: shape.spread.map(({ selector, ...rest }) => ({
            ...present(rest),
            ...(selector ? { labelSelector: selector } : {}),
            ...(rest.whenUnsatisfiable === "ScheduleAnyway" ? { minDomains: undefined } : {}),
          })) as NonNullable<PodSpec["topologySpreadConstraints"]>,
        }
      : {}),
    affinity: {
      ...(shape.near ? { podAffinity: podRules(shape.near) } : {}),
      ...(shape.far ? { podAntiAffinity: podRules(shape.far) } : {}),
      nodeAffinity: {
        ...(shape.required
          ? {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [expression(shape.required)],
              },
            }
          : {}),
        ...(shape.preferred.length > 0
          ? {
              preferredDuringSchedulingIgnoredDuringExecution: shape.preferred.map((each) => ({
                weight: each.weight,
                preference: expression(each.term),
              })),
            }
          : {}),
      },
    },
  };
}

function populate(shapes: readonly NodeShape[]) {
  const world = createWorld();
  world.client.create<"Service">({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
  });
  for (const [index, shape] of shapes.entries()) addNode(world, `node-${index}`, shape);
  return world;
}

function addNode(world: ReturnType<typeof createWorld>, name: string, shape: NodeShape): void {
  world.addNode(name, {
    labels: {
      ...(shape.zone ? { "topology.kubernetes.io/zone": shape.zone } : {}),
      ...(shape.disk ? { disk: shape.disk } : {}),
      ...(shape.rack ? { rack: shape.rack } : {}),
    },
    spec: { unschedulable: shape.unschedulable, taints: shape.taints },
    allocatable: { cpu: shape.cpu, memory: shape.memory, pods: shape.pods },
  });
}

/** What happens between two pods, so that indexes have something to follow. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: "nothing" as const }) },
  fc.record({ do: fc.constant("remove" as const), index: fc.nat(20) }),
  fc.record({ do: fc.constant("delete" as const), index: fc.nat(20) }),
  fc.record({
    do: fc.constant("taint" as const),
    index: fc.nat(4),
    taints: nodeShape.map(({ taints }) => taints),
  }),
  fc.record({ do: fc.constant("label" as const), index: fc.nat(4), zone: fc.constantFrom("x", "y", "z") }),
  fc.record({ do: fc.constant("node" as const), shape: nodeShape }),
  fc.record({ do: fc.constant("lose" as const), index: fc.nat(4) }),
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function happen(world: ReturnType<typeof populate>, step: Happening, index: number): void {
  const nodes = world.client.list("Node");
  const pods = world.client.list("Pod");
  const at = "index" in step ? step.index : 0;
  const [node, pod] = [nodes[at % Math.max(nodes.length, 1)], pods[at % Math.max(pods.length, 1)]];
  if (step.do === "remove" && pod)
    world.client.delete("Pod", "default", pod.metadata.name, { gracePeriodSeconds: 0 });
  if (step.do === "delete" && pod) world.client.delete("Pod", "default", pod.metadata.name);
  if (step.do === "taint" && node) world.updateNode(node.metadata.name, { taints: step.taints });
  if (step.do === "label" && node) {
    const labels = { ...node.metadata.labels, "topology.kubernetes.io/zone": step.zone };
    world.client.update<"Node">({ ...node, metadata: { ...node.metadata, labels } });
  }
  if (step.do === "node") addNode(world, `node-${index % 2 === 0 ? "a" : "m"}${index}`, step.shape);
  if (step.do === "lose" && node && nodes.length > 1) {
    for (const each of pods)
      if (each.spec.nodeName === node.metadata.name)
        world.client.delete("Pod", "default", each.metadata.name, { gracePeriodSeconds: 0 });
    world.client.delete("Node", undefined, node.metadata.name);
  }
}

describe("against a scheduler written as plainly as can be", () => {
  test("reasons, scores, the set of best nodes and the one that the seed draws are the same, pod after pod", () => {
    const seen = { compared: 0, reasons: new Set<string>() };
    fc.assert(
      fc.property(
        fc.array(nodeShape, { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(podShape, happening), { minLength: 1, maxLength: 14 }),
        (nodeShapes, steps) => {
          const world = populate(nodeShapes);
          // Few domains are told apart one by one, many by what they count: both are tried on the same cluster.
          const mirrors = [mirror(world.client), mirror(world.client, defaultProfile, 0)];
          const { view } = mirrors[0]!;
          const draws = seededRandom(1).fork("scheduler");
          steps.forEach(([shape, step], index) => {
            happen(world, step, index);
            // What waited may be placed now, and draws.
            const waiting = world.client.list("Pod").filter(({ spec }) => !spec.nodeName);
            for (const { metadata } of waiting)
              world.client.delete("Pod", "default", metadata.name, { gracePeriodSeconds: 0 });
            const nodes = world.client.list("Node");
            const pods = world.client.list("Pod");
            const pod = world.addPod(`pod-${index}`, podSpec(shape), { app: shape.app });
            const expected = naiveSchedule(pod, nodes, pods, world.client.list("Service"));
            const info = describePod(pod);
            const { feasible, rejected } = runFilters(defaultProfile, info, view);
            const reasons = Object.fromEntries([...rejected].map(([name, why]) => [name, why.reasons]));
            expect(reasons, "the plain filters").toEqual(expected.reasons);
            const scores = runScores(defaultProfile, info, feasible, view);
            expect(
              Object.fromEntries(feasible.map(({ name }, each) => [name, scores[each]])),
              "the plain scores",
            ).toEqual(expected.scores);
            const best = bestNodes(defaultProfile, info, feasible, view).map(({ name }) => name);
            expect(best).toEqual(expected.best);
            for (const { engine } of mirrors) {
              const of = engine.classOf(info);
              const indexed = [...of.rejections()].flatMap((id, slot) =>
                id === 0 ? [] : [[view.nodes[slot]!.name, of.describe(id).reasons] as const],
              );
              expect(Object.fromEntries(indexed), "the indexed filters").toEqual(expected.reasons);
              const totals = of
                .scores()
                .flatMap((total, slot) => (total < 0 ? [] : [[view.nodes[slot]!.name, total] as const]));
              expect(Object.fromEntries(totals), "the indexed scores").toEqual(expected.scores);
            }
            const drawn =
              feasible.length > 1 ? expected.best[draws.below(expected.best.length)] : expected.best[0];
            world.clock.advance(0);
            expect(world.errors).toEqual([]);
            expect(world.nodeOf(`pod-${index}`), "the node").toBe(drawn);
            seen.compared += feasible.length > 1 ? 1 : 0;
            for (const each of Object.values(expected.reasons).flat()) seen.reasons.add(each);
          });
        },
      ),
      runs(120),
    );
    expect(seen.compared).toBeGreaterThan(100);
    expect([...seen.reasons].filter((reason) => reason.includes("pod")).length).toBeGreaterThanOrEqual(6);
  });
});

const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("pod" as const), shape: podShape }) },
  fc.record({ do: fc.constant("end" as const), index: fc.nat(20) }),
  fc.record({ do: fc.constant("remove" as const), index: fc.nat(20) }),
  fc.record({ do: fc.constant("cordon" as const), index: fc.nat(4), on: fc.boolean() }),
  fc.record({ do: fc.constant("node" as const), shape: nodeShape }),
  fc.record({ do: fc.constant("lose" as const), index: fc.nat(4) }),
  fc.record({ do: fc.constant("wait" as const), milliseconds: fc.nat(12_000) }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

describe("under any sequence of events", () => {
  function act(world: ReturnType<typeof populate>, step: Action, index: number): void {
    const at = <T>(list: readonly T[], position: number) => list[position % Math.max(list.length, 1)];
    const pods = world.client.list("Pod");
    const node = at(world.client.list("Node"), "index" in step ? step.index : 0);
    const pod = at(pods, "index" in step ? step.index : 0);
    if (step.do === "pod") world.addPod(`pod-${index}`, podSpec(step.shape), { app: step.shape.app });
    if (step.do === "wait") world.clock.advance(step.milliseconds);
    if (step.do === "end" && pod?.spec.nodeName && pod.status?.phase !== "Succeeded") {
      world.client.updateStatus<"Pod">({ ...pod, status: { ...pod.status, phase: "Succeeded" } });
    }
    if (step.do === "remove" && pod)
      world.client.delete("Pod", "default", pod.metadata.name, { gracePeriodSeconds: 0 });
    if (step.do === "cordon" && node) world.updateNode(node.metadata.name, { unschedulable: step.on });
    if (step.do === "lose" && node) world.client.delete("Node", undefined, node.metadata.name);
    if (step.do === "node") {
      const { cpu, memory, pods: count } = step.shape;
      world.addNode(`node-${index}`, { allocatable: { cpu, memory, pods: count } });
    }
    world.clock.advance(0);
  }

  /** The pods on a node that count there. */
  const standing = (world: ReturnType<typeof populate>, node: Stored<Node>) =>
    world.client
      .list("Pod")
      .filter((pod: Pod) => pod.spec.nodeName === node.metadata.name && pod.status?.phase !== "Succeeded");

  test("no node is over its capacity, no host port is taken twice, and no pod waits that would fit", () => {
    fc.assert(
      fc.property(
        fc.array(nodeShape, { maxLength: 4 }),
        fc.array(action, { maxLength: 40 }),
        (shapes, steps) => {
          const world = populate(shapes);
          steps.forEach((step, index) => {
            act(world, step, index + 10);
            for (const node of world.client.list("Node")) {
              const pods = standing(world, node);
              const sums = { cpu: 0, memory: 0 };
              for (const { spec } of pods) {
                sums.cpu += demandOf(spec).requests.cpu ?? 0;
                sums.memory += demandOf(spec).requests.memory ?? 0;
              }
              const allocatable = node.status!.allocatable!;
              expect(pods.length).toBeLessThanOrEqual(Number(allocatable.pods));
              expect(sums.cpu).toBeLessThanOrEqual(Number(allocatable.cpu) * 1000);
              expect(sums.memory).toBeLessThanOrEqual(Number.parseInt(allocatable.memory!, 10) * 2 ** 30);
              const ports = pods.flatMap(({ spec }) => demandOf(spec).ports.map(({ port }) => port));
              expect(new Set(ports).size).toBe(ports.length);
            }
          });
          world.clock.advance(30_000);
          expect(world.errors).toEqual([]);
          const all = world.client.list("Pod");
          const services = world.client.list("Service");
          for (const pod of all.filter(({ spec }) => !spec.nodeName)) {
            const others = all.filter((other) => other !== pod);
            expect(naiveSchedule(pod, world.client.list("Node"), others, services).best).toEqual([]);
          }
        },
      ),
      runs(100),
    );
  });
});

test("the logarithm is that of the engine to the last digits", () => {
  for (let value = 1; value < 5000; value++) {
    expect(Math.abs(naturalLogarithm(value) - Math.log(value))).toBeLessThan(
      4e-15 * Math.max(1, Math.log(value)),
    );
  }
  expect(naturalLogarithm(1)).toBe(0);
  expect(naturalLogarithm(0.001)).toBeCloseTo(Math.log(0.001), 12);
});

test("what is scored counts sidecars and the pod's overhead, with 100m and 200 MiB where nothing is requested", () => {
  // The larger of what runs together and of an init container beside the sidecars before it (`PodRequests`).
  const spec: PodSpec = {
    overhead: { cpu: "50m" },
    initContainers: [
      { name: "mesh", image: "m", restartPolicy: "Always" },
      { name: "prepare", image: "p", resources: { requests: { memory: "1Gi" } } },
    ],
    containers: [{ name: "main", image: "w", resources: { requests: { cpu: "300m" } } }],
  };
  const { requests, scoredCpu, scoredMemory } = demandOf(spec);
  expect(requests).toEqual({ cpu: 350, memory: 2 ** 30 });
  expect([scoredCpu, scoredMemory]).toEqual([100 + 300 + 50, 2 ** 30 + 200 * 2 ** 20]);
});
