import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { naturalLogarithm } from "../../../base/logarithm.ts";
import type { Node, Pod, PodSpec, Taint, Toleration } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import { runFilters, runScores } from "../../../runtime/scheduler/framework.ts";
import { defaultProfile } from "../../../runtime/scheduler/profile.ts";
import { bestNodes } from "../../../runtime/scheduler/scheduler.ts";
import { createSnapshot, demandOf } from "../../../runtime/scheduler/snapshot.ts";
import { createWorld } from "./harness.ts";
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

const podShape = fc.record({
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
    affinity: {
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
  shapes.forEach((shape, index) => {
    world.addNode(`node-${index}`, {
      labels: {
        ...(shape.zone ? { "topology.kubernetes.io/zone": shape.zone } : {}),
        ...(shape.disk ? { disk: shape.disk } : {}),
      },
      spec: { unschedulable: shape.unschedulable, taints: shape.taints },
      allocatable: { cpu: shape.cpu, memory: shape.memory, pods: shape.pods },
    });
  });
  return world;
}

describe("against a scheduler written as plainly as can be", () => {
  test("reasons, scores and the set of best nodes are the same, pod after pod", () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.array(nodeShape, { minLength: 1, maxLength: 5 }),
        fc.array(podShape, { minLength: 1, maxLength: 12 }),
        (nodeShapes, podShapes) => {
          const world = populate(nodeShapes);
          podShapes.forEach((shape, index) => {
            const nodes = world.client.list("Node");
            const pods = world.client.list("Pod");
            const services = world.client.list("Service");
            const pod = world.addPod(`pod-${index}`, podSpec(shape), { app: shape.app });
            const expected = naiveSchedule(pod, nodes, pods, services);
            const snapshot = createSnapshot();
            for (const node of nodes) snapshot.setNode(node.metadata.name, node);
            for (const other of pods) snapshot.setPod(other.metadata.name, other);
            const info = { pod, demand: demandOf(pod.spec) };
            const { feasible, rejected } = runFilters(defaultProfile, info, snapshot.nodes());
            const reasons = Object.fromEntries([...rejected].map(([name, why]) => [name, why.reasons]));
            expect(reasons).toEqual(expected.reasons);
            const cluster = { nodes: snapshot.nodes(), client: world.client };
            const scores = runScores(defaultProfile, info, feasible, cluster);
            expect(Object.fromEntries(feasible.map(({ name }, each) => [name, scores[each]]))).toEqual(
              expected.scores,
            );
            if (feasible.length > 0) {
              expect(bestNodes(info, feasible, cluster).map(({ name }) => name)).toEqual(expected.best);
            }
            world.clock.advance(0);
            const chosen = world.nodeOf(`pod-${index}`);
            if (expected.best.length > 0) expect(expected.best).toContain(chosen);
            else expect(chosen).toBeUndefined();
            compared += feasible.length > 1 ? 1 : 0;
          });
        },
      ),
      { numRuns: 150, seed: 1 },
    );
    expect(compared).toBeGreaterThan(100);
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
      { numRuns: 100, seed: 1 },
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
