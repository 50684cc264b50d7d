import { fileProblem } from "../diagnostics/catalog/evaluate.ts";
import { outsideProject } from "../diagnostics/catalog/projects.ts";
import type { Span } from "../source/source.ts";
import { type Evaluator, errorValue, type Frame, report, spend } from "./context.ts";
import { textValue } from "./text.ts";
import type { Value } from "./value.ts";

/** The text of a file beside the source, for a config. It is a source like a module: inside the project, and hashed. */
export function takeFile(evaluator: Evaluator, path: string, place: Span, frame: Frame): Value {
  const refuse = (problem: string): Value => {
    report(evaluator, place, (at) => fileProblem(at, { path, problem }));
    return errorValue;
  };
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path) || path.includes("\0"))
    return refuse("the path is not relative to this file");
  const resolved = evaluator.fileSystem.resolve(frame.module.file.path, path);
  const { home } = frame.module;
  if (!evaluator.allowOutside && !evaluator.fileSystem.contains(home, resolved)) {
    report(evaluator, place, (at) => outsideProject(at, { path, home }));
    return errorValue;
  }
  const text = evaluator.fileSystem.read(resolved);
  if (text === undefined) return refuse("there is no such file that can be read");
  spend(evaluator, () => place, text.length);
  if (text.length > 1_048_576) return refuse("it is larger than the 1 MiB that Kubernetes takes");
  evaluator.files.set(resolved, { path: resolved, text });
  return textValue(text);
}
