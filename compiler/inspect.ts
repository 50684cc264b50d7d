import { bind } from "./binder/bind.ts";
import type { Checked } from "./checker/checked.ts";
import { declaringWords } from "./checker/kinds.ts";
import { checkProgram } from "./checker/program.ts";
import type { CompileOptions } from "./compile.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { parse } from "./syntax/parse.ts";
import { blockSchemas } from "./types/blocks/index.ts";

/** A file with all that it uses, checked and not evaluated: what every name means and what type every value has. */
export interface Inspection {
  readonly checked: Checked;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses, binds and checks a file. Never throws for bad input; what could not be understood is missing or of no type. */
export function inspect(options: Pick<CompileOptions, "fileSystem" | "path" | "allowOutside">): Inspection {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => void diagnostics.push(diagnostic);
  const program = bind({ ...options, parse, words: declaringWords(blockSchemas), report });
  return { checked: checkProgram({ program, schemas: blockSchemas, report }), diagnostics };
}
