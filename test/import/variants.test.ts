import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { importVariants } from "../../compiler/import/variants/variants.ts";
import { secretsFile } from "../../compiler/import/write/secrets.ts";
import { byKey, compileText, withoutImplied } from "./support.ts";

/** Variants of one cluster become one program; compiling it for a variant gives back the objects of that one. */

const folder = join(import.meta.dirname, "../fixtures/import/variants");
const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
const names = ["dev", "prod"];
const given = (order: readonly string[]) =>
  order.map((name) => ({
    name,
    sources: [{ path: `${name}.yaml`, text: read(join(folder, `${name}.yaml`)) }],
  }));

test("what differs becomes parameters and conditions", () => {
  const { program, secrets, diagnostics } = importVariants(given(names));
  expect(renderDiagnostics(diagnostics, { color: false })).toBe("");
  const path = join(folder, "main.kdsl");
  if (process.env.UPDATE) writeFileSync(path, program!.text);
  expect(program!.text).toBe(read(path));
  expect(secretsFile(secrets.get("dev")!)).toContain("SHOP_LOGIN_PASSWORD=dev\n");
  expect(secretsFile(secrets.get("prod")!)).toContain("SHOP_LOGIN_PASSWORD=geheim\n");
});

describe("compiling gives back each variant", () => {
  // The first variant is what the program says without a profile.
  for (const name of names)
    test(`${name} first`, () => {
      const order = [name, ...names.filter((other) => other !== name)];
      const { program, objects } = importVariants(given(order));
      const text = program!.text.replace(/^profile [\s\S]*?^\}\n/gm, "");
      const { plan, diagnostics } = compileText(text);
      expect(
        renderDiagnostics(
          diagnostics.filter(({ severity }) => severity === "error"),
          { color: false },
        ),
      ).toBe("");
      const own = objects.get(name)!;
      expect(byKey(withoutImplied(plan!, own), plan!.secrets)).toEqual(byKey(own));
    });

  // Every variant is a profile as well.
  for (const name of names)
    test(`${name} by its profile`, () => {
      const { program, objects } = importVariants(given(names));
      const { plan, diagnostics } = compileText(program!.text, {}, { profile: name });
      expect(
        renderDiagnostics(
          diagnostics.filter(({ severity }) => severity === "error"),
          { color: false },
        ),
      ).toBe("");
      const own = objects.get(name)!;
      expect(byKey(withoutImplied(plan!, own), plan!.secrets)).toEqual(byKey(own));
    });
});
