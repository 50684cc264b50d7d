import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";
// @ts-expect-error: a script without types
import { shapes } from "../../bench/applications.mjs";
import { type Compilation, compile } from "../../compiler/compile.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { canonicalText } from "../../compiler/plan/canonical.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { parse } from "../../compiler/syntax/parse.ts";

/**
 * Objects that come from a mold are to be what they would be if each had been evaluated by itself. A policy looks into
 * every block, so that a program with one has no molds: here one that asks nothing.
 */
const policy = '\npolicy "nothing" on namespace unasked { require true }\n';

function compileText(text: string, files: Record<string, string> = {}): Compilation {
  return compile({
    fileSystem: memoryFileSystem({ ...files, "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (from, path) => posix.resolve("/project", posix.dirname(from), path),
  });
}

/** All that a compilation gives but what tells of the text itself. */
function result({ plan, diagnostics }: Compilation): { plan: string; diagnostics: string } {
  const { hash: _, sources, ...rest } = plan ?? { hash: "", sources: [] };
  const shown = { ...rest, sources: sources.map(({ path }) => path) };
  return { plan: canonicalText(shown, 1), diagnostics: renderDiagnostics(diagnostics, { color: false }) };
}

function expectSame(text: string, files: Record<string, string>): void {
  expect(result(compileText(text, files))).toEqual(result(compileText(text + policy, files)));
}

const words = new Set(["rc", "pod", "service", "config", "secret", "node", "claim", "account"]);

/** The file with all its objects put where each is made several times. */
function repeated(text: string, around: (objects: string) => string): string | undefined {
  const { module } = parse({ path: "main.kdsl", text });
  const objects = module.members.filter(
    (member) => member.kind === "declaration" && words.has(member.word.text) && !member.external,
  );
  if (objects.length === 0) return undefined;
  const taken = objects.map(({ start, end }) => text.slice(start, end)).join("\n");
  const rest = objects.reduceRight((left, { start, end }) => left.slice(0, start) + left.slice(end), text);
  return `${rest}\n${around(taken)}\n`;
}

const inLoop = (objects: string) => `for copy in ["a", "b", "c"] {\n${objects}\n}`;
const inTemplate = (objects: string) =>
  `template Copies(copy: Int = 1) {\n${objects}\n}\nCopies one { copy: 1 }\nCopies two {}\nCopies three { copy: 3 }`;

const fixtures = ["compile", "evaluate", "verify"].flatMap((kind) => {
  const root = join(import.meta.dirname, "../fixtures", kind);
  return readdirSync(root).map((name) => join(root, name));
});
const examples = join(import.meta.dirname, "../../examples");
const folders = [...fixtures, ...readdirSync(examples).map((name) => join(examples, name))].filter((folder) =>
  existsSync(join(folder, "main.kdsl")),
);

function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const texts = names.filter((name) => /\.(kdsl|txt|json)$/.test(name));
  return Object.fromEntries(texts.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe.each(folders.map((folder) => [folder.split("/").slice(-2).join("/"), folder]))("%s", (_, folder) => {
  const files = filesIn(folder);
  const text = files["main.kdsl"]!;

  test("is the same without molds", () => {
    expectSame(text, files);
  });

  test.each([
    ["a loop", inLoop],
    ["a template", inTemplate],
  ])("is the same without molds in %s", (_where, around) => {
    const several = repeated(text, around);
    if (several !== undefined) expectSame(several, files);
  });
});

test.each(Object.keys(shapes))("applications written as %s are the same without molds", (shape) => {
  expectSame(shapes[shape](40), {});
});
