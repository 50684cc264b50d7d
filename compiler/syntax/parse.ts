import { readModule } from "../../grammar/read.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { SourceFile } from "../source/source.ts";
import type { Expression, Member, Module, TypeNode } from "./ast.ts";
import { TreeBuilder } from "./build.ts";
import { diagnose } from "./problems.ts";

export interface Parsed {
  readonly module: Module;
  /** In the order of the text; one for each mistake, none for what follows from another. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a file into a tree. Never throws: whatever the text is, there is a tree, and what could not be read is missing
 * from it and named by a diagnostic (KD10xx).
 */
export function parse(file: SourceFile, builder = new TreeBuilder()): Parsed {
  const { members, problems } = readModule<Member, Expression, TypeNode>(file.text, builder);
  const all = builder.problems.length === 0 ? problems : [...problems, ...builder.problems];
  const diagnostics =
    all.length === 0
      ? []
      : [...all].sort((a, b) => a.start - b.start || a.end - b.end).map((problem) => diagnose(file, problem));
  const module: Module = { kind: "module", start: 0, end: file.text.length, file, members };
  return { module, diagnostics };
}
