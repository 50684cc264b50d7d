import {
  type CompileFlags,
  compileFile,
  countDiagnostics,
  type DiagnosticFormat,
  showDiagnostics,
} from "./compile-file.ts";
import { exitCodes } from "./error.ts";

/** `kdsl check FILE…`: every diagnostic of every file; exit code 1 when one is an error. */
export function check(
  paths: readonly string[],
  options: CompileFlags & { format?: DiagnosticFormat },
): number {
  const compiled = paths.map((path) => compileFile(path, options));
  const diagnostics = compiled.flatMap((each) => each.diagnostics);
  const format = options.format ?? "text";
  if (format !== "text" || diagnostics.length > 0) {
    process.stdout.write(
      `${showDiagnostics(diagnostics, format, process.stdout.isTTY === true).trimEnd()}\n`,
    );
  }
  const failed = diagnostics.some((each) => each.severity === "error");
  if (format === "text") {
    const summary = countDiagnostics(diagnostics);
    for (const { path, plan } of compiled) {
      if (plan)
        console.log(
          `${path}: ${plan.objects.length} objects${diagnostics.length > 0 ? "" : ", nothing to object to"}`,
        );
    }
    if (summary) console.log(summary);
  }
  return failed ? exitCodes.failure : exitCodes.success;
}
