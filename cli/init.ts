import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError, exitCodes } from "./error.ts";
import { firstFile, firstServer } from "./init-files.ts";

/** `kdsl init [DIR]`: a first cluster that runs: a small web server in plain Node, twice, behind one address. */
export function init(directory = "."): number {
  const files = { "main.kdsl": firstFile, "server.mjs": firstServer };
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new CommandError(`cannot make the folder ${directory}: ${(error as Error).message}`);
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
      throw new CommandError(`cannot write ${path}: ${(error as Error).message}`);
    }
  }
  for (const path of paths) console.log(`wrote ${path}`);
  console.log(`now: kdsl run ${join(directory, "main.kdsl")}`);
  return exitCodes.success;
}
