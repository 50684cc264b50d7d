import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cyclesOf } from "../../compiler/verify/cycles.ts";
import { runs } from "../runs.ts";
import { asking, node, rc } from "./objects.ts";
import { check, planOf } from "./plan.ts";

describe("room, against trying every placement", () => {
  const cluster = fc.record({
    nodes: fc.array(fc.record({ cpu: fc.integer({ min: 1, max: 4 }), zone: fc.constantFrom("a", "b") }), {
      minLength: 1,
      maxLength: 3,
    }),
    rcs: fc.array(
      fc.record({
        cpu: fc.integer({ min: 1, max: 4 }),
        replicas: fc.integer({ min: 0, max: 3 }),
        zone: fc.constantFrom(undefined, "a", "b"),
      }),
      { maxLength: 3 },
    ),
  });
  type Cluster = typeof cluster extends fc.Arbitrary<infer T> ? T : never;

  const codesOf = ({ nodes, rcs }: Cluster) =>
    check(
      planOf([
        ...nodes.map(({ cpu, zone }, index) => node(`n${index}`, { cpu: String(cpu) }, { zone })),
        ...rcs.map(({ cpu, replicas, zone }, index) =>
          rc(
            `r${index}`,
            {
              containers: [asking({ cpu: String(cpu) })],
              ...(zone === undefined ? {} : { nodeSelector: { zone } }),
            },
            { replicas },
          ),
        ),
      ]),
    ).map(({ code }) => code);

  type Node = Cluster["nodes"][number];
  type Rc = Cluster["rcs"][number];
  const mayRun = (each: Rc, on: Node) => each.zone === undefined || each.zone === on.zone;

  /** Whether all pods can be placed, one after the other on any node with room. */
  function packs(pods: readonly Rc[], nodes: readonly Node[]): boolean {
    const [first, ...others] = pods;
    if (!first) return true;
    return nodes.some(
      (on, index) =>
        mayRun(first, on) &&
        on.cpu >= first.cpu &&
        packs(
          others,
          nodes.map((each, at) => (at === index ? { ...each, cpu: each.cpu - first.cpu } : each)),
        ),
    );
  }

  test("what can be placed is never complained of", () => {
    fc.assert(
      fc.property(cluster, (given) => {
        const pods = given.rcs.flatMap((each) => Array<Rc>(each.replicas).fill(each));
        fc.pre(packs(pods, given.nodes));
        expect(codesOf(given)).toEqual([]);
      }),
      runs(300),
    );
  });

  test("a pod without any node is an error, and only then", () => {
    fc.assert(
      fc.property(cluster, (given) => {
        const stuck = (wrong: (each: Rc, on: Node) => boolean) =>
          given.rcs.filter((each) => each.replicas > 0 && given.nodes.every((on) => wrong(each, on))).length;
        const codes = codesOf(given);
        const homeless = stuck((each, on) => !mayRun(each, on));
        const tooLarge = stuck((each, on) => !mayRun(each, on) || on.cpu < each.cpu) - homeless;
        expect(codes.filter((code) => code === "KD3404")).toHaveLength(homeless);
        expect(codes.filter((code) => code === "KD3402")).toHaveLength(tooLarge);
      }),
      runs(300),
    );
  });
});

describe("circles", () => {
  const name = fc.constantFrom(..."abcdefg");
  const edges = fc.array(fc.record({ from: name, to: name, reason: fc.constant(undefined) }), {
    maxLength: 14,
  });

  const reaches = (list: readonly { from: string; to: string }[], from: string, to: string): boolean => {
    const seen = new Set<string>();
    const queue = [from];
    for (let here = queue.pop(); here !== undefined; here = queue.pop()) {
      for (const edge of list) {
        if (edge.from !== here) continue;
        if (edge.to === to) return true;
        if (!seen.has(edge.to)) queue.push(edge.to);
        seen.add(edge.to);
      }
    }
    return false;
  };

  test("are found where there are any, and are circles", () => {
    fc.assert(
      fc.property(edges, (list) => {
        const found = cyclesOf(list);
        expect(found.length > 0).toBe(list.some(({ from }) => reaches(list, from, from)));
        for (const cycle of found) {
          for (const [index, edge] of cycle.entries()) {
            expect(list).toContain(edge);
            expect(edge.to).toBe(cycle[(index + 1) % cycle.length]!.from);
          }
        }
        const rest = list.filter(({ from, to }) => {
          const used = new Set(found.flat().map((edge) => edge.from));
          return !used.has(from) && !used.has(to);
        });
        expect(rest.some(({ from }) => reaches(rest, from, from))).toBe(false);
      }),
    );
  });

  test("a long chain is no burden", () => {
    const chain = Array.from({ length: 20_000 }, (_, at) => ({
      from: `${at}`,
      to: `${at + 1}`,
      reason: undefined,
    }));
    expect(cyclesOf(chain)).toEqual([]);
    expect(cyclesOf([...chain, { from: "20000", to: "0", reason: undefined }])[0]).toHaveLength(20_001);
  });
});
