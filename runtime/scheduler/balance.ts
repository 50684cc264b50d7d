import { wholePart } from "./whole-part.ts";

/**
 * How alike the shares of cpu and memory are that are in use: 100 where they are equal or the node has none of one, less by
 * half of what they are apart.
 */
export function balanceOf(cpuRoom: number, cpu: number, memoryRoom: number, memory: number): number {
  if (!(cpuRoom > 0 && memoryRoom > 0)) return 100;
  return balanceOfShares(Math.min(1, cpu / cpuRoom), Math.min(1, memory / memoryRoom));
}

/** The same of the shares themselves, from 0 to 1. */
export function balanceOfShares(cpu: number, memory: number): number {
  return wholePart((1 - Math.abs((cpu - memory) / 2)) * 100);
}
