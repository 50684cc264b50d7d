import picocolors from "picocolors";
import {
  assertionFails,
  doesNotConverge,
  doesNotSettle,
  inconclusive,
  invariantBroken,
  neverReached,
  notEvaluated,
  refusedByCluster,
  runtimeDefect,
  vacuous,
} from "../../compiler/diagnostics/catalog/verdicts.ts";
import type { Diagnostic, Label } from "../../compiler/diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import type { SourceFile, Span } from "../../compiler/source/source.ts";
import type { Place } from "../../model/plan.ts";
import { formatDuration } from "../../runtime/simulator/scenario/durations.ts";
import type { FailureReport, ScenarioResult } from "../../runtime/simulator/scenario/explore.ts";
import type { Picture, PodPicture } from "../../runtime/simulator/scenario/picture.ts";
import type { FailureKind } from "../../runtime/simulator/scenario/results.ts";
import { percent } from "../../runtime/simulator/scenario/text.ts";
import type { Happening } from "../../runtime/simulator/scenario/timeline.ts";
import { kindOf, shortName } from "../../runtime/simulator/scenario/values.ts";
import { alignTabs, printable } from "../print.ts";
import type { Subject } from "./plans.ts";
import { placeName, spanOf } from "./spans.ts";

interface Style {
  readonly color: boolean;
}

/** What is to be said of scenarios that did not simply pass; "" where there is nothing. */
export function renderReport(subject: Subject, results: readonly ScenarioResult[], style: Style): string {
  return results.flatMap((result) => reportOf(subject, result, style)).join("\n");
}

function reportOf(subject: Subject, result: ScenarioResult, style: Style): readonly string[] {
  if (result.failure) return [failureText(subject, result, result.failure, style)];
  const list: Diagnostic[] = result.untested.map((each) =>
    vacuous(spanAt(subject.files, each.place), { scenario: result.name, what: each.why }),
  );
  if (result.verdict === "inconclusive")
    list.push(
      inconclusive(spanAt(subject.files, result.place), {
        scenario: result.name,
        what: result.unfinished ?? "it was given up",
      }),
    );
  return list.length === 0 ? [] : [renderDiagnostics(list, style)];
}

/** A place that no file has (of the library, or of a plan alone) is shown as an empty file's. */
function spanAt(files: readonly SourceFile[], place: Place) {
  return spanOf(files, place) ?? { file: files[0] ?? { path: place.file, text: "" }, start: 0, end: 0 };
}

const makers: Readonly<Record<FailureKind, typeof assertionFails>> = {
  assertion: assertionFails,
  unreached: neverReached,
  settle: doesNotSettle,
  convergence: doesNotConverge,
  invariant: invariantBroken,
  evaluation: notEvaluated,
  defect: runtimeDefect,
  refused: refusedByCluster,
};

/** The failure of a scenario: the assertion at its line, then its history, the state it ended in, and how to see it again. */
export function failureText(
  subject: Subject,
  result: ScenarioResult,
  report: FailureReport,
  style: Style,
): string {
  const paint = picocolors.createColors(style.color);
  const { failure } = report;
  const { timeline: shown, left } = report;
  const parts = [renderDiagnostics([diagnosticOf(subject, result, report)], style)];
  if (shown.length > 0) {
    parts.push(`${paint.bold("what happened")}${shrinkText(report)}`);
    parts.push(timelineText(subject, report, paint));
    if (left > 0) parts.push(`  (${left} more, which --trace writes)`);
  }
  const state = pictureText(report.picture, failure.objects, report.timeline);
  if (state !== "") parts.push(`${paint.bold("what stands then")}, at ${formatDuration(failure.at)}`, state);
  parts.push(`${paint.bold("again")}: ${replayCommand(subject, result, report)}`);
  return `${parts.map((part) => part.trimEnd()).join("\n")}\n`;
}

function diagnosticOf(subject: Subject, result: ScenarioResult, report: FailureReport): Diagnostic {
  const { files } = subject;
  const { failure, seed } = report;
  const label =
    failure.details.length > 0 && failure.kind !== "defect"
      ? printable(failure.details.join("; "))
      : undefined;
  const choices = report.result.forks
    .filter(({ options }) => options.length > 0)
    .map(({ variable, options, pick }) => `${variable} = ${options[pick] ?? ""}`);
  const where = `at ${formatDuration(failure.at)} of virtual time, with seed ${seed}${choices.length > 0 ? ` and ${choices.join(", ")}` : ""}`;
  const declared = declarations(subject, report);
  // What nobody has written is told at the object that it is about.
  const first = subject.common && failure.place.line === 1 ? declared[0] : undefined;
  return makers[failure.kind](
    first?.span ?? spanAt(files, failure.place),
    { scenario: result.name, what: failure.message },
    {
      ...(label !== undefined && { label }),
      secondary: declared.filter((each) => each !== first),
      notes: failure.kind === "refused" ? [] : [where],
    },
  );
}

