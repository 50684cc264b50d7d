import { basename, dirname, relative, resolve } from "node:path";
import { emitTypeScript } from "../compiler/emit/typescript.ts";
import type { Emitted } from "./compile.ts";
import { type CompileFlags, compileInput } from "./compile-file.ts";
import { CommandError, exitCodes } from "./error.ts";

/**
 * `kdsl compile --emit ts`: the plan as a module with its types and a source map. The output's ending says which:
 * `.ts` is one file of TypeScript, `.mjs` and `.js` are JavaScript with the types beside it. Without an output it is
 * TypeScript, printed.
 */
export async function compileTypeScript(
  path: string,
  flags: CompileFlags,
  output: string | undefined,
): Promise<Emitted> {
  const ending = /\.(ts|mts|js|mjs)$/.exec(output ?? ".ts")?.[1];
  if (!ending)
    throw new CommandError(
      `--emit ts writes a module: ${output} has to end in .ts, .mts, .mjs or .js`,
      exitCodes.usage,
    );
  const { plan, diagnostics, files } = await compileInput(path, flags);
  if (!plan) return { text: undefined, diagnostics };
  const file = basename(output ?? "module.ts");
  const folder = dirname(resolve(output ?? "module.ts"));
  const emitted = emitTypeScript(plan, {
    morph: await loadMorph(),
    sources: files,
    file,
    pathOf: (source) => relative(folder, resolve(source)),
  });
  const typed = ending.endsWith("ts");
  const code = typed ? emitted.typescript : emitted.javascript;
  if (output === undefined) return { text: code, diagnostics };
  const beside = { [`${output}.map`]: emitted.map };
  if (!typed) beside[output.replace(/\.(m?)js$/, ".d.$1ts")] = emitted.declarations;
  return { text: `${code}//# sourceMappingURL=${file}.map\n`, diagnostics, beside };
}

async function loadMorph(): Promise<typeof import("ts-morph")> {
  try {
    return await import("ts-morph");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new CommandError(
      "--emit ts needs ts-morph, which is not installed",
      exitCodes.failure,
      "npm install --save-dev ts-morph",
    );
  }
}
