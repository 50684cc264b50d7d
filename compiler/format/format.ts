import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { SourceFile } from "../source/source.ts";
import type { Module } from "../syntax/ast.ts";
import { parse } from "../syntax/parse.ts";
import { render } from "./layout.ts";
import { writeModule } from "./members.ts";
import { piecesOf } from "./pieces.ts";
import { sameTree } from "./same-tree.ts";
import { Writer } from "./writer.ts";

/** Lines are broken where they would be longer, and can be. */
export const lineWidth = 100;

/** The file in the one style of the language, or what keeps it from being read. */
export type Formatted =
  | { readonly text: string }
  | { readonly text?: undefined; readonly diagnostics: readonly Diagnostic[] };

/**
 * Lays a file out in the one style of the language. What is written stays as it is: names, strings, numbers, the order,
 * every comment, and what stood over several lines. A file that cannot be read is not formatted. The result is read
 * again before it is given, and means the same.
 */
export function format(file: SourceFile): Formatted {
  const first = parse(file);
  if (first.diagnostics.some((diagnostic) => diagnostic.severity === "error")) {
    return { diagnostics: first.diagnostics };
  }
  const text = plainLines(file.text);
  const module = text === file.text ? first.module : parse({ ...file, text }).module;
  const meansTheSame = (candidate: string) => {
    const { module: again, diagnostics } = parse({ ...file, text: candidate });
    return !diagnostics.some(({ severity }) => severity === "error") && sameTree(module, again);
  };
  // A shape that the layouts below do not know keeps its lines.
  const candidates = [() => layOut(module), () => setMargins(text)];
  for (const candidate of candidates) {
    const laidOut = candidate();
    if (meansTheSame(laidOut)) return { text: laidOut };
  }
  return { text };
}

/** The layout of a module that was read without mistakes. Line ends in its text are `\n`. */
export function layOut(module: Module): string {
  return render(writeModule(new Writer(piecesOf(module.file.text)), module), lineWidth);
}

function setMargins(text: string): string {
  return render(new Writer(piecesOf(text)).asWritten(Number.POSITIVE_INFINITY), lineWidth);
}

/** The text without a byte order mark, and with one kind of line end. */
function plainLines(text: string): string {
  return text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
}
