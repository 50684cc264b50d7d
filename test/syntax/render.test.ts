import { describe, expect, test } from "vitest";
import { allEntries } from "../../compiler/diagnostics/catalog/index.ts";
import type { Diagnostic, Label } from "../../compiler/diagnostics/diagnostic.ts";
import { formatDiagnostics } from "../../compiler/diagnostics/format.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import type { SourceFile } from "../../compiler/source/source.ts";
import { parse } from "../../compiler/syntax/parse.ts";

function label(file: SourceFile, found: string, text?: string, to = found): Label {
  const start = file.text.indexOf(found);
  const end = file.text.indexOf(to, start) + to.length;
  return { span: { file, start, end }, ...(text === undefined ? {} : { text }) };
}

function diagnostic(primary: Label, more: Partial<Diagnostic> = {}): Diagnostic {
  return {
    code: "KD3102",
    severity: "error",
    message: "wrong",
    primary,
    secondary: [],
    notes: [],
    fixes: [],
    ...more,
  };
}

function shown(value: Diagnostic, width?: number): string[] {
  return renderDiagnostics([value], { color: false, ...(width && { width }) })
    .split("\n")
    .slice(1, -1);
}

const shop: SourceFile = {
  path: "shop.kdsl",
  text: `${"\n".repeat(29)}      port http: 8080\n${"\n".repeat(21)}  port http: 80 -> htpt\n`,
};

test("an error looks as it is designed", () => {
  const message = "service `web` sends port `http` to `htpt`, which no selected pod offers";
  const text = renderDiagnostics(
    [
      diagnostic(label(shop, "htpt", "not a port of rc `web`"), {
        message,
        secondary: [label(shop, "http", "`server` offers `http`")],
        fixes: [{ title: "did you mean `http`?", edits: [] }],
      }),
    ],
    { color: false },
  );
  expect(text).toBe(`error[KD3102]: ${message}
  ┌─ shop.kdsl:52:20
  │
52│   port http: 80 -> htpt
  │                    ^^^^ not a port of rc \`web\`
  │
30│       port http: 8080
  │            ---- \`server\` offers \`http\`
  = help: did you mean \`http\`?
`);
});

describe("places", () => {
  const file: SourceFile = {
    path: "a.kdsl",
    text: 'one two three\n\tx: "漢字é" + y\nrc a {\n  b: 1\n  c: 2\n}\n',
  };

  test("several on one line stand together", () => {
    const both = diagnostic(label(file, "two", "the second"), {
      secondary: [label(file, "three", "the third"), label(file, "one", "the first")],
    });
    expect(shown(both)).toEqual([
      " ┌─ a.kdsl:1:5",
      " │",
      "1│ one two three",
      " │ --- ^^^ ----- the third",
      " │ │   the second",
      " │ the first",
    ]);
  });

  test("tabs and wide characters keep marks in their place", () => {
    expect(shown(diagnostic(label(file, "y", "here")))).toEqual([
      " ┌─ a.kdsl:2:13",
      " │",
      '2│     x: "漢字é" + y',
      " │                  ^ here",
    ]);
    expect(shown(diagnostic(label(file, "字"))).at(-1)).toBe(" │           ^^");
  });

  test("a span of several lines is marked at both ends", () => {
    expect(shown(diagnostic(label(file, "{", "this block", "}")))).toEqual([
      " ┌─ a.kdsl:3:6",
      " │",
      "3│ rc a {",
      " │      ^",
      " ·",
      "6│ }",
      " │ ^ this block",
    ]);
  });

  test("each file has its own head", () => {
    const other: SourceFile = { path: "lib/b.kdsl", text: "\n\nlet x = 1\n" };
    const two = diagnostic(label(file, "two"), {
      secondary: [label(other, "x", "declared here")],
      notes: ["a\nb"],
    });
    expect(shown(two)).toEqual([
      " ┌─ a.kdsl:1:5",
      " │",
      "1│ one two three",
      " │     ^^^",
      " │",
      " ┌─ lib/b.kdsl:3:5",
      " │",
      "3│ let x = 1",
      " │     - declared here",
      " = note: a",
      "         b",
    ]);
  });

  test("an empty place has a mark too, also at the end of the file", () => {
    const end = file.text.length;
    expect(shown(diagnostic({ span: { file, start: end, end } }))).toEqual([
      " ┌─ a.kdsl:7:1",
      " │",
      "7│",
      " │ ^",
    ]);
  });

  test("a long line is cut around its mark", () => {
    const long: SourceFile = {
      path: "l.kdsl",
      text: `let a = "${"x".repeat(300)}" + wrong + "${"y".repeat(300)}"\n`,
    };
    const lines = shown(diagnostic(label(long, "wrong", "here")), 60);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(66);
    const [source = "", marks = ""] = lines.slice(2);
    expect(source.slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1)).toBe("wrong");
    expect(source).toMatch(/│ ….*…$/);
  });

  test("what a terminal would act upon is not printed", () => {
    const hostile: SourceFile = { path: "h.kdsl", text: "a \u001b[31m \u202e b\n" };
    expect(shown(diagnostic(label(hostile, "b"))).join("")).not.toMatch(/[\u001b\u202e]/);
  });
});

