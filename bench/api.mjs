#!/usr/bin/env node
// What the API server does in a second of CPU time, against a bare server of Node that answers the same bytes. See README.md.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";

const directory = mkdtempSync(join(tmpdir(), "kdsl-bench-"));
try {
  await build({
    configFile: join(import.meta.dirname, "api/vite.config.ts"),
    logLevel: "error",
    build: { outDir: directory },
  });
  const { main } = await import(pathToFileURL(join(directory, "main.mjs")));
  await main(directory, process.argv.slice(2));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
