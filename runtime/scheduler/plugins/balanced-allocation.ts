import type { ScorePlugin } from "../framework.ts";
import type { NodeInfo } from "../snapshot.ts";

/**
 * Cpu and memory should be used in like shares. What counts is how the pod changes the balance: a node scores above
 * 75 where it evens the shares out and below where it pulls them apart. Pods that request neither have no say.
 */
export const balancedAllocation: ScorePlugin = {
  name: "NodeResourcesBalancedAllocation",
  score({ demand }, feasible) {
    const cpu = demand.requests.cpu ?? 0;
    const memory = demand.requests.memory ?? 0;
    if (cpu === 0 && memory === 0) return undefined;
    return feasible.map(
      (node) => 50 + Math.floor((50 + balance(node, cpu, memory) - balance(node, 0, 0)) / 2),
    );
  },
};

function balance({ allocatable, requested }: NodeInfo, cpu: number, memory: number): number {
  const shares: number[] = [];
  const add = (resource: string, more: number) => {
    const room = allocatable[resource] ?? 0;
    if (room > 0) shares.push(Math.min(1, ((requested[resource] ?? 0) + more) / room));
  };
  add("cpu", cpu);
  add("memory", memory);
  const deviation = shares.length === 2 ? Math.abs((shares[0]! - shares[1]!) / 2) : 0;
  return Math.floor((1 - deviation) * 100);
}
