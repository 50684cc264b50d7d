import { readFileSync } from "node:fs";
import { type Case, cases } from "./cases.ts";
import { comparePolicies, readTrace } from "./openb.ts";
import { plainLoop } from "./plain-loop.ts";
import { createWorld } from "./world.ts";

const whole = (number: number) => Math.round(number).toLocaleString("en");

/**
 * `node bench/scheduler.mjs [--alone] [--nodes N] [--only TEXT]`, or `--openb NODES.csv PODS.csv`. `apart` calls
 * `printCase` in a process of its own, so that what one case leaves in memory does not slow the next.
 */
export function main(args: readonly string[], apart: (args: readonly string[]) => void): void {
  const openb = args.indexOf("--openb");
  if (openb >= 0) {
    printPolicies(args[openb + 1], args[openb + 2]);
    return;
  }
  const { nodes, alone, only } = readOptions(args);
  const what = alone
    ? "The scheduler alone, over objects in a map"
    : "From the queue to bound in the store, with its event";
  console.log(`${what}: ${nodes} nodes, all considered for each pod; by CPU time, each case in a process`);
  console.log("Not comparable with figures that include an API server and its database.\n");
  printRow("CASE", "PODS", "PODS/S", "× PEER", "AT FIRST", "RSS MB");
  cases.forEach(({ name }, index) => {
    if (name.toLowerCase().includes(only)) apart([String(index), ...args]);
  });
}

/** How many pods of a case are placed before it is measured: a scheduler runs for long, and V8 has compiled it by then. */
const FIRST = 2000;

/** Measures the case of which the number comes first. */
export function printCase([index, ...args]: readonly string[]): void {
  const { nodes, alone } = readOptions(args);
  const of = cases[Number(index)]!;
  const first = measure({ ...of, count: Math.min(of.count, FIRST) }, nodes, alone);
  const { rate, resident } = measure(of, nodes, alone);
  const ratio = rate / plainLoop(nodes, 2000, 50);
  const megabytes = resident / 2 ** 20;
  printRow(of.name, whole(of.count), whole(rate), ratio.toFixed(1), whole(first.rate), whole(megabytes));
}

function readOptions(args: readonly string[]) {
  const value = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);
  return {
    alone: args.includes("--alone"),
    nodes: Number(value("--nodes") ?? 5000),
    only: value("--only")?.toLowerCase() ?? "",
  };
}

function printRow(name: string, ...cells: readonly string[]): void {
  console.log(name.padEnd(44) + cells.map((cell) => cell.padStart(10)).join(""));
}

function printPolicies(nodeFile: string | undefined, podFile: string | undefined): void {
  if (!nodeFile || !podFile) throw new Error("name two files: --openb NODES.csv PODS.csv");
  const trace = readTrace(readFileSync(nodeFile, "utf8"), readFileSync(podFile, "utf8"));
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  const { nodes, pods } = trace;
  console.log(`${nodes.length} nodes, ${pods.length} pods in the order in which they came; none ends`);
  printRow("POLICY", "PLACED", "NODES", "CPU", "GPU", "USELESS");
  for (const { policy, placed, usedNodes, cpu, gpu, fragmentation } of comparePolicies(trace, 1))
    printRow(policy, whole(placed), whole(usedNodes), percent(cpu), percent(gpu), percent(fragmentation));
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
