import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import {
  blockTables,
  functionTable,
  kubernetesTables,
  leftOutTable,
  observationTable,
  placeTables,
  stepTable,
} from "./reference.ts";

/** docs/language.md says what the compiler does: its tables are the compiler's own, and its files compile. */

const documents = {
  "language.md": {
    blocks: blockTables,
    functions: functionTable,
    steps: stepTable,
    observations: observationTable,
  },
  "fields.md": { places: placeTables, types: kubernetesTables, left: leftOutTable },
};
const pathOf = (name: string) => join(import.meta.dirname, "../../docs", name);
const path = pathOf("language.md");

function withTables(text: string, tables: Readonly<Record<string, () => string>>): string {
  let result = text;
  for (const [name, generate] of Object.entries(tables)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    expect(result).toContain(begin);
    expect(result).toContain(end);
    const [before, after] = [result.indexOf(begin) + begin.length, result.indexOf(end)];
    result = `${result.slice(0, before)}\n\n${generate()}\n\n${result.slice(after)}`;
  }
  return result;
}

test.each(Object.entries(documents))("the tables of %s are current", (name, tables) => {
  const text = readFileSync(pathOf(name), "utf8");
  if (process.env.UPDATE === "1") writeFileSync(pathOf(name), withTables(text, tables));
  const written = readFileSync(pathOf(name), "utf8");
  expect(written, "run with UPDATE=1 to write them anew").toBe(withTables(text, tables));
});

/** Blocks marked `kdsl` are whole files; Other code in it is parts of files. */
const files = [...readFileSync(path, "utf8").matchAll(/^```kdsl\n([\s\S]*?)^```$/gm)].map(
  ([, text]) => text!,
);

describe("every whole file in it compiles without a word", () => {
  test.each(files.map((text) => [text.split("\n")[0]!, text]))("%s", (_, text) => {
    const { diagnostics, plan } = compile({
      fileSystem: memoryFileSystem({
        "main.kdsl": text,
        "labels.kdsl": 'label app\nparam stage: String = "dev"\n',
        "nginx.conf": "server { }\n",
      }),
      path: "main.kdsl",
      resolvePath: (_from, name) => `/project/${name}`,
    });
    expect(renderDiagnostics(diagnostics, { color: false })).toBe("");
    expect(plan).toBeDefined();
  });

  test("there are some", () => expect(files.length).toBeGreaterThan(2));
});
