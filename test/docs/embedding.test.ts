import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

/** docs/embedding.md: every `js` block runs as it is, in a program that has the package, and prints the `text` block below it. */
const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docs/embedding.md"), "utf8");
const programs = [...text.matchAll(/^```js\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/gm)].map(
  ([, program, printed]) => [program!, printed!] as const,
);

describe("embedding", () => {
  test.each(programs.map(([program, printed], index) => [index + 1, program, printed] as const))(
    "program %i",
    (_, input, printed) => {
      // A module of this folder knows the package by its name.
      const said = execFileSync(process.execPath, ["--input-type=module", "-"], {
        cwd: root,
        input,
        encoding: "utf8",
      });
      expect(said.trimEnd()).toBe(printed.trimEnd());
    },
  );

  test("every program says what it prints", () => {
    expect(programs).toHaveLength(text.match(/^```js$/gm)!.length);
  });
});
