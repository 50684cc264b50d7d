import { describe, expect, test } from "vitest";
import { formatDiagnostics } from "../../compiler/diagnostics/format.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { diagnosticsOf, examples } from "./examples.ts";

/** What is given to machines, over all examples: each format is what its readers take. */

const all = [...examples().values()]
  .filter(({ file, before }) => file === "main.kdsl" && !before)
  .flatMap(({ text }) => diagnosticsOf(text));

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON, whose shape is what is tested
type Json = Record<string, any>;

/** The parts of SARIF 2.1.0's schema that these documents use: what is required, and of which type. */
function checkSarif(document: Json): void {
  expect(document.version).toBe("2.1.0");
  expect(document.$schema).toMatch(/^https:.*sarif-2\.1\.0\.json$/);
  for (const run of document.runs as Json[]) {
    expect(run.columnKind).toBe("utf16CodeUnits");
    expect(run.tool.driver.name).toBe("kdsl");
    const ids = (run.tool.driver.rules as Json[]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const rule of run.tool.driver.rules as Json[]) {
      expect(["error", "warning", "note", "none"]).toContain(rule.defaultConfiguration.level);
      for (const text of [rule.fullDescription, rule.help]) expect(typeof text.text).toBe("string");
    }
    for (const result of run.results as Json[]) checkResult(result, ids);
  }
}

function checkResult(result: Json, ids: readonly string[]): void {
  expect(ids[result.ruleIndex]).toBe(result.ruleId);
  expect(["error", "warning"]).toContain(result.level);
  expect(result.message.text).not.toBe("");
  expect(result.locations).toHaveLength(1);
  const related = result.relatedLocations as Json[];
  expect(new Set(related.map(({ id }) => id)).size).toBe(related.length);
  for (const { physicalLocation } of [...result.locations, ...related] as Json[]) {
    expect(() => new URL(physicalLocation.artifactLocation.uri, "file:///project/")).not.toThrow();
    checkRegion(physicalLocation.region);
  }
  for (const fix of result.fixes as Json[]) {
    expect(typeof fix.description.text).toBe("string");
    expect(fix.artifactChanges.length).toBeGreaterThan(0);
    for (const { artifactLocation, replacements } of fix.artifactChanges as Json[]) {
      expect(typeof artifactLocation.uri).toBe("string");
      expect(replacements.length).toBeGreaterThan(0);
      for (const { deletedRegion, insertedContent } of replacements as Json[]) {
        checkRegion(deletedRegion);
        expect(typeof insertedContent.text).toBe("string");
      }
    }
  }
}

function checkRegion({ startLine, startColumn, endLine, endColumn }: Json): void {
  for (const each of [startLine, startColumn, endLine, endColumn]) expect(each).toBeGreaterThanOrEqual(1);
  expect(endLine > startLine || (endLine === startLine && endColumn >= startColumn)).toBe(true);
}

test("there is something to format", () => expect(all.length).toBeGreaterThan(100));

test("SARIF has the shape of its schema", () => checkSarif(JSON.parse(formatDiagnostics(all, "sarif"))));
test("SARIF of nothing too", () => checkSarif(JSON.parse(formatDiagnostics([], "sarif"))));

test("JSON reads back, with places in the file", () => {
  const found = JSON.parse(formatDiagnostics(all, "json")) as Json[];
  expect(found.map(({ code, message }) => [code, message])).toEqual(
    all.map(({ code, message }) => [code, message]),
  );
});

test("GitHub's commands are one line each, whatever stands in them", () => {
  const lines = formatDiagnostics(all, "github").trimEnd().split("\n");
  expect(lines).toHaveLength(all.length);
  const form =
    /^::(error|warning) file=[^,:]+,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,title=KD\d{4}::[^\r\n]+$/;
  expect(lines.filter((line) => !form.test(line))).toEqual([]);
});

describe("columns", () => {
  // Of two code units, wide on a terminal, and a tab before what is marked.
  const text = 'config settings {\n\ta: "😀 漢", b: missing\n}\n';

  test("are UTF-16 code units for machines", () => {
    const [found] = JSON.parse(formatDiagnostics(diagnosticsOf(text), "json")) as Json[];
    const { start, end } = found!.primary;
    expect([start, end]).toEqual([
      { line: 2, column: 16 },
      { line: 2, column: 23 },
    ]);
    expect(text.split("\n")[1]!.slice(start.column - 1, end.column - 1)).toBe("missing");
  });

  test("are what a terminal shows for people", () => {
    const [, , , line, carets] = renderDiagnostics(diagnosticsOf(text), { color: false }).split("\n");
    expect(line).toBe('2│     a: "😀 漢", b: missing');
    // The emoji and the ideograph take two columns each.
    expect(carets).toBe(` │${" ".repeat(20)}^^^^^^^`);
  });
});
