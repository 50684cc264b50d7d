import { balanceOfShares } from "../balance.ts";
import { type Batch, type FilterPlugin, type Profile, refused } from "../framework.ts";
import { balanceChange, balancedAllocation } from "../plugins/balanced-allocation.ts";
import { free, leastAllocated, nodeResourcesFit } from "../plugins/node-resources-fit.ts";
import { type Columns, column, type PodInfo, rowLength } from "../snapshot.ts";

/**
 * What NodeResourcesFit, LeastAllocated and NodeResourcesBalancedAllocation say of nodes one after the other, in one loop: they are
 * asked of every node that changed for every shape of requests, and half of that time went into going through the nodes
 * three times. Undefined where others of the rules that read usage have a say, or where the pod asks for less or for more
 * than cpu and memory.
 */
export function judgeResources(
  { demand: { cpu, memory, others, scoredCpu, scoredMemory } }: PodInfo,
  filters: readonly FilterPlugin[],
  scores: Profile["scores"],
  { values: columns }: Columns,
): ((batch: Batch) => void) | undefined {
  const [least, balanced] = scores;
  if (
    filters.length !== 1 ||
    filters[0] !== nodeResourcesFit ||
    scores.length !== 2 ||
    least?.plugin !== leastAllocated ||
    balanced?.plugin !== balancedAllocation ||
    cpu === 0 ||
    memory === 0 ||
    others.length > 0
  )
    return undefined;
  const [leastWeight, balancedWeight] = [least.weight, balanced.weight];
  return ({ slots, values, size }) => {
    for (let index = 0; index < size; index++) {
      if (values[index]! < 0) continue;
      const row = slots[index]! * rowLength;
      const cpuRoom = columns[row + column.cpuRoom]!;
      const memoryRoom = columns[row + column.memoryRoom]!;
      const cpuAfter = columns[row + column.cpuUsed]! + cpu;
      const memoryAfter = columns[row + column.memoryUsed]! + memory;
      if (columns[row + column.podsLeft]! < 1 || cpuAfter > cpuRoom || memoryAfter > memoryRoom) {
        values[index] = refused;
        continue;
      }
      // It has some of both, and no more of it will be taken than there is.
      const cpuFree = free(cpuRoom, columns[row + column.scoredCpu]! + scoredCpu);
      const memoryFree = free(memoryRoom, columns[row + column.scoredMemory]! + scoredMemory);
      const balance = balanceOfShares(cpuAfter / cpuRoom, memoryAfter / memoryRoom);
      values[index] =
        leastWeight * ((cpuFree + memoryFree) >> 1) +
        balancedWeight * balanceChange(columns[row + column.balance]!, balance);
    }
  };
}
