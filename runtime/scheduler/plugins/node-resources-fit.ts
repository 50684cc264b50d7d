import type { FilterPlugin, ScorePlugin } from "../framework.ts";

const name = "NodeResourcesFit";

/** Pods, cpu, memory and all else that the pod requests must be left on the node. Real requests; none fits anywhere. */
export const nodeResourcesFit: FilterPlugin = {
  name,
  filter({ demand }, { allocatable, requested, pods }) {
    const reasons: string[] = [];
    let unresolvable = false;
    if (pods.size + 1 > (allocatable.pods ?? 0)) reasons.push("Too many pods");
    for (const [resource, request] of Object.entries(demand.requests)) {
      if (request === 0) continue;
      const room = allocatable[resource] ?? 0;
      if (request <= room - (requested[resource] ?? 0)) continue;
      reasons.push(`Insufficient ${resource}`);
      if (request > room) unresolvable = true;
    }
    return reasons.length === 0 ? undefined : { reasons, unresolvable };
  },
};

/** The share of cpu and memory that stays free with the pod on the node: the more the better. */
export const leastAllocated: ScorePlugin = byShare((room, taken) => room - taken);

/** The share that is taken with it: the more the better, so that nodes are filled one after the other. */
export const mostAllocated: ScorePlugin = byShare((_, taken) => taken);

function byShare(good: (room: number, taken: number) => number): ScorePlugin {
  return {
    name,
    score: ({ demand }, feasible) =>
      feasible.map(({ allocatable, scoredCpu, scoredMemory }) => {
        const shares: number[] = [];
        const add = (room: number, taken: number) => {
          if (room > 0) shares.push(taken > room ? 0 : Math.floor((good(room, taken) * 100) / room));
        };
        add(allocatable.cpu ?? 0, scoredCpu + demand.scoredCpu);
        add(allocatable.memory ?? 0, scoredMemory + demand.scoredMemory);
        return shares.length === 0
          ? 0
          : Math.floor(shares.reduce((sum, share) => sum + share, 0) / shares.length);
      }),
  };
}
