import { balanceOf } from "../balance.ts";
import type { ScorePlugin } from "../framework.ts";
import { column, rowLength } from "../snapshot.ts";

/**
 * Cpu and memory should be used in like shares. What counts is how the pod changes the balance: a node scores above
 * 75 where it evens the shares out and below where it pulls them apart. Pods that request neither have no say.
 */
export const balancedAllocation: ScorePlugin = {
  name: "NodeResourcesBalancedAllocation",
  score({ demand }, feasible) {
    const { cpu = 0, memory = 0 } = demand.requests;
    if (cpu === 0 && memory === 0) return undefined;
    return feasible.map(({ allocatable: { cpu: cpuRoom = 0, memory: memoryRoom = 0 }, requested }) => {
      const { cpu: cpuUsed = 0, memory: memoryUsed = 0 } = requested;
      const before = balanceOf(cpuRoom, cpuUsed, memoryRoom, memoryUsed);
      return balanceChange(before, balanceOf(cpuRoom, cpuUsed + cpu, memoryRoom, memoryUsed + memory));
    });
  },
  index: {
    reads: "usage",
    key: ({ demand: { requests } }) => JSON.stringify([requests.cpu ?? 0, requests.memory ?? 0]),
    add: ({ demand: { cpu, memory } }, { values: columns }, weight) => {
      if (cpu === 0 && memory === 0) return () => {};
      return ({ slots, values, size }) => {
        for (let index = 0; index < size; index++) {
          if (values[index]! < 0) continue;
          const row = slots[index]! * rowLength;
          const after = balanceOf(
            columns[row + column.cpuRoom]!,
            columns[row + column.cpuUsed]! + cpu,
            columns[row + column.memoryRoom]!,
            columns[row + column.memoryUsed]! + memory,
          );
          values[index]! += weight * balanceChange(columns[row + column.balance]!, after);
        }
      };
    },
  },
};

/** Of a balance before and after: 75 where it stays as it is. */
export function balanceChange(before: number, after: number): number {
  return 50 + ((50 + after - before) >> 1);
}
