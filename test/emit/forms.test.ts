import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { emitGraph } from "../../compiler/emit/graph.ts";
import { emitJson } from "../../compiler/emit/json.ts";
import { emitSymbols, emitTypes } from "../../compiler/emit/symbols.ts";
import { emitTokens } from "../../compiler/emit/tokens.ts";
import { emitConcreteTree, emitTree } from "../../compiler/emit/tree.ts";
import { inspect } from "../../compiler/inspect.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { parse } from "../../compiler/syntax/parse.ts";

/** What `kdsl compile --emit` prints. `UPDATE=1` writes the expected texts anew. */

const root = join(import.meta.dirname, "../..");
const folder = join(root, "test/fixtures/emit/small");
const text = readFileSync(join(folder, "main.kdsl"), "utf8");
const fileSystem = memoryFileSystem({ "main.kdsl": text });
const { module } = parse({ path: "main.kdsl", text });
const { checked } = inspect({ fileSystem, path: "main.kdsl" });
const { plan } = compile({ fileSystem, path: "main.kdsl", resolvePath: (_, path) => path });

test.each([
  ["tokens", emitTokens(module.file)],
  ["cst", emitConcreteTree(module)],
  ["ast", emitTree(module)],
  ["symbols", emitSymbols(checked)],
  ["types", emitTypes(checked)],
  ["graph", emitGraph(plan!)],
  ["json", emitJson(plan!)],
])("--emit %s", (form, printed) => {
  const path = join(folder, `main.${form}`);
  if (process.env.UPDATE === "1") writeFileSync(path, printed);
  expect(printed).toBe(existsSync(path) ? readFileSync(path, "utf8") : "");
});

test("a graph shows what lives outside, and whatever pods need of it", () => {
  const outside = `external service billing { port http: 443 }
external secret login { keys: ["password"] }
external config settings { keys: ["level"] }
external secret registry { keys: [] }
external claim data {}
external account robot {}
external pod legacy { identity: { app: "legacy" } }
label app
service legacy { select: legacy, port http: 80 -> 8080 }
pod web {
  identity: { app: "web" }
  account: robot
  imagePullSecrets: [registry]
  volume data: claim(data)
  volume all: projected(sources: [{ configMap: { name: "settings" } }])
  container server {
    image: "web:1"
    env: { BILLING: billing.host, PASSWORD: login.password }
    mount data at "/data"
    mount all at "/all"
  }
}
`;
  const files = memoryFileSystem({ "main.kdsl": outside });
  const compiled = compile({ fileSystem: files, path: "main.kdsl", resolvePath: (_, path) => path });
  const lines = emitGraph(compiled.plan!).split("\n");
  const nodeOf = (text: string) => /n\d+/.exec(lines.find((line) => line.includes(`"${text}"`)) ?? "")?.[0];
  const joined = (from: string, text: string, to: string) =>
    lines.some((line) => new RegExp(`^  ${nodeOf(from)} -\\.?->\\|${text}\\| ${nodeOf(to)}$`).test(line));
  expect(joined("pod web", "calls", "external service billing")).toBe(true);
  expect(joined("pod web", "reads", "external secret login")).toBe(true);
  expect(joined("pod web", "mounts", "external config settings")).toBe(true);
  expect(joined("pod web", "mounts", "external claim data")).toBe(true);
  expect(joined("pod web", "acts as", "external account robot")).toBe(true);
  expect(joined("pod web", "pulls with", "external secret registry")).toBe(true);
  expect(joined("service legacy", "80", "external pod legacy")).toBe(true);
  expect(lines.filter((line) => line.startsWith("  class n"))).toHaveLength(1);
});

/** Every `.kdsl` file of the repository that belongs to a fixture or an example, also those with mistakes. */
const sources = ["examples", "stdlib", "test/fixtures"].flatMap((name) =>
  readdirSync(join(root, name), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".kdsl"))
    .map((file) => join(name, file)),
);

const withoutSpace = (written: string) => written.replace(/[\s\ufeff]/g, "");

describe("the leaves of a concrete tree are the file", () => {
  test.each(sources)("%s", (path) => {
    const file = { path, text: readFileSync(join(root, path), "utf8") };
    const { module: tree, diagnostics } = parse(file);
    const leaves = emitConcreteTree(tree)
      .split("\n")
      .filter((line) => line.trimStart().startsWith('"'))
      .map((line) => JSON.parse(line.trim()) as string);
    emitTree(tree);
    // What is no token at all is left out of the tree and reported.
    if (diagnostics.length === 0) expect(withoutSpace(leaves.join(""))).toBe(withoutSpace(file.text));
  });
});
