import { nearest } from "../../base/edit-distance.ts";
import { badProject, unknownEdition } from "../diagnostics/catalog/projects.ts";
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import type { FileSystem, SourceFile, Span } from "../source/source.ts";

/** The editions of the language that this compiler knows. An edition's meaning never changes. */
export const editions = ["2026"] as const;

const keys = ["edition"];

/** How far up from a file its `kdsl.json` is looked for. */
const mostLevels = 40;

/**
 * The directory that a file's modules may lie in: that of the nearest `kdsl.json` above the file, else the file's own.
 * A `kdsl.json` that cannot be used is reported, and its directory counts all the same.
 */
export function projectRoot(
  fileSystem: FileSystem,
  path: string,
  report: (diagnostic: Diagnostic) => void,
): string {
  let up = "./";
  let last = "";
  for (let level = 0; level < mostLevels; level++, up = level === 1 ? "../" : `../${up}`) {
    const candidate = fileSystem.resolve(path, `${up}kdsl.json`);
    if (candidate === last) break;
    last = candidate;
    const text = fileSystem.read(candidate);
    if (text === undefined) continue;
    checkProject({ path: candidate, text }, report);
    return fileSystem.resolve(candidate, ".");
  }
  return fileSystem.resolve(path, ".");
}

/** Says what is wrong with the `kdsl.json` of a directory, if there is one. */
export function checkProjectIn(
  fileSystem: FileSystem,
  directory: string,
  report: (diagnostic: Diagnostic) => void,
): void {
  const path = fileSystem.resolve(`${directory === "" ? "." : directory}/package.json`, "./kdsl.json");
  const text = fileSystem.read(path);
  if (text !== undefined) checkProject({ path, text }, report);
}

/** Says what is wrong with a `kdsl.json`. */
function checkProject(file: SourceFile, report: (diagnostic: Diagnostic) => void): void {
  const whole: Span = { file, start: 0, end: file.text.length };
  let content: unknown;
  try {
    content = JSON.parse(file.text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it cannot be read";
    report(badProject(placeOf(reason, file), { problem: "it is no JSON" }, { notes: [reason] }));
    return;
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    report(badProject(whole, { problem: "it holds no object" }));
    return;
  }
  for (const key of Object.keys(content)) {
    if (keys.includes(key)) continue;
    const meant = nearest(key, keys);
    const at = quoted(file, key);
    const edits = meant ? [{ span: at, text: JSON.stringify(meant) }] : [];
    const fixes: Fix[] = meant ? [{ title: `did you mean \`${meant}\`?`, edits }] : [];
    report(badProject(at, { problem: `it takes no \`${key}\`` }, { fixes }));
    return;
  }
  const { edition } = content as { edition?: unknown };
  if (edition === undefined)
    report(badProject(whole, { problem: `it pins no edition: \`"edition": "${editions.at(-1)}"\`` }));
  else if (!editions.some((known) => known === edition))
    report(unknownEdition(quoted(file, "edition"), { edition: String(edition), known: editions }));
}

/** Where JSON's own message says that the mistake is; the beginning where it does not. */
function placeOf(reason: string, file: SourceFile): Span {
  const at = Math.min(Number(/position (\d+)/.exec(reason)?.[1] ?? 0), file.text.length);
  return { file, start: at, end: Math.min(at + 1, file.text.length) };
}

function quoted(file: SourceFile, key: string): Span {
  const text = JSON.stringify(key);
  const start = Math.max(0, file.text.indexOf(text));
  return { file, start, end: Math.min(file.text.length, start + text.length) };
}
