import { existsSync } from "node:fs";
import { library } from "../compiler/binder/library.ts";
import { packageOf } from "../compiler/binder/packages.ts";
import { emitDocs } from "../compiler/emit/docs.ts";
import { inspect } from "../compiler/inspect.ts";
import { memoryFileSystem } from "../compiler/source/memory.ts";
import { hasColor } from "./color.ts";
import {
  type CompileFlags,
  countDiagnostics,
  inspectFile,
  inspectUse,
  showDiagnostics,
} from "./compile-file.ts";
import { CommandError, exitCodes } from "./error.ts";

/** `kdsl docs FILE`: what a module offers, as Markdown. `std/…` is a module of the library, `@acme/web` one of a package. */
export async function docs(path: string, flags: CompileFlags): Promise<number> {
  if (path === "std") {
    for (const name of Object.keys(library)) console.log(name);
    return exitCodes.success;
  }
  if (/^std\//.test(path)) return docsOfLibrary(path);
  const used = namesPackage(path);
  const { checked, diagnostics } = await (used ? inspectUse(path) : inspectFile(path, flags));
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (used && first?.primary.span.file === checked.program.root.file)
    throw new CommandError(first.message, exitCodes.failure, first.fixes[0]?.title);
  if (errors.length > 0) {
    process.stderr.write(showDiagnostics(errors, "text", hasColor(process.stderr)));
    console.error(countDiagnostics(errors));
    return exitCodes.failure;
  }
  const { root } = checked.program;
  process.stdout.write(used ? emitDocs(checked, root.uses[0]!.module, path) : emitDocs(checked, root));
  return exitCodes.success;
}

/** Whether what is asked about is a package's module rather than a file. */
function namesPackage(path: string): boolean {
  const name = existsSync(path) ? undefined : packageOf(path);
  return name !== undefined && (name.startsWith("@") || existsSync(`node_modules/${name}`));
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
