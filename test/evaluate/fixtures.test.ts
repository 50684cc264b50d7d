import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dump, evaluateFiles, formatDiagnostic } from "./support.ts";

/**
 * Each folder of `test/fixtures/evaluate` is one case: `main.kdsl` and what it uses, with the diagnostics and the
 * program that it gives beside it. `UPDATE=1` rewrites them.
 */
const root = join(import.meta.dirname, "../fixtures/evaluate");

const filesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(kdsl|txt|conf)$/.test(name))
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );

function expectFile(path: string, text: string): void {
  if (process.env.UPDATE) {
    if (text === "") rmSync(path, { force: true });
    else writeFileSync(path, text);
  }
  expect(text).toBe(existsSync(path) ? readFileSync(path, "utf8") : "");
}

describe("what a file means", () => {
  for (const name of readdirSync(root).sort()) {
    test(name, () => {
      const folder = join(root, name);
      const evaluation = evaluateFiles(filesOf(folder));
      const said = evaluation.diagnostics.map(formatDiagnostic).join("\n\n");
      expectFile(join(folder, "main.diagnostics"), said === "" ? "" : `${said}\n`);
      const failed = evaluation.diagnostics.some(({ severity }) => severity === "error");
      expectFile(join(folder, "main.values"), failed ? "" : dump(evaluation));
    });
  }
});