/** Where the objects that a failure is about were written; those of the assertion first, then those that were struck. */
function declarations(
  { files, plan }: Subject,
  { failure, result, happenings }: FailureReport,
): readonly Label[] {
  // Pods of an rc are written nowhere: the rc is.
  const owners = new Map(
    happenings.flatMap(({ objects: [key, owner] }) => (key && owner ? [[key, owner]] : [])),
  );
  const about = [...failure.objects, ...result.history.flatMap(({ struck }) => struck)];
  const keys = new Set(about.map((key) => owners.get(key) ?? key));
  const labels: Label[] = [];
  const seen = new Set([placeKey(spanOf(files, failure.place))]);
  for (const key of keys) {
    const place = plan.provenance[key]?.[""];
    const span = place && spanOf(files, place);
    if (!span || seen.has(placeKey(span)) || labels.length >= 6) continue;
    seen.add(placeKey(span));
    labels.push({
      span,
      text: kindOf(key) === "Node" ? `${shortName(key)} is declared here` : "declared here",
    });
  }
  return labels;
}

const placeKey = (span: Span | undefined) => (span ? `${span.file.path}:${span.start}` : "");

function shrinkText({ steps, tries, result }: FailureReport): string {
  const now = result.history.length;
  return steps > now
    ? ` (${now} of ${steps} steps and faults are enough, found in ${tries} ${tries === 1 ? "run" : "runs"})`
    : "";
}

type Paint = ReturnType<typeof picocolors.createColors>;

function timelineText(
  { files, common }: Subject,
  { timeline, gap }: Pick<FailureReport, "timeline" | "gap">,
  paint: Paint,
): string {
  const lines = timeline.map(({ at, subject, text, place }) => {
    const time = formatDuration(at).padStart(12);
    if (subject === undefined)
      return `${time}  ${paint.bold(`▸ ${printable(text)}`)}${place && !common ? `  (${placeName(files, place)})` : ""}`;
    return `${time}    ${printable(sentence(subject, text))}`;
  });
  if (gap) lines.splice(gap.before, 0, `${"…".padStart(12)}    (${gap.lines} lines, which --trace writes)`);
  return alignTabs(lines.join("\n"));
}

/** `pods a, b are ready` of what was said of each. */
function sentence(subject: string, text: string): string {
  if (!subject.includes(", ")) return `${subject} ${text}`;
  const several = subject.replace(/^(pod|node|service|rc) /, "$1s ");
  return `${several} ${text.replace(/^(is|has|finds) /, (verb) => ({ "is ": "are ", "has ": "have ", "finds ": "find " })[verb]!)}`;
}

const mostObjects = 12;

function pictureText(
  { rcs, services, nodes, pods }: Picture,
  about: readonly string[],
  timeline: readonly Happening[],
): string {
  const concerned = new Set([...about, ...timeline.flatMap(({ objects }) => objects)]);
  const some = <T>(list: readonly T[], key: (item: T) => string) => {
    const chosen = list.filter((item) => about.length === 0 || concerned.has(key(item)));
    return (chosen.length > 0 ? chosen : list).slice(0, mostObjects);
  };
  const podLine = ({ key, node, status, restarts, ready, why }: PodPicture) =>
    `      pod ${shortName(key)}\t${node ?? "no node"}\t${status}${ready ? ", ready" : ""}${restarts > 0 ? `, ${restarts} ${restarts === 1 ? "restart" : "restarts"}` : ""}${why ? `: ${why}` : ""}`;
  const lines = [
    ...some(rcs, ({ key }) => key).flatMap(({ key, wanted, ready, pods: own }) => [
      `  rc ${shortName(key)}: ${ready} of ${wanted} ready`,
      ...own.slice(0, mostObjects).map(podLine),
      ...(own.length > mostObjects ? [`      … and ${own.length - mostObjects} more`] : []),
    ]),
    ...some(
      pods.filter(({ ready }) => !ready),
      ({ key }) => key,
    ).map((pod) => podLine(pod).replace(/^ {4}/, "")),
    ...some(services, ({ key }) => key).map(
      ({ key, endpoints, serving }) =>
        `  service ${shortName(key)}: ${endpoints} ${endpoints === 1 ? "endpoint" : "endpoints"}, ${percent(serving)} of requests answered`,
    ),
    ...nodes
      .slice()
      .sort((a, b) => Number(a.ready) - Number(b.ready))
      .slice(0, mostObjects)
      .map(
        ({ name, ready, schedulable, lost, pods: count }) =>
          `  node ${name}: ${nodeState(ready, lost)}${schedulable ? "" : ", takes no more"}, ${count} ${count === 1 ? "pod" : "pods"}`,
      ),
  ];
  return alignTabs(lines.map(printableLine).join("\n"));
}

function nodeState(ready: boolean, lost: "dead" | "cut off" | undefined): string {
  if (lost === undefined) return ready ? "Ready" : "not Ready";
  return ready ? `${lost}, and nobody has noticed` : `${lost}, not Ready`;
}

/** As `printable`, but for the tabs that align. */
const printableLine = (line: string) => line.split("\t").map(printable).join("\t");

/** The command that runs into the same again. */
export function replayCommand(
  { path, flags }: Subject,
  { name }: ScenarioResult,
  { seed }: FailureReport,
): string {
  const what = [path, ...flags].map(quoted).join(" ");
  return `kdsl test ${what} --seed ${seed} --filter ${quoted(name)}`;
}

function quoted(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
