import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { SourceFile } from "../compiler/source/source.ts";
import type { Baseline } from "../compiler/verify/changes/baseline.ts";
import type { Compiled } from "./compile-file.ts";
import { CommandError, exitCodes, reasonOf } from "./error.ts";

/** Kubernetes YAML and JSON on the command line: files, folders of them, and `-` for standard input. */

const manifestFile = /\.(ya?ml|json)$/i;

/** Whether what was named is not KDSL. */
export function isManifestPath(path: string): boolean {
  if (path === "-" || manifestFile.test(path)) return true;
  try {
    return (
      statSync(path).isDirectory() && !statSync(join(path, "main.kdsl"), { throwIfNoEntry: false })?.isFile()
    );
  } catch {
    return false;
  }
}

const largest = 16 * 1024 * 1024;
const mostFiles = 10_000;

/** The files that were named, or that lie in named folders (`found`). */
export function readManifestFiles(paths: readonly string[]): {
  files: SourceFile[];
  found: ReadonlySet<string>;
} {
  const files: SourceFile[] = [];
  const found = new Set<string>();
  for (const path of paths) {
    if (path === "-") files.push({ path: "stdin", text: readText(0, "standard input") });
    else if (isFolder(path)) {
      for (const inner of filesWithin(path)) {
        found.add(inner);
        files.push({ path: inner, text: readText(inner, inner) });
      }
    } else files.push({ path, text: readText(path, path) });
  }
  return { files, found };
}

/** Compiles what was named as one cluster. Throws `CommandError` where there is nothing to compile. */
export async function compileManifestPaths(paths: readonly string[], against?: Baseline): Promise<Compiled> {
  const { files, found } = readManifestFiles(paths);
  const shown = paths.map((path) => (path === "-" ? "stdin" : path)).join(", ");
  const nothing = () =>
    new CommandError(
      `${shown} holds no Kubernetes objects`,
      exitCodes.failure,
      "it takes folders with a main.kdsl, or with .yaml, .yml or .json files of objects",
    );
  if (files.length === 0) throw nothing();
  const { compileManifests } = await import("../compiler/compile-manifests.ts");
  const compiled = compileManifests({ files, found, name: nameOf(paths), ...(against && { against }) });
  const { plan, draft, diagnostics, changes, secretValues, passedOver } = compiled;
  if (plan?.objects.length === 0 && diagnostics.length === 0) throw nothing();
  return {
    path: shown,
    files: compiled.files,
    diagnostics,
    secretValues,
    remarks: passedOver.map(({ path, what }) => `${path} is passed over: it is ${what}`),
    ...(plan && { plan }),
    ...(draft && { draft }),
    ...(changes && { changes }),
  };
}

/** What the cluster is called: as its one file or folder. */
function nameOf(paths: readonly string[]): string {
  const [only] = paths;
  if (paths.length > 1 || only === undefined || only === "-") return basename(process.cwd()) || "cluster";
  return basename(resolve(only)).replace(manifestFile, "") || "cluster";
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new CommandError(`there is no file ${path}`);
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** The files of a folder and all below it, in an order that does not depend on the machine. Hidden ones are left out. */
export function filesWithin(folder: string): string[] {
  const list: string[] = [];
  const enter = (directory: string): void => {
    let entries: Dirent[];
    try {
      entries = readdirSync(directory, { withFileTypes: true });
    } catch (error) {
      throw new CommandError(`cannot read ${directory}: ${reasonOf(error)}`);
    }
    entries.sort((left, right) => (left.name < right.name ? -1 : 1));
    for (const entry of entries) {
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) enter(path);
      else if (manifestFile.test(entry.name)) list.push(path);
      if (list.length > mostFiles) throw new CommandError(`${folder} holds more than ${mostFiles} files`);
    }
  };
  enter(folder);
  return list;
}

function readText(path: string | 0, shown: string): string {
  let bytes: Buffer;
  try {
    if (path !== 0 && statSync(path).size > largest) throw new CommandError(`${shown} is larger than 16 MiB`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`cannot read ${shown}: ${reasonOf(error)}`);
  }
  if (bytes.length > largest) throw new CommandError(`${shown} is larger than 16 MiB`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CommandError(`${shown} is no text in UTF-8`);
  }
}
