import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as catalog from "../../compiler/diagnostics/catalog/import.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { importManifests } from "../../compiler/import/import.ts";
import { secretsFile } from "../../compiler/import/write/secrets.ts";
import { byKey, compileText, withoutImplied } from "./support.ts";

/**
 * `test/fixtures/import/<case>`: `input.yaml` (or several) gives `main.kdsl`, `secrets.env` and `diagnostics`. Compiling
 * the program gives back the objects of the input. `UPDATE=1` writes what is expected anew.
 */

const root = join(import.meta.dirname, "../fixtures/import");
const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");

function holds(path: string, text: string): void {
  if (process.env.UPDATE && text !== read(path)) writeFileSync(path, text);
  expect(text).toBe(read(path));
}

for (const name of readdirSync(root)) {
  const folder = join(root, name);
  const inputs = readdirSync(folder).filter((file) => /^input.*\.(yaml|json)$/.test(file));
  if (inputs.length === 0) continue;
  test(name, () => {
    const imported = importManifests(inputs.map((path) => ({ path, text: read(join(folder, path)) })));
    const said = renderDiagnostics(imported.diagnostics, { color: false });
    if (said !== "" || existsSync(join(folder, "diagnostics"))) holds(join(folder, "diagnostics"), said);
    if (!imported.program) return;
    const { text, secrets } = imported.program;
    holds(join(folder, "main.kdsl"), text);
    const values = secretsFile(secrets) ?? "";
    if (values !== "" || existsSync(join(folder, "secrets.env"))) holds(join(folder, "secrets.env"), values);
    const { plan, diagnostics } = compileText(text);
    expect(
      renderDiagnostics(
        diagnostics.filter(({ severity }) => severity === "error"),
        { color: false },
      ),
    ).toBe("");
    expect(byKey(withoutImplied(plan!, imported.objects), plan!.secrets)).toEqual(byKey(imported.objects));
  });
}

test("every refusal of an import has a fixture that shows it", () => {
  const shown = readdirSync(root).flatMap(
    (name) => read(join(root, name, "diagnostics")).match(/KD\d{4}/g) ?? [],
  );
  const codes = Object.values(catalog).map(({ entry }) => entry.code);
  expect(codes.filter((code) => !shown.includes(code))).toEqual([]);
});
