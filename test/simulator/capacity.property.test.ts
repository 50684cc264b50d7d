import fc from "fast-check";
import { expect, test } from "vitest";
import type { Node, Pod, ReplicationController } from "../../model/core.ts";
import { controllerOf, type KubernetesObject, type Stored } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { headroom, nodesNeeded, removable, withCopies } from "../../runtime/simulator/placement/capacity.ts";
import { createPlacement, type Placement } from "../../runtime/simulator/placement/place.ts";
import { reportPlacement } from "../../runtime/simulator/placement/simulate.ts";
import { runs } from "../runs.ts";

/** What the planner says is held against sums over the nodes, and against trying every number of nodes. */

interface NodeShape {
  readonly cpu: number;
  readonly memory: number;
  readonly pods: number;
  readonly zone: string;
  readonly cordoned: boolean;
}

interface Workload {
  readonly namespace: string;
  readonly replicas: number;
  readonly cpu: number;
  readonly memory: number;
  readonly zone: string | undefined;
}

const zone = fc.constantFrom("a", "b");
const node: fc.Arbitrary<NodeShape> = fc.record({
  cpu: fc.integer({ min: 1, max: 8 }),
  memory: fc.integer({ min: 1, max: 8 }),
  pods: fc.integer({ min: 1, max: 6 }),
  zone,
  cordoned: fc.integer({ max: 5, min: 0 }).map((drawn) => drawn === 0),
});
const workload: fc.Arbitrary<Workload> = fc.record({
  namespace: fc.constantFrom("default", "other"),
  replicas: fc.nat(4),
  cpu: fc.nat(4),
  memory: fc.nat(3),
  zone: fc.option(zone, { nil: undefined, freq: 3 }),
});
const cluster = fc.record({
  nodes: fc.array(node, { minLength: 1, maxLength: 4 }),
  // Of one name: what tells them apart is their namespace.
  workloads: fc.uniqueArray(workload, { minLength: 1, maxLength: 2, selector: ({ namespace }) => namespace }),
});

const unit = { cpu: 250, memory: 256 };

function planOf({ nodes, workloads }: { nodes: readonly NodeShape[]; workloads: readonly Workload[] }): Plan {
  const objects: readonly KubernetesObject[] = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } },
    ...nodes.map(
      ({ cpu, memory, pods, zone: label, cordoned }, index): Node => ({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: `n${index}`, labels: { zone: label } },
        spec: cordoned ? { unschedulable: true } : {},
        status: {
          capacity: { cpu: `${cpu * unit.cpu}m`, memory: `${memory * unit.memory}Mi`, pods: String(pods) },
        },
      }),
    ),
    ...workloads.map(
      ({ namespace, replicas, cpu, memory, zone: label }): ReplicationController => ({
        apiVersion: "v1",
        kind: "ReplicationController",
        metadata: { name: "web", namespace },
        spec: {
          replicas,
          selector: { app: "web" },
          template: {
            metadata: { labels: { app: "web" } },
            spec: {
              ...(label === undefined ? {} : { nodeSelector: { zone: label } }),
              containers: [
                {
                  name: "main",
                  image: "web:1",
                  resources: { requests: { cpu: `${cpu * unit.cpu}m`, memory: `${memory * unit.memory}Mi` } },
                },
              ],
            },
          },
        },
      }),
    ),
  ];
  return {
    version: 1,
    name: "drawn",
    objects,
    provenance: {},
    local: {},
    references: {},
    secrets: {},
    after: {},
    updates: {},
    sources: [],
    params: {},
    hash: "",
  };
}

function placed(plan: Plan): Placement {
  const placement = createPlacement({ plan, seed: 1 });
  placement.settle();
  return placement;
}

const waitingOf = (placement: Placement, namespace: string) =>
  placement.waiting().filter(({ metadata }) => metadata.namespace === namespace);

/** How many more pods like these a node takes as it stands. */
function roomOn(
  shape: NodeShape,
  there: readonly Workload[],
  { cpu, memory, zone: label }: Workload,
): number {
  if (shape.cordoned || (label !== undefined && label !== shape.zone)) return 0;
  const left = (resource: "cpu" | "memory") =>
    shape[resource] - there.reduce((sum, each) => sum + each[resource], 0);
  return Math.min(
    shape.pods - there.length,
    cpu === 0 ? Number.POSITIVE_INFINITY : Math.floor(left("cpu") / cpu),
    memory === 0 ? Number.POSITIVE_INFINITY : Math.floor(left("memory") / memory),
  );
}

