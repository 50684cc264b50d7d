import { formatAmount } from "../../model/quantity.ts";
import type { NodeUse, Quality } from "../../runtime/simulator/placement/quality.ts";
import {
  type PlacementReport,
  type PodReport,
  reportPlacement,
} from "../../runtime/simulator/placement/simulate.ts";
import { CommandError, exitCodes } from "../error.ts";
import { TablePrinter } from "../print.ts";
import { formatOf, type PlacementFlags, readSubject, seedOf } from "./options.ts";

export interface SimulateFlags extends PlacementFlags {
  readonly explain?: string;
}

/** `kdsl simulate FILE`: where everything lands and why; exit code 1 when something waits. */
export async function simulate(path: string, flags: SimulateFlags): Promise<number> {
  const format = formatOf(flags);
  const seed = seedOf(flags);
  const subject = await readSubject(path, flags);
  if (!subject) return exitCodes.failure;
  const report = reportPlacement({ plan: subject.plan, seed, explained: flags.explain });
  const asked = report.pods.filter(
    (pod) => flags.explain === undefined || [pod.name, nameOf(pod), pod.rc].includes(flags.explain),
  );
  if (flags.explain !== undefined && asked.length === 0)
    throw new CommandError(
      `--explain ${flags.explain}: there is no such pod or rc`,
      exitCodes.usage,
      `pods are named after their rc: ${report.pods
        .slice(0, 5)
        .map(nameOf)
        .join(", ")}${report.pods.length > 5 ? ", …" : ""}`,
    );
  if (format === "json") process.stdout.write(`${JSON.stringify({ ...report, pods: asked }, null, 2)}\n`);
  else if (flags.explain !== undefined) process.stdout.write(asked.map(explainPod).join("\n"));
  else printReport(report, subject.remarks);
  return report.pods.some(({ node }) => node === undefined) || report.refused.length > 0
    ? exitCodes.failure
    : exitCodes.success;
}

function printReport(report: PlacementReport, remarks: readonly string[]): void {
  for (const remark of remarks) console.log(remark);
  const placed = report.pods.filter(({ node }) => node !== undefined).length;
  console.log(
    `${report.cluster}: ${placed} of ${count(report.pods.length, "pod")} placed on ${count(report.nodes.length, "node")}\n`,
  );
  process.stdout.write(
    new TablePrinter().print([["NODE", "PODS", "CPU", "MEMORY", "LEFT"], ...report.nodes.map(nodeRow)]),
  );
  console.log("");
  process.stdout.write(new TablePrinter().print([["POD", "NODE", "WHY"], ...report.pods.map(podRow)]));
  const waiting = report.pods.filter(({ node }) => node === undefined);
  for (const pod of waiting.filter(firstOfRc)) process.stdout.write(`\n${explainWaiting(pod, waiting)}`);
  for (const { object, message } of report.refused) console.log(`\n${object} is not taken: ${message}`);
  console.log("");
  for (const line of qualityLines(report.quality)) console.log(line);
}

const count = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
const percent = (share: number) => `${Math.round(share * 100)}%`;

/** Of pods that wait the first of each rc, since the others wait for the same. */
const firstOfRc = (pod: PodReport, index: number, all: readonly PodReport[]) =>
  pod.rc === undefined ||
  all.findIndex(({ rc, namespace }) => rc === pod.rc && namespace === pod.namespace) === index;

function nodeRow(use: NodeUse): string[] {
  const { room, used } = use;
  const cell = (resource: string) => {
    const all = room[resource] ?? 0;
    const part = used[resource] ?? 0;
    return `${formatAmount(resource, part)}/${formatAmount(resource, all)}${all > 0 ? ` (${percent(part / all)})` : ""}`;
  };
  const left = ["cpu", "memory"].map((resource) =>
    formatAmount(resource, (room[resource] ?? 0) - (used[resource] ?? 0)),
  );
  return [
    use.name,
    `${used.pods ?? 0}/${room.pods ?? 0}`,
    cell("cpu"),
    cell("memory"),
    `${left[0]} cpu, ${left[1]} memory`,
  ];
}

