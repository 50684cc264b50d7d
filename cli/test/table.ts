import picocolors from "picocolors";
import type { Place } from "../../model/plan.ts";
import { formatDuration } from "../../runtime/simulator/scenario/durations.ts";
import type { ScenarioResult, Verdict } from "../../runtime/simulator/scenario/explore.ts";
import type { Nearest } from "../../runtime/simulator/scenario/measures.ts";
import type { Margin } from "../../runtime/simulator/scenario/monitors.ts";
import type { AssertionResult } from "../../runtime/simulator/scenario/results.ts";
import { percent } from "../../runtime/simulator/scenario/text.ts";
import { TablePrinter } from "../print.ts";
import type { Subject } from "./plans.ts";
import type { Tested } from "./test.ts";

/** The table at the end: a line for each scenario, and below it by how much what it asserts held. */
export function renderTable(tested: readonly Tested[], { color }: { readonly color: boolean }): string {
  const paint = picocolors.createColors(color);
  const several = tested.length > 1;
  const rows: string[][] = [["VERDICT", "SCENARIO", "RUNS", "VIRTUAL TIME", "MARGIN"]];
  for (const { subject, results } of tested)
    for (const result of results) {
      const name = several ? `${subject.path}: ${result.name}` : result.name;
      const margins = marginsOf(result, subject);
      rows.push([
        result.verdict,
        name,
        String(result.runs),
        formatDuration(result.virtual),
        margins[0] ?? "",
      ]);
      for (const margin of margins.slice(1)) rows.push(["", "", "", "", margin]);
    }
  const dress: Readonly<Record<Verdict, (text: string) => string>> = {
    pass: paint.green,
    fail: (text) => paint.bold(paint.red(text)),
    vacuous: paint.yellow,
    inconclusive: paint.yellow,
  };
  const table = new TablePrinter()
    .print(rows)
    .replace(/^(pass|fail|vacuous|inconclusive)(?= )/gm, (word) => dress[word as Verdict](word));
  return `${table}${summary(tested.flatMap(({ results }) => results))}\n`;
}

function summary(results: readonly ScenarioResult[]): string {
  const words: readonly (readonly [Verdict, string])[] = [
    ["pass", "passed"],
    ["fail", "failed"],
    ["vacuous", "vacuous"],
    ["inconclusive", "inconclusive"],
  ];
  const counts = words.flatMap(([verdict, word]) => {
    const number = results.filter((result) => result.verdict === verdict).length;
    return number === 0 ? [] : [`${number} ${word}`];
  });
  const runs = results.reduce((sum, each) => sum + each.runs, 0);
  const virtual = results.reduce((sum, each) => sum + each.virtual, 0);
  const scenarios = `${results.length} ${results.length === 1 ? "scenario" : "scenarios"}`;
  return `${scenarios}: ${counts.join(", ")}; ${runs} ${runs === 1 ? "run" : "runs"}, ${formatDuration(virtual)} of virtual time`;
}

/** By how much each assertion held, in the order of the file, and what was not tried. */
function marginsOf(result: ScenarioResult, { common, files }: Subject): readonly string[] {
  const lineOf = ({ file, line }: Place) => (file === files[0]?.path ? `line ${line}` : `${file}:${line}`);
  const lines = result.drawn.map(
    ({ place, options, drawnFrom }) =>
      `${lineOf(place)}: ${options.length} of ${drawnFrom} sets tried, drawn from the seed`,
  );
  if (result.verdict !== "fail")
    for (const assertion of [...result.assertions].sort((a, b) => a.place.line - b.place.line)) {
      const text = marginText(assertion);
      const where = common ? "" : `${lineOf(assertion.place)}: `;
      if (text !== undefined) lines.push(`${where}${text}`);
    }
  if (result.unfinished !== undefined && result.seeds > 0)
    lines.push(`${result.seeds} ${result.seeds === 1 ? "seed" : "seeds"}, then the time was over`);
  return lines;
}

export function marginText({ tested, margin, nearest, type }: AssertionResult): string | undefined {
  if (!tested) return "never put to the test";
  if (type === "sometimes") return "reached";
  if (nearest) return nearestText(nearest);
  return (
    margin && `${type === "settle" ? "settled " : margin.type === "time" ? "held " : ""}${spareText(margin)}`
  );
}

function nearestText({ what, operator, value, bound }: Nearest): string {
  const show = (number: number) =>
    what.startsWith("serving(") ? percent(number) : String(Math.round(number * 1000) / 1000);
  const side = operator === ">" || operator === ">=" ? "never below" : "never above";
  return `${what} ${side} ${show(value)} (wanted ${operator} ${show(bound)})`;
}

function spareText(margin: Margin): string {
  switch (margin.type) {
    case "time":
      return `with ${formatDuration(margin.spare)} of ${formatDuration(margin.allowed)} to spare`;
    case "throughout":
      return "was so all the time";
    case "count":
      return `at most ${margin.most} (allowed ${margin.allowed})`;
  }
}
