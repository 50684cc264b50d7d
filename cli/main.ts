#!/usr/bin/env node
import { createLoader } from "./loader.ts";
import { version } from "./version.ts";

declare const __KDSL_PROGRAM__: string;
declare const __dirname: string;

const args = process.argv.slice(2);
// Asked by scripts and editors more often than anything else; not worth loading an argument parser for.
if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  console.log(version);
} else {
  const load = createLoader(`${__dirname}/chunks`);
  const { runCommandLine } = load(__KDSL_PROGRAM__) as typeof import("./program.ts");
  void runCommandLine(args);
}
