import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "vitest";
import { parseAllDocuments } from "yaml";
import { compile } from "../../compiler/compile.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { writeProgram } from "../../compiler/import/write/program.ts";

test("corpus", () => {
  const dir = "/work/shared/corpus/manifests";
  let out = "";
  for (const name of readdirSync(dir)) {
    const docs = parseAllDocuments(readFileSync(`${dir}/${name}`, "utf8"));
    out += `######## ${name}\n`;
    try {
      const objects = docs.map((doc) => ({ object: doc.toJSON() })).filter(({ object }) => object);
      const { text, kept } = writeProgram(objects as never);
      out += text;
      for (const one of kept) out += `KEPT ${one.fields.join(" ")}\n`;
      const { diagnostics } = compile({
        fileSystem: { read: (path) => (path === "main.kdsl" ? text : undefined), resolve: (_, to) => to },
        path: "main.kdsl",
        resolvePath: (_, path) => path,
      });
      out += renderDiagnostics(diagnostics, { color: false });
    } catch (error) {
      out += `THROWN ${(error as Error).message.split("\n")[0]}\n`;
    }
  }
  writeFileSync("/tmp/imp/out.txt", out);
});
