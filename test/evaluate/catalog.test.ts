import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as evaluation from "../../compiler/diagnostics/catalog/evaluate.ts";
import * as names from "../../compiler/diagnostics/catalog/names.ts";
import * as overrides from "../../compiler/diagnostics/catalog/overrides.ts";
import * as policies from "../../compiler/diagnostics/catalog/policies.ts";
import * as templates from "../../compiler/diagnostics/catalog/templates.ts";
import * as types from "../../compiler/diagnostics/catalog/types.ts";

const entries = [names, types, evaluation, templates, policies, overrides].flatMap((catalog) =>
  Object.values(catalog).flatMap((maker) => (typeof maker === "function" ? [maker.entry] : [])),
);
const root = join(import.meta.dirname, "../fixtures/evaluate");

test("every mistake of these phases has a fixture that shows it", () => {
  const shown = new Set(
    readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".diagnostics"))
      .flatMap((name) => readFileSync(join(root, name), "utf8").match(/KD\d{4}/g) ?? []),
  );
  // These are about the command line: settings.test.ts, overrides.test.ts.
  const elsewhere = ["KD2207", "KD2208", "KD2453", "KD2455"];
  expect(
    entries.map((entry) => entry.code).filter((code) => !shown.has(code) && !elsewhere.includes(code)),
  ).toEqual([]);
});

test("codes are unique, and each has a cause and a way out", () => {
  expect(new Set(entries.map((entry) => entry.code)).size).toBe(entries.length);
  for (const { cause, fix } of entries)
    expect([cause, fix].every((text) => text.length > 10 && text.endsWith("."))).toBe(true);
});
