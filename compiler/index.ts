/** The compiler as a library: pure, without `node:` imports, the same in Node and in a browser. */

export type {
  KubernetesObject,
  ObjectKey,
} from "../model/meta.ts";
export type { LocalRun, Place, Plan, SecretSource, TextPart, UpdateStrategy } from "../model/plan.ts";
export { type Compilation, type CompileOptions, compile } from "./compile.ts";
export type { Diagnostic, Edit, Fix, Label, Severity } from "./diagnostics/diagnostic.ts";
export { renderDiagnostics } from "./diagnostics/render.ts";
export type { ExportOptions } from "./emit/exported.ts";
export { emitJson } from "./emit/json.ts";
export { emitYaml } from "./emit/yaml.ts";
export { type Formatted, format } from "./format/format.ts";
export { print } from "./format/print.ts";
export { canonicalPlan } from "./plan/canonical.ts";
export { type Difference, diffObjects } from "./plan/diff.ts";
export { memoryFileSystem } from "./source/memory.ts";
export type { FileSystem, SourceFile, Span } from "./source/source.ts";
export { type Baseline, type BaselineProblem, readBaseline } from "./verify/changes/baseline.ts";
export type { Change, FieldChange } from "./verify/changes/compare.ts";
export { createWorkspace, type Snapshot, type Workspace, type WorkspaceOptions } from "./workspace.ts";
