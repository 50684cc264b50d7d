import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";

/**
 * docs/tour.md: every `kdsl` block is a whole file that compiles without a word, and every `kdsl wrong` block is told
 * what the `text` block below it says, or begins with it.
 */
const text = readFileSync(join(import.meta.dirname, "../../docs/tour.md"), "utf8");
const blocks = [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, kind, content]) => ({
  kind: kind!.trim(),
  content: content!,
}));

function said(file: string): string {
  const { diagnostics } = compile({
    fileSystem: memoryFileSystem({ "main.kdsl": file }),
    path: "main.kdsl",
    resolvePath: (_, path) => `/project/${path}`,
  });
  return renderDiagnostics(diagnostics, { color: false });
}

describe("the tour", () => {
  const right = blocks.filter(({ kind }) => kind === "kdsl");
  test.each(right.map(({ content }, index) => [index + 1, content] as const))("file %i", (_, content) => {
    expect(said(content)).toBe("");
  });

  const wrong = blocks.flatMap(({ kind, content }, index) =>
    kind === "kdsl wrong" ? [[content, blocks[index + 1]!] as const] : [],
  );
  test.each(wrong.map(([content, message], index) => [index + 1, content, message] as const))(
    "mistake %i",
    (_, content, message) => {
      expect(message.kind).toBe("text");
      expect(said(content).slice(0, message.content.trimEnd().length)).toBe(message.content.trimEnd());
    },
  );

  test("has both", () => {
    expect(right.length).toBeGreaterThan(2);
    expect(wrong.length).toBeGreaterThan(2);
  });
});