test("colours only when asked for, and the text stays the same", () => {
  const value = diagnostic(label(shop, "htpt", "no"), { severity: "warning", notes: ["because"] });
  const colored = renderDiagnostics([value], { color: true });
  expect(colored).toContain("\u001b[1;33mwarning[KD3102]\u001b[0m");
  expect(colored.replace(/\u001b\[[\d;]*m/g, "")).toBe(renderDiagnostics([value], { color: false }));
  expect(renderDiagnostics([], { color: true })).toBe("");
});

describe("for machines", () => {
  const text = "let a = 64MiB\n";
  const { diagnostics } = parse({ path: "dir/a b,c.kdsl", text });

  test("json", () => {
    expect(JSON.parse(formatDiagnostics(diagnostics, "json"))).toEqual([
      {
        code: "KD1007",
        severity: "error",
        message: "`64MiB` has an unknown unit, `MiB`",
        primary: { file: "dir/a b,c.kdsl", start: { line: 1, column: 9 }, end: { line: 1, column: 14 } },
        secondary: [],
        notes: [],
        fixes: [
          {
            title: "did you mean `64Mi`?",
            safe: false,
            edits: [
              {
                file: "dir/a b,c.kdsl",
                start: { line: 1, column: 9 },
                end: { line: 1, column: 14 },
                text: "64Mi",
              },
            ],
          },
        ],
      },
    ]);
  });

  test("github", () => {
    expect(formatDiagnostics(diagnostics, "github")).toBe(
      "::error file=dir/a b%2Cc.kdsl,line=1,endLine=1,col=9,endColumn=14,title=KD1007::`64MiB` has an unknown unit, `MiB`%0Ahelp: did you mean `64Mi`?\n",
    );
  });

  test("sarif", () => {
    const [run] = JSON.parse(formatDiagnostics(diagnostics, "sarif")).runs;
    expect(run.tool.driver.rules.map((rule: { id: string }) => rule.id)).toEqual(["KD1007"]);
    expect(run.results[0]).toMatchObject({
      ruleId: "KD1007",
      ruleIndex: 0,
      level: "error",
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "dir/a%20b%2Cc.kdsl" },
            region: { startLine: 1, startColumn: 9, endLine: 1, endColumn: 14 },
          },
        },
      ],
    });
  });
});

describe("the catalog", () => {
  test("codes are unique and well formed", () => {
    const codes = allEntries().map((entry) => entry.code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    expect(codes.filter((code) => !/^KD[1-6]\d{3}$/.test(code))).toEqual([]);
    expect(codes.length).toBeGreaterThan(20);
  });

  test("every entry says why and what to do", () => {
    for (const { code, cause, fix } of allEntries()) {
      expect(cause.length, code).toBeGreaterThan(10);
      expect(fix.length, code).toBeGreaterThan(10);
    }
  });
});
