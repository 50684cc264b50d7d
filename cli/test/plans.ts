import type { SourceFile } from "../../compiler/source/source.ts";
import type { Plan } from "../../model/plan.ts";
import type { Scenario } from "../../model/scenario.ts";
import { commonScenarios, standIns, withNodes } from "../../runtime/simulator/scenario/common.ts";
import { withDaemonPods, withWorkloads } from "../../runtime/simulator/workloads.ts";
import { hasColor } from "../color.ts";
import { type Compiled, compileInput, countDiagnostics, showDiagnostics } from "../compile-file.ts";
import { CommandError, exitCodes } from "../error.ts";
import { compileManifestPaths, isManifestPath } from "../manifests.ts";
import { translationRemarks } from "../placement/remarks.ts";
import type { TestFlags } from "./options.ts";

/** A plan with what is to be tested of it. */
export interface Subject {
  readonly path: string;
  readonly files: readonly SourceFile[];
  readonly plan: Plan;
  readonly scenarios: readonly Scenario[];
  /** The scenarios are those that every plan is asked; nobody has written them. */
  readonly common: boolean;
  /** The flags that say what is tested: one that sees it again gives them, too. */
  readonly flags: readonly string[];
  /** What is to be said before. */
  readonly remarks: readonly string[];
}

/** Compiles what was named; undefined where there are errors, which have been printed. Manifests are one cluster together. */
export async function readSubjects(
  paths: readonly string[],
  flags: TestFlags,
): Promise<readonly Subject[] | undefined> {
  const manifests = paths.filter(isManifestPath);
  if (manifests.length > 0 && flags.set?.length)
    throw new CommandError(`--set sets parameters, and ${manifests[0]} has none`, exitCodes.usage);
  const compiled: Compiled[] = [];
  for (const path of paths) if (!manifests.includes(path)) compiled.push(await compileInput(path, flags));
  if (manifests.length > 0) compiled.push(await compileManifestPaths(manifests));
  const errors = compiled
    .flatMap(({ diagnostics }) => diagnostics)
    .filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    process.stderr.write(showDiagnostics(errors, "text", hasColor(process.stderr)));
    process.stderr.write(`${countDiagnostics(errors)}: there is nothing to test yet\n`);
    return undefined;
  }
  return compiled.map((each) => subjectOf(each, flags));
}

/** What is to be tested of a plan: its own scenarios, or the common ones. Throws where there is nothing. */
export function subjectOf({ path, files, plan, remarks = [] }: Compiled, flags: TestFlags = {}): Subject {
  if (!plan || (plan.objects.length === 0 && !plan.scenarios?.length))
    throw new CommandError(
      `${path} declares nothing that could be tested`,
      exitCodes.failure,
      "declare a node, an rc and a service; kdsl init writes a first file",
    );
  const { plan: placed, added } = withNodes(plan);
  const translated = withWorkloads(placed);
  const whole = withDaemonPods(translated.plan);
  const own = whole.scenarios ?? [];
  const common = own.length === 0 ? commonScenarios(whole) : [];
  const said = [...remarks];
  if (common.length > 0)
    said.push(`${path} has no scenario of its own: it is asked what every cluster is asked`);
  if (added)
    said.push(
      `${path} declares no node: ${standIns.count} of ${standIns.cpu} CPUs and ${standIns.memory} stand in`,
    );
  said.push(...translationRemarks(path, translated));
  if (translated.asRcs.some(({ kind }) => kind === "StatefulSet"))
    said.push(
      `${path}: on a lost node Kubernetes keeps a StatefulSet's pod until the node is back or removed; here it is replaced as an rc's`,
    );
  return {
    path,
    files,
    plan: whole,
    scenarios: own.length > 0 ? own : common,
    common: own.length === 0,
    flags: flagsAgain(flags),
    remarks: said,
  };
}

function flagsAgain({
  set = [],
  params = [],
  profile,
  allowOutside,
  instants,
}: TestFlags): readonly string[] {
  return [
    ...set.flatMap((each) => ["--set", each]),
    ...params.flatMap((each) => ["--params", each]),
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(allowOutside ? ["--allow-outside"] : []),
    ...(instants === undefined ? [] : ["--instants", instants]),
  ];
}

/**
 * The subjects with only those scenarios whose name `filter` is; where it is the name of none, those whose names have it in
 * them, whatever the case. So the command that runs a failure again runs no other that has its name as a part.
 */
export function filtered(subjects: readonly Subject[], filter: string | undefined): readonly Subject[] {
  if (filter === undefined) return subjects;
  const wanted = filter.toLowerCase();
  const only = (matches: (name: string) => boolean) =>
    subjects
      .map((subject) => ({ ...subject, scenarios: subject.scenarios.filter(({ name }) => matches(name)) }))
      .filter(({ scenarios }) => scenarios.length > 0);
  const exact = only((name) => name === filter);
  const found = exact.length > 0 ? exact : only((name) => name.toLowerCase().includes(wanted));
  if (found.length > 0) return found;
  const names = subjects.flatMap(({ scenarios }) => scenarios.map(({ name }) => JSON.stringify(name)));
  throw new CommandError(
    `--filter ${JSON.stringify(filter)}: no scenario has that in its name`,
    exitCodes.usage,
    `there are ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}`,
  );
}
