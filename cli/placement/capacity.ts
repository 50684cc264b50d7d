import { headroom, nodesNeeded, nodesOf, removable } from "../../runtime/simulator/placement/capacity.ts";
import { exitCodes } from "../error.ts";
import { TablePrinter } from "../print.ts";
import {
  formatOf,
  goalsOf,
  type PlacementFlags,
  readSubject,
  seedOf,
  shapeOf,
  wholeNumber,
} from "./options.ts";

export interface CapacityFlags extends PlacementFlags {
  readonly goal?: readonly string[];
  readonly most?: string;
}

/** So many nodes are tried at most, for a goal and to be taken away. */
const mostNodes = 10_000;
const mostRemoved = 200;

/** `kdsl capacity FILE`: how much more fits, what a goal needs, what could be removed. Exit code 1 where a goal cannot be met. */
export async function capacity(path: string, flags: CapacityFlags): Promise<number> {
  const format = formatOf(flags);
  const seed = seedOf(flags);
  const most = flags.most === undefined ? 1000 : wholeNumber(flags.most, "--most", 1, 100_000);
  const subject = await readSubject(path, flags);
  if (!subject) return exitCodes.failure;
  const { plan } = subject;
  const goals = goalsOf(flags.goal ?? [], plan);
  const asked = goals.size > 0 || (flags.shape !== undefined && flags.nodes === undefined);
  const shape = asked ? shapeOf(flags.shape, plan) : undefined;
  const rooms = headroom(plan, seed, most);
  const need = shape && nodesNeeded(plan, seed, shape, goals, mostNodes);
  const spare = removable(plan, seed, mostRemoved);
  const nodes = nodesOf(plan).length;
  if (format === "json") {
    const goal = need && { goals: Object.fromEntries(goals), shape: shape.status?.capacity, ...need };
    const report = {
      cluster: plan.name,
      seed,
      nodes,
      headroom: rooms,
      ...(goal && { goal }),
      removable: spare,
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    for (const remark of subject.remarks) console.log(remark);
    const rows = rooms.map(({ rc, namespace, replicas, waiting, fits, more }) => [
      namespace === "default" ? rc : `${namespace}/${rc}`,
      String(replicas),
      waiting > 0 ? `none: ${waiting} of them wait` : more ? `${fits} or more` : String(fits),
    ]);
    if (rows.length > 0)
      process.stdout.write(new TablePrinter().print([["RC", "REPLICAS", "MORE THAT FIT"], ...rows]));
    if (need && shape) console.log(`\n${needText(need, shape.metadata.name, shape.status?.capacity, goals)}`);
    console.log(
      `\n${spareText(
        spare,
        nodes,
        rooms.some(({ waiting }) => waiting > 0),
      )}`,
    );
  }
  return need && need.added === undefined ? exitCodes.failure : exitCodes.success;
}

function needText(
  need: ReturnType<typeof nodesNeeded>,
  name: string,
  room: Readonly<Record<string, string>> = {},
  goals: ReadonlyMap<string, number>,
): string {
  const goal = [...goals].map(([key, replicas]) => `${key.replace(/^default\//, "")}=${replicas}`).join(", ");
  const others = need.added !== undefined && need.waiting.length > 0;
  const what = goal === "" ? "everything" : others ? goal : `${goal} and all else`;
  const shape = name === "node" ? `${room.cpu} cpu and ${room.memory} memory` : `the shape of ${name}`;
  const some = `${need.waiting.slice(0, 5).join(", ")}${need.waiting.length > 5 ? ", …" : ""}`;
  const pods = need.waiting.length === 1 ? "1 pod" : `${need.waiting.length} pods`;
  const wait = need.waiting.length === 1 ? "waits" : "wait";
  const beside = others
    ? `; ${pods} of others ${wait} with any number of them (${some}), and kdsl simulate says why`
    : "";
  if (need.added === 0) return `${what} finds a place on the nodes that there are${beside}`;
  if (need.added !== undefined)
    return `${what} finds a place with ${need.added} more ${need.added === 1 ? "node" : "nodes"} of ${shape}${beside}`;
  return `no number of nodes of ${shape} is enough for ${what}: with ${need.tried} of them ${pods} still ${wait} (${some}); kdsl simulate says why`;
}

function spareText(spare: readonly string[], nodes: number, waits: boolean): string {
  if (spare.length === 0) return `none of the ${nodes} nodes could be removed`;
  const names = spare.length <= 10 ? spare.join(", ") : `${spare.slice(0, 10).join(", ")}, …`;
  return `${spare.length} of ${nodes} nodes could be removed, and ${waits ? "no more would wait than now" : "everything would still find a place"}: ${names}`;
}
