import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emitDocs } from "../../compiler/emit/docs.ts";
import { inspect } from "../../compiler/inspect.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";

/** What `kdsl docs` prints of a module. `UPDATE=1` writes the expected text anew. */

const folder = join(import.meta.dirname, "../fixtures/emit/module");

test("kdsl docs", () => {
  const text = readFileSync(join(folder, "main.kdsl"), "utf8");
  const { checked, diagnostics } = inspect({
    fileSystem: memoryFileSystem({ "acme/main.kdsl": text }),
    path: "acme/main.kdsl",
  });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const said = emitDocs(checked, checked.program.root);
  const path = join(folder, "main.md");
  if (process.env.UPDATE === "1") writeFileSync(path, said);
  expect(said).toBe(existsSync(path) ? readFileSync(path, "utf8") : "");
});

test("what a template makes is called as in the cluster", () => {
  const text = `template Space(tenant: String) {
  namespace "for-{tenant}" as inner { account bot {} }
  config "3scale" as scale { level: "info" }
}
`;
  const { checked } = inspect({ fileSystem: memoryFileSystem({ "main.kdsl": text }), path: "main.kdsl" });
  expect(emitDocs(checked, checked.program.root)).toContain(
    "`Space x { … }` makes namespace `x-for-{tenant}` and config `x-3scale`.",
  );
});
