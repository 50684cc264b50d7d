import type { ObjectKey } from "../../model/meta.ts";
import type { FieldPath, LocalRun, SecretSource, TextPart, UpdateStrategy } from "../../model/plan.ts";
import type { ContainerBehaviour } from "../../model/scenario.ts";
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import type { Mold } from "../evaluate/hole.ts";
import type { ObjectHandle } from "../evaluate/value.ts";
import type { SourceFile, Span } from "../source/source.ts";
import type { Casting, Form } from "./molds.ts";
import { recordSpans, type SpanRecorder } from "./spans.ts";

/** Everything that lowering collects beside the objects themselves. */
export interface Lowering {
  readonly spans: SpanRecorder;
  readonly diagnostics: Diagnostic[];
  readonly references: Map<ObjectKey, Map<FieldPath, readonly TextPart[]>>;
  readonly local: Map<ObjectKey, Map<string, LocalRun>>;
  readonly behaviour: Map<ObjectKey, Map<string, ContainerBehaviour>>;
  readonly secrets: Map<ObjectKey, Map<string, SecretSource>>;
  readonly after: Map<ObjectKey, readonly ObjectKey[]>;
  readonly updates: Map<ObjectKey, UpdateStrategy>;
  /** What molds are lowered to; null where they cannot be, and their objects are lowered one by one. */
  readonly forms: Map<Mold, Form | null>;
  /** A path written in a file, seen from that file's directory, made absolute. */
  readonly resolve: (from: Span, path: string) => string;
  /** The user's own files: places in others (the library) are of no use to the reader. */
  readonly sources: ReadonlySet<SourceFile>;
}

export function startLowering(resolve: Lowering["resolve"], sources: Lowering["sources"]): Lowering {
  return {
    spans: recordSpans(),
    diagnostics: [],
    references: new Map(),
    local: new Map(),
    behaviour: new Map(),
    secrets: new Map(),
    after: new Map(),
    updates: new Map(),
    forms: new Map(),
    resolve,
    sources,
  };
}

/** The object that is being lowered. */
export interface Draft {
  readonly lowering: Lowering;
  readonly key: ObjectKey;
  readonly handle: ObjectHandle;
  /** Set while what is lowered is the mold of many objects (molds.ts). */
  readonly casting?: Casting;
}

export function report(draft: Draft, diagnostic: Diagnostic): void {
  draft.lowering.diagnostics.push(diagnostic);
}

/** A way out that a person has to choose: no edit can be offered for it. */
export function help(title: string): Fix[] {
  return [{ title, edits: [] }];
}

/** Notes where the field at `path` was written. What a value of the library says, nobody wrote: the field around it was. */
export function mark(draft: Draft, path: FieldPath, span: Span): void {
  if (!span.via && !draft.lowering.sources.has(span.file)) return;
  draft.lowering.spans.record(draft.key, path, span);
}

/** Puts `value` under `key` of the draft's entry in one of the lowering's tables. */
export function enter<T>(
  table: Map<ObjectKey, Map<string, T>>,
  object: ObjectKey,
  key: string,
  value: T,
): void {
  const entries = table.get(object);
  if (entries) entries.set(key, value);
  else table.set(object, new Map([[key, value]]));
}

/** How messages call an object: service `web`. */
export function titleOf(handle: ObjectHandle): string {
  return `${handle.word} \`${handle.name}\``;
}

/** The object without the fields that are undefined. Made anew: an object that fields were deleted from is slow for ever after. */
export function compact<T extends object>(object: T): T {
  const kept = {} as T;
  for (const key in object) if (object[key] !== undefined) kept[key] = object[key];
  return kept;
}
