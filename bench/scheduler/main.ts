import { type Case, cases } from "./cases.ts";
import { createWorld } from "./world.ts";

/** `node bench/scheduler.mjs [--alone] [--nodes N] [--only TEXT]` */
export function main(args: readonly string[]): void {
  const value = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);
  const alone = args.includes("--alone");
  const nodes = Number(value("--nodes") ?? 5000);
  const only = value("--only")?.toLowerCase() ?? "";
  console.log(
    alone
      ? `The scheduler alone, over objects in a map: ${nodes} nodes, all considered for each pod; by CPU time, one process`
      : `From the queue to bound in the store, with its event: ${nodes} nodes, all considered for each pod; by CPU time, one process`,
  );
  console.log("Not comparable with figures that include an API server and its database.\n");
  console.log(`${"CASE".padEnd(44)}${"PODS".padStart(8)}${"PODS/S".padStart(10)}${"RSS MB".padStart(9)}`);
  for (const each of cases.filter(({ name }) => name.toLowerCase().includes(only))) {
    const { rate, resident } = measure(each, nodes, alone);
    const cells = [each.count, Math.round(rate), Math.round(resident / 2 ** 20)].map((cell) =>
      cell.toLocaleString("en"),
    );
    console.log(
      `${each.name.padEnd(44)}${cells[0]!.padStart(8)}${cells[1]!.padStart(10)}${cells[2]!.padStart(9)}`,
    );
  }
}

function measure(
  of: Case,
  nodes: number,
  alone: boolean,
): { readonly rate: number; readonly resident: number } {
  const world = createWorld(alone);
  world.addNodes(nodes, of.node);
  world.addTemplates(of.before, of.beforeCount);
  const scheduler = world.start();
  world.clock.advance(0);
  expectBound(world, of.beforeCount, of);
  world.addTemplates(of.templates, of.count);
  const begun = process.cpuUsage();
  world.clock.advance(0);
  // Where pods are driven out, their kubelets would end them: here that is done at once, and counted in.
  if (of.preempts) while (world.endDeleted() > 0) world.clock.advance(11_000);
  const { user, system } = process.cpuUsage(begun);
  const bound = world
    .pods()
    .filter(
      ({ metadata, spec }) => metadata.name.startsWith(of.templates[0]!.name.split("-")[0]!) && spec.nodeName,
    ).length;
  if (bound !== of.count)
    throw new Error(`${of.name}: ${bound} of ${of.count} pods are bound; ${world.errors[0] ?? ""}`);
  scheduler.stop();
  return { rate: of.count / ((user + system) / 1e6), resident: process.memoryUsage.rss() };
}

function expectBound(world: ReturnType<typeof createWorld>, count: number, of: Case): void {
  const bound = world.pods().filter(({ spec }) => spec.nodeName).length;
  if (bound !== count)
    throw new Error(
      `${of.name}: ${bound} of ${count} pods that stand before are bound; ${world.errors[0] ?? ""}`,
    );
}
