import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { dumpProgram } from "../../compiler/evaluate/dump.ts";
import { type Evaluation, evaluateProgram } from "../../compiler/evaluate/program.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import type { SourceFile } from "../../compiler/source/source.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { blockSchemas } from "../../compiler/types/blocks/index.ts";

export function evaluateFiles(
  files: Readonly<Record<string, string>>,
  set: Readonly<Record<string, string>> = {},
): Evaluation {
  return evaluateProgram({
    fileSystem: memoryFileSystem(files),
    path: "main.kdsl",
    parse,
    set,
    schemas: blockSchemas,
  });
}

export const evaluateText = (text: string, set: Readonly<Record<string, string>> = {}): Evaluation =>
  evaluateFiles({ "main.kdsl": text }, set);

function place(file: SourceFile, offset: number): string {
  const lines = file.text.slice(0, offset).split("\n");
  return `${file.path}:${lines.length}:${lines.at(-1)!.length + 1}`;
}

/** A diagnostic in a few plain lines: what is tested is what it says and where, not how it is drawn. */
export function formatDiagnostic({
  code,
  severity,
  message,
  primary,
  secondary,
  notes,
  fixes,
}: Diagnostic): string {
  const { file, start, end } = primary.span;
  const lines = [
    `${severity}[${code}]: ${message}`,
    `  at ${place(file, start)} \`${file.text.slice(start, end).split("\n")[0]}\``,
  ];
  for (const { span, text } of secondary)
    lines.push(
      `  and ${place(span.file, span.start)} \`${span.file.text.slice(span.start, span.end).split("\n")[0]}\`${text ? ` ${text}` : ""}`,
    );
  for (const note of notes) lines.push(`  note: ${note}`);
  for (const { title, edits } of fixes)
    lines.push(`  help: ${title}${edits.map((edit) => ` [${edit.text}]`).join("")}`);
  return lines.join("\n");
}

/** The messages of all diagnostics, each with its code. */
export const messages = (evaluation: Evaluation): readonly string[] =>
  evaluation.diagnostics.map(({ code, message }) => `${code} ${message}`);

export const dump = (evaluation: Evaluation): string => dumpProgram(evaluation.program);
