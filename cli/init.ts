import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError, exitCodes, reasonOf } from "./error.ts";
import { firstFile, firstServer } from "./init-files.ts";
import { makeFolder } from "./make-folder.ts";

/** `kdsl init [DIR]`: a first cluster that runs: a small web server in plain Node, twice, behind one address. */
export function init(directory = "."): number {
  const files = { "main.kdsl": firstFile, "server.mjs": firstServer };
  try {
    makeFolder(directory);
  } catch (error) {
    throw new CommandError(`cannot make the folder ${directory}: ${reasonOf(error)}`);
  }
  const paths = Object.keys(files).map((name) => join(directory, name));
  const there = paths.find((path) => existsSync(path));
  if (there !== undefined)
    throw new CommandError(
      `${there} is there already; nothing is written over it`,
      exitCodes.failure,
      "kdsl init DIR makes one in a folder of its own",
    );
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    try {
      // "wx" fails where a file has come in the meantime.
      writeFileSync(path, text, { flag: "wx" });
    } catch (error) {
      throw new CommandError(`cannot write ${path}: ${reasonOf(error)}`);
    }
  }
  for (const path of paths) console.log(`wrote ${path}`);
  console.log(`now: kdsl run ${join(directory, "main.kdsl")}`);
  return exitCodes.success;
}
