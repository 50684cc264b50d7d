import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../compiler/compile.ts";
import type { Diagnostic, Fix } from "../../compiler/diagnostics/diagnostic.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";

/** An example of each code: a folder of some phase's fixtures whose name begins with the code. */

export const fixtures = join(import.meta.dirname, "../fixtures");

export interface Example {
  readonly code: string;
  readonly folder: string;
  /** `main.kdsl`, or `main.yaml` where YAML is what was given. */
  readonly file: string;
  readonly text: string;
  /** What is said to it, as the folder's own test holds it. */
  readonly said: string;
  /** What it was checked against. */
  readonly before?: { readonly file: string; readonly text: string };
  /** The file as it should be, where that is known. */
  readonly fixed?: string;
}

const textOf = (...path: string[]) => {
  const file = join(...path);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
};

/** By code; of several folders the first by name. */
export function examples(): ReadonlyMap<string, Example> {
  const found = new Map<string, Example>();
  for (const phase of readdirSync(fixtures).sort()) {
    for (const name of readdirSync(join(fixtures, phase)).sort()) {
      const code = /^KD\d{4}/.exec(name)?.[0];
      const folder = join(fixtures, phase, name);
      const file = ["main.kdsl", "main.yaml", "input.yaml", "compose.yaml"].find((each) =>
        existsSync(join(folder, each)),
      );
      const said = textOf(folder, "main.diagnostics") ?? textOf(folder, "diagnostics");
      if (code === undefined || file === undefined || said === undefined || found.has(code)) continue;
      const text = textOf(folder, file)!;
      const earlier = ["before.kdsl", "before.json"].find((each) => existsSync(join(folder, each)));
      const fixed =
        textOf(folder, "fixed.kdsl") ?? (file === "main.kdsl" && !earlier ? mended(code, text) : undefined);
      found.set(code, {
        code,
        folder,
        file,
        text,
        said,
        ...(earlier && { before: { file: earlier, text: textOf(folder, earlier)! } }),
        ...(fixed !== undefined && { fixed }),
      });
    }
  }
  return found;
}

export const diagnosticsOf = (text: string): readonly Diagnostic[] =>
  compile({
    fileSystem: memoryFileSystem({ "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (_, path) => `/project/${path}`,
  }).diagnostics;

const applied = (text: string, { edits }: Fix) =>
  [...edits]
    .sort((left, right) => right.span.start - left.span.start)
    .reduce((so, { span, text: by }) => so.slice(0, span.start) + by + so.slice(span.end), text);

/** The text after the first edit that is offered and that leaves nothing to say. */
function mended(code: string, text: string): string | undefined {
  for (const diagnostic of diagnosticsOf(text)) {
    if (diagnostic.code !== code) continue;
    for (const fix of diagnostic.fixes) {
      const after = fix.edits.length > 0 ? applied(text, fix) : text;
      if (after !== text && diagnosticsOf(after).length === 0) return after;
    }
  }
  return undefined;
}

/** The lines of two texts that differ, as a diff shows them; what both begin and end with is left out. */
export function changedLines(before: string, after: string): string {
  const [left, right] = [before.trimEnd().split("\n"), after.trimEnd().split("\n")];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  while (
    end < left.length - start &&
    end < right.length - start &&
    left[left.length - 1 - end] === right[right.length - 1 - end]
  )
    end++;
  return [
    ...left.slice(start, left.length - end).map((line) => `- ${line}`),
    ...right.slice(start, right.length - end).map((line) => `+ ${line}`),
  ].join("\n");
}
