#!/usr/bin/env node
// What the scheduler does in a second, in this process and over its own store. See README.md.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";
import { machineLine } from "./machine.mjs";

const directory = mkdtempSync(join(tmpdir(), "kdsl-bench-"));
try {
  await build({
    configFile: false,
    logLevel: "error",
    build: {
      ssr: join(import.meta.dirname, "scheduler/main.ts"),
      outDir: directory,
      minify: false,
      rollupOptions: { output: { entryFileNames: "main.mjs" } },
    },
  });
  const module = pathToFileURL(join(directory, "main.mjs")).href;
  const { main } = await import(module);
  console.log(machineLine());
  main(process.argv.slice(2), (args) => {
    const program = `import { printCase } from ${JSON.stringify(module)}; printCase(process.argv.slice(1));`;
    const options = ["--input-type=module", "--eval", program, "--", ...args];
    const { status } = spawnSync(process.execPath, options, { stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  });
} finally {
  rmSync(directory, { recursive: true, force: true });
}
