import { readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { type Compilation, type CompileOptions, compile } from "../compiler/compile.ts";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { formatDiagnostics } from "../compiler/diagnostics/format.ts";
import { renderDiagnostics } from "../compiler/diagnostics/render.ts";
import type { SecretValues } from "../compiler/import/plan.ts";
import { type Inspection, inspect } from "../compiler/inspect.ts";
import type { ManifestModules } from "../compiler/manifest-modules.ts";
import type { FileSystem, SourceFile } from "../compiler/source/source.ts";
import { type Parsed, parse } from "../compiler/syntax/parse.ts";
import type { Baseline } from "../compiler/verify/changes/baseline.ts";
import type { Change } from "../compiler/verify/changes/compare.ts";
import type { Plan } from "../model/plan.ts";
import { CommandError, exitCodes, reasonOf } from "./error.ts";
import { compileManifestPaths, filesWithin, isManifestPath } from "./manifests.ts";

/** A file compiled from disk. `plan` is there when nothing was an error. */
export interface Compiled {
  /** The file as the user should see it. */
  readonly path: string;
  readonly plan?: Plan;
  /** In place of `plan`: one whose cluster cannot be as it says, for what asks why. */
  readonly draft?: Plan;
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, the compiled one first. */
  readonly files: readonly SourceFile[];
  /** With a baseline: what would change. */
  readonly changes?: readonly Change[];
  /** Of manifests: the values of secrets, which no plan holds. */
  readonly secretValues?: SecretValues;
  /** What is to be said beside the diagnostics. */
  readonly remarks?: readonly string[];
}

const largest = 16 * 1024 * 1024;

/** The flags of all commands that compile. */
export interface CompileFlags {
  readonly set?: readonly string[];
  readonly allowOutside?: boolean;
  readonly profile?: string;
  readonly params?: readonly string[];
}

/** Compiles `path` (a file, or a folder with a `main.kdsl`). Throws `CommandError` where there is nothing to compile. */
export function compileFile(path: string, flags: CompileFlags = {}, against?: Baseline): Compiled {
  const file = findFile(path);
  const options = optionsOf(file, flags, against);
  return compiled(compile(options), file);
}

const compiled = ({ plan, draft, diagnostics, files, changes }: Compilation, path: string): Compiled => ({
  path,
  diagnostics,
  files,
  ...(plan && { plan }),
  ...(draft && { draft }),
  ...(changes && { changes }),
});

/** As `compileFile`, for files that may use Kubernetes YAML: what reads it is loaded when one does. */
async function compileWithManifests(
  path: string,
  flags: CompileFlags,
  against: Baseline | undefined,
): Promise<Compiled> {
  const file = findFile(path);
  const options = optionsOf(file, flags, against);
  const { result, manifests } = await withManifests(options.fileSystem, (fileSystem, yaml) =>
    compile({ ...options, fileSystem, ...(yaml && { manifests: yaml }) }),
  );
  return { ...compiled(result, file), ...(manifests && { secretValues: manifests.secretValues }) };
}

/** Does what `attempt` does, and once more where a file uses Kubernetes YAML: what reads that is loaded then alone. */
async function withManifests<T>(
  fileSystem: FileSystem,
  attempt: (fileSystem: FileSystem, manifests?: ManifestModules) => T,
): Promise<{ readonly result: T; readonly manifests?: ManifestModules }> {
  let asked = false;
  const module = (name: string) => {
    asked ||= /\.(ya?ml|json)$/i.test(name) || fileSystem.list?.(name) !== undefined;
    return undefined;
  };
  const result = attempt({ ...fileSystem, module });
  if (!asked) return { result };
  const { manifestModules } = await import("../compiler/manifest-modules.ts");
  const manifests = manifestModules(fileSystem);
  return { result: attempt(manifests.fileSystem, manifests), manifests };
}

const optionsOf = (path: string, flags: CompileFlags, against: Baseline | undefined): CompileOptions => ({
  ...source(path, flags.allowOutside ?? false),
  ...parametersOf(flags),
  ...(against && { against }),
});

/** What the flags say of parameters and overrides. */
function parametersOf({
  set,
  profile,
  params = [],
}: CompileFlags): Pick<CompileOptions, "set" | "profile" | "params"> {
  const entries = Object.entries(parseSet(set));
  const structured = entries.filter(([, text]) => isStructured(text));
  const given = [
    ...params.map((path) => parameterReader().readParameters(parameterFile(path))),
    ...structured.map(([name, text]) => parameterReader().readSetting(name, text)),
  ];
  return {
    set: Object.fromEntries(entries.filter(([, text]) => !isStructured(text))),
    ...(profile === undefined ? {} : { profile }),
    ...(given.length > 0 ? { params: given } : {}),
  };
}

/** `--set limits={cpu: 1}`: a record or a list is written as in a file of parameters. */
const isStructured = (text: string): boolean => /^\s*[{[]/.test(text);

let reader: typeof import("../compiler/import/parameters.ts") | undefined;

/** Loads what reads files of parameters, where the flags need it. */
export async function prepareFlags({ set = [], params = [] }: CompileFlags): Promise<void> {
  if (params.length > 0 || set.some((entry) => isStructured(entry.slice(entry.indexOf("=") + 1))))
    reader ??= await import("../compiler/import/parameters.ts");
}

function parameterReader(): NonNullable<typeof reader> {
  if (!reader) throw new Error("flags were not prepared");
  return reader;
}

function parameterFile(path: string): SourceFile {
  try {
    if (statSync(path).size > largest) throw new CommandError(`--params ${path}: larger than 16 MiB`);
    return { path, text: readFileSync(path, "utf8") };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`--params ${path}: ${reasonOf(error)}`);
  }
}

/** A file on disk, as the compiler is told of it. */
function source(path: string, allowOutside: boolean): Omit<CompileOptions, "set" | "against"> {
  return { fileSystem: diskFileSystem(), path, allowOutside, resolvePath: fromFile };
}

/** What says, again and again, what is wrong with `path` where other texts stand in place of some files' own. */
export async function textsCompiler(
  path: string,
  flags: CompileFlags = {},
): Promise<(texts: ReadonlyMap<string, string>) => readonly Diagnostic[]> {
  const { fileSystem, ...rest } = optionsOf(findFile(path), flags, undefined);
  const { manifests } = await withManifests(fileSystem, (files) => inspect({ ...rest, fileSystem: files }));
  return (texts) => {
    const changed = new Map([...texts].map(([name, text]) => [resolve(name), text]));
    const read = (name: string) => changed.get(resolve(name)) ?? fileSystem.read(name);
    const yaml = manifests && { manifests: { ...manifests, fileSystem: { ...manifests.fileSystem, read } } };
    return compile({ ...rest, fileSystem: { ...fileSystem, read }, ...yaml }).diagnostics;
  };
}

/** The syntax tree of `path` alone. */
export function parseFile(path: string): Parsed {
  const file = findFile(path);
  return parse({ path: file, text: diskFileSystem().read(file) ?? "" });
}

/** `path` and all that it uses, checked and not evaluated. */
export async function inspectFile(
  path: string,
  { allowOutside = false }: CompileFlags = {},
): Promise<Inspection> {
  const { fileSystem, ...rest } = source(findFile(path), allowOutside);
  return (await withManifests(fileSystem, (files) => inspect({ ...rest, fileSystem: files }))).result;
}

/** The module of a package, seen from the working directory: what a file there would use. */
export async function inspectUse(path: string): Promise<Inspection> {
  const fileSystem = diskFileSystem();
  const user = "(use).kdsl";
  const text = `use ${JSON.stringify(path)} as shown\n`;
  const read = (name: string) => (name === user ? text : fileSystem.read(name));
  const rest = { path: user, allowOutside: false, resolvePath: fromFile };
  return (await withManifests({ ...fileSystem, read }, (files) => inspect({ ...rest, fileSystem: files })))
    .result;
}

/** Compiles what was named: a file or folder in KDSL, or Kubernetes YAML or JSON. */
export async function compileInput(
  path: string,
  flags: CompileFlags = {},
  against?: Baseline,
): Promise<Compiled> {
  if (!isManifestPath(path)) return compileWithManifests(path, flags, against);
  if (flags.set?.length)
    throw new CommandError(`--set sets parameters, and ${path} has none`, exitCodes.usage);
  return compileManifestPaths([path], against);
}

/** A path written in a file, seen from that file's folder; absolute. */
function fromFile(from: string, path: string): string {
  return isAbsolute(path) ? path : resolve(dirname(resolve(from)), path);
}

function diskFileSystem(): FileSystem {
  return {
    read: (path) => {
      try {
        return statSync(path).size > largest ? undefined : readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    resolve: (from, name) =>
      isAbsolute(name) ? name : relative(process.cwd(), resolve(dirname(from), name)),
    contains: (directory, path) => {
      const way = relative(realPath(directory), realPath(path));
      return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
    },
    real: (path) => relative(process.cwd(), realPath(path)),
    list: (path) => {
      try {
        return statSync(path).isDirectory() ? filesWithin(path) : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** Where a path leads through all links, for what does not exist (yet) through those of its directory. */
function realPath(path: string): string {
  try {
    return realpathSync(path === "" ? "." : path);
  } catch {
    const above = dirname(resolve(path));
    return above === resolve(path) ? above : join(realPath(above), basename(path));
  }
}

function findFile(path: string): string {
  let status: ReturnType<typeof statSync>;
  try {
    status = statSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    if (reason === "ENOENT" || reason === "ENOTDIR") {
      throw new CommandError(`there is no file ${path}`, exitCodes.failure, "kdsl init makes a first one");
    }
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  if (status.isDirectory()) {
    const main = join(path, "main.kdsl");
    try {
      if (statSync(main).isFile()) return main;
    } catch {}
    throw new CommandError(
      `${path} is a folder without a main.kdsl`,
      exitCodes.failure,
      "name the .kdsl file itself",
    );
  }
  if (!status.isFile()) throw new CommandError(`${path} is no ordinary file`);
  if (status.size > largest)
    throw new CommandError(`${path} is larger than 16 MiB; a .kdsl file is text that people write`);
  try {
    const bytes = readFileSync(path);
    if (bytes.includes(0)) throw new CommandError(`${path} is no text: it holds NUL bytes`);
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof TypeError) throw new CommandError(`${path} is no text in UTF-8`);
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  return path;
}

/** The real path by which a running cluster is known. */
export function realFile(path: string): string {
  return realpathSync(path);
}

export type DiagnosticFormat = "text" | "json" | "sarif" | "github";

/** The diagnostics as text for a person or a tool. */
export function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  format: DiagnosticFormat,
  color: boolean,
): string {
  return format === "text"
    ? renderDiagnostics(diagnostics, { color })
    : formatDiagnostics(diagnostics, format);
}

/** "2 errors and 1 warning". */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: string, word: string) => {
    const number = diagnostics.filter((each) => each.severity === severity).length;
    return number === 0 ? [] : [`${number} ${word}${number === 1 ? "" : "s"}`];
  };
  return [...count("error", "error"), ...count("warning", "warning")].join(" and ");
}

/** `--set a=1 --set b=x` as a record. */
export function parseSet(entries: readonly string[] = []): Record<string, string> {
  const set: Record<string, string> = {};
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    if (equals <= 0) throw new CommandError(`--set ${entry}: write it as --set name=value`, exitCodes.usage);
    const name = entry.slice(0, equals).trim();
    if (Object.hasOwn(set, name)) throw new CommandError(`--set ${name} is given twice`, exitCodes.usage);
    set[name] = entry.slice(equals + 1);
  }
  return set;
}
