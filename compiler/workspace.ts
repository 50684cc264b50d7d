import type { Parse } from "./binder/modules.ts";
import { type Compilation, type CompileOptions, compile } from "./compile.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import type { FileSystem, SourceFile } from "./source/source.ts";
import { parse } from "./syntax/parse.ts";

/**
 * Compiles files that are edited again and again: an editor's buffers, a folder that is watched. Trees are remembered
 * by file and compilations by what they read; every answer is the one that a fresh compilation would give.
 */

export type WorkspaceOptions = Omit<CompileOptions, "path">;

/** Files as they stand at one moment, and what is to be said about them. */
export interface Snapshot {
  /** What `compile` gives for this file. The same object for as long as nothing that it came from has changed. */
  compile(path: string): Compilation;
  /** What is to be said about this file: of its compilation, what stands in it. */
  diagnostics(path: string): readonly Diagnostic[];
}

export interface Workspace extends Snapshot {
  /** The file has this text, whatever the file system says. */
  setFile(path: string, text: string): void;
  /** There is no such file, whatever the file system says. */
  deleteFile(path: string): void;
  /** The file is again what the file system says. */
  releaseFile(path: string): void;
  /** The files that were set and deleted, as they are now: later changes do not reach it. */
  snapshot(): Snapshot;
}

/** What was asked of the file system, with its answer: a question that is answered alike needs no new compilation. */
interface Question {
  readonly still: (fileSystem: FileSystem) => boolean;
}

interface Remembered {
  readonly questions: readonly Question[];
  readonly compilation: Compilation;
}

/** Texts by path; `undefined` for a file that was deleted. */
type Overlay = ReadonlyMap<string, string | undefined>;

/** Makes a workspace over a file system, which is read anew at every question: nobody has to say that a file changed. */
export function createWorkspace(options: WorkspaceOptions): Workspace {
  const trees = rememberTrees();
  const compilations = new Map<string, Remembered>();
  let overlay: Overlay = new Map();

  const view = (files: Overlay): Snapshot => {
    const fileSystem = overlaid(options.fileSystem, files);
    const compilePath = (path: string): Compilation => {
      const known = compilations.get(path);
      if (known?.questions.every(({ still }) => still(fileSystem))) return known.compilation;
      const asked = recorded(fileSystem);
      const compilation = compile({ ...options, fileSystem: asked.fileSystem, parse: trees, path });
      compilations.set(path, { questions: asked.questions, compilation });
      return compilation;
    };
    return {
      compile: compilePath,
      diagnostics: (path) =>
        compilePath(path).diagnostics.filter(({ primary }) => primary.span.file.path === path),
    };
  };
  const change = (apply: (files: Map<string, string | undefined>) => void) => {
    const files = new Map(overlay);
    apply(files);
    overlay = files;
  };
  const plain = (path: string) => options.fileSystem.resolve("", path);
  return {
    setFile: (path, text) => change((files) => files.set(plain(path), text)),
    deleteFile: (path) => change((files) => files.set(plain(path), undefined)),
    releaseFile: (path) => change((files) => files.delete(plain(path))),
    snapshot: () => view(overlay),
    compile: (path) => view(overlay).compile(path),
    diagnostics: (path) => view(overlay).diagnostics(path),
  };
}

/** Parses a file only when its text is another one than last time. */
function rememberTrees(): Parse {
  const trees = new Map<string, { readonly text: string; readonly parsed: ReturnType<Parse> }>();
  return (file: SourceFile) => {
    const known = trees.get(file.path);
    if (known?.text === file.text) return known.parsed;
    const parsed = parse(file);
    trees.set(file.path, { text: file.text, parsed });
    return parsed;
  };
}

function overlaid(fileSystem: FileSystem, files: Overlay): FileSystem {
  if (files.size === 0) return fileSystem;
  const read = (path: string) => {
    const name = fileSystem.resolve("", path);
    return files.has(name) ? files.get(name) : fileSystem.read(path);
  };
  return { ...fileSystem, read };
}

/** The same file system, with a list of what it was asked. Where a path leads is a matter of paths alone. */
function recorded(fileSystem: FileSystem): { fileSystem: FileSystem; questions: Question[] } {
  const questions: Question[] = [];
  const { real } = fileSystem;
  return {
    questions,
    fileSystem: {
      ...fileSystem,
      read: (path) => {
        const text = fileSystem.read(path);
        questions.push({ still: (now) => now.read(path) === text });
        return text;
      },
      contains: (directory, path) => {
        const inside = fileSystem.contains(directory, path);
        questions.push({ still: (now) => now.contains(directory, path) === inside });
        return inside;
      },
      ...(real && {
        real: (path) => {
          const end = real(path);
          questions.push({ still: (now) => now.real?.(path) === end });
          return end;
        },
      }),
    },
  };
}
