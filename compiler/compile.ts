import type { Plan } from "../model/plan.ts";
import type { Parse } from "./binder/modules.ts";
import { withDollars, withoutConsequences } from "./diagnostics/consequences.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { withUses } from "./diagnostics/uses.ts";
import type { ParameterFile } from "./evaluate/parameters.ts";
import { evaluateProgram } from "./evaluate/program.ts";
import type { ManifestModules } from "./manifest-modules.ts";
import { withHash } from "./plan/canonical.ts";
import { lower } from "./plan/lower.ts";
import type { FileSystem, SourceFile } from "./source/source.ts";
import { parse } from "./syntax/parse.ts";
import { blockSchemas } from "./types/blocks/index.ts";
import type { Baseline } from "./verify/changes/baseline.ts";
import { verifyChanges } from "./verify/changes/changes.ts";
import type { Change } from "./verify/changes/compare.ts";
import { verifyScenarios } from "./verify/scenarios/verify-scenarios.ts";
import { verify } from "./verify/verify.ts";

export interface CompileOptions {
  readonly fileSystem: FileSystem;
  /** The file to compile, as `fileSystem` reads it and diagnostics show it. */
  readonly path: string;
  /** Values of parameters, as texts (`--set name=value`). */
  readonly set?: Readonly<Record<string, string>>;
  /** Values of parameters from files, the strongest last. */
  readonly params?: readonly ParameterFile[];
  /** The file's profile that is chosen. */
  readonly profile?: string;
  /** Whether modules and files outside of the project (the directory of the nearest `kdsl.json`) may be read. */
  readonly allowOutside?: boolean;
  /** `path` as written in the file `from`, seen from that file's directory, made absolute. */
  readonly resolvePath: (from: string, path: string) => string;
  /** An earlier plan, or a cluster's objects: what would change is told, and what of it is impossible. */
  readonly against?: Baseline;
  /** In place of the parser: one that remembers (workspace/). */
  readonly parse?: Parse;
  /** Reads what a `use` names that is Kubernetes YAML or JSON. */
  readonly manifests?: ManifestModules;
}

export interface Compilation {
  /** Only where nothing was an error. */
  readonly plan?: Plan;
  /** In place of `plan`: one whose cluster cannot be as it says, for what asks why. */
  readonly draft?: Plan;
  /** Errors and warnings, in the order of the files and of the places in them. */
  readonly diagnostics: Diagnostic[];
  /** Every file that was read, the compiled one first. */
  readonly files: readonly SourceFile[];
  /** With `against`, where nothing was an error before. */
  readonly changes?: readonly Change[];
}

/**
 * From a file to its plan: parse, bind, check, evaluate, lower, verify. Never throws for bad input; the same input
 * gives the same bytes. A phase with errors ends the way, so that no mistake is reported by what follows from it.
 */
export function compile(options: CompileOptions): Compilation {
  const { path, set, allowOutside, resolvePath, manifests } = options;
  const program = evaluateProgram({
    fileSystem: manifests?.fileSystem ?? options.fileSystem,
    path,
    parse: options.parse ?? parse,
    schemas: blockSchemas,
    ...(set === undefined ? {} : { set }),
    ...(options.params === undefined ? {} : { params: options.params }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(allowOutside === undefined ? {} : { allowOutside }),
  });
  const evaluated = manifests?.evaluated(program) ?? program;
  const { files } = evaluated;
  const diagnostics = [...evaluated.diagnostics];
  const end = (plan?: Plan, changes?: readonly Change[]): Compilation => ({
    ...(plan && { [hasErrors(diagnostics) ? "draft" : "plan"]: plan }),
    diagnostics: inOrder(withDollars(diagnostics), files),
    files,
    ...(changes && { changes }),
  });
  if (hasErrors(diagnostics)) return end();
  const written = lower(evaluated.program, { path, files: program.files, resolvePath });
  const lowered = manifests?.lowered(written, evaluated.program) ?? written;
  diagnostics.push(...lowered.diagnostics.map((one) => withUses(one, files)));
  if (hasErrors(diagnostics)) return { diagnostics: inOrder(withoutConsequences(diagnostics), files), files };
  const { plan, spans } = lowered;
  const { scenarios } = evaluated.program;
  const found = [...verify({ plan, spans }), ...verifyScenarios({ plan, spans }, scenarios)];
  diagnostics.push(...found.map((one) => withUses(one, files)));
  if (!options.against || hasErrors(diagnostics)) return end(withHash(plan));
  const changed = verifyChanges({ plan, spans }, options.against);
  diagnostics.push(...changed.diagnostics.map((one) => withUses(one, files)));
  return end(withHash(plan), changed.changes);
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

function inOrder(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]): Diagnostic[] {
  const rank = ({ primary: { span } }: Diagnostic) => files.indexOf(span.file);
  return [...diagnostics].sort(
    (left, right) => rank(left) - rank(right) || left.primary.span.start - right.primary.span.start,
  );
}
