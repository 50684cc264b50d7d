import { lineMap } from "../source/line-map.ts";
import type { Span } from "../source/source.ts";
import { allEntries } from "./catalog/index.ts";
import type { Diagnostic, Edit } from "./diagnostic.ts";

/** `json`: an array; `sarif`: SARIF 2.1.0 as code scanning takes it; `github`: workflow commands, one line each. */
export type DiagnosticFormat = "json" | "sarif" | "github";

/** Diagnostics for machines. Lines and columns count from 1, columns in UTF-16 code units; ends are exclusive. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], format: DiagnosticFormat): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(diagnostics.map(plainDiagnostic), null, 2)}\n`;
    case "sarif":
      return `${JSON.stringify(sarif(diagnostics), null, 2)}\n`;
    case "github":
      return diagnostics.map((diagnostic) => `${command(diagnostic)}\n`).join("");
  }
}

function place(span: Span) {
  const map = lineMap(span.file);
  return { file: span.file.path, start: map.position(span.start), end: map.position(span.end) };
}

function plainDiagnostic(diagnostic: Diagnostic) {
  const { code, severity, message, primary, secondary, notes, fixes } = diagnostic;
  return {
    code,
    severity,
    message,
    primary: { ...place(primary.span), text: primary.text },
    secondary: secondary.map((label) => ({ ...place(label.span), text: label.text })),
    notes,
    fixes: fixes.map(({ title, edits, safe = false }) => ({
      title,
      safe,
      edits: edits.map((edit) => ({ ...place(edit.span), text: edit.text })),
    })),
  };
}

function sarif(diagnostics: readonly Diagnostic[]) {
  const used = new Set(diagnostics.map((diagnostic) => diagnostic.code));
  const rules = allEntries().filter((entry) => used.has(entry.code));
  const rank = new Map(rules.map((rule, index) => [rule.code, index]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "kdsl",
            rules: rules.map(({ code, severity, cause, fix }) => ({
              id: code,
              defaultConfiguration: { level: severity },
              fullDescription: { text: cause },
              help: { text: fix },
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((diagnostic) => sarifResult(diagnostic, rank.get(diagnostic.code))),
      },
    ],
  };
}

function sarifResult(diagnostic: Diagnostic, ruleIndex: number | undefined) {
  const { code, severity, message, primary, secondary, notes, fixes } = diagnostic;
  const said = [message, ...(primary.text === undefined ? [] : [primary.text]), ...notes].join("\n");
  return {
    ruleId: code,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: severity,
    message: { text: said },
    locations: [{ physicalLocation: physical(primary.span) }],
    relatedLocations: secondary.map((label, id) => ({
      id,
      physicalLocation: physical(label.span),
      ...(label.text === undefined ? {} : { message: { text: label.text } }),
    })),
    fixes: fixes
      .filter((fix) => fix.edits.length > 0)
      .map(({ title, edits, safe = false }) => ({
        description: { text: title },
        artifactChanges: artifactChanges(edits),
        properties: { safe },
      })),
  };
}

/** One change for each file, with all that is replaced in it. */
function artifactChanges(edits: readonly Edit[]) {
  const paths = [...new Set(edits.map(({ span }) => span.file.path))];
  return paths.map((path) => ({
    artifactLocation: { uri: uri(path) },
    replacements: edits
      .filter(({ span }) => span.file.path === path)
      .map(({ span, text }) => ({ deletedRegion: region(span), insertedContent: { text } })),
  }));
}

function physical(span: Span) {
  return { artifactLocation: { uri: uri(span.file.path) }, region: region(span) };
}

function region(span: Span) {
  const { start, end } = place(span);
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

function uri(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** A GitHub workflow command, with the escapes that its syntax asks for. */
function command(diagnostic: Diagnostic): string {
  const { code, severity, message, primary, notes, fixes } = diagnostic;
  const { file, start, end } = place(primary.span);
  const text = [message, primary.text, ...notes, ...fixes.map((fix) => `help: ${fix.title}`)].filter(
    (line) => line !== undefined,
  );
  const properties = Object.entries({
    file,
    line: start.line,
    endLine: end.line,
    col: start.column,
    endColumn: end.column,
    title: code,
  }).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${severity} ${properties.join(",")}::${escapeData(text.join("\n"))}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
