import { afterEach, expect, test, vi } from "vitest";
import { explainCommand } from "../../cli/explain.ts";
import { allEntries } from "../../compiler/diagnostics/catalog/index.ts";
import { noticeCodes } from "../../runtime/host/check/notice.ts";

afterEach(() => vi.restoreAllMocks());

function printed(code?: string): string {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  explainCommand(code);
  return lines.join("\n");
}

test("every code is explained, the compiler's and the driver's", () => {
  for (const code of [...allEntries().map((entry) => entry.code), ...Object.keys(noticeCodes)])
    expect(printed(code)).toMatch(new RegExp(`^\\w+\\[${code}\\]: .+\\n[\\s\\S]*The way out: .`));
});

test("letter case and `KD` are optional", () => {
  expect(printed("kd2103")).toBe(printed("KD2103"));
  expect(printed("2103")).toBe(printed("KD2103"));
});

test("without a code all are listed in order, each once", () => {
  const codes = printed()
    .split("\n")
    .map((line) => line.slice(0, 6));
  expect(codes).toEqual([...new Set(codes)].sort());
  expect(codes).toHaveLength(allEntries().length + Object.keys(noticeCodes).length);
});

test("a code that does not exist is an error that names those that look like it", () => {
  const refused = (code: string) => {
    try {
      explainCommand(code);
    } catch (error) {
      return error;
    }
    return undefined;
  };
  expect(refused("KD2130")).toMatchObject({ exitCode: 1, help: expect.stringContaining("KD21") });
  expect(refused("what")).toMatchObject({ exitCode: 1, help: expect.stringContaining("kdsl explain") });
});
