import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { importCompose } from "../../compiler/import/compose/compose.ts";
import type { FilesBeside } from "../../compiler/import/compose/model.ts";
import { readPort } from "../../compiler/import/compose/model.ts";
import { composeCommand, readDockerfile, splitWords } from "../../compiler/import/compose/shell.ts";
import { memoryOf, seconds } from "../../compiler/import/compose/units.ts";
import { secretsFile } from "../../compiler/import/write/secrets.ts";
import { compileText } from "./support.ts";

/** `test/fixtures/import/<case>/compose.yaml` gives `main.kdsl`, which compiles, with `main.diagnostics` if it is warned of, and `secrets.env`. `UPDATE=1` writes. */

const root = join(import.meta.dirname, "../fixtures/import");
const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");

function holds(path: string, text: string): void {
  if (process.env.UPDATE && text !== read(path)) writeFileSync(path, text);
  expect(text).toBe(read(path));
}

function beside(folder: string): FilesBeside {
  const at = (path: string) => join(folder, path);
  return {
    read: (path) =>
      existsSync(at(path)) && statSync(at(path)).isFile() ? readFileSync(at(path), "utf8") : undefined,
    kind: (path) =>
      !existsSync(at(path)) ? undefined : statSync(at(path)).isDirectory() ? "directory" : "file",
    absolute: (path) => join("/home/me/shop", path),
    written: (path) => (/^[./]/.test(path) ? path : `./${path}`),
  };
}

for (const name of readdirSync(root)) {
  const folder = join(root, name);
  if (!existsSync(join(folder, "compose.yaml"))) continue;
  test(name, () => {
    const text = read(join(folder, "compose.yaml"));
    const { program, diagnostics } = importCompose({ path: "compose.yaml", text }, "shop", beside(folder));
    const said = renderDiagnostics(diagnostics, { color: false });
    if (said !== "" || existsSync(join(folder, "diagnostics"))) holds(join(folder, "diagnostics"), said);
    if (!program) return;
    holds(join(folder, "main.kdsl"), program.text);
    holds(join(folder, "secrets.env"), secretsFile(program.secrets) ?? "");
    const files = Object.fromEntries(
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((path) => statSync(join(folder, path)).isFile())
        .map((path) => [path, read(join(folder, path))]),
    );
    const compiled = compileText(program.text, files);
    expect(compiled.plan).toBeDefined();
    const warnings = join(folder, "main.diagnostics");
    const warned = renderDiagnostics(compiled.diagnostics, { color: false });
    if (warned !== "" || existsSync(warnings)) holds(warnings, warned);
  });
}

describe("what compose files write in many ways", () => {
  test("ports", () => {
    expect(readPort("8080:80")).toEqual([{ number: 80, protocol: "TCP", published: 8080 }]);
    expect(readPort("127.0.0.1:53:5353/udp")).toEqual([{ number: 5353, protocol: "UDP", published: 53 }]);
    expect(readPort(3000)).toEqual([{ number: 3000, protocol: "TCP", published: 0 }]);
    expect(readPort("9000-9001:7000-7001").map(({ number, published }) => [number, published])).toEqual([
      [7000, 9000],
      [7001, 9001],
    ]);
    expect(readPort({ target: 80, published: "8080" })).toEqual([
      { number: 80, protocol: "TCP", published: 8080 },
    ]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: compose writes its variables so.
    expect(readPort("${PORT:-8081}:80")).toEqual([{ number: 80, protocol: "TCP", published: 8081 }]);
    expect(readPort("web")).toEqual([]);
  });

  test("times and amounts", () => {
    expect([seconds("1m30s"), seconds("500ms"), seconds("0s"), seconds("soon")]).toEqual([
      90,
      1,
      0,
      undefined,
    ]);
    expect([
      memoryOf("512m"),
      memoryOf("1gb"),
      memoryOf("1.5G"),
      memoryOf(1048576),
      memoryOf("much"),
    ]).toEqual(["512Mi", "1Gi", "1536Mi", "1Mi", undefined]);
  });

  test("variables of a command are put in before its words are told apart", () => {
    /* biome-ignore-start lint/suspicious/noTemplateCurlyInString: compose writes its variables so. */
    expect(composeCommand("redis-server --save 60 1 --requirepass ${PASS:-secret}")).toEqual(
      "redis-server --save 60 1 --requirepass ${PASS:-secret}".split(" "),
    );
    expect(composeCommand("run $NAME.$PART")).toEqual(["run", "$NAME.$PART"]);
    expect(composeCommand("run ${OPTIONS:-a b}")).toEqual(["sh", "-c", "run ${OPTIONS:-a b}"]);
    expect(composeCommand("run $$HOME | less ${X}")).toEqual(["sh", "-c", "run $$HOME | less ${X}"]);
    expect(composeCommand(["run", "${X}"])).toEqual(["run", "${X}"]);
    /* biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above */
  });

  test("a health check has no longer to answer than until it is asked again", () => {
    const checked = (times: string) => {
      const text = `services: { db: { image: "db:1", healthcheck: { test: [CMD, ask]${times} } } }`;
      return importCompose({ path: "compose.yaml", text }, "shop", beside(root)).program!.text;
    };
    expect(checked(", interval: 5s")).toContain("every: 5s, timeout: 5s");
    expect(checked(", interval: 2m")).toContain("every: 2min, timeout: 30s");
    expect(checked("")).toContain("every: 30s, timeout: 30s");
    expect(checked(", interval: 5s, timeout: 10s")).toContain("every: 5s, timeout: 10s");
  });

  test("command lines and Dockerfiles", () => {
    expect(splitWords(`run --name "a b" 'c d' e\\ f`)).toEqual(["run", "--name", "a b", "c d", "e f"]);
    expect(splitWords("a && b")).toBeUndefined();
    expect(splitWords("it's")).toBeUndefined();
    const text = 'FROM a\nCMD x\nFROM b\nENTRYPOINT ["node"]\nCMD \\\n ["s.mjs"]\nEXPOSE 80 53/udp 443/tcp\n';
    expect(readDockerfile(text)).toEqual({ entrypoint: ["node"], command: ["s.mjs"], ports: [80, 443] });
  });
});
