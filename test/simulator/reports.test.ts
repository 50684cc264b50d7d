import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { subjectOf } from "../../cli/test/plans.ts";
import { renderReport } from "../../cli/test/report.ts";
import { renderTable } from "../../cli/test/table.ts";
import { compile } from "../../compiler/compile.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { runAll } from "./builders.ts";

/** What `kdsl test main.kdsl` prints for each file of test/fixtures/scenarios. `UPDATE=1` writes it anew. */

const root = join(import.meta.dirname, "../fixtures/scenarios");
const update = process.env.UPDATE === "1";

function printed(text: string): string {
  const compiled = compile({
    fileSystem: memoryFileSystem({ "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (_, path) => `/project/${path}`,
  });
  expect(renderDiagnostics(compiled.diagnostics, { color: false })).toBe("");
  const { plan, files } = compiled;
  const subject = subjectOf({ path: "main.kdsl", files, diagnostics: [], ...(plan && { plan }) });
  const results = subject.scenarios.map((scenario) => runAll(subject.plan, scenario));
  const report = renderReport(subject, results, { color: false });
  return `${report}${report && "\n"}${renderTable([{ subject, results }], { color: false })}`;
}

describe.each(readdirSync(root).sort())("%s", (name) => {
  test("is reported like this", () => {
    const said = printed(readFileSync(join(root, name, "main.kdsl"), "utf8"));
    const file = join(root, name, "main.diagnostics");
    if (update) writeFileSync(file, said);
    expect(said).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
    const code = /^KD\d{4}/.exec(name)?.[0];
    if (code) expect(said).toContain(`[${code}]`);
  }, 120_000);
});
