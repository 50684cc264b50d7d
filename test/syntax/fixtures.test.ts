import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { parse } from "../../compiler/syntax/parse.ts";

/**
 * Each folder holds a file as a user might write it, and what the parser says to it. `UPDATE=1` writes the latter
 * anew; the difference is then read like any other change.
 */
const fixtures = join(import.meta.dirname, "../fixtures/syntax");

describe("what the parser says to", () => {
  for (const name of readdirSync(fixtures)) {
    test(name, () => {
      const text = readFileSync(join(fixtures, name, "main.kdsl"), "utf8");
      const said = renderDiagnostics(parse({ path: "main.kdsl", text }).diagnostics, { color: false });
      const expected = join(fixtures, name, "main.diagnostics");
      if (process.env.UPDATE === "1") writeFileSync(expected, said);
      expect(existsSync(expected), "run with UPDATE=1 to record it").toBe(true);
      expect(said).toBe(readFileSync(expected, "utf8"));
    });
  }
});
