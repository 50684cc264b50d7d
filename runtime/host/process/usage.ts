import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { processIds, variableOf } from "../processes.ts";
import { containerMark, containerVariable } from "./variables.ts";

/** A container that runs, as it is found among the processes of this machine. */
export interface RunningContainer {
  readonly podUid: string;
  readonly container: string;
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Its first process, which leads a session. */
  readonly pid: number;
  /** Process groups that were started in it later (probes, hooks, what is executed in it). */
  readonly guests: ReadonlySet<number>;
}

export interface ContainerSample
  extends Pick<RunningContainer, "podUid" | "container" | "attempt" | "startedAt"> {
  /** When it was looked at; milliseconds since the epoch. */
  readonly at: number;
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
}

/** What proc(5) tells of a process that is needed here. */
interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTime: string;
  /** Its own, and that of its children that have ended. */
  readonly ticks: number;
}

/** Linux gives times to programs in hundredths of a second whatever it counts in itself (USER_HZ). */
const nanosecondsPerTick = 10_000_000;

/** So many processes are looked at before others have their turn. */
const batch = 100;

/**
 * Looks at the processes of containers through /proc: what they and their ended children have used of the processor,
 * and the memory that they hold (each page that several processes share is divided among them, so that the sum over
 * all containers is what is really in use). A process belongs to a container by its session, its group or its parents;
 * a daemon that has left them all by the mark in its environment.
 *
 * Never throws: a process that ends meanwhile counts no more.
 */
export function createUsageSampler(): (
  containers: readonly RunningContainer[],
) => Promise<readonly ContainerSample[]> {
  /** The marks of processes that are no container's by descent, so that an environment is read once. */
  let marks = new Map<string, string>();
  return async (containers) => {
    if (containers.length === 0) return [];
    const stats = await readStats();
    const found = new Map<number, ProcessStat[]>(containers.map((_, index) => [index, []]));
    const known = new Map<string, string>();
    const markOf = ({ pid, startTime }: ProcessStat) => {
      const key = `${pid}/${startTime}`;
      const mark = marks.get(key) ?? variableOf(pid, containerVariable) ?? "";
      known.set(key, mark);
      return mark;
    };
    for (const [stat, index] of assign(stats, containers, markOf)) found.get(index)!.push(stat);
    marks = known;
    return Promise.all(containers.map((container, index) => sampleOf(container, found.get(index)!)));
  };
}

async function readStats(): Promise<ReadonlyMap<number, ProcessStat>> {
  const stats = new Map<number, ProcessStat>();
  for (const [index, pid] of processIds().entries()) {
    if (index % batch === batch - 1) await new Promise((done) => setImmediate(done));
    const stat = readStat(pid);
    if (stat) stats.set(pid, stat);
  }
  return stats;
}

function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything, so fields are counted from its end.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [parent, group, session] = fields.slice(1, 4).map(Number) as [number, number, number];
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
    return { pid, parent, group, session, startTime: fields[19] ?? "", ticks };
  } catch {
    return undefined;
  }
}

/** Each process of a container with the container's index. */
function* assign(
  stats: ReadonlyMap<number, ProcessStat>,
  containers: readonly RunningContainer[],
  markOf: (stat: ProcessStat) => string,
): Generator<[ProcessStat, number]> {
  const roots = new Map<number, number>();
  const byMark = new Map<string, number>();
  for (const [index, { podUid, container, attempt, pid, guests }] of containers.entries()) {
    for (const root of [pid, ...guests]) roots.set(root, index);
    byMark.set(containerMark(podUid, container, attempt), index);
  }
  const owners = new Map<number, number | undefined>();
  const ownerOf = (stat: ProcessStat | undefined): number | undefined => {
    if (!stat || stat.pid === process.pid) return undefined;
    if (owners.has(stat.pid)) return owners.get(stat.pid);
    // A parent is looked at through its own parents; the entry stops what would go round in a circle.
    owners.set(stat.pid, undefined);
    const owner =
      roots.get(stat.session) ??
      roots.get(stat.group) ??
      ownerOf(stats.get(stat.parent)) ??
      byMark.get(markOf(stat));
    owners.set(stat.pid, owner);
    return owner;
  };
  for (const stat of stats.values()) {
    const owner = ownerOf(stat);
    if (owner !== undefined) yield [stat, owner];
  }
}

async function sampleOf(
  { podUid, container, attempt, startedAt }: RunningContainer,
  processes: readonly ProcessStat[],
): Promise<ContainerSample> {
  const at = Date.now();
  const ticks = processes.reduce((sum, each) => sum + each.ticks, 0);
  const memory = await Promise.all(processes.map(({ pid }) => memoryOf(pid)));
  return {
    podUid,
    container,
    attempt,
    startedAt,
    at,
    cpuNanoseconds: ticks * nanosecondsPerTick,
    memoryBytes: memory.reduce((sum, each) => sum + each, 0),
  };
}

/** The proportional set size; where the kernel does not tell it, the resident set. In bytes, 0 for one that is gone. */
async function memoryOf(pid: number): Promise<number> {
  const read = async (file: string, field: RegExp) => {
    try {
      const match = field.exec(await readFile(`/proc/${pid}/${file}`, "latin1"));
      return match ? Number(match[1]) * 1024 : undefined;
    } catch {
      return undefined;
    }
  };
  return (
    (await read("smaps_rollup", /^Pss:\s+(\d+) kB/m)) ?? (await read("status", /^VmRSS:\s+(\d+) kB/m)) ?? 0
  );
}
