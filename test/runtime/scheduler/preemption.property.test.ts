import fc from "fast-check";
import { expect, test } from "vitest";
import type { Node, Pod } from "../../../model/core.ts";
import { runs } from "../../runs.ts";
import { createWorld, requesting } from "./harness.ts";

/** Whom a pod drives out, against the criteria written once more as plainly as can be, over requests of cpu alone. */

const priority = ({ spec }: Pod) => spec.priority ?? 0;
const cpu = ({ spec }: Pod) => Number.parseInt(spec.containers[0]!.resources!.requests!.cpu!, 10);
const start = ({ status }: Pod) => Date.parse(status!.startTime!);
const room = (node: Node) => 1000 * Number(node.status!.allocatable!.cpu);

function victims(node: Node, pods: readonly Pod[], pod: Pod): readonly Pod[] | undefined {
  const here = pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
  const fits = (left: readonly Pod[]) =>
    [...left, pod].reduce((sum, each) => sum + cpu(each), 0) <= room(node);
  const lower = here.filter((each) => priority(each) < priority(pod));
  let left = here.filter((each) => !lower.includes(each));
  if (lower.length === 0 || !fits(left)) return undefined;
  for (const each of [...lower].sort((a, b) => priority(b) - priority(a) || start(a) - start(b)))
    if (fits([...left, each])) left = [...left, each];
  return lower.filter((each) => !left.includes(each));
}

/** The names of those who go, in order, and of their node; undefined where nobody can. */
function naive(nodes: readonly Node[], pods: readonly Pod[], pod: Pod) {
  const offers = nodes.flatMap((node) => {
    const gone = victims(node, pods, pod);
    return gone ? [{ node: node.metadata.name, gone }] : [];
  });
  const highest = (gone: readonly Pod[]) => Math.max(...gone.map(priority));
  const criteria: ((gone: readonly Pod[]) => number)[] = [
    highest,
    (gone) => gone.reduce((sum, each) => sum + priority(each) + 2 ** 31, 0),
    (gone) => gone.length,
    (gone) => -Math.min(...gone.filter((each) => priority(each) === highest(gone)).map(start)),
  ];
  let best = offers;
  for (const of of criteria) {
    const least = Math.min(...best.map(({ gone }) => of(gone)));
    best = best.filter(({ gone }) => of(gone) === least);
  }
  const [first] = best;
  return first && { node: first.node, gone: first.gone.map(({ metadata }) => metadata.name).sort() };
}

const standing = fc.record({
  cpu: fc.constantFrom("500m", "900m", "1500m"),
  priority: fc.integer({ min: -2, max: 4 }),
  since: fc.nat(3),
});

test("those who have to go, and the node, are those of the criteria", () => {
  const seen = { driven: 0, none: 0 };
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("1", "2", "3"), { minLength: 1, maxLength: 5 }),
      fc.array(standing, { maxLength: 14 }),
      fc.record({ cpu: fc.constantFrom("900m", "1900m", "2900m"), priority: fc.integer({ min: 0, max: 5 }) }),
      (nodes, pods, wanted) => {
        const world = createWorld();
        nodes.forEach(
          (allocatable, index) => void world.addNode(`node-${index}`, { allocatable: { cpu: allocatable } }),
        );
        for (const [index, each] of pods.entries()) {
          // One after the other, and none may drive out another: those come first whose priority is highest.
          world.addPod(`pod-${index}`, {
            ...requesting(each.cpu),
            priority: each.priority,
            preemptionPolicy: "Never",
          });
          world.clock.advance(0);
          const pod = world.pod(`pod-${index}`)!;
          if (!pod.spec.nodeName) {
            world.client.delete("Pod", "default", `pod-${index}`, { gracePeriodSeconds: 0 });
            continue;
          }
          const startTime = new Date(1000 * each.since).toISOString();
          world.client.updateStatus<"Pod">({ ...pod, status: { ...pod.status, startTime } });
        }
        const before = world.client.list("Pod");
        const pod = world.addPod("wanted", { ...requesting(wanted.cpu), priority: wanted.priority });
        world.clock.advance(0);
        expect(world.errors).toEqual([]);
        const gone = world.client
          .list("Pod")
          .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
          .map(({ metadata }) => metadata.name)
          .sort();
        if (world.nodeOf("wanted")) {
          expect(gone).toEqual([]);
          return;
        }
        const expected = naive(world.client.list("Node"), before, pod);
        expect(gone).toEqual(expected?.gone ?? []);
        expect(world.pod("wanted")?.status?.nominatedNodeName).toBe(expected?.node);
        if (expected) seen.driven++;
        else seen.none++;
      },
    ),
    runs(300),
  );
  expect(Math.min(seen.driven, seen.none)).toBeGreaterThan(20);
});
