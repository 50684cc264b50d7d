import type { Baseline } from "../compiler/verify/changes/baseline.ts";
import { readAgainst, showChanges } from "./against.ts";
import { checkProfiles } from "./check-profiles.ts";
import { hasColor } from "./color.ts";
import {
  type Compiled,
  type CompileFlags,
  compileInput,
  countDiagnostics,
  type DiagnosticFormat,
  showDiagnostics,
} from "./compile-file.ts";
import { CommandError, exitCodes } from "./error.ts";
import { compileManifestPaths, isManifestPath } from "./manifests.ts";

interface CheckOptions extends CompileFlags {
  readonly format?: DiagnosticFormat;
  readonly against?: string;
  readonly allProfiles?: boolean;
}

/** `kdsl check FILE…`: every diagnostic of every file; exit code 1 when one is an error. */
export async function check(paths: readonly string[], options: CheckOptions): Promise<number> {
  const format = options.format ?? "text";
  if (!formats.includes(format))
    throw new CommandError(`--format ${format}: there are ${formats.join(", ")}`, exitCodes.usage);
  if (options.against !== undefined && paths.length > 1)
    throw new CommandError("--against compares one FILE", exitCodes.usage);
  if (options.against !== undefined && options.allProfiles)
    throw new CommandError("--against compares one plan: choose it with --profile", exitCodes.usage);
  const against = options.against === undefined ? undefined : await readAgainst(options.against);
  // Manifests are one cluster together, each file in KDSL is one.
  const manifests = paths.filter(isManifestPath);
  const compiled: Compiled[] = [];
  for (const path of paths)
    if (!manifests.includes(path))
      compiled.push(
        options.allProfiles ? await checkProfiles(path, options) : await compileInput(path, options, against),
      );
  if (manifests.length > 0) compiled.push(await compileManifestPaths(manifests, against));
  if (format === "text") printText(compiled, against, options.against ?? "");
  else process.stdout.write(forMachines(compiled, format));
  return compiled.some(failed) ? exitCodes.failure : exitCodes.success;
}

const formats: readonly DiagnosticFormat[] = ["text", "json", "sarif", "github"];

const failed = ({ diagnostics }: Compiled) => diagnostics.some(({ severity }) => severity === "error");

/** The diagnostics; as JSON with the changes beside them where there is something to compare with. */
function forMachines(compiled: readonly Compiled[], format: DiagnosticFormat): string {
  const diagnostics = compiled.flatMap((each) => each.diagnostics);
  const text = showDiagnostics(diagnostics, format, false);
  const [only] = compiled;
  if (format !== "json" || only?.changes === undefined) return text;
  return `${JSON.stringify({ diagnostics: JSON.parse(text), changes: only.changes }, null, 2)}\n`;
}

function printText(compiled: readonly Compiled[], against: Baseline | undefined, shown: string): void {
  const diagnostics = compiled.flatMap((each) => each.diagnostics);
  if (diagnostics.length > 0)
    process.stdout.write(`${showDiagnostics(diagnostics, "text", hasColor(process.stdout)).trimEnd()}\n`);
  for (const { path, plan, changes, remarks = [] } of compiled) {
    for (const remark of remarks) console.log(remark);
    if (against?.from === "plan" && changes && plan && against.name !== plan.name)
      console.log(`${shown} is a plan of cluster ${against.name}, this file is ${plan.name}`);
    if (changes) process.stdout.write(showChanges(changes, plan, shown === "-" ? "standard input" : shown));
    if (plan)
      console.log(
        `${path}: ${plan.objects.length} ${plan.objects.length === 1 ? "object" : "objects"}${diagnostics.length > 0 ? "" : ", nothing to object to"}`,
      );
  }
  const summary = countDiagnostics(diagnostics);
  if (summary) console.log(summary);
}
