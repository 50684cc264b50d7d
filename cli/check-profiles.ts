import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { type Compiled, type CompileFlags, compileInput, inspectFile } from "./compile-file.ts";
import { CommandError, exitCodes } from "./error.ts";

/** `kdsl check FILE --all-profiles`: the file as it is, then with each of its profiles; what one alone shows says so. */
export async function checkProfiles(path: string, flags: CompileFlags): Promise<Compiled> {
  if (flags.profile !== undefined)
    throw new CommandError("--profile chooses one, --all-profiles takes each in turn", exitCodes.usage);
  const base = await compileInput(path, flags);
  const { checked } = await inspectFile(path, flags);
  const names = [...checked.program.root.profiles.keys()];
  const seen = new Set(base.diagnostics.map(identity));
  const diagnostics: Diagnostic[] = [...base.diagnostics];
  for (const profile of names) {
    const compiled = await compileInput(path, { ...flags, profile });
    for (const diagnostic of compiled.diagnostics) {
      if (seen.has(identity(diagnostic))) continue;
      diagnostics.push({ ...diagnostic, notes: [...diagnostic.notes, `with \`--profile ${profile}\``] });
    }
  }
  const profiles =
    names.length > 0 ? `checked with the profiles ${names.join(", ")} too` : "it has no profiles";
  return { ...base, diagnostics, remarks: [...(base.remarks ?? []), `${base.path}: ${profiles}`] };
}

function identity({ code, message, primary: { span } }: Diagnostic): string {
  return [code, span.file.path, span.start, span.end, message].join(" ");
}
