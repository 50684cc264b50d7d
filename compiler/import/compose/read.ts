import { isMap, isScalar, isSeq, type Pair, parseDocument } from "yaml";
import type { FieldPath } from "../../../model/plan.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { child, item } from "../../plan/paths.ts";
import type { SourceFile, Span } from "../../source/source.ts";
import { syntaxProblem } from "../problems.ts";
import type { Comment } from "../write/comments.ts";

/** A compose file as JSON, by the rules of YAML 1.2 that compose itself goes by, with places and comments. */

export interface ComposeFile {
  readonly value: unknown;
  readonly comments: readonly Comment[];
  readonly places: ReadonlyMap<FieldPath, Span>;
  readonly diagnostics: readonly Diagnostic[];
}

export function readComposeFile(file: SourceFile): ComposeFile {
  const document = parseDocument(file.text, { merge: true, prettyErrors: false, logLevel: "silent" });
  const [error] = document.errors;
  if (error)
    return { value: undefined, comments: [], places: new Map(), diagnostics: [syntaxProblem(file, error)] };
  const comments: Comment[] = [];
  const places = new Map<FieldPath, Span>();
  const note = (path: FieldPath, text: string | null | undefined, behind: boolean) => {
    if (!text) return;
    const lines = text.split("\n").map((line) => line.replace(/^ /, ""));
    comments.push({ path, lines, behind });
  };
  const visit = (node: unknown, path: FieldPath) => {
    if (isScalar(node)) note(path, node.comment, true);
    if (isMap(node)) {
      for (const pair of node.items as Pair[]) {
        if (!isScalar(pair.key)) continue;
        const at = child(path, String(pair.key.value));
        const range = pair.key.range;
        if (range) places.set(at, { file, start: range[0], end: range[1] });
        note(at, pair.key.commentBefore, false);
        visit(pair.value, at);
      }
      // The first key's comment is the map's, and the last word in it is its own.
      const [first] = node.items as Pair[];
      if (isScalar(first?.key)) note(child(path, String(first.key.value)), node.commentBefore, false);
    }
    if (isSeq(node)) {
      note(item(path, 0), node.commentBefore, false);
      node.items.forEach((inner, index) => {
        const at = item(path, index);
        if (isScalar(inner)) note(at, inner.commentBefore, false);
        visit(inner, at);
      });
    }
    if (isMap(node) || isSeq(node)) note(path, node.comment, false);
  };
  note("", document.commentBefore, false);
  visit(document.contents, "");
  try {
    return { value: document.toJS({ maxAliasCount: 1000 }), comments, places, diagnostics: [] };
  } catch {
    return { value: undefined, comments, places, diagnostics: [] };
  }
}
