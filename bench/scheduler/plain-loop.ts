/**
 * The peer: the same decisions for pods of one kind after the other by plain loops over typed arrays, two passes over all
 * nodes for each pod, with no object, store or event anywhere. Resources, default spreading and the choice among equals; no
 * other rule. Gives pods per second of CPU time.
 */
export function plainLoop(nodes: number, pods: number, templates: number): number {
  const cpu = new Float64Array(nodes);
  const memory = new Float64Array(nodes);
  const zones = 3;
  const onHost = Array.from({ length: templates }, () => new Int32Array(nodes));
  const inZone = Array.from({ length: templates }, () => new Int32Array(zones));
  const raw = new Float64Array(nodes);
  const own = new Int32Array(nodes);
  const [cpuRoom, memoryRoom] = [4000, 32 * 2 ** 30];
  const [hostWeight, zoneWeight] = [Math.log(nodes + 2), Math.log(zones + 2)];
  const balance = (a: number, b: number) =>
    Math.floor((1 - Math.abs(a / cpuRoom - b / memoryRoom) / 2) * 100);
  let seed = 1;
  const begun = process.cpuUsage();
  for (let pod = 0; pod < pods; pod++) {
    const template = pod % templates;
    const [askedCpu, askedMemory] = [50 + (template % 5), (200 + (template % 5)) * 2 ** 20];
    const [hosts, zoneCounts] = [onHost[template]!, inZone[template]!];
    let max = 0;
    let min = Number.MAX_VALUE;
    for (let node = 0; node < nodes; node++) {
      const [c, m] = [cpu[node]! + askedCpu, memory[node]! + askedMemory];
      if (c > cpuRoom || m > memoryRoom) {
        own[node] = -1;
        continue;
      }
      const least =
        (Math.floor(((cpuRoom - c) * 100) / cpuRoom) + Math.floor(((memoryRoom - m) * 100) / memoryRoom)) / 2;
      own[node] =
        Math.floor(least) + 50 + Math.floor((50 + balance(c, m) - balance(cpu[node]!, memory[node]!)) / 2);
      const spread = Math.round(hosts[node]! * hostWeight + 2 + zoneCounts[node % zones]! * zoneWeight + 4);
      raw[node] = spread;
      if (spread > max) max = spread;
      if (spread < min) min = spread;
    }
    let best = -1;
    let chosen = -1;
    let ties = 0;
    for (let node = 0; node < nodes; node++) {
      if (own[node]! < 0) continue;
      const total = own[node]! + 2 * Math.floor((100 * (max + min - raw[node]!)) / max);
      if (total < best) continue;
      if (total > best) {
        best = total;
        ties = 0;
      }
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      if (seed % ++ties === 0) chosen = node;
    }
    cpu[chosen] = cpu[chosen]! + askedCpu;
    memory[chosen] = memory[chosen]! + askedMemory;
    hosts[chosen]!++;
    zoneCounts[chosen % zones]!++;
  }
  const { user, system } = process.cpuUsage(begun);
  return pods / ((user + system) / 1e6);
}
