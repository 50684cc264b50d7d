/** A `.kdsl` file as text. Positions everywhere in the compiler are offsets in UTF-16 code units into `text`. */
export interface SourceFile {
  /** The path as diagnostics show it (as the user gave it, or relative to the file that uses it). */
  readonly path: string;
  readonly text: string;
}

/** A half-open range of offsets within one file. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A range together with its file: what a diagnostic points at. */
export interface Span extends Range {
  readonly file: SourceFile;
  /** For a place inside of a template: the use that it was read for. */
  readonly via?: Via;
}

/** A use of a template. Its own place may lie in a template too: that is the next link of the chain. */
export interface Via {
  readonly span: Span;
  /** As messages call it: WebApp `admin`. */
  readonly title: string;
}

/** Where the compiler reads files from: a directory on disk, an editor's buffers, or memory. Never throws. */
export interface FileSystem {
  /** The file's text, or undefined when there is none that can be read. `path` is absolute or relative to the root. */
  read(path: string): string | undefined;
  /** `relative` seen from the directory of the file `from`. */
  resolve(from: string, relative: string): string;
  /** Whether the file lies in the directory or below it, whatever links lead there. Both as `resolve` gives them. */
  contains(directory: string, path: string): boolean;
  /** Where a path leads through all links, as `resolve` gives paths; left out where there are no links. */
  real?(path: string): string;
  /** The files in a folder and all below it, in order; undefined where there is no such folder. */
  list?(path: string): readonly string[] | undefined;
  /** KDSL that stands for what a `use` names, where that is something else. */
  module?(path: string): string | undefined;
}
