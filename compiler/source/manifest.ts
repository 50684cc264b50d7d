import type { KubernetesObject } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import type { SourceFile, Span } from "./source.ts";

/** Kubernetes objects as they were read from YAML or JSON, with the places of all that was written. */

/** How a value is written: `plain` is a scalar without quotes, `block` one after `|` or `>`. */
export type ValueStyle = "plain" | "quoted" | "block" | "map" | "list";

/** Where a field, or an item of a list, stands. */
export interface FieldPlace {
  /** Absent for items of lists and the object itself. */
  readonly key?: Span;
  /** From its first character to its last; empty, right after the key, where nothing is written. */
  readonly value: Span;
  readonly style: ValueStyle;
  /** Whether map or list is written in braces or brackets. */
  readonly flow?: boolean;
}

/** The comments at a field or item, each line without its `#` and one blank; an empty line stands for a blank one. */
export interface Comments {
  /** On the lines above it. */
  readonly before?: readonly string[];
  /** Behind it on its line. */
  readonly after?: string;
  /** Below the last entry of a map or list, still within it. */
  readonly end?: readonly string[];
  /** Whether a blank line stands before it and its comments. */
  readonly blank?: boolean;
}

/** One object of a file. Items of a `List` are objects of their own, with paths from themselves on. */
export interface Manifest {
  /** The file to point into: secrets' values are blotted out of its text. */
  readonly file: SourceFile;
  /**
   * As plain JSON: aliases expanded, merge keys merged, `null` fields left out. `apiVersion`, `kind` and
   * `metadata.name` (or `generateName`) are there; nothing else of it has been looked at.
   */
  readonly object: KubernetesObject;
  /** By field path as Kubernetes writes it; "" is the whole object. */
  readonly places: ReadonlyMap<FieldPath, FieldPlace>;
  readonly comments: ReadonlyMap<FieldPath, Comments>;
}
