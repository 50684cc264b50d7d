import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  type Dirent,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CommandError, reasonOf } from "./error.ts";

/** The `.kdsl` files that paths name: files themselves, and all that lie in and below folders. */
export function sourceFiles(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    const status = statusOf(path);
    if (status === undefined) throw new CommandError(`there is no file ${path}`);
    return status.isDirectory() ? below(path) : [path];
  });
  return [...new Set(found)];
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** Packages of others and what is hidden are not the user's to change. */
function below(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new CommandError(`cannot read ${folder}: ${reasonOf(error)}`);
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return below(path);
      return entry.isFile() && entry.name.endsWith(".kdsl") ? [path] : [];
    });
}

/** The text of a file, which has to be text. */
export function readSource(path: string | 0): string {
  const name = path === 0 ? "standard input" : path;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CommandError(`cannot read ${name}: ${reasonOf(error)}`);
  }
  if (bytes.includes(0)) throw new CommandError(`${name} is no text: it holds NUL bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CommandError(`${name} is no text in UTF-8`);
  }
}

/** Puts a new text in place of a file's, all of it or none; its permissions stay. */
export function replaceSource(path: string, text: string): void {
  const real = realpathSync(path);
  const beside = join(dirname(real), `.${basename(real)}.${randomBytes(4).toString("hex")}`);
  try {
    const { mode } = statSync(real);
    // To put another in its place takes no right to the file itself; who made it read-only does not mean that.
    accessSync(real, constants.W_OK);
    writeFileSync(beside, text, { flag: "wx", mode });
    chmodSync(beside, mode);
    renameSync(beside, real);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new CommandError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}
