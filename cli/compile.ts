import { writeFileSync } from "node:fs";
import { emitYaml } from "../compiler/emit/yaml.ts";
import { canonicalPlan } from "../compiler/plan/canonical.ts";
import { hasColor } from "./color.ts";
import { type CompileFlags, compileFile, countDiagnostics, showDiagnostics } from "./compile-file.ts";
import { CommandError, exitCodes } from "./error.ts";

/** `kdsl compile FILE`: the plan as canonical JSON, or its objects as manifests that Kubernetes takes. */
export function compileCommand(
  path: string,
  options: CompileFlags & { emit?: string; output?: string },
): number {
  const { plan, diagnostics } = compileFile(path, options);
  if (diagnostics.length > 0)
    process.stderr.write(showDiagnostics(diagnostics, "text", hasColor(process.stderr)));
  if (!plan) {
    console.error(countDiagnostics(diagnostics));
    return exitCodes.failure;
  }
  const text = options.emit === "yaml" ? emitYaml(plan) : canonicalPlan(plan);
  if (!options.output) {
    process.stdout.write(text);
    return exitCodes.success;
  }
  try {
    writeFileSync(options.output, text);
  } catch (error) {
    throw new CommandError(`cannot write ${options.output}: ${(error as Error).message}`);
  }
  return exitCodes.success;
}
