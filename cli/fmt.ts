import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../compiler/diagnostics/render.ts";
import { format } from "../compiler/format/format.ts";
import { CommandError, exitCodes } from "./error.ts";
import { reportError } from "./report.ts";
import { readSource, replaceSource, sourceFiles } from "./source-files.ts";

/** `kdsl fmt FILE|DIR…|-`: lays files out in the one style, in place; with `--check` only says which are not. */
export function fmt(paths: readonly string[], options: { check?: boolean }): number {
  if (paths.includes("-")) {
    if (paths.length > 1)
      throw new CommandError("- stands alone: standard input is one file", exitCodes.usage);
    return formatInput(options.check === true);
  }
  const files = sourceFiles(paths);
  if (files.length === 0) throw new CommandError(`there is no .kdsl file in ${paths.join(", ")}`);
  let failed = false;
  const different: string[] = [];
  for (const path of files) {
    try {
      const text = readSource(path);
      const formatted = format({ path, text });
      if (formatted.text === undefined) {
        failed = true;
        showErrors(formatted.diagnostics);
      } else if (formatted.text !== text) {
        different.push(path);
        if (!options.check) replaceSource(path, formatted.text);
        console.log(path);
      }
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      failed = true;
      reportError(error);
    }
  }
  if (options.check && different.length > 0) {
    const files = different.length === 1 ? "1 file is" : `${different.length} files are`;
    process.stderr.write(`${files} not formatted; kdsl fmt does it\n`);
  }
  return failed || (options.check && different.length > 0) ? exitCodes.failure : exitCodes.success;
}

function formatInput(check: boolean): number {
  const text = readSource(0);
  const formatted = format({ path: "-", text });
  if (formatted.text === undefined) {
    showErrors(formatted.diagnostics);
    return exitCodes.failure;
  }
  if (!check) {
    process.stdout.write(formatted.text);
    return exitCodes.success;
  }
  if (formatted.text === text) return exitCodes.success;
  console.log("-");
  return exitCodes.failure;
}

function showErrors(diagnostics: readonly Diagnostic[]): void {
  process.stderr.write(renderDiagnostics(diagnostics, { color: process.stderr.isTTY === true }));
}
