import { resolve } from "node:path";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { type Applied, fixOf, mend } from "../compiler/mend.ts";
import { lineMap } from "../compiler/source/line-map.ts";
import { type CompileFlags, countDiagnostics, textsCompiler } from "./compile-file.ts";
import { CommandError, exitCodes } from "./error.ts";
import { readSource, replaceSource, sourceFiles } from "./source-files.ts";
import { unifiedDiff } from "./unified-diff.ts";

interface FixOptions extends CompileFlags {
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

/** `kdsl fix PATH…`: mends what can be mended in one way only, with `--all` also what is a good guess. */
export async function fix(paths: readonly string[], options: FixOptions): Promise<number> {
  const files = sourceFiles(paths);
  if (files.length === 0) throw new CommandError(`there is no .kdsl file in ${paths.join(", ")}`);
  const before = new Map(files.map((path) => [path, readSource(path)]));
  const compilers = await Promise.all(files.map((path) => textsCompiler(path, options)));
  const diagnose = (texts: ReadonlyMap<string, string>) =>
    distinct(
      compilers.flatMap((compile) => compile(texts)),
      texts,
    );
  const { texts, applied, left } = mend({ texts: before, diagnose, guesses: options.all === true });
  // What was done goes where it does not mix with a patch.
  const say = (line: string) => (options.dryRun ? process.stderr.write(`${line}\n`) : console.log(line));
  for (const each of applied) say(describe(each));
  for (const [path, text] of before) {
    const mended = texts.get(path)!;
    if (mended === text) continue;
    if (options.dryRun) process.stdout.write(unifiedDiff(path, text, mended));
    else replaceSource(path, mended);
  }
  say(summary(applied.length, left, files, options));
  return left.some(({ severity }) => severity === "error") ? exitCodes.failure : exitCodes.success;
}

/** What several files say of one that they use is said once, under the name that the file was given by. */
function distinct(diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string>): Diagnostic[] {
  const known = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { span } = diagnostic.primary;
    const key = `${resolve(span.file.path)}:${span.start}:${span.end} ${diagnostic.code} ${diagnostic.message}`;
    if (!known.has(key) || texts.has(span.file.path)) known.set(key, diagnostic);
  }
  return [...known.values()];
}

function describe({ diagnostic, fix: { title } }: Applied): string {
  const { file, start } = diagnostic.primary.span;
  const { line, column } = lineMap(file).position(start);
  return `${file.path}:${line}:${column}  ${diagnostic.code}  ${title}`;
}

function summary(
  applied: number,
  left: readonly Diagnostic[],
  files: readonly string[],
  { all = false, dryRun }: FixOptions,
): string {
  const fixes = applied === 1 ? "1 fix" : `${applied} fixes`;
  const done = applied === 0 ? "nothing to fix" : dryRun ? `${fixes} to make` : `${fixes} made`;
  const named = new Set(files.map((path) => resolve(path)));
  const [here, elsewhere] = [
    left.filter((each) => named.has(fileOf(each))),
    left.filter((each) => !named.has(fileOf(each))),
  ];
  const guesses = all ? 0 : here.filter((each) => fixOf(each, true) !== undefined).length;
  const parts = [
    ...(here.length === 0
      ? []
      : [`${countDiagnostics(here)} left, kdsl check shows ${here.length === 1 ? "it" : "them"}`]),
    ...(elsewhere.length === 0
      ? []
      : [`${countDiagnostics(elsewhere)} left in ${filesOf(elsewhere)}, which kdsl fix was not given`]),
    ...(guesses === 0
      ? []
      : [`kdsl fix --all also makes ${guesses === 1 ? "1 that is" : `${guesses} that are`} a guess`]),
  ];
  return [done, ...parts].join("; ");
}

const fileOf = ({ primary }: Diagnostic): string => resolve(primary.span.file.path);

const filesOf = (diagnostics: readonly Diagnostic[]): string =>
  [...new Set(diagnostics.map(({ primary }) => primary.span.file.path))].join(", ");