const nameOf = ({ namespace, name }: PodReport) => (namespace === "default" ? name : `${namespace}/${name}`);

function podRow(pod: PodReport): string[] {
  const name = nameOf(pod);
  if (pod.node === undefined) return [name, "-", "waits"];
  return [name, pod.node, `${whyHere(pod)}${pod.preempted ? "; driven out of its first place" : ""}`];
}

function whyHere({ explanation }: PodReport): string {
  if (!explanation) return "";
  const [best, next] = explanation.ranking;
  const refused = explanation.refused.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const others = refused > 0 ? `, refused by ${count(refused, "node")}` : "";
  if (!best) return "";
  if (!next) return `the only one that takes it${others}`;
  const lead = best.total === next.total ? "as good as" : "before";
  return `score ${best.total}, ${lead} ${next.node} (${next.total})${others}`;
}

function explainWaiting(pod: PodReport, waiting: readonly PodReport[]): string {
  const alike =
    pod.rc === undefined
      ? 1
      : waiting.filter(({ rc, namespace }) => rc === pod.rc && namespace === pod.namespace).length;
  const who = alike > 1 ? `${nameOf(pod)} and ${alike - 1} more of ${pod.rc} wait` : `${nameOf(pod)} waits`;
  return `${who}: ${brief(pod.message)}\n${changeLines(pod)}`;
}

/** Without what preemption has to say, which is nothing new where nobody may be driven out. */
function brief(message = ""): string {
  const at = message.indexOf(" no new claims to deallocate");
  return at < 0 ? message : message.slice(0, at);
}

function changeLines({ changes = [] }: PodReport): string {
  return changes
    .map((text, index) => `${index === 0 ? "  smallest change that would place it: " : "  or: "}${text}\n`)
    .join("");
}

function explainPod(pod: PodReport): string {
  const { explanation } = pod;
  const lines = [`${nameOf(pod)}: ${pod.node === undefined ? `waits: ${pod.message}` : `on ${pod.node}`}\n`];
  if (pod.preempted) lines.push("  a pod of higher priority drove it out of where it stood first\n");
  for (const { plugin, reasons, nodes } of explanation?.refused ?? [])
    lines.push(`  refused by ${plugin}, ${reasons.join(", ")}: ${shorten(nodes)}\n`);
  const ranking = explanation?.ranking ?? [];
  if (ranking.length > 1) {
    const plugins = ranking[0]!.scores.map(({ plugin, weight }) => `${plugin} ×${weight}`);
    const rows = ranking
      .slice(0, 5)
      .map(({ node, total, scores }) => [node, String(total), ...scores.map(({ score }) => String(score))]);
    const table = new TablePrinter().print([["NODE", "TOTAL", ...plugins], ...rows]);
    lines.push(table.replace(/^/gm, "  ").replace(/ +$/, ""));
    if (ranking.length > 5) lines.push(`  and ${count(ranking.length - 5, "node")} more\n`);
  } else if (ranking.length === 1) {
    lines.push(`  ${ranking[0]!.node} is the only one that takes it, so nothing was scored\n`);
  }
  return `${lines.join("")}${changeLines(pod)}`;
}

function shorten(names: readonly string[]): string {
  return names.length <= 8
    ? names.join(", ")
    : `${names.slice(0, 8).join(", ")} and ${names.length - 8} more`;
}

/** How good a placement is, in a line each. */
export function qualityLines(quality: Quality): readonly string[] {
  const { usedNodes, nodes, cpu, memory, strandedCpu, strandedMemory, fragmentation, skew } = quality;
  return [
    `packed: ${usedNodes} of ${count(nodes, "node")} in use, ${percent(cpu)} of cpu and ${percent(memory)} of memory requested`,
    `stranded: ${percent(strandedCpu)} of the cpu left and ${percent(strandedMemory)} of the memory left lie where the other is used up`,
    `fragmented: ${percent(fragmentation)} of the cpu left is where a pod like these does not fit`,
    skew
      ? `spread: at most ${count(skew.pods, "pod")} between the fullest and the emptiest node, of rc ${skew.of}`
      : "spread: no rc has pods on nodes",
  ];
}
