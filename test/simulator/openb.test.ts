import { describe, expect, test } from "vitest";
import { seededRandom } from "../../base/random.ts";
import { comparePolicies, readTrace } from "../../bench/scheduler/openb.ts";

/** Traces in OpenB's format: read, and packed by several policies. */

const nodeHead = "sn,cpu_milli,memory_mib,gpu,model";
const podHead =
  "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time";

/** A small trace: nodes of two kinds, and as a rule more pods than they hold. */
function trace(seed: number, count = 150) {
  const random = seededRandom(seed);
  const nodes = Array.from({ length: 12 }, (_, index) =>
    index % 3 === 0
      ? `openb-node-${index},32000,65536,0,`
      : `openb-node-${index},64000,131072,4,${index % 2 === 0 ? "T4" : "V100M16"}`,
  );
  const pods = Array.from({ length: count }, (_, index) => {
    const gpus = random.below(3);
    const part = gpus === 1 ? [500, 1000][random.below(2)]! : 1000;
    const model = gpus > 0 && random.below(4) === 0 ? "T4|P100" : "";
    const cpu = 1000 * (1 + random.below(8));
    return `openb-pod-${index},${cpu},${2 * cpu},${gpus},${gpus > 0 ? part : 0},${model},LS,Running,${1000 - index},,`;
  });
  return readTrace([nodeHead, ...nodes].join("\n"), `${[podHead, ...pods].join("\r\n")}\r\n`);
}

describe("a trace in OpenB's format", () => {
  test("is read: nodes with their GPUs and models, pods in the order in which they came", () => {
    const { nodes, pods } = trace(1);
    expect(nodes[1]).toMatchObject({
      metadata: { name: "openb-node-1", labels: { model: "V100M16" } },
      status: { capacity: { cpu: "64000m", memory: "131072Mi", "example.com/gpu-milli": "4000" } },
    });
    expect(pods[0]?.metadata.name).toBe("openb-pod-149");
    expect(pods).toHaveLength(150);
  });

  test("is packed by each policy within what nodes have, and fewer nodes are taken by packing than at random", () => {
    for (const seed of [1, 2, 3]) {
      const all = Object.fromEntries(comparePolicies(trace(seed), seed).map((each) => [each.policy, each]));
      for (const { placed, cpu, gpu, usedNodes } of Object.values(all)) {
        expect(placed).toBeGreaterThan(0);
        expect(usedNodes).toBeLessThanOrEqual(12);
        expect(Math.max(cpu, gpu)).toBeLessThanOrEqual(1);
      }
      const few = Object.fromEntries(
        comparePolicies(trace(seed, 25), seed).map((each) => [each.policy, each]),
      );
      expect(few["kdsl, pack"]!.placed).toBeGreaterThanOrEqual(20);
      expect(few["kdsl, pack"]!.usedNodes).toBeLessThan(few.random!.usedNodes);
      expect(few["kdsl, spread"]!.usedNodes).toBeGreaterThan(few["best fit"]!.usedNodes);
      expect(comparePolicies(trace(seed), seed)).toEqual(Object.values(all));
    }
  });

  test("that is broken is one clear error", () => {
    expect(() => readTrace("sn,cpu_milli\na,1", podHead)).toThrow(
      "the list of nodes has no column memory_mib, gpu",
    );
    expect(() => readTrace(`${nodeHead}\na,x,1,0,`, podHead)).toThrow(
      'line 2 of the list of nodes: cpu_milli is "x"',
    );
    expect(() => readTrace(`${nodeHead}\na,,1,0,`, podHead)).toThrow(
      "line 2 of the list of nodes has no cpu_milli",
    );
  });
});
