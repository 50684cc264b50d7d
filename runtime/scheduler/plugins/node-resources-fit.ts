import { type Batch, type FilterPlugin, refused, type ScorePlugin } from "../framework.ts";
import { column, type PodInfo, rowLength } from "../snapshot.ts";
import { wholePart } from "../whole-part.ts";

const name = "NodeResourcesFit";

/** Pods, cpu, memory and all else that the pod requests must be left on the node. Real requests; none fits anywhere. */
export const nodeResourcesFit: FilterPlugin = {
  name,
  filter: ({ demand }) => {
    const wanted = Object.entries(demand.requests).filter(([, request]) => request !== 0);
    return ({ allocatable, requested, pods }) => {
      const reasons: string[] = [];
      let unresolvable = false;
      if (pods.size + 1 > (allocatable.pods ?? 0)) reasons.push("Too many pods");
      for (const [resource, request] of wanted) {
        const room = allocatable[resource] ?? 0;
        if (request <= room - (requested[resource] ?? 0)) continue;
        reasons.push(`Insufficient ${resource}`);
        if (request > room) unresolvable = true;
      }
      return reasons.length === 0 ? undefined : { reasons, unresolvable };
    };
  },
  index: {
    reads: "usage",
    key: shape,
    sift: ({ demand }, { values: columns, nodes }) => {
      // Who asks for none of it comes in even where there is less than none.
      const cpu = demand.cpu || Number.NEGATIVE_INFINITY;
      const memory = demand.memory || Number.NEGATIVE_INFINITY;
      const others = demand.others.filter(([, request]) => request !== 0);
      const siftOthers = ({ slots, values, size }: Batch, resource: string, request: number) => {
        for (let index = 0; index < size; index++) {
          if (values[index]! < 0) continue;
          const { allocatable, requested } = nodes[slots[index]!]!;
          if (request > (allocatable[resource] ?? 0) - (requested[resource] ?? 0)) values[index] = refused;
        }
      };
      return (batch) => {
        for (const [resource, request] of others) siftOthers(batch, resource, request);
        const { slots, values, size } = batch;
        for (let index = 0; index < size; index++) {
          if (values[index]! < 0) continue;
          const row = slots[index]! * rowLength;
          if (
            columns[row + column.podsLeft]! < 1 ||
            cpu > columns[row + column.cpuRoom]! - columns[row + column.cpuUsed]! ||
            memory > columns[row + column.memoryRoom]! - columns[row + column.memoryUsed]!
          )
            values[index] = refused;
        }
      };
    },
  },
};

function shape({ demand: { requests, scoredCpu, scoredMemory } }: PodInfo): string {
  return JSON.stringify([requests, scoredCpu, scoredMemory]);
}

/** Of a hundred parts of some room those that are free; none where more than all is taken. */
export const free = (room: number, taken: number): number =>
  taken > room ? 0 : wholePart(((room - taken) * 100) / room);
const filled = (room: number, taken: number) => (taken > room ? 0 : wholePart((taken * 100) / room));

/** The share of cpu and memory that stays free with the pod on the node: the more the better. */
export const leastAllocated: ScorePlugin = byShare(free);

/** The share that is taken with it: the more the better, so that nodes are filled one after the other. */
export const mostAllocated: ScorePlugin = byShare(filled);

type Share = (room: number, taken: number) => number;

/** The mean of two shares; a resource of which the node has none is left out. */
function mean(share: Share, cpuRoom: number, cpu: number, memoryRoom: number, memory: number): number {
  if (cpuRoom > 0 && memoryRoom > 0) return (share(cpuRoom, cpu) + share(memoryRoom, memory)) >> 1;
  if (cpuRoom > 0) return share(cpuRoom, cpu);
  return memoryRoom > 0 ? share(memoryRoom, memory) : 0;
}

function byShare(share: Share): ScorePlugin {
  return {
    name,
    score: ({ demand }, feasible) =>
      feasible.map(({ allocatable, scoredCpu, scoredMemory }) =>
        mean(
          share,
          allocatable.cpu ?? 0,
          scoredCpu + demand.scoredCpu,
          allocatable.memory ?? 0,
          scoredMemory + demand.scoredMemory,
        ),
      ),
    index: {
      reads: "usage",
      key: shape,
      add: ({ demand }, { values: columns }, weight) => {
        const { scoredCpu: cpu, scoredMemory: memory } = demand;
        return ({ slots, values, size }) => {
          for (let index = 0; index < size; index++) {
            if (values[index]! < 0) continue;
            const row = slots[index]! * rowLength;
            values[index]! +=
              weight *
              mean(
                share,
                columns[row + column.cpuRoom]!,
                columns[row + column.scoredCpu]! + cpu,
                columns[row + column.memoryRoom]!,
                columns[row + column.scoredMemory]! + memory,
              );
          }
        };
      },
    },
  };
}
