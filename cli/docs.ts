import { library } from "../compiler/binder/library.ts";
import { emitDocs } from "../compiler/emit/docs.ts";
import { inspect } from "../compiler/inspect.ts";
import { memoryFileSystem } from "../compiler/source/memory.ts";
import { hasColor } from "./color.ts";
import { type CompileFlags, countDiagnostics, inspectFile, showDiagnostics } from "./compile-file.ts";
import { CommandError, exitCodes } from "./error.ts";

/** `kdsl docs FILE`: what a module offers, as Markdown. `std/…` is a module of the library. */
export async function docs(path: string, flags: CompileFlags): Promise<number> {
  if (path === "std") {
    for (const name of Object.keys(library)) console.log(name);
    return exitCodes.success;
  }
  if (/^std\//.test(path)) return docsOfLibrary(path);
  const { checked, diagnostics } = await inspectFile(path, flags);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    process.stderr.write(showDiagnostics(errors, "text", hasColor(process.stderr)));
    console.error(countDiagnostics(errors));
    return exitCodes.failure;
  }
  process.stdout.write(emitDocs(checked, checked.program.root));
  return exitCodes.success;
}

function docsOfLibrary(path: string): number {
  if (!Object.hasOwn(library, path))
    throw new CommandError(
      `the library has no module ${path}`,
      exitCodes.failure,
      `it has ${Object.keys(library).join(", ")}`,
    );
  const fileSystem = memoryFileSystem({ "docs.kdsl": `use ${path} as shown\n` });
  const { checked } = inspect({ fileSystem, path: "docs.kdsl" });
  const module = checked.program.modules.find(({ title }) => title === path)!;
  process.stdout.write(emitDocs(checked, module));
  return exitCodes.success;
}