test("what waits fits nowhere, and so many more fit as there is room for", () => {
  fc.assert(
    fc.property(cluster, fc.integer({ min: 1, max: 12 }), (drawn, most) => {
      const plan = planOf(drawn);
      const placement = placed(plan);
      const ofPod = (pod: Stored<Pod>) =>
        drawn.workloads.find(({ namespace }) => namespace === pod.metadata.namespace)!;
      const room = (workload: Workload) =>
        drawn.nodes.reduce((sum, shape, index) => {
          const there = placement.pods().filter(({ spec }) => spec.nodeName === `n${index}`);
          return sum + roomOn(shape, there.map(ofPod), workload);
        }, 0);
      for (const pod of placement.waiting()) {
        expect(controllerOf(pod)?.name).toBe("web");
        expect(room(ofPod(pod))).toBe(0);
      }
      for (const { namespace, waiting, fits, more } of headroom(plan, 1, most)) {
        const workload = drawn.workloads.find((each) => each.namespace === namespace)!;
        const all = room(workload);
        expect(waiting).toBe(waitingOf(placement, namespace).length);
        expect({ fits, more }).toEqual({ fits: Math.min(all, most), more: all >= most });
      }
    }),
    runs(50),
  );
});

test("as many nodes are needed as it takes when one after the other is added, whoever else waits", () => {
  fc.assert(
    fc.property(cluster, fc.nat(6), fc.nat(3), (drawn, replicas, which) => {
      const plan = planOf(drawn);
      const { namespace } = drawn.workloads[0]!;
      const goals = new Map([[`${namespace}/web`, replicas]]);
      const shape = plan.objects.filter((object): object is Node => object.kind === "Node")[
        which % drawn.nodes.length
      ]!;
      const goal = planOf({
        ...drawn,
        workloads: drawn.workloads.map((each, index) => (index === 0 ? { ...each, replicas } : each)),
      });
      const { added, waiting } = nodesNeeded(plan, 1, shape, goals, 100);
      const pods = goal.objects.reduce(
        (sum, { kind, spec }: { kind: string; spec?: { replicas?: number } }) =>
          kind === "ReplicationController" ? sum + (spec?.replicas ?? 1) : sum,
        0,
      );
      const counts = Array.from({ length: pods + 1 }, (_, count) => count);
      const waitingWith = (count: number) =>
        placed(withCopies(goal, shape, count))
          .waiting()
          .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      const first = counts.find((count) => waitingWith(count).length === 0);
      if (first !== undefined) {
        expect(added).toBe(first);
        expect(waiting).toEqual([]);
        return;
      }
      // Others wait however many there are: it is enough that none of the goal does.
      const ofGoal = (name: string) => name.startsWith(`${namespace}/web-`);
      const left = waitingWith(added ?? pods);
      expect(waiting.map((name) => (name.includes("/") ? name : `default/${name}`))).toEqual(left);
      expect(left.some(ofGoal)).toBe(added === undefined);
    }),
    runs(30),
  );
});

test("without the nodes that could be removed no more waits than before", () => {
  fc.assert(
    fc.property(cluster, (drawn) => {
      const plan = planOf(drawn);
      const gone = removable(plan, 1, 10);
      const objects = plan.objects.filter(({ metadata }) => !gone.includes(metadata.name));
      expect(objects.some(({ kind }) => kind === "Node")).toBe(true);
      expect(placed({ ...plan, objects }).waiting().length).toBeLessThanOrEqual(
        placed(plan).waiting().length,
      );
    }),
    runs(30),
  );
});

test("a cordoned node is a shape like another: new nodes of it take pods", () => {
  const shape = { cpu: 4, memory: 8, pods: 6, zone: "a", cordoned: true };
  const web = { namespace: "default", replicas: 3, cpu: 2, memory: 1, zone: undefined };
  const plan = planOf({ nodes: [shape], workloads: [web] });
  const first = plan.objects.find((object): object is Node => object.kind === "Node")!;
  expect(nodesNeeded(plan, 1, first, new Map(), 10).added).toBe(2);
});

test("a pod that names a node which is not there waits, and the node that it names is needed", () => {
  const shape = { cpu: 4, memory: 8, pods: 6, zone: "a", cordoned: false };
  const plan = planOf({ nodes: [shape, shape, shape], workloads: [] });
  const fixed = (name: string, nodeName: string): Pod => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { nodeName, containers: [{ name: "main", image: "web:1" }] },
  });
  const held = { ...plan, objects: [...plan.objects, fixed("there", "n0")] };
  expect(removable(held, 1, 10)).toEqual(["n1", "n2"]);
  const { pods } = reportPlacement({
    plan: { ...held, objects: [...held.objects, fixed("ghost", "n9")] },
    seed: 1,
    explained: undefined,
  });
  expect(pods.find(({ name }) => name === "ghost")).toMatchObject({
    message: "it asks for node n9, which is not there",
  });
  expect(pods.find(({ name }) => name === "there")?.node).toBe("n0");
});
