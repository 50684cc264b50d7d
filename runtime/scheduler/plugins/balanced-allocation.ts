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
    return feasible.map(({ allocatable, requested }) =>
      change(
        allocatable.cpu ?? 0,
        requested.cpu ?? 0,
        cpu,
        allocatable.memory ?? 0,
        requested.memory ?? 0,
        memory,
      ),
    );
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
          values[index]! +=
            weight *
            change(
              columns[row + column.cpuRoom]!,
              columns[row + column.cpuUsed]!,
              cpu,
              columns[row + column.memoryRoom]!,
              columns[row + column.memoryUsed]!,
              memory,
            );
        }
      };
    },
  },
};

function change(
  cpuRoom: number,
  cpuUsed: number,
  cpu: number,
  memoryRoom: number,
  memoryUsed: number,
  memory: number,
): number {
  const before = balance(cpuRoom, cpuUsed, memoryRoom, memoryUsed);
  return (
    50 + Math.floor((50 + balance(cpuRoom, cpuUsed + cpu, memoryRoom, memoryUsed + memory) - before) / 2)
  );
}

function balance(cpuRoom: number, cpu: number, memoryRoom: number, memory: number): number {
  if (!(cpuRoom > 0 && memoryRoom > 0)) return 100;
  const deviation = Math.abs((Math.min(1, cpu / cpuRoom) - Math.min(1, memory / memoryRoom)) / 2);
  return Math.floor((1 - deviation) * 100);
}
