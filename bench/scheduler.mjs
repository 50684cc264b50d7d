#!/usr/bin/env node
// What the scheduler does in a second, in this process and over its own store. See README.md.
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
  const { main } = await import(pathToFileURL(join(directory, "main.mjs")));
  console.log(machineLine());
  main(process.argv.slice(2));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
