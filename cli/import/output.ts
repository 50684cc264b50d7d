import { existsSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandError, exitCodes, reasonOf } from "../error.ts";
import { makeFolder } from "../make-folder.ts";

/** Where an import is written: the program, and beside it what no program may hold. */

export interface OutputPlace {
  readonly program: string;
  readonly folder: string;
}

export interface Output {
  readonly text: string;
  /** The texts of env files, by name. */
  readonly values: ReadonlyMap<string, string>;
  /** Values of secrets that are files of their own, by path from the program's folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** `-o FILE.kdsl`, or `-o FOLDER`, which then has a `main.kdsl`; standard output without it. */
export function placeOutput(output: string | undefined): OutputPlace | undefined {
  if (output === undefined || output === "-") return undefined;
  const isFolder = output.endsWith("/") || !output.endsWith(".kdsl") || isDirectory(output);
  const folder = isFolder ? output : dirname(output);
  return { folder, program: isFolder ? join(output, "main.kdsl") : output };
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Writes all of it or nothing over what is there. */
export function writeOutput(place: OutputPlace, output: Output, force: boolean): void {
  const within = <T>(entries: ReadonlyMap<string, T>) =>
    [...entries].map(([path, content]) => [join(place.folder, path), content] as const);
  const values = within(output.values);
  const files = within(output.files);
  const paths = [place.program, ...[...values, ...files].map(([path]) => path)];
  const there = force ? undefined : paths.find((path) => existsSync(path));
  if (there !== undefined)
    throw new CommandError(
      `${there} is there already; nothing is written over it`,
      exitCodes.failure,
      "`--force` writes over it, `-o` names another place",
    );
  write(place.program, output.text, 0o644, force);
  for (const [path, content] of [...values, ...files]) write(path, content, 0o600, force);
  console.log(`wrote ${place.program}`);
  for (const [path] of values) console.log(`wrote ${path}: values of its secrets, for you alone`);
  for (const [path] of files) console.log(`wrote ${path}: the value of a secret, for you alone`);
  const [first] = values;
  if (first) console.log(`now: kdsl run ${place.program} --env-file ${first[0]}`);
}

function write(path: string, content: string | Uint8Array, mode: number, force: boolean): void {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, content, { mode, flag: force ? "w" : "wx" });
  } catch (error) {
    throw new CommandError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}
