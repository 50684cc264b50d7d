import { importCompose } from "../../compiler/import/compose/compose.ts";
import { type Imported, importManifests, isComposeFile } from "../../compiler/import/import.ts";
import { readManifests } from "../../compiler/import/read.ts";
import { importVariants } from "../../compiler/import/variants/variants.ts";
import { secretsFile } from "../../compiler/import/write/secrets.ts";
import type { SourceFile } from "../../compiler/source/source.ts";
import { compileFile, countDiagnostics, showDiagnostics } from "../compile-file.ts";
import { CommandError, exitCodes } from "../error.ts";
import { readManifestFiles } from "../manifests.ts";
import { filesBeside, projectName } from "./beside.ts";
import { type Output, type OutputPlace, placeOutput, writeOutput } from "./output.ts";

export interface ImportOptions {
  readonly as?: readonly string[];
  readonly output?: string;
  readonly force?: boolean;
}

/** `kdsl import FILE…`: a program of Kubernetes objects, or of a compose file. */
export function importCommand(paths: readonly string[], options: ImportOptions): number {
  const place = placeOutput(options.output);
  if (options.as) return importAs(paths, options.as, place, options.force === true);
  if (paths.length === 0)
    throw new CommandError("kdsl import needs a file", exitCodes.usage, "`-` reads standard input");
  const sources = readSources(paths);
  const { program, diagnostics } = importSources(sources, place);
  if (!program) {
    console.error(countDiagnostics(diagnostics));
    return exitCodes.failure;
  }
  const { text, secrets } = program;
  const values = secretsFile(secrets);
  const output: Output = {
    text,
    files: secrets.files,
    values: new Map(values === undefined ? [] : [["secrets.env", values]]),
  };
  if (!place) {
    process.stdout.write(text);
    if (values !== undefined || secrets.files.size > 0) say(valuesNotWritten);
    return exitCodes.success;
  }
  writeOutput(place, output, options.force === true);
  return checkWritten(place.program, sources.some(isComposeFile));
}

/** Variants: one program, and a file of values for each. */
function importAs(
  paths: readonly string[],
  given: readonly string[],
  place: OutputPlace | undefined,
  force: boolean,
): number {
  if (paths.length > 0)
    throw new CommandError(
      `${paths[0]} is of no variant`,
      exitCodes.usage,
      "write `--as NAME=FILE` for each file, several files of one variant with the same name",
    );
  const { program, secrets, diagnostics } = importVariants(readVariants(given));
  show(diagnostics);
  if (!program) {
    console.error(countDiagnostics(diagnostics));
    return exitCodes.failure;
  }
  const values = new Map<string, string>();
  for (const [name, one] of secrets) {
    const text = secretsFile(one);
    if (text !== undefined)
      values.set(`secrets.${name}.env`, text.replaceAll("secrets.env", `secrets.${name}.env`));
  }
  const files = new Map([...secrets.values()].reverse().flatMap((one) => [...one.files]));
  for (const [name, one] of secrets)
    for (const [path, bytes] of one.files)
      if (Buffer.compare(bytes, files.get(path)!) !== 0)
        say(
          `${path} has the value of another variant than ${name}: put that one's in its place where it is run`,
        );
  if (!place) {
    process.stdout.write(program.text);
    if (values.size > 0 || files.size > 0) say(valuesNotWritten);
    return exitCodes.success;
  }
  writeOutput(place, { text: program.text, values, files }, force);
  return checkWritten(place.program, false);
}

function readVariants(given: readonly string[]): { name: string; sources: SourceFile[] }[] {
  const variants = new Map<string, SourceFile[]>();
  for (const one of given) {
    const [, name = "", path = ""] = /^([^=]*)=(.*)$/s.exec(one) ?? [];
    if (!/^[A-Za-z_]\w*(?:-\w+)*$/.test(name) || path === "")
      throw new CommandError(`--as ${one}: write it as --as name=file`, exitCodes.usage);
    variants.set(name, [...(variants.get(name) ?? []), ...readSources([path])]);
  }
  if (variants.size < 2)
    throw new CommandError(
      "--as takes two variants or more",
      exitCodes.usage,
      "one alone is imported without it: kdsl import FILE",
    );
  return [...variants].map(([name, sources]) => ({ name, sources }));
}

/** What was named, and of folders what has objects. */
function readSources(paths: readonly string[]): SourceFile[] {
  const { files, found } = readManifestFiles(paths);
  return files.filter((file) => {
    const other = found.has(file.path) ? readManifests(file).other : undefined;
    if (other !== undefined) say(`${file.path} is passed over: it is ${other}`);
    return other === undefined;
  });
}

const valuesNotWritten =
  "values of secrets are not written to standard output; `-o FOLDER` puts them into files beside the program";

type Program = Pick<NonNullable<Imported["program"]>, "text" | "secrets">;

function importSources(
  sources: readonly SourceFile[],
  place: OutputPlace | undefined,
): { program?: Program; diagnostics: Imported["diagnostics"] } {
  if (sources.length === 0)
    throw new CommandError("no .yaml, .yml or .json file of objects is there", exitCodes.failure);
  const compose = sources.find(isComposeFile);
  if (!compose) {
    const imported = importManifests(sources);
    report(imported);
    return imported;
  }
  if (sources.length > 1)
    throw new CommandError(
      `${compose.path} is a compose file, which is imported by itself`,
      exitCodes.usage,
      "several compose files become one by `docker compose -f a.yaml -f b.yaml config`",
    );
  const imported = importCompose(
    compose,
    projectName(compose.path),
    filesBeside(compose.path, place?.folder),
  );
  show(imported.diagnostics);
  return imported;
}

const say = (text: string) => process.stderr.write(`${text}\n`);

function show(diagnostics: Imported["diagnostics"]): void {
  if (diagnostics.length > 0)
    process.stderr.write(showDiagnostics(diagnostics, "text", process.stderr.isTTY === true));
}

function report({ diagnostics, program, objects }: Imported): void {
  show(diagnostics);
  for (const { index, fields } of program?.kept ?? []) {
    const { kind, metadata } = objects[index]!;
    const why = fields.length > 0 ? `, for ${fields.join(", ")}` : "";
    say(`${kind} ${metadata.name} is kept as it is, in a \`manifest\`${why}`);
  }
}

/** What is wrong with the program was wrong with the input; better said now than at the first run. */
function checkWritten(path: string, composed: boolean): number {
  const { diagnostics } = compileFile(path);
  if (diagnostics.length === 0) return exitCodes.success;
  show(diagnostics);
  const outside = diagnostics.some(({ code }) => code === "KD2482");
  say(
    outside
      ? `${path} is written; what it reads lies outside of its folder: \`-o\` with a file beside them, or \`--allow-outside\` with each command`
      : composed
        ? `${path} is written, with ${countDiagnostics(diagnostics)} to look at`
        : `${path} is written; it has ${countDiagnostics(diagnostics)}, as the input had`,
  );
  return exitCodes.success;
}
