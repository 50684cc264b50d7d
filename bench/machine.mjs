// How fast this machine is, so that figures of different machines can be compared: what V8 takes to read and write the objects of
// 1,000 applications as JSON, warm, in CPU time. Every benchmark of `npm run bench:…` prints it beside its figures.
import { objects } from "./applications.mjs";

/** Milliseconds of CPU time, the median of 20 turns after 10. */
export function machine() {
  const text = JSON.stringify(Array.from({ length: 1000 }, (_, index) => objects(index)));
  const times = [];
  for (let turn = 0; turn < 30; turn++) {
    const before = process.cpuUsage();
    JSON.stringify(JSON.parse(text));
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return times.slice(10).sort((a, b) => a - b)[10];
}

export const machineLine = (taken = machine()) =>
  `machine: ${taken.toFixed(0)} ms to read and write the objects of 1,000 applications as JSON`;

if (process.argv[1] === import.meta.filename) console.log(machineLine());
